"""Candidates: planted ones are found, chance alone proposes hardly ever more than the rate says."""

from __future__ import annotations

import numpy as np
import pytest

from jiqun.industry.measures import candidates, cells, scanning
from jiqun.industry.measures.results import Guards
from jiqun.model.errors import UsageError


def counted(firms: np.ndarray) -> cells.Cells:
    ids = [f"a{i}" for i in range(len(firms))], [f"i{j}" for j in range(firms.shape[1])]
    return cells.from_table(*ids, firms.astype(float), firms=firms, squares=firms.sum(axis=0).astype(float))


def test_q_by_hand():
    # Benjamini & Hochberg (1995), step-up over five, one unknown: .01·5/1, .02·5/2, .03·5/3 …
    found = candidates.false_discovery(np.array([0.03, 0.01, np.nan, 0.9, 0.02, 0.04]))
    assert found[[1, 4, 0, 5, 3]] == pytest.approx([0.05, 0.05, 0.05, 0.05, 0.9])
    assert np.isnan(found[2])


def test_published_example_of_the_step_up():
    # Benjamini & Hochberg (1995), §4: fifteen tests; at 5 % the first four are discoveries, Bonferroni finds three
    p = np.array([
        .0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240, .4262, .5719, .6528, .7590, 1.0,
    ])  # fmt: skip
    assert (candidates.false_discovery(p) <= 0.05).sum() == 4


def grown(rng: np.random.Generator, areas: int = 12, industries: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Two tables in which areas and industries grow by their own rates, and cells by nothing else."""
    base = np.outer(rng.gamma(3, 4, areas), rng.gamma(2, 1, industries))
    rates = np.outer(rng.uniform(0.8, 1.4, areas), rng.uniform(0.7, 2.0, industries))
    return rng.poisson(base), rng.poisson(base * rates)


def test_chance_alone_proposes_no_more_than_the_rate():
    """Over 200 worlds without any rising cell, at most 5 % (and their own chance) propose one at all."""
    rng = np.random.default_rng(2)
    proposed = [bool(candidates.rising_cells(*map(counted, grown(rng))).cells) for _ in range(200)]
    # 0.05 + two standard deviations of 200 worlds
    assert np.mean(proposed) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 200)


def test_overdispersed_growth_does_not_flood_people_with_proposals():
    rng = np.random.default_rng(4)
    proposed = []
    for _ in range(100):
        before, _ = grown(rng)
        after = rng.poisson(before * 1.2 * rng.gamma(12, 1 / 12, before.shape))
        proposed.append(len(candidates.rising_cells(counted(before), counted(after)).cells))
    assert np.mean(np.array(proposed) > 0) <= 0.15
    assert candidates.rising_cells(counted(before), counted(after)).dispersion > 0


def test_planted_cells_are_found_and_of_what_is_found_few_are_not_planted():
    rng, true, false = np.random.default_rng(3), 0, 0
    for _ in range(40):
        before, after = grown(rng)
        planted = {(int(a), int(i)) for a, i in zip(rng.integers(0, 12, 6), rng.integers(0, 40, 6), strict=True)}
        for a, i in planted:
            before[a, i] = rng.poisson(10)
            after[a, i] = rng.poisson(90)
        for one in candidates.rising_cells(counted(before), counted(after)).cells:
            if (int(one.area_id[1:]), int(one.industry_id[1:])) in planted:
                true += 1
            else:
                false += 1
    assert true > 0.7 * 40 * 6
    assert false / (true + false) < 0.05 + 0.03


def test_evidence_says_what_was_expected():
    before, after = np.full((6, 8), 50), np.full((6, 8), 60)
    after[2, 3] = 160
    found = candidates.rising_cells(counted(before), counted(after))
    assert [(one.area_id, one.industry_id) for one in found.cells] == [("a2", "i3")]
    (cell,) = found.cells
    assert (cell.before, cell.after) == (50, 160)
    assert cell.expected == pytest.approx(60)
    assert cell.quotient.low > 1
    assert found.tested == 48


def test_small_cells_are_not_tested():
    before, after = np.full((4, 4), 2), np.full((4, 4), 2)
    after[0, 0] = 8
    assert candidates.rising_cells(counted(before), counted(after), guards=Guards(least_firms=11)).tested == 0


def test_tables_must_be_of_the_same_things():
    with pytest.raises(UsageError):
        candidates.rising_cells(counted(np.ones((2, 2), int)), counted(np.ones((2, 3), int)))


def sites(rng: np.random.Generator, n: int = 500) -> np.ndarray:
    centres = rng.random((6, 2)) * 30_000
    return np.concatenate(
        [centres[rng.integers(0, 6, n // 2)] + rng.normal(0, 800, (n // 2, 2)), rng.random((n - n // 2, 2)) * 30_000]
    )


REACH, LEAST = 1_000.0, 5


def dense(points: np.ndarray, industry: np.ndarray, ids: str, rng: np.random.Generator, draws: int) -> candidates.Dense:
    sectors = {id_: np.flatnonzero(industry == number) for number, id_ in enumerate(ids)}
    return candidates.dense_candidates(scanning.sites(points, REACH), sectors, rng, least=LEAST, draws=draws)


def test_towns_alone_are_no_clusters_of_an_industry():
    """Industries strewn over sites that crowd in towns anyway: of 12 worlds few propose anything."""
    proposed = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        points = sites(rng, 300)
        industry = rng.integers(0, 4, len(points))
        proposed.append(bool(dense(points, industry, "abcd", rng, 79).areas))
    assert sum(proposed) <= 2  # 12 · 0.05, and two standard deviations


def test_a_planted_area_is_found_with_its_place():
    rng = np.random.default_rng(9)
    points = sites(rng)
    industry = rng.integers(0, 6, len(points))
    near = np.hypot(*(points - points[0]).T) < 1_200
    industry[near & (rng.random(len(points)) < 0.8)] = 2
    found = dense(points, industry, "abcdef", rng, 499).areas
    assert [one.industry_id for one in found] == ["c"]
    (area,) = found
    assert np.hypot(*(np.array(area.centre_m) - points[0])) < 1_500
    assert area.firms > 2 * area.expected
    assert set(industry[list(area.members)]) == {2}


def test_sectors_may_overlap_and_each_is_judged_among_all_sites():
    """The same firms under two names give the same area, with the ratio of Kulldorff (1997), eq. 1, by hand."""
    rng = np.random.default_rng(11)
    points = np.concatenate([rng.random((190, 2)) * 40_000, np.array([[20_000.0, 20_000]]) + rng.random((10, 2)) * 300])
    own = np.concatenate([np.arange(30), np.arange(190, 200)])
    where = scanning.sites(points, REACH)
    found = candidates.dense_candidates(where, {"a": own, "b": own}, rng, least=LEAST, draws=99)
    assert [one.industry_id for one in found.areas] == ["a", "b"]
    for one in found.areas:
        k, n, share = one.firms, len(own), one.all_firms / 200
        expected = k * np.log(k / (n * share)) + (n - k) * np.log((n - k) / (n * (1 - share)))
        assert one.ratio == pytest.approx(expected)
        assert one.p == pytest.approx(0.01)
