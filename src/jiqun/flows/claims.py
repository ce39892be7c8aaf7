"""A person decides on claims; what is accepted counts from that moment, in the same transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Any

from jiqun.extraction.confidence import SCALE
from jiqun.flows.catalogues import withdraw_catalogue
from jiqun.flows.chain_tables import withdraw_chain
from jiqun.flows.dockets import refuse_others
from jiqun.flows.faults import fault, field_faults, refuse
from jiqun.ledger import adopted_chains, editions, store
from jiqun.ledger.models import Claim, ClaimState, Event, Observation, Standing, Target
from jiqun.ledger.store import Entry
from jiqun.model.claims import ClaimKind
from jiqun.model.errors import Conflict
from jiqun.model.periods import Period
from jiqun.reports import reported
from jiqun.reports.rivals import rivals_of
from jiqun.workspace import Workspace

CORRECTABLE = (
    "kind", "indicator", "indicator_id", "area_id", "cluster_id", "body_ids", "measure", "comparator", "strict",
    "value_text", "value_max_text", "unit", "period", "base_value", "base_period",
)  # fmt: skip


class Decision(StrEnum):
    ACCEPT = "accept"
    CORRECT = "correct"  # change fields, then accept
    REJECT = "reject"


_ACTIONS = {Decision.ACCEPT: "claim.accepted", Decision.CORRECT: "claim.corrected", Decision.REJECT: "claim.rejected"}


def decide_claim(
    ws: Workspace,
    key: str,
    decision: Decision | str,
    *,
    actor: str,
    changes: Mapping[str, Any] | None = None,
    reason: str = "",
    version: int | None = None,
) -> Claim:
    """The claim as decided, and its target or figure beside it: made, renewed or withdrawn as the decision asks.

    `version`: the one the person saw; another one now is a Conflict. Raises InputRefused when it cannot be accepted
    as it stands: no indicator chosen, a figure without area or period, a field that the folder does not know.
    """
    decided = Decision(decision)
    changed = dict(changes or {}) if decided is Decision.CORRECT else {}
    claim = store.current(Claim, key)
    if version is not None and claim.version != version:
        raise Conflict("该事项刚被他人处理，请刷新后重试")
    full = {name: changed.get(name, getattr(claim, name)) for name in CORRECTABLE}
    refuse(field_faults(ws.city, {**changed, "comparator": full["comparator"],
                                  "value_max_text": full["value_max_text"]}, CORRECTABLE))  # fmt: skip
    state = ClaimState.REJECTED if decided is Decision.REJECT else ClaimState.ACCEPTED
    with store.recording(_ACTIONS[decided], actor=actor, reason=reason, clock=ws.clock, subject=claim) as entry:
        if claim.suggested_by:
            entry.notes["suggested_by"] = claim.suggested_by
        fresh: Claim = entry.change(claim, {**changed, "state": state.value})
        if state is ClaimState.ACCEPTED:
            refuse(_not_acceptable(ws, fresh))
        _let_follow(ws, entry, [fresh])
    return fresh


@dataclass(frozen=True)
class Bulk:
    """How many claims one event accepted, and how many above the line wait for a person; `event` can be undone.

    `contradicting` of those left report another number than the ledger or their own document has at that point.
    """

    accepted: int
    left: int
    event: int | None
    contradicting: int = 0


def decide_claims_above(
    ws: Workspace, confidence: float = SCALE.accept_from, *, actor: str, reason: str, document: str = "", kind: str = ""
) -> Bulk:
    """Every proposed claim at or above `confidence` that can stand as it is has been accepted, by one event.

    `confidence` is by default the line that extraction/confidence.yaml proposes, whose measured precision
    docs/extraction.md gives. `document`: only of the document of that digest; `kind`: only targets, only actuals. A
    person looks at each claim that a model suggested, and at each figure that contradicts another: they are not
    accepted here.
    """
    rows = Claim.objects.filter(
        superseded_at=None, state=ClaimState.PROPOSED, confidence__gte=confidence, suggested_by=""
    )
    rows = rows.filter(document__digest=document) if document else rows
    rows = (rows.filter(kind=kind) if kind else rows).order_by(
        "document__known_on", "document_id", "number_start", "key"
    )
    claims = list(rows)
    able = [claim for claim in claims if not _not_acceptable(ws, claim) and not _is_unsure(ws, claim)]
    disputed = _disputed(ws, able)
    ready = [claim for claim in able if claim.key not in disputed]
    if not ready:
        return Bulk(0, len(claims), None, len(disputed))
    subject = ("document", document) if document else ("batch", f"≥{confidence}")
    with store.recording(
        "claims.accepted_in_bulk", actor=actor, reason=reason, clock=ws.clock, subject=subject
    ) as entry:
        entry.notes["confidence"] = confidence
        fresh = entry.change_all(ready, {"state": ClaimState.ACCEPTED.value})
        _let_follow(ws, entry, fresh)
    return Bulk(len(ready), len(claims) - len(ready), entry.sequence, len(disputed))


def undo(ws: Workspace, sequence: int, *, actor: str, reason: str) -> int:
    """The sequence of the event that put back what stood before event `sequence`.

    Raises Conflict when something was built on it since: a later change, or a division of a target it created.
    """
    adopted = Event.objects.filter(sequence=sequence, action=editions.ADOPTED).first()
    if adopted is not None:
        return withdraw_catalogue(ws, adopted.subject_key, actor=actor, reason=reason).sequence
    chain = Event.objects.filter(sequence=sequence, action=adopted_chains.ADOPTED).first()
    if chain is not None:
        return withdraw_chain(ws, chain.subject_key, actor=actor, reason=reason, adopted=sequence).sequence
    created = Target.objects.filter(event_id=sequence, version=1).values_list("key", flat=True)
    divided = Target.objects.filter(superseded_at=None, state=Standing.ACTIVE, parent_key__in=list(created))
    own = Target.objects.filter(event_id=sequence).values_list("key", flat=True)
    if divided.exclude(key__in=list(own)).exists():
        raise Conflict("该目标已经分解，请先撤回分解")
    _refuse_shared(ws, sequence)
    refuse_others(sequence, actor)
    return store.undo(sequence, actor=actor, reason=reason, clock=ws.clock)


# ── what follows from a decision ────────────────────────────────────────────────────────────────────────────


def _not_acceptable(ws: Workspace, claim: Claim) -> list[Any]:
    """Why the claim cannot stand as a target or figure yet."""
    found = []
    if not claim.indicator_id:
        found.append(fault("no_indicator", f"“{claim.indicator}”还没有对应的指标", "请先选择指标"))
    elif claim.indicator_id not in ws.city.indicators:
        found.append(fault("reference", f"指标“{claim.indicator_id}”不在城市文件夹中", "请重新选择指标"))
    if claim.value is None:
        found.append(fault("not_a_number", f"数值“{claim.value_text}”不是数", "请更正数值"))
    if claim.kind == ClaimKind.ACTUAL and _period(claim.period) is None:
        found.append(fault("no_period", "已实现的数要有时期", "请补充时期，例：2022、2023H1"))
    if reported.area_of(ws.city, claim) is None:
        said = f"地区“{claim.area}”不在城市文件夹中" if claim.area else "没有地区"
        found.append(fault("no_area", said, "请选择地区"))
    return found


def _disputed(ws: Workspace, claims: list[Claim]) -> set[str]:
    """Keys of those claims beside which another number stands: in the ledger, or anywhere in their own document."""
    documents = {claim.document_id for claim in claims if claim.kind == ClaimKind.ACTUAL}
    rows = Claim.objects.filter(superseded_at=None, kind=ClaimKind.ACTUAL.value, document_id__in=documents)
    beside = rivals_of(ws.city, rows.exclude(state=ClaimState.REJECTED).order_by("number_start", "key")).disputed
    return {claim.key for claim in claims} & beside


def _is_unsure(ws: Workspace, claim: Claim) -> bool:
    """Whether the claim reports something that no figure of the ledger can hold unseen: a range, another unit."""
    return claim.kind == ClaimKind.ACTUAL and bool(reported.gaps(ws.city, claim))


def _let_follow(ws: Workspace, entry: Entry, claims: list[Claim]) -> None:
    """Targets and figures in step with their claims: those of accepted claims stand, all others are withdrawn."""
    keys = [claim.key for claim in claims]
    wanted: dict[str, Any] = {}
    for claim in claims:
        if claim.state == ClaimState.ACCEPTED and claim.kind == ClaimKind.TARGET:
            row = _target_of(ws, claim)
            wanted[row.key] = row
    standing = _standing(keys)
    wanted |= _figures_of(ws, claims, [row for row in standing if isinstance(row, Observation)])
    entry.put(wanted.values())
    for row in standing:
        if row.key not in wanted:
            _refuse_divided(row)
            entry.change(row, {"state": Standing.WITHDRAWN.value})


def _standing(keys: list[str]) -> list[Any]:
    """The targets and figures in use that came of these claims."""
    found: list[Any] = []
    for model in (Target, Observation):
        for chunk in range(0, len(keys), 500):
            found += model.objects.filter(
                superseded_at=None, state=Standing.ACTIVE, claim_key__in=keys[chunk : chunk + 500]
            )
    return found


def _figures_of(ws: Workspace, claims: list[Claim], standing: list[Observation]) -> dict[str, Observation]:
    """The figures of accepted claims by key; what a document prints twice is one figure, of its first claim.

    A figure whose claim no longer says it goes over to another accepted claim that does.
    """
    keys = {claim.key for claim in claims}
    points = _preferred_points(ws, claims)
    said = _said_elsewhere(ws, {claim.document_id for claim in claims if claim.kind == ClaimKind.ACTUAL}, keys)
    lost = {_same(ws, row) for row in standing} - said
    heirs = (twin for twin in _other_claims(claims, keys) if lost and _same(ws, _observation_of(ws, twin)) in lost)
    accepted = (c for c in claims if c.kind == ClaimKind.ACTUAL and c.state == ClaimState.ACCEPTED)
    wanted: dict[str, Observation] = {}
    # of a rounded and an exact number for one point, the exact one is preferred
    for claim in chain(sorted(accepted, key=lambda c: reported.value_kind(c) != "exact"), heirs):
        row = _observation_of(ws, claim)
        if _same(ws, row) in said:
            continue
        said.add(_same(ws, row))
        where = _point(ws, row)
        row.is_preferred = where not in points
        points.add(where)
        wanted[row.key] = row
    return wanted


def _said_elsewhere(ws: Workspace, documents: set[int], keys: set[str]) -> set[tuple[Any, ...]]:
    """The figures in use that other claims of these documents carry."""
    rows = Observation.objects.filter(superseded_at=None, state=Standing.ACTIVE, document_id__in=documents)
    return {_same(ws, row) for row in rows if row.claim_key not in keys}


def _other_claims(claims: list[Claim], keys: set[str]) -> Iterable[Claim]:
    """Accepted reports of the same documents beside these; none is read before it is asked for."""
    documents = {claim.document_id for claim in claims}
    rows = Claim.objects.filter(
        superseded_at=None, state=ClaimState.ACCEPTED, kind=ClaimKind.ACTUAL.value, document_id__in=documents
    )
    yield from (claim for claim in rows.order_by("document_id", "number_start", "key") if claim.key not in keys)


def _refuse_shared(ws: Workspace, sequence: int) -> None:
    """Raises Conflict where a claim accepted otherwise relies on a figure that undoing the event would take away."""
    made = list(Observation.objects.filter(event_id=sequence, superseded_at=None, state=Standing.ACTIVE, version=1))
    if not made:
        return
    lost = {_same(ws, row) for row in made}
    own = set(Claim.objects.filter(event_id=sequence).values_list("key", flat=True))
    documents = {row.document_id for row in made}
    others = Claim.objects.filter(
        superseded_at=None, state=ClaimState.ACCEPTED, kind=ClaimKind.ACTUAL.value, document_id__in=documents
    )
    twin = next((c for c in others if c.key not in own and _same(ws, _observation_of(ws, c)) in lost), None)
    if twin is not None:
        raise Conflict(f"同一文件另有已采纳的表述“{twin.quote}”说的是同一个数，请先撤销它")


def _refuse_divided(row: Any) -> None:
    if Target.objects.filter(superseded_at=None, state=Standing.ACTIVE, parent_key=row.key).exists():
        raise Conflict("该目标已经分解，请先撤回分解")


def _target_of(ws: Workspace, claim: Claim) -> Target:
    period = _period(claim.period)
    return Target(
        key=f"t:{claim.key}",
        known_on=claim.known_on,
        claim_key=claim.key,
        document_id=claim.document_id,
        title=claim.indicator,
        indicator=claim.indicator,
        deadline=period.end if period else None,
        area_id=claim.area_id or ws.city.area_id,  # a plan that names no place speaks of its own city
        body_ids=[body for body in claim.body_ids if body],
        **{name: getattr(claim, name) for name in (
            "indicator_id", "cluster_id", "measure", "comparator", "strict", "value_text", "value_max_text", "unit",
            "period", "base_value", "base_period",
        )},
    )  # fmt: skip


def _observation_of(ws: Workspace, claim: Claim) -> Observation:
    period = Period.parse(claim.period)
    indicator_id, area_id = claim.indicator_id, claim.area_id or ws.city.area_id
    assert indicator_id is not None
    assert area_id is not None  # `_not_acceptable` has seen to both
    value = reported.signed(ws.city, claim)
    return Observation(
        key=observation_key(indicator_id, area_id, claim.cluster_id, str(period), claim.measure, claim.key),
        known_on=claim.known_on,
        indicator_id=indicator_id,
        area_id=area_id,
        cluster_id=claim.cluster_id,
        period=str(period),
        period_start=period.start,
        period_end=period.end,
        measure=claim.measure,
        value_text=claim.value_text if value == claim.value else format(value or 0, "f"),
        unit=claim.unit,
        value_kind=reported.value_kind(claim),
        source_title=str(claim.document),
        document_id=claim.document_id,
        claim_key=claim.key,
    )


def carrying(ws: Workspace, row: Observation) -> Observation:
    """The figure in use that says the same in the same document, or `row`; preferred where no other one is."""
    beside: list[Observation] = list(
        Observation.objects.filter(
            superseded_at=None, state=Standing.ACTIVE, indicator_id=row.indicator_id, area_id=row.area_id
        ).exclude(key=row.key)
    )
    for one in beside:
        if one.document_id == row.document_id and _same(ws, one) == _same(ws, row):
            return one
    row.is_preferred = not any(one.is_preferred and _point(ws, one) == _point(ws, row) for one in beside)
    return row


def observation_key(
    indicator_id: str | None, area_id: str | None, cluster_id: str | None, period: str, measure: str | None, source: str
) -> str:
    """The identity of a figure over its versions: what it is about, and who says so."""
    parts = "\x1f".join(part or "" for part in (indicator_id, area_id, cluster_id, period, measure, source))
    return f"o:{hashlib.sha256(parts.encode()).hexdigest()[:40]}"


def _preferred_points(ws: Workspace, claims: Iterable[Claim]) -> set[reported.Point]:
    """Where a preferred figure from elsewhere stands already; a second one beside it is kept, not preferred."""
    indicators = {claim.indicator_id for claim in claims if claim.kind == ClaimKind.ACTUAL}
    keys = {claim.key for claim in claims}
    rows = Observation.objects.filter(
        superseded_at=None, state=Standing.ACTIVE, is_preferred=True, indicator_id__in=indicators
    )
    points = rows.values_list("claim_key", "indicator_id", "area_id", "cluster_id", "period", "measure")
    return {reported.point(ws.city, *about) for claim_key, *about in points if claim_key not in keys}


def _point(ws: Workspace, row: Observation) -> reported.Point:
    return reported.point(ws.city, row.indicator_id, row.area_id, row.cluster_id, row.period, row.measure)


def _same(ws: Workspace, row: Observation) -> tuple[Any, ...]:
    """Equal for two printings of one figure in one document."""
    return row.document_id, *reported.ReportedFigure(_point(ws, row), row.value, row.unit, row.value_kind).same


def _period(text: str) -> Period | None:
    try:
        return Period.parse(text)
    except ValueError:
        return None
