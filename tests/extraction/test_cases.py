"""Sentences by phenomenon, each with every claim it holds and every slot of it.

A case that names its `phenomenon` was marked by hand from the annotation guidelines and is judged by their slots and
the reference scorer's likeness of indicators; the others are held to the word. `open: true` marks what the extraction
still gets wrong: once it is right, the mark must go.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from benchmarks.cases_by_phenomenon import disagreements, read_cases

from jiqun import packs
from jiqun.documents import read
from jiqun.extraction import extract


def parameters(by_hand: bool) -> list:
    return [
        pytest.param(
            case,
            id=f"{case['file']}-{case['name']}",
            marks=[pytest.mark.xfail(strict=True, raises=AssertionError, reason="open")] if case.get("open") else [],
        )
        for case in read_cases()
        if case["by_hand"] is by_hand
    ]


DEFAULTS = {
    "value_max": None, "comparator": "eq", "strict": False, "kind": "target", "period": None, "area": None,
    "bodies": [], "base_value": None, "base_period": None,
}  # fmt: skip


@pytest.fixture(scope="module")
def china():
    return packs.load("china")


def record(claim) -> dict:
    return {
        "value": claim.value, "value_max": claim.value_max, "unit": claim.unit, "indicator": claim.indicator,
        "comparator": str(claim.comparator), "strict": claim.strict, "measure": str(claim.measure),
        "kind": str(claim.kind), "period": claim.period, "area": claim.area, "bodies": list(claim.bodies),
        "base_value": claim.base_value, "base_period": claim.base_period,
    }  # fmt: skip


def expected(claim: dict) -> dict:
    number = {"value", "value_max", "base_value"}
    whole = DEFAULTS | claim
    return {k: Decimal(str(v)) if k in number and v is not None else v for k, v in whole.items()}


@pytest.mark.parametrize("case", parameters(by_hand=False))
def test_a_sentence_gives_its_claims(case, china):
    found = extract(read(case["text"].encode(), "case.txt"), china).claims
    assert [record(claim) for claim in found] == [expected(claim) for claim in case["claims"]]


@pytest.mark.parametrize("case", parameters(by_hand=True))
def test_a_case_marked_by_hand_is_agreed_to(case, china):
    assert disagreements(case, china) == []


def test_there_are_enough_cases():
    cases = read_cases()
    assert len(cases) >= 560
    assert sum(not case["claims"] for case in cases) >= 110
    assert len({(case["file"], case["name"]) for case in cases}) == len({case["text"] for case in cases}) == len(cases)
