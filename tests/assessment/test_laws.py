"""What must hold for any promise and any figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from jiqun.assessment.progress import assess
from jiqun.assessment.promises import Datum, Light, PaceRules, Promise, Reading, ValueKind
from jiqun.model.bounds import Bound, Comparator
from jiqun.model.claims import Measure
from jiqun.model.periods import Period
from jiqun.packs.schema.indicators import Polarity
from tests.assessment.cases import RULES

BETTER = [Light.FAR_BEHIND, Light.BEHIND, Light.ON_TRACK, Light.MET]
WORST_FIRST = {light: rank for rank, light in enumerate(BETTER)} | {Light.OVERDUE: 0, Light.FELL_BACK: 0}

values = st.integers(0, 400).map(Decimal)
days = st.dates(date(2017, 6, 1), date(2022, 12, 31))
periods = st.sampled_from(["2016", "2017", "2018", "2018H1", "2019", "2019Q1-Q3", "2020", "2020M11", "2021"])


@st.composite
def promises(draw: st.DrawFn) -> Promise:
    comparator = draw(st.sampled_from(Comparator))
    low = draw(st.integers(1, 300).map(Decimal))
    high = low + draw(values) if comparator is Comparator.RANGE else None
    measure = draw(st.sampled_from([one for one in Measure if one is not Measure.RANK]))
    has_base = draw(st.booleans())
    return Promise(
        Bound(comparator, low, high, strict=draw(st.booleans()) and comparator in (Comparator.GE, Comparator.LE)),
        "%" if measure in (Measure.GROWTH, Measure.SHARE) else "亿元",
        measure,
        deadline=draw(st.sampled_from([None, date(2020, 12, 31)])),
        start=draw(st.sampled_from([None, date(2018, 1, 1)])),
        base_value=draw(values) if has_base else None,
        base_period=Period(2017) if has_base else None,
        polarity=draw(st.sampled_from(Polarity)),
        time_kind=draw(st.sampled_from(["flow", "stock", "rate"])),
        reading=draw(st.sampled_from([None, *Reading])),
    )


@st.composite
def figures(draw: st.DrawFn, asked: Promise) -> list[Datum]:
    chosen = draw(st.lists(periods, unique=True, max_size=6))
    found = []
    for text in chosen:
        period = Period.parse(text)
        kind = draw(st.sampled_from(ValueKind))
        known = date(period.year + 1, draw(st.integers(1, 12)), 1)
        found.append(Datum(text, period, draw(values), asked.unit, known, kind))
    return found


@st.composite
def situations(draw: st.DrawFn) -> tuple[Promise, list[Datum], date]:
    asked = draw(promises())
    return asked, draw(figures(asked)), draw(days)


@settings(max_examples=120, deadline=None)
@given(situations())
def test_every_situation_has_a_light_with_a_reason_and_a_trace(given: tuple[Promise, list[Datum], date]) -> None:
    asked, found, on = given
    result = assess(asked, found, on, RULES)
    assert result.reason.endswith("。")
    assert set(result.used) <= {one.key for one in found if one.known_on <= on}
    if result.light.is_verdict:
        assert result.used
    if result.base is None and asked.measure in (Measure.LEVEL, Measure.SHARE):
        assert (result.expected_now, result.path) == (None, ())


@settings(max_examples=120, deadline=None)
@given(situations())
def test_without_known_figures_there_is_no_verdict(given: tuple[Promise, list[Datum], date]) -> None:
    asked, found, on = given
    unknown = [replace(one, known_on=date(2099, 1, 1)) for one in found]
    assert assess(asked, unknown, on, RULES).light is Light.NO_DATA


@settings(max_examples=120, deadline=None)
@given(situations())
def test_what_becomes_known_later_changes_nothing(given: tuple[Promise, list[Datum], date]) -> None:
    asked, found, on = given
    known = [one for one in found if one.known_on <= on]
    assert assess(asked, found, on, RULES) == assess(asked, known, on, RULES)


@settings(max_examples=120, deadline=None)
@given(situations())
def test_the_unit_a_figure_is_printed_in_does_not_matter(given: tuple[Promise, list[Datum], date]) -> None:
    asked, found, on = given
    asked, found = replace(asked, unit="亿元"), [replace(one, unit="亿元") for one in found]
    printed = [replace(one, unit="万元", value=one.value * 10_000) for one in found]
    ours, theirs = assess(asked, found, on, RULES), assess(asked, printed, on, RULES)
    assert (ours.light, ours.value, ours.way, ours.reason) == (theirs.light, theirs.value, theirs.way, theirs.reason)


@settings(max_examples=120, deadline=None)
@given(situations(), st.integers(1, 200).map(Decimal))
def test_a_higher_latest_figure_never_gives_a_worse_light(
    given: tuple[Promise, list[Datum], date], more: Decimal
) -> None:
    asked, found, on = given
    assume(not asked.is_ceiling and found)
    last = max(found, key=lambda one: one.period)
    # A figure from before the plan is a base, and a higher base is a harder path.
    assume(last.period.start.year >= 2018)
    raised = [replace(one, value=one.value + more) if one is last else one for one in found]
    before, after = assess(asked, found, on, RULES).light, assess(asked, raised, on, RULES).light
    if before in WORST_FIRST and after in WORST_FIRST:
        assert WORST_FIRST[after] >= WORST_FIRST[before]
    assert not (before is Light.MET and after is not Light.MET)


@settings(max_examples=120, deadline=None)
@given(situations())
def test_about_without_tolerance_is_the_plain_number(given: tuple[Promise, list[Datum], date]) -> None:
    asked, found, on = given
    assume(asked.bound.high is None)
    exact = PaceRules(Decimal(0), RULES.behind_pct, RULES.far_behind_pct)
    about = replace(asked, bound=Bound(Comparator.APPROX, asked.bound.value))
    plain = replace(asked, bound=Bound(Comparator.EQ, asked.bound.value))
    assert assess(about, found, on, exact).light is assess(plain, found, on, exact).light


@settings(max_examples=120, deadline=None)
@given(situations())
def test_softer_thresholds_never_give_a_worse_light(given: tuple[Promise, list[Datum], date]) -> None:
    asked, found, on = given
    soft = PaceRules(RULES.about_tolerance_pct, Decimal(10), Decimal(40))
    ours, softer = assess(asked, found, on, RULES).light, assess(asked, found, on, soft).light
    if ours in BETTER:
        assert WORST_FIRST[softer] >= WORST_FIRST[ours]
    else:
        assert softer is ours
