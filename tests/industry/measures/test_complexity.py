"""Proximity, density and complexity against the formulas as printed, at ten districts and where they mean nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiqun.industry.measures import complexity
from jiqun.industry.measures.results import Guards
from tests.industry.measures.tables import OPEN, of_sizes


def nested(areas: int, industries: int, seed: int) -> np.ndarray:
    """Advantages as they are found: some areas have much, and rare industries are where much is."""
    rng = np.random.default_rng(seed)
    chance = 1 / (1 + np.exp(4 * np.linspace(-1, 1, areas)[:, None] + 4 * np.linspace(-1, 1, industries)))
    has = rng.random((areas, industries)) < chance * 0.9 + 0.05
    has[:, 0] |= ~has.any(axis=1)
    has[0] |= ~has.any(axis=0)
    return has


def printed_eci(has: np.ndarray) -> np.ndarray:
    """Hausmann et al. (2014), p. 24: the second eigenvector of D⁻¹ M U⁻¹ Mᵀ, by the general eigenproblem."""
    m = has.astype(float)
    matrix = m / m.sum(axis=1)[:, None] / m.sum(axis=0) @ m.T
    values, vectors = np.linalg.eig(matrix)
    vector = vectors[:, np.argsort(-values.real)[1]].real
    eci = (vector - vector.mean()) / vector.std()
    return eci * np.sign(np.corrcoef(eci, m.sum(axis=1))[0, 1])


@pytest.mark.parametrize("shape", [(10, 700), (40, 25), (12, 12)])
def test_eci_is_the_printed_eigenvector(shape):
    has = nested(*shape, seed=3)
    found = complexity.complexity(has, OPEN)
    assert np.abs(found.eci.values - printed_eci(has)).max() < 1e-9


def test_twenty_reflections_are_not_the_answer_at_ten_districts():
    """The method of reflections with a fixed number of rounds, as economic-complexity 0.3.0 has it, is far off."""
    rng = np.random.default_rng(5)
    has = rng.random((10, 700)) < 0.3
    has = has[:, has.any(axis=0)]
    m = has.astype(float)
    diversity, ubiquity = m.sum(axis=1), m.sum(axis=0)
    kc, kp = diversity.copy(), ubiquity.copy()
    for _ in range(1, 20):
        kc, kp = m @ kp / diversity, m.T @ kc / ubiquity
    exact = complexity.complexity(has, OPEN).eci.values
    assert np.abs(exact - printed_eci(has)).max() < 1e-9
    assert abs(np.corrcoef(kc, exact)[0, 1]) < 0.95


def test_pci_is_the_mean_of_where_an_industry_is():
    has = nested(15, 60, seed=2)
    found = complexity.complexity(has, OPEN)
    of_places = np.array([found.eci.values[has[:, j]].mean() for j in range(60)])
    assert found.pci.values == pytest.approx((of_places - of_places.mean()) / of_places.std())


@given(st.integers(0, 10_000))
def test_the_order_of_rows_and_columns_does_not_matter(seed):
    has = nested(9, 30, seed=1)
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(9), rng.permutation(30)
    straight, shuffled = complexity.complexity(has, OPEN), complexity.complexity(has[rows][:, columns], OPEN)
    assert shuffled.eci.values == pytest.approx(straight.eci.values[rows], abs=1e-8)
    assert shuffled.pci.values == pytest.approx(straight.pci.values[columns], abs=1e-8)


def test_areas_without_advantage_are_unknown_and_change_nothing():
    has = nested(15, 60, seed=2)
    wider = np.zeros((16, 61), bool)
    wider[:15, :60] = has
    found = complexity.complexity(wider, OPEN)
    assert found.eci.at(15).reason.id == found.pci.at(60).reason.id == "no_advantage"
    assert found.eci.values[:15] == pytest.approx(complexity.complexity(has, OPEN).eci.values)


def test_a_table_that_falls_apart_has_no_order():
    has = np.kron(np.eye(2, dtype=bool), np.ones((3, 4), bool))
    found = complexity.complexity(has, OPEN)
    assert found.eci.at(0).reason.id == "disconnected"
    assert found.gap is None


def test_equal_eigenvalues_have_no_order():
    has = ~np.eye(5, dtype=bool)  # every area lacks one industry, each another: all areas are alike
    assert complexity.complexity(has, OPEN).eci.at(0).reason.id == "tied"


def test_too_few_areas_have_no_complexity():
    assert complexity.complexity(nested(4, 30, 1), Guards(least_areas=5)).pci.at(0).reason.id == "too_few_areas"


def test_advantage_by_hand():
    found = complexity.rca(of_sizes([[2, 4], [2, 0]]), OPEN)
    assert found.values == pytest.approx(np.array([[2 / 3, 4 / 3], [2, 0]]))
    assert complexity.advantages(of_sizes([[2, 4], [2, 0]]), OPEN).tolist() == [[False, True], [True, False]]


def test_proximity_by_hand():
    # First two industries share area 0; the second is in two areas, so 1/2. The third is nowhere.
    has = np.array([[1, 1, 0], [0, 1, 0]], bool)
    found = complexity.proximity(has)
    assert found.values[:2, :2].tolist() == [[1, 0.5], [0.5, 1]]
    assert found.at(0, 2).reason.id == "no_advantage"
    # Density of the first industry in area 1, which has only the second: 1/2 of (1 + 1/2)
    assert complexity.relatedness_density(has, found).values[1, 0] == pytest.approx(0.5 / 1.5)


@given(st.integers(2, 6), st.integers(2, 6), st.integers(0, 1000))
def test_proximity_and_density_are_the_printed_sums(areas, industries, seed):
    has = np.random.default_rng(seed).random((areas, industries)) < 0.5
    near = complexity.proximity(has)
    density = complexity.relatedness_density(has, near)
    for j in range(industries):
        for k in range(industries):
            most = max(has[:, j].sum(), has[:, k].sum())
            if near.is_known[j, k]:
                assert near.values[j, k] == pytest.approx((has[:, j] & has[:, k]).sum() / most)
    for i in range(areas):
        for j in range(industries):
            known = [k for k in range(industries) if near.is_known[j, k]]
            if known:
                above = sum(near.values[j, k] for k in known if has[i, k])
                assert density.values[i, j] == pytest.approx(above / sum(near.values[j, k] for k in known))
            else:
                assert density.at(i, j).value is None


def test_areas_with_the_same_advantages_have_no_order():
    found = complexity.complexity(np.ones((4, 5), np.bool_))
    assert found.eci.at(0).reason.id == found.pci.at(0).reason.id == "tied"
