"""What firms are sorted into: levels of the industry classification; clusters of a catalogue are in `clusters`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jiqun.model.errors import UsageError
from jiqun.packs import City

LEVELS = {1: "门类", 2: "大类", 3: "中类", 4: "小类"}


@dataclass(frozen=True)
class Grouping:
    """`parts`: group → classes of the classification, each with the share that belongs to it; `names` of the groups.

    Clusters, to which firms belong one by one, have no parts.
    """

    title: str
    names: Mapping[str, str]
    parts: Mapping[str, Mapping[str, float]]


def by_level(city: City, level: int) -> Grouping:
    """Industries at a level (1 门类 … 4 小类); firms whose code is coarser are in none of them. Raises UsageError."""
    if level not in LEVELS:
        raise UsageError(f"没有行业层级 {level}（可用：1 门类、2 大类、3 中类、4 小类）")
    parts: dict[str, dict[str, float]] = {}
    for code, industry in city.industries.items():
        above = industry
        while above.level > level and (parent := city.industries.get(above.parent_code or "")) is not None:
            above = parent
        if above.level == level:
            parts.setdefault(above.code, {})[code] = 1.0
    names = {code: city.industries[code].name for code in parts}
    return Grouping(f"国民经济行业{LEVELS[level]}", names, parts)
