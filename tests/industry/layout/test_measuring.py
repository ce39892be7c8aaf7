"""Measures of firms as points: by hand on three areas, with cells that would tell about a firm left out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from jiqun import packs
from jiqun.industry.layout import Trial, build
from jiqun.industry.layout.measuring import RELATEDNESS, STRENGTH, measured

LAYOUT = "suzhou-2026-clusters"


@pytest.fixture(scope="module")
def suzhou() -> packs.City:
    return packs.load("suzhou")


def firms(counts: dict[tuple[str, str], int]) -> pl.LazyFrame:
    rows = [(area, code) for (area, code), count in counts.items() for _ in range(count)]
    return pl.LazyFrame(rows, schema=["area_id", "industry_code"], orient="row")


def test_strength_is_the_quotient_of_the_clusters_own_classes(suzhou: packs.City) -> None:
    # 3985 is a class of chips; 5610 (an inn) of nothing here. Chips: 30 of 60 firms in Kunshan, 10 of 40 in SIP.
    # Quotients: (30/40)/(60/100) = 1.25, (10/40)/(40/100) = 0.625 → 100 × 1.25/2.25 = 55.56, 100 × 0.625/1.625 = 38.46
    counts = {("suzhou_kunshan", "3985"): 30, ("suzhou_kunshan", "6110"): 30}
    counts |= {("suzhou_sip", "3985"): 10, ("suzhou_sip", "6110"): 30}
    found = measured(suzhou, suzhou.layouts[LAYOUT], firms(counts))[STRENGTH]
    assert found["sz26-pil-1", "suzhou_kunshan"] == Decimal("55.56")
    assert found["sz26-pil-1", "suzhou_sip"] == Decimal("38.46")


def test_a_cell_of_two_firms_is_unknown_and_an_empty_one_is_nought(suzhou: packs.City) -> None:
    counts = {("suzhou_kunshan", "3985"): 40, ("suzhou_sip", "3985"): 2, ("suzhou_gusu", "6110"): 40}
    found = measured(suzhou, suzhou.layouts[LAYOUT], firms(counts))[STRENGTH]
    assert ("sz26-pil-1", "suzhou_sip") not in found
    assert found["sz26-pil-1", "suzhou_gusu"] == 0


def test_relatedness_is_a_share_of_what_is_near(suzhou: packs.City) -> None:
    counts = {("suzhou_kunshan", "3985"): 40, ("suzhou_sip", "6110"): 40}
    found = measured(suzhou, suzhou.layouts[LAYOUT], firms(counts))[RELATEDNESS]
    assert found["sz26-pil-1", "suzhou_kunshan"] == 100  # it has all that is near to chips: chips
    assert found["sz26-pil-1", "suzhou_sip"] == 0


def test_measures_enter_the_points_and_what_they_do_not_know_is_marked(suzhou: packs.City) -> None:
    layout = suzhou.layouts[LAYOUT]
    figures = measured(suzhou, layout, firms({("suzhou_kunshan", "3985"): 40, ("suzhou_sip", "6110"): 40}))
    problem = build(suzhou, layout, date(2026, 11, 1), trial=Trial(), measured=figures)
    terms = {term.id: term for term in problem.terms}
    assert {"strength", "relatedness"} <= set(terms)
    assert problem.notices == ()
    unknown = terms["strength"].unknown
    assert unknown is not None
    assert unknown.any() and not unknown.all()
