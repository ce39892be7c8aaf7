"""What a firm's row holds: one column for each attribute of the city folder, and one for each earlier year kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from jiqun.model.errors import NotFound
from jiqun.model.units import Unit
from jiqun.packs import City
from jiqun.packs.schema.registers import Attribute
from jiqun.rules import Sort, ValueType

REGISTER = "enterprises"
KEY = "uscc"
_SORTS = {"number": Sort.NUMBER, "boolean": Sort.TRUTH, "text": Sort.TEXT, "date": Sort.DAY}
_TYPES: Mapping[str, pl.DataType] = {
    "text": pl.String(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "list": pl.List(pl.String()),
}
# What the code speaks of by name; of a folder that leaves some out they are unknown for every firm.
RELIED_ON: Mapping[str, pl.DataType] = {
    **dict.fromkeys((KEY, "name", "area_id", "industry_code", "status", "merged_into_uscc"), pl.String()),
    **dict.fromkeys(("business_scope", "leading_product"), pl.String()),
    **dict.fromkeys(("founded_on", "ended_on"), pl.Date()),
    **dict.fromkeys(("former_names", "titles"), pl.List(pl.String())),
    "employees": pl.Int32(),
    "revenue_yuan": pl.Float64(),
}


@dataclass(frozen=True)
class Column:
    """One column of a snapshot: an attribute, for yearly figures `years_back` years before the last finished one.

    `id` is the attribute's own for the last finished year, `<attribute>_prev1` for the year before, and so on.
    """

    id: str
    attribute: Attribute
    years_back: int = 0

    @property
    def name(self) -> str:
        """As shown to people: 营业收入、营业收入（前1年）."""
        return f"{self.attribute.name}（前{self.years_back}年）" if self.years_back else self.attribute.name

    @property
    def is_yearly(self) -> bool:
        return self.attribute.years > 1

    @property
    def is_whole(self) -> bool:
        """Whether its numbers count things or people: a firm has no half employee."""
        return (
            self.attribute.kind == "number"
            and bool(self.attribute.unit)
            and Unit.parse(self.attribute.unit).decimals == 0
        )

    @property
    def data_type(self) -> pl.DataType:
        """Int32 for counts, Float64 for all other numbers: money to the 分 is exact in it up to 90 万亿元."""
        if self.attribute.kind == "number":
            return pl.Int32() if self.is_whole else pl.Float64()
        return _TYPES[self.attribute.kind]


def columns(city: City) -> dict[str, Column]:
    """Every column of a firm, by id, in the folder's order; an attribute's years stand together, latest first.

    Raises NotFound where neither the city's folder nor one it extends declares the register.
    """
    found: dict[str, Column] = {}
    for register in city.registers.values():
        if REGISTER in (register.id, register.adds_to_id):
            for attribute in register.attributes:
                for back in range(attribute.years):
                    id_ = year_column(attribute.id, back)
                    found[id_] = Column(id_, attribute, back)
    if not found:
        raise NotFound(f"城市文件夹“{city.id}”没有企业名册的数据项（registers/{REGISTER}.yaml）")
    return found


def year_column(attribute_id: str, years_back: int) -> str:
    """The column of a yearly figure, 0 years back being the last finished year."""
    return f"{attribute_id}_prev{years_back}" if years_back else attribute_id


def groups(city: City) -> dict[str, str]:
    """Id → name of the groups in which provenance is kept, in the folder's order."""
    return {
        group.id: group.name
        for register in city.registers.values()
        if REGISTER in (register.id, register.adds_to_id)
        for group in register.groups
    }


def schema(known: Mapping[str, Column]) -> dict[str, pl.DataType]:
    """Column → Polars type. Nothing in a cell is null: unknown, never 0 or ""."""
    return {column.id: column.data_type for column in known.values()}


def value_types(known: Mapping[str, Column]) -> dict[str, ValueType]:
    """Column → type for the rule language; lists are left out, for rules do not speak of them."""
    return {
        column.id: ValueType(_SORTS[column.attribute.kind], column.attribute.unit)
        for column in known.values()
        if column.attribute.kind in _SORTS
    }
