"""What a scheme of the folder costs: by list or by rule, the highest only, by district, cut where the budget ends."""

from __future__ import annotations

import dataclasses
import datetime

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiqun.enterprises import columns, membership, schemes
from jiqun.enterprises.membership import Batch, Kept, Lists
from jiqun.enterprises.register import Firms
from jiqun.enterprises.snapshots import Manifest
from jiqun.enterprises.spells import Stage
from jiqun.model.errors import Forbidden, NotFound, UsageError
from jiqun.model.purposes import Purpose
from jiqun.packs.schema.subsidies import SubsidyScheme
from tests.enterprises.conftest import MORNING, about, code

D = datetime.date.fromisoformat
ON = D("2024-12-31")
MADE_UP = {
    "id": "help", "name": "演示奖补", "level": "municipal", "is_invented": True, "is_pro_rata": True,
    "effective_from": "2023-01-01", "effective_to": "2024-12-31",
    "budgets": [{"year": "2024", "amount": "30"}],
    "payments": [
        {"id": "first", "name": "认定奖", "tier_id": "hnte", "amount": "20", "group": "g"},
        {"id": "big", "name": "小巨人奖", "tier_id": "little_giant", "basis": "holds", "amount": "50", "group": "g"},
        {"id": "research", "name": "研发补助", "tier_id": "hnte", "basis": "holds", "rate_pct": "5",
         "of": "rd_expense_yuan", "cap": "10"},
    ],
}  # fmt: skip


def scheme(city, **changed):
    made = SubsidyScheme.model_validate(MADE_UP | changed)
    return dataclasses.replace(city, subsidies={made.id: made})


def firms(city, *rows, use=Purpose.SERVICE, collected=Purpose.ADMINISTRATIVE):
    types = {"uscc": pl.String, "area_id": pl.String, "rd_expense_yuan": pl.Float64}
    frame = pl.LazyFrame([(code(n), area, rd) for n, area, rd in rows], schema=types, orient="row")
    return Firms(frame, columns.columns(city), ON, 2023, collected, use)


def lists(*rows):
    """(list, firm, from, to)."""
    heads = {"list_id": pl.String(), "stage": pl.String(), "year": pl.Int32(), "number": pl.Int32()}
    made = [
        {"list_id": id_, "stage": "recognised", "year": D(start).year, "number": 1, "uscc": code(n),
         "valid_from": D(start), "valid_to": D(stop)}
        for id_, n, start, stop in rows
    ]  # fmt: skip
    frame = pl.DataFrame(made, schema={**heads, **membership.TYPES})
    batches = {Batch(id_, Stage.RECOGNISED, D(start).year) for id_, _, start, _ in rows}
    whole = [Manifest(b.name, Purpose.ADMINISTRATIVE, 1, about("2024-01-01"), MORNING, 0, 0, {}) for b in batches]
    kept = tuple(Kept(b, m) for b, m in zip(batches, whole, strict=True))
    return Lists(frame, kept, Purpose.ADMINISTRATIVE, Purpose.SERVICE)


GIVEN = lists(
    ("hnte", 1, "2024-11-01", "2027-11-01"),  # recognised this year: 20 万; research 5 % of 100 万: 5 万
    ("hnte", 2, "2022-11-01", "2025-11-01"),  # holds only: 5 % of 1000 万 capped at 10 万
    ("hnte", 3, "2021-12-31", "2024-12-31"),  # lapses on the day: nothing
    ("hnte", 9, "2024-11-01", "2027-11-01"),  # not in the register
    ("little_giant", 1, "2023-07-01", "2026-07-01"),  # 50 万 in the group of 20 万: 50 万
)
ROWS = [(1, "suzhou_sip", 1e6), (2, "suzhou_kunshan", 1e7), (3, "suzhou_kunshan", 1e6)]


def test_a_firm_is_paid_by_its_titles_the_highest_only_and_up_to_the_cap(city):
    found = schemes.cost(firms(city, *ROWS), scheme(city, is_pro_rata=False), "help", ON, GIVEN)
    by_payment = found.cost.by_subsidy.select("subsidy_id", "firms_low", "low_fen").rows()
    assert by_payment == [("first", 1, 0), ("big", 1, 50_000_000), ("research", 2, 15_000_000)]
    assert found.cost.by_area.select("area_id", "low_fen", "paid_fen").rows() == [
        ("suzhou_kunshan", 10_000_000, 10_000_000), ("suzhou_sip", 55_000_000, 55_000_000),
    ]  # fmt: skip
    assert (found.budget_yuan, found.excess_fen, found.is_invented) == (300_000, 35_000_000, True)
    assert found.outside == {"first": 1, "research": 1}


def test_where_the_budget_ends_every_district_is_cut_by_the_same_ratio(city):
    """65 万 are owed and 30 万 there: 30/65 of 55 万 and of 10 万, rounded down to the 分."""
    found = schemes.cost(firms(city, *ROWS), scheme(city), "help", ON, GIVEN)
    assert found.cost.by_area.select("area_id", "paid_fen").rows() == [
        ("suzhou_kunshan", 4_615_384), ("suzhou_sip", 25_384_615),
    ]  # fmt: skip
    assert found.cost.paid_fen == 29_999_999


def test_a_base_that_is_not_known_costs_between_nothing_and_the_cap(city):
    found = schemes.cost(firms(city, (2, "suzhou_sip", None)), scheme(city), "help", ON, GIVEN)
    assert (found.cost.low_fen, found.cost.high_fen) == (0, 10_000_000)


def test_a_payment_by_rule_needs_no_list(city):
    paid = [{"id": "p", "name": "符合即奖", "tier_id": "hnte", "basis": "meets", "amount": "1"}]
    found = schemes.cost(firms(city, *ROWS), scheme(city, payments=paid), "help", ON)
    assert (found.cost.low_fen, found.cost.high_fen) == (0, 3_000_000)  # whether they meet is not known


@pytest.mark.parametrize(("day", "count"), [("2022-12-31", 0), ("2023-01-01", 1), ("2024-12-31", 1), ("2025-01-01", 0)])
def test_a_scheme_is_in_force_from_its_first_to_its_last_day(city, day, count):
    assert len(schemes.in_force(scheme(city), D(day))) == count


def test_what_cannot_be_costed_is_refused(city):
    made, known = scheme(city), firms(city, *ROWS)
    with pytest.raises(NotFound, match="没有补贴政策"):
        schemes.cost(known, made, "other", ON, GIVEN)
    with pytest.raises(UsageError, match="不在有效期内"):
        schemes.cost(known, made, "help", D("2025-01-01"), GIVEN)
    with pytest.raises(UsageError, match="需要先收录名单"):
        schemes.cost(known, made, "help", ON)
    with pytest.raises(UsageError, match="还没有收录"):
        schemes.cost(known, made, "help", ON, lists(("hnte", 1, "2024-11-01", "2027-11-01")))
    counted = firms(city, *ROWS, use=Purpose.STATISTICAL, collected=Purpose.STATISTICAL)
    with pytest.raises(Forbidden):
        schemes.cost(counted, made, "help", ON, GIVEN)


def test_a_bundled_scheme_names_its_source_or_says_in_its_name_that_it_is_made_up(city):
    for each in city.subsidies.values():
        made_up = each.is_invented and each.name.startswith("演示") and each.issuer == "演示"
        assert bool(each.source) != made_up, each.id


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.floats(0, 1e9) | st.none()), min_size=1, max_size=9),
    st.integers(0, 60),
)
def test_districts_add_up_and_the_budget_is_never_exceeded(city, given_, budget):
    rows = [(n, area, rd) for n, (area, rd) in enumerate(given_)]
    held = lists(*(("hnte", n, "2024-11-01", "2027-11-01") for n, _, _ in rows))
    paid = [payment for payment in MADE_UP["payments"] if payment["tier_id"] == "hnte"]
    made = scheme(city, payments=paid, budgets=[{"year": "2024", "amount": str(budget)}])
    cost = schemes.cost(firms(city, *rows), made, "help", ON, held).cost
    assert cost.by_area["low_fen"].sum() == cost.low_fen == cost.by_subsidy["low_fen"].sum()
    assert cost.by_area["paid_fen"].sum() == cost.paid_fen <= min(cost.low_fen, budget * 1_000_000)
    assert cost.paid_fen > min(cost.low_fen, budget * 1_000_000) - len(rows)
