"""Which totals of a round may leave the house: known, covered as far as its form demands, leading back to nobody.

A table comes out by an event: by publishing its figures, or by locking its round, after which readers may open it. The
event says which totals it showed, so that whatever the folder says later, readers see these and no others, and who
would set one table off against another is expected to have them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any, TypeVar

import polars as pl
from django.db import models
from django.utils import timezone

from jiqun.ledger import store
from jiqun.ledger.models import Event, Observation, Standing
from jiqun.model.periods import Period
from jiqun.model.units import Unit
from jiqun.packs import City
from jiqun.records import context
from jiqun.records.models import Round, stands
from jiqun.records.projection import converted, layout_of, projected
from jiqun.statistics import publishing
from jiqun.statistics.disclosure import DisclosureRules
from jiqun.statistics.layout import Layout, column_period
from jiqun.statistics.publishing import Edition, Released
from jiqun.statistics.rollup import Total, Totals, rounded

THIN, UNKNOWN, INSIDE = "覆盖面不足", "未知", "不公布"
PUBLISHED, LOCKED = "round.published", "round.locked"
_SHOWN, _FOLDER = "shown", "folder"  # what an event notes: groups of [areas, cells], and the folder they came from
_Places = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Release:
    """`wanted` are the totals that the form would publish; of each that is not shown `released.held` says why."""

    wanted: tuple[Total, ...]
    released: Released

    @property
    def unknown(self) -> int:
        return sum(total.steps is None for total in self.wanted)

    @property
    def shown(self) -> _Places:
        """Area and cell of what may be shown."""
        return frozenset((total.area_id, total.cell.key) for total in self.released.shown)


@dataclass(frozen=True)
class CameOut:
    """A table that is out, by the event of `sequence`, on `day`, which published or locked it. `folder_digest` is that
    of the folder then, "" where it was not kept."""

    event_hash: str
    sequence: int
    day: date
    action: str
    folder_digest: str
    edition: Edition


def release_of(round_: Round, city: City) -> Release:
    """The round's totals as accepted, at the levels that its form publishes, all of the form's sums taken together
    with the editions of them that are out.

    Returns of areas and bodies are nobody's secret. Figures of last year's columns stay inside: they belong to this
    year's scope. Raises NotFound where the folder lacks the thresholds (`disclosure_…`).
    """
    return _release(round_, city, None, [one.edition for one in came_out(round_, city)])


def last_release(round_: Round, city: City) -> Release:
    """The table as it came out last, which readers may see; nothing is shown of a round whose table never did."""
    out = came_out(round_, city)
    if out and not out[-1].edition.is_known:
        return _release(round_, city, out[-1].sequence, [one.edition for one in out])
    shown = out[-1].edition.shown if out else frozenset()
    wanted = _wanted(round_, city, context.totals(round_, city, upto=out[-1].sequence if out else None))
    told = tuple(total for total in wanted if total.steps is not None and (total.area_id, total.cell.key) in shown)
    places = {(total.area_id, total.cell.key) for total in told}
    rest = ((total.area_id, total.cell.key) for total in wanted)
    return Release(wanted, Released(told, dict.fromkeys((place for place in rest if place not in places), INSIDE)))


def notes(found: Release, city: City) -> dict[str, Any]:
    """What the event by which a table comes out is to keep of it."""
    areas: dict[str, list[str]] = {}
    for total in found.released.shown:
        areas.setdefault(total.cell.key, []).append(total.area_id)
    groups: dict[tuple[str, ...], list[str]] = {}
    for cell, several in areas.items():
        groups.setdefault(tuple(several), []).append(cell)
    return {_SHOWN: [[list(several), cells] for several, cells in groups.items()], _FOLDER: city.digest}


def mark(round_: Round) -> tuple[str, int | None]:
    """What a release of the round depends on in the ledger: another mark, another release."""
    return context.latest(round_.key), _coming_out(round_).values_list("sequence", flat=True).last()


def came_out(round_: Round, city: City) -> tuple[CameOut, ...]:
    """What came out of the round, from the oldest on."""
    found: list[CameOut] = []
    for event in _coming_out(round_):
        before = [one.edition for one in found]
        found.append(_once(_kept, (event.hash, city.digest), partial(_edition, round_, city, event, before)))
    return tuple(found)


_AT_MOST = 40
_kept: dict[tuple[str, str], CameOut] = {}
_hidden: dict[tuple[str, str], frozenset[publishing.Place]] = {}
Made = TypeVar("Made")


def _once(kept: dict[tuple[str, str], Made], key: tuple[str, str], make: Callable[[], Made]) -> Made:
    """What an event showed does not change, and folding the returns of a large round takes seconds."""
    made = kept.get(key)
    if made is None:
        while len(kept) >= _AT_MOST:
            kept.pop(next(iter(kept)), None)
        made = kept[key] = make()
    return made


def _coming_out(round_: Round) -> models.QuerySet[Event]:
    found: models.QuerySet[Event] = Event.objects.filter(action__in=(PUBLISHED, LOCKED), subject_key=round_.key)
    return found.order_by("sequence")


def _edition(round_: Round, city: City, event: Event, before: list[Edition]) -> CameOut:
    """What an event showed: as it says itself, else as the ledger has it, else as the folder tells if it is still that
    of the round's opening. Otherwise nobody knows."""
    laid, said = layout_of(round_, city), json.loads(event.payload)
    rows, is_known = projected(round_, laid, upto=event.sequence, as_stored=True), True
    if _SHOWN in said:
        shown = frozenset((area, cell) for areas, cells in said[_SHOWN] for cell in cells for area in areas)
    elif event.action == PUBLISHED:
        shown = _published(round_, city, event.sequence, before)
    elif city.digest == round_.folder_digest:
        shown = _release(round_, city, event.sequence, before).shown
    else:
        wanted = _wanted(round_, city, context.totals(round_, city, upto=event.sequence))
        shown, is_known = frozenset((total.area_id, total.cell.key) for total in wanted), False
    return CameOut(
        event.hash,
        event.sequence,
        timezone.localdate(event.recorded_at),
        event.action,
        said.get(_FOLDER, ""),
        Edition(rows, shown, is_known),
    )


def _release(round_: Round, city: City, upto: int | None, before: list[Edition]) -> Release:
    form, laid = city.forms[round_.form_id], layout_of(round_, city)
    totals = context.totals(round_, city, upto=upto)
    wanted = _wanted(round_, city, totals)
    places = {(total.area_id, total.cell.key) for total in wanted}
    if form.respondents.kind == "firms":
        rules = DisclosureRules.of(city, round_.period_end)
        rows = projected(round_, laid, upto=upto, as_stored=True)
        rows = rows.drop(_inexact(round_, laid, rows))
        levels = _levels(laid) | _levels_of(totals, before)
        hidden = _hidden_this_year(round_, city) if upto is None else frozenset()  # what is out already, stays so
        found = publishing.release(laid, rows, totals.all, sorted(levels), rules, before, hidden)
        found = Released(
            tuple(total for total in found.shown if (total.area_id, total.cell.key) in places),
            {place: why for place, why in found.held.items() if place in places},
        )
    else:
        found = Released(tuple(total for total in wanted if total.steps is not None), {})
    thin = {(total.area_id, total.cell.key): THIN
            for total in found.shown if total.covered.given < form.published.least}  # fmt: skip
    unknown = {(total.area_id, total.cell.key): total.reason or UNKNOWN for total in wanted if total.steps is None}
    shown = tuple(total for total in found.shown if (total.area_id, total.cell.key) not in thin)
    return Release(wanted, replace(found, shown=shown, held={**found.held, **thin, **unknown}))


def _hidden_this_year(round_: Round, city: City) -> frozenset[publishing.Place]:
    """What was hidden, as the figures of its firms demanded, in the tables that came out last of the form's rounds of
    earlier periods of the year. An area that waited for a return was hidden for no firm's sake."""
    earlier = stands(Round).filter(
        form_id=round_.form_id, period_end__lt=round_.period_end, period_end__year=round_.period_end.year
    )
    found: set[publishing.Place] = set()
    for other in earlier:
        if out := came_out(other, city):
            hidden = _once(_hidden, (out[-1].event_hash, city.digest), partial(_hidden_by, other, city, out[-1]))
            found |= hidden
    return frozenset(found)


def _hidden_by(round_: Round, city: City, out: CameOut) -> frozenset[publishing.Place]:
    waits = publishing.waiting(out.edition.rows, sorted(_levels(layout_of(round_, city))))
    return frozenset(
        (total.area_id, total.cell.field.id, total.cell.part_id)
        for total in _wanted(round_, city, context.totals(round_, city, upto=out.sequence))
        if total.steps is not None
        and total.area_id not in waits
        and (total.area_id, total.cell.key) not in out.edition.shown
    )


def _wanted(round_: Round, city: City, totals: Totals) -> tuple[Total, ...]:
    levels = _levels(layout_of(round_, city))
    return tuple(total for total in totals.all if total.level in levels and _is_figure(total))


def _levels(laid: Layout) -> set[int]:
    return {at for at, level in enumerate(laid.form.levels) if level.id in laid.form.published.levels}


def _levels_of(totals: Totals, before: Iterable[Edition]) -> set[int]:
    """The levels of which something is out: a form may have published others than it does now."""
    level = {total.area_id: total.level for total in totals.all}
    return {level[area] for one in before for area, _ in one.shown if area in level}


def _inexact(round_: Round, laid: Layout, rows: pl.DataFrame) -> list[str]:
    """The cells of fields that some return gave a figure of which the form's units or places of today cannot say: their
    totals are of other figures than those that were sent."""
    if round_.layout_digest == laid.digest:
        return []
    now = converted(round_, laid, rows)
    lost = {cell.field.id for cell in laid.numbers
            if cell.key in rows.columns and now[cell.key].null_count() > rows[cell.key].null_count()}  # fmt: skip
    return [cell.key for cell in laid.numbers if cell.field.id in lost and cell.key in rows.columns]


def _published(round_: Round, city: City, sequence: int, before: Iterable[Edition]) -> _Places:
    """Where figures of the round stood in the ledger after an event that are of the returns as they then were: not left
    from an older edition."""
    totals = context.totals(round_, city, upto=sequence)
    older = frozenset(place for one in before for place in one.shown)
    return frozenset(
        place for place, steps in _figures(round_, layout_of(round_, city), sequence).items()
        if place not in older or (place in totals.by and totals.by[place].steps == steps)
    )  # fmt: skip


def _figures(round_: Round, laid: Layout, sequence: int) -> Mapping[tuple[str, str], int | None]:
    """The figures of the round that stood in the ledger after an event, by area and cell, in steps of the unit that the
    form has today, halves rounded as totals are; None where that measures something else."""
    period, found = Period.parse(round_.period), {}
    cells = {(cell.field.indicator_id, cell.part_id, str(column_period(period, cell.column))): cell
             for cell in laid.numbers}  # fmt: skip
    rows = store.after_event(Observation, sequence).filter(round_key=round_.key, state=Standing.ACTIVE)
    names = ("area_id", "indicator_id", "cluster_id", "period", "value_text", "unit")
    for area_id, indicator_id, part_id, when, text, printed in rows.values_list(*names):
        cell = cells.get((indicator_id, part_id, when))
        if cell is not None:
            unit, now = Unit.parse(printed), Unit.parse(cell.unit)
            exact = Fraction(Decimal(text)) * unit.factor / now.factor * 10**cell.digits
            found[area_id, cell.key] = rounded(exact) if unit.measures_like(now) else None
    return found


def _is_figure(total: Total) -> bool:
    """Whether the total is one of an indicator, of this year, as a whole or of a cluster."""
    field = total.cell.field
    by = field.breakdown.by if field.breakdown and total.cell.part_id else "cluster"
    return bool(field.indicator_id) and total.cell.column in ("current", "year_to_date") and by == "cluster"
