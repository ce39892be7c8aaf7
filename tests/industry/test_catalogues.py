"""Editions of a catalogue: a small one by hand, and the two real ones of the city with 20+8 clusters."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jiqun import packs
from jiqun.industry.catalogues import account, editions, heirs, lineage, steps_into, successors, timeline
from jiqun.packs.schema.clusters import Catalogue, Cluster, ClusterEvent


def catalogue(id_: str, clusters: str, *events: tuple[str, str, str], **more: Any) -> Catalogue:
    return Catalogue(
        id=id_, series="s", name=id_, edition=id_,
        clusters=tuple(Cluster(id=one, name=one.upper()) for one in clusters.split()),
        events=tuple(
            ClusterEvent.model_validate({"type": type_, "before_ids": before.split(), "after_ids": after.split()})
            for type_, before, after in events
        ), **more,
    )  # fmt: skip


FIRST = catalogue("e1", "soft laser tool chain old", effective_from=date(2018, 1, 1))
SECOND = catalogue(
    "e2", "soft2 ai equip new",
    ("split", "soft", "soft2 ai"), ("merged", "laser tool", "equip"), ("absorbed", "chain", "soft2"),
    ("added", "", "new"),
    previous_id="e1", effective_from=date(2022, 1, 1), expected_count=4,
)  # fmt: skip
THIRD = catalogue(
    "e3", "soft3 ai equip3 new", ("renamed", "soft2", "soft3"), ("kept", "ai", "ai"), ("removed", "new", ""),
    ("promoted", "equip", "equip3"), previous_id="e2", effective_from=date(2024, 1, 1), expected_count=5,
)  # fmt: skip
ALL = (FIRST, SECOND, THIRD)


def test_editions_follow_one_another_whatever_their_order_or_dates() -> None:
    undated = THIRD.model_copy(update={"effective_from": None})
    assert [one.id for one in editions([undated, SECOND, FIRST], "s")] == ["e1", "e2", "e3"]
    assert editions([FIRST], "other") == ()


def test_each_cluster_is_joined_with_what_became_of_it() -> None:
    steps = [(one.before.id, one.after.id, one.event.type) for one in steps_into(SECOND, FIRST)]
    assert steps == [
        ("soft", "soft2", "split"), ("soft", "ai", "split"), ("laser", "equip", "merged"), ("tool", "equip", "merged"),
        ("chain", "soft2", "absorbed"),
    ]  # fmt: skip
    assert successors(ALL)["soft"] == ("soft2", "ai")
    assert "old" not in successors(ALL)
    assert steps_into(FIRST, None) == ()


def test_only_kept_and_renamed_clusters_are_whole() -> None:
    assert [one.is_whole for one in steps_into(THIRD, SECOND)] == [True, True, False]


def test_lineage_runs_both_ways_through_every_edition() -> None:
    told = lineage(ALL, "soft2")
    assert [one.before.id for one in told.came_from] == ["soft", "chain"]
    assert [one.after.id for one in told.became] == ["soft3"]
    assert [one.after.id for one in lineage(ALL, "chain").became] == ["soft2", "soft3"]
    with pytest.raises(KeyError):
        lineage(ALL, "nowhere")


def test_heirs_in_a_later_or_earlier_edition() -> None:
    assert [one.id for one in heirs(ALL, "soft", "e3")] == ["soft3", "ai"]
    assert [one.id for one in heirs(ALL, "equip3", "e1")] == ["laser", "tool"]
    assert [one.id for one in heirs(ALL, "new", "e3")] == ["new"]
    assert heirs(ALL, "old", "e2") == ()


def test_what_an_edition_leaves_untold_is_named() -> None:
    second, third = account(SECOND, FIRST), account(THIRD, SECOND)
    assert [one.id for one in second.lost] == ["old"]
    assert not second.is_complete
    assert [one.id for one in third.unexplained] == ["new"]  # removed, and yet it stands there
    assert (third.count, third.expected, third.is_complete) == (4, 5, False)


def test_the_timeline_tells_changes_in_order_and_leaves_out_what_was_kept() -> None:
    told = [(one.on, one.said) for one in timeline(ALL)]
    assert told == [
        (date(2022, 1, 1), "“SOFT”拆分为“SOFT2”、“AI”。"),
        (date(2022, 1, 1), "“LASER”、“TOOL”合并为“EQUIP”。"),
        (date(2022, 1, 1), "“CHAIN”并入“SOFT2”。"),
        (date(2022, 1, 1), "新增“NEW”。"),
        (date(2024, 1, 1), "“SOFT2”更名为“SOFT3”。"),
        (date(2024, 1, 1), "取消“NEW”。"),
        (date(2024, 1, 1), "“EQUIP”升格进入“EQUIP3”。"),
    ]
    assert len(timeline(ALL, with_kept=True)) == 8


@pytest.fixture(scope="module")
def pair() -> tuple[Catalogue, Catalogue]:
    city = packs.load("shenzhen")
    before, after = editions(city.catalogues, "shenzhen-clusters")
    return before, after


class TestTheCityOfTwentyPlusEight:
    """Counts of the plan of 2024: 7 + 4 + 4 + 5 = 20 clusters and 8 future industries."""

    def test_the_counts_are_those_of_the_plan(self, pair: tuple[Catalogue, Catalogue]) -> None:
        told = account(pair[1], pair[0])
        sizes = {group: count for (kind, group), count in told.groups.items() if kind == "cluster"}
        assert sizes == {"战略重点类": 7, "优势拓展类": 4, "基础支撑类": 4, "综合提升类": 5}
        assert sum(count for (kind, _), count in told.groups.items() if kind == "future_industry") == 8

    def test_every_cluster_of_2022_is_accounted_for(self, pair: tuple[Catalogue, Catalogue]) -> None:
        told = account(pair[1], pair[0])
        assert told.is_complete
        assert (told.steps["split"], told.steps["merged"], told.steps["absorbed"]) == (1, 1, 1)

    def test_software_became_two_and_took_in_a_third(self, pair: tuple[Catalogue, Catalogue]) -> None:
        assert [one.after.name for one in lineage(pair, "sh22-software").became] == ["软件与信息服务", "人工智能"]
        assert {one.before.id for one in lineage(pair, "sh24-software").came_from} == {
            "sh22-software", "sh22f-blockchain"}  # fmt: skip
