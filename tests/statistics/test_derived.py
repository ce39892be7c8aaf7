"""Derived industries: classes whole and in part, stated shares, clusters that share firms; against plain arithmetic."""

from __future__ import annotations

import datetime
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiqun import packs
from jiqun.model.errors import NotFound
from jiqun.statistics import derived
from jiqun.statistics.derived import LINES, MEMBERS, SHARES, WHOLE, _expanded

CITY = packs.load("china")
DAY = datetime.date(2023, 6, 30)


def lines(*rows):
    return pl.DataFrame(rows, schema=LINES, orient="row")


def classes(*rows):
    return pl.DataFrame(rows, schema=MEMBERS, orient="row")


def shares(*rows):
    return pl.DataFrame(rows, schema=SHARES, orient="row")


def of(series, by_group=False, on=DAY):
    return derived.members(CITY, *derived.edition(CITY, series, on), by_group)


def test_a_firms_own_share_counts_where_its_class_is_not_known():
    firms = lines(("a", None, 100), ("b", "3915", 50))
    (found,) = derived.sums(derived.parts(firms, of("sei"), shares(("a", None, "sei_2018", 600_000))))
    assert (found.low, found.high, found.firms) == (110, 110, 2)


# Classes of the 2018 classification: 3915 信息安全设备制造 whole, 6319 其他电信服务 in part (its starred row).
def test_a_class_in_part_is_an_interval_until_a_share_is_stated():
    firms = lines(("a", "3915", 100), ("b", "6319", 1000), ("c", "0111", 7))
    (found,) = derived.sums(derived.parts(firms, of("sei")))
    assert (found.low, found.high, found.firms, found.open_lines) == (100, 1100, 2, 1)
    assert not found.is_exact
    stated = shares((None, "6319", "sei_2018", 250_000))
    (found,) = derived.sums(derived.parts(firms, of("sei"), stated))
    assert (found.low, found.high, found.open_lines, found.is_exact) == (350, 350, 0, True)
    own = pl.concat([stated, shares(("b", "6319", "sei_2018", 600_000), ("c", "0111", "sei_2018", 1_000_000))])
    (found,) = derived.sums(derived.parts(firms, of("sei"), own))
    assert (found.low, found.high, found.firms, found.firms_in_part) == (707, 707, 3, 2)


def test_only_core_classes_of_the_digital_economy_count():
    found = of("digital_core")
    assert "3911" in set(found["industry_code"])  # 计算机整机制造, 0101
    whole = {row["gb_code"] for row in CITY.crosswalk("digital_2021")}
    assert len(set(found["industry_code"])) < len(whole)  # class 05 of the list (产业数字化) is not core


def test_an_edition_holds_from_its_day():
    with pytest.raises(NotFound, match="digital_core"):
        derived.edition(CITY, "digital_core", datetime.date(2020, 1, 1))
    assert derived.edition(CITY, "digital_core", datetime.date(2021, 5, 27))[1].id == "digital_core_2021"


def test_a_classification_has_the_classes_that_its_source_counts():
    found = of("sei")
    assert found.height == found["industry_code"].n_unique() == 469  # 939 rows of 40 groups name 469 classes
    assert found.select("industry_code", "match").n_unique() == 469
    groups = of("sei", by_group=True)
    assert set(groups["target"]) == {str(number) for number in range(1, 10)}
    assert groups.height > 469  # classes that several of the nine fields share


def test_a_division_is_written_out_to_its_classes_and_the_nearer_word_holds():
    for named in ([("t", "39", "partial"), ("t", "3911", "full")], [("t", "3911", "full"), ("t", "39", "partial")]):
        found = dict(_expanded(CITY, named).select("industry_code", "match").iter_rows())
        assert (found["3911"], found["3912"]) == ("full", "partial")
        assert all(len(code) == 4 and code.startswith("39") for code in found)


def test_a_firm_in_two_clusters_counts_once_in_all_and_the_overlap_is_told():
    firms = lines(("a", "1", 100), ("b", "2", 60), ("c", "3", 10))
    inside = classes(
        ("x", "1", "full"), ("y", "1", "full"), ("x", "2", "partial"), ("y", "2", "partial"), ("y", "3", "full")
    )
    own = shares(("b", "2", "x", 700_000), ("b", "2", "y", 500_000))
    found = derived.parts(firms, inside, own)
    assert [(s.target, s.low, s.high) for s in derived.sums(found)] == [("x", 142, 142), ("y", 140, 140)]
    # By hand: a once 100, c 10; of b at least its larger part 42, at most all 60: 70 % and 50 % overlap by 20 to 50 %.
    whole = derived.union(found)
    assert (whole.low, whole.high, whole.firms) == (152, 170, 3)
    (overlap,) = derived.overlaps(found)
    assert (overlap.one, overlap.other, overlap.firms, overlap.low, overlap.high) == ("x", "y", 2, 112, 130)


def test_unknown_amounts_are_counted_and_left_out_and_losses_turn_the_interval():
    (found,) = derived.sums(
        derived.parts(lines(("a", "1", None), ("b", "1", -50), (None, None, 9)), classes(("t", "1", "partial")))
    )
    assert (found.low, found.high, found.unknown, found.is_exact) == (-50, 0, 1, False)


def test_nothing_is_a_sum_of_nothing():
    assert derived.sums(derived.parts(lines(), of("sei"))) == ()
    assert derived.union(derived.parts(lines(), of("sei"))).high == 0


def test_a_firm_is_explained_line_by_line():
    firms = lines(("a", "3915", 100), ("a", "6319", 1000))
    told = derived.explain(derived.parts(firms, of("sei")), "a")
    assert [(t["industry_code"], t["low"], t["high"], t["words"]) for t in told] == [
        ("3915", 100, 100, "整类计入"), ("6319", 0, 1000, "只有一部分计入，比例未知"),
    ]  # fmt: skip


def test_faults_of_shares_are_all_told():
    wrong = shares(
        ("a", "1", "t", -1), ("a", "1", "u", 5), (None, "2", "t", 5), (None, "1", "t", WHOLE + 1), (None, "1", "t", 3),
    )  # fmt: skip
    codes = [f.code for f in derived.share_faults(wrong, classes(("t", "1", "partial"), ("t", "2", "full")))]
    assert codes == ["share_range", "share_target", "share_class", "share_range", "share_twice"]


CODE = st.sampled_from(["1", "2", "3", None])
LINE = st.tuples(st.sampled_from(["a", "b", "c"]), CODE, st.one_of(st.none(), st.integers(-(10**15), 10**15)))
MEMBER = st.tuples(st.sampled_from("xyz"), st.sampled_from(["1", "2", "3"]), st.sampled_from(["full", "partial"]))
SHARE = st.tuples(
    st.sampled_from(["a", "b", None]), st.sampled_from(["1", "2", "3"]), st.sampled_from("xyz"), st.integers(0, WHOLE)
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(LINE, max_size=12), st.lists(MEMBER, max_size=6, unique_by=lambda m: m[:2]),
    st.lists(SHARE, max_size=5, unique_by=lambda s: s[:3]),
)  # fmt: skip
def test_sums_are_those_of_plain_arithmetic(given_lines, given_classes, given_shares):
    found = derived.parts(lines(*given_lines), classes(*given_classes), shares(*given_shares))
    match = {m[:2]: m[2] for m in given_classes}
    stated = {s[:3]: Fraction(s[3], WHOLE) for s in given_shares}

    def ends(firm, code, target):
        """(at least, at most) of a line, or None where the target has nothing to do with it."""
        if (firm, code, target) in stated:
            return (stated[firm, code, target],) * 2
        kind = match.get((target, code))
        if kind == "partial" and (None, code, target) in stated:
            return (stated[None, code, target],) * 2
        return {None: None, "full": (1, 1), "partial": (0, 1)}[kind]

    def total(bounds):
        known = [sorted((amount * low, amount * high)) for amount, low, high in bounds if amount is not None]
        return (sum(low for low, _ in known), sum(high for _, high in known))

    plain, every, pairs, who = {}, [], {}, {}
    for firm, code, amount in given_lines:
        here = {t: e for t in "xyz" if (e := ends(firm, code, t)) is not None}
        for target, (low, high) in here.items():
            plain.setdefault(target, []).append((amount, low, high))
            who.setdefault(target, set()).add(firm)
            if match.get((target, code)) != "full" or (firm, code, target) in stated:
                who.setdefault(f"part of {target}", set()).add(firm)
            for other, (low_2, high_2) in here.items():
                if target < other:
                    both = (amount, max(0, low + low_2 - 1), min(high, high_2))
                    pairs.setdefault((target, other), []).append(both)
                    who.setdefault((target, other), set()).add(firm)
        if here:
            every.append((amount, max(e[0] for e in here.values()), min(1, sum(e[1] for e in here.values()))))
    assert {s.target: (s.low, s.high) for s in derived.sums(found)} == {t: total(b) for t, b in plain.items()}
    whole = derived.union(found)
    assert (whole.low, whole.high) == total(every)
    assert {(o.one, o.other): (o.low, o.high) for o in derived.overlaps(found)} == {
        p: total(b) for p, b in pairs.items()
    }
    assert {(o.one, o.other): o.firms for o in derived.overlaps(found)} == {p: len(who[p]) for p in pairs}
    counts = {s.target: (s.firms, s.firms_in_part, s.lines) for s in derived.sums(found)}
    assert counts == {t: (len(who[t]), len(who.get(f"part of {t}", ())), len(b)) for t, b in plain.items()}
    assert whole.firms == len(set().union(*(who[t] for t in plain))) and whole.lines == len(every)
