"""What each measure means by “reached so far”: the published figures of a series turned into standings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from jiqun.assessment import words
from jiqun.assessment.pace import Case, Standing, data_points, is_kept
from jiqun.assessment.promises import Base, Light, PaceRules, Point, Promise, Reading, ValueKind
from jiqun.assessment.series import Series, Taken
from jiqun.assessment.verdicts import Verdict
from jiqun.model.bounds import Bound
from jiqun.model.claims import Measure
from jiqun.model.units import Unit

_MEAN_PLACES = Decimal("1e-12")  # a root is rounded here, so that the mean of 7, 7 and 7 is 7


@dataclass(frozen=True)
class Prepared:
    """A case ready to be judged, or the verdict where it cannot be; the points of its chart; what to tell."""

    case: Case
    points: tuple[Point, ...]
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    verdict: Verdict | None = None


@dataclass(frozen=True)
class Ground:
    """What is the same for every measure: promise, figures, day, thresholds, first day of the plan."""

    promise: Promise
    series: Series
    on: date
    rules: PaceRules
    start: date | None
    notes: tuple[str, ...] = ()

    @property
    def oldest(self) -> date:
        """The first day whose figures still bear on the plan: as long before its start as the plan is long."""
        if self.start is None or self.promise.deadline is None:
            return date.min
        return self.start - (self.promise.deadline - self.start)

    def case(self, standings: tuple[Standing, ...], due: date | None, *, is_flat: bool = False) -> Case:
        return Case(self.promise, self.rules, self.on, standings, self.start, due, is_flat=is_flat)


def lay_ground(promise: Promise, series: Series, on: date, rules: PaceRules) -> Ground:
    """The ground with the plan's first day: the stated one, else New Year's Day of the year of issue, and said so."""
    if promise.start is not None or promise.issued_on is None:
        return Ground(promise, series, on, rules, promise.start)
    year = promise.issued_on.year
    return Ground(promise, series, on, rules, date(year, 1, 1), (f"文件未写起始年份，按印发的{year}年起算。",))


def prepare(ground: Ground) -> Prepared:
    """The case of a promise by its measure. Yearly promises for each year are judged elsewhere."""
    promise = ground.promise
    kind = promise.time_kind
    match promise.measure:
        case Measure.INCREMENT:
            return _increment(ground)
        case Measure.CUMULATIVE:
            labelled = _labelled(ground.series, Measure.CUMULATIVE)
            if labelled:
                return _level(replace(ground, series=replace(ground.series, taken=labelled)), "stock")
            return _sums(ground, ground.series.taken) if kind == "flow" else _level(ground, kind)
        case Measure.GROWTH if promise.reading is Reading.AVERAGE:
            return _growth_mean(ground)
        case Measure.GROWTH:
            return _growth_of_deadline_year(ground)
        case Measure.ANNUAL if promise.reading is Reading.AVERAGE:
            return _sums(ground, ground.series.taken, is_mean=True)
        case Measure.ANNUAL:
            return _level(ground, "rate" if kind == "rate" else "flow")
    return _level(ground, kind)


def times_base(ground: Ground) -> Ground | Verdict:
    """The ground with a promise in 倍 said in the base's own unit (翻一番: twice the base); needs that base."""
    promise = ground.promise
    if promise.measure not in (Measure.LEVEL, Measure.CUMULATIVE):
        return Verdict(
            Light.NOT_COMPARABLE, f"“{words.bound(promise)}”按“{promise.measure.label}”读不出是基期的几倍，请人工核定。"
        )
    base = find_base(ground, promise.time_kind)
    if base is None:
        said = f"目标是基期的{words.bound(promise)}，但文件未写基期，也没有规划开始前的公布数。"
        return Verdict(Light.NO_DATA, said, None, ("基期数",))
    bound = promise.bound
    high = None if bound.high is None else bound.high * base.value
    times = words.number(bound.value)
    note = f"目标为基期的{times}倍：{words.number(base.value)}{promise.unit}×{times}。"
    scaled = replace(promise, bound=Bound(bound.comparator, bound.value * base.value, high, bound.strict))
    return replace(ground, promise=scaled, notes=(*ground.notes, note))


def find_base(ground: Ground, kind: str) -> Base | None:
    """The stated base; else the last firm figure from before the plan, named as such; else None.

    A figure older than the plan is long is no base: the path would then have more of its road before the plan.
    """
    promise, start = ground.promise, ground.start
    if promise.base_value is not None:
        unit, own = Unit.parse(promise.base_unit or promise.unit), Unit.parse(promise.unit)
        on = promise.base_period.end if promise.base_period else start - timedelta(days=1) if start else None
        if on is None or not unit.measures_like(own):
            return None
        value = unit.convert(promise.base_value, own)
        return Base(value, on, f"文件写明的基期（{words.day_end(on)}）：{words.amount(value, promise)}", True)
    if start is None:
        return None
    for one in reversed(ground.series.taken):
        if one.period.end < ground.oldest:
            break
        if one.period.end < start and not one.is_floor and (kind == "stock" or one.is_full_year):
            said = f"以{one.period.label}公布数为基期（文件未写基期）：{words.amount(one.value, promise)}"
            return Base(one.value, one.period.end, said, False, one.datum.key)
    return None


def standing_of(one: Taken, promise: Promise, *, is_decisive: bool = True, is_floor: bool = False) -> Standing:
    high = None if one.is_floor or is_floor else one.value
    said = words.figure(one.datum, one.value, promise)
    return Standing(one.period.end, one.value, high, said, (one,), is_decisive)


def part_year_floors(ground: Ground, taken: tuple[Taken, ...]) -> Iterator[Standing]:
    """Part-year totals that already settle the promise, for years whose full figure is not out.

    A flow of some months can only grow within its year: it proves a floor reached or a ceiling broken, nothing else.
    """
    full = {one.period.year for one in taken if one.is_full_year}
    for one in taken:
        if one.is_full_year or one.period.year in full or one.value < 0:
            continue
        if is_kept(ground.promise, ground.rules, one.value, None) is not None:
            standing = standing_of(one, ground.promise, is_floor=True)
            yield replace(standing, said=f"{standing.said}（尚非全年数）")


def _level(ground: Ground, kind: str) -> Prepared:
    """Stocks at the end of any period; flows of whole years; rates of whole years, part-years for pace only."""
    promise, taken = ground.promise, ground.series.taken
    notes = list(ground.notes)
    if kind == "flow":
        standings = [standing_of(one, promise) for one in taken if one.is_full_year]
        standings += part_year_floors(ground, taken)
        if any(not one.is_full_year for one in taken):
            notes.append("年度总量只与全年数相比；不足一年的数只在已越过目标时作数。")
    elif kind == "rate":
        standings = [standing_of(one, promise, is_decisive=one.is_full_year) for one in taken]
    else:
        standings = [standing_of(one, promise) for one in taken]
    inside = [one for one in standings if ground.start is None or one.at >= ground.start]
    inside.sort(key=lambda one: one.at)
    due = _due(promise, whole_year=kind != "stock")
    case = ground.case(tuple(inside), due)
    if promise.measure is not Measure.RANK:  # places in a ranking lie on no line
        case = replace(case, base=find_base(ground, kind))
    missing = ("期限",) if due is None else ()
    return Prepared(case, data_points(taken), tuple(notes), missing)


def _due(promise: Promise, *, whole_year: bool) -> date | None:
    if promise.deadline is None:
        return None
    return date(promise.deadline.year, 12, 31) if whole_year else promise.deadline


def _increment(ground: Ground) -> Prepared:
    """Yearly flows added up since the plan's start, else the stock less the stock at the start (净增)."""
    flows = _labelled(ground.series, Measure.INCREMENT, Measure.ANNUAL)
    if ground.promise.time_kind == "flow" or flows:
        return _sums(ground, flows or ground.series.taken)
    if ground.start is None:
        return _no_start(ground)
    kind = ground.promise.time_kind
    base = _stock_at_start(ground, kind)
    due = _due(ground.promise, whole_year=kind == "rate")
    if base is None:
        said = f"新增要从规划开始时的存量算起，缺{words.day_end(ground.start - timedelta(days=1))}的公布数。"
        return Prepared(ground.case((), due), (), ground.notes, (), Verdict(Light.NO_DATA, said, None, ("基期存量",)))
    standings = []
    for one in ground.series.taken:
        if one.period.end >= ground.start:
            gain = one.value - base.value
            gained = words.distance(gain, ground.promise)
            said = f"{words.figure(one.datum, one.value, ground.promise)}，比{words.day_end(base.on)}净增{gained}"
            high = None if one.is_floor else gain
            standings.append(Standing(one.period.end, gain, high, said, (one,), kind != "rate" or one.is_full_year))
    zero = Base(Decimal(0), base.on, base.words, base.is_stated, base.key)
    case = replace(ground.case(tuple(standings), due), base=zero)
    return Prepared(case, _points(case), (*ground.notes, "按期末存量之差计，是净增，不是新认定数。"))


def _stock_at_start(ground: Ground, kind: str) -> Base | None:
    """The stock on the eve of the plan; an older one would count growth that the plan did not promise."""
    assert ground.start is not None
    base = find_base(ground, kind)
    return base if base is not None and base.on == ground.start - timedelta(days=1) else None


def _labelled(series: Series, *measures: Measure) -> tuple[Taken, ...]:
    return tuple(one for one in series.taken if one.datum.measure in measures)


def _no_start(ground: Ground) -> Prepared:
    said = "文件没有起始年份，也没有印发日期，不知从哪一年算起。"
    verdict = Verdict(Light.NO_DATA, said, None, ("规划起始年",))
    return Prepared(ground.case((), None), data_points(ground.series.taken), ground.notes, (), verdict)


def plan_years(ground: Ground) -> range:
    """The years of the plan that have begun by the day asked."""
    assert ground.start is not None
    last = ground.promise.deadline.year if ground.promise.deadline else ground.on.year
    return range(ground.start.year, min(last, ground.on.year) + 1)


def _sums(ground: Ground, taken: tuple[Taken, ...], *, is_mean: bool = False) -> Prepared:
    """Yearly figures added up (or averaged) from the plan's first year; a year without one leaves the sum a floor."""
    if ground.start is None:
        return _no_start(ground)
    promise, due = ground.promise, _due(ground.promise, whole_year=True)
    full = {one.period.year: one for one in taken if one.is_full_year}
    part = {one.period.year: one for one in taken if not one.is_full_year and one.period.first == 1 and one.value >= 0}
    standings: list[Standing] = []
    added: list[Taken] = []
    total, is_open = Decimal(0), False
    gaps: list[int] = []
    for year in plan_years(ground):
        one = full.get(year) or part.get(year)
        if year not in full:
            gaps.append(year)
        if one is None:
            is_open = True
            continue
        total += one.value
        added.append(one)
        is_open = is_open or one.is_floor or year not in full
        count = year - ground.start.year + 1
        reached = total / count if is_mean else total
        standing = Standing(one.period.end, reached, None if is_open else reached,
                            _said_sum(promise, reached, added, is_mean=is_mean, is_open=is_open), tuple(added),
                            not is_mean or (due is not None and year == due.year))  # fmt: skip
        if year in full or is_kept(promise, ground.rules, reached, None) is not None:
            standings.append(standing)
    case = ground.case(tuple(standings), due, is_flat=is_mean)
    if not is_mean:
        eve = ground.start - timedelta(days=1)
        case = replace(case, base=Base(Decimal(0), eve, f"新增自{ground.start.year}年起从零算起", True))
    return Prepared(case, _points(case), ground.notes, tuple(f"{year}年全年数" for year in gaps))


def _said_sum(promise: Promise, reached: Decimal, added: list[Taken], *, is_mean: bool, is_open: bool) -> str:
    first, last = added[0].period, added[-1].period
    span = last.label if first == last else f"{first.label}至{last.label}"
    return f"{span}{'年均' if is_mean else '合计'}{'至少' if is_open else ''}{words.amount(reached, promise)}"


def _growth_mean(ground: Ground) -> Prepared:
    """The geometric mean of the yearly rates since the plan's first year; no mean over a year that is missing."""
    if ground.start is None:
        return _no_start(ground)
    full = ground.series.full_years()
    due = _due(ground.promise, whole_year=True)
    standings: list[Standing] = []
    added: list[Taken] = []
    gaps = [year for year in plan_years(ground) if year not in full]
    for year in plan_years(ground):
        if year not in full:
            break
        added.append(full[year])
        mean = _mean_rate([one.value for one in added])
        high = None if any(one.is_floor for one in added) else mean
        listed = "、".join(words.amount(one.value, ground.promise) for one in added)
        said = f"{added[0].period.label}至{year}年年均{words.amount(mean, ground.promise)}（各年{listed}）"
        is_last = due is not None and year == due.year
        standings.append(Standing(full[year].period.end, mean, high, said, tuple(added), is_last))
    case = ground.case(tuple(standings), due, is_flat=True)
    notes = (*ground.notes, "年均增速为各年增速的几何平均，缺一年即不算。")
    return Prepared(case, data_points(ground.series.taken), notes, tuple(f"{year}年增速" for year in gaps))


def _mean_rate(rates_pct: list[Decimal]) -> Decimal:
    product = Decimal(1)
    for rate in rates_pct:
        product *= 1 + rate / 100
    if product <= 0 or any(rate <= -100 for rate in rates_pct):
        return Decimal(-100)
    mean = ((product.ln() / len(rates_pct)).exp() - 1) * 100
    return mean.quantize(_MEAN_PLACES).normalize() + 0


def _growth_of_deadline_year(ground: Ground) -> Prepared:
    """The rate of the deadline's year; part-year rates of that year tell the pace, other years tell nothing."""
    due = _due(ground.promise, whole_year=True)
    year = due.year if due else None
    inside = [one for one in ground.series.taken if year in (None, one.period.year)]
    standings = tuple(standing_of(one, ground.promise, is_decisive=one.is_full_year) for one in inside)
    start = date(year, 1, 1) if year else None
    case = replace(ground.case(standings, due, is_flat=True), start=start)
    return Prepared(case, data_points(ground.series.taken), ground.notes)


def _points(case: Case) -> tuple[Point, ...]:
    """Sums and differences as a chart shows them, beside the path that is in the same terms."""
    points = []
    for standing in case.standings:
        last = standing.taken[-1]
        kind = ValueKind.AT_LEAST if standing.high is None else last.datum.kind
        label = f"截至{last.period.label}"
        points.append(Point(standing.at, standing.low, label, kind, last.datum.key, not last.is_full_year))
    return tuple(points)
