"""Series that can say in what proportion a cluster is divided: figures of one indicator and period for its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from jiqun.industry.catalogues import editions
from jiqun.industry.correspondence import OUTSIDE, split_key
from jiqun.industry.divisions import Division
from jiqun.packs.schema.clusters import Catalogue
from jiqun.reports.recasts import FLOOR, cells_of
from jiqun.reports.view import View
from jiqun.reports.wording import period_label


@dataclass(frozen=True)
class Proportion:
    """The shares that a series gives the parts of a division; None with the reason where it cannot."""

    shares: Mapping[str, Fraction] | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Basis:
    """A series with a figure for every part: `value` is how an address and a form name it."""

    value: str
    label: str


def proportion(view: View, division: Division, indicator_id: str, period: str) -> Proportion:
    """By the preferred figures in the city's own area, as known on the view's day."""
    if OUTSIDE in division.parts:
        return Proportion(None, "有一部分在目录之外，没有序列可依")
    cells = cells_of(view, line_of(view, division.to_id))
    at = (one for one in cells if one[:3] == (indicator_id, view.city.area_id, period))
    rows = next((cells[one] for one in at), {})
    missing = [part for part in division.parts if part not in rows]
    if missing:
        names = "、".join(ref.name for part in missing if (ref := view.names.cluster(part)))
        return Proportion(None, f"缺 {names} 的数")
    if any(rows[part].value_kind == FLOOR for part in division.parts):
        return Proportion(None, "有“不少于”的数")
    try:
        key = split_key(division.cluster_id, {part: rows[part].value_scaled or 0 for part in division.parts}, "")
    except ValueError as error:
        return Proportion(None, str(error))
    return Proportion(key.parts) if key else Proportion(None, "各部分合计为零")


def bases(view: View, division: Division) -> tuple[Basis, ...]:
    """Every series that can divide, the newest period first."""
    found: dict[str, tuple[str, Basis]] = {}
    for indicator_id, area_id, period, _, _ in cells_of(view, line_of(view, division.to_id)):
        value = f"{indicator_id}@{period}"
        if area_id == view.city.area_id and value not in found:
            if proportion(view, division, indicator_id, period).shares is None:
                continue
            label = f"{period_label(period)}　{view.names.indicator(indicator_id).name}"
            found[value] = period, Basis(value, label)
    return tuple(basis for _, basis in sorted(found.values(), key=lambda one: one[0], reverse=True))


def line_of(view: View, edition_id: str) -> tuple[Catalogue, ...]:
    """The editions of the line that the edition belongs to."""
    series = next(one.series for one in view.city.catalogues if one.id == edition_id)
    return editions(view.city.catalogues, series)
