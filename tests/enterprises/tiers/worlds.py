"""Made-up tiers and firms that meet on their boundaries, and the comparison of an engine's answers with the definition.

Drawn from a `random.Random`: hypothesis hands one in that it can shrink, Spark gets many at once from a seed.
"""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

from jiqun import packs
from jiqun.enterprises.tiers.definition import judge
from jiqun.enterprises.tiers.resolving import resolve
from jiqun.enterprises.tiers.rule import TierRule
from jiqun.packs import City
from jiqun.packs.schema.tiers import Condition, Node, ScoreTable, SizeBand, Tier, TierVersion

DAYS = [date(2024, 2, 29), date(2025, 2, 28), date(2026, 3, 1), date(2025, 7, 1)]
MONEY = [0, 1, 99, 100, 1000, 1000.01, 999.99, 5000, 20000, 50000, 100000]  # 元, times 10000 where it is revenue
SHARES = [0, 3, 5, 2.5, 6, 15]
BIRTHDAYS = [
    date(2020, 2, 29), date(2021, 3, 1), date(2019, 2, 28), date(2025, 6, 30),
    date(2021, 12, 31), date(2022, 1, 1), date(2022, 12, 31), date(2023, 1, 1), date(2024, 1, 1),
]  # fmt: skip
_OPERATORS = [">=", ">", "<=", "<"]


BANDS = tuple(
    SizeBand.model_validate({"name": name, "gb_prefixes": prefixes, "limits": limits})
    for name, prefixes, limits in (
        (
            "工业",
            ["B", "C"],
            {
                "employees": {"large": 1000, "medium": 300, "small": 20},
                "revenue": {"large": 50000, "medium": 1000, "small": 100},
            },
        ),
        ("房地产", ["701", "51"], {"revenue": {"large": 20000, "medium": 5000, "small": 1}}),
    )
)


@cache
def suzhou() -> City:
    return packs.load("suzhou")


def firm(rng: Random) -> dict[str, object]:
    """A row over some of the register's columns, a fifth of it unknown, its shares often exactly on a threshold."""

    def maybe(value: object) -> object:
        return None if rng.random() < 0.2 else value

    row: dict[str, object] = {}
    for back in range(4):
        tail = f"_prev{back}" if back else ""
        revenue = rng.choice(MONEY) * rng.choice([1, 100, 10000])
        cents = rng.choice([0, 0, 0.01, -0.01])
        rd = round(revenue * rng.choice(SHARES) / 100 + cents, 2)
        row |= {
            f"revenue_yuan{tail}": maybe(round(revenue, 2)),
            f"rd_expense_yuan{tail}": maybe(max(rd, 0.0)),
            f"main_revenue_yuan{tail}": maybe(round(revenue * rng.choice([0.5, 0.7, 1.0]), 2)),
            f"employees{tail}": maybe(rng.choice([0, 1, 10, 20, 99, 100, 101, 130, 300, 1000])),
        }
    row |= {
        "liabilities_yuan": maybe(rng.choice([0.0, 70.0, 69.99, 70.01])),
        "assets_yuan": maybe(rng.choice([0.0, 100.0, -100.0])),
        "ip_class1": maybe(rng.randint(0, 4)),
        "ip_class2": maybe(rng.randint(0, 6)),
        "founded_on": maybe(rng.choice(BIRTHDAYS)),
        "listing": maybe(rng.choice(["none", "main", "neeq"])),
        "has_hnte_certificate": maybe(rng.random() < 0.6),
        "hnte_valid_to": maybe(rng.choice([date(2024, 2, 29), date(2026, 3, 1), date(2027, 1, 1)])),
        "area_id": maybe(rng.choice(["suzhou_sip", "suzhou_kunshan", "suzhou"])),
        "is_credit_bad": maybe(rng.random() < 0.2),
        "industry_code": maybe(rng.choice(["39", "3911", "70", "701", "7020", "51", "52", "A1", "0610"])),
        "titles": maybe(rng.sample(["tech_sme", "srdi_sme", "hnte"], rng.randint(0, 3))),
        "judged__made__c1": maybe(rng.random() < 0.5),
        "points__made__t__i0": maybe(rng.choice([0, 3, 7.25, 12.5, 50])),
    }
    return row


def condition(rng: Random, nr: int) -> Condition:
    kind = rng.randrange(9)
    base: dict[str, Any] = {"id": f"c{nr}", "op": rng.choice(_OPERATORS)}
    over = rng.choice([None, None, "each", "total", "average", "before"])
    if over:
        base["over"] = {"how": over, "years": rng.randint(1, 2 if over == "average" else 3)}
        if over == "total" and rng.random() < 0.5:
            base["over"]["since"] = "founded_on"
    if rng.random() < 0.2:
        base["when"] = rng.choice(
            ["revenue <= 5000万元", "ip_class1 >= 1", "rd_ratio_revenue > 3% and employees < 100"]
        )
    if rng.random() < 0.15:
        base["gb_prefixes"] = rng.choice([("C",), ("701", "51"), ("K", "B")])
    match kind:
        case 0 | 1:
            base |= {"metric": "revenue", "value": str(rng.choice(MONEY)), "unit": "万元"}
        case 2 | 3:
            base |= {"metric": "rd_ratio_revenue", "value": str(rng.choice(SHARES)), "unit": "%"}
        case 4:
            base |= {"metric": "employees", "value": str(rng.choice([0, 20, 100, 300])), "unit": "人"}
        case 5:
            base |= {"metric": "company_age", "value": str(rng.randint(1, 6)), "unit": "年"}
            base.pop("over", None)
        case 6:
            base |= rng.choice(
                [
                    {"metric": "revenue_cagr", "value": "20", "unit": "%", "over": {"how": "compound", "years": 3}},
                    {"metric": "main_revenue_growth_mean", "value": "5", "unit": "%", "over": None},
                    {"metric": "debt_ratio", "value": "70", "unit": "%", "over": None},
                ]
            )
        case 7:
            base |= rng.choice(
                [
                    {"metric": "hnte_valid", "op": "==", "value": True, "over": None},
                    {"metric": "unlisted", "op": "!=", "value": True, "over": None},
                    {"metric": "registered_in_area", "op": "==", "value": True, "over": None},
                    {"metric": "prior_title", "op": "in", "value": ("srdi_sme", "tech_sme"), "over": None},
                    {"metric": "ip_class1", "op": "between", "value": ("1", "3"), "unit": "项", "over": None},
                ]
            )
        case _:
            base |= {"metric": "market_share", "op": "text", "value": None, "text": "由人判断", "over": None}
    return Condition.model_validate(base)


def table(rng: Random) -> ScoreTable:
    is_whole = rng.random() < 0.4

    def points(most: int) -> object:
        """Whole points, halves and quarters, sometimes from one to another."""
        if is_whole:
            return rng.choice([rng.randint(0, most), sorted(rng.randint(0, most) for _ in range(2))])
        low = rng.randint(0, 4 * most) / rng.choice([4, 4, 2, 1]) if rng.random() < 0.5 else float(rng.randint(0, most))
        low = min(low, float(most))
        return [low, rng.randint(int(4 * low), 4 * most) / 4] if rng.random() < 0.4 else low

    edges = sorted(rng.sample([0, 1, 2.5, 3, 5, 6, 10], 3))
    items: list[dict[str, object]] = [
        {
            "id": "i0", "name": "研发", "max": 30, "part": "p", "metric": "rd_ratio_revenue", "unit": "%",
            "levels": [
                {"points": points(30), "min": edges[2]},
                {"points": points(30), "min_exclusive": edges[1], "max": edges[2]},
                {"points": points(40), "max": edges[0]},
                *([{"points": points(9)}] if rng.random() < 0.5 else []),
            ],
        },
        {
            "id": "i1", "name": "知识产权", "max": 20, "part": "p",
            "levels": [
                {"points": points(20), "when": "ip_class1 >= 1"},
                {"points": points(20), "when": "ip_class2 >= 3"},
                *({"points": points(20), "when": f"ip_class2 == {nr}"} for nr in rng.choice([(), (2, 1), (1, 2)])),
                *(
                    {"points": points(20), "when": f"ip_class1 == {first} and ip_class2 == {second}"}
                    for first, second in rng.choice([(), ((0, 0),), ((0, 2), (0, 0))])
                ),
                *([{"points": points(20)}] if rng.random() < 0.5 else []),
            ],
        },
        {
            "id": "i2", "name": "先进程度", "max": 10,
            "levels": [{"points": [7, 10], "text": "高"}, {"points": 2, "text": "低"}],
        },
        {
            "id": "i3", "name": "取有利者", "max": 25,
            "options": [
                {"metric": "revenue", "unit": "万元", "levels": [{"points": 25, "min": 1000}, {"points": 5}]},
                {"metric": "debt_ratio", "unit": "%", "levels": [{"points": 10, "max": 70}, {"points": 0}]},
            ],
        },
        {"id": "i4", "name": "组织", "max": 6},
    ]  # fmt: skip
    parts = [{"id": "p", "name": "一", "max": rng.choice([25, 50])}]
    return ScoreTable.model_validate({"id": "t", "max": 80, "parts": parts, "items": items})


def node(rng: Random, leaves: list[Node], depth: int = 2) -> Node:
    if len(leaves) == 1:
        return leaves[0]
    if depth == 0:
        return Node(**{rng.choice(["all", "any"]): tuple(leaves)})
    cut = rng.randint(1, len(leaves) - 1)
    halves = (node(rng, leaves[:cut], depth - 1), node(rng, leaves[cut:], depth - 1))
    return Node(**{rng.choice(["all", "any"]): halves})


def rule(rng: Random, on: date, tier_id: str = "made") -> TierRule:
    """A made-up tier with a few clauses, a points table and sometimes size classes."""
    conditions = tuple(condition(rng, nr) for nr in range(rng.randint(1, 5)))
    leaves = [Node(cond=each.id) for each in conditions]
    tables: tuple[ScoreTable, ...] = ()
    if rng.random() < 0.6:
        tables = (table(rng),)
        least = {rng.choice(["min", "min_exclusive"]): Decimal(rng.choice(["10", "24.5", "25", "40.25", "60"]))}
        parts = {"min_parts": {"p": Decimal(rng.choice(["15", "12.5"]))}} if rng.random() < 0.4 else {}
        leaves.insert(rng.randrange(len(leaves) + 1), Node(score="t", **least, **parts))
    version = TierVersion(version="1", rule=node(rng, leaves), conditions=conditions, score_tables=tables)
    if rng.random() < 0.15:
        version = TierVersion(version="1", bands=BANDS, units={"employees": "人", "revenue": "万元"})
    made = Tier(id="made", name="试", level="municipal", area_id="suzhou", versions=(version,))
    city = dataclasses.replace(suzhou(), tiers={**suzhou().tiers, "made": made})
    resolved = resolve(city, "made", on)
    return dataclasses.replace(resolved, tier=made.model_copy(update={"id": tier_id}))


def expected(rule: TierRule, row: dict[str, object]) -> dict[str, object]:
    """Answers of the definition, by the column they have in a classified frame."""
    verdict = judge(rule, row)
    answers: dict[str, object] = {rule.id: verdict.meets}
    if rule.bands:
        low, high = (None, None) if verdict.size is None else (int(verdict.size.low), int(verdict.size.high))
        answers = {rule.id: low if low == high else None, f"{rule.id}__low": low, f"{rule.id}__high": high}
    answers |= {f"{rule.id}__{id_}": truth for id_, truth in (verdict.clauses | verdict.tables).items()}
    for id_, points in verdict.points.items():
        answers |= {f"{rule.id}__{id_}__low": float(points.low), f"{rule.id}__{id_}__high": float(points.high)}
    return answers
