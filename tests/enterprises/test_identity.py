"""Codes of GB 32100-2015: those of well-known firms fit, any single slip is seen, and the reason is said in words."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiqun.enterprises import identity
from jiqun.enterprises.identity import ALPHABET

# Widely published; written down from memory, and a wrong one would pass both checks once in 341.
PUBLIC = [
    "91110000710926094P",  # 中国石油化工股份有限公司
    "911100007109250324",  # 中国移动通信集团有限公司
    "914403001922038216",  # 华为技术有限公司
    "9144030071526726XG",  # 深圳市腾讯计算机系统有限公司
    "91100000100003962T",  # 中国工商银行股份有限公司
    "911100001000044477",  # 中国建设银行股份有限公司
    "9111000071093123XX",  # 国家电网有限公司
]

bodies = st.builds(
    lambda head, division, rest: head + division + rest,
    st.text(ALPHABET, min_size=2, max_size=2),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(ALPHABET, min_size=9, max_size=9),
)
codes = bodies.map(lambda body: body + identity.check_character(body))


def said(text: str) -> list[str]:
    return [finding.code for finding in identity.read(text).findings]


@pytest.mark.parametrize("code", PUBLIC)
def test_the_codes_of_well_known_firms_are_sound(code):
    read = identity.read(code)
    assert (read.is_valid, read.findings, read.department, read.kind) == (True, (), "市场监管（工商）", "企业")


def test_check_characters_as_worked_by_hand():
    # weights 1 3 9 27 19 26 16 17 20 29 25 13 8 24 10 30 28:
    # 9·1+1·3+1·9+1·27+0+0+0+0+1·20+0+0+0+0+4·24+4·10+4·30+7·28 = 520; 520 mod 31 = 24; 31 - 24 = 7
    assert identity.check_character("91110000100004447") == "7"
    # 10000444-7: 1·3+0+0+0+0+4·8+4·4+4·2 = 59; 59 mod 11 = 4; 11 - 4 = 7
    assert identity.organisation_check("10000444") == "7"
    # a sum divisible by 31 or 11 gives 0; a remainder of 1 by 11 gives X
    assert identity.check_character("0" * 17) == "0"
    assert identity.organisation_check("00000000") == "0"
    assert identity.organisation_check("40000000") == "X"  # 12 mod 11 = 1; 11 - 1 = 10


@pytest.mark.parametrize(
    ("head", "department", "kind"),
    [
        ("N2", "农业农村", "村级集体经济组织"),
        ("A1", "中央军委改革和编制办公室", "军队事业单位"),
        ("Y1", "其他", "其他"),
        ("12", "机构编制", "事业单位"),
        ("52", "民政", "民办非企业单位"),
        ("92", "市场监管（工商）", "个体工商户"),
        ("93", "市场监管（工商）", "农民专业合作社"),
    ],
)
def test_departments_beyond_the_registry_of_firms_are_known(head, department, kind):
    body = head + "320500" + "10000444" + "7"
    read = identity.read(body + identity.check_character(body))
    assert (read.findings, read.department, read.kind) == ((), department, kind)


@given(codes, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_any_one_character_changed_is_seen(code, at, other):
    changed = code[:at] + other + code[at + 1 :]
    assert identity.read(code).is_valid
    assert identity.read(changed).is_valid == (changed == code)


@given(codes, st.integers(0, 16))
def test_any_two_neighbours_swapped_are_seen(code, at):
    swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    assert identity.read(swapped).is_valid == (swapped == code)


@settings(deadline=None)
@given(st.lists(st.one_of(codes, st.text(ALPHABET + "IOé ", max_size=20), st.none()), min_size=1, max_size=30))
def test_the_fast_way_agrees_with_the_reader(texts):
    frame = pl.DataFrame({"code": texts}, schema={"code": pl.String})
    normal = [None if text is None else identity.normal(text) for text in texts]
    frame = pl.DataFrame({"code": normal}, schema={"code": pl.String})
    expected = [None if text is None else identity.read(text).is_valid for text in normal]
    assert frame.select(identity.is_valid(pl.col("code"))).to_series().to_list() == expected


@pytest.mark.parametrize(
    "text", ["９１１１０００0７１０９２６０９４Ｐ", " 91110000 710926094p", "'91110000-710926094P"]
)
def test_width_case_spaces_and_marks_are_read_through(text):
    assert identity.read(text).code == "91110000710926094P"
    assert identity.read(text).is_valid


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("", "uscc.empty", "没有填写"),
        ("9.1320500E+17", "uscc.spreadsheet", "科学计数法"),
        ("9111000071092609", "uscc.length", "有16位"),
        ("71092609-4", "uscc.length", "组织机构代码"),
        ("320500000123456", "uscc.length", "工商注册号"),
        ("9I110000710926094P", "uscc.character", "I"),
        ("9111000A710926094P", "uscc.division", "11000A"),
        ("91110000710926094X", "uscc.check", "应为 P，写的是 X"),
    ],
)
def test_what_is_wrong_is_said_in_words(text, code, words):
    (finding,) = identity.read(text).findings
    assert finding.code == code
    assert words in finding.message
    assert finding.remedy


def test_a_slip_of_look_alikes_or_neighbours_is_proposed_and_not_mended():
    assert identity.proposals("9I11OOO07IO9Z6O94P") == ("91110000710926094P",)
    assert "91110000710926094P" in identity.proposals("91110000719026094P")
    read = identity.read("9I110000710926094P")
    assert "91110000710926094P" in read.findings[0].remedy
    assert read.code == "9I110000710926094P"


def test_a_sound_code_that_a_registry_would_hardly_issue_is_doubted_only():
    body = "95320500" + "10000444" + "8"
    doubted = body + identity.check_character(body)
    assert said(doubted) == ["uscc.organisation", "uscc.department"]
    assert identity.read(doubted).is_valid
