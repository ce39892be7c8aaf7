"""Where firms stand: pairs that are wrong are told with the cell, datums are turned into one, invented places hold."""

from __future__ import annotations

import datetime

import numpy as np
import polars as pl
import pytest

from jiqun.enterprises import coordinates, importing, invented, invented_life, invented_places, register
from jiqun.enterprises.invented import Drawing
from jiqun.model.purposes import Purpose
from tests.enterprises.conftest import code

DAY = datetime.date(2023, 6, 30)
HEAD = "统一社会信用代码,企业名称,所属区划,经度,纬度,坐标系"
METRE = 1 / 111_000  # degrees


@pytest.fixture
def read(tmp_path, city):
    def read(*lines, head=HEAD):
        path = tmp_path / "firms.csv"
        path.write_text("\n".join([head, *(f"{code(n)},企业{n},{line}" for n, line in enumerate(lines, 1))]), "utf-8")
        return importing.read(path, city, figures_year=2022, workdir=tmp_path)

    return read


def places(imported):
    return imported.firms.select("longitude", "latitude").collect().rows()


# published pairs of WGS-84 and GCJ-02: tests of googollee/eviltransform
@pytest.mark.parametrize(
    ("lat", "lon", "shifted_lat", "shifted_lon"),
    [
        (31.1774276, 121.5272106, 31.17530398364597, 121.531541859215),
        (22.543847, 113.912316, 22.540796131694766, 113.9171764808363),
        (39.911954, 116.377817, 39.91334545536069, 116.38404722455657),
    ],
)
def test_gcj02_is_turned_back_to_less_than_a_decimetre(lat, lon, shifted_lat, shifted_lon):
    east, north = coordinates.shift(np.array([lon]), np.array([lat]))
    assert (lon + east[0], lat + north[0]) == pytest.approx((shifted_lon, shifted_lat), abs=1e-11)
    x, y = coordinates.unshifted(np.array([shifted_lon]), np.array([shifted_lat]), "gcj02")
    assert (x[0], y[0]) == pytest.approx((lon, lat), abs=0.1 * METRE)


def test_bd09_goes_by_way_of_gcj02():
    """116.404, 39.915 is 116.39762729119315, 39.90865673957631 in GCJ-02: README of wandergis/coordtransform."""
    by_way = coordinates.unshifted(np.array([116.39762729119315]), np.array([39.90865673957631]), "gcj02")
    direct = coordinates.unshifted(np.array([116.404]), np.array([39.915]), "bd09")
    assert np.allclose(direct, by_way, rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("cells", "wrong", "kept"),
    [
        ("昆山市,120.98,31.38,WGS-84", None, (120.98, 31.38)),
        ("昆山市,31.38,120.98,WGS-84", "swapped", (None, None)),
        ("昆山市,0,0,WGS-84", "zero", (None, None)),
        ("昆山市,120.98,0,WGS-84", "zero", (None, None)),
        ("昆山市,-120.98,31.38,WGS-84", "abroad", (None, None)),
        ("昆山市,12098,3138,WGS-84", "abroad", (None, None)),
        ("昆山市,120.98,,WGS-84", "half", (None, None)),
        ("昆山市,121.05,31.90,WGS-84", "elsewhere", (121.05, 31.90)),
        ("虎丘区,120.45,31.35,WGS-84", None, (120.45, 31.35)),  # reports as 高新区, whose extent it has
        (",116.4,39.9,WGS-84", None, (116.4, 39.9)),
        ("昆山市,,,", None, (None, None)),
    ],
)
def test_a_pair_that_is_wrong_is_told_with_its_cell(read, cells, wrong, kept):
    imported = read(cells)
    assert imported.faults.select("line", "column", "code").rows() == ([(2, "longitude", wrong)] if wrong else [])
    assert places(imported) == [kept]
    assert imported.kept_out == 0
    if wrong:
        assert [f.place.cell for f in imported.findings] == ["D2"]


def test_a_cell_that_is_no_number_is_one_fault_not_two(read):
    imported = read("昆山市,东经一百二十度,31.38,WGS-84")
    assert imported.faults.select("column", "code").rows() == [("longitude", "number")]


def test_the_head_may_name_the_datum(read):
    imported = read("昆山市,120.98,31.38", head="统一社会信用代码,企业名称,所属区划,经度（GCJ-02）,纬度（GCJ-02）")
    assert imported.firms.collect()["coordinate_system"].to_list() == ["gcj02"]
    assert imported.findings == ()


def test_a_table_that_names_no_datum_is_told_once(read):
    imported = read("昆山市,120.98,31.38", "昆山市,120.99,31.38", head="统一社会信用代码,企业名称,所属区划,经度,纬度")
    assert [finding.code for finding in imported.findings] == ["import.datum_missing"]


def test_an_address_is_found_in_one_datum_and_the_rest_is_counted(append, kept, city):
    shifted = coordinates.shift(np.array([120.98]), np.array([31.38]))
    frame = pl.LazyFrame({
        "uscc": [code(n) for n in range(1, 6)], "area_id": ["suzhou_kunshan"] * 5,
        "longitude": [120.98 + float(shifted[0][0]), 120.98, 116.4, None, 120.98],
        "latitude": [31.38 + float(shifted[1][0]), 31.38, 39.9, None, 31.38],
        "coordinate_system": ["gcj02", "wgs84", "wgs84", None, None],
    })  # fmt: skip
    append("2023-06-30", frame)
    found = coordinates.located(register.read(kept, city, purpose=Purpose.SERVICE), city, ("area_id",))
    assert (found.firms, found.without, found.outside, found.assumed, found.shifted) == (5, 1, 1, 1, 1)
    assert found.rows.columns == ["uscc", "area_id", "lon_deg", "lat_deg"]
    assert np.allclose(found.rows.select("lon_deg", "lat_deg").to_numpy(), [[120.98, 31.38]] * 3, atol=0.1 * METRE)


def test_invented_firms_stand_in_their_areas_and_crowd_in_parks(city):
    drawing = Drawing(20_000, DAY, 2022)
    whole = pl.concat(
        invented_places.placed(invented_life.lived(frame, city, drawing), city, drawing).collect()
        for frame in invented.frames(city, drawing)
    )
    has = whole.filter(pl.col("longitude").is_not_null())
    assert has.height / whole.height == pytest.approx(0.92, abs=0.01)
    assert set(has["coordinate_system"]) == {"cgcs2000"}
    for (area_id,), firms in has.group_by("area_id"):
        box = city.extents[area_id]
        assert firms["longitude"].is_between(box.west, box.east).all(), area_id
        assert firms["latitude"].is_between(box.south, box.north).all(), area_id
    silk = has.filter((pl.col("industry_code") == "1751") & (pl.col("area_id") == "suzhou_wujiang"))
    near = (pl.col("longitude") - 120.655) ** 2 + (pl.col("latitude") - 30.91) ** 2 < 0.02**2
    assert silk.filter(near).height / silk.height > 0.6
    assert "演示" in "".join(park.name for park in city.invention.places.parks)
