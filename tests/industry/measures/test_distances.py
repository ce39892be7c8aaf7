"""Kd and M: the fast count against the printed sums, what they are worth by hand, and what chance does to envelopes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiqun.industry.measures import distances, envelopes, neighbourhoods
from jiqun.industry.measures.results import Guards
from jiqun.model.errors import UsageError
from tests.industry.measures.tables import OPEN

AT = np.linspace(0, 60_000, 31)


def towns(n: int, seed: int, spread: float = 3_000) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = rng.random((8, 2)) * 80_000
    return centres[rng.integers(0, 8, n)] + rng.normal(0, spread, (n, 2))


def test_kd_of_two_points_is_its_kernel():
    # one pair 5 km apart, a kernel of 1 km: f(0) / h at 5 km, and with the mirror twice f(5) at 0
    found = distances.k_density_by_definition(np.array([[0, 0], [3_000.0, 4_000]]), np.array([0.0, 5_000]), 1_000)
    top = 1 / (1_000 * np.sqrt(2 * np.pi))
    assert found == pytest.approx([2 * top * np.exp(-12.5), top])


@pytest.mark.parametrize("n", [12, 300, 1_600, 3_000])
def test_binned_kd_is_the_printed_sum(n):
    points = towns(n, seed=n)
    found = distances.k_density(points, AT, bandwidth_m=2_000)
    exact = distances.k_density_by_definition(points, AT, 2_000)
    assert np.abs(found.found.values / exact - 1).max() < 1e-3
    assert np.abs(found.found.values[4:] / exact[4:] - 1).max() < 2e-4
    assert (found.cell_m > 0) == (n >= 400)


@pytest.mark.parametrize("n", [300, 1_800])
def test_employees_weigh_pairs(n):
    points, employees = towns(n, seed=n), np.exp(np.random.default_rng(1).normal(3, 1, n))
    found = distances.k_density(points, AT, weights=employees, bandwidth_m=2_000).found.values
    exact = distances.k_density_by_definition(points, AT, 2_000, employees)
    assert np.abs(found / exact - 1).max() < 2e-3


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1_000), st.sampled_from([40, 1_700]))
def test_kd_is_a_density_wherever_the_points_lie(seed, n):
    points = towns(n, seed)
    far = np.linspace(0, 160_000, 400)
    found = distances.k_density(points, far, guards=OPEN).found.values
    assert np.trapezoid(found, far) == pytest.approx(1, abs=0.01)
    moved = distances.k_density(points[::-1] * [-1, 1] + 12_345, far, guards=OPEN).found.values
    assert moved == pytest.approx(found, rel=5e-3, abs=found.max() * 1e-3)


def test_the_bandwidth_is_silvermans():
    from scipy.spatial.distance import pdist

    points = towns(900, seed=4)
    d = pdist(points)
    low, high = np.percentile(d, [25, 75])
    exact = 0.9 * min(d.std(), (high - low) / 1.34) * len(d) ** -0.2
    assert distances.silverman(points) == pytest.approx(exact, rel=0.005)


def test_few_firms_and_one_place_have_no_curve():
    few = distances.k_density(towns(5, 1), AT)
    assert {few.found.at(r).reason.id for r in range(len(AT))} == {"too_few_firms"}
    same = distances.k_density(np.ones((50, 2)), AT)
    assert same.found.at(0).reason.id == "no_variation"


def test_a_point_without_coordinates_is_refused():
    with pytest.raises(UsageError, match="坐标"):
        distances.k_density(np.array([[0, 0], [np.nan, 1]]), AT)


def printed_m(points, is_sector, r, w):
    """Marcon & Puech (2010), eq. 7, sum by sum; firms without a neighbour are left out of both sums."""
    above = below = 0.0
    for k in np.flatnonzero(is_sector):
        near = [j for j in range(len(points)) if j != k and np.hypot(*(points[j] - points[k])) <= r]
        if near:
            above += sum(w[j] for j in near if is_sector[j]) / sum(w[j] for j in near)
            below += (w[is_sector].sum() - w[k]) / (w.sum() - w[k])
    return above / below if below else np.nan


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.booleans(), st.sampled_from([0.1, 0.4]))
def test_m_is_the_printed_formula(seed, is_weighted, share):
    rng = np.random.default_rng(seed)
    points, at = rng.random((40, 2)) * 10_000, np.array([500.0, 2_000, 5_000])
    is_sector = rng.random(40) < share
    is_sector[:2] = [True, False]
    w = rng.integers(1, 50, 40).astype(float) if is_weighted else np.ones(40)
    near = neighbourhoods.neighbours(points, at)
    found = neighbourhoods.marcon_puech(near, is_sector, w if is_weighted else None, Guards(least_firms=1))
    for ring, r in enumerate(at):
        exact = printed_m(points, is_sector, r, w)
        if is_sector.sum() < 2:
            assert found.found.at(ring).reason.id == "too_few_firms"
        elif np.isnan(exact):
            assert found.found.at(ring).reason.id == "isolated"
        else:
            assert found.found.values[ring] == pytest.approx(exact)


def test_m_of_dbmss_three_points():
    """The points of dbmss's own test: three, each 1 from the others, weights 1, 2, 3, the last two of the sector.

    Around the second 3 of 1 + 3 is of the sector, around the third 2 of 1 + 2; so it is of all others: M = 1.
    With the first two as the sector: 2 of 5 and 1 of 4, of all others the same.
    """
    points = np.array([[0, 0], [1, 0], [0.5, np.sqrt(3) / 2]])
    near = neighbourhoods.neighbours(points, np.array([0.5, 1.0 + 1e-9]))
    for sector in ([0, 1, 1], [1, 1, 0]):
        found = neighbourhoods.marcon_puech(near, np.array(sector, bool), np.array([1.0, 2, 3]), guards=OPEN)
        assert found.found.at(0).value is None
        assert found.found.values[1] == pytest.approx(1)


def test_m_by_hand():
    # Four firms in a row 1 km apart, the first two of the sector. Within 1 km: the first has one neighbour, of the
    # sector (1); the second two, one of the sector (1/2). Expected 1/3 each: M = 1.5 / (2/3) = 2.25.
    points = np.array([[0, 0], [1_000, 0], [2_000, 0], [3_000.0, 0]])
    near = neighbourhoods.neighbours(points, np.array([1_000.0]))
    found = neighbourhoods.marcon_puech(near, np.array([1, 1, 0, 0], bool), guards=OPEN)
    assert found.found.values == pytest.approx([2.25])


def test_a_sector_in_few_towns_is_localised_and_a_random_one_is_not():
    rng = np.random.default_rng(8)
    sites = towns(900, seed=6)
    together = np.zeros(900, bool)
    together[np.argsort(np.hypot(*(sites - sites[0]).T))[:60]] = True
    anywhere = rng.permutation(together)
    for chosen, is_localised in ((together, True), (anywhere, False)):
        kd = envelopes.of_k_density(sites, chosen, AT, np.random.default_rng(5), draws=199)
        near = neighbourhoods.neighbours(sites, np.array([1_000.0, 3_000, 6_000]))
        m = envelopes.of_marcon_puech(near, chosen, np.random.default_rng(5), draws=199)
        assert (kd.is_localised, m.is_localised) == (is_localised, is_localised)
        assert (kd.p <= 0.05, m.p <= 0.05) == (is_localised, is_localised)


def test_a_global_envelope_is_left_by_as_many_curves_as_it_says():
    """Of 400 curves of 25 independent values 5 % leave it; bands value by value lose 1 − 0.95²⁵ = 72 %."""
    rng = np.random.default_rng(12)
    left = [
        bool(((curve < low) | (curve > high)).any())
        for curve, (low, high, _) in (
            (observed, envelopes.global_envelope(observed, rng.normal(size=(199, 25))))
            for observed in rng.normal(size=(400, 25))
        )
    ]
    assert 0.02 < np.mean(left) < 0.085


def test_p_of_the_envelope_and_its_band_agree():
    rng = np.random.default_rng(3)
    for _ in range(30):
        observed, drawn = rng.normal(size=10), rng.normal(size=(99, 10))
        low, high, p = envelopes.global_envelope(observed, drawn, 0.1)
        assert bool(((observed < low) | (observed > high)).any()) == (p <= 0.1)


def test_too_few_draws_have_no_band():
    with pytest.raises(UsageError, match="至少要 20 次"):
        envelopes.global_envelope(np.zeros(3), np.zeros((5, 3)))


def test_the_same_seed_gives_the_same_band():
    sites, chosen = towns(100, 1), np.arange(100) < 30
    first, second = (envelopes.of_k_density(sites, chosen, AT, np.random.default_rng(2), draws=39) for _ in range(2))
    assert first.low.tolist() == second.low.tolist()
