"""Every target in force on a day, judged: the list that most pages are a view of.

Judging all targets at once costs two queries; the result is kept until the ledger, the day or the folder changes.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from threading import Lock

from django.db.models import QuerySet

from jiqun.assessment.promises import Light, Progress, Promise
from jiqun.ledger import chain
from jiqun.ledger.models import Document, Event, Observation, Standing, Target
from jiqun.ledger.store import as_of
from jiqun.reports import judging
from jiqun.reports.view import Ref, View
from jiqun.reports.wording import decimal_text, measure_label, period_label, promised, quantity, sentence

LATE = (Light.OVERDUE, Light.FAR_BEHIND, Light.BEHIND, Light.FELL_BACK)  # worst first
_UNJUDGED = (Light.EARLY, Light.NOT_COMPARABLE, Light.NO_DATA)
SHOWN = (Light.MET, Light.ON_TRACK, *reversed(LATE), *_UNJUDGED)
_SEVERITY = {light: at for at, light in enumerate((*LATE, Light.ON_TRACK, Light.MET, *_UNJUDGED))}


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """A document as other pages name it; `is_restatement` must be shown beside its title."""

    digest: str
    title: str
    number: str
    known_on: date
    issued_on: date | None
    is_restatement: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """Where a target stands, short enough for a row. `done` and `due` are places on the pace bar, in [0, 1]."""

    light: Light
    label: str
    reason: str
    reached: str = ""
    reached_label: str = ""
    reached_key: str | None = None
    completion_pct: float | None = None
    done: float | None = None
    due: float | None = None


@dataclass(frozen=True, slots=True)
class TargetRow:
    """One target: the promise as a sentence, who answers for it, where it stands.

    `bodies` are as the document names them; `answering` are those, or their successors, on the day of the view.
    """

    key: str
    version: int
    sentence: str
    promise: str
    indicator: Ref
    area: Ref | None
    cluster: Ref | None
    measure: str
    measure_label: str
    period: str
    period_label: str
    deadline: date | None
    bodies: tuple[Ref, ...]
    answering: tuple[Ref, ...]
    document: DocumentRef | None
    claim_key: str | None
    parent_key: str | None
    judged: Judgement

    @property
    def lead(self) -> Ref | None:
        return self.answering[0] if self.answering else None

    @property
    def light(self) -> Light:
        return self.judged.light

    @property
    def severity(self) -> tuple[int, float]:
        """Sorts the worst light first and, within a light, the least completed; what judges nothing comes last."""
        done = self.judged.completion_pct
        return _SEVERITY[self.judged.light], done if done is not None else 1e9


@dataclass(frozen=True, slots=True)
class Shortlist:
    """The worst of some targets, and how many there are in all."""

    rows: tuple[TargetRow, ...]
    total: int

    @classmethod
    def of(cls, rows: Iterable[TargetRow], most: int = 60) -> Shortlist:
        ordered = sorted(rows, key=lambda row: row.severity)
        return cls(tuple(ordered[:most]), len(ordered))


@dataclass(frozen=True, slots=True)
class LightCount:
    light: Light
    label: str
    count: int


Rows = tuple[TargetRow, ...]


class Register:
    """The targets in force as of one day. Values are shared between requests: nothing here may be changed."""

    def __init__(self, judged: Iterable[Judged]) -> None:
        self._judged = {one.row.key: one for one in sorted(judged, key=_by_deadline)}
        self.rows: Rows = tuple(one.row for one in self._judged.values())

    @cached_property
    def wholes(self) -> Rows:
        """Targets that are not a part of another: what is counted, so that a split is not counted twice."""
        return tuple(row for row in self.rows if row.parent_key not in self._judged)

    def find(self, key: str | None) -> TargetRow | None:
        found = self._judged.get(key or "")
        return found.row if found else None

    def progress(self, key: str) -> Progress | None:
        found = self._judged.get(key)
        return found.progress if found else None

    def promise(self, key: str) -> Promise | None:
        found = self._judged.get(key)
        return found.promise if found else None

    def parts_of(self, key: str) -> Rows:
        return self._by_parent.get(key, ())

    def of_document(self, digest: str) -> Rows:
        return self._by_document.get(digest, ())

    def of_indicator(self, key: str) -> Rows:
        return self._by_indicator.get(key, ())

    def of_cluster(self, key: str) -> Rows:
        return self._by_cluster.get(key, ())

    def of_area(self, key: str) -> Rows:
        """Parts included: a district's share of a city target is the district's own."""
        return self._by_area.get(key, ())

    @cached_property
    def _by_parent(self) -> dict[str, Rows]:
        return _grouped(self.rows, lambda row: row.parent_key)

    @cached_property
    def _by_document(self) -> dict[str, Rows]:
        return _grouped(self.wholes, lambda row: row.document.digest if row.document else None)

    @cached_property
    def _by_indicator(self) -> dict[str, Rows]:
        return _grouped(self.wholes, lambda row: row.indicator.id)

    @cached_property
    def _by_cluster(self) -> dict[str, Rows]:
        return _grouped(self.wholes, lambda row: row.cluster.id if row.cluster else None)

    @cached_property
    def _by_area(self) -> dict[str, Rows]:
        return _grouped(self.rows, lambda row: row.area.id if row.area else None)

    def judged(self) -> dict[str, Judged]:
        """Everything by key, for the register that takes this one's place."""
        return dict(self._judged)


@dataclass(frozen=True, slots=True)
class Judged:
    """A row with what its light rests on."""

    row: TargetRow
    promise: Promise | None
    progress: Progress | None


def _by_deadline(one: Judged) -> tuple[date, str]:
    return one.row.deadline or date.max, one.row.key


def _grouped(rows: Rows, of: Callable[[TargetRow], str | None]) -> dict[str, Rows]:
    found: dict[str, list[TargetRow]] = {}
    for row in rows:
        key = of(row)
        if key is not None:
            found.setdefault(key, []).append(row)
    return {key: tuple(members) for key, members in found.items()}


def register(view: View) -> Register:
    """The register of the view's day; of one kept from before, only what was written since is judged anew."""
    mark, head = (view.on, view.city.digest), chain.head()
    with _lock:
        before = _kept.get(mark)
    if before is not None and before[0] == head:
        return before[1]
    fresh = _renew(view, before[1], before[0][0]) if before is not None and _leads_to(before[0], head) else None
    fresh = fresh or _compute(view)
    with _lock:
        _kept[mark] = head, fresh
        _kept.move_to_end(mark)
        while len(_kept) > _KEPT_AT_MOST:
            _kept.popitem(last=False)
    return fresh


def _leads_to(earlier: tuple[int, str], head: tuple[int, str]) -> bool:
    """Whether the ledger has only grown since: another one, or one put back from a backup, is read anew."""
    return earlier[0] < head[0] and Event.objects.filter(sequence=earlier[0], hash=earlier[1]).exists()


def _renew(view: View, book: Register, since: int) -> Register:
    """The register after the events from `since` on: the ledger is append-only, so their rows say all that changed."""
    changed = set(Target.objects.filter(event_id__gt=since).values_list("key", flat=True))
    columns = ("indicator_id", "area_id", "cluster_id")
    figures = Observation.objects.filter(event_id__gt=since).values_list(*columns).distinct()
    subjects = {judging.subject(view.city, *row) for row in figures}
    if subjects:
        changed |= {row.key for row in book.rows if _subject_of(view, row) in subjects}
    if not changed:
        return book
    judged = {key: one for key, one in book.judged().items() if key not in changed}
    for keys in batched(sorted(changed), 500):
        judged.update(_judge(view, as_of(Target, known_on=view.on).filter(key__in=keys)))
    return Register(judged.values())


def _subject_of(view: View, row: TargetRow) -> judging.Subject:
    area_id, cluster_id = row.area.id if row.area else None, row.cluster.id if row.cluster else None
    return judging.subject(view.city, row.indicator.id, area_id, cluster_id)


def _compute(view: View) -> Register:
    return Register(_judge(view, as_of(Target, known_on=view.on)).values())


def _judge(view: View, statements: QuerySet[Target]) -> dict[str, Judged]:
    """Those of the statements that are in force, judged."""
    targets = list(statements.filter(state=Standing.ACTIVE))
    documents = document_refs()
    judge = judging.judge(view, targets)
    found = {}
    for target in targets:
        document = documents.get(target.document_id) if target.document_id else None
        promise = judge.promise(target, document.issued_on if document else None)
        progress = judge.progress(target, promise)
        found[target.key] = Judged(target_row(view, target, document, judgement(progress)), promise, progress)
    return found


def batched(keys: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(keys), size):
        yield keys[start : start + size]


def count_lights(rows: Iterable[TargetRow]) -> tuple[LightCount, ...]:
    """How many of `rows` stand under each light, in the order pages show lights; every light is listed."""
    counted = Counter(row.judged.light for row in rows)
    return tuple(LightCount(light, light.label, counted[light]) for light in SHOWN)


def document_refs() -> dict[int, DocumentRef]:
    """Every document by its row number; titles only, the texts stay where they are."""
    rows = Document.objects.only("digest", "title", "name", "number", "known_on", "issued_on", "is_restatement")
    return {row.id: document_ref(row) for row in rows}


def document_ref(row: Document) -> DocumentRef:
    return DocumentRef(row.digest, row.title or row.name, row.number, row.known_on, row.issued_on, row.is_restatement)


def target_row(view: View, target: Target, document: DocumentRef | None, judged: Judgement) -> TargetRow:
    names = view.names
    area = names.area(target.area_id)
    indicator = names.indicator(target.indicator_id)
    promise = promise_words(target)
    words = target.title or target.indicator or indicator.name
    return TargetRow(
        key=target.key,
        version=target.version,
        sentence=sentence(target.period, area.name if area else "", words, promise),
        promise=promise,
        indicator=indicator,
        area=area,
        cluster=names.cluster(target.cluster_id),
        measure=target.measure,
        measure_label=measure_label(target.measure),
        period=target.period,
        period_label=period_label(target.period),
        deadline=target.deadline,
        bodies=names.bodies(target.body_ids),
        answering=view.answering(target.body_ids),
        document=document,
        claim_key=target.claim_key,
        parent_key=target.parent_key,
        judged=judged,
    )


def promise_words(target: Target) -> str:
    """The number of the promise with the words that bind it."""
    return promised(
        target.comparator,
        target.value_text,
        target.unit,
        high=target.value_max_text,
        strict=target.strict,
        measure=target.measure,
    )


def judgement(progress: Progress | None) -> Judgement:
    if progress is None:
        return Judgement(Light.NOT_COMPARABLE, Light.NOT_COMPARABLE.label, "目标值不是一个可比较的数")
    completion = progress.completion
    # the bar is the share written beside it; the way from the base only where there is no such share
    start = Decimal(0) if completion is not None or progress.base is None else progress.base.value
    done = completion if completion is not None else progress.way
    due = None
    base, goal, expected = progress.base, progress.goal, progress.expected_now
    if base is not None and expected is not None and goal not in (start, base.value):
        due = (expected - start) / (goal - start)
    return Judgement(
        light=progress.light,
        label=progress.light.label,
        reason=progress.reason,
        reached=quantity(decimal_text(progress.value), progress.unit) if progress.value is not None else "",
        reached_label=progress.latest.period.label if progress.latest else "",
        reached_key=progress.latest.key if progress.latest else None,
        completion_pct=round(float(completion * 100), 1) if completion is not None else None,
        done=_on_bar(done),
        due=_on_bar(due),
    )


def _on_bar(share: Decimal | None) -> float | None:
    return None if share is None else round(min(max(float(share), 0.0), 1.0), 4)


_KEPT_AT_MOST = 6
_kept: OrderedDict[tuple[object, ...], tuple[tuple[int, str], Register]] = OrderedDict()
_lock = Lock()
