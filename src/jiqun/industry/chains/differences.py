"""What differs between two states of a chain, row by row of its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from jiqun.industry.chains.exchange import TABLES, flattened
from jiqun.packs.schema.chains import Chain
from jiqun.tables import Value

# what tells a row of a table from the others
_KEYS = {
    "chain": (), "nodes": ("id",), "edges": ("from_id", "to_id", "kind"), "firms": ("node_id", "uscc"),
    "purchases": ("node_id", "year", "origin"), "sales": ("node_id", "year"), "layout": ("area_id",),
}  # fmt: skip
Way = Literal["added", "changed", "removed"]
_Key = tuple[object, ...]


@dataclass(frozen=True)
class Difference:
    """A row of table `table` that was added, changed or removed. `key` names it in words; `cells`: each column that
    is not as it was, with what stood there and what stands there now, None for nothing."""

    table: str
    way: Way
    key: str
    cells: tuple[tuple[str, Value, Value], ...]


def differences(before: Chain | None, after: Chain) -> tuple[Difference, ...]:
    """Every row that differs, in the order of the tables, of a table in the order of the later chain and then of the
    earlier. Rows of the same key are matched in their order; the order of rows itself is no difference."""
    then: Mapping[str, list[dict[str, Value]]] = flattened(before) if before else {}
    now = flattened(after)
    names = {node.id: node.name for chain in (before, after) if chain for node in chain.nodes}
    found: list[Difference] = []
    for table in TABLES:
        old, new = _keyed(table.id, then.get(table.id, [])), _keyed(table.id, now[table.id])
        for key in [*new, *(key for key in old if key not in new)]:
            was, is_ = old.get(key), new.get(key)
            cells = tuple(
                (column, (was or {}).get(column), (is_ or {}).get(column))
                for column in table.columns
                if (was or {}).get(column) != (is_ or {}).get(column)
            )
            if cells:
                way: Way = "changed" if was is not None and is_ is not None else "removed" if is_ is None else "added"
                found.append(Difference(table.id, way, _told(key[:-1], names), cells))
    return tuple(found)


def _keyed(table: str, rows: list[dict[str, Value]]) -> dict[_Key, dict[str, Value]]:
    found: dict[_Key, dict[str, Value]] = {}
    for row in rows:
        own: _Key = tuple(row.get(column) for column in _KEYS[table])
        number = 0
        while (*own, number) in found:
            number += 1
        found[(*own, number)] = row
    return found


def _told(key: _Key, names: Mapping[str, str]) -> str:
    said = [f"{part}" for part in key if part is not None]
    return " → ".join(f"{names[part]}（{part}）" if part in names else part for part in said[:2]) + "".join(
        f"，{part}" for part in said[2:] if part != "feeds"
    )
