"""The pages of tasks: numbered work items by responsible body, and one with its text and targets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jiqun.ledger import structure
from jiqun.ledger.access import visible
from jiqun.ledger.models import Claim, ClaimState, Comment, Standing, Task, TaskState
from jiqun.ledger.store import as_of
from jiqun.model.errors import NotFound
from jiqun.reports.claims import ClaimRow, claim_row, marks_in_reading
from jiqun.reports.kept import kept
from jiqun.reports.paging import Paging, cut
from jiqun.reports.reading import Marker, Paragraph, ReadingPlaces, paragraphs
from jiqun.reports.register import DocumentRef, LightCount, TargetRow, count_lights, document_refs, register
from jiqun.reports.review import Version, version_of
from jiqun.reports.target import Remark
from jiqun.reports.targets import Option
from jiqun.reports.view import Ref, View
from jiqun.reports.wording import period_label

PAGE = 60


@dataclass(frozen=True)
class TaskFilter:
    q: str = ""
    body: str = ""
    document: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class TaskRow:
    key: str
    number: str
    title: str
    document: DocumentRef
    bodies: tuple[Ref, ...]
    answering: tuple[Ref, ...]
    unmatched: tuple[str, ...]
    deadline_label: str
    state: str
    state_label: str
    claim_count: int
    lights: tuple[LightCount, ...]
    targets: int

    @property
    def lead(self) -> Ref | None:
        return self.answering[0] if self.answering else None


@dataclass(frozen=True)
class Tasks:
    rows: tuple[TaskRow, ...]
    paging: Paging
    filter: TaskFilter
    bodies: tuple[Option, ...]
    documents: tuple[Option, ...]


@dataclass(frozen=True)
class TaskPage:
    row: TaskRow
    text: tuple[Paragraph, ...]
    targets: tuple[TargetRow, ...]
    claims: tuple[ClaimRow, ...]
    remarks: tuple[Remark, ...]
    versions: tuple[Version, ...]


def tasks(view: View, wanted: TaskFilter, page: int = 1) -> Tasks:
    """A page of the tasks known by the day, by lead body and then in the order of their documents."""
    everything = kept(view, "tasks", lambda: _entries(view))
    bodies = view.covering(wanted.body) if wanted.body else frozenset()
    fitting = [entry for entry in everything if _fits(entry, wanted, bodies)]
    if not wanted.document:
        fitting.sort(key=lambda entry: (not entry.answering, entry.answering[0].name if entry.answering else ""))
    shown, paging = cut(fitting, page, PAGE)
    statements = {task.pk: task for task in Task.objects.filter(pk__in=[entry.row_id for entry in shown])}
    documents = document_refs()
    targets = targets_by_task(view, {task.document_id for task in statements.values()})
    rows = tuple(
        task_row(view, stated, documents[stated.document_id], targets.get(stated.key, ()))
        for stated in (statements[entry.row_id] for entry in shown)
    )
    offered = kept(view, "bodies of tasks", lambda: _bodies(entry.answering for entry in everything))
    return Tasks(rows, paging, wanted, offered, _documents(entry.document for entry in everything))


@dataclass(frozen=True, slots=True)
class _Entry:
    """What a task is filtered and ordered by."""

    row_id: int
    number: str
    title: str
    state: str
    body_ids: frozenset[str]
    answering: tuple[Ref, ...]
    document: DocumentRef


def _entries(view: View) -> tuple[_Entry, ...]:
    documents = document_refs()
    rows = as_of(Task, known_on=view.on).order_by("document__known_on", "document_id", "start")
    columns = ("id", "number", "title", "state", "body_ids", "document_id")
    return tuple(
        _Entry(
            row_id, number, title, state, frozenset(filter(None, body_ids)), view.answering(body_ids), documents[doc]
        )
        for row_id, number, title, state, body_ids, doc in rows.values_list(*columns)
    )


def task(view: View, key: str) -> TaskPage:
    """One task. Raises NotFound."""
    stated = as_of(Task).filter(key=key).select_related("document").first()
    if stated is None:
        raise NotFound("没有这项任务")
    document = document_refs()[stated.document_id]
    targets = targets_by_task(view, {stated.document_id}).get(key, ())
    within = visible(view.user, as_of(Claim)).filter(
        document=stated.document, number_start__gte=stated.start, number_end__lte=stated.end
    )
    claims = list(within.order_by("number_start"))
    remarks = visible(view.user, as_of(Comment)).filter(subject_type="task", subject_key=key, state=Standing.ACTIVE)
    return TaskPage(
        row=task_row(view, stated, document, targets),
        text=_text(stated, claims),
        targets=tuple(targets),
        claims=tuple(claim_row(view, claim, document) for claim in claims),
        remarks=tuple(Remark(r.key, r.actor, r.text, r.recorded_at) for r in remarks.order_by("id")),
        versions=tuple(
            version_of(row, str(TaskState(row.state).label)) for row in Task.objects.filter(key=key).order_by("version")
        ),
    )


def task_row(view: View, stated: Task, document: DocumentRef, targets: Iterable[TargetRow]) -> TaskRow:
    rows = list(targets)
    return TaskRow(
        key=stated.key,
        number=stated.number,
        title=stated.title,
        document=document,
        bodies=view.names.bodies(stated.body_ids),
        answering=view.answering(stated.body_ids),
        unmatched=tuple(words for words, found in zip(stated.bodies, stated.body_ids, strict=False) if not found),
        deadline_label=period_label(stated.deadline),
        state=stated.state,
        state_label=str(TaskState(stated.state).label),
        claim_count=stated.claim_count,
        lights=count_lights(rows),
        targets=len(rows),
    )


def targets_by_task(view: View, document_ids: set[int]) -> Mapping[str, list[TargetRow]]:
    """Targets by the key of the task whose text makes the promise."""
    book = register(view)
    claims = as_of(Claim).filter(document_id__in=document_ids, state=ClaimState.ACCEPTED, kind="target")
    found: dict[str, list[TargetRow]] = {}
    digests = {row_id: ref.digest for row_id, ref in document_refs().items()}
    for key, document_id, number in claims.values_list("key", "document_id", "task_number"):
        row = book.find(f"t:{key}")
        if row is not None and number:
            found.setdefault(f"{digests[document_id]}:{number}", []).append(row)
    return found


def _text(stated: Task, claims: list[Claim]) -> tuple[Paragraph, ...]:
    read = structure.document_of(stated.document)
    places = ReadingPlaces(read.map)
    span = places.find(stated.start, stated.end)
    if span is None:
        return ()
    blocks = [block for block in read.blocks if block.span.overlaps(span)]
    return paragraphs(read, Marker(read.reading, marks_in_reading(claims, places)), blocks)


def _fits(entry: _Entry, wanted: TaskFilter, bodies: frozenset[str]) -> bool:
    return (
        (not wanted.document or entry.document.digest == wanted.document)
        and (not wanted.state or entry.state == wanted.state)
        and (not wanted.body or bool(entry.body_ids & bodies) or any(body.id in bodies for body in entry.answering))
        and (not wanted.q or wanted.q in entry.title or wanted.q in entry.number)
    )


def _bodies(answering: Iterable[tuple[Ref, ...]]) -> tuple[Option, ...]:
    counts: dict[str, list[object]] = {}
    for bodies in answering:
        for body in bodies:
            counts.setdefault(body.id, [body.name, 0])[1] += 1  # type: ignore[operator]
    found = [Option(key, str(name), int(str(count))) for key, (name, count) in counts.items()]
    return tuple(sorted(found, key=lambda option: (-option.count, option.label)))


def _documents(refs: Iterable[DocumentRef]) -> tuple[Option, ...]:
    counts: dict[str, Option] = {}
    for ref in refs:
        before = counts.get(ref.digest)
        counts[ref.digest] = Option(ref.digest, ref.title, before.count + 1 if before else 1)
    return tuple(counts.values())
