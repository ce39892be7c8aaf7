"""Firms on links: what a scope's clauses mean, what speaks for a link, and the floors on the labelled sample."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest

from jiqun import packs
from jiqun.industry.chains import scopes
from jiqun.industry.chains.matching import LinkTerms, Matcher
from jiqun.industry.chains.placing import links_of

HERE = Path(__file__).parent
LINKS = (
    LinkTerms("arm", "robot", ("工业机器人", "机械手臂"), ("3491",)),
    LinkTerms("agv", "robot", ("自动导引车", "AGV"), ("3439",)),
    LinkTerms("reducer", "robot", ("谐波减速器",), ("3453",)),
    LinkTerms("test", "robot", ("机器人检测认证",), ("7452",), is_service=True),
    LinkTerms("resist_chip", "ic", ("光刻胶", "集成电路材料"), ("3985",)),
    LinkTerms("resist_panel", "display", ("光刻胶", "显示面板材料"), ("3985",)),
)


def placed(text: str | None, code: str | None = None) -> dict[str, float]:
    matcher = Matcher.of(LINKS)
    firms = pl.DataFrame({"code": ["x"], "industry_code": [code], "text": [text]}, schema_overrides={
        "industry_code": pl.String, "text": pl.String})  # fmt: skip
    return {matcher.links[row["link"]].id: row["score"] for row in matcher.match(firms).to_dicts()}


def told(text: str) -> list[tuple[str, str, bool, bool, bool]]:
    rows = scopes.things(pl.DataFrame({"firm": [0], "text": [text]}))
    return list(rows.select("thing", "use", "make", "serve", "trade").iter_rows())


def test_a_scope_comes_apart_into_things_and_what_is_done_with_them() -> None:
    assert told("一般项目：工业机器人、ＡＧＶ的研发与制造；数控机床销售（不含制造）") == [
        ("工业机器人", "", True, False, False),
        ("agv", "", True, False, False),
        ("数控机床", "", False, False, True),
    ]


def test_what_a_thing_is_used_for_is_not_the_thing() -> None:
    assert told("工业机器人用精密减速器制造") == [("精密减速器", "工业机器人", True, False, False)]
    assert told("半导体器件专用设备制造")[0][:2] == ("半导体器件专用设备", "")
    assert told("医用口罩生产")[0][:2] == ("医用口罩", "")


def test_excluded_clauses_name_nothing() -> None:
    assert told("道路货物运输（不含危险化学品）") == [("道路货物运输", "", False, True, False)]
    assert told("食品加工，不含乳制品") == [("食品", "", True, False, False)]
    assert told("  ") == told("一般项目：") == []


def test_making_counts_and_trading_does_not() -> None:
    assert placed("工业机器人制造；工业机器人销售", "3491").keys() == {"arm"}
    assert placed("工业机器人销售、租赁", "5179") == {}
    assert placed("软件开发（不含工业机器人制造）", "6513") == {}


def test_width_case_and_latin_words_are_folded() -> None:
    assert placed("ＡＧＶ的研发生产", "3439").keys() == {"agv"}
    assert placed("agv制造").keys() == {"agv"}


def test_a_service_link_is_met_by_serving() -> None:
    assert placed("机器人检测认证服务", "7452").keys() == {"test"}


def test_the_rest_of_the_scope_decides_between_chains() -> None:
    assert placed("集成电路光刻胶生产", "3985").keys() == {"resist_chip"}
    assert placed("显示面板光刻胶生产", "3985").keys() == {"resist_panel"}


def test_the_code_speaks_for_and_against() -> None:
    known, foreign, unknown = (placed("谐波减速器制造", code).get("reducer", 0.0) for code in ("3453", "5179", None))
    assert known >= unknown > foreign


@pytest.mark.parametrize("text", [None, "", "；；、", "等", "用", "（", "的研发"])
def test_empty_and_broken_scopes_place_nowhere(text: str | None) -> None:
    assert placed(text) == {}


def test_no_firms_and_no_links_are_answered() -> None:
    none = pl.DataFrame(schema={"code": pl.String, "industry_code": pl.String, "text": pl.String})
    assert Matcher.of(LINKS).match(none).height == 0
    one = pl.DataFrame({"code": ["x"], "industry_code": ["3491"], "text": ["工业机器人制造"]})
    assert Matcher.of(()).match(one).height == 0


def test_the_words_that_speak_for_a_link_are_told() -> None:
    firms = pl.DataFrame({"code": ["x"], "industry_code": ["3491"], "text": ["多关节工业机器人的研发"]})
    row = Matcher.of(LINKS).match(firms).row(0, named=True)
    assert (row["term"], row["thing"], row["does"], row["code_fit"]) == (
        "工业机器人", "多关节工业机器人", "make", "class",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("file", "rows", "precision", "recall"),
    [
        ("firm_texts.csv", slice(0, None, 2), 0.94, 0.94),  # tuned on
        ("firm_texts.csv", slice(1, None, 2), 0.94, 0.92),  # not tuned on, but its words were known
        ("firm_texts_fresh.csv", slice(None), 0.88, 0.94),  # fresh once (0.74, 0.53), looked at since
        ("firm_texts_second.csv", slice(None), 0.95, 0.96),  # fresh once (0.85, 0.81), looked at since
        ("firm_texts_third.csv", slice(None), 0.95, 0.84),  # never looked at, by the same writer as the terms
    ],
)
def test_scores_on_the_sample_do_not_fall(file: str, rows: slice, precision: float, recall: float) -> None:
    matcher = Matcher.of(links_of(packs.load(packs.folder("suzhou"))))
    with (HERE / file).open(encoding="utf-8") as opened:
        labelled = list(csv.DictReader(opened))[rows]
    firms = pl.DataFrame(
        {"code": [""] * len(labelled), "industry_code": [row["code"] for row in labelled],
         "text": [row["text"] for row in labelled]}
    )  # fmt: skip
    found = {(row["firm"], matcher.links[row["link"]].id) for row in matcher.match(firms).to_dicts()}
    wanted = {(at, id_) for at, row in enumerate(labelled) for id_ in filter(None, row["links"].split("|"))}
    right = len(found & wanted)
    assert right / len(found) >= precision
    assert right / len(wanted) >= recall
