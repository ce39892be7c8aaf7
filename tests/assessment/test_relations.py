"""Promises of several documents about one thing; the situations are those of the plans of 2018, 2020 and 2022."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jiqun.assessment.promises import Reading
from jiqun.assessment.relations import Commitment, RelationKind, relate
from jiqun.model.claims import Measure
from tests.assessment.cases import promise

PLANS = {"甲": date(2018, 3, 1), "乙": date(2018, 12, 18), "丙": date(2022, 1, 1), "丁": date(2025, 12, 31)}


def commitment(title: str, words: str, unit: str = "家", measure: Measure = Measure.LEVEL, **more: Any) -> Commitment:
    year = more.pop("by", 2020)
    about = {name: more.pop(name) for name in ("indicator_id", "area_id", "cluster_id", "family") if name in more}
    deadline = date(year, 12, 31) if year else None
    asked = promise(words, unit, measure, deadline=deadline, **more)
    return Commitment(
        f"{title}{words}@{year}", title, title, about.pop("indicator_id", "x"), asked, PLANS[title], **about
    )


def kinds(*commitments: Commitment) -> list[tuple[RelationKind, str, str]]:
    return [(one.kind, one.first, one.second) for one in relate(commitments)]


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        # 总部企业200家 stands in both plans of 2018.
        (commitment("甲", "200"), commitment("乙", "200"), RelationKind.REPEATED),
        (commitment("甲", "200"), commitment("乙", ">=200"), RelationKind.REPEATED),  # 达到200 and 200以上: one floor
        (commitment("甲", "1.5", "万亿元"), commitment("乙", "15000", "亿元"), RelationKind.REPEATED),
        # 民营500强 20家左右 against 20家.
        (commitment("甲", "~20"), commitment("乙", "20"), RelationKind.BOUND_DIFFERS),
        (commitment("甲", ">50"), commitment("乙", "50"), RelationKind.BOUND_DIFFERS),
        (commitment("甲", "10..20"), commitment("乙", "10..30"), RelationKind.CONFLICT),
        (commitment("甲", "150"), commitment("乙", "200"), RelationKind.CONFLICT),
        # 生物医药 2000亿 by 2020, then 4000亿 by 2025.
        (commitment("甲", "2000", "亿元"), commitment("丙", "4000", "亿元", by=2025), RelationKind.SUCCEEDED),
        # 高企: the stock of 10000 and the 5000 certified a year.
        (commitment("甲", ">10000"), commitment("丙", "5000", measure=Measure.ANNUAL, by=2025),
         RelationKind.OTHER_MEASURE),
        (commitment("甲", "20", measure=Measure.ANNUAL),
         commitment("乙", "20", measure=Measure.ANNUAL, reading=Reading.DEADLINE_YEAR), RelationKind.OTHER_MEASURE),
        (commitment("甲", ">3", "%"), commitment("乙", ">3", "%", Measure.SHARE), RelationKind.REPEATED),
    ],
)  # fmt: skip
def test_two_promises_about_one_thing(first: Commitment, second: Commitment, kind: RelationKind) -> None:
    assert kinds(first, second) == [(kind, first.key, second.key)]
    assert kinds(second, first) == [(kind, first.key, second.key)]


def test_a_succession_says_which_way_and_how_far() -> None:
    (raised,) = relate([commitment("甲", "2000", "亿元"), commitment("丙", "4000", "亿元", by=2025)])
    assert raised.said == "《甲》到2020年达到2000亿元，《丙》到2025年达到4000亿元：目标提高，相差2000亿元。"
    (twice,) = relate([commitment("甲", ">50"), commitment("乙", ">50")])
    assert twice.said.startswith("《甲》到2020年超过50家，《乙》到2020年超过50家：")
    (same,) = relate([commitment("甲", "100"), commitment("丙", "100", by=2025)])
    assert "目标数不变" in same.said
    (eased,) = relate([commitment("甲", "<=30"), commitment("丙", "<=35", by=2025)])
    assert "放低" in eased.said


def test_a_succession_does_not_leap_over_a_plan_between() -> None:
    a, b, c = commitment("甲", "100"), commitment("丙", "200", by=2025), commitment("丁", "300", by=2028)
    assert kinds(c, a, b) == [
        (RelationKind.SUCCEEDED, a.key, b.key),
        (RelationKind.SUCCEEDED, b.key, c.key),
    ]


def test_a_family_links_indicators_and_other_places_stay_apart() -> None:
    stock = commitment("甲", ">10000", indicator_id="stock", family="高企")
    yearly = commitment("丙", "5000", measure=Measure.ANNUAL, by=2025, indicator_id="new", family="高企")
    assert [one.kind for one in relate([stock, yearly])] == [RelationKind.OTHER_MEASURE]
    assert relate([commitment("甲", "100", area_id="a"), commitment("乙", "90", area_id="b")]) == ()
    assert relate([commitment("甲", "100", cluster_id="a"), commitment("乙", "90")]) == ()


def test_between_a_dated_and_an_undated_promise_nothing_is_said() -> None:
    assert relate([commitment("甲", "100"), commitment("乙", "90", by=None)]) == ()
    assert [one.kind for one in relate([commitment("甲", "100", by=None), commitment("乙", "90", by=None)])] == [
        RelationKind.CONFLICT
    ]
