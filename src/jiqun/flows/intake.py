"""A document comes in: its file is kept, its claims and tasks are laid before a person."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from jiqun import documents, extraction
from jiqun.documents import Document as ReadDocument
from jiqun.flows import runs
from jiqun.flows.faults import fault, refuse
from jiqun.industry.counts import count_findings, whole_findings
from jiqun.ledger import store
from jiqun.ledger.models import Claim, ClaimState, Document, RunState, Task
from jiqun.ledger.structure import document_of, structure_of, told
from jiqun.model import files
from jiqun.model.claims import Claim as ReadClaim
from jiqun.model.claims import WorkItem
from jiqun.model.errors import Conflict, EnvironmentFailed, NotFound
from jiqun.model.findings import Finding, Place
from jiqun.packs.schema.sources import FolderDocument
from jiqun.workspace import Workspace, keep_folder

_READ_BY_EXTRACTION = (
    "kind", "quote", "indicator", "value_text", "value_max_text", "unit", "comparator", "strict", "measure", "area",
    "period", "bodies", "base_value", "base_period", "task_number", "indicator_id", "area_id", "cluster_id",
    "body_ids", "quote_start", "quote_end", "cell", "binding",
)  # fmt: skip


@dataclass(frozen=True)
class Ingested:
    """What an ingest did; `is_new` is False where the ledger had the file already and nothing was changed."""

    digest: str
    title: str
    is_new: bool
    claims: int
    tasks: int
    findings: tuple[Finding, ...] = ()


def ingest(
    ws: Workspace,
    source: Path | str | bytes,
    *,
    actor: str,
    name: str | None = None,
    listed: FolderDocument | None = None,
    reason: str = "",
) -> Ingested:
    """The document's claims and tasks are in the ledger as proposals, its file under `files/`; or nothing changed.

    `listed`: what the folder's index says of a document that comes with it, where the text itself is silent.
    Raises InputRefused for a file that cannot be read, NotFound for none, EnvironmentFailed when the disk refuses.
    """
    if not isinstance(source, bytes):
        name, source = name or Path(source).name, documents.content(source, name)
    read = _introduced(documents.read(source, name), listed)
    if Document.objects.filter(digest=read.digest).exists():
        return _known(read.digest)
    if "\0" in read.original:  # PostgreSQL keeps no such character, and no text has one
        refuse([fault("not_text", "文件里有不是文字的内容", "请确认文件没有损坏", place=Place(read.name))])
    found = extraction.extract(read, ws.city)
    keep_original(ws, read.digest, source)
    keep_folder(ws.path, ws.city)
    row = _document_row(ws, read, (*found.findings, *_wholes(ws, found.claims)), listed)
    with store.recording("document.ingested", actor=actor, reason=reason, clock=ws.clock, subject=row) as entry:
        if Document.objects.filter(digest=read.digest).exists():  # another process was quicker
            return _known(read.digest)
        entry.notes["folder"] = ws.city.digest
        entry.add_document(row)
        claims = entry.put(claim_rows(row, found.claims))
        tasks = entry.put(_task_rows(row, found.tasks))
    return Ingested(read.digest, str(row), True, claims, tasks, (*read.findings, *found.findings))


def _known(digest: str) -> Ingested:
    row = Document.objects.only("title", "name").get(digest=digest)
    claims, tasks = (rows.filter(superseded_at=None).count() for rows in (row.claims, row.tasks))
    return Ingested(digest, str(row), False, claims, tasks)


def ingest_folder_documents(ws: Workspace, *, actor: str, reason: str = "") -> list[Ingested]:
    """Every document that comes with the city's folder, in its order."""
    done = []
    for listed in ws.city.documents:
        content = ws.city.read(f"documents/{listed.file}")
        done.append(ingest(ws, content, name=listed.file, listed=listed, actor=actor, reason=reason))
    return done


@dataclass(frozen=True)
class Reextracted:
    """Keys of claims that a run added, of undecided ones it read anew, of decided ones it would now read otherwise
    (with field → (as decided, as read now)), and of those it no longer finds; decided claims stay as they are."""

    added: tuple[str, ...]
    renewed: tuple[str, ...]
    proposed: dict[str, dict[str, tuple[Any, Any]]]
    gone: tuple[str, ...]
    run_id: int


def reextract(ws: Workspace, digest: str, *, actor: str, reason: str = "重新抽取") -> Reextracted:
    """The document has been read by today's extraction and folder; no decision of a person was touched."""
    row = Document.objects.filter(digest=digest).first()
    if row is None:
        raise NotFound(f"账本中没有文件 {digest[:12]}")
    run = runs.begin(ws, "reextract", actor, {"digest": digest})
    try:
        found = extraction.extract(document_of(row), ws.city)
        keep_folder(ws.path, ws.city)
        result = _merge(ws, row, found.claims, actor, reason, run.pk)
    except BaseException as error:
        runs.end(ws, run, RunState.FAILED, {"error": str(error)})
        raise
    told_result = {"added": result.added, "renewed": result.renewed, "proposed": result.proposed, "gone": result.gone}
    runs.end(ws, run, RunState.DONE, told_result | {"findings": [told(f, "extract") for f in found.findings]})
    return result


def _merge(
    ws: Workspace, row: Document, read: Iterable[ReadClaim], actor: str, reason: str, run_id: int
) -> Reextracted:
    fresh = {claim.key: claim for claim in claim_rows(row, read)}
    added: list[Claim] = []
    renewed: list[Claim] = []
    proposed: dict[str, dict[str, tuple[Any, Any]]] = {}
    with store.recording("document.reextracted", actor=actor, reason=reason, clock=ws.clock, subject=row) as entry:
        entry.notes.update(run=run_id, folder=ws.city.digest)
        standing = {claim.key: claim for claim in row.claims.filter(superseded_at=None)}
        fresh = _rekeyed(fresh, standing)
        for key, claim in fresh.items():
            before = standing.get(key)
            changes = _differences(before, claim) if before else {}
            if before is None:
                added.append(claim)
            elif changes and before.state == ClaimState.PROPOSED:
                renewed.append(claim)
            elif changes:
                proposed[key] = changes
        entry.put([*added, *renewed])
    gone = tuple(key for key, claim in standing.items() if key not in fresh and not claim.suggested_by)
    return Reextracted(tuple(c.key for c in added), tuple(c.key for c in renewed), proposed, gone, run_id)


def _rekeyed(fresh: dict[str, Claim], standing: dict[str, Claim]) -> dict[str, Claim]:
    """The fresh claims under the keys the ledger knows: a number read a character wider is the same number."""
    free = [claim for key, claim in standing.items() if key not in fresh]
    found: dict[str, Claim] = {}
    for key, claim in fresh.items():
        same = None if key in standing else next((old for old in free if _is_same_number(old, claim)), None)
        if same is not None:
            free.remove(same)
            claim.key, claim.number_start, claim.number_end = same.key, same.number_start, same.number_end
        found[claim.key] = claim
    return found


def _is_same_number(old: Claim, claim: Claim) -> bool:
    overlaps = old.number_start < claim.number_end and claim.number_start < old.number_end
    return overlaps and (old.indicator == claim.indicator or bool(old.suggested_by))


def _differences(before: Claim, fresh: Claim) -> dict[str, tuple[Any, Any]]:
    pairs = {name: (getattr(before, name), getattr(fresh, name)) for name in _READ_BY_EXTRACTION}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


# ── rows ────────────────────────────────────────────────────────────────────────────────────────────────────


def _introduced(read: ReadDocument, listed: FolderDocument | None) -> ReadDocument:
    """The document with what the folder's index says of it in place of what it says of itself."""
    if listed is None:
        return read
    header = replace(
        read.header,
        title=listed.title or read.header.title,
        number=listed.number or read.header.number,
        issuer=listed.issuer or read.header.issuer,
        issued_on=listed.issued_on or read.header.issued_on,
    )
    return replace(read, header=header)


def _wholes(ws: Workspace, claims: Sequence[ReadClaim]) -> list[Finding]:
    """What counts and their shares come to; nothing where the folder does not say how far “约” reaches."""
    try:
        about_pct = ws.city.setting("count_about_pct", ws.today)
    except NotFound:
        return []
    return whole_findings(claims, about_pct)


def _document_row(
    ws: Workspace, read: ReadDocument, findings: Iterable[Finding], listed: FolderDocument | None
) -> Document:
    header, issued_on = read.header, read.header.issued_on
    counted = count_findings(read.reading, ws.city.catalogues)
    return Document(
        digest=read.digest,
        name=read.name[-255:],
        media_type=read.media_type,
        title=header.title or Path(read.name).stem,
        number=header.number or "",
        issuer=header.issuer or "",
        issued_on=issued_on,
        known_on=issued_on or ws.today,
        is_restatement=listed.is_restatement if listed else False,
        official_source=listed.official_source if listed else "",
        folder_digest=ws.city.digest,
        original=read.original,
        reading=read.reading,
        structure=structure_of(read),
        findings=[told(f, "read") for f in read.findings] + [told(f, "extract") for f in (*findings, *counted)],
    )


def claim_rows(document: Document, claims: Iterable[ReadClaim]) -> list[Claim]:
    """The claims as proposals, in the order they were found, known from the day the document was."""
    seen: dict[str, int] = {}
    rows = []
    for claim in claims:
        place = f"{document.digest}:{claim.number_span.start}-{claim.number_span.end}"
        seen[place] = seen.get(place, 0) + 1
        key = place if seen[place] == 1 else f"{place}#{seen[place]}"
        rows.append(_claim_row(document, claim, key, document.known_on))
    return rows


def _claim_row(document: Document, claim: ReadClaim, key: str, known_on: date) -> Claim:
    return Claim(
        key=key,
        known_on=known_on,
        document=document,
        number_start=claim.number_span.start,
        number_end=claim.number_span.end,
        quote_start=claim.span.start,
        quote_end=claim.span.end,
        kind=claim.kind.value,
        quote=claim.quote,
        indicator=claim.indicator,
        value_text=format(claim.value, "f"),
        value_max_text="" if claim.value_max is None else format(claim.value_max, "f"),
        unit=claim.unit,
        comparator=claim.comparator.value,
        strict=claim.strict,
        measure=claim.measure.value,
        area=claim.area or "",
        period=claim.period or "",
        bodies=list(claim.bodies),
        base_value="" if claim.base_value is None else format(claim.base_value, "f"),
        base_period=claim.base_period or "",
        task_number=claim.task or "",
        indicator_id=claim.indicator_id,
        area_id=claim.area_id,
        cluster_id=claim.cluster_id,
        body_ids=list(claim.body_ids),
        confidence=claim.confidence,
        candidates=[{"id": c.id, "score": c.score, "evidence": c.evidence} for c in claim.candidates],
        cell=claim.cell.printed if claim.cell else "",
        binding=claim.binding,
        doubts=list(claim.doubts),
    )


def _task_rows(document: Document, items: Iterable[WorkItem]) -> list[Task]:
    rows: dict[str, Task] = {}
    for item in items:
        key = f"{document.digest}:{item.number}"
        while key in rows:  # a document that numbers two items alike
            key += "'"
        rows[key] = Task(
            key=key,
            known_on=document.known_on,
            document=document,
            number=item.number,
            title=item.title,
            bodies=list(item.bodies),
            body_ids=list(item.body_ids),
            deadline=item.deadline or "",
            start=item.span.start,
            end=item.span.end,
            claim_count=item.claims,
        )
    return list(rows.values())


# ── files ───────────────────────────────────────────────────────────────────────────────────────────────────


def keep_original(ws: Workspace, digest: str, content: bytes) -> Path:
    """Where the file now lies whole, on disk before the ledger speaks of it; its name is its SHA-256.

    Raises Conflict when the bytes are not those that were read, EnvironmentFailed when the disk refuses.
    """
    kept = ws.files / digest
    if kept.exists():
        return kept
    if hashlib.sha256(content).hexdigest() != digest:
        raise Conflict("文件在读取过程中被改动，请重新收录")
    half = None
    try:
        ws.files.mkdir(exist_ok=True)
        handle, half = tempfile.mkstemp(prefix=".half-", dir=ws.files)
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        Path(half).replace(kept)
        _settle(ws.files)
    except OSError as error:
        if half is not None:
            Path(half).unlink(missing_ok=True)
        raise EnvironmentFailed(f"文件存不进 {ws.files}：{files.why(error)}") from None
    return kept


def _settle(folder: Path) -> None:
    """The folder's own list of names is on disk too; Windows keeps it so by itself and opens no folders."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
