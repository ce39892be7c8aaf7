"""What the rules say of firms worked out by hand, from the articles as the folder gives them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from jiqun.enterprises.tiers import tiers_on
from jiqun.enterprises.tiers.definition import judge
from jiqun.enterprises.tiers.explaining import explain
from jiqun.enterprises.tiers.measures import since, year_of
from jiqun.enterprises.tiers.resolving import resolve, version_on
from jiqun.enterprises.tiers.sharing import Shared
from jiqun.model.errors import NotFound
from jiqun.packs.schema.tiers import Node, ScoreTable, TierVersion
from jiqun.rules import Sort, ValueType, parse, tree
from jiqun.rules.in_polars import held_engines
from jiqun.rules.tree import Operator

from . import worlds

ON = date(2025, 6, 30)
WAN = 10_000.0


def verdict(tier_id, row, on=ON):
    return judge(resolve(worlds.suzhou(), tier_id, on), row)


# 国科发政〔2017〕115号: 60 points of 100, and not 0 for staff; or one of four straight ways.
TECH_SME = {
    "is_registered_in_mainland": True, "employees": 100, "sales_revenue_yuan": 10_000 * WAN, "assets_yuan": 8000 * WAN,
    "has_prohibited_products": False, "has_serious_violation": False, "has_hnte_certificate": False,
    "rd_institution_level": "none", "standards_led": 0, "has_national_st_award": False,
    "tech_staff": 10, "rd_expense_yuan": 400 * WAN, "total_cost_yuan": 9000 * WAN, "ip_class1": 0, "ip_class2": 4,
}  # fmt: skip


def test_points_of_the_three_kinds_add_up():
    """10% of staff: 4; 4% of sales: 30 (4.4% of cost: 0); four of class II: 24. Together 58: two short of 60."""
    found = verdict("tech_sme", TECH_SME)
    assert (found.points["t100"].low, found.points["t100"].high) == (58, 58)
    assert found.tables == {"t100": False}
    assert found.meets is False


def test_sixty_points_are_enough():
    """15% of staff: 8 instead of 4."""
    found = verdict("tech_sme", {**TECH_SME, "tech_staff": 15})
    assert found.points["t100"].low == 62
    assert found.meets is True


def test_a_certificate_in_force_goes_straight_in():
    row = {**TECH_SME, "has_hnte_certificate": True}
    assert verdict("tech_sme", {**row, "hnte_valid_to": ON}).meets is True  # valid to its last day
    assert verdict("tech_sme", {**row, "hnte_valid_to": date(2025, 6, 29)}).meets is False
    assert verdict("tech_sme", row).meets is None  # a certificate without a date


def test_what_is_missing_neither_fails_nor_meets():
    """Without figures of property rights it is 34 to 64 points; without employees the limit of 500 is open too."""
    row = {key: value for key, value in TECH_SME.items() if key not in ("ip_class1", "ip_class2")}
    found = verdict("tech_sme", row)
    assert (found.points["t100"].low, found.points["t100"].high) == (34, 64)
    assert found.meets is None
    assert verdict("tech_sme", {**TECH_SME, "tech_staff": 15, "employees": None}).clauses["c_employees"] is None


def test_one_clear_failure_settles_it_whatever_is_missing():
    assert verdict("tech_sme", {"employees": 501}).meets is False
    assert verdict("tech_sme", {"employees": 500}).meets is None


# 国科发火〔2016〕32号: more than 70 points, of which experts give most.
HNTE = {
    "founded_on": date(2015, 1, 1), "has_core_ip": True, "is_in_key_field": True, "employees": 100, "tech_staff": 30,
    "has_serious_violation": False, "ip_class1": 3, "ip_class2": 0,
    "revenue_yuan": 6000 * WAN, "hightech_revenue_yuan": 5000 * WAN,
    **{f"transformations{tail}": 5 for tail in ("", "_prev1", "_prev2")},
    "sales_revenue_yuan": 6000 * WAN, "sales_revenue_yuan_prev1": 6000 * WAN, "sales_revenue_yuan_prev2": 6000 * WAN,
    **{f"rd_expense_yuan{tail}": 240 * WAN for tail in ("", "_prev1", "_prev2")},
    **{f"rd_expense_domestic_yuan{tail}": 144 * WAN for tail in ("", "_prev1", "_prev2")},
    "net_assets_yuan": 1000 * WAN, "net_assets_yuan_prev1": 1000 * WAN, "net_assets_yuan_prev2": 1000 * WAN,
}  # fmt: skip
GIVEN = {"ip1": 8, "ip2": 8, "ip3": 8, "ip4": 6, "ip5": 0, "conv": 30, "o1": 5, "o2": 5, "o3": 0, "o4": 0}
EXPERTS = {f"points__hnte__innovation100__{item}": points for item, points in GIVEN.items()}


def test_experts_leave_an_interval():
    """Property rights: 0 to 8, 0 to 8 (a grade to be chosen), 7 to 8, 1 to 6, 0 to 2, of 30 at most; transformation
    25 to 30; organisation 0 to 20; no growth: 0."""
    found = verdict("hnte", HNTE)
    assert (found.points["innovation100"].low, found.points["innovation100"].high) == (7 + 1 + 25, 30 + 30 + 20)
    assert found.meets is None
    assert {truth for id_, truth in found.clauses.items() if id_ not in ("c_rd_small", "c_rd_large")} == {True}


def test_seventy_points_are_not_more_than_seventy():
    """30 for rights, 30 for transformation, 10 for organisation, none for growth: 70. With one more it passes."""
    found = verdict("hnte", {**HNTE, **EXPERTS})
    assert (found.points["innovation100"].low, found.points["innovation100"].high) == (70, 70)
    assert found.meets is False
    more = {**HNTE, **EXPERTS, "points__hnte__innovation100__o3": 0.01}
    assert verdict("hnte", more).meets is True


def test_an_award_outside_the_range_counts_as_far_as_the_range_goes():
    found = verdict("hnte", {**HNTE, **EXPERTS, "points__hnte__innovation100__ip3": 3})
    assert found.items["innovation100", "ip3"].low == 7  # at least one of class I: 7 to 8


@pytest.mark.parametrize(
    ("sales", "rd", "meets"),
    [
        (5000, 250, True),  # up to 50 million: 5%
        (5000, 249.99, False),
        (5000.01, 200.0004, True),  # above: 4%
        (20000, 799.99, False),
        (20000, 800, True),
        (20000.01, 600.0003, True),  # above 200 million: 3%
    ],
)
def test_research_share_by_size_of_sales(sales, rd, meets):
    row = {f"sales_revenue_yuan{tail}": round(sales * WAN, 2) for tail in ("", "_prev1", "_prev2")}
    row |= {f"rd_expense_yuan{tail}": round(rd * WAN, 2) for tail in ("", "_prev1", "_prev2")}
    found = verdict("hnte", row | {"founded_on": date(2015, 1, 1)})
    assert any(found.clauses[id_] for id_ in ("c_rd_small", "c_rd_mid", "c_rd_large")) is meets


def test_365_days_make_a_year_of_registration():
    assert verdict("hnte", {"founded_on": date(2024, 6, 30)}).clauses["c_age"] is True
    assert verdict("hnte", {"founded_on": date(2024, 7, 1)}).clauses["c_age"] is False


def test_the_edition_of_the_day_judges():
    """专精特新: two years in the niche until March 2026, three from April on."""
    row = {"niche_years": 2.0}
    assert verdict("srdi_sme", row, date(2026, 3, 31)).clauses["c1"] is True
    assert verdict("srdi_sme", row, date(2026, 4, 1)).clauses["n2"] is False


def test_each_of_two_years_must_reach_it():
    row = {"rd_expense_yuan": 100 * WAN, "rd_expense_yuan_prev1": 99.99 * WAN}
    assert verdict("srdi_sme", row, date(2026, 4, 1)).clauses["n6a"] is False
    assert verdict("srdi_sme", {"rd_expense_yuan": 100 * WAN}, date(2026, 4, 1)).clauses["n6a"] is None
    assert verdict("srdi_sme", {"rd_expense_yuan": 99 * WAN}, date(2026, 4, 1)).clauses["n6a"] is False


def test_a_title_of_a_lower_step_is_asked_for():
    assert verdict("little_giant", {"titles": ["srdi_sme"]}).clauses["p0"] is True
    assert verdict("little_giant", {"titles": []}).clauses["p0"] is False
    assert verdict("little_giant", {}).clauses["p0"] is None


def test_what_only_a_person_can_say_is_unknown_until_one_says_it():
    assert verdict("little_giant", {}).clauses["l1"] is None
    assert verdict("little_giant", {"judged__little_giant__l1": True}).clauses["l1"] is True


def test_a_tier_without_known_thresholds_judges_nobody():
    assert verdict("tech_leader_sz", {"revenue_yuan": 1e9}, date(2026, 1, 1)).meets is None


def test_no_edition_on_the_day_is_said():
    with pytest.raises(NotFound, match="没有有效的版本"):
        resolve(worlds.suzhou(), "tech_leader_sz", date(2025, 12, 29))
    assert "tech_leader_sz" not in tiers_on(worlds.suzhou(), date(2025, 12, 29))
    assert version_on(worlds.suzhou().tiers["tech_sme"], date(2017, 5, 2)) is None


@pytest.mark.parametrize(
    ("code", "employees", "revenue", "size"),
    [
        ("3911", 1000, 40000, (4, 4)),
        ("3911", 999, 40000, (3, 3)),  # both must reach it
        ("3911", 300, 2000, (3, 3)),
        ("3911", 20, 299.99, (1, 1)),
        ("3911", 19, None, (1, 1)),  # one below the limit of small is enough
        ("3911", 500, None, (1, 3)),
        ("5181", 5, 1000, (2, 2)),
        ("70", 5, 1000, None),  # 701 or 702? too short to tell
        ("9411", 5, 1000, None),  # finance has no class here
    ],
)
def test_size_classes(code, employees, revenue, size):
    """国统字〔2017〕213号: industry 1000 and 300 and 20 people with 4亿, 2000万 and 300万."""
    row = {"industry_code": code, "employees": employees, "revenue_yuan": None if revenue is None else revenue * WAN}
    found = verdict("size_class", row).size
    assert (None if found is None else (found.low, found.high)) == size


def test_above_designated_size_by_line_of_business():
    """Industry 2000万 of main revenue, retail 500万."""
    assert verdict("gyse", {"industry_code": "3911", "main_revenue_yuan": 2000 * WAN}).meets is True
    assert verdict("gyse", {"industry_code": "3911", "main_revenue_yuan": 1999.99 * WAN}).clauses["industry"] is False
    assert verdict("gyse", {"industry_code": "5211", "main_revenue_yuan": 500 * WAN}).meets is True


def test_a_cluster_is_judged_by_its_own_figures():
    """工信部企业〔2022〕119号: 40亿 in each of three years, SMEs 70%, leading industry 70%, growth 10%, one county."""
    cluster = {
        "cluster_gross_output": 48.4, "cluster_gross_output_prev1": 44.0, "cluster_gross_output_prev2": 40.0,
        "sme_share_of_output": 70.0, "leading_industry_share_of_output": 70.0,
        "cluster_output_growth_average": 10.0, "located_within_one_county_level_area": True,
    }  # fmt: skip
    assert verdict("sme_specialty_cluster", cluster).meets is True
    assert verdict("sme_specialty_cluster", {**cluster, "cluster_gross_output_prev2": 39.99}).meets is False
    assert verdict("sme_specialty_cluster", {**cluster, "cluster_gross_output_prev1": None}).meets is None


@pytest.mark.parametrize(
    ("operator", "years", "on", "expected"),
    [
        (Operator.AT_LEAST, 5, date(2025, 3, 1), (Operator.AT_MOST, date(2020, 3, 1))),
        (Operator.AT_MOST, 5, date(2025, 3, 1), (Operator.AT_LEAST, date(2020, 2, 29))),  # full on 1 March
        (Operator.AT_LEAST, 1, date(2024, 2, 29), (Operator.AT_MOST, date(2023, 2, 28))),
        (Operator.AT_MOST, 1, date(2024, 2, 29), (Operator.AT_LEAST, date(2023, 3, 1))),
        (Operator.GREATER, 5, date(2025, 6, 30), (Operator.LESS, date(2020, 6, 30))),
        (Operator.LESS, 5, date(2025, 6, 30), (Operator.GREATER, date(2020, 6, 30))),
    ],
)
def test_years_since_a_day(operator, years, on, expected):
    turned, day = since(tree.Name("founded_on"), operator, years, "年", on)
    assert (turned, day.value) == expected


def test_the_year_of_a_day():
    assert year_of(Operator.AT_LEAST, 2008)[1].value == date(2008, 1, 1)
    assert year_of(Operator.AT_MOST, 2008) == (Operator.LESS, tree.Day(date(2009, 1, 1)))
    assert year_of(Operator.GREATER, 2008) == (Operator.AT_LEAST, tree.Day(date(2009, 1, 1)))


def test_three_years_are_summed_before_they_are_divided():
    """30 of 100 + 200 + 300 is 5%, whatever the single years say."""
    sales, research = (100, 200, 300), (0, 0, 30)
    row: dict[str, object] = {"founded_on": date(2015, 1, 1)}
    for tail, of_sales, of_research in zip(("", "_prev1", "_prev2"), sales, research, strict=True):
        row |= {f"sales_revenue_yuan{tail}": of_sales * WAN, f"rd_expense_yuan{tail}": of_research * WAN}
    assert verdict("hnte", row).clauses["c_rd_small"] is True
    assert verdict("hnte", {**row, "rd_expense_yuan_prev2": 30 * WAN - 1}).clauses["c_rd_small"] is False


def test_growth_is_compounded_over_its_years():
    """20% a year for three years is 1.728 times."""
    row = {"revenue_yuan": 1728 * WAN, "revenue_yuan_prev3": 1000 * WAN}
    assert verdict("gazelle_general", row).clauses["g2b"] is True
    assert verdict("gazelle_general", {**row, "revenue_yuan": 1728 * WAN - 0.01}).clauses["g2b"] is False


def test_a_level_without_a_condition_takes_the_rest():
    levels = ({"points": 5, "min": 3}, {"points": 1})
    item = {"id": "i", "name": "研发", "max": 9, "metric": "rd_ratio_revenue", "unit": "%", "levels": levels}
    table = ScoreTable.model_validate({"id": "t", "max": 9, "items": [item]})
    version = TierVersion(version="1", rule=Node(score="t", min=Decimal(1)), score_tables=(table,))
    rule = resolve(worlds.suzhou(), "tech_sme", ON, version)
    assert judge(rule, {"rd_expense_yuan": 2.99, "revenue_yuan": 100.0}).points["t"].low == 1


def test_a_measure_turned_round_is_compared_turned_round():
    types = {"x": ValueType(Sort.NUMBER, "元")}
    shared = Shared(types, held_engines())
    test = shared.test(parse("-x >= -5元"))
    held_x = pl.DataFrame({"x": [499, 500, 501]})  # in 分
    measured = held_x.with_columns(value.alias(name) for name, value in shared.columns.items())
    assert measured.select(test.alias("truth"))["truth"].to_list() == [True, True, False]


# 中小企业划型标准规定, 工业: 大型 wants 1000 people and 40000万元 at once.
INDUSTRIAL = {"industry_code": "3525", "employees": 1000, "revenue_yuan": 40_000 * WAN}


@pytest.mark.parametrize(
    ("changed", "is_sme"),
    [
        ({}, False),
        ({"employees": 999}, True),
        ({"revenue_yuan": 39_999 * WAN}, True),
        ({"revenue_yuan": None}, None),
        ({"revenue_yuan": None, "employees": 999}, True),
        ({"industry_code": "6513", "employees": 300, "revenue_yuan": 10_000 * WAN}, False),  # software wants less
        ({"industry_code": None}, None),
        ({"industry_code": None, "employees": 4, "revenue_yuan": 0.0, "assets_yuan": 0.0}, None),  # perhaps a school
        # 国统字〔2017〕213号 三: 15 sections and 社会工作; transport without railways, with handling of cargo; of other
        # property not what a firm lets of its own. Banks have a standard of their own, 银发〔2015〕309号.
        ({"industry_code": "8310", "employees": 9}, None),
        ({"industry_code": "8411"}, None),
        ({"industry_code": "6621", "employees": 5, "revenue_yuan": 100 * WAN}, None),
        ({"industry_code": "5320", "employees": 9}, None),
        ({"industry_code": "7040", "employees": 9}, None),
        ({"industry_code": "9121"}, None),
        ({"industry_code": "5720", "employees": 999}, True),
        ({"industry_code": "5910", "employees": 999}, True),
        ({"industry_code": "5920", "employees": 200}, False),
        ({"industry_code": "8521", "employees": 299}, True),
    ],
)
def test_a_large_firm_is_none_of_the_small_and_medium_ones_with_quality(changed, is_sme):
    row = {**INDUSTRIAL, **changed}
    on = date(2023, 8, 8)
    for tier_id in ("innovative_sme", "srdi_sme", "little_giant"):
        found = verdict(tier_id, row, on)
        assert found.clauses["sme"] is is_sme, tier_id
        assert is_sme is not False or found.meets is False


def test_a_firm_of_an_industry_without_size_classes_lacks_the_standard():
    """What is missing is the standard and no figure, however many figures are missing too."""
    on, city = date(2023, 8, 8), worlds.suzhou()

    def lacking(row):
        lines = explain(row, city, "srdi_sme", on).lines
        return next((line.answer, line.missing) for line in lines if line.id == "sme")

    standard = "行业划型标准（《统计上大中小微型企业划分办法（2017）》未列该行业）"
    assert lacking({"industry_code": "8310"}) == ("未知", (standard,))
    assert standard not in lacking({"industry_code": "70"})[1], "too short to tell of which line of business"
    assert lacking({"industry_code": "3525", "employees": 1000}) == ("未知", ("营业收入",))
