"""When a phrase is taken for an indicator, and when a person chooses."""

from __future__ import annotations

import pytest

from jiqun import packs
from jiqun.documents import read
from jiqun.extraction import extract
from jiqun.extraction.linking import ENOUGH, settled
from jiqun.model.claims import Candidate


def test_a_likeness_that_is_not_enough_is_left_to_a_person():
    assert settled(()) is None
    assert settled((Candidate("a", ENOUGH - 0.001),)) is None
    assert settled((Candidate("a", ENOUGH), Candidate("b", ENOUGH - 0.2))) == Candidate("a", ENOUGH)


def test_two_indicators_that_are_equally_like_are_left_to_a_person():
    assert settled((Candidate("a", 1.0), Candidate("b", 1.0))) is None
    assert settled((Candidate("a", 1.0), Candidate("b", 0.98))) == Candidate("a", 1.0)


@pytest.mark.parametrize(
    ("sentence", "indicator"),
    [
        ("2023年，全市社会消费品零售总额下降3.1%。", "retail_sales_growth"),
        ("2023年，全市固定资产投资增速比上年回落2.5个百分点。", "fixed_asset_investment_growth"),
        ("2023年，全市农业总产值增长3.1%。", None),  # not of the industry above designated size
        ("2023年，全市外贸出口增长3.1%。", None),  # not of both directions
    ],
)
def test_a_fall_is_of_its_indicator_and_a_like_name_of_none(sentence, indicator):
    (claim,) = extract(read(sentence.encode(), "case.txt"), packs.load("china")).claims
    assert claim.indicator_id == indicator
    assert claim.candidates


@pytest.mark.parametrize(("place", "area_id"), [("苏州市", "suzhou"), ("昆山市", "suzhou_kunshan"), ("无锡市", None)])
def test_a_paper_speaks_of_the_place_of_its_title(place, area_id):
    text = f"{place}2023年国民经济和社会发展统计公报\n一、综合\n全市一般公共预算收入320亿元。进出口总额900亿元。\n"
    claims = extract(read(text.encode(), "bulletin.txt"), packs.load("suzhou")).claims
    assert [claim.area_id for claim in claims] == [area_id, area_id]
