"""What people typed, read as they meant it."""

from __future__ import annotations

import pytest

from jiqun.model.errors import InputRefused
from jiqun.web.forms import pick_bodies, pick_indicator, whole
from tests.flows.conftest import yunchuan

__all__ = ["yunchuan"]


@pytest.fixture
def others(yunchuan):
    """Two indicators of the folder beside `firms`."""
    return [found for found in yunchuan.indicators.values() if found.id != "firms"][:2]


def pick(city, typed, candidate, current):
    return pick_indicator(city, {"indicator_pick": typed, "candidate": candidate}, current)


def test_a_name_typed_anew_outweighs_the_button_pressed_from_the_start(yunchuan, others):
    assert pick(yunchuan, others[0].name, "firms", "firms") == others[0].id


def test_a_button_pressed_outweighs_the_name_left_standing(yunchuan, others):
    firms = yunchuan.indicators["firms"].name
    assert pick(yunchuan, firms, others[0].id, "firms") == others[0].id
    assert pick(yunchuan, "", others[1].id, None) == others[1].id


def test_nothing_touched_keeps_the_indicator(yunchuan):
    firms = yunchuan.indicators["firms"].name
    assert pick(yunchuan, firms, "firms", "firms") == "firms"
    assert pick(yunchuan, firms, "", "firms") == "firms"
    assert pick(yunchuan, "", "", None) is None


def test_a_name_that_is_no_indicator_s_is_refused(yunchuan):
    with pytest.raises(InputRefused, match="没有这个指标"):
        pick(yunchuan, "云量", "firms", "firms")


def test_bodies_are_read_in_their_order_under_any_of_their_names(yunchuan):
    found, faults = pick_bodies(yunchuan, "市科技局\n云川市工业和信息化局、市科技局")
    assert (found, faults) == (["kjj", "gxj"], [])
    assert "市天文局" in str(pick_bodies(yunchuan, "市天文局")[1][0])


@pytest.mark.parametrize(
    ("text", "number"), [("12", 12), ("", None), (None, None), ("1x", None), ("²", None), ("9" * 12, None)]
)
def test_a_number_in_an_address_is_a_number_or_nothing(text, number):
    assert whole(text) == number
