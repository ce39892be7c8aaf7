"""How a target stands to other documents' targets about the same thing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jiqun.assessment.relations import Commitment, RelationKind, relate
from jiqun.reports.judging import Subject, subject
from jiqun.reports.kept import kept
from jiqun.reports.register import TargetRow, register
from jiqun.reports.view import View


@dataclass(frozen=True, slots=True)
class Related:
    """Another target and what it is to this one; `said` tells it in a sentence."""

    kind: RelationKind
    label: str
    said: str
    other: TargetRow


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two targets that cannot both be meant; `said` tells why in a sentence."""

    said: str
    first: TargetRow
    second: TargetRow


def related(view: View, key: str) -> tuple[Related, ...]:
    """The targets of the register that repeat, succeed, contradict or resemble this one."""
    book = register(view)
    own = book.find(key)
    if own is None:
        return ()
    alike = book.of_indicator(own.indicator.id)
    group = [row for row in alike if _subject(view, row) == _subject(view, own)]
    found = []
    for relation in relate(commitments(view, group)):
        if key in (relation.first, relation.second):
            other = book.find(relation.second if relation.first == key else relation.first)
            assert other is not None  # it is one of the group
            found.append(Related(relation.kind, relation.kind.label, relation.said, other))
    return tuple(found)


def conflicts(view: View) -> tuple[Conflict, ...]:
    """Pairs of targets with one deadline and two numbers."""
    return kept(view, "conflicts", lambda: _conflicts(view))


def _conflicts(view: View) -> tuple[Conflict, ...]:
    rows = {row.key: row for row in register(view).wholes}
    clashes = (one for one in relate(commitments(view, rows.values())) if one.kind is RelationKind.CONFLICT)
    return tuple(Conflict(one.said, rows[one.first], rows[one.second]) for one in clashes)


def commitments(view: View, rows: Iterable[TargetRow]) -> list[Commitment]:
    book, found = register(view), []
    for row in rows:
        promise = book.promise(row.key)
        if promise is not None:
            document = row.document
            found.append(
                Commitment(
                    key=row.key,
                    document=document.digest if document else row.key,
                    title=document.title if document else "直接录入的目标",
                    indicator_id=row.indicator.id,
                    promise=promise,
                    issued_on=document.known_on if document else None,
                    area_id=row.area.id if row.area else None,
                    cluster_id=_subject(view, row)[2],
                )
            )
    return found


def _subject(view: View, row: TargetRow) -> Subject:
    area_id, cluster_id = row.area.id if row.area else None, row.cluster.id if row.cluster else None
    return subject(view.city, row.indicator.id, area_id, cluster_id)
