"""Which totals of a round may leave the house: known, covered as far as its form demands, leading back to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db import models

from jiqun.ledger import store
from jiqun.ledger.models import Event, Observation, Standing
from jiqun.model.periods import Period
from jiqun.packs import City
from jiqun.records import context
from jiqun.records.models import Round
from jiqun.records.projection import layout_of, projected
from jiqun.statistics import publishing
from jiqun.statistics.disclosure import DisclosureRules
from jiqun.statistics.layout import Layout, column_period
from jiqun.statistics.publishing import Edition, Released
from jiqun.statistics.rollup import Total

THIN, UNKNOWN = "覆盖面不足", "未知"
PUBLISHED, LOCKED = "round.published", "round.locked"  # by either a table is out: after locking, readers may open it


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


def release_of(round_: Round, city: City, upto: int | None = None) -> Release:
    """The round's totals as accepted, at the levels that its form publishes, all of the form's sums taken together
    with the editions of them that are out.

    `upto`: as after the event of that sequence. Returns of areas and bodies are nobody's secret. Figures of last year's
    columns stay inside: they belong to this year's scope. Raises NotFound where the folder lacks the thresholds
    (`disclosure_…`).
    """
    form, laid = city.forms[round_.form_id], layout_of(round_, city)
    totals = context.totals(round_, city, upto=upto)
    levels = {at for at, level in enumerate(form.levels) if level.id in form.published.levels}
    wanted = tuple(total for total in totals.all if total.level in levels and _is_figure(total))
    known = [total for total in wanted if total.steps is not None]
    if form.respondents.kind == "firms":
        rules = DisclosureRules.of(city, round_.period_end)
        rows, before = projected(round_, laid, upto=upto), tuple(_editions(round_, city, laid, upto))
        found = publishing.release(laid, rows, totals.all, sorted(levels), rules, before)
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


def last_edition(round_: Round) -> int | None:
    """The sequence of the event by which the round's table came out last; None where it never did."""
    return _coming_out(round_).values_list("sequence", flat=True).last()


def _coming_out(round_: Round) -> models.QuerySet[Event]:
    found: models.QuerySet[Event] = Event.objects.filter(action__in=(PUBLISHED, LOCKED), subject_key=round_.key)
    return found.order_by("sequence")


def _editions(round_: Round, city: City, laid: Layout, upto: int | None) -> Iterator[Edition]:
    """What came out of the round, from the oldest on: as the ledger has it, or as readers saw it when it was locked."""
    events = _coming_out(round_)
    for event in events if upto is None else events.filter(sequence__lt=upto):
        if event.action == LOCKED:
            told = release_of(round_, city, event.sequence).released.shown
            shown = {(total.area_id, total.cell.key): total.steps for total in told if total.steps is not None}
        else:
            shown = _published(round_, laid, event.sequence)
        yield Edition(projected(round_, laid, upto=event.sequence), shown)


def _published(round_: Round, laid: Layout, sequence: int) -> dict[tuple[str, str], int]:
    """The figures of the round that stood in the ledger after an event, by area and cell, in steps."""
    period, found = Period.parse(round_.period), {}
    cells = {(cell.field.indicator_id, cell.part_id, str(column_period(period, cell.column))): cell
             for cell in laid.numbers}  # fmt: skip
    rows = store.after_event(Observation, sequence).filter(round_key=round_.key, state=Standing.ACTIVE)
    names = ("area_id", "indicator_id", "cluster_id", "period", "value_text", "unit")
    for area_id, indicator_id, part_id, when, text, unit in rows.values_list(*names):
        cell = cells.get((indicator_id, part_id, when))
        if cell is not None and cell.unit == unit:
            found[area_id, cell.key] = int(Decimal(text).scaleb(cell.digits))
    return found


def _is_figure(total: Total) -> bool:
    """Whether the total is one of an indicator, of this year, as a whole or of a cluster."""
    field = total.cell.field
    by = field.breakdown.by if field.breakdown and total.cell.part_id else "cluster"
    return bool(field.indicator_id) and total.cell.column in ("current", "year_to_date") and by == "cluster"
