"""The scores on the hand-made answers of the reference documents, with the reference scorer."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from jiqun import packs

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def scores(reference_dir, tmp_path_factory):
    spec = importlib.util.spec_from_file_location("evaluate", ROOT / "benchmarks" / "evaluate_extraction.py")
    evaluate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(evaluate)
    folder = tmp_path_factory.mktemp("preds")
    seconds = evaluate.predict(reference_dir, packs.load("suzhou"), folder)
    return evaluate.score(reference_dir, folder) | {"seconds": seconds}


def test_claims_are_found(scores):
    assert scores["detection"]["f1"] >= 0.97, scores["misses"]


def test_claims_are_right(scores):
    assert scores["record"]["f1"] >= 0.95, scores["misses"]


@pytest.mark.parametrize("slot", ["kind", "comparator", "measure", "period", "area", "bodies", "indicator"])
def test_each_slot_is_right(scores, slot):
    assert scores["slots"][slot] >= 0.95, [miss for miss in scores["misses"] if miss[2] == slot]


def test_tasks_are_found_with_their_bodies(scores):
    assert scores["tasks"]["f1"] >= 0.95
    assert scores["tasks"]["bodies"] >= 0.95


def test_the_documents_take_no_second(scores):
    assert scores["seconds"] < 1.0
