"""What the tables of a chain may call their columns and values: the words of an office, and of programs that draw."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import TypeVar

import yaml

_WORDS = yaml.safe_load(files(__package__).joinpath("columns.yaml").read_text("utf-8"))
_COLUMNS: Mapping[str, Mapping[str, str]] = {id_: own | _WORDS["dated"] for id_, own in _WORDS["columns"].items()}
_VALUES: Mapping[str, Mapping[str, str]] = _WORDS["values"]
_ENDS: Mapping[str, str] = _WORDS["ends"]
Place = TypeVar("Place")


def known(table: str, cells: Mapping[str, tuple[str, Place]]) -> dict[str, tuple[str, Place]]:
    """The cells of a row of `table` under the names of a chain file, their values likewise. What has no other name
    stays as it is; so does a column whose own name is there beside it, and one that a third name took."""
    is_listed_by_ends = table == "edges" and {name.lower() for name in cells} >= _ENDS.keys() and "from_id" not in cells
    words = {**_COLUMNS[table], **(_ENDS if is_listed_by_ends else {})}
    found: dict[str, tuple[str, Place]] = {}
    for name, cell in cells.items():
        folded = name.strip().lower()
        own = words.get(folded, folded if folded in words.values() else name)
        found[name if own != name and (own in cells or own in found) else own] = cell
    return {name: (_value(table, name, text), place) for name, (text, place) in found.items()}


def _value(table: str, column: str, text: str) -> str:
    told = _VALUES.get(column) or _VALUES.get(f"{table}.{column}", {})
    return told.get(text, text)
