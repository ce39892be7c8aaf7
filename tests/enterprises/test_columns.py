"""What a firm's row holds follows from the folder, and what the tiers ask for can be read from it."""

from __future__ import annotations

import polars as pl
import pytest

from jiqun import packs
from jiqun.enterprises import columns
from jiqun.rules import Sort, check, names, parse


@pytest.fixture(scope="module")
def city():
    return packs.load("suzhou")


def test_a_yearly_figure_has_a_column_for_each_year_kept(city):
    known = columns.columns(city)
    assert [id_ for id_ in known if id_.startswith("revenue_yuan")] == [
        "revenue_yuan", "revenue_yuan_prev1", "revenue_yuan_prev2", "revenue_yuan_prev3",
    ]  # fmt: skip
    assert known["revenue_yuan_prev2"].years_back == 2
    assert known["revenue_yuan_prev2"].name == "营业收入（前2年）"


def test_things_and_people_are_whole_and_money_keeps_its_cents(city):
    types = columns.schema(columns.columns(city))
    assert (types["employees"], types["ip_class1"]) == (pl.Int32(), pl.Int32())
    assert (types["revenue_yuan"], types["market_share_pct"]) == (pl.Float64(), pl.Float64())
    assert (types["founded_on"], types["has_core_ip"]) == (pl.Date(), pl.Boolean())
    assert types["titles"] == pl.List(pl.String())


def test_every_metric_of_a_firm_is_read_from_columns_there_are(city):
    """A clause about a metric that no column serves could only ever be answered unknown."""
    known = set(columns.columns(city)) | {"on", "tier_area"}
    missing = {
        metric.id: sorted(asked - known)
        for metric in city.metrics.values()
        if "对象是集群" not in metric.definition
        if not metric.smaller_than  # read from the size classes, whose own metrics stand here too
        for asked in [
            names(parse(metric.formula))
            if metric.formula
            else {metric.since or metric.year_of or metric.list_column or metric.id}
        ]
        if asked - known
    }
    assert missing == {}


def test_the_rule_language_knows_the_columns_with_their_units(city):
    types = columns.value_types(columns.columns(city))
    assert types["revenue_yuan"].unit == "元"
    assert "titles" not in types
    rule = parse("rd_expense_yuan / revenue_yuan >= 3% and revenue_yuan > 1000万元 and employees <= 500人")
    result, findings = check(rule, types)
    assert (result.sort, findings) == (Sort.TRUTH, ())
    assert check(parse("employees > 1000万元"), types)[1]


def test_groups_of_provenance_hold_every_column(city):
    known = columns.columns(city)
    assert {column.attribute.group for column in known.values()} == set(columns.groups(city))
