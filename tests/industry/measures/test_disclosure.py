"""Nothing shown tells about one firm, also by subtraction."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jiqun.industry.measures import disclosure, quotients
from jiqun.industry.measures.cells import Cells
from tests.industry.measures.tables import OPEN


def table(firms: list[list[int]], largest: list[list[float]] | None = None) -> Cells:
    counts = np.array(firms)
    sizes = counts * 10.0
    most = np.where(counts > 0, 10.0, 0) if largest is None else np.array(largest)
    ids = tuple(f"a{i}" for i in range(len(firms))), tuple(f"i{j}" for j in range(counts.shape[1]))
    return Cells(*ids, sizes, counts, (sizes**2).sum(axis=0), np.zeros(counts.shape[1], np.int64), most)


def test_few_firms_are_hidden_and_three_are_not():
    found = disclosure.hidden(table([[2, 2, 9], [2, 2, 9], [9, 9, 3]]))
    assert found.tolist() == [[True, True, False], [True, True, False], [False, False, False]]


def test_a_cell_that_one_firm_dominates_is_hidden():
    largest = [[86.0, 86, 10], [86, 86, 10], [85, 10, 10]]
    found = disclosure.hidden(table([[10] * 3] * 3, largest))
    assert found[:2, :2].all()
    assert not found[2].any()


def test_a_cell_that_could_be_subtracted_out_has_companions():
    found = disclosure.hidden(table([[1, 9, 9], [9, 7, 9], [9, 9, 8]]))
    assert found[0, 0]
    assert (found.sum(axis=0)[found.any(axis=0)] > 1).all()
    assert (found.sum(axis=1)[found.any(axis=1)] > 1).all()


def test_an_empty_cell_tells_about_nobody():
    assert not disclosure.hidden(table([[0, 9], [9, 9]])).any()


@given(st.integers(0, 10_000))
def test_no_hidden_cell_stands_alone_where_another_could_go_with_it(seed):
    firms = np.random.default_rng(seed).poisson(4, (5, 6))
    found = disclosure.hidden(table(firms.tolist()))
    for lines, counts in ((found, firms), (found.T, firms.T)):
        for line, count in zip(lines, counts, strict=True):
            if line.sum() == 1:
                assert not ((count > 0) & ~line).any()


def test_what_is_hidden_has_a_reason_and_no_ends():
    cells = table([[2, 9], [9, 9]])
    found = disclosure.masked(quotients.location_quotient(cells, OPEN), disclosure.hidden(cells))
    told = found.at(0, 0)
    assert (told.value, told.low, told.high, told.reason.id) == (None, None, None, "confidential")


def test_an_industry_of_one_firm_has_no_total():
    assert disclosure.hidden_industries(table([[1, 9], [0, 9]])).tolist() == [True, False]
