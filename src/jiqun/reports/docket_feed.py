"""Where what is computed meets what people keep: bottlenecks of chains, and the items opened for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from jiqun.packs.schema.dockets import Docket
from jiqun.reports.chain_gaps import BottleneckRow, GapFilter, bottleneck_list, bottlenecks_named
from jiqun.reports.chainbook import Chainbook
from jiqun.reports.dockets import ItemRow, item_rows, may_open, readable
from jiqun.reports.view import View

KIND = "chain_bottlenecks"
ORIGIN = f"{KIND}:"


@dataclass(frozen=True)
class Kept:
    """The docket that bottlenecks are kept in, and by the key of a computed bottleneck the item it has there."""

    docket: Docket
    items: Mapping[str, ItemRow]
    may_open: bool


def kept(view: View, book: Chainbook) -> Kept | None:
    """None where the folder keeps no such docket, or the reader may not see it."""
    docket = next((each for each in readable(view) if each.fed_by and each.fed_by.kind == KIND), None)
    if docket is None:
        return None
    rows = item_rows(view, docket)
    by_name = {(row.title, node_of(docket, row)): row for row in rows}
    found = {key: by_name.get((item, where)) for key, item, where in bottlenecks_named(book)}
    return Kept(docket, {key: row for key, row in found.items() if row is not None}, may_open(view, docket))


def node_of(docket: Docket, row: ItemRow) -> str:
    """`chain/node` of the item's link; "" where it names none."""
    ids = [field.id for field in docket.fields if field.kind == "node"]
    part = next((row.said[id_].parts[0] for id_ in ids if row.said[id_].parts), None)
    return f"{part.chain}/{part.id}" if part and part.chain else ""


def on_link(view: View, docket: Docket, chain_id: str, node_id: str) -> tuple[ItemRow, ...]:
    """The items that name a link."""
    return tuple(row for row in item_rows(view, docket) if node_of(docket, row) == f"{chain_id}/{node_id}")


def computed_for(book: Chainbook, docket: Docket, row: ItemRow) -> BottleneckRow | None:
    """What is computed of the bottleneck that the item is about; None where nothing is."""
    wanted = (row.title, node_of(docket, row))
    rows = bottleneck_list(book, GapFilter()).rows
    return next((each for each in rows if (each.item, f"{each.chain.id}/{each.node.id}") == wanted), None)


def prefilled(book: Chainbook, docket: Docket, key: str) -> dict[str, str]:
    """The fields of a new item as the docket's feed fills them; nothing for a bottleneck that there is not."""
    row = next((each for each in bottleneck_list(book, GapFilter()).rows if each.key == key), None)
    if row is None or docket.fed_by is None or docket.fed_by.kind != KIND:
        return {}
    share = row.dependence.outside_share
    as_of = f"（{row.freshness.as_of}）" if row.freshness.as_of else ""
    said = {
        "item": row.item, "node": f"{row.chain.id}/{row.node.id}",
        "source": f"{row.source}{as_of}" if row.source else "",
        "outside_pct": "" if share is None else format(Decimal(f"{100 * share:.1f}").normalize(), "f"),
    }  # fmt: skip
    return {field: said[word] for field, word in docket.fed_by.fields.items()}
