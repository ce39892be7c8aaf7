"""What the board says of the layout in force: which it is, what was before it, how far every plan is from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from jiqun.industry.layout import Adopted, Examination, Problem, words
from jiqun.industry.layout.judging import Plan
from jiqun.ledger.models import AdoptedLayout
from jiqun.packs.schema.layouts import Layout
from jiqun.reports.layout_adopted import Adoption, history, named, spots_of
from jiqun.reports.versions import in_force
from jiqun.reports.view import View


@dataclass(frozen=True, slots=True)
class Departure:
    """In which pairs a plan differs from the layout in force."""

    label: str
    points: str
    enters: tuple[str, ...]
    leaves: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """`version` is of the last adoption, 0 where there was none; `plan`: the pairs shown, as a form sends them back,
    "" where they cannot be adopted from this page."""

    in_force: Adoption | None
    history: tuple[Adoption, ...]
    departures: tuple[Departure, ...]
    version: int
    plan: str


def adopted_on(layout_id: str, on: date) -> Adopted | None:
    """The layout in force on the day, as a problem takes it."""
    row = in_force(AdoptedLayout, layout_id, on)
    return None if row is None else Adopted(spots_of(row), row.known_on)


def standing(view: View, layout: Layout, found: Examination, plan: Plan | None) -> Standing:
    """`plan` is the one shown, None where it is today's layout; one can be adopted from a page of today only."""
    told = history(view, layout.id)
    holds = next((one for one in told if one.is_in_force), None)
    return Standing(
        in_force=holds,
        history=told,
        departures=_departures(view, found) if holds is not None else (),
        version=max((one.version for one in told), default=0),
        plan=" ".join(map(":".join, _spots(found.problem, plan.chosen.nonzero()[0]))) if plan and view.is_today else "",
    )


def _departures(view: View, found: Examination) -> tuple[Departure, ...]:
    today, rows = found.problem.today, []
    for at, one in enumerate(found.plans, start=1):
        assert one.plan is not None
        enters, leaves = (
            named(view, _spots(found.problem, moved.nonzero()[0]))
            for moved in (one.plan.chosen & ~today, today & ~one.plan.chosen)
        )
        rows.append(Departure(f"方案{at}", words.number(one.plan.points), enters, leaves))
    return tuple(rows)


def _spots(problem: Problem, pairs: Iterable[int]) -> list[tuple[str, str]]:
    return [(cluster.id, area.id) for cluster, area in map(problem.parties, pairs)]
