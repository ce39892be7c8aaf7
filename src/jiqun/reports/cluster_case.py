"""A cluster judged by the rule of a tier that speaks of clusters: with the figures typed, clause by clause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from jiqun.enterprises import tiers
from jiqun.enterprises.columns import year_column
from jiqun.enterprises.tiers.explaining import Explained
from jiqun.enterprises.tiers.resolving import resolve, version_on
from jiqun.model.errors import NotFound
from jiqun.reports.firms import ref_of
from jiqun.reports.view import Ref, View
from jiqun.reports.whatif import read_number
from jiqun.rules import Sort

FIELD = "f-"
_YEARS = 9
_TRUTHS = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Field:
    """One figure of the cluster; `typed` "" is unknown."""

    name: str
    label: str
    unit: str
    is_truth: bool
    typed: str
    fault: str


@dataclass(frozen=True)
class ClusterCase:
    """`explained` None while nothing was typed, or something typed is no number."""

    ref: Ref
    on: date
    version: str
    name: str
    fields: tuple[Field, ...]
    explained: Explained | None
    faults: tuple[str, ...]


def cluster_case(view: View, key: str, asked: Mapping[str, str]) -> ClusterCase:
    """The cluster with the figures of `asked` (`f-<column>`), as the edition of the page's day judges it.

    Nothing is kept. Raises NotFound for a tier that does not speak of clusters or has no edition on the day.
    """
    tier = view.city.tiers.get(key)
    if tier is None or tier.subject != "cluster" or version_on(tier, view.on) is None:
        raise NotFound("没有这一天有效的、以集群为对象的标准")
    rule = resolve(view.city, key, view.on)
    row: dict[str, Any] = {}
    fields = []
    for column, type_ in sorted(rule.types.items(), key=lambda pair: _order(view, pair[0])):
        typed = str(asked.get(f"{FIELD}{column}", "")).strip()[:40]
        value, fault = _value(typed, type_.sort is Sort.TRUTH)
        row[column] = value
        label, unit = _label(view, column)
        fields.append(Field(f"{FIELD}{column}", label, unit, type_.sort is Sort.TRUTH, typed, fault))
    faults = tuple(f"“{field.label}”：{field.fault}" for field in fields if field.fault)
    is_asked = any(value is not None for value in row.values())
    explained = tiers.explain(row, view.city, key, view.on) if is_asked and not faults else None
    name = str(asked.get("name", "")).strip()[:60]
    return ClusterCase(ref_of(tier), view.on, rule.version.version, name, tuple(fields), explained, faults)


def _value(typed: str, is_truth: bool) -> tuple[Decimal | bool | None, str]:
    if is_truth:
        return _TRUTHS.get(typed), ""
    return read_number(typed)


def _parts(view: View, column: str) -> tuple[str, int]:
    """The metric that a column is of, and how many years back."""
    for id_ in view.city.metrics:
        for back in range(_YEARS):
            if column == year_column(id_, back):
                return id_, back
    return column, 0


def _order(view: View, column: str) -> tuple[int, int]:
    id_, back = _parts(view, column)
    ids = list(view.city.metrics)
    return (ids.index(id_) if id_ in ids else len(ids)), back


def _label(view: View, column: str) -> tuple[str, str]:
    id_, back = _parts(view, column)
    metric = view.city.metrics.get(id_)
    if metric is None:
        return column, ""
    year = view.on.year - 1 - back
    return (f"{metric.name}（{year}年）" if metric.kind == "number" else metric.name), metric.unit
