"""What others published of the counts of titles: the figures that a count of the lists is held against."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from jiqun.enterprises.cohorts import Count, Difference, Kind, Stated, compare
from jiqun.ledger import store
from jiqun.ledger.models import Observation, Standing
from jiqun.ledger.statement import number
from jiqun.model.periods import Period
from jiqun.model.units import Unit
from jiqun.packs import City

SOURCE = "企业名单核算"  # begins the source of every figure that a count of lists made
_ABOUT_PCT = "about_tolerance_pct"


def differences(city: City, counts: Iterable[Count], known_on: date) -> tuple[Difference, ...]:
    """Every count that differs from a figure known on the day."""
    found = compare(counts, _stated(city, known_on), city.setting(_ABOUT_PCT, known_on))
    return tuple(each for each in found if each.by)


def indicator_of(city: City, count: Count) -> str | None:
    """The indicator that the tier's data names for the count; None where it names none, or the area is not a city's."""
    tier = city.tiers.get(count.list_id)
    found = getattr(tier.counted, f"{count.kind.value}_id") if tier else None
    is_known = (count.area_id or city.area_id) in city.areas
    return str(found) if found and is_known else None


def beside(city: City, known_on: date, indicator_ids: Iterable[str] | None = None) -> Any:
    """Figures under these indicators (None: those of all counts), in use on the day, that were not made of lists."""
    wanted = set(_kinds(city) if indicator_ids is None else indicator_ids)
    rows = store.as_of(Observation, known_on=known_on).filter(state=Standing.ACTIVE, cluster_id=None)
    return rows.filter(indicator_id__in=wanted).exclude(source_title__startswith=SOURCE)


def _kinds(city: City) -> dict[str, tuple[str, Kind]]:
    """Indicator → the list and kind of count that it is."""
    return {
        indicator_id: (tier.id, Kind(field.removesuffix("_id")))
        for tier in city.tiers.values()
        for field, indicator_id in tier.counted
        if indicator_id is not None
    }


def _stated(city: City, known_on: date) -> Sequence[Stated]:
    """Published yearly figures of the indicators, as the ledger has them."""
    known, found = _kinds(city), []
    for row in beside(city, known_on).filter(measure=None):
        value, period = number(row.value_text), Period.parse(row.period)
        unit, own = row.parsed_unit, Unit.parse(city.indicators[row.indicator_id].unit)
        if value is None or period != Period(period.year) or not unit.measures_like(own):
            continue
        list_id, kind = known[row.indicator_id]
        area_id = None if row.area_id == city.area_id else row.area_id
        source = row.source_title or row.source_id
        found.append(Stated(list_id, kind, period.year, area_id, unit.convert(value, own), row.value_kind, source))
    return found
