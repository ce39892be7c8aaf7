"""What speaks against a claim, what it costs, and how the costs are fitted."""

from __future__ import annotations

from math import exp, log

import pytest
from benchmarks import calibrate_confidence as calibrate
from benchmarks.calibrate_confidence import Row, Said

from jiqun import packs
from jiqun.documents import read
from jiqun.extraction import confidence, extract


@pytest.fixture(scope="module")
def china():
    return packs.load("china")


def claims(text, city, name="case.txt"):
    return extract(read(text.encode(), name), city).claims


def doubts(text, city) -> list[set[str]]:
    return [set(claim.doubts) for claim in claims(text, city)]


def test_a_plain_sentence_leaves_no_doubt(china):
    (plain,) = claims("到2027年，全市规模以上工业增加值达到800亿元。", china)
    assert plain.doubts == ()
    assert plain.confidence == pytest.approx(1 / (1 + exp(-confidence.SCALE.base)), abs=0.001)


def test_what_is_read_elsewhere_is_doubted(china):
    assert "period_paragraph" in doubts("到2027年，实现三大目标。全市规模以上工业增加值达到800亿元。", china)[-1]
    assert "target_undated" in doubts("力争全市规模以上工业增加值达到800亿元。", china)[0]
    assert "forecast" in doubts("2027年，全市规模以上工业增加值有望达到800亿元。", china)[0]
    assert "years_several" in doubts("到2025年、2027年，全市规模以上工业增加值分别达到800亿元、900亿元。", china)[0]


def test_an_odd_name_is_doubted(china):
    assert "name_short" in doubts("到2027年，茶叶达到3万吨。", china)[0]
    assert "subjects_shared" in doubts("到2027年，粮食产量、茶叶产量分别达到3万吨、2万吨。", china)[1]
    assert "number_spoken" in doubts("到2027年，建成三个重点实验室。", china)[0]
    assert "form_rank" in doubts("2023年，全市软件业务收入居全省第二。", china)[0]


def test_a_period_of_a_title_or_a_heading_says_so(china):
    titled = "青石县2026年工业发展工作方案\n\n一、主要目标\n\n全县规模以上工业增加值达到80亿元。\n"
    assert "period_title" in doubts(titled, china)[0]
    headed = titled.replace("2026年", "").replace("主要目标", "2026年主要目标")
    assert "period_heading" in doubts(headed, china)[0]


def test_a_further_doubt_never_makes_a_claim_surer():
    assert all(cost >= 0 for cost in confidence.SCALE.costs.values())
    held: list[str] = []
    said = [confidence.confidence(held)]
    for name in confidence.SCALE.costs:
        held.append(name)
        said.append(confidence.confidence(held))
    assert said == sorted(said, reverse=True)
    assert said[-1] < 0.05
    assert said[0] < 1


def test_the_dearest_reason_comes_first_and_what_costs_nothing_is_not_said(monkeypatch):
    scale = confidence.Scale(2.0, {"a": 0.5, "b": 1.5, "c": 0.0}, {"a": "甲", "b": "乙", "c": "丙"}, 0.9)
    monkeypatch.setattr(confidence, "SCALE", scale)
    assert confidence.reasons(("a", "c", "unknown", "b")) == ("乙", "甲")
    assert confidence.confidence(("b", "a")) == 0.5


def test_every_doubt_of_the_cases_has_its_words(china):
    from benchmarks.cases_by_phenomenon import read_cases

    found = {doubt for case in read_cases()[::8] for each in doubts(case["text"], china) for doubt in each}
    assert len(found) > 12
    assert found <= set(confidence.SCALE.words)


def rows(group, doubt, right, wrong):
    return [
        Row(group, f"t{at}", "figures", doubt, at < right) for at in range(right + wrong)
    ]  # fmt: skip


def test_the_base_is_the_share_and_a_cost_the_difference_in_logits():
    data = rows("texts", (), 90, 10) + rows("texts", ("late",), 50, 50)
    model = calibrate.fit(data, ["late"], ridge=1e-6)
    assert model.base["texts"] == pytest.approx(log(9), abs=0.02)
    assert model.costs["late"] == pytest.approx(log(9), abs=0.02)
    assert model.probability(("late",)) == pytest.approx(0.5, abs=0.01)


def test_a_sign_that_speaks_for_a_claim_costs_nothing_and_a_rare_one_neither():
    data = rows("texts", (), 80, 20) + rows("texts", ("good",), 100, 0) + rows("texts", ("rare",), 0, 7)
    model = calibrate.fit(data, ["good", "rare"])
    assert (model.costs["good"], model.costs["rare"]) == (0.0, 0.0)


def test_groups_keep_their_own_base():
    data = rows("texts", (), 80, 20) + rows("cases", (), 99, 1)
    model = calibrate.fit(data, [])
    assert model.probability(()) == pytest.approx(0.8, abs=0.01)
    assert model.probability((), "cases") == pytest.approx(0.99, abs=0.01)


def test_reliability_by_hand():
    said = (
        [Said(0.96, True, "a")] * 9
        + [Said(0.96, False, "b")]
        + [Said(0.6, True, "a")] * 5
        + [Said(0.6, False, "b")] * 5
    )
    assert [(name, n, round(right, 3)) for name, n, _, right in calibrate.bins(said)] == [
        ("0.50-0.70", 10, 0.5), ("0.95-1.00", 10, 0.9),
    ]  # fmt: skip
    assert calibrate.brier(said) == pytest.approx((9 * 0.04**2 + 0.96**2 + 5 * 0.4**2 + 5 * 0.6**2) / 20)
    assert calibrate.calibration_error(said) == pytest.approx((10 * 0.06 + 10 * 0.1) / 20)
    assert calibrate.discrimination(said) == pytest.approx((9 * 1 * 0.5 + 9 * 5 * 1 + 5 * 5 * 0.5) / (14 * 6))


def test_no_claim_is_judged_by_a_fit_that_saw_its_text():
    data = rows("texts", (), 40, 0) + [Row("texts", "apart", "figures", (), False)] * 40
    said = calibrate.out_of_sample(data, [], lambda row: row.text == "apart")
    assert all(each.chance > 0.95 for each in said if each.text == "apart")
    assert all(each.chance < 0.05 for each in said if each.text != "apart")
