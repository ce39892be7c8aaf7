"""Indicators and the published figures for them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jiqun.model.findings import Finding
from jiqun.model.periods import Period
from jiqun.packs.checks.entries import is_period
from jiqun.packs.checks.units import mismatch_findings, unit_findings
from jiqun.packs.faults import fault
from jiqun.packs.reading import Entry
from jiqun.packs.registry import Registry
from jiqun.packs.schema.indicators import Indicator
from jiqun.packs.schema.sources import Figure

_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def indicator_findings(registry: Registry) -> Iterator[Finding]:
    """Units that are none; ratios without their two sums, or with a scale that cannot be meant."""
    indicators = _indicators(registry)
    for entry, indicator in indicators.values():
        yield from unit_findings(entry.place("unit"), indicator.unit)
        sums = indicator.aggregation
        place = entry.place("aggregation")
        absent = [name for name in ("numerator_id", "denominator_id") if getattr(sums, name) is None]
        if sums.kind == "ratio" and absent and not entry.is_damaged:
            yield fault("ratio", place, missing="、".join(absent))
        if sums.kind != "ratio" and len(absent) < 2:
            yield fault("not_ratio", place, kind=sums.kind)
        parts = [indicators[id_][1].unit for id_ in (sums.numerator_id, sums.denominator_id) if id_ in indicators]
        if len(parts) == 2 and parts[0] == parts[1] and indicator.unit == "%" and sums.scale != 100:
            yield fault("ratio_scale", place, scale=f"{sums.scale:g}")


def figure_findings(registry: Registry) -> Iterator[Finding]:
    """Numbers, periods and units that cannot be read or compared; two preferred values for the same thing."""
    indicators = _indicators(registry)
    preferred: dict[tuple[str, str, str | None, Period], Entry] = {}
    published: dict[tuple[str | None, ...], Entry] = {}
    for entry, figure in registry.of(Figure):
        if not _NUMBER.fullmatch(figure.value):
            yield fault("number", entry.place("value"), value=figure.value)
        if figure.indicator_id in indicators:
            indicator = indicators[figure.indicator_id][1]
            yield from mismatch_findings(entry.place("unit"), figure.unit, indicator.unit, f"指标“{indicator.name}”")
        where = (figure.indicator_id, figure.area_id, figure.cluster_id)
        said = (*where, figure.period, figure.source_id, figure.value_kind)
        first = published.setdefault(said, entry)
        if first is not entry:
            yield fault("duplicate_figure", entry.place(), first=first.place())
            continue
        if not is_period(figure.period):
            yield fault("period", entry.place("period"), period=figure.period)
        elif figure.is_preferred:
            key = (*where, Period.parse(figure.period))
            first = preferred.setdefault(key, entry)
            if first is not entry:
                yield fault("two_preferred", entry.place("is_preferred"), first=first.place("is_preferred"))


def _indicators(registry: Registry) -> dict[str, tuple[Entry, Indicator]]:
    return {indicator.id: (entry, indicator) for entry, indicator in registry.of(Indicator)}
