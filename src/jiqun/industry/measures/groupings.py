"""What firms are sorted into: levels of the industry classification, or clusters of a catalogue by their classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from jiqun.model.errors import NotFound, UsageError
from jiqun.packs import City

LEVELS = {1: "门类", 2: "大类", 3: "中类", 4: "小类"}


@dataclass(frozen=True)
class Grouping:
    """`parts`: group → classes of the classification, each with the share that belongs to it; `names` of the groups.

    `left_out` are classes of which only part belongs to a group, nobody knows how much: they are in none of the sums.
    """

    title: str
    names: Mapping[str, str]
    parts: Mapping[str, Mapping[str, float]]
    left_out: tuple[str, ...] = ()


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


def by_catalogue(city: City, catalogue_id: str, on: date) -> Grouping:
    """Clusters of a catalogue by the classes that belong to them on a day; of nested classes the nearest counts.

    Products and single firms of a membership cannot be seen in a table of classes. Raises NotFound for an unknown
    catalogue and for one of whose clusters no class is known.
    """
    catalogue = next((one for one in city.catalogues if one.id == catalogue_id), None)
    if catalogue is None:
        known = "、".join(one.id for one in city.catalogues) or "无"
        raise NotFound(f"没有集群目录“{catalogue_id}”（已有：{known}）")
    given: dict[str, dict[str, float | None]] = {
        cluster.id: dict.fromkeys(cluster.gb_codes, 1.0) for cluster in catalogue.clusters
    }
    for row in city.memberships:
        begun = row.valid_from is None or row.valid_from <= on
        if row.by == "code" and row.cluster_id in given and begun and (row.valid_to is None or on < row.valid_to):
            given[row.cluster_id][row.value] = None if row.share is None else float(row.share)
    parts, left_out = {}, set()
    for id_, codes in given.items():
        shares = {code: _nearest(city, code, codes) for code in city.industries}
        left_out |= {code for code, share in codes.items() if share is None}
        parts[id_] = {code: share for code, share in shares.items() if share}
    if not any(parts.values()):
        raise NotFound(
            f"集群目录“{catalogue_id}”没有写明各集群包含哪些行业，不能按集群计算；请补充 members/ 或 gb_codes"
        )
    names = {cluster.id: cluster.name for cluster in catalogue.clusters}
    return Grouping(catalogue.name, names, parts, tuple(sorted(left_out)))


def _nearest(city: City, code: str, shares: Mapping[str, float | None]) -> float | None:
    """The share of the class itself, or of the nearest class above it that has one."""
    here: str | None = code
    while here is not None:
        if here in shares:
            return shares[here]
        here = city.industries[here].parent_code if here in city.industries else None
    return None
