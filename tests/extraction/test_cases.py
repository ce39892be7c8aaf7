"""Sentences by phenomenon, each with every claim it holds and every slot of it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from jiqun import packs
from jiqun.documents import read
from jiqun.extraction import extract

FOLDER = Path(__file__).parent / "cases"
CASES = [
    pytest.param(case, id=f"{file.stem}-{case['name']}")
    for file in sorted(FOLDER.glob("*.yaml"))
    for case in yaml.safe_load(file.read_text("utf-8"))
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


@pytest.mark.parametrize("case", CASES)
def test_a_sentence_gives_its_claims(case, china):
    found = extract(read(case["text"].encode(), "case.txt"), china).claims
    assert [record(claim) for claim in found] == [expected(claim) for claim in case["claims"]]


def test_there_are_enough_cases():
    assert len(CASES) >= 120
