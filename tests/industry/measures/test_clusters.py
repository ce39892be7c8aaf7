"""Measures by cluster: shares by hand, bounds where a share is unknown, no firm counted twice, none told about."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from jiqun import packs, tables
from jiqun.cli import app
from jiqun.industry.measures.clusters import ClusterSurvey, measurable, survey_clusters
from jiqun.industry.members import Bounds
from jiqun.model.errors import NotFound, UsageError
from tests.industry.measures.test_surveys import firms_of
from tests.industry.test_catalogues import catalogue
from tests.industry.test_members import member

ON = date(2024, 6, 1)
# area, class, firms of 10 employees each
DRAWN = (
    ("east", "3911", 8), ("east", "3912", 4), ("east", "6513", 6), ("east", "0111", 2), ("west", "3911", 4),
    ("west", "3912", 8), ("west", "6513", 6), ("west", "0111", 42),
)  # fmt: skip
RULES = (member("chip", "code", "3911", "1/2"), member("chip", "code", "3912", ""), member("soft", "code", "6513"),
         member("soft", "code", "3911"))  # fmt: skip


def drawn(times: int = 1) -> pl.DataFrame:
    rows = [(area, code) for area, code, n in DRAWN for _ in range(n * times)]
    return pl.DataFrame(
        {
            "uscc": [f"C{number:017d}" for number in range(len(rows))], "area_id": [row[0] for row in rows],
            "industry_code": [row[1] for row in rows], "employees": [10] * len(rows),
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def city() -> packs.City:
    china = packs.load("china")
    return replace(china, catalogues=(catalogue("e", "chip soft none"),), memberships=RULES)


def surveyed(city: packs.City, **more: Any) -> ClusterSurvey:
    return survey_clusters(firms_of(drawn(), city), city, "e", ON, **more)


def test_sizes_lie_between_what_surely_belongs_and_all_that_may(city):
    found = surveyed(city)
    assert found.most.area_ids == ("east", "west")
    assert found.least.cells.sizes.tolist() == [[40, 140, 0], [20, 100, 0]]
    assert found.most.cells.sizes.tolist() == [[40 + 40, 140, 0], [20 + 80, 100, 0]]
    assert found.most.cells.firms.tolist() == [[12, 14, 0], [12, 10, 0]]
    assert found.least.cells.of_areas.tolist() == [200, 600]


def test_quotients_of_both_readings_by_hand(city):
    found = surveyed(city)
    least, most = (one.by_cell["location_quotient"].values[0] for one in (found.least, found.most))
    assert least[:2] == pytest.approx([(40 / 60) / (200 / 800), (140 / 240) / (200 / 800)])
    assert most[:2] == pytest.approx([(80 / 180) / (200 / 800), (140 / 240) / (200 / 800)])
    assert np.isnan(most[2])
    # half of a firm is a plant of half its size: 12 of 5 employees, 12 of 10
    assert found.least.cells.squares[0] == 12 * 5**2
    assert found.most.cells.squares[0] == 12 * 5**2 + 12 * 10**2


def test_a_firm_of_two_clusters_is_counted_once_together(city):
    found = surveyed(city)
    # 12 firms of 3911 are half chip and wholly soft; 12 of 3912 may be chip; 12 of 6513 are soft
    assert found.joint.firms == 36
    assert found.joint.once == Bounds(24, 36)
    assert found.joint.overlap == Bounds(6, 6)
    assert found.joint.pairs == {("chip", "soft"): 12}
    assert found.sizes is not None
    assert found.sizes.once == Bounds(240, 360)
    total = sum(bounds.high for bounds in found.sizes.each.values())
    assert total - found.sizes.once.high == found.sizes.overlap.high == 60


def test_as_firms_each_counts_by_its_share(city):
    found = surveyed(city, size="firms")
    assert found.least.cells.sizes.tolist() == [[4, 14, 0], [2, 10, 0]]
    assert found.sizes is None


def test_growth_is_of_the_same_memberships(city):
    found = survey_clusters(firms_of(drawn(2), city), city, "e", ON, before=firms_of(drawn(), city))
    assert found.most.by_cell["growth"].values[:, :2].tolist() == [[1, 1], [1, 1]]


def test_what_lies_between_the_readings_tells_about_no_firm(city):
    """Two firms of an unsure class stand in the west: high − low would be theirs alone."""
    few = drawn().filter(~((pl.col("area_id") == "west") & (pl.col("industry_code") == "3912")))
    more = pl.DataFrame({"uscc": ["D1", "D2"], "area_id": ["west"] * 2, "industry_code": ["3912"] * 2,
                         "employees": [700, 900]})  # fmt: skip
    found = survey_clusters(firms_of(pl.concat([few, more]), city), city, "e", ON)
    for one in (found.least, found.most):
        assert np.isnan(one.by_cell["size"].values[1, 0])


def test_only_catalogues_with_members_can_be_measured(city):
    assert [one.id for one in measurable(city, ON)] == ["e"]
    bare = replace(city, memberships=())
    assert measurable(bare, ON) == ()
    with pytest.raises(NotFound, match="没有写明各集群包含哪些行业"):
        surveyed(bare)
    with pytest.raises(NotFound, match="没有集群目录“x”"):
        survey_clusters(firms_of(drawn(), city), city, "x", ON)
    with pytest.raises(UsageError, match="没有测度"):
        surveyed(city, measures=("lq",))


def test_the_command_measures_by_cluster(tmp_path):
    other = drawn(2).with_columns(industry_code=pl.lit("3525"), uscc="D" + pl.col("uscc"))
    frame = pl.concat([drawn(3), other])
    frame.write_parquet(tmp_path / "firms.parquet")
    for name in ("out.xlsx", "out.json", "out.csv"):
        words = [
            str(tmp_path / "firms.parquet"),
            "-o",
            str(tmp_path / name),
            "--by",
            "suzhou-2023-msq",
            "--city",
            "suzhou",
        ]
        words += ["--as-of", "2026-01-01", "--collected-for", "administrative"]
        done = CliRunner().invoke(app, ["measure", *words], catch_exceptions=False)
        assert done.exit_code == 0, done.output
    book = tables.read((tmp_path / "out.xlsx").read_bytes(), "out.xlsx")
    assert book.sheets[0].name == "集群合计"
    told = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert told["firms_once"][0] <= told["firms_once"][1]
    sizes = [one for one in told["values"] if one["measure"] == "size" and one["value"]]
    assert sizes
    assert all(one["low"] <= one["high"] == one["value"] for one in sizes)
