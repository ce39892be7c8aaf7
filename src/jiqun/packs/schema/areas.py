"""Areas (区划): divisions, and functional zones that report beside them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from jiqun.packs.schema.concept import Sourced

AreaLevel = Literal[
    "country", "province", "prefecture", "district", "county_city", "functional_zone", "corridor", "park", "town"
]


class Area(Sourced):
    """One row of `areas.csv`. `tile` is the column and row on the tile map, counted from the north-west."""

    id: str
    name: str
    short_name: str = ""
    level: AreaLevel
    code: str | None = None  # GB/T 2260
    parent_id: str | None = None
    aliases: tuple[str, ...] = ()
    reports: bool = False  # sends figures of its own and is added up in the parent's total
    same_as_id: str | None = None  # 虎丘区 reports as 苏州高新区
    tile_column: int | None = Field(default=None, ge=0)
    tile_row: int | None = Field(default=None, ge=0)
