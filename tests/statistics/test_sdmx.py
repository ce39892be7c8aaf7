"""Figures out to SDMX and in again, equal; what the structure does not allow; pysdmx reads what we write."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pysdmx import io

from jiqun import packs
from jiqun.model.periods import Period
from jiqun.statistics import sdmx
from jiqun.statistics.sdmx import FIGURES

CITY = packs.load("suzhou")
INDICATOR, AREA = next(iter(CITY.indicators)), next(iter(CITY.areas))
CLUSTER, SOURCE = next(iter(CITY.clusters)), next(iter(CITY.sources))


def figures(*rows):
    return pl.DataFrame(rows, schema=FIGURES, orient="row")


TWO = figures(
    (INDICATOR, AREA, CLUSTER, "level", SOURCE, "2023", "12.50", "亿元", "exact"),
    (INDICATOR, AREA, None, None, None, "2024M1-M8", "-3", "%", "preliminary"),
)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("2023", "2023"),
        ("2023H2", "2023-S2"),
        ("2023Q3", "2023-Q3"),
        ("2023M8", "2023-08"),
        ("2024M1-M8", "2024-01-01/P8M"),
    ],
)
def test_times_are_those_of_sdmx(ours, theirs):
    assert sdmx.time_period(Period.parse(ours)) == theirs
    assert sdmx.read_time(theirs) == Period.parse(ours)


@pytest.mark.parametrize("text", ["2023-W07", "2023-08-02/P1M", "2023-11-01/P8M", "23", "2023-13"])
def test_other_times_are_refused(text):
    with pytest.raises(ValueError, match=r"period|whole months"):
        sdmx.read_time(text)


@pytest.mark.parametrize("how", ["csv", "xml"])
def test_figures_come_back_as_they_went_out(how):
    text = sdmx.write(TWO, CITY, how)
    found, findings = sdmx.read(text.encode(), CITY)
    assert findings == ()
    assert found.equals(TWO)


@pytest.mark.parametrize("how", ["csv", "xml"])
def test_pysdmx_reads_what_we_write(how):
    (dataset,) = io.read_sdmx(sdmx.write(TWO, CITY, how)).data
    assert dataset.short_urn == "DataStructure=JIQUN:FIGURES(1.0)"
    assert dataset.data["TIME_PERIOD"].tolist() == ["2023", "2024-01-01/P8M"]
    assert dataset.data["CLUSTER"].tolist() == [CLUSTER, "_Z"]


@pytest.mark.parametrize("how", ["json", "xml"])
def test_the_structure_has_the_citys_codes(how):
    message = io.read_sdmx(sdmx.write_structure(CITY, how), validate=True)
    lists = {one.id: one for one in message.get_codelists()}
    assert {code.id.replace("@", ".") for code in lists["CL_INDICATOR"]} == set(CITY.indicators)
    child = next(area for area in CITY.areas.values() if area.parent_id in CITY.areas)
    assert lists["CL_AREA"][sdmx.coded(child.id)].name == child.name
    (structure,) = message.get_data_structure_definitions()
    assert [one.id for one in structure.components.dimensions] == list(sdmx.DIMENSIONS)


def test_what_the_structure_does_not_allow_is_told_all_at_once():
    good = sdmx.write(TWO, CITY).splitlines()
    row = good[1].split(",")
    at = {name: index for index, name in enumerate(good[0].split(","))}

    def but(**changes):
        return ",".join(changes.get(name, row[index]) for name, index in at.items())

    text = "\r\n".join([
        good[0], good[1], good[1], but(INDICATOR="nothing", OBS_VALUE="many"), but(TIME_PERIOD="2023-W1"),
        but(ACTION="D", SOURCE="_Z"), but(STRUCTURE_ID="X:Y(1.0)", CLUSTER="_Z"), but(OBS_VALUE="NaN", MEASURE="_Z"),
    ])  # fmt: skip
    found, findings = sdmx.read(text.encode(), CITY, "in.csv")
    assert found.height == 1
    assert [(f.code, f.place.line) for f in findings] == [
        ("sdmx_duplicate", 3), ("sdmx_code", 4), ("sdmx_value", 4), ("sdmx_time", 5), ("sdmx_action", 6),
        ("sdmx_structure", 7), ("sdmx_value", 8),
    ]  # fmt: skip


def test_other_columns_other_files_and_short_rows_are_refused():
    text = sdmx.write(TWO, CITY)
    _, findings = sdmx.read(text.replace("CLUSTER", "SECTOR").encode(), CITY)
    assert [f.code for f in findings] == ["sdmx_column", "sdmx_column"]
    for bad in (b"<a/>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'):
        assert [f.code for f in sdmx.read(bad, CITY)[1]] == ["sdmx_message"]
    _, findings = sdmx.read(text.splitlines()[0].encode() + b"\r\ndatastructure," + sdmx.STRUCTURE_ID.encode(), CITY)
    assert [f.code for f in findings] == ["sdmx_row"]
    assert sdmx.read(b"", CITY)[1] != ()


def test_an_id_with_a_full_stop_comes_back():
    assert sdmx.coded("c23.ic") == "c23@ic"
    assert sdmx.uncoded("c23@ic") == "c23.ic"
    assert not any("@" in id_ for id_ in (*CITY.indicators, *CITY.areas, *CITY.clusters, *CITY.sources))


ONE = st.tuples(
    st.sampled_from(sorted(CITY.indicators)), st.sampled_from(sorted(CITY.areas)),
    st.one_of(st.none(), st.sampled_from(sorted(CITY.clusters))), st.sampled_from([None, "level", "growth"]),
    st.one_of(st.none(), st.sampled_from(sorted(CITY.sources))),
    st.sampled_from(["2020", "2021H1", "2021Q4", "2022M2", "2022Q1-Q3", "2022M1-M5"]),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str), st.sampled_from(["亿元", "%", 'a,"b', "家"]),
    st.sampled_from(["exact", "final"]),
)  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(st.lists(ONE, max_size=8, unique_by=lambda one: one[:6]))
def test_any_figures_come_back(rows):
    given_figures = figures(*rows)
    found, findings = sdmx.read(sdmx.write(given_figures, CITY).encode(), CITY)
    assert findings == ()
    assert found.equals(given_figures)
