"""The pages of targets: the list with its filters, and one target with everything it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from jiqun.assessment.promises import Light
from jiqun.reports.kept import kept
from jiqun.reports.paging import Paging, cut
from jiqun.reports.register import LATE, LightCount, TargetRow, count_lights, register
from jiqun.reports.view import Ref, View

PAGE = 50


@dataclass(frozen=True)
class TargetFilter:
    """Which targets the list shows; "" leaves a field open. `light` may be `late`: every light that is behind."""

    q: str = ""
    indicator: str = ""
    area: str = ""
    cluster: str = ""
    body: str = ""
    light: str = ""
    document: str = ""
    measure: str = ""
    due: str = ""
    sort: str = "severity"


@dataclass(frozen=True, slots=True)
class Option:
    """A value that a filter can take, with how many targets it would leave."""

    value: str
    label: str
    count: int


@dataclass(frozen=True)
class Targets:
    """A page of the list; `options` are by filter name, counted over all targets of the day."""

    rows: tuple[TargetRow, ...]
    paging: Paging
    filter: TargetFilter
    lights: tuple[LightCount, ...]
    options: dict[str, tuple[Option, ...]]


DUE = {"overdue": "已到期", "year": "一年内到期", "later": "一年以后到期", "none": "无期限"}

_SORTS: dict[str, Callable[[TargetRow], Any]] = {
    "severity": lambda row: row.severity,
    "deadline": lambda row: row.deadline or date.max,
    "-deadline": lambda row: -(row.deadline or date.min).toordinal(),
    "indicator": lambda row: row.indicator.name,
    "lead": lambda row: (row.lead is None, row.lead.name if row.lead else ""),
    "completion": lambda row: _number(row, 1e9),
    "-completion": lambda row: -_number(row, -1e9),
}


def targets(view: View, wanted: TargetFilter, page: int = 1) -> Targets:
    """A page of the targets that fit, in the order asked for; parts of a split stand only in their whole."""
    book = register(view)
    fitting = all_fitting(view, wanted)
    by_any_light = fitting if not wanted.light else all_fitting(view, replace(wanted, light=""))
    shown, paging = cut(fitting, page, PAGE)
    offered = kept(view, "options", lambda: options(book.wholes, view.on))
    return Targets(tuple(shown), paging, wanted, count_lights(by_any_light), offered)


def all_fitting(view: View, wanted: TargetFilter) -> list[TargetRow]:
    """Every target that fits, in the order asked for: for a page of the list, a workbook, a count."""
    bodies = view.covering(wanted.body) if wanted.body else frozenset()
    return ordered([row for row in register(view).wholes if fits(row, wanted, view, bodies)], wanted.sort)


def ordered(rows: Iterable[TargetRow], sort: str) -> list[TargetRow]:
    return sorted(rows, key=_SORTS.get(sort, _SORTS["severity"]))


def fits(row: TargetRow, wanted: TargetFilter, view: View, bodies: frozenset[str]) -> bool:
    """Whether the filter leaves the row; `bodies` are those that the body asked for answers as."""
    light = row.judged.light
    return (
        (not wanted.light or (light in LATE if wanted.light == "late" else light == wanted.light))
        and (not wanted.indicator or row.indicator.id == wanted.indicator)
        and (not wanted.area or (row.area is not None and row.area.id == wanted.area))
        and (not wanted.cluster or (row.cluster is not None and row.cluster.id == wanted.cluster))
        and (not wanted.measure or row.measure == wanted.measure)
        and (not wanted.document or (row.document is not None and row.document.digest == wanted.document))
        and (not wanted.body or any(body.id in bodies for body in (*row.answering, *row.bodies)))
        and (not wanted.due or due_class(row.deadline, view.on) == wanted.due)
        and (not wanted.q or wanted.q in row.sentence or wanted.q in row.indicator.name)
    )


def due_class(deadline: date | None, on: date) -> str:
    if deadline is None:
        return "none"
    if deadline < on:
        return "overdue"
    return "year" if deadline <= on + timedelta(days=366) else "later"


def options(rows: Sequence[TargetRow], on: date) -> dict[str, tuple[Option, ...]]:
    """What each filter offers: only values that occur, most frequent first."""
    tally: dict[str, dict[str, list[Any]]] = {
        name: {} for name in ("indicator", "area", "cluster", "body", "document", "measure", "due")
    }

    def add(name: str, value: str, label: str) -> None:
        tally[name].setdefault(value, [label, 0])[1] += 1

    for row in rows:
        add("indicator", row.indicator.id, row.indicator.name)
        add("measure", row.measure, row.measure_label)
        due = due_class(row.deadline, on)
        add("due", due, DUE[due])
        for name, ref in (("area", row.area), ("cluster", row.cluster)):
            if ref is not None:
                add(name, ref.id, ref.name)
        for body in row.answering:
            add("body", body.id, body.name)
        if row.document is not None:
            add("document", row.document.digest, row.document.title)
    return {
        name: tuple(sorted((Option(v, label, n) for v, (label, n) in found.items()), key=lambda o: (-o.count, o.label)))
        for name, found in tally.items()
    }


def behind(rows: Iterable[TargetRow]) -> list[TargetRow]:
    """The targets that are late in any way, the worst first."""
    return sorted((row for row in rows if row.judged.light in LATE), key=lambda row: row.severity)


def still_open(rows: Iterable[TargetRow], on: date) -> list[TargetRow]:
    """Targets not yet due, the nearest deadline first; what is already met is left out."""
    coming = [row for row in rows if row.deadline and row.deadline >= on and row.judged.light is not Light.MET]
    return sorted(coming, key=lambda row: row.deadline or date.max)


def refs_of(rows: Iterable[TargetRow]) -> tuple[Ref, ...]:
    return tuple({row.indicator.id: row.indicator for row in rows}.values())


def _number(row: TargetRow, otherwise: float) -> float:
    return row.judged.completion_pct if row.judged.completion_pct is not None else otherwise
