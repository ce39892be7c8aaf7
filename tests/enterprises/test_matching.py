"""Dirty names find their firm, firms of nearly the same name are told apart, and nobody is merged in silence."""

from __future__ import annotations

import datetime

import polars as pl
import pytest
from benchmarks import matching as benchmark

from jiqun.enterprises import columns, matching
from jiqun.enterprises.matching import Evidence
from jiqun.enterprises.register import Firms
from jiqun.model.purposes import Purpose
from tests.enterprises.conftest import code

USE = Purpose.SERVICE
NAMES = {
    1: "苏州瑞恒精密机械有限公司",
    2: "昆山瑞恒精密机械有限公司",
    3: "苏州瑞恒精密机械股份有限公司",
    4: "苏州安达生物科技有限公司",
    5: "苏州安达生物科技有限公司昆山分公司",
    6: "太仓宏图电子有限公司",
    7: "张家港宏图纺织有限公司",
    8: "苏州旭日新材料有限公司",
}


@pytest.fixture(scope="module")
def given(city):
    frame = pl.LazyFrame(
        {
            "uscc": [code(number) for number in NAMES],
            "name": list(NAMES.values()),
            "former_names": [["苏州东升塑料有限公司"] if number == 8 else [] for number in NAMES],
        }
    )
    return Firms(frame, columns.columns(city), datetime.date(2025, 1, 31), 2024, Purpose.ADMINISTRATIVE, USE)


@pytest.fixture
def candidates(given, city):
    def candidates(name, uscc=None):
        dirty = pl.DataFrame({"name": [name], "uscc": [uscc]}, schema={"name": pl.String, "uscc": pl.String})
        found = matching.match(dirty, given, city)
        return [(NUMBER[row["uscc"]], row["verdict"], set(row["evidence"])) for row in found.to_dicts()]

    return candidates


NUMBER = {code(number): number for number in NAMES}


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("苏州安达生物科技有限公司", 4),
        ("苏州安达生物科技 有限责任公司", 4),
        ("江苏省苏州市安达生物科技有限公司", 4),
        ("安达生物科技（苏州）有限公司", 4),
        ("太仓市宏图电子有限公司", 6),
        ("昆山瑞恒精密机械有限公司", 2),
    ],
)
def test_what_is_written_otherwise_only_is_certain(candidates, written, number):
    best = candidates(written)[0]
    assert best[:2] == (number, "certain")


def test_firms_that_differ_in_place_or_form_only_are_both_proposed_and_none_is_certain(candidates):
    found = candidates("瑞恒精密机械有限公司")
    assert {number for number, _, _ in found[:3]} == {1, 2, 3}
    assert all(verdict != "certain" for _, verdict, _ in found)


def test_another_place_speaks_against_and_is_said(candidates):
    found = {number: evidence for number, _, evidence in candidates("苏州宏图电子有限公司")}
    assert "core" in found[6]  # 太仓 lies within 苏州: not another place
    elsewhere = {number: (verdict, evidence) for number, verdict, evidence in candidates("吴江宏图电子有限公司")}
    assert elsewhere[6][0] != "certain"
    assert "other_place" in elsewhere[6][1]


def test_a_branch_is_not_its_firm(candidates):
    found = candidates("苏州安达生物科技有限公司昆山分公司")
    assert found[0][:2] == (5, "certain")
    assert all("branch" in evidence for number, _, evidence in found if number == 4)


def test_a_former_name_finds_the_firm_and_is_said(candidates):
    number, verdict, evidence = candidates("苏州东升塑料有限公司")[0]
    assert (number, verdict) == (8, "certain")
    assert "former_name" in evidence


def test_a_sound_code_finds_the_firm_whatever_the_name(candidates):
    assert candidates("苏州宏图电子", code(6))[0][:2] == (6, "certain")
    number, verdict, evidence = candidates("毫不相干商行", code(6))[0]
    assert (number, verdict) == (6, "likely")
    assert {"code", "other_name"} <= evidence


def test_a_name_under_the_code_of_another_firm_is_not_certain(candidates):
    found = {number: (verdict, evidence) for number, verdict, evidence in candidates(NAMES[6], code(7))}
    assert found[7][0] != "certain"
    assert "other_name" in found[7][1] or "code" in found[7][1]
    assert found[6][0] != "certain"
    assert "other_code" in found[6][1]


def test_one_wrong_character_is_proposed_for_a_person_to_see(candidates):
    number, verdict, evidence = candidates("苏州安达生勿科技有限公司")[0]
    assert number == 4
    assert verdict != "certain"
    assert "similar" in evidence


@pytest.mark.parametrize("stranger", ["上海某某某", "苏州金桥餐饮管理有限公司", "", None])
def test_a_name_like_no_other_finds_nobody(candidates, stranger):
    assert [found for found in candidates(stranger) if found[1] != "possible"] == []


def test_duplicates_in_the_register_are_proposed_in_pairs(given, city):
    found = matching.duplicates(given, city)
    pairs = {frozenset((NUMBER[row["uscc"]], NUMBER[row["other"]])) for row in found.to_dicts()}
    assert pairs == {frozenset((1, 3))}
    assert "other_form" in found["evidence"][0].to_list()


def test_each_kind_of_evidence_has_words():
    assert len({each.label for each in Evidence}) == len(Evidence)


def test_certain_is_right_and_most_names_find_their_firm(city):
    """The benchmark's ways of spoiling 2,200 names of 5,000 firms; its own report has them way by way."""
    firms = benchmark.register(city, 5_000, 0)
    strangers = benchmark.register(city, 2_000, 99).select("uscc", "name").join(firms, on="name", how="anti")
    unique = firms.filter(pl.col("name").is_unique()).select("uscc", "name")
    by_way, by_verdict = benchmark.measure(city, firms, benchmark.spoilt(city, unique, strangers, 2_200))
    right = dict(by_verdict.select("verdict", "right_pct").iter_rows())
    assert right["certain"] > 99.5
    assert right["likely"] > 90
    first = dict(by_way.filter(pl.col("way") != "stranger").select("way", "first_pct").iter_rows())
    hard = {"one wrong character", "one character lost"}
    assert min(pct for way, pct in first.items() if way not in hard) > 98
    assert min(first[way] for way in hard) > 88
