"""Promises that hold in each year of the plan (每年新增20项): one broken year is a broken promise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from jiqun.assessment import words
from jiqun.assessment.cases import Ground, Prepared, plan_years, standing_of
from jiqun.assessment.pace import Standing, data_points, is_kept, light_for
from jiqun.assessment.promises import Light, Promise
from jiqun.assessment.series import Taken
from jiqun.assessment.verdicts import Verdict


@dataclass(frozen=True)
class _Years:
    """The years of the plan sorted by what their figures prove."""

    kept: tuple[int, ...]
    broken: tuple[int, ...]
    unproved: tuple[int, ...]  # a floor or part of the year that does not yet reach the number
    missing: tuple[int, ...]  # past years without any figure
    standings: tuple[Standing, ...]


def prepare_each_year(ground: Ground) -> Prepared:
    """The case and verdict of a promise for each year, from the plan's first year (else the deadline's alone)."""
    promise = ground.promise
    notes = ground.notes
    if ground.start is None:
        if promise.deadline is None:
            verdict = Verdict(Light.NO_DATA, "文件没有起始年份和期限，不知应看哪些年。", None, ("规划起始年", "期限"))
            return Prepared(ground.case((), None), data_points(ground.series.taken), notes, (), verdict)
        ground = Ground(promise, ground.series, ground.on, ground.rules, date(promise.deadline.year, 1, 1))
        notes = (*notes, "文件没有起始年份，只看到期一年。")
    years = _sort(ground)
    due = date(promise.deadline.year, 12, 31) if promise.deadline else None
    case = ground.case(years.standings, due, is_flat=True)
    missing = tuple(f"{year}年全年数" for year in (*years.unproved, *years.missing))
    return Prepared(case, data_points(ground.series.taken), notes, missing, _verdict(ground, years))


def _sort(ground: Ground) -> _Years:
    full = ground.series.full_years()
    kept: list[int] = []
    broken: list[int] = []
    unproved: list[int] = []
    missing: list[int] = []
    standings: list[Standing] = []
    for year in plan_years(ground):
        one = full.get(year) or _furthest(ground, year)
        if one is None:
            if year < ground.on.year:
                missing.append(year)
            continue
        standing = standing_of(one, ground.promise, is_floor=not one.is_full_year)
        held = is_kept(ground.promise, ground.rules, standing.low, standing.high)
        (kept if held else unproved if held is None else broken).append(year)
        if one.is_full_year or held is not None:
            standings.append(standing)
    return _Years(tuple(kept), tuple(broken), tuple(unproved), tuple(missing), tuple(standings))


def _furthest(ground: Ground, year: int) -> Taken | None:
    """The part-year total of a flow that reaches furthest into the year; rates of part-years prove nothing."""
    if ground.promise.time_kind == "rate":
        return None
    parts = [one for one in ground.series.taken if one.period.year == year and one.period.first == 1 and one.value >= 0]
    return max(parts, key=lambda one: one.period.last, default=None)


def _verdict(ground: Ground, years: _Years) -> Verdict:
    promise, goal = ground.promise, words.bound(ground.promise)
    last = years.standings[-1] if years.standings else None
    said = _said(years, promise)
    over = promise.deadline is not None and ground.on > promise.deadline
    open_years = (*years.unproved, *years.missing)
    if over and years.broken:
        return Verdict(Light.OVERDUE, f"每年应{goal}：{said}，已到期。", last)
    if over and open_years:
        lacking = words.years(sorted(open_years))
        return Verdict(Light.NO_DATA, f"每年应{goal}：{said}，缺{lacking}的确数，不能断定年年做到。", last)
    if years.kept and not years.broken and not open_years and promise.deadline is not None \
            and years.kept[-1] == promise.deadline.year:  # fmt: skip
        return Verdict(Light.MET, f"每年应{goal}：{said}，年年做到。", last)
    if not (years.kept or years.broken):
        if ground.start is not None and ground.on.year <= ground.start.year:
            return Verdict(Light.EARLY, f"每年应{goal}，首个年度数尚未公布。", last)
        return Verdict(Light.NO_DATA, f"每年应{goal}，规划期内没有可用的全年数。", last)
    light = light_for(ground.rules, _shortfall_pct(ground, years))
    return Verdict(light, f"每年应{goal}：{said}。", last)


def _said(years: _Years, promise: Promise) -> str:
    parts = []
    if years.kept:
        parts.append(f"{words.years(years.kept)}做到")
    for standing in years.standings:
        if standing.at.year in years.broken:
            parts.append(f"{standing.said}，差{words.distance(abs(promise.goal - standing.low), promise)}")
    if years.missing:
        parts.append(f"{words.years(years.missing)}无数")
    return "；".join(parts) or "尚无一年可判"


def _shortfall_pct(ground: Ground, years: _Years) -> Fraction:
    """What broken years fell short by, in percent of what all judged years promised together."""
    goal = ground.promise.goal
    short = sum((abs(goal - one.low) for one in years.standings if one.at.year in years.broken), Decimal(0))
    promised = abs(goal) * (len(years.kept) + len(years.broken))
    if promised == 0:
        return Fraction(100 if short else 0)
    return Fraction(short) / Fraction(promised) * 100
