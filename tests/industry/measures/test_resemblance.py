"""Areas like the ones beside them, and unlike: what is told, what cannot be, and nothing about one firm."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from jiqun import packs
from jiqun.industry.measures.candidates import false_discovery
from jiqun.industry.measures.resemblance import TEST, Pairs, Verdict, pairs_beside, resemblance
from jiqun.industry.measures.results import Measurement, measured

SIDE = 7


def board(side: int = SIDE) -> Pairs:
    place = np.arange(side * side).reshape(side, side)
    across = np.stack([place[:, :-1].ravel(), place[:, 1:].ravel()], axis=1)
    down = np.stack([place[:-1].ravel(), place[1:].ravel()], axis=1)
    return np.concatenate([across, down])


def quotients(values: Any, **faults: Any) -> Measurement:
    return measured("location_quotient", np.asarray(values, float).reshape(len(values), -1), faults)


def hill(side: int = SIDE) -> Any:
    """High in one corner, an isle of low within it, low elsewhere."""
    made = 0.5 + np.random.default_rng(6).normal(scale=0.1, size=(side, side))
    made[:3, :3] += 5
    made[1, 1] = 0
    return made.reshape(-1, 1)


def nothing_hidden(found: Measurement) -> Any:
    return np.zeros(found.values.shape, np.bool_)


@pytest.fixture(scope="module")
def told() -> Any:
    found = quotients(hill())
    return resemblance(found, board(), nothing_hidden(found))


def test_high_among_high_and_low_among_high_are_told(told):
    assert told.verdict(0, 0) is Verdict.HIGH_HIGH
    assert told.verdict(SIDE + 1, 0) is Verdict.LOW_HIGH
    assert Verdict.HIGH_HIGH.label == "高–高聚集"
    assert Verdict.LOW_HIGH.label == "低–高异常"
    assert told.compared == 49
    assert told.whole.p[0] < 0.05


def test_q_is_of_the_areas_of_one_industry(told):
    assert told.q[:, 0] == pytest.approx(false_discovery(told.local.p[:, 0]))


def test_p_counts_both_ways(told):
    """An area may be like its neighbours or unlike them: the one-sided p of 1/1,000 is told as 2/1,000."""
    assert told.local.p[SIDE + 1, 0] == pytest.approx(2 / 1_000)


def test_chance_is_seldom_told():
    rng = np.random.default_rng(4)
    found = quotients(rng.gamma(2.0, size=(49, 200)))
    tested = resemblance(found, board(), nothing_hidden(found))
    told = sum(any(tested.verdict(a, g).is_told for a in range(49)) for g in range(200))
    # of industries without any pattern at most 5 % may tell something: 10 ± four standard deviations
    assert told <= 10 + 4 * np.sqrt(200 * 0.05 * 0.95)


def test_five_areas_in_a_row_are_too_few_to_tell():
    """Of the four others an area has one or two neighbours: 4 or 6 choices, two-sided p at least 2/6."""
    row = np.array([(0, 1), (1, 2), (2, 3), (3, 4)])
    found = quotients([[3.0], [2.5], [1], [0.4], [0.2]])
    tested = resemblance(found, row, nothing_hidden(found))
    assert tested.local.p[1, 0] >= 2 / 6
    assert {tested.verdict(a, 0) for a in range(5)} == {Verdict.TOO_FEW}


def test_what_could_have_passed_and_did_not_is_chance(told):
    """Of 48 others an inner area has four neighbours: 194,580 choices, 999 drawn."""
    assert told.verdict(48, 0) is Verdict.CHANCE
    assert told.least_q[48, 0] <= TEST.fdr < told.q[48, 0]


def test_least_q_is_q_with_the_own_p_replaced(told):
    p, least = told.local.p[:, 0], 2 / 1_000
    for area in (0, 5, 24, 48):
        changed = p.copy()
        changed[area] = least
        assert told.least_q[area, 0] == pytest.approx(false_discovery(changed)[area])


def test_an_industry_with_a_hidden_cell_is_not_told_anywhere():
    """From the I of the neighbours the hidden value could be worked out."""
    found = quotients(np.concatenate([hill(), hill()], axis=1))
    hidden = nothing_hidden(found)
    hidden[30, 1] = True
    tested = resemblance(found, board(), hidden)
    assert {tested.verdict(a, 1) for a in range(49)} == {Verdict.UNKNOWN}
    assert tested.local.at(0, 1).reason.id == tested.whole.at(1).reason.id == "confidential"
    assert np.isnan(tested.local.p[:, 1]).all()
    assert np.isnan(tested.q[:, 1]).all()
    assert np.isnan(tested.least_q[:, 1]).all()
    assert not tested.quarter[:, 1].any()
    assert tested.verdict(0, 0) is Verdict.HIGH_HIGH


def test_an_industry_unknown_in_an_area_is_unknown_in_all():
    few = np.zeros((49, 2), np.bool_)
    few[:, 1] = True
    found = quotients(np.concatenate([hill(), hill()], axis=1), too_few_firms=few)
    tested = resemblance(found, board(), nothing_hidden(found))
    assert tested.local.at(0, 1).reason.id == "too_few_firms"
    assert tested.local.at(0, 0).reason is None


def test_an_area_beside_no_other_is_left_out_of_the_comparison():
    found = quotients(np.concatenate([hill(), [[99.0]]]))
    tested = resemblance(found, board(), nothing_hidden(found))
    assert tested.local.at(49, 0).reason.id == "isolated"
    assert tested.verdict(0, 0) is Verdict.HIGH_HIGH
    assert tested.beside.tolist()[49] == 0


def test_the_same_register_gives_the_same_again(told):
    found = quotients(hill())
    again = resemblance(found, board(), nothing_hidden(found))
    assert again.local.p.tolist() == told.local.p.tolist()
    other = resemblance(found, board(), nothing_hidden(found), replace(TEST, seed=1))
    assert other.local.p.tolist() != told.local.p.tolist()


def test_neighbours_are_those_of_the_folder_by_the_name_that_reports():
    """高新区 is 虎丘 under its other name."""
    city = packs.load("suzhou")
    ids = ("suzhou_snd", "suzhou_gusu", "suzhou_zhangjiagang", "suzhou_changshu", "suzhou")
    assert pairs_beside(city, ids).tolist() == [[0, 1], [2, 3]]
    renamed = [one.model_copy(update={"area_id": "suzhou_huqiu"}) if one.area_id == "suzhou_snd" else one
               for one in city.neighbours]  # fmt: skip
    assert pairs_beside(replace(city, neighbours=tuple(renamed)), ids).tolist() == [[0, 1], [2, 3]]


def test_every_reporting_area_of_suzhou_is_beside_another():
    city = packs.load("suzhou")
    ids = tuple(one.id for one in city.areas.values() if one.reports and one.id.startswith("suzhou_"))
    assert len(ids) == 10
    assert (np.bincount(pairs_beside(city, ids).ravel(), minlength=10) > 0).all()
