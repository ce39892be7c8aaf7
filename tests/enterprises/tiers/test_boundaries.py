"""Every threshold of every tier on its exact boundary: 以上 takes it in, 超过 does not, and a cent decides."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest

from jiqun.enterprises.tiers.definition import judge
from jiqun.enterprises.tiers.in_polars import classified
from jiqun.enterprises.tiers.resolving import resolve
from jiqun.rules import Sort, names, to_text
from jiqun.rules.evaluation import exact
from jiqun.rules.tree import Operator

from . import worlds

BASE = {"元": Decimal(1_000_000), "美元": Decimal(1_000_000), "人": Decimal(1000), "": Decimal(10)}
# Whether the value just below the limit, the limit, and the value just above it meet the clause.
MEETS = {
    Operator.AT_LEAST: (False, True, True),
    Operator.GREATER: (False, False, True),
    Operator.AT_MOST: (True, True, False),
    Operator.LESS: (True, False, False),
}


def thresholds():
    city = worlds.suzhou()
    for tier in city.tiers.values():
        for version in tier.versions:
            if version.rule is None:
                continue
            on = version.effective_to or date(2026, 6, 30)
            rule = resolve(city, tier.id, on, version)
            for clause in rule.clauses.values():
                for nr, each in enumerate(clause.thresholds):
                    yield pytest.param(rule, clause, each, id=f"{tier.id}-{version.version}-{clause.id}-{nr}")


def firm_at(rule, clause, threshold, side):
    """A row that meets all other comparisons of the clause, with the figure `side` smallest steps from the limit."""
    columns = sorted(names(clause.test))
    row = {name: filled(rule.types[name]) for name in columns}
    others = [each for each in clause.thresholds if each is not threshold]
    for each in others:  # a value well within it
        move(row, each, rule, +3 if each.operator in (Operator.AT_LEAST, Operator.GREATER) else -3)
    move(row, threshold, rule, side)
    return row


def filled(type_):
    if type_.sort is Sort.NUMBER:
        return BASE.get(type_.unit, Decimal(10))
    return {Sort.TRUTH: True, Sort.DAY: date(2020, 1, 1), Sort.TEXT: "x"}[type_.sort]


def move(row, threshold, rule, side):
    name = to_text(threshold.measure).replace("(", " ").replace(",", " ").split()
    column = next(word for word in name if word in row and rule.types[word].sort is not Sort.TRUTH)
    limit = exact(threshold.limit, {}, {})
    if isinstance(limit, date):
        row[column] = limit + timedelta(days=side)
        return
    values = []
    for value in (Decimal(100), Decimal(200)):  # every measure is a straight line in its first figure
        row[column] = value
        values.append(exact(threshold.measure, row, rule.types))
    slope = (values[1] - values[0]) / 100
    at = 100 + (limit - values[0]) / slope
    places = rule.types[column].places if rule.types[column].unit != "%" else 2
    assert (at * 10**places).denominator == 1, f"{column} = {at} is no figure of the register"
    row[column] = Decimal((at + Fraction(side, 10**places)).numerator) / (at + Fraction(side, 10**places)).denominator


@pytest.mark.parametrize(("rule", "clause", "threshold"), list(thresholds()))
def test_the_boundary_itself_is_where_the_words_put_it(rule, clause, threshold):
    rows = [firm_at(rule, clause, threshold, side) for side in (-1, 0, 1)]
    rows = [{name: value for name, value in row.items() if name not in rule.derived} for row in rows]
    tests = [exact(clause.test, row, rule.types) for row in rows]
    assert tuple(tests) == MEETS[threshold.operator]
    if clause.applies is None:
        assert tuple(judge(rule, row).clauses[clause.id] for row in rows) == MEETS[threshold.operator]
        frame = pl.DataFrame([{k: float(v) if isinstance(v, Decimal) else v for k, v in row.items()} for row in rows])
        got = classified(frame.lazy(), [rule]).collect()[f"{rule.id}__{clause.id}"].to_list()
        assert tuple(got) == MEETS[threshold.operator]


def test_all_thresholds_are_looked_at():
    """Counted in the folders: clauses with a number or a day, `each` and `between` making several comparisons."""
    assert len(list(thresholds())) >= 130


# Share in percent, points just under it, points on it; as the tables print them.
STAFF = [(10, 0, 4), (15, 4, 8), (20, 8, 12), (25, 12, 16), (30, 16, 20)]
RESEARCH = [(2, 0, 10), (3, 10, 20), (4, 20, 30), (5, 30, 40), (6, 40, 50)]
LADDERS = [
    ("tech_sme", "t100", "s1", "tech_staff", "employees", STAFF),
    ("tech_sme", "t100", "s2", "rd_expense_yuan", "sales_revenue_yuan", RESEARCH),
    ("srdi_sme", "t100", "i8", "liabilities_yuan", "assets_yuan", [(50, 5, 3), (60, 3, 1), (70, 1, 0)]),
]


@pytest.mark.parametrize(
    ("tier", "table", "item", "above", "below", "edge", "under", "at"),
    [(*each[:5], *edge) for each in LADDERS for edge in each[5]],
)
def test_a_step_of_a_points_table_begins_exactly_on_its_edge(tier, table, item, above, below, edge, under, at):
    rule = resolve(worlds.suzhou(), tier, date(2025, 6, 30))
    row = {below: Decimal(10_000), "total_cost_yuan": Decimal(10**9)}
    step = Decimal(1) if above == "tech_staff" else Decimal("0.01")
    for value, points in ((Decimal(edge * 100), at), (Decimal(edge * 100) - step, under)):
        verdict = judge(rule, {**row, above: value})
        assert verdict.items[table, item].low == points
