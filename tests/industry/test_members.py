"""Firms in clusters: shares, dates, what is most specific, and no firm counted twice; every number by hand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import polars as pl

from jiqun.industry.correspondence import between
from jiqun.industry.members import Bounds, belonging, key_by_firms, recast_belonging, together
from jiqun.packs.schema.clusters import Membership
from tests.industry.test_catalogues import catalogue
from tests.industry.test_correspondence import ALL

DAY = date(2024, 6, 1)
FIRMS = pl.DataFrame(
    {
        "uscc": ["F1", "F2", "F3", "F4", "F5"],
        "industry_code": ["3911", "3912", "6513", "3911", None],
        "made": ["服务器", "显示面板、光刻胶", None, "机器人", "光刻胶"],
        "value": [100, 60, 30, 10, 7],
    }
)


def member(cluster: str, by: str, value: str, share: str = "1", **more: object) -> Membership:
    return Membership.model_validate({"cluster_id": cluster, "by": by, "value": value, "share": share, **more})


RULES = [
    member("chip", "code", "39", "1/2"), member("chip", "code", "3911", "3/4"), member("soft", "code", "6513"),
    member("panel", "product", "显示面板", "60%"), member("robot", "firm", "F4"), member("panel", "code", "3911", ""),
    member("soft", "firm", "F1", "0.5", valid_from=date(2024, 7, 1)),
    member("soft", "firm", "F2", "0.25", valid_to=date(2024, 6, 1)),
]  # fmt: skip


def shares(found: object) -> dict[tuple[str, str], tuple[Fraction, Fraction]]:
    rows, scale = found.rows, found.scale  # type: ignore[attr-defined]
    return {(row["uscc"], row["cluster_id"]): (Fraction(row["low"], scale), Fraction(row["high"], scale))
            for row in rows.iter_rows(named=True)}  # fmt: skip


def test_the_longest_code_a_product_and_a_named_firm() -> None:
    found = belonging(FIRMS, RULES, DAY, products="made")
    part = Fraction(3, 4)
    assert shares(found) == {
        ("F1", "chip"): (part, part), ("F1", "panel"): (0, 1), ("F2", "chip"): (Fraction(1, 2),) * 2,
        ("F2", "panel"): (Fraction(3, 5),) * 2, ("F3", "soft"): (1, 1), ("F4", "chip"): (part, part),
        ("F4", "panel"): (0, 1), ("F4", "robot"): (1, 1),
    }  # fmt: skip


def test_memberships_hold_from_their_day_until_before_the_other() -> None:
    assert ("F1", "soft") in shares(belonging(FIRMS, RULES, date(2024, 7, 1)))
    assert ("F2", "soft") in shares(belonging(FIRMS, RULES, date(2024, 5, 31)))
    assert ("F2", "soft") not in shares(belonging(FIRMS, RULES, date(2024, 6, 1)))


def test_a_firm_of_several_clusters_is_counted_once_and_the_overlap_told() -> None:
    found = together(belonging(FIRMS, RULES, DAY, products="made"), FIRMS.select("uscc", "value"))
    assert found.each["chip"] == Bounds(Fraction(225, 2), Fraction(225, 2))  # 75 + 30 + 7.5
    assert found.each["panel"] == Bounds(Fraction(36), Fraction(146))  # 36, and up to 100 and 10 more
    # F1 75..100 of 100, F2 1.1 of 60 → 60, F3 30, F4 10 → 175..200
    assert found.once == Bounds(Fraction(175), Fraction(200))
    # F2: 0.1 of 60; F4: 0.75 of 10; at most F1 0.75 of 100, F4 1.75 of 10
    assert found.overlap == Bounds(Fraction(27, 2), Fraction(197, 2))
    total = sum((one.low for one in found.each.values()), Fraction(0))
    assert total == found.once.low + found.overlap.low
    assert found.pairs == {("chip", "panel"): 3, ("chip", "robot"): 1, ("panel", "robot"): 1}
    assert found.shared == {"chip": 3, "panel": 3, "robot": 1}
    assert found.firms == 4


def test_firms_alone_are_counted_where_no_number_is_asked_for() -> None:
    found = together(belonging(FIRMS, [member("chip", "code", "391"), member("soft", "code", "6513")], DAY))
    assert found.each == {"chip": Bounds(Fraction(3), Fraction(3)), "soft": Bounds(Fraction(1), Fraction(1))}
    assert found.overlap == Bounds(Fraction(0), Fraction(0))
    assert together(belonging(FIRMS, [], DAY)).firms == 0


def test_a_firm_of_two_clusters_that_join_is_in_the_joined_one_once() -> None:
    """Counts of laser and tool add up to three; the firms of both are two."""
    rules = [member("laser", "firm", "F1"), member("tool", "firm", "F1"), member("tool", "firm", "F2"),
             member("soft", "firm", "F3"), member("gone", "firm", "F4")]  # fmt: skip
    after = recast_belonging(belonging(FIRMS, rules, DAY), between(ALL, "e1", "e2"))
    assert shares(after) == {("F1", "equip"): (1, 1), ("F2", "equip"): (1, 1), ("F3", "soft2"): (0, 1),
                             ("F3", "ai"): (0, 1)}  # fmt: skip
    assert together(after).each["equip"] == Bounds(Fraction(2), Fraction(2))


def test_firms_say_how_their_cluster_is_divided_or_that_they_do_not() -> None:
    before = belonging(FIRMS, [member("soft", "code", "39")], DAY)
    after = belonging(FIRMS, [member("soft2", "firm", "F1"), member("ai", "firm", "F2", "2/3"),
                              member("soft2", "firm", "F2", "1/3"), member("ai", "firm", "F4")], DAY)  # fmt: skip
    assert key_by_firms(before, "soft", after, ["soft2", "ai"]) == {"soft2": Fraction(4, 3), "ai": Fraction(5, 3)}
    numbers = FIRMS.select("uscc", "value")
    assert key_by_firms(before, "soft", after, ["soft2", "ai"], numbers) == {"soft2": 120, "ai": 50}
    lacking = belonging(FIRMS, [member("soft2", "firm", "F1"), member("ai", "firm", "F2")], DAY)
    assert key_by_firms(before, "soft", lacking, ["soft2", "ai"]) is None
    unsure = belonging(FIRMS, [member("ai", "code", "39", "")], DAY)
    assert key_by_firms(before, "soft", unsure, ["soft2", "ai"]) is None


def test_recasting_keeps_editions_apart() -> None:
    other = (catalogue("x", "a"), catalogue("y", "b", ("kept", "a", "b"), previous_id="x"))
    found = recast_belonging(belonging(FIRMS, [member("a", "code", "6513", "1/4")], DAY), between(other, "x", "y"))
    assert shares(found) == {("F3", "b"): (Fraction(1, 4), Fraction(1, 4))}
