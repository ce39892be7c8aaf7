"""When rounds open, are due and lock: calendar days counted from the end of their period."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from jiqun.model.periods import Period
from jiqun.packs.schema.forms import Form

_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}


@dataclass(frozen=True, slots=True)
class Dates:
    """The days of one round; each is the first or last day in the city's own time. `due_on` itself is in time."""

    opens_on: date
    due_on: date
    locks_on: date


def dates(form: Form, period: Period) -> Dates:
    """The days of the form's round of a period. Raises ValueError for a period the form has no round of."""
    if not has_round(form, period):
        raise ValueError(f"{form.id} has no round of {period}")
    times = form.schedule
    opens, due, locks = (period.end + timedelta(days=days) for days in (times.opens, times.due, times.locks))
    return Dates(opens, due, locks)


def has_round(form: Form, period: Period) -> bool:
    """Whether the form's calendar holds a round of the period."""
    months = _MONTHS[form.grain]
    is_grain = period.last - period.first + 1 == months and period.last % months == 0
    return is_grain and period.last // months not in form.schedule.without


def periods_open_on(form: Form, day: date) -> tuple[Period, ...]:
    """The periods whose rounds are open on a day, the earliest first: from the opening day until the day of locking."""
    found = [period for period in _around(form, day) if has_round(form, period)]
    return tuple(p for p in found if (d := dates(form, p)).opens_on <= day < d.locks_on)


def _around(form: Form, day: date) -> Iterator[Period]:
    """Every period of the form's grain that could be open on the day."""
    times, months = form.schedule, _MONTHS[form.grain]
    first = day - timedelta(days=times.locks + 31 * months)
    last = day - timedelta(days=min(times.opens, 0)) + timedelta(days=31 * months)
    for year in range(first.year, last.year + 1):
        for end in range(months, 13, months):
            yield Period(year, end - months + 1, end)


def periods_between(form: Form, first: Period, last: Period) -> tuple[Period, ...]:
    """The periods that the form has a round of, from the first to the last, the earliest first."""
    months = _MONTHS[form.grain]
    every = (
        Period(year, end - months + 1, end)
        for year in range(first.year, last.year + 1)
        for end in range(months, 13, months)
    )
    return tuple(each for each in every if first.end <= each.end <= last.end and has_round(form, each))


def period_before(form: Form, period: Period) -> Period | None:
    """The last period before this one that the form has a round of; None when its calendar has no other at all."""
    months, found = _MONTHS[form.grain], period
    for _ in range(24):
        last = found.first - 1
        found = Period(found.year, last - months + 1, last) if last else Period(found.year - 1, 13 - months, 12)
        if has_round(form, found):
            return found
    return None


def year_ago(period: Period) -> Period:
    """The same months of the year before."""
    return Period(period.year - 1, period.first, period.last)
