"""Whether a promise is being kept, on any day, from the figures known that day.

What each measure compares:

========== ==============================================================================================
level      stocks at the end of a period, flows of whole years, rates of whole years (part-years: pace only)
increment  yearly flows added since the plan's first year, or the stock less the stock on the plan's eve
cumulative published running totals; yearly flows added where only those exist
annual     每年: every year of the plan; 年均: the mean of its years; else the deadline's year
growth     年均: geometric mean of all the plan's years; 每年: every year; else the deadline's year alone
share      as level; percentages are never added
rank       as level, smaller is better, and there is no path: places lie on no line
========== ==============================================================================================

The path is a straight line in months from the stated base (else the last figure published before the plan, and the
result says so) to the goal; without either there is none. A figure is held against the path on its own last day, not
on the day asked. After the deadline only the figure of the due day decides: a later one neither keeps nor breaks the
promise. A floor (超过1.57万家, or part of a year's flow) proves reaching, never falling short.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from jiqun.assessment import words
from jiqun.assessment.cases import Ground, Prepared, lay_ground, prepare, times_base
from jiqun.assessment.pace import Case, expected_on, has_way, path_points
from jiqun.assessment.promises import Datum, Light, PaceRules, Progress, Promise, Reading
from jiqun.assessment.series import choose
from jiqun.assessment.verdicts import Verdict, judge
from jiqun.assessment.yearly import prepare_each_year
from jiqun.model.claims import Measure
from jiqun.model.units import Unit


def assess(promise: Promise, data: Iterable[Datum], on: date, rules: PaceRules) -> Progress:
    """The light of `promise` on the day `on`, with its reason and all it rests on.

    Args:
        data: figures of its indicator, area and cluster, in any order; what was not known by `on` is passed over.
        rules: the city's thresholds as of `on`.
    """
    known = [datum for datum in data if datum.known_on <= on]
    if not known:
        reason = f"截至{on:%Y-%m-%d}没有公布数，目标（{words.bound(promise)}）无从判断。"
        return _unjudged(promise, on, rules, Verdict(Light.NO_DATA, reason, None, ("公布数",)))
    is_times = Unit.parse(promise.unit).bare == "倍" and all(Unit.parse(one.unit).bare != "倍" for one in known)
    said = replace(promise, unit=_unit_of_base(promise, known)) if is_times else promise
    if is_times:
        said = replace(said, base_unit=said.unit)
    series = choose(said, known, on)
    if not series.taken:
        reason = f"{'；'.join(series.refusals)}。"
        return _unjudged(promise, on, rules, Verdict(Light.NOT_COMPARABLE, reason, None, ("同口径的公布数",)))
    ground = lay_ground(said, series, on, rules)
    if is_times:
        scaled = times_base(ground)
        if isinstance(scaled, Verdict):
            return _unjudged(promise, on, rules, scaled)
        ground = scaled
    return _assemble(ground, _prepared(ground))


def _unjudged(promise: Promise, on: date, rules: PaceRules, verdict: Verdict) -> Progress:
    return Progress(
        verdict.light, verdict.reason, on, promise.goal, promise.unit, promise=promise, band=promise.band(rules),
        missing=verdict.missing,
    )  # fmt: skip


def _unit_of_base(promise: Promise, known: list[Datum]) -> str:
    return promise.base_unit or min(known, key=lambda one: (not one.is_preferred, one.period)).unit


def _prepared(ground: Ground) -> Prepared:
    promise = ground.promise
    default = {Measure.ANNUAL: Reading.EACH_YEAR, Measure.GROWTH: Reading.DEADLINE_YEAR}.get(promise.measure)
    reading = promise.reading or default
    ground = replace(ground, promise=replace(promise, reading=reading))
    return prepare_each_year(ground) if reading is Reading.EACH_YEAR and default else prepare(ground)


def _assemble(ground: Ground, prepared: Prepared) -> Progress:
    case, series, promise = prepared.case, ground.series, ground.promise
    verdict = prepared.verdict or judge(case)
    standing = verdict.standing
    value = standing.low if standing else None
    base = case.base
    used = [one.datum.key for one in standing.taken] if standing else []
    if base is not None and base.key is not None and standing is not None:
        used.append(base.key)
    told = {one.period for one in series.taken if one.datum.key in used}
    notes = [*prepared.notes, *(said for period, said in series.disagreements if period in told)]
    notes += [f"{refusal}，未采用。" for refusal in series.refusals]
    if base is not None and not base.is_stated:
        notes.append(f"{base.words}。")
    return Progress(
        light=verdict.light,
        reason=verdict.reason,
        on=case.on,
        goal=promise.goal,
        unit=promise.unit,
        latest=standing.taken[-1].datum if standing else series.taken[-1].datum,
        value=value,
        reached_on=standing.at if standing else None,
        expected_then=expected_on(case, standing.at) if standing else None,
        expected_now=expected_on(case, case.on),
        way=_way(case, value),
        completion=_completion(case, value),
        promise=promise,
        band=promise.band(case.rules),
        base=base,
        path=path_points(case),
        points=tuple(point for point in prepared.points if point.on >= ground.oldest),
        used=tuple(dict.fromkeys(used)),
        missing=tuple(dict.fromkeys((*verdict.missing, *prepared.missing, *_no_base(case)))),
        notes=tuple(dict.fromkeys(notes)),
    )


def _way(case: Case, value: Decimal | None) -> Decimal | None:
    if value is None or case.base is None or not has_way(case):
        return None
    return (value - case.base.value) / (case.promise.goal - case.base.value)


def _completion(case: Case, value: Decimal | None) -> Decimal | None:
    promise = case.promise
    if value is None or promise.goal <= 0 or promise.is_ceiling or promise.measure is Measure.GROWTH:
        return None
    return value / promise.goal


def _no_base(case: Case) -> tuple[str, ...]:
    """The base is missed where a path would be drawn from it."""
    has_path = not case.is_flat and case.due is not None and case.promise.measure is not Measure.RANK
    return ("基期数",) if has_path and case.base is None and not case.is_over else ()
