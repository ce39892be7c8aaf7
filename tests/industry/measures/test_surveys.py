"""A register measured whole: areas, groups, what is hidden, what is refused, and the command over it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from jiqun import packs, tables
from jiqun.cli import app
from jiqun.enterprises import columns
from jiqun.enterprises.register import Firms
from jiqun.industry.measures import groupings
from jiqun.industry.measures.surveys import survey
from jiqun.model.errors import Forbidden, UsageError
from jiqun.model.purposes import Purpose

ON = date(2026, 1, 1)


@pytest.fixture(scope="module")
def city() -> packs.City:
    return packs.load("china")


def drawn(seed: int = 1, n: int = 900) -> pl.DataFrame:
    """Firms in five areas and six classes of two divisions; class 3911 crowds in the first area."""
    rng = np.random.default_rng(seed)
    area = rng.choice(5, n, p=[0.35, 0.3, 0.2, 0.1, 0.05])
    code = np.array(["3911", "3912", "3921", "2710", "2720", "2730"])[rng.integers(0, 6, n)]
    area[(code == "3911") & (rng.random(n) < 0.8)] = 0
    return pl.DataFrame(
        {
            "uscc": [f"C{number:017d}" for number in range(n)],
            "area_id": [f"area{number}" for number in area],
            "industry_code": code,
            "employees": rng.integers(1, 300, n),
        }
    )


def firms_of(frame: pl.DataFrame, city: packs.City, **more: Any) -> Firms:
    return Firms(frame.lazy(), columns.columns(city), ON, 2025, Purpose.ADMINISTRATIVE, Purpose.STATISTICAL, **more)


def test_levels_add_up(city):
    frame = drawn()
    fine, coarse = (survey(firms_of(frame, city), city, groupings.by_level(city, level)) for level in (4, 2))
    two = coarse.group_ids.index("39")
    inside = [number for number, id_ in enumerate(fine.group_ids) if id_.startswith("39")]
    assert coarse.cells.sizes[:, two].tolist() == fine.cells.sizes[:, inside].sum(axis=1).tolist()
    assert coarse.cells.firms[:, two].sum() == frame["industry_code"].str.starts_with("39").sum()


def test_the_crowded_class_is_found(city):
    found = survey(firms_of(drawn(), city), city, groupings.by_level(city, 4))
    a, g = found.area_ids.index("area0"), found.group_ids.index("3911")
    told = found.by_cell["location_quotient"].at(a, g)
    assert told.low > 1
    assert found.by_industry["ellison_glaeser"].values[g] > 0.05


def test_cells_of_one_or_two_firms_say_nothing(city):
    frame = drawn(n=60)
    found = survey(firms_of(frame, city), city, groupings.by_level(city, 4))
    few = (found.cells.firms > 0) & (found.cells.firms < 3)
    assert few.any()
    for measurement in found.by_cell.values():
        assert np.isnan(measurement.values[few]).all()


def test_everything_is_the_denominator_though_groups_are_few(city):
    grouping = groupings.Grouping("one", {"g": "组"}, {"g": {"3911": 1.0}})
    found = survey(firms_of(drawn(), city), city, grouping)
    fine = survey(firms_of(drawn(), city), city, groupings.by_level(city, 4))
    same = fine.by_cell["location_quotient"].values[:, fine.group_ids.index("3911")]
    assert found.by_cell["location_quotient"].values[:, 0] == pytest.approx(same, nan_ok=True)


def test_growth_and_candidates_need_an_earlier_register(city):
    before = drawn(n=900)
    new = drawn(seed=5, n=300).with_columns(area_id=pl.lit("area3"), industry_code=pl.lit("2710"))
    grown = survey(
        firms_of(pl.concat([before, new]), city), city, groupings.by_level(city, 4), before=firms_of(before, city)
    )
    assert [(one.area_id, one.industry_id) for one in grown.rising.cells] == [("area3", "2710")]
    assert np.nanmax(grown.by_cell["growth"].values) > 1
    assert survey(firms_of(before, city), city, groupings.by_level(city, 4)).rising is None


def test_an_area_that_reports_as_another_is_counted_there():
    land = packs.load("suzhou")
    twin = next(area for area in land.areas.values() if area.same_as_id)
    frame = drawn().with_columns(pl.col("area_id").replace({"area0": twin.id, "area1": twin.same_as_id}))
    found = survey(firms_of(frame, land), land, groupings.by_level(land, 2))
    assert twin.same_as_id in found.area_ids
    assert twin.id not in found.area_ids


def test_an_area_that_does_not_report_is_counted_in_the_one_above_that_does():
    land = packs.load("suzhou")
    frame = drawn().with_columns(
        pl.col("area_id").replace({"area0": "suzhou_taicangport", "area1": "suzhou_taicang", "area2": "suzhou"})
    )
    found = survey(firms_of(frame, land), land, groupings.by_level(land, 2))
    assert set(found.area_ids) == {"suzhou", "suzhou_taicang", "area3", "area4"}


@pytest.mark.parametrize("more", [{"size": "name"}, {"size": "nothing"}, {"measures": ("lq",)}])
def test_what_cannot_be_measured_is_refused_with_what_can(city, more):
    with pytest.raises(UsageError, match="可"):
        survey(firms_of(drawn(), city), city, groupings.by_level(city, 4), **more)


def run(*words: str) -> Any:
    return CliRunner().invoke(app, ["measure", *words], catch_exceptions=False)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("firms") / "firms.parquet"
    drawn().write_parquet(path)
    return path


def test_the_command_writes_a_workbook_with_its_definitions(file, tmp_path):
    out = tmp_path / "out.xlsx"
    done = run(str(file), "-o", str(out), "--by", "4", "--collected-for", "administrative")
    assert done.exit_code == 0, done.output
    assert "900 家企业，5 个区域" in done.output
    book = tables.read(out.read_bytes(), out.name)
    assert [sheet.name for sheet in book.sheets] == ["区域×产业", "产业", "区域", "说明与来源"]
    texts = {cell.text for row in book.sheets[-1].rows for cell in row if cell is not None}
    assert any("Ellison & Glaeser" in text for text in texts)


def test_the_command_writes_every_value_as_csv_and_json(file, tmp_path):
    words = ("--by", "2", "--measures", "location_quotient,hhi", "--collected-for", "administrative")
    for name in ("out.csv", "out.json"):
        assert run(str(file), "-o", str(tmp_path / name), *words).exit_code == 0
    told = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert {one["measure"] for one in told["values"]} == {"firms", "location_quotient", "hhi"}
    lines = (tmp_path / "out.csv").read_text("utf-8-sig").splitlines()
    assert len(lines) == 1 + len(told["values"])
    assert all(one["value"] is not None or one["reason"] for one in told["values"])


def test_areas_beside_each_other_are_compared_where_the_folder_says_which(file, tmp_path):
    names = ("suzhou_kunshan", "suzhou_taicang", "suzhou_changshu", "suzhou_sip", "suzhou_wujiang")
    frame = pl.read_parquet(file).with_columns(
        pl.col("area_id").replace({f"area{n}": id_ for n, id_ in enumerate(names)})
    )
    frame.write_parquet(tmp_path / "suzhou.parquet")
    words = ("--by", "4", "--measures", "local_moran", "--collected-for", "administrative", "--city", "suzhou")
    for name in ("out.csv", "out.json", "out.xlsx"):
        assert run(str(tmp_path / "suzhou.parquet"), "-o", str(tmp_path / name), *words).exit_code == 0
    told = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert told["neighbours"]["compared"] == 5
    found = [one for one in told["values"] if one["measure"] == "local_moran" and one["value"] is not None]
    assert {one["verdict_label"] for one in found} == {"区域太少，无从判断"}
    assert all(one["q"] > 0.05 for one in found)
    assert (tmp_path / "out.csv").read_text("utf-8-sig").splitlines()[0].endswith("p,原因,q,结论")
    book = tables.read((tmp_path / "out.xlsx").read_bytes(), "out.xlsx")
    assert "局部莫兰指数" in [sheet.name for sheet in book.sheets]


def test_what_was_collected_to_help_firms_is_not_measured(file, tmp_path):
    with pytest.raises(Forbidden, match="不得用于统计"):
        run(str(file), "-o", str(tmp_path / "x.csv"), "--collected-for", "service")


@pytest.mark.parametrize(
    ("name", "words", "said"),
    [("x.txt", (), "扩展名"), ("x.csv", ("--by", "7"), "行业层级"), ("x.csv", ("--collected-for", "fun"), "用途")],
)
def test_the_command_says_what_is_wrong(file, tmp_path, name, words, said):
    with pytest.raises(UsageError, match=said):
        run(str(file), "-o", str(tmp_path / name), *(words or ("--collected-for", "administrative")))
