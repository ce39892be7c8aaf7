"""Concentration: by hand, against the formulas as they are printed, and where there is no number."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given

from jiqun.industry.measures import concentration
from jiqun.industry.measures.results import GUARDS, Guards
from tests.industry.measures.tables import OPEN, of_plants, of_sizes, plants


def printed_ellison_glaeser(made: list[list[list[float]]], j: int) -> float:
    """Ellison & Glaeser (1997), eq. 5, sum by sum."""
    areas = range(len(made))
    total = sum(sum(cell) for row in made for cell in row)
    x = [sum(sum(cell) for cell in made[i]) / total for i in areas]
    own = [size for i in areas for size in made[i][j]]
    s = [sum(made[i][j]) / sum(own) for i in areas]
    z = [size / sum(own) for size in own]
    x2, h = sum(v**2 for v in x), sum(v**2 for v in z)
    return (sum((s[i] - x[i]) ** 2 for i in areas) - (1 - x2) * h) / ((1 - x2) * (1 - h))


def test_ellison_glaeser_by_hand():
    # Two areas with half of everything each; three of four equal plants of the first industry stand in the first.
    # G = (3/4 − 1/2)² · 2 = 1/8, H = 1/4, 1 − Σx² = 1/2: γ = (1/8 − 1/8) / (1/2 · 3/4) = 0: what chance alone would do.
    made = of_plants([[[1, 1, 1], [1]], [[1], [1, 1, 1]]])
    assert concentration.ellison_glaeser(made, OPEN).values == pytest.approx([0, 0], abs=1e-15)


def test_ellison_glaeser_keeps_the_term_of_the_plants():
    # Plants of 3 and 1 stand apart: s = (3/4, 1/4), G = 1/8, H = 10/16: γ = (1/8 − 5/16) / (3/16) = −1, for two plants
    # could not be further from each other. G / (1 − Σx²), which leaves H out (as concentrationMetrics 0.6.0), says 1/4.
    made = of_plants([[[3], [1]], [[1], [3]]])
    assert concentration.ellison_glaeser(made, OPEN).values == pytest.approx([-1, -1])


@given(plants())
def test_ellison_glaeser_is_the_printed_formula(made):
    found = concentration.ellison_glaeser(of_plants(made), OPEN)
    for j in range(len(made[0])):
        if found.is_known[j]:
            assert found.values[j] == pytest.approx(printed_ellison_glaeser(made, j), rel=1e-7, abs=1e-7)
        else:
            assert sum(len(row[j]) for row in made) == 1


def test_an_industry_of_one_firm_has_no_index():
    found = concentration.ellison_glaeser(of_plants([[[5], [1, 1]], [[], [1, 1]]]), OPEN)
    assert found.at(0).value is None
    assert found.at(0).reason.id == "one_firm"
    assert found.at(1).value is not None


def test_where_all_lies_in_one_area_nothing_can_be_said():
    found = concentration.ellison_glaeser(of_plants([[[5, 3], [1, 1]], [[], []]]), OPEN)
    assert [found.at(j).reason.id for j in range(2)] == ["one_area", "one_area"]


def test_without_plants_there_is_no_index():
    found = concentration.ellison_glaeser(of_sizes([[5, 3], [1, 1], [2, 2]]), OPEN)
    assert found.at(0).reason.id == "firms_unknown"


def test_chance_alone_gives_an_index_around_zero():
    rng = np.random.default_rng(7)
    area, industry = rng.integers(0, 8, 20_000), rng.integers(0, 40, 20_000)
    size = np.ceil(np.exp(rng.normal(2, 1, 20_000)))
    made = [[list(size[(area == a) & (industry == i)]) for i in range(40)] for a in range(8)]
    values = concentration.ellison_glaeser(of_plants(made)).values
    # per industry its standard deviation is about H · √(2 / 7) ≈ 0.003; over 40 the mean lies within four of its own
    assert abs(values.mean()) < 4 * values.std() / math.sqrt(40) < 0.01


def test_hhi_and_ratio_and_gini_by_hand():
    made = of_sizes([[1, 0], [2, 0], [3, 0], [4, 8]])
    assert concentration.hhi(made, OPEN).values == pytest.approx([0.01 + 0.04 + 0.09 + 0.16, 1])
    assert concentration.concentration_ratio(made, 2, OPEN).values == pytest.approx([0.7, 1])
    # Σ (2i − n − 1) x_i / (n Σx) = (−3 − 2 + 3 + 12) / 40; all in one of four: 1 − 1/4
    assert concentration.gini(made, OPEN).values == pytest.approx([0.25, 0.75])


@given(plants())
def test_gini_is_half_the_relative_mean_difference(made):
    cells = of_plants(made)
    x = cells.sizes
    pairs = np.abs(x[:, None] - x[None]).sum(axis=(0, 1)) / (2 * len(x) ** 2 * x.mean(axis=0))
    assert concentration.gini(cells, OPEN).values == pytest.approx(pairs)


def test_measures_against_everything_by_hand():
    # Areas with 3/4 and 1/4 of everything; the first industry has 1/2 in each.
    made = of_sizes([[2, 4], [2, 0]])
    assert concentration.theil(made, OPEN).values[0] == pytest.approx(0.5 * math.log(0.5 / 0.75) + 0.5 * math.log(2))
    assert concentration.krugman_concentration(made, OPEN).values == pytest.approx([0.5, 0.5])
    # Lorenz curve of the first: at 3/4 of everything 1/2 is reached. Twice the area under it 3/8 + 3/8, so 1/4.
    assert concentration.locational_gini(made, OPEN).values == pytest.approx([0.25, 0.25])
    # Everything: half and half of the two industries; the first area has 1/3 and 2/3, the second 1 and 0.
    assert concentration.krugman_specialisation(made, OPEN).values == pytest.approx([1 / 3, 1])


@given(plants())
def test_an_industry_that_lies_as_everything_does_is_not_concentrated(made):
    cells = of_plants([[[s for cell in row for s in cell]] * 2 for row in made])
    for measure in (concentration.theil, concentration.locational_gini, concentration.krugman_concentration):
        assert measure(cells, OPEN).values == pytest.approx([0, 0], abs=1e-9)


@given(plants())
def test_bounds(made):
    cells, n = of_plants(made), len(made)
    assert (
        (concentration.hhi(cells, OPEN).values >= 1 / n - 1e-12) & (concentration.hhi(cells, OPEN).values <= 1 + 1e-12)
    ).all()
    for measure, most in (
        (concentration.gini, 1 - 1 / n),
        (concentration.locational_gini, 1),
        (concentration.krugman_concentration, 2),
    ):
        values = measure(cells, OPEN).values
        assert ((values >= -1e-12) & (values <= most + 1e-12)).all()


def test_firms_share_an_industry():
    assert concentration.firm_hhi(of_plants([[[3], [1]], [[1], [3]]]), OPEN).values == pytest.approx([10 / 16, 10 / 16])


@pytest.mark.parametrize(
    ("guards", "reason"),
    [(Guards(least_firms=3), "too_few_firms"), (Guards(least_firms=0, least_areas=3), "too_few_areas")],
)
def test_too_little_gives_no_number(guards, reason):
    found = concentration.hhi(of_plants([[[3], [1, 2]], [[1], [3, 4]]]), guards)
    assert np.isnan(found.values[0])
    assert found.at(0).reason.id == reason


def test_an_empty_industry_is_unknown_and_not_zero():
    found = concentration.gini(of_sizes([[0, 1], [0, 2], [0, 3]]), OPEN)
    assert found.at(0).reason.id == "empty"


def test_industries_whose_sizes_are_mostly_unknown_have_no_number():
    cells = of_plants([[[3] * 20], [[1] * 20], [[2] * 20]])
    object.__setattr__(cells, "unsized", np.array([13]))
    assert concentration.hhi(cells).at(0).reason.id == "sizes_unknown"
    object.__setattr__(cells, "unsized", np.array([12]))
    assert GUARDS.most_unknown_share == 0.2
    assert concentration.hhi(cells).is_known[0]
