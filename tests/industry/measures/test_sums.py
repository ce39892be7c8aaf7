"""Batches added up: texts found by hash, firms and sizes in one number, whatever the sizes are."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from jiqun.industry.measures import sums
from jiqun.industry.measures.cells import from_firms
from jiqun.industry.measures.sums import Named, Sums

MANY = tuple(f"id{number}" for number in range(6_000))


def places(ids: tuple[str, ...], texts: list[str | None]) -> list[int]:
    named = Named(ids)
    frame = pl.DataFrame({"x": pl.Series(texts, dtype=pl.String)}).select(named.asked("x", "x"))
    return named.of(frame["x"]).tolist()


def test_every_id_is_found_where_many_share_a_slot():
    assert places(MANY, list(MANY)) == list(range(len(MANY)))
    assert len(Named(MANY)._tables) > 1


def test_what_is_no_id_is_nowhere():
    assert places(("a", "b"), ["b", None, "", "A", "a ", "a"]) == [1, 2, 2, 2, 2, 0]
    assert places((), ["a"]) == [0]
    foreign = [f"other{number}" for number in range(50_000)]
    assert set(places(MANY, foreign)) == {len(MANY)}


def plain(area: np.ndarray, industry: np.ndarray, size: np.ndarray, shape: tuple[int, int]) -> dict[str, np.ndarray]:
    cell = area * shape[1] + industry
    return {
        "firms": np.bincount(cell, minlength=shape[0] * shape[1]),
        "sizes": np.bincount(cell, size, shape[0] * shape[1]),
        "squares": np.bincount(industry, size.astype(float) ** 2, shape[1]),
    }


@pytest.mark.parametrize("most", [9, 2**20, 2**27, 2**40])
@pytest.mark.parametrize("type_", [pl.Int64, pl.Float64])
def test_batches_of_any_size_add_up_exactly(most, type_):
    """Small sizes are held together with the count, sizes beyond 2^28 apart from it; both mixed in one table."""
    rng = np.random.default_rng(most)
    total = Sums(3, 4, with_largest=True)
    drawn = []
    for top in (most, 5, most, 2**27):
        area, industry, size = rng.integers(0, 3, 50), rng.integers(0, 4, 50), rng.integers(0, top, 50)
        total.add(area, industry, pl.Series(size, dtype=type_))
        drawn.append((area, industry, size))
    total.settle()
    area, industry, size = (np.concatenate(parts) for parts in zip(*drawn, strict=True))
    wanted = plain(area, industry, size, (3, 4))
    assert total.firms.tolist() == wanted["firms"].tolist()
    assert total.sizes.tolist() == wanted["sizes"].tolist()
    assert np.allclose(total.squares, wanted["squares"], rtol=1e-12)
    assert total.largest.max() == size.max()


def test_more_firms_than_one_number_holds(monkeypatch):
    monkeypatch.setattr(sums, "_MOST_FIRMS", 7)
    total = Sums(1, 1, with_largest=False)
    for _ in range(10):
        total.add(np.zeros(5, np.int64), np.zeros(5, np.int64), pl.Series([1, 2, 3, 4, 5]))
    total.settle()
    assert (total.firms.tolist(), total.sizes.tolist()) == ([50], [150])


def test_batches_of_a_file_add_up_to_the_whole(tmp_path):
    frame = pl.DataFrame(
        {"area_id": ["east", "west", None] * 1_000, "industry_code": ["0111", "3911"] * 1_500, "x": range(3_000)}
    )
    frame.write_parquet(tmp_path / "firms.parquet", row_group_size=100)
    made = from_firms(pl.scan_parquet(tmp_path / "firms.parquet"), ("east", "west"), ("0111", "3911"), size="x")
    whole = from_firms(frame.lazy(), ("east", "west"), ("0111", "3911"), size="x")
    by_hand = frame.filter(area_id="east", industry_code="0111")
    assert (made.firms[0, 0], made.sizes[0, 0]) == (by_hand.height, by_hand["x"].sum())
    assert made.sizes.tolist() == whole.sizes.tolist()
    assert (made.unplaced, made.firms.sum()) == (1_000, 2_000)


@pytest.mark.parametrize("type_", [pl.Categorical, pl.Enum(["0111", "3911", "9"])])
def test_codes_may_be_categories(type_):
    frame = pl.LazyFrame({"area_id": ["east"] * 3, "industry_code": pl.Series(["0111", "9", "3911"], dtype=type_)})
    made = from_firms(frame, ("east",), ("0111", "3911"))
    assert (made.firms.tolist(), made.unplaced) == ([[1, 1]], 1)
