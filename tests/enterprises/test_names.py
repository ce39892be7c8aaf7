"""Names as offices write them: what says nothing is dropped, what tells firms apart is kept."""

from __future__ import annotations

from functools import cache

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiqun import packs
from jiqun.enterprises import names


@pytest.fixture(scope="module")
def known(city):
    return names.places(city)


def one(expression, text):
    return pl.DataFrame({"name": [text]}, schema={"name": pl.String}).select(expression).item()


def core(text, known):
    return one(names.core(names.normal_form(pl.col("name")), known), text)


SAME = "苏州瑞恒精密机械(集团)有限公司"


@pytest.mark.parametrize(
    "written",
    [
        "苏州瑞恒精密机械（集团）有限公司",
        "苏州 瑞恒精密机械【集团】有限公司",
        "苏州瑞恒精密机械〔集团〕有限公司 ",
        "“苏州瑞恒精密机械（集团）有限公司”",
        "苏州瑞恒\u200b精密机械（集团）　有限公司",
    ],
)
def test_width_brackets_spaces_and_quotes_make_no_other_name(written):
    assert one(names.normal_form(pl.col("name")), written) == SAME


def test_latin_letters_are_compared_in_one_case_and_width():
    assert one(names.normal_form(pl.col("name")), "ＡＢc·科技 Co., Ltd.") == "ABC科技COLTD"


@pytest.mark.parametrize(
    "written",
    [
        "苏州瑞恒精密机械有限公司",
        "苏州市瑞恒精密机械有限责任公司",
        "江苏苏州瑞恒精密机械有限公司",
        "江苏省苏州市瑞恒精密机械有限公司",
        "瑞恒精密机械（苏州）有限公司",
        "瑞恒精密机械有限公司",
        "苏州瑞恒精密机械股份有限公司",
        "苏州瑞恒精密机械（集团）有限公司",
        "苏州瑞恒精密机械",
        "苏州瑞恒精密机械有限公",
    ],
)
def test_place_and_legal_form_are_not_of_the_core(written, known):
    assert core(written, known) == "瑞恒精密机械"


def test_a_name_of_place_and_form_only_keeps_its_place(known):
    assert core("苏州公司", known) == "苏州"
    assert core("昆山有限公司", known) == "昆山"
    assert core("有限公司", known) == "有限公司"


def test_a_branch_is_another_body(known):
    branch = "苏州瑞恒精密机械有限公司昆山分公司"
    assert core(branch, known) != "瑞恒精密机械"
    assert one(names.is_branch(names.normal_form(pl.col("name"))), branch)
    assert one(names.form(names.normal_form(pl.col("name"))), branch) is None


@pytest.mark.parametrize(
    ("written", "area"),
    [
        ("苏州瑞恒有限公司", "suzhou"),
        ("江苏省苏州市吴江区瑞恒有限公司", "suzhou_wujiang"),
        ("苏州工业园区瑞恒有限公司", "suzhou_sip"),
        ("瑞恒（昆山）有限公司", "suzhou_kunshan"),
        ("瑞恒有限公司", None),
    ],
)
def test_the_place_of_a_name_is_the_nearest_it_says(written, area, known):
    assert one(names.place(names.normal_form(pl.col("name")), known), written) == area


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("甲乙有限责任公司", "有限公司"),
        ("甲乙股份公司", "股份有限公司"),
        ("甲乙（集团）股份有限公司", "集团股份有限公司"),
        ("甲乙投资中心（有限合伙）", "合伙企业"),
        ("甲乙厂", None),
    ],
)
def test_forms_have_one_writing(written, form):
    assert one(names.form(names.normal_form(pl.col("name"))), written) == form


def test_unknown_stays_unknown(known):
    assert one(names.normal_form(pl.col("name")), None) is None
    assert core(None, known) is None


@cache
def suzhou_places():
    return names.places(packs.load("suzhou"))


@settings(deadline=None)  # the machine may be busy
@given(st.text(st.sampled_from("苏州市昆山瑞恒精密机械有限责任股份公司集团()（）【】 A·分厂"), max_size=24))
def test_a_normal_form_is_its_own_and_a_core_is_never_lost(text):
    known = suzhou_places()
    normal = one(names.normal_form(pl.col("name")), text)
    assert one(names.normal_form(pl.col("name")), normal) == normal
    assert bool(core(text, known)) == bool(normal)
