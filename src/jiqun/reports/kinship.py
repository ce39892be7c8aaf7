"""How a target stands to other documents' targets about the same thing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jiqun.assessment.relations import Commitment, RelationKind, relate
from jiqun.reports.register import Register, TargetRow, register
from jiqun.reports.view import View


@dataclass(frozen=True, slots=True)
class Related:
    """Another target and what it is to this one; `said` tells it in a sentence."""

    kind: RelationKind
    label: str
    said: str
    other: TargetRow


def related(view: View, key: str) -> tuple[Related, ...]:
    """The targets of the register that repeat, succeed, contradict or resemble this one."""
    book = register(view)
    own = book.by_key.get(key)
    if own is None:
        return ()
    group = [row for row in book.wholes if _subject(row) == _subject(own)]
    found = []
    for relation in relate(commitments(book, group)):
        if key in (relation.first, relation.second):
            other = book.by_key[relation.second if relation.first == key else relation.first]
            found.append(Related(relation.kind, relation.kind.label, relation.said, other))
    return tuple(found)


def conflicts(view: View) -> tuple[tuple[str, TargetRow, TargetRow], ...]:
    """Pairs of targets with one deadline and two numbers, each told in a sentence."""
    book = register(view)
    found = relate(commitments(book, book.wholes))
    return tuple(
        (one.said, book.by_key[one.first], book.by_key[one.second])
        for one in found
        if one.kind is RelationKind.CONFLICT
    )


def commitments(book: Register, rows: Iterable[TargetRow]) -> list[Commitment]:
    found = []
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
                    cluster_id=row.cluster.id if row.cluster else None,
                )
            )
    return found


def _subject(row: TargetRow) -> tuple[str, str | None, str | None]:
    return row.indicator.id, row.area.id if row.area else None, row.cluster.id if row.cluster else None
