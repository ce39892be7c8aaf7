"""A survey of clusters as sheets and records: what `sheets` tells of all that may belong, with what surely does."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from jiqun.industry.measures import disclosure
from jiqun.industry.measures.clusters import ClusterSurvey
from jiqun.industry.measures.results import DEFINITIONS
from jiqun.industry.measures.sheets import records as plain_records
from jiqun.packs import City
from jiqun.tables import Value
from jiqun.tables.xlsx import Column, Kind, Page

BOTH = ("ellison_glaeser", "hhi", "concentration_ratio", "gini", "krugman_concentration")
_LEAST = disclosure.LIMITS.least_firms


def page(found: ClusterSurvey) -> Page:
    """Each cluster with both readings, and below what they come to together; an empty cell is unknown or hidden."""
    ids = [id_ for id_ in BOTH if id_ in found.most.by_industry]
    columns = [
        Column("集群编号"), Column("集群", width=30), Column("企业（下限）", Kind.NUMBER, "0.0"),
        Column("企业（上限）", Kind.NUMBER, "0.0"), Column("同属其他集群的企业", Kind.INTEGER),
        Column("规模（下限）", Kind.NUMBER, "0"), Column("规模（上限）", Kind.NUMBER, "0"),
    ]  # fmt: skip
    for id_ in ids:
        columns += [Column(f"{DEFINITIONS[id_].name}（{side}）", Kind.NUMBER, "0.000") for side in ("确定", "最多")]
    rows: list[list[Value]] = []
    for one in records(found):
        measured = [number for id_ in ids for number in one["readings"][id_]]
        bounds = [one["firms_low"], one["firms_high"], one["shared"], one["size_low"], one["size_high"]]
        rows.append([one["cluster_id"], one["cluster"], *(_decimal(value) for value in (*bounds, *measured))])
    rows += _together(found, len(columns))
    said = "规模和企业数在上下限之间；集中度的两个读数不是上下限：只计确定归属的企业，和计入全部可能归属的企业"
    return Page("集群合计", columns, rows, title=said)


def records(found: ClusterSurvey) -> Iterator[dict[str, Any]]:
    """Every cluster: bounds of firms and size, and (surely, at most) of each concentration."""
    for g, id_ in enumerate(found.most.group_ids):
        is_hidden, each = bool(found.most.hidden_industries[g]), found.joint.each.get(id_)
        shared = found.joint.shared.get(id_, 0)
        sizes = [float(one.cells.of_industries[g]) for one in (found.least, found.most)]
        yield {
            "cluster_id": id_, "cluster": found.most.grouping.names[id_],
            "firms_low": None if is_hidden else float(each.low) if each else 0.0,
            "firms_high": None if is_hidden else float(each.high) if each else 0.0,
            "shared": None if 0 < shared < _LEAST else shared,
            "size_low": None if is_hidden else sizes[0], "size_high": None if is_hidden else sizes[1],
            "readings": {
                measure: [one.by_industry[measure].at(g).value for one in (found.least, found.most)]
                for measure in BOTH
                if measure in found.most.by_industry
            },
        }  # fmt: skip


def cell_records(found: ClusterSurvey, city: City) -> Iterator[dict[str, Any]]:
    """As `sheets.records`, of all that may belong; a size has the bounds that its shares leave."""
    sure = found.least.by_cell.get("size")
    areas, groups = ({id_: n for n, id_ in enumerate(ids)} for ids in (found.most.area_ids, found.most.group_ids))
    for record in plain_records(found.most, city):
        if record["measure"] == "size" and sure is not None and record["value"] is not None:
            least = sure.at(areas[record["area_id"]], groups[record["group_id"]]).value
            record |= {"low": least, "high": record["value"]}
        yield record


def document(found: ClusterSurvey) -> dict[str, Any]:
    """What the clusters are one by one and together, for machines."""
    told: dict[str, Any] = {"clusters": list(records(found))}
    for name, joint in (("firms", found.joint), ("size", found.sizes)):
        if joint is not None:
            told[f"{name}_once"] = [float(joint.once.low), float(joint.once.high)]
            told[f"{name}_overlap"] = [float(joint.overlap.low), float(joint.overlap.high)]
    told["pairs"] = [{"clusters": list(pair), "firms": n} for pair, n in found.joint.pairs.items() if n >= _LEAST]
    return told


def _together(found: ClusterSurvey, width: int) -> Iterator[list[Value]]:
    joint, sizes = found.joint, found.sizes
    for label, part in (("每家企业只算一次", "once"), ("重复计入的部分", "overlap")):
        firms, size = getattr(joint, part), getattr(sizes, part) if sizes else None
        row: list[Value] = [None, label, _decimal(float(firms.low)), _decimal(float(firms.high)), None]
        row += [_decimal(float(size.low)), _decimal(float(size.high))] if size else [None, None]
        yield [*row, *([None] * (width - len(row)))]


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(f"{value:.6f}")
