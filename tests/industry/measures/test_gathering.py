"""Where firms stand together: what is planted is found, chance finds nothing, and nobody can be told from it."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import numpy as np
import openpyxl
import polars as pl
import pytest

from jiqun import packs
from jiqun.enterprises import columns
from jiqun.enterprises.register import Firms
from jiqun.industry.measures import gathered, gathered_sheets, gathering
from jiqun.industry.measures.gathered import SETTINGS, Line, Standing
from jiqun.industry.measures.points import degrees, plane
from jiqun.model.errors import NotFound, UsageError
from jiqun.model.purposes import Purpose
from jiqun.tables import xlsx
from tests.enterprises.conftest import code

DAY, CENTRE = date(2023, 7, 1), (120.75, 31.30)
QUICK = replace(
    SETTINGS, area_draws=39, curve_draws=39, kd_most_m=10_000.0, m_at_m=(500.0, 1_000.0, 2_000.0)
)  # fmt: skip
CLASSES = ("3525", "1751", "6513")  # of three divisions
SHOP = (3_000.0, -2_000.0)  # metres from the centre: where the planted firms stand


@pytest.fixture(scope="module")
def city():
    return packs.load("suzhou")


def people(city, where, classes, **more) -> Firms:
    """Firms at metres from CENTRE."""
    lon, lat = degrees(np.asarray(where), CENTRE).T
    n = len(classes)
    rows = {
        "uscc": [code(k + 1) for k in range(n)], "industry_code": list(classes), "area_id": ["suzhou_sip"] * n,
        "longitude": lon, "latitude": lat, "coordinate_system": ["cgcs2000"] * n, "leading_product": [None] * n,
    } | more  # fmt: skip
    known = columns.columns(city)
    types = columns.schema(known)
    frame = pl.LazyFrame(rows, schema={name: types[name] for name in rows}, strict=False)
    return Firms(frame, known, DAY, 2022, Purpose.ADMINISTRATIVE, Purpose.SERVICE, digest="d")


def strewn(rng: np.random.Generator, n: int = 900) -> tuple[np.ndarray, np.ndarray]:
    return rng.uniform(-6_000, 6_000, (n, 2)), np.array(CLASSES)[rng.integers(0, 3, n)]


def planted(city, seed: int = 4, **more) -> Firms:
    rng = np.random.default_rng(seed)
    where, classes = strewn(rng)
    more_of_one = np.array(SHOP) + rng.uniform(-300, 300, (40, 2))
    return people(city, np.concatenate([where, more_of_one]), [*classes, *["6513"] * 40], **more)


@pytest.fixture(scope="module")
def found(city):
    return gathering.gather(planted(city), city, QUICK)


def by_level(told):
    return next(one for one in told.groupings if one.id == "2")


def test_a_planted_area_is_found_at_its_place(found):
    (place,) = by_level(found).places
    assert place.sector_id == "65"
    assert 40 <= place.firms <= 60
    assert np.hypot(*(plane(*np.array([[place.centre_deg[0]], [place.centre_deg[1]]]), CENTRE)[0] - SHOP)) < 300
    assert place.q <= 0.05
    assert place.districts == (("suzhou_sip", place.firms),)


def test_its_curves_say_at_which_distances(found):
    sectors = {one.id: one for one in by_level(found).sectors}
    assert sectors["65"].kd.together[0][0] == 0
    assert sectors["65"].m.together[0][0] == 500
    assert gathered_sheets.said(sectors["65"].kd, 3, replace(QUICK, fdr=0.2)).startswith("在 0–")
    for id_ in ("35", "17"):
        assert sectors[id_].m.together == ()
    assert sectors["65"].firms == 40 + sum(
        1 for one in strewn(np.random.default_rng(4))[1] if one == "6513"
    )  # all have a place


def line(together, apart=(), *, p=0.005, q=0.005) -> Line:
    return Line((0.0,), (1.0,), (0.5,), (0.9,), p, q, None, together, apart)


def test_pairs_far_apart_are_no_gathering():
    """From 20 to 40 km more pairs than chance: what lies between two parks, not firms near each other."""
    far = gathered.spans(line(((20_000.0, 40_000.0),)), 1, SETTINGS)
    assert (far.near, far.far) == ((), ((20_000.0, 40_000.0),))
    said = gathered_sheets.said(line(((20_000.0, 40_000.0),)), 1, SETTINGS)
    assert "显著集聚" not in said
    assert "相距 20–40 公里的也多于随机" in said
    across = gathered.spans(line(((0.0, 25_000.0),)), 1, SETTINGS)
    assert (across.near, across.far) == (((0.0, 10_000.0),), ((10_000.0, 25_000.0),))
    assert gathered_sheets.said(line(((0.0, 4_000.0),), ((12_000.0, 30_000.0),)), 1, SETTINGS) == (
        "在 0–4 公里显著集聚，在 12–30 公里少于随机分布"
    )


@pytest.mark.parametrize(
    ("told", "curves", "standing"),
    [
        (line(((0.0, 500.0),), q=0.05), 60, Standing.TOLD),
        (line(((0.0, 500.0),), p=0.03, q=0.2), 60, Standing.SHORT),
        (line(((0.0, 500.0),), p=0.005, q=0.3), 60, Standing.FEW_DRAWS),  # 60 × 1/200 = 0.3
        (line(((0.0, 500.0),), p=0.005, q=0.06), 8, Standing.SHORT),  # 8 × 1/200 = 0.04 could have passed
        (line((), p=0.4, q=0.6), 60, Standing.INSIDE),
    ],
)
def test_a_curve_outside_its_band_is_told_only_by_its_q(told, curves, standing):
    assert gathered.spans(told, curves, SETTINGS).standing is standing
    assert ("显著集聚" in gathered_sheets.said(told, curves, SETTINGS)) == (standing is Standing.TOLD)


def test_a_curve_leaves_its_global_band_exactly_where_its_p_says(found):
    """Outside somewhere: p ≤ alpha of the whole curve."""
    for grouped in found.groupings:
        for sector in grouped.sectors:
            for one in (sector.kd, sector.m):
                assert one.p <= QUICK.alpha if one.together or one.apart else True


def test_pure_noise_proposes_nothing(city):
    """Of ten worlds without anything planted at most one may (at a rate of 5 %) propose an area."""
    proposed = 0
    for seed in range(10):
        where, classes = strewn(np.random.default_rng(seed), 400)
        settings = replace(QUICK, curve_draws=19, m_at_m=(500.0,), kd_most_m=1_000.0, least_firms=5)
        told = gathering.gather(people(city, where, classes), city, settings)
        proposed += bool(by_level(told).places)
    assert proposed <= 1


def test_the_same_firms_give_the_same_and_come_back_from_the_file(city, found):
    again = gathering.gather(planted(city), city, QUICK)
    assert again == found
    assert gathered.from_json(gathered.to_json(found)) == found


def test_one_group_does_not_change_another(city, found):
    """Curves of a group draw by its own seed: without the others' classes it is the same."""
    other = planted(city)
    changed = other.rows.with_columns(industry_code=pl.col("industry_code").replace("1751", "2614"))
    told = gathering.gather(replace(other, rows=changed), city, QUICK)
    first, second = ({one.id: one for one in by_level(each).sectors}["65"] for each in (found, told))
    assert first.kd.values == second.kd.values
    assert (first.kd.low, first.m.high) == (second.kd.low, second.m.high)


def test_firms_without_a_place_are_told_and_left_out(city):
    firms = planted(city)
    lost = pl.int_range(pl.len()) < 50
    rows = firms.rows.with_columns(longitude=pl.when(~lost).then("longitude"))
    told = gathering.gather(replace(firms, rows=rows), city, QUICK)
    assert (told.firms, told.without, told.placed) == (940, 50, 890)
    assert sum(one.firms for one in by_level(told).sectors) == 890


def test_hardly_a_firm_with_a_place_is_refused_in_words(city):
    firms = people(city, np.zeros((10, 2)), ["6513"] * 10)
    with pytest.raises(NotFound, match="只有 10 家"):
        gathering.gather(firms, city, QUICK)
    with pytest.raises(UsageError, match="不足以给出"):
        gathering.gather(planted(city), city, replace(QUICK, curve_draws=9))


def test_all_firms_of_one_industry_have_nothing_to_be_compared_with(city):
    where, _ = strewn(np.random.default_rng(1), 60)
    told = gathering.gather(people(city, where, ["6513"] * 60), city, QUICK)
    (sector,) = by_level(told).sectors
    assert (sector.kd, sector.m) == (None, None)
    assert by_level(told).places == ()


def test_no_district_and_no_square_of_few_firms_is_told(city):
    """Two of the planted firms each are reported in two other districts, and one stands alone in its square."""
    n = 940
    areas = ["suzhou_sip"] * (n - 4) + ["suzhou_gusu"] * 2 + ["suzhou_wuzhong"] * 2
    told = gathering.gather(planted(city, area_id=areas), city, QUICK)
    (place,) = by_level(told).places
    assert [id_ for id_, _ in place.districts] == ["suzhou_sip"]
    assert place.districts[0][1] <= place.firms - 4
    where = plane(*_degrees(planted(city)), told.centre_deg)
    of_sector = np.array(planted(city).rows.select("industry_code").collect().to_series()) == "6513"
    for west, south in place.squares:
        inside = ((where >= (west, south)) & (where < (west + QUICK.square_m, south + QUICK.square_m))).all(axis=1)
        assert (inside & of_sector).sum() >= 3
    assert place.radius_m % 100 == 0
    assert all(metre % 100 == 0 for metre in place.centre_m)


def test_firms_of_a_part_are_counted_in_the_area_that_reports(city):
    """太仓港 does not report; 太仓 does. 虎丘区 reports as 高新区."""
    areas = [("suzhou_taicangport", "suzhou_taicang")[n % 2] for n in range(940)]
    (place,) = by_level(gathering.gather(planted(city, area_id=areas), city, QUICK)).places
    assert place.districts == (("suzhou_taicang", place.firms),)


def _degrees(firms):
    rows = firms.rows.collect()
    return rows["longitude"].to_numpy(), rows["latitude"].to_numpy()


def test_clusters_hold_all_that_may_belong_and_overlap(city, found):
    clusters = next(one for one in found.groupings if one.id != "2")
    assert clusters.id == "suzhou-2022"
    assert sum(one.firms for one in clusters.sectors) > 0
    assert {one.id for one in clusters.sectors} <= {one.id for c in city.catalogues for one in c.clusters}


def test_the_workbook_and_the_csv_say_what_was_done(city, found):
    out = io.BytesIO()
    xlsx.write(out, gathered_sheets.pages(found, city), created=found_at(), notes=gathered_sheets.notes(found))
    book = openpyxl.load_workbook(out)
    assert book.sheetnames[:3] == ["疑似新兴集群", "集聚距离", "曲线"]
    rows = list(book["疑似新兴集群"].iter_rows(values_only=True))
    assert any("软件和信息技术服务业" in row for row in rows)
    notes = dict(row[:2] for row in book["说明与来源"].iter_rows(values_only=True))
    assert "39 次" in notes["曲线"]
    assert "Duranton" in notes["杜兰顿—奥弗曼 Kd（Duranton–Overman K-density）"]
    text = gathered_sheets.csv(found, city).decode("utf-8-sig")
    assert text.splitlines()[0] == "分组,产业或集群编号,测度,距离（米）,项目,值"
    assert any(line.startswith("2,65,dense_area 1,,firms,") for line in text.splitlines())
    assert not any(one in text for one in (code(1), code(940)))


def test_a_reader_of_one_area_gets_the_areas_of_it_alone(found):
    assert list(gathered_sheets.shown(found, frozenset({"suzhou_kunshan"}))) == []
    assert len(list(gathered_sheets.shown(found, frozenset({"suzhou_sip"})))) == sum(
        len(one.places) for one in found.groupings
    )


def found_at():
    from datetime import UTC, datetime

    return datetime(2023, 8, 8, tzinfo=UTC)


def test_a_district_goes_untold_where_the_rest_could_be_reckoned():
    told = gathering._told_districts
    assert told(["a", "b"], [14, 5], 3) == (("a", 14), ("b", 5))
    assert told(["a", "b", "c"], [14, 5, 1], 3) == (("a", 14),), "20 in all would tell the one in c"
    assert told(["a", "c"], [14, 1], 3) == ()
    assert told(["a", "None"], [14, 4], 3) == (("a", 14),)
    assert told([], [], 3) == ()
