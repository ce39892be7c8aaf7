"""The targets of the reference table are found in their documents, tied to the right indicator."""

from __future__ import annotations

import csv
from decimal import Decimal

import pytest

from jiqun import packs
from jiqun.documents import read
from jiqun.extraction import extract
from jiqun.model.units import Unit

CITY_OF = {"doc000": "suzhou", "doc001": "suzhou", "doc002": "suzhou", "doc003": "shenzhen"}


@pytest.fixture(scope="module")
def rows(reference_dir):
    with (reference_dir / "facts" / "targets.csv").open(encoding="utf-8-sig", newline="") as file:
        return [row for row in csv.DictReader(file) if row["source_id"] in CITY_OF]


@pytest.fixture(scope="module")
def found(reference_dir):
    claims = {}
    for source, folder in CITY_OF.items():
        document = read(next((reference_dir / "documents").glob(f"{source[3:]}*")))
        claims[source] = extract(document, packs.load(folder)).claims
    return claims


def holds(row, claim) -> bool:
    """Same indicator, same period, same number once units are converted."""
    if claim.indicator_id != row["indicator"] or claim.period != row["period"]:
        return False
    printed, wanted = Unit.parse(claim.unit), Unit.parse(row["unit"])
    value = printed.convert(claim.value, wanted) if printed.measures_like(wanted) else claim.value
    return value == Decimal(row["value"])


def test_targets_of_the_table_are_linked(rows, found):
    missing = [row for row in rows if not any(holds(row, claim) for claim in found[row["source_id"]])]
    share = 1 - len(missing) / len(rows)
    assert len(rows) >= 110
    assert share >= 0.95, [(row["source_id"], row["indicator"], row["value"]) for row in missing]
