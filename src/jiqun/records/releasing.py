"""Which totals of a round may leave the house: known, covered as far as its form demands, leading back to nobody."""

from __future__ import annotations

from dataclasses import dataclass, replace

from jiqun.packs import City
from jiqun.records import context
from jiqun.records.models import Round
from jiqun.records.projection import layout_of, projected
from jiqun.statistics import publishing
from jiqun.statistics.disclosure import DisclosureRules
from jiqun.statistics.publishing import Released
from jiqun.statistics.rollup import Total

THIN, UNKNOWN = "覆盖面不足", "未知"


@dataclass(frozen=True)
class Release:
    """`wanted` are the totals that the form would publish; of each that is not shown `released.held` says why."""

    wanted: tuple[Total, ...]
    released: Released

    @property
    def unknown(self) -> int:
        return sum(total.steps is None for total in self.wanted)

    @property
    def shown(self) -> frozenset[tuple[str, str]]:
        """Area and cell of what may be shown."""
        return frozenset((total.area_id, total.cell.key) for total in self.released.shown)


def release_of(round_: Round, city: City) -> Release:
    """The round's totals as accepted, at the levels that its form publishes, all of the form's sums taken together.

    Returns of areas and bodies are nobody's secret. Figures of last year's columns stay inside: they belong to this
    year's scope. Raises NotFound where the folder lacks the thresholds (`disclosure_…`).
    """
    form, laid = city.forms[round_.form_id], layout_of(round_, city)
    totals = context.totals(round_, city)
    levels = {at for at, level in enumerate(form.levels) if level.id in form.published.levels}
    wanted = tuple(total for total in totals.all if total.level in levels and _is_figure(total))
    known = [total for total in wanted if total.steps is not None]
    if form.respondents.kind == "firms":
        rules = DisclosureRules.of(city, round_.period_end)
        found = publishing.release(laid, projected(round_, laid), totals.all, sorted(levels), rules)
        places = {(total.area_id, total.cell.key) for total in wanted}
        found = Released(
            tuple(total for total in found.shown if (total.area_id, total.cell.key) in places),
            {place: why for place, why in found.held.items() if place in places},
        )
    else:
        found = Released(tuple(known), {})
    thin = {(total.area_id, total.cell.key): THIN
            for total in found.shown if total.covered.given < form.published.least}  # fmt: skip
    unknown = {(total.area_id, total.cell.key): total.reason or UNKNOWN for total in wanted if total.steps is None}
    shown = tuple(total for total in found.shown if (total.area_id, total.cell.key) not in thin)
    return Release(wanted, replace(found, shown=shown, held={**found.held, **thin, **unknown}))


def _is_figure(total: Total) -> bool:
    """Whether the total is one of an indicator, of this year, as a whole or of a cluster."""
    field = total.cell.field
    by = field.breakdown.by if field.breakdown and total.cell.part_id else "cluster"
    return bool(field.indicator_id) and total.cell.column in ("current", "year_to_date") and by == "cluster"
