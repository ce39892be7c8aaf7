"""Dockets beside other things: the items of a body or area, what waits on the first page, items found by words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from jiqun.packs.schema.dockets import Docket
from jiqun.records import steps
from jiqun.records.models import DocketItem
from jiqun.reports.docket_values import ref_of
from jiqun.reports.dockets import ItemRow, days_late, is_mine, item_rows, pressing, readable, searched, statements
from jiqun.reports.view import Ref, View

SHOWN = 8
_NAMING = {"body": ("body", "bodies"), "area": ("area",)}  # kind of owner → kinds of fields that name one


@dataclass(frozen=True, slots=True)
class Held:
    """An item on the page of a body or area; without `is_owner` a field of the item names it."""

    row: ItemRow
    is_owner: bool


@dataclass(frozen=True)
class Holding:
    """Items of one docket that a body or area owns or is named by, the most pressing first.

    `owner` is the value of the docket's filter that lists those owned; "" where none is.
    """

    docket: Ref
    owner: str
    items: tuple[Held, ...]
    open: int
    ended: int
    late: int

    @property
    def more(self) -> int:
        return self.open + self.ended - len(self.items)


@dataclass(frozen=True, slots=True)
class DocketCount:
    """A docket on the first page: items not ended, those of them overdue, those that wait for the reader."""

    docket: Ref
    open: int
    late: int
    mine: int


@dataclass(frozen=True, slots=True)
class ItemHit:
    docket: Ref
    row: ItemRow


def of_body(view: View, body_ids: Collection[str]) -> tuple[Holding, ...]:
    """By docket, the items of a body, given with those it succeeded and is counted among."""
    return _held(view, "body", body_ids)


def of_area(view: View, area_id: str) -> tuple[Holding, ...]:
    """By docket, the items of an area, given with those that report as it."""
    twins = {area.id for area in view.city.areas.values() if area.same_as_id == area_id}
    return _held(view, "area", {area_id, *twins})


def standing(view: View) -> tuple[DocketCount, ...]:
    """The reader's dockets that have an item not ended."""
    counts = (_counted(view, found) for found in readable(view))
    return tuple(count for count in counts if count.open)


def found(view: View, words: str, most: int) -> tuple[ItemHit, ...]:
    """Items whose words, as far as the reader sees them, have these."""
    sought = words.lower()
    hits = (
        ItemHit(ref_of(docket), row)
        for docket in readable(view)
        for row in sorted(item_rows(view, docket), key=pressing)
        if sought in searched(row)
    )
    return tuple(hit for hit, _ in zip(hits, range(most), strict=False))


def _held(view: View, kind: str, ids: Collection[str]) -> tuple[Holding, ...]:
    return tuple(held for docket in readable(view) if (held := _holding(view, docket, kind, ids)) is not None)


def _holding(view: View, docket: Docket, kind: str, ids: Collection[str]) -> Holding | None:
    fields = tuple(field.id for field in docket.fields if field.kind in _NAMING[kind])

    def concerns(row: DocketItem) -> bool:
        return _owns(row, kind, ids) or any(_names(row.values.get(id_), ids) for id_ in fields)

    owned = {row.key for row in statements(view, docket) if _owns(row, kind, ids)}
    rows = item_rows(view, docket, concerns)
    shown = [row for row in rows if row.key in owned or _is_named(row, kind, ids)]  # not by a field hidden from them
    if not shown:
        return None
    shown.sort(key=lambda row: (row.is_end, row.key not in owned, *pressing(row)))
    ended = sum(row.is_end for row in shown)
    owner = next((row.owner.id for row in shown if row.key in owned and row.owner), "")
    items = tuple(Held(row, row.key in owned) for row in shown[:SHOWN])
    late = sum(row.days_late > 0 for row in shown)
    return Holding(ref_of(docket), owner, items, len(shown) - ended, ended, late)


def _owns(row: DocketItem, kind: str, ids: Collection[str]) -> bool:
    return row.owner_kind == kind and row.owner_id in ids


def _names(value: object, ids: Collection[str]) -> bool:
    return value in ids if isinstance(value, str) else isinstance(value, list) and any(each in ids for each in value)


def _is_named(row: ItemRow, kind: str, ids: Collection[str]) -> bool:
    return any(part.kind == kind and part.id in ids for said in row.said.values() for part in said.parts)


def _counted(view: View, found: Docket) -> DocketCount:
    """Counted from the statements alone: the first page asks for no value of an item."""
    open_ = late = mine = 0
    for row in statements(view, found):
        if steps.fits(row, found) and found.state(row.state).is_end:
            continue
        open_ += 1
        late += days_late(view, row, is_end=False) > 0
        mine += is_mine(view, found, row)
    return DocketCount(ref_of(found), open_, late, mine)
