"""The layout board: clusters × districts today and as proposed, the proof or the clash, and what a person tries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from threading import BoundedSemaphore

from jiqun.industry.layout import Examination, Problem, Trial, examine, words
from jiqun.industry.layout.building import taking_part
from jiqun.industry.layout.judging import Plan
from jiqun.industry.layout.problem import HUNDREDTHS, Grounds, Party, Rule, Shape
from jiqun.model.errors import Conflict, NotFound
from jiqun.packs.schema.layouts import Layout
from jiqun.reports import layout_trial
from jiqun.reports.kept import kept
from jiqun.reports.layout_clauses import (
    Basis,
    ClashRow,
    Dial,
    ExemptionRow,
    Way,
    basis,
    bound_dials,
    clash_row,
    exemption_rows,
    other_rules,
    ways,
    weight_dials,
)
from jiqun.reports.layout_firms import measures
from jiqun.reports.layout_points import TermRow, terms
from jiqun.reports.layout_standing import Standing, adopted_on, standing
from jiqun.reports.layout_trial import Asked, Read
from jiqun.reports.layout_zones import ZoneRow, zone_rows
from jiqun.reports.view import Ref, View

SECONDS = 8.0  # a page answers by then, with the gap where nothing is proved
SENSITIVE_SECONDS = 25.0
_AT_ONCE = 2  # the server has eight threads, and other pages want them
_PATIENCE = 3.0  # seconds in line before the reader is told to come back
_turns = BoundedSemaphore(_AT_ONCE)
TODAY = "today"
_STANDING = {
    (True, True): "保留", (True, False): "新增", (False, True): "今天有，方案里退出", (False, False): "不布局",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LayoutRow:
    ref: Ref
    clusters: int
    areas: int
    catalogue: str
    is_in_force: bool
    basis: Basis


@dataclass(frozen=True, slots=True)
class LayoutsPage:
    rows: tuple[LayoutRow, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One pair: `state` fixed, forbidden or ""; `points` by the criteria, `is_unknown` where one stands in."""

    spot: str
    state: str
    is_own: bool
    standing: str  # kept, new, left, placed (nothing is known of today) or ""
    points: str
    is_unknown: bool
    said: str  # all of it in words


@dataclass(frozen=True, slots=True)
class Side:
    """A cluster's or an area's own summary under the plan shown."""

    party: Party
    count: int
    names: tuple[str, ...]
    enters: tuple[str, ...]
    leaves: tuple[str, ...]
    points: str


@dataclass(frozen=True, slots=True)
class BoardRow:
    side: Side
    is_first_of_group: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Tab:
    """A plan to look at; `name` is its parameter."""

    name: str
    label: str
    points: str
    said: str
    is_here: bool
    differs: int  # pairs that differ from the best plan
    broken: int = 0  # rows of rules that it does not keep
    number: int = 0  # of a plan that was found, the best is 1; 0 what stands


@dataclass(frozen=True)
class BoardPage:
    """`rows` and sides are of the plan shown, or of today's layout; empty where neither is known."""

    layout: Layout
    ref: Ref
    basis: Basis
    is_in_force: bool  # its catalogue, on the page's day
    found: Examination
    read: Read
    query: str
    proof: str
    window: str
    tabs: tuple[Tab, ...]
    shown: str
    areas: tuple[Side, ...]
    rows: tuple[BoardRow, ...]
    terms: tuple[TermRow, ...]
    total: str
    total_today: str
    clashes: tuple[ClashRow, ...]
    remedies: tuple[str, ...]
    ways: tuple[Way, ...]
    exemptions: tuple[ExemptionRow, ...]
    bounds: tuple[Dial, ...]
    weights: tuple[Dial, ...]
    broken_today: tuple[str, ...]
    rests_on: tuple[str, ...]
    is_rest_complete: bool
    others: tuple[tuple[str, Basis], ...]  # rules that are no dials
    spots: tuple[tuple[str, str], ...]
    zones: tuple[ZoneRow, ...]
    standing: Standing

    @property
    def is_trial(self) -> bool:
        return not self.read.trial.is_empty


def layouts(view: View) -> LayoutsPage:
    """Every layout problem of the folder."""
    rows = []
    for layout in view.city.layouts.values():
        catalogue = next(one for one in view.city.catalogues if one.id == layout.catalogue_id)
        clusters, ref = taking_part(view.city, layout), Ref(layout.id, layout.name, layout.name_en)
        rows.append(
            LayoutRow(
                ref, len(clusters), len(layout.area_ids), catalogue.name, _is_in_force(view, layout),
                _said(view, layout),
            )
        )  # fmt: skip
    return LayoutsPage(tuple(rows))


def board(view: View, key: str, asked: Asked, registers: Path) -> BoardPage:
    """The board of a layout with what an address tries; solved within `SECONDS`, longer where asked why.

    Measured scores come from the register of firms below `registers`. Raises NotFound for no such layout, Conflict
    while too many others are being solved.
    """
    layout = layout_of(view, key)
    read = layout_trial.read(layout, asked)
    is_sensitive = bool(read.typed.get("why"))
    query = layout_trial.address(read.trial)
    name = f"layout {key} {is_sensitive} {query}"
    found = kept(view, name, lambda: _examined(view, layout, read.trial, registers, is_sensitive=is_sensitive))
    shown, plan = _shown(found, read.typed.get("plan", ""))
    conflict, rests = found.conflict, found.sensitivity
    effects = (*map(words.weight_words, rests.weights), *map(words.bound_words, rests.bounds)) if rests else ()
    return BoardPage(
        layout=layout,
        ref=Ref(layout.id, layout.name, layout.name_en),
        basis=_said(view, layout),
        is_in_force=_is_in_force(view, layout),
        found=found,
        read=read,
        query=query,
        proof=words.proof_words(found.solutions[0]),
        window=_window(found),
        tabs=_tabs(found, shown),
        shown=shown,
        areas=_area_sides(found.problem, plan),
        rows=_rows(view, layout, read, found.problem, plan),
        terms=terms(view, found, plan),
        total=words.number(plan.points) if plan else "",
        total_today=words.number(found.today.points) if found.today else "",
        clashes=tuple(clash_row(view, clash) for clash in conflict.clashes) if conflict else (),
        remedies=tuple(words.remedy_words(one) for one in conflict.remedies) if conflict else (),
        ways=ways(read, conflict) if conflict else (),
        exemptions=exemption_rows(view, found),
        bounds=bound_dials(view, layout, read),
        weights=weight_dials(found.problem, read),
        broken_today=tuple(words.breach_words(one) for one in found.broken_today),
        rests_on=effects,
        is_rest_complete=rests is None or rests.is_complete,
        others=other_rules(view, found.problem),
        spots=tuple(layout_trial.spots_of(read.trial)),
        zones=zone_rows(view, layout, found.problem, plan),
        standing=standing(view, layout, found, None if shown == TODAY else plan),
    )


def layout_of(view: View, key: str) -> Layout:
    if key not in view.city.layouts:
        raise NotFound(f"没有布局问题“{key}”")
    return view.city.layouts[key]


def _is_in_force(view: View, layout: Layout) -> bool:
    catalogue = next(one for one in view.city.catalogues if one.id == layout.catalogue_id)
    return catalogue.effective_from is None or catalogue.effective_from <= view.on


def _said(view: View, layout: Layout) -> Basis:
    return basis(view, Grounds(layout.words, layout.article, layout.source, note=layout.area_note))


def _examined(view: View, layout: Layout, trial: Trial, registers: Path, *, is_sensitive: bool) -> Examination:
    """Solved while few others are: a page that waits holds one of the server's few threads."""
    if not _turns.acquire(timeout=_PATIENCE):
        raise Conflict("正在为别人求解，请稍后刷新本页")
    try:
        told = kept(view, f"layout firms {layout.id}", lambda: measures(registers, view.city, layout, view.on))
        seconds = SENSITIVE_SECONDS if is_sensitive else SECONDS
        found = examine(
            view.city, layout, view.on, trial=trial, measured=told.figures, adopted=adopted_on(layout.id, view.on),
            seconds=seconds, is_sensitive=is_sensitive,
        )  # fmt: skip
    finally:
        _turns.release()
    return told.told_in(found)


# --- what is shown


def _shown(found: Examination, wanted: str) -> tuple[str, Plan | None]:
    """The plan asked for; else the best, else today's layout."""
    plans = {str(at): one.plan for at, one in enumerate(found.plans, start=1)}
    if wanted == TODAY and found.today is not None:
        return TODAY, found.today
    if wanted in plans or plans:
        name = wanted if wanted in plans else "1"
        return name, plans[name]
    return (TODAY, found.today) if found.today is not None else ("", None)


def _tabs(found: Examination, shown: str) -> tuple[Tab, ...]:
    tabs = []
    best = found.plans[0].plan if found.plans else None
    if found.today is not None:
        differs = int((found.today.chosen ^ best.chosen).sum()) if best else 0
        points, broken = words.number(found.today.points), len(found.broken_today)
        label = "今天" if found.problem.adopted_on is None else "已采用"
        tabs.append(Tab(TODAY, label, points, "", shown == TODAY, differs, broken))
    for at, one in enumerate(found.plans, start=1):
        assert one.plan is not None and best is not None
        differs = int((one.plan.chosen ^ best.chosen).sum())
        points, said = words.number(one.plan.points), words.proof_words(one)
        tabs.append(Tab(str(at), f"方案{at}", points, said, shown == str(at), differs, number=at))
    return tuple(tabs)


def _window(found: Examination) -> str:
    if found.window is None:
        return ""
    least, most = found.window
    return (
        f"合乎全部规定的排法，落位总数在 {least} 至 {most} 个之间。"
        if least != most
        else f"落位总数只能是 {least} 个。"
    )


def _rows(view: View, layout: Layout, read: Read, problem: Problem, plan: Plan | None) -> tuple[BoardRow, ...]:
    fit = [term for term in problem.terms if term.unknown is not None]
    reasons = {int(rule.rows[0].pairs[0]): rule for rule in problem.rules if rule.is_pair}
    rows, group = [], None
    for at, cluster in enumerate(problem.clusters):
        cells = []
        for column, area in enumerate(problem.areas):
            pair = problem.pair(at, column)
            spot = (cluster.id, area.id)
            state = layout_trial.state(layout, read.trial, spot)
            is_own = spot in read.trial.fixed | read.trial.forbidden | read.trial.freed
            points = sum((term.weight * int(term.values[pair]) for term in fit), Fraction(0)) / HUNDREDTHS
            is_unknown = any(bool(term.unknown[pair]) for term in fit if term.unknown is not None)
            is_chosen = plan is not None and bool(plan.chosen[pair])
            said = _cell_words(view, problem, pair, reasons.get(pair), is_chosen=is_chosen)
            cells.append(
                Cell(
                    f"{cluster.id}:{area.id}", state, is_own, _standing(problem, pair, is_chosen=is_chosen),
                    words.number(points, 1), is_unknown, said,
                )
            )  # fmt: skip
        pairs = range(problem.pair(at, 0), problem.pair(at, 0) + len(problem.areas))
        side = _side(problem, plan, cluster, pairs, [area.name for area in problem.areas])
        rows.append(BoardRow(side, cluster.group != group, tuple(cells)))
        group = cluster.group
    return tuple(rows)


def _standing(problem: Problem, pair: int, *, is_chosen: bool) -> str:
    if not problem.today.any():
        return "placed" if is_chosen else ""
    if problem.today[pair]:
        return "kept" if is_chosen else "left"
    return "new" if is_chosen else ""


def _cell_words(view: View, problem: Problem, pair: int, rule: Rule | None, *, is_chosen: bool) -> str:
    """A cell read aloud: whose, in the plan or not, today or not, settled why."""
    cluster, area = problem.parties(pair)
    told = [f"{cluster.name}·{area.name}"]
    is_today = bool(problem.today[pair])
    told.append(
        _STANDING[is_chosen, is_today] if problem.today.any() else ("布局" if is_chosen else "不布局")
    )  # fmt: skip
    if rule is not None:
        why = rule.grounds.words
        told.append(
            ("已定" if rule.is_least else "不放") + (f"（{why}）" if why else "（试排）" if rule.is_own else "")
        )
    for seat in problem.seats.get(pair, ()):
        source = view.city.sources.get(seat.source or "")
        told.append(f"{'今天' if is_today else '现有基础'}：{seat.words}" + (f"，{source.title}" if source else ""))
    return "；".join(told)


def _area_sides(problem: Problem, plan: Plan | None) -> tuple[Side, ...]:
    names = [cluster.name for cluster in problem.clusters]
    return tuple(
        _side(problem, plan, area, range(at, problem.size, len(problem.areas)), names)
        for at, area in enumerate(problem.areas)
    )


def _side(problem: Problem, plan: Plan | None, party: Party, pairs: range, names: Sequence[str]) -> Side:
    if plan is None:
        return Side(party, 0, (), (), (), "")
    chosen = [bool(plan.chosen[pair]) for pair in pairs]
    today = [bool(problem.today[pair]) for pair in pairs]
    sums = [term for term in problem.terms if term.shape is Shape.SUM and term.unknown is not None]
    points = sum(
        (term.weight * int(term.values[pair]) for term in sums for pair in pairs if plan.chosen[pair]), Fraction(0)
    )
    has_today = bool(problem.today.any())
    both = list(zip(names, chosen, today, strict=True))
    return Side(
        party, sum(chosen), tuple(name for name, is_in, _ in both if is_in),
        tuple(name for name, is_in, was in both if is_in and not was and has_today),
        tuple(name for name, is_in, was in both if was and not is_in), words.number(points / HUNDREDTHS),
    )  # fmt: skip
