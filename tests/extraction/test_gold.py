"""The scores on marked documents, and the evaluation that holds extraction to its floors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from benchmarks import evaluate_extraction as evaluate
from benchmarks import marked_texts
from benchmarks.evaluate_extraction import FLOORS, Score
from benchmarks.marked_texts import Compared, Pair

TEXT = "到2027年，全市规模以上工业增加值达到800亿元，高新技术企业达到900家。"


@pytest.fixture(scope="module")
def scores(reference_dir):
    rules = marked_texts.scorer(reference_dir)
    gold = evaluate.score(marked_texts.compare(marked_texts.gold(reference_dir), rules), rules)
    own_gold = evaluate.score(marked_texts.compare(marked_texts.own_gold(reference_dir), rules), rules)
    linked = Score({"rows": evaluate.links(reference_dir).share})
    return {"gold": gold, "own gold": own_gold, "links": linked}


@pytest.mark.parametrize("source", ["gold", "own gold", "links"])
def test_no_share_is_below_its_floor(scores, source):
    lines = evaluate.wrongs(scores[source].compared)
    assert evaluate.below({source: scores[source]}) == [], lines


def test_the_reference_scorer_says_the_same(reference_dir, scores):
    rules = marked_texts.scorer(reference_dir)
    texts = {marked.name: marked for marked in marked_texts.gold(reference_dir)}
    found = {name: [p.found for p in scores["gold"].compared.pairs if p.text == name and p.found] for name in texts}
    said = rules.score([(name, marked.text, marked.claims, found[name]) for name, marked in texts.items()])
    shares = scores["gold"].shares
    assert (said["detection"]["f1"], said["record"]["f1"]) == pytest.approx((shares["detection"], shares["record"]))
    assert all(said["slots"][slot] == pytest.approx(shares[slot]) for slot in said["slots"])


def test_every_row_of_the_table_is_placed(reference_dir):
    linked = evaluate.links(reference_dir)
    assert len(linked.right) + len(linked.wrong) + len(linked.left_open) + len(linked.missed) >= 110


def claim(**slots):
    return {
        "kind": "target", "comparator": "ge", "measure": "level", "period": "2027", "area": "全市", "bodies": [],
        "indicator": "甲", "value": 1, "value_max": None, "unit": "家", "quote": "甲达到1家",
    } | slots  # fmt: skip


def pair(marked, found, *wrong):
    return Pair("cases", "t", "promises", marked, found, frozenset(wrong))


def test_shares_and_confusion_by_hand():
    pairs = [
        pair(claim(), claim()),
        pair(claim(), claim(kind="actual", period=None), "kind", "period"),
        pair(claim(area=None), claim(area="全省"), "area"),
        pair(claim(), None),
        pair(None, claim(value=2)),
    ]
    shares = evaluate.score(Compared(pairs), None).shares
    assert shares["detection"] == pytest.approx(6 / 8)
    assert shares["record"] == pytest.approx(4 / 8)
    assert shares["kind"] == shares["period"] == shares["area"] == pytest.approx(2 / 3)
    assert shares["measure"] == 1
    assert evaluate.confusion(pairs, "kind").split() == [
        "kind", "actual", "target", "actual", "·", "·", "target", "1", "2",
    ]  # fmt: skip
    assert evaluate.misses(pairs, "period").split() == [
        "period",
        "right",
        "2",
        "missing",
        "1",
        "invented",
        "0",
        "other",
        "0",
    ]
    assert evaluate.misses(pairs, "area").split() == [
        "area",
        "right",
        "2",
        "missing",
        "0",
        "invented",
        "1",
        "other",
        "0",
    ]
    assert len(evaluate.wrongs(Compared(pairs))) == 5


def test_a_share_under_its_floor_is_told_and_one_at_it_is_not():
    exact = {source: Score(dict(floors)) for source, floors in FLOORS.items()}
    assert evaluate.below(exact) == []
    exact["gold"] = Score({**FLOORS["gold"], "area": 0.949})
    exact["cases"] = Score({name: share for name, share in FLOORS["cases"].items() if name != "kind"})
    assert evaluate.below(exact) == ["gold: area 0.949 低于 0.95", "cases: kind 0.000 低于 0.97"]


def test_without_reference_documents_the_cases_are_scored_and_the_rest_is_told(tmp_path, capsys):
    assert evaluate.main(["--reference", str(tmp_path)]) == 0
    printed = capsys.readouterr()
    assert "gold, own gold, links" in printed.err
    assert "cases" in printed.out
    assert "\ngold" not in printed.out


@pytest.fixture
def texts(tmp_path) -> Path:
    claims = [
        claim(indicator="规模以上工业增加值", value=800, unit="亿元", quote="全市规模以上工业增加值达到800亿元"),
        claim(indicator="高新技术企业", value=901, quote="高新技术企业达到900家"),
    ]
    (tmp_path / "one.txt").write_text(TEXT, "utf-8")
    lines = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in claims)
    (tmp_path / "one.claims.jsonl").write_text(lines, "utf-8")
    return tmp_path


def test_a_folder_without_marked_texts_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit) as refused:
        evaluate.main(["--texts", str(tmp_path)])
    assert refused.value.code == 2
    assert str(tmp_path) in capsys.readouterr().err


def test_any_folder_of_marked_texts_is_scored(texts, reference_dir):
    rules = marked_texts.scorer(reference_dir)
    compared = marked_texts.compare(marked_texts.folder(texts), rules)
    assert evaluate.score(compared, rules).shares["detection"] == pytest.approx(2 / 4)
    assert compared.misquoted == []
    assert [line.split(" | ")[1] for line in evaluate.wrongs(compared)] == ["missed", "invented"]
