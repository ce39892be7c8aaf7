"""Every target in force on a day, judged: the list that most pages are a view of.

Judging all targets at once costs two queries; the result is kept until the ledger, the day or the folder changes.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from threading import Lock

from jiqun.assessment.promises import Light, Progress, Promise
from jiqun.ledger import chain
from jiqun.ledger.models import Document, Standing, Target
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
class LightCount:
    light: Light
    label: str
    count: int


class Register:
    """The targets in force as of one day. Values are shared between requests: nothing here may be changed."""

    def __init__(self, rows: Iterable[TargetRow], progress: dict[str, Progress], promises: dict[str, Promise]) -> None:
        self.rows = tuple(rows)
        self._progress = progress
        self._promises = promises

    @cached_property
    def by_key(self) -> dict[str, TargetRow]:
        return {row.key: row for row in self.rows}

    @cached_property
    def wholes(self) -> tuple[TargetRow, ...]:
        """Targets that are not a part of another: what is counted, so that a split is not counted twice."""
        return tuple(row for row in self.rows if row.parent_key not in self.by_key)

    def progress(self, key: str) -> Progress | None:
        return self._progress.get(key)

    def promise(self, key: str) -> Promise | None:
        return self._promises.get(key)

    def parts_of(self, key: str) -> tuple[TargetRow, ...]:
        return tuple(row for row in self.rows if row.parent_key == key)


def register(view: View) -> Register:
    """The register of the view's day, computed anew only when the ledger, the day or the folder has changed."""
    mark = (*chain.head(), view.on, view.city.digest)
    with _lock:
        found = _kept.get(mark)
        if found is not None:
            _kept.move_to_end(mark)
            return found
    fresh = _compute(view)
    with _lock:
        _kept[mark] = fresh
        while len(_kept) > _KEPT_AT_MOST:
            _kept.popitem(last=False)
    return fresh


def count_lights(rows: Iterable[TargetRow]) -> tuple[LightCount, ...]:
    """How many of `rows` stand under each light, in the order pages show lights; every light is listed."""
    counted = Counter(row.judged.light for row in rows)
    return tuple(LightCount(light, light.label, counted[light]) for light in SHOWN)


def document_refs() -> dict[int, DocumentRef]:
    """Every document by its row number; titles only, the texts stay where they are."""
    columns = ("id", "digest", "title", "name", "number", "known_on", "is_restatement")
    return {
        row_id: DocumentRef(digest, title or name, number, known_on, is_restatement)
        for row_id, digest, title, name, number, known_on, is_restatement in Document.objects.values_list(*columns)
    }


def _compute(view: View) -> Register:
    targets = list(as_of(Target, known_on=view.on).filter(state=Standing.ACTIVE).order_by("deadline", "id"))
    documents = document_refs()
    judge = judging.judge(view, targets)
    rows, progress, promises = [], {}, {}
    for target in targets:
        document = documents.get(target.document_id) if target.document_id else None
        promise = judge.promise(target, document.known_on if document else None)
        found = judge.progress(target, promise)
        if promise is not None and found is not None:
            promises[target.key], progress[target.key] = promise, found
        rows.append(target_row(view, target, document, judgement(found)))
    return Register(rows, progress, promises)


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
    done = progress.way if progress.way is not None else progress.completion
    due = None
    if progress.base is not None and progress.expected_now is not None and progress.goal != progress.base.value:
        due = (progress.expected_now - progress.base.value) / (progress.goal - progress.base.value)
    completion = progress.completion
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
_kept: OrderedDict[tuple[object, ...], Register] = OrderedDict()
_lock = Lock()
