"""A proposed edition of a cluster catalogue: looked at before anything changes, adopted with a reason, taken back.

An adopted edition is kept as its file under `files/`; the events say which are in use, and the city is its folder
with them. The folder itself is not written. Figures and targets stay as they were said; pages recast them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jiqun import packs
from jiqun.flows.faults import fault, refuse
from jiqun.flows.intake import keep_original
from jiqun.industry.previewing import Preview, preview
from jiqun.ledger import editions, store
from jiqun.ledger.models import Claim, Observation, Standing, StatedSplit, Target
from jiqun.model.errors import Conflict, NotFound
from jiqun.packs import City
from jiqun.packs.schema.clusters import Catalogue
from jiqun.reports.catalogue_subjects import subjects
from jiqun.reports.split_keys import keys_on
from jiqun.reports.view import View
from jiqun.workspace import Workspace, keep_folder, renew

LARGEST = 1024 * 1024  # bytes of an edition's file


@dataclass(frozen=True)
class Proposal:
    """An edition that fits the folder, with all it would do; `digest` names its file under `files/`."""

    digest: str
    catalogue: Catalogue
    preview: Preview
    city: City  # as it would be


@dataclass(frozen=True)
class Adopted:
    """The workspace as it is from now on, and the event."""

    workspace: Workspace
    edition_id: str
    sequence: int


def propose_catalogue(ws: Workspace, content: bytes, view: View | None = None) -> Proposal:
    """What adopting the edition would do. Its file is kept so that it can be adopted; nothing else is written.

    `view`: as of which day and for whom targets and figures are looked at, by default today's. Raises InputRefused with
    every fault: form, references, an edition that is there already, clusters whose fate is not told.
    """
    if len(content) > LARGEST:
        refuse([fault("too_long", "文件超过 1 MB，不像是一版集群目录", "请核对文件")])
    digest = hashlib.sha256(content).hexdigest()
    after = packs.amended(ws.city, {"clusters/submitted.yaml": content})
    known = {catalogue.id for catalogue in ws.city.catalogues}
    fresh = [catalogue for catalogue in after.catalogues if catalogue.id not in known]
    if len(fresh) != 1:
        refuse([fault("no_edition", "文件里没有一版新的集群目录", "每份文件写一版，编号不同于已有各版")])
    proposed = fresh[0]
    if proposed.previous_id is None and any(one.series == proposed.series for one in ws.city.catalogues):
        refuse(
            [fault("no_previous", f"目录系列“{proposed.series}”已有各版，新版却没有写 previous_id", "补上上一版编号")]
        )
    looked = view or View(ws.city, ws.today, ws.today)
    told = preview(ws.city.catalogues, proposed, subjects(looked), [one.split for one in keys_on(looked)])
    keep_original(ws, digest, content)
    return Proposal(digest, proposed, told, after)


def proposal_kept(ws: Workspace, digest: str, view: View | None = None) -> Proposal:
    """The proposal whose file was kept under this digest. Raises NotFound for none."""
    file = ws.files / digest
    if len(digest) != 64 or not digest.isalnum() or not file.is_file():
        raise NotFound("没有这份目录文件，请重新上传")
    return propose_catalogue(ws, file.read_bytes(), view)


def adopt_catalogue(ws: Workspace, digest: str, *, actor: str, reason: str) -> Adopted:
    """The proposed edition in use from its day on, by one event that says why.

    Raises InputRefused without a reason and for what `propose_catalogue` refuses, Conflict where it is in use already.
    """
    refuse([] if reason.strip() else [fault("reason", "采用一版目录要说明理由", "请填写理由")])
    found = proposal_kept(ws, digest)
    edition_id = found.catalogue.id
    after = editions.with_adopted(ws.city, ws.files, [_pending(edition_id, digest, ws, actor, reason)])
    keep_folder(ws.path, after)
    with store.recording(editions.ADOPTED, actor=actor, reason=reason.strip(), clock=ws.clock,
                         subject=("catalogue", edition_id)) as entry:  # fmt: skip
        if edition_id in {one.edition_id for one in editions.adopted()}:
            raise Conflict(f"集群目录“{edition_id}”已经采用")
        touched = [effect for effect in found.preview.effects if effect.breaks]
        unkeyed = sorted({effect.subject.cluster_id for effect in touched if effect.needs_key})
        entry.remarks.update(
            file=digest, series=found.catalogue.series, folder=after.digest, clusters=len(found.catalogue.clusters),
            breaks=len(touched), needs_key=unkeyed,
        )  # fmt: skip
    return Adopted(renew(after, ws), edition_id, entry.sequence)


def withdraw_catalogue(ws: Workspace, edition_id: str, *, actor: str, reason: str) -> Adopted:
    """The adoption undone: the edition is out of use as if it had not been adopted, and a new event says why.

    Raises InputRefused without a reason, NotFound for an edition that was not adopted here, Conflict where targets,
    figures, claims or a later edition speak of its clusters by now.
    """
    refuse([] if reason.strip() else [fault("reason", "撤回一版目录要说明理由", "请填写理由")])
    with store.recording(editions.WITHDRAWN, actor=actor, reason=reason.strip(), clock=ws.clock,
                         subject=("catalogue", edition_id)) as entry:  # fmt: skip
        standing = {one.edition_id: one for one in editions.adopted()}
        if edition_id not in standing:
            raise NotFound(f"集群目录“{edition_id}”不是在这里采用的")
        if built := list(_built_on(ws.city, edition_id)):
            raise Conflict(f"已有{'、'.join(built)}用到这一版的集群，请先处理再撤回")
        after = packs.amended(ws.city, {standing[edition_id].path: None})
        entry.remarks.update(adopted=standing[edition_id].sequence, folder=after.digest)
    keep_folder(ws.path, after)
    return Adopted(renew(after, ws), edition_id, entry.sequence)


def _pending(edition_id: str, digest: str, ws: Workspace, actor: str, reason: str) -> editions.Adoption:
    return editions.Adoption(edition_id, digest, 0, actor, reason, ws.clock())


def _built_on(city: City, edition_id: str) -> Iterator[str]:
    """What of the ledger and the folder speaks of the edition's clusters."""
    edition = next((one for one in city.catalogues if one.id == edition_id), None)
    ids = [cluster.id for cluster in edition.clusters] if edition else []
    kinds: Iterable[tuple[str, type[Target] | type[Observation] | type[Claim]]] = (
        ("目标", Target), ("数据", Observation), ("表述", Claim),
    )  # fmt: skip
    for label, model in kinds:
        rows = model.objects.filter(superseded_at=None, cluster_id__in=ids)
        if model is not Claim:
            rows = rows.filter(state=Standing.ACTIVE)
        if count := rows.count():
            yield f"{label} {count} 条"
    splits = StatedSplit.objects.filter(superseded_at=None, state=Standing.ACTIVE)
    if count := splits.filter(from_id=edition_id).count() + splits.filter(to_id=edition_id).count():
        yield f"分劈依据 {count} 条"
    for later in city.catalogues:
        if later.previous_id == edition_id:
            yield f"后一版目录“{later.name}”"
