"""A split key stated, revised, withdrawn and undone; every day has its own, and every figure names the one it rests on.

Software of the 2022 edition became software and AI in 2024. Blockchain went into software, so that by hand
700 + 20 of 1000 and 20 is software where AI is 30 %.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from jiqun import flows, packs
from jiqun.industry.divisions import Division, divisions
from jiqun.ledger import chain, store
from jiqun.ledger.models import Event, StatedSplit
from jiqun.model.errors import Conflict, InputRefused, NotFound
from jiqun.reports.recasts import RecastRow, recasts
from jiqun.reports.split_keys import history, rows_on
from jiqun.reports.split_pages import split_page, tried
from jiqun.reports.view import View
from jiqun.workspace import Workspace

OLD, NEW, SOFT, AI = "shenzhen-2022", "shenzhen-2024", "sh24-software", "sh24-ai"
DAY = date(2026, 1, 5)  # the clock's


@pytest.fixture(scope="module")
def shenzhen() -> packs.City:
    return packs.load("shenzhen")


@pytest.fixture
def office(ws: Workspace, shenzhen: packs.City) -> Workspace:
    there = replace(ws, city=shenzhen)
    for cluster_id, value in (("sh22-software", "1000"), ("sh22f-blockchain", "20")):
        figure(there, cluster_id, value, "2023")
    return there


def figure(office: Workspace, cluster_id: str, value: str, period: str, **more: str) -> None:
    indicators = office.city.indicators.values()
    additive = next(one for one in indicators if one.aggregation.kind == "sum" and one.unit == "亿元")
    fields = {
        "indicator_id": additive.id,
        "area_id": "shenzhen",
        "cluster_id": cluster_id,
        "period": period,
        "value_text": value,
        "unit": "亿元",
        "source_title": "测试",
    } | more
    flows.add_observation(office, fields, actor="zhang", reason="测试")


@pytest.fixture
def software(shenzhen: packs.City) -> Division:
    return flows.division_of(shenzhen, OLD, NEW, "sh22-software")


def state(office: Workspace, division: Division, soft: str, ai: str, **more: Any) -> StatedSplit:
    given = {"actor": "zhang", "reason": "统计口径调整", "source": "2023年软件业统计公报", "indicator_id": ""} | more
    typed = flows.KeyTyped({SOFT: soft, AI: ai}, given.pop("indicator_id"), "", given.pop("source"))
    return flows.state_split_key(office, division, typed, **given)


def by(indicator_id: str, period: str) -> flows.KeyTyped:
    return flows.KeyTyped({}, indicator_id, period, "公报")


def view(office: Workspace, on: date = DAY) -> View:
    return View(office.city, on, DAY)


def recast(office: Workspace, on: date = DAY) -> dict[str, RecastRow]:
    return {row.cluster.id: row for row in recasts(view(office, on), NEW, [SOFT, AI])[0]}


def said(office: Workspace, on: date = DAY) -> tuple[str, str]:
    found = recast(office, on)
    return found[SOFT].said, found[AI].said


def test_divisions_of_the_two_editions_are_found_in_both_directions(shenzhen: packs.City) -> None:
    found = {one.key: one.parts for one in divisions(shenzhen.catalogues)}
    assert found[f"{OLD}>{NEW}/sh22-software"] == (AI, SOFT)
    assert found[f"{NEW}>{OLD}/sh24-hequip"] == ("sh22-machinetool", "sh22-laser", "sh22-instrument")
    assert f"{NEW}>{OLD}/sh24-ai" not in found  # all of it was software


def test_bounds_become_numbers_that_name_the_key_and_lose_nothing(office: Workspace, software: Division) -> None:
    assert said(office) == ("20—1020亿元", "0—1000亿元")
    row = state(office, software, "70", "30%")
    assert said(office) == ("720亿元", "300亿元")
    assert row.parts == {SOFT: "7/10", AI: "3/10"}
    for one in recast(office).values():
        assert [key.said for key in one.keys] == [
            "软件与信息服务 分劈为 人工智能 30%，软件与信息服务 70%；2023年软件业统计公报；2026-01-05 起"
        ]
        assert (one.keys[0].from_id, one.keys[0].to_id, one.keys[0].cluster_id) == (OLD, NEW, "sh22-software")
        assert one.is_exact
    event = Event.objects.get(sequence=row.event_id)
    assert (event.action, event.subject_key, event.reason) == ("split.stated", software.key, "统计口径调整")
    assert chain.verify().is_whole


def test_each_day_is_recast_by_the_key_of_its_day(office: Workspace, software: Division) -> None:
    for on, ai in ((date(2026, 1, 3), "30"), (DAY, "40"), (date(2026, 3, 1), "50")):
        state(office, software, str(100 - int(ai)), ai, known_on=on)
    told = [rows_on(date(2026, *day)).get(software.key) for day in ((1, 2), (1, 3), (1, 4), (1, 5), (2, 28), (3, 1))]
    assert [row and row.parts[AI] for row in told] == [None, "3/10", "3/10", "2/5", "2/5", "1/2"]
    assert said(office) == ("620亿元", "400亿元")
    told_all = history(view(office), software.key)
    spans = [(one.since.day, one.until and one.until.day, one.is_in_force) for one in told_all]
    assert spans == [(1, None, False), (5, 28, True), (3, 4, False)]
    assert [one.version for one in history(view(office, date(2026, 1, 4)), software.key)] == [1]


def test_undone_it_never_was_and_withdrawn_it_is_no_more(office: Workspace, software: Division) -> None:
    first = state(office, software, "70", "30", known_on=date(2026, 1, 4))
    second = state(office, software, "60", "40")
    flows.undo(office, second.event_id, actor="zhang", reason="看错")
    assert said(office) == ("720亿元", "300亿元")
    with pytest.raises(Conflict, match="之后又有改动"):
        flows.undo(office, first.event_id, actor="zhang", reason="看错")
    flows.withdraw_split_key(office, software, actor="zhang", reason="公报作废")
    assert (rows_on(DAY), len(rows_on(date(2026, 1, 4)))) == ({}, 1)
    assert said(office) == ("20—1020亿元", "0—1000亿元")
    with pytest.raises(Conflict):
        flows.withdraw_split_key(office, software, actor="zhang", reason="再撤")
    assert Event.objects.filter(action="split.withdrawn").count() == 1
    assert chain.verify().is_whole


def test_a_key_can_be_read_from_a_series_exactly(office: Workspace, software: Division) -> None:
    figure(office, SOFT, "713", "2024")
    figure(office, AI, "288", "2024")
    indicator = recast(office)[AI].indicator.id
    row = flows.state_split_key(office, software, by(indicator, "2024"), actor="zhang", reason="按公布数")
    assert row.parts == {SOFT: "713/1001", AI: "288/1001"}
    found = {row.cluster.id: row.said for row in recasts(view(office), NEW, [SOFT, AI])[0]}
    # 10 000 000 000 000 fen by largest remainders: 7122877122877.1… and 2877122877122.8…
    total = sum(Fraction(found[one].removesuffix("亿元")) for one in (SOFT, AI))
    assert total == 1020
    with pytest.raises(InputRefused, match="缺 人工智能、软件与信息服务 的数"):
        flows.state_split_key(office, software, by(indicator, "2019"), actor="zhang", reason="x")


@pytest.mark.parametrize(
    ("soft", "ai", "more", "expected"),
    [
        ("70", "20", {}, "各份额合计 90%，不是 100%"),
        ("70", "", {}, "没有写明“人工智能”的份额"),
        ("七十", "30", {}, "“软件与信息服务”：“七十%”不是份额"),
        ("70", "30", {"reason": " "}, "需要理由"),
        ("70", "30", {"source": ""}, "需要来源"),
        ("70", "30", {"indicator_id": "no-such"}, "不在城市文件夹中"),
        ("70", "30", {"known_on": date(2025, 1, 1)}, "早于现有分劈依据的施行日"),
    ],
)
def test_what_cannot_be_a_key_is_refused(
    office: Workspace, software: Division, soft: str, ai: str, more: dict[str, Any], expected: str
) -> None:
    if "known_on" in more:
        state(office, software, "50", "50")
    before = Event.objects.count()
    with pytest.raises(InputRefused) as refused:
        state(office, software, soft, ai, **more)
    assert expected in "".join(finding.message for finding in refused.value.findings)
    assert Event.objects.count() == before


def test_faults_come_all_at_once_and_another_division_is_none(office: Workspace, software: Division) -> None:
    with pytest.raises(InputRefused) as refused:
        state(office, software, "70", "20", reason="", source="")
    assert [finding.code for finding in refused.value.findings] == ["ledger.reason", "ledger.source", "ledger.sum"]
    for ends in ((OLD, NEW, "sh22-network"), (NEW, OLD, AI), (OLD, "no-such", "sh22-software")):
        with pytest.raises(NotFound):
            flows.division_of(office.city, *ends)


def test_two_who_state_at_once_are_told_and_nothing_new_is_no_event(office: Workspace, software: Division) -> None:
    state(office, software, "70", "30", version=0)
    with pytest.raises(Conflict, match="刚有人改动"):
        state(office, software, "60", "40", version=0)
    with pytest.raises(Conflict, match="没有不同"):
        state(office, software, "70", "30", version=1)
    assert store.current(StatedSplit, software.key).version == 1


def test_a_trial_says_what_all_becomes_and_writes_nothing(office: Workspace, software: Division) -> None:
    target = {
        "indicator_id": recast(office)[AI].indicator.id,
        "area_id": "shenzhen",
        "cluster_id": "sh22-software",
        "measure": "level",
        "value_text": "2000",
        "unit": "亿元",
        "period": "2027",
        "title": "软件规模",
        "body_ids": [],
    }
    flows.add_target(office, target, actor="zhang")
    flows.add_target(office, target | {"measure": "growth", "value_text": "8", "unit": "%"}, actor="zhang")
    before = Event.objects.count()
    shares = flows.read_shares(office, software, flows.KeyTyped({SOFT: "61", AI: "39"}))
    found = tried(view(office), software, shares, {}, "")
    told = {(one.row.cluster.id, one.before, one.row.said) for one in found.figures}
    assert told == {(SOFT, "20—1020亿元", "630亿元"), (AI, "0—1000亿元", "390亿元")}
    parts = {one.sentence: [(part.cluster, part.before, part.after) for part in one.parts] for one in found.targets}
    assert sorted(parts.values()) == [
        [],
        [("人工智能", "0—2000亿元", "780亿元"), ("软件与信息服务", "0—2000亿元", "1220亿元")],
    ]
    assert Event.objects.count() == before
    page = split_page(view(office), software, found)
    assert (page.version, page.history, page.division.kind) == (0, (), "拆分")


def test_an_edition_that_a_key_speaks_of_is_not_withdrawn(office: Workspace) -> None:
    from jiqun.flows.catalogues import _built_on

    state(office, flows.division_of(office.city, OLD, NEW, "sh22-software"), "70", "30")
    assert "分劈依据 1 条" in list(_built_on(office.city, NEW))
