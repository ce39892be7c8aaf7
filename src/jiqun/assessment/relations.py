"""How promises of several documents about one thing stand to each other: repeated, raised, contradicting, unlike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import combinations

from jiqun.assessment import words
from jiqun.assessment.promises import Promise, Reading
from jiqun.model.bounds import Comparator
from jiqun.model.claims import Measure
from jiqun.model.units import Unit


class RelationKind(StrEnum):
    REPEATED = "repeated"  # same number, bound and deadline
    SUCCEEDED = "succeeded"  # the same promise goes on to a later deadline
    CONFLICT = "conflict"  # one deadline, two numbers
    BOUND_DIFFERS = "bound_differs"  # one number and deadline, but 20家左右 here and 20家 there
    OTHER_MEASURE = "other_measure"  # one thing, counted another way: a stock and a yearly number

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    RelationKind.REPEATED: "重复", RelationKind.SUCCEEDED: "接续", RelationKind.CONFLICT: "冲突",
    RelationKind.BOUND_DIFFERS: "口径词不同", RelationKind.OTHER_MEASURE: "相关但不是同一个数",
}  # fmt: skip


@dataclass(frozen=True)
class Commitment:
    """A promise and whose it is. `family` names the thing counted where several indicators count it (default: one).

    `document` is any id of the text, `title` how to name it; `issued_on` orders documents.
    """

    key: str
    document: str
    title: str
    indicator_id: str
    promise: Promise
    issued_on: date | None = None
    area_id: str | None = None
    cluster_id: str | None = None
    family: str = ""


@dataclass(frozen=True)
class Relation:
    """`first` is the key of the one issued (else due) earlier, `second` of the other; `said` tells it in a sentence."""

    kind: RelationKind
    first: str
    second: str
    said: str


def relate(commitments: Iterable[Commitment]) -> tuple[Relation, ...]:
    """Every relation between two promises about the same thing, area and cluster, in order of issue.

    A succession joins a promise with those of the next deadline only. Promises without a deadline are compared with
    each other; between a dated and an undated one nothing is said.
    """
    groups: dict[tuple[str, str | None, str | None], list[Commitment]] = {}
    for one in commitments:
        groups.setdefault((one.family or one.indicator_id, one.area_id, one.cluster_id), []).append(one)
    found = []
    for group in groups.values():
        ordered = sorted(group, key=_order)
        for first, second in combinations(ordered, 2):
            relation = _relation(first, second)
            if relation is not None and not _leaps(relation, first, second, ordered):
                found.append(relation)
    return tuple(found)


def _order(one: Commitment) -> tuple[date, date, str]:
    return (one.issued_on or date.max, one.promise.deadline or date.max, one.key)


def _leaps(relation: Relation, first: Commitment, second: Commitment, group: list[Commitment]) -> bool:
    """Whether a succession skips a deadline that lies between."""
    if relation.kind is not RelationKind.SUCCEEDED:
        return False
    early, late = sorted((_deadline(first), _deadline(second)))
    return any(early < _deadline(one) < late and _is_same_number(first, one) for one in group if one.promise.deadline)


def _deadline(one: Commitment) -> date:
    assert one.promise.deadline is not None
    return one.promise.deadline


def _is_same_number(one: Commitment, other: Commitment) -> bool:
    """Whether both count the same thing the same way, so that their numbers may be held against each other."""
    mine, theirs = one.promise, other.promise
    alike = {Measure.LEVEL, Measure.SHARE}
    same_measure = mine.measure is theirs.measure or {mine.measure, theirs.measure} == alike
    same_reading = _reading(mine) is _reading(theirs)
    comparable = Unit.parse(mine.unit).measures_like(Unit.parse(theirs.unit))
    return one.indicator_id == other.indicator_id and same_measure and same_reading and comparable


def _reading(promise: Promise) -> Reading | None:
    default = {Measure.ANNUAL: Reading.EACH_YEAR, Measure.GROWTH: Reading.DEADLINE_YEAR}.get(promise.measure)
    return default and (promise.reading or default)


def _relation(first: Commitment, second: Commitment) -> Relation | None:
    if not _is_same_number(first, second):
        return _told(RelationKind.OTHER_MEASURE, first, second, "是同一件事的两种数，不能相比，也不能相加")
    ours, theirs = first.promise.deadline, second.promise.deadline
    if ours != theirs:
        return None if ours is None or theirs is None else _succession(first, second)
    if _ends(first, first) != _ends(second, first):
        return _told(RelationKind.CONFLICT, first, second, "期限相同而数不同，应以哪一个为准须核定")
    if _sense(first.promise) != _sense(second.promise):
        return _told(RelationKind.BOUND_DIFFERS, first, second, "数相同而口径词不同，达成标准不一样")
    return _told(RelationKind.REPEATED, first, second, "是同一个目标")


def _succession(first: Commitment, second: Commitment) -> Relation:
    early, late = sorted((first, second), key=_deadline)
    before, after = _ends(early, early)[0], _ends(late, early)[0]
    if after == before:
        change = "目标数不变，期限延后"
    else:
        is_harder = (after < before) if early.promise.is_ceiling else (after > before)
        by = words.distance(abs(after - before), early.promise)
        change = f"目标{'提高' if is_harder else '放低'}，相差{by}"
    return _told(RelationKind.SUCCEEDED, early, late, change)


def _ends(one: Commitment, reference: Commitment) -> tuple[Decimal, Decimal | None]:
    """Both ends of the promised number, said in the unit of `reference`."""
    mine, wanted = Unit.parse(one.promise.unit), Unit.parse(reference.promise.unit)
    bound = one.promise.bound
    return mine.convert(bound.value, wanted), None if bound.high is None else mine.convert(bound.high, wanted)


def _sense(promise: Promise) -> tuple[str, bool]:
    """What keeps the promise: 达到200家 and 200家以上 are one floor, 200家左右 and 超过200家 are others."""
    comparator = promise.bound.comparator
    if comparator in (Comparator.APPROX, Comparator.RANGE):
        return comparator.value, promise.is_ceiling
    return ("strict" if promise.bound.strict else "plain"), promise.is_ceiling


def _told(kind: RelationKind, first: Commitment, second: Commitment, ending: str) -> Relation:
    return Relation(kind, first.key, second.key, f"{_named(first)}，{_named(second)}：{ending}。")


def _named(one: Commitment) -> str:
    due = f"到{one.promise.deadline.year}年" if one.promise.deadline else ""
    bound = words.bound(one.promise)
    # 达到 says nothing beside 超过 or 低于
    is_said = one.promise.measure is Measure.LEVEL and one.promise.bound.strict
    return f"《{one.title}》{due}{'' if is_said else one.promise.measure.label}{bound}"
