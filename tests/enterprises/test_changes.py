"""Between two snapshots every firm that entered, left, merged, moved or took another name is named once for each."""

from __future__ import annotations

import pytest

from jiqun.enterprises import register
from jiqun.enterprises.changes import Change, changes, likely_successors
from jiqun.model.purposes import Purpose
from tests.enterprises.conftest import code, firms


@pytest.fixture
def between(kept, append, city):
    def between(before, after):
        append("2024-01-31", before)
        append("2025-01-31", after)
        on = [snapshot.about.day for snapshot in kept.snapshots()]
        return changes(*(register.read(kept, city, purpose=Purpose.ADMINISTRATIVE, day=day) for day in on))

    return between


def told(found):
    return {(row["change"], row["uscc"]): (row["before"], row["after"]) for row in found.to_dicts()}


def test_every_kind_of_change_is_told(between):
    before = firms(
        uscc=[code(n) for n in range(1, 9)],
        name=["不变公司", "旧名公司", "离开公司", "并出公司", "并留公司", "迁移公司", "转行公司", "注销公司"],
        area_id=["suzhou_wuzhong", None, None, None, None, "suzhou_wuzhong", None, None],
        industry_code=["3562", None, None, None, None, None, "3562", None],
        status=["active"] * 8,
        merged_into_uscc=[None, None, None, code(1), None, None, None, None],
    )
    after = firms(
        uscc=[code(n) for n in (1, 2, 5, 6, 7, 8, 9)],
        name=[
            "不变（）公司".replace("（）", " "),
            "新名公司",
            "并留公司",
            "迁移公司",
            "转行公司",
            "注销公司",
            "新设公司",
        ],
        area_id=["suzhou_wuzhong", "suzhou_gusu", None, "suzhou_sip", None, None, None],
        industry_code=["3562", None, None, None, "6513", None, None],
        status=["active", "active", "active", "active", "active", "cancelled", None],
        merged_into_uscc=[None, None, code(1), None, None, None, None],
    )
    assert told(between(before, after)) == {
        ("renamed", code(2)): ("旧名公司", "新名公司"),
        ("left", code(3)): ("离开公司", None),
        ("merged", code(4)): ("并出公司", code(1)),
        ("merged", code(5)): ("并留公司", code(1)),
        ("moved", code(6)): ("suzhou_wuzhong", "suzhou_sip"),
        ("reclassified", code(7)): ("3562", "6513"),
        ("status", code(8)): ("active", "cancelled"),
        ("entered", code(9)): (None, "新设公司"),
    }


def test_a_firm_that_moved_and_took_another_name_is_told_twice(between):
    before = firms(uscc=[code(1)], name=["旧名公司"], area_id=["suzhou_gusu"])
    after = firms(uscc=[code(1)], name=["新名公司"], area_id=["suzhou_sip"])
    assert set(told(between(before, after))) == {("renamed", code(1)), ("moved", code(1))}


def test_brackets_make_no_renaming_and_what_is_unknown_no_change(between):
    before = firms(uscc=[code(1), code(2)], name=["甲（苏州）公司", "乙公司"], area_id=[None, "suzhou_sip"])
    after = firms(uscc=[code(1), code(2)], name=["甲(苏州)公司", None], area_id=["suzhou_sip", None])
    assert told(between(before, after)) == {}


def test_a_merged_firm_is_told_once_and_not_again(between):
    gone = firms(uscc=[code(1)], name=["甲公司"], merged_into_uscc=[code(2)])
    assert told(between(gone, gone)) == {}


def test_a_firm_under_another_code_is_proposed_as_the_same(between):
    before = firms(uscc=[code(1), code(2)], name=["苏州瑞恒机械厂", "苏州安达公司"])
    after = firms(uscc=[code(3), code(4)], name=["苏州瑞恒机械厂", "昆山某某公司"])
    found = likely_successors(between(before, after))
    assert found.rows() == [(code(1), code(3), "苏州瑞恒机械厂")]


def test_every_change_has_a_word_for_people():
    assert len({change.label for change in Change}) == len(Change)
