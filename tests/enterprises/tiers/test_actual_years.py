"""经营不足三年按实际经营年限计算: which years count is decided by the founding date, to the day, in every engine."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest

from jiqun.enterprises.tiers import explain, near_misses
from jiqun.enterprises.tiers.definition import judge
from jiqun.enterprises.tiers.resolving import resolve
from jiqun.packs.schema.tiers import Node, TierVersion

from . import worlds
from .test_engines import by_duckdb, by_polars, differences, frame_of

ON = date(2025, 6, 30)  # the last finished year is 2024


def firm(founded_on, rd, sales):
    """Yearly figures of 2024, 2023, 2022 in 元."""
    row = {"founded_on": founded_on, "uscc": "x", "area_id": "suzhou_sip"}
    for back, (spent, sold) in enumerate(zip(rd, sales, strict=True)):
        tail = f"_prev{back}" if back else ""
        row |= {f"rd_expense_yuan{tail}": spent, f"sales_revenue_yuan{tail}": sold}
    return row


def small_firms_clause(row):
    return judge(resolve(worlds.suzhou(), "hnte", ON), row).clauses["c_rd_small"]


@pytest.mark.parametrize(
    ("founded_on", "meets"),
    [
        (date(2022, 12, 31), False),  # 2022 counts: 9 of 300
        (date(2023, 1, 1), True),  # 2023 and 2024: 10 of 200, exactly 5 %
        (date(2023, 12, 31), True),
        (date(2024, 1, 1), False),  # 2024 alone: 4 of 100
        (None, None),
    ],
)
def test_the_founding_date_decides_which_years_count(founded_on, meets):
    assert small_firms_clause(firm(founded_on, [4.0, 6.0, -1.0], [100.0, 100.0, 100.0])) is meets


def test_figures_of_years_before_the_firm_are_not_missed():
    assert small_firms_clause(firm(date(2023, 5, 1), [5.0, 5.0, None], [100.0, 100.0, None])) is True
    assert small_firms_clause(firm(date(2022, 5, 1), [5.0, 5.0, None], [100.0, 100.0, None])) is None


def test_the_gap_of_a_young_firm_is_of_its_own_years():
    """4 of 100 is 1 point short of 5 %, that is 1 元 of research."""
    row = firm(date(2024, 3, 1), [4.0, None, None], [100.0, None, None])
    line = next(line for line in explain(row, worlds.suzhou(), "hnte", ON).lines if line.id == "c_rd_small")
    assert (line.value, line.gap.text, line.gap.amount) == ("4%", "还差 1 个百分点，即 1 元", 1)


def test_a_near_miss_of_a_young_firm_says_how_near():
    city = worlds.suzhou()
    version = resolve(city, "hnte", ON).version
    clause = next(each for each in version.conditions if each.id == "c_rd_small")
    only = TierVersion(version="1", rule=Node(cond="c_rd_small"), conditions=(clause,))
    tier = city.tiers["hnte"].model_copy(update={"versions": (only,)})
    made = dataclasses.replace(city, tiers={**city.tiers, "hnte": tier})
    rows = frame_of([firm(date(2024, 3, 1), [4.0, None, None], [100.0, None, None])]).drop("nr")
    assert near_misses(rows, made, "hnte", ON).firms["shortfall"].to_list() == [pytest.approx(0.2)]


def test_every_engine_counts_the_same_years(tmp_path):
    rule = resolve(worlds.suzhou(), "hnte", ON)
    rows = [
        firm(founded, [rd, 6.0, other], [100.0, 100.0, other and 100.0])
        for founded in [*worlds.BIRTHDAYS, None]
        for rd in (4.0, 5.0, None)
        for other in (None, 0.0, 4.0)
    ]
    frame = frame_of(rows)
    assert differences([rule], rows, by_polars(frame, [rule])) == []
    assert differences([rule], rows, by_duckdb(frame, [rule], tmp_path)) == []
