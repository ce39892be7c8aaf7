"""Measures by cluster on pages: bounds and overlap of a catalogue, a cluster by district, a district by cluster."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import openpyxl
import pytest

from jiqun import workspace
from jiqun.model.purposes import Purpose
from tests.enterprises.conftest import code
from tests.industry.test_members import member
from tests.web.test_firms import DAY, EARLIER, admin, firm, sign_in, snapshot, text

__all__ = ["admin", "sign_in"]
HOME, OTHER, THIRD = "suzhou_kunshan", "suzhou_wujiang", "suzhou_changshu"
# area, class, firms: 3911 belongs wholly to the first cluster, 2710 in an unknown part, 6513 to both
CROWD = ((HOME, "3911", 30), (HOME, "2710", 10), (OTHER, "6513", 20), (OTHER, "2710", 15), (THIRD, "3911", 8),
         (THIRD, "0111", 60), (OTHER, "0111", 60))  # fmt: skip


def drawn(each: int) -> tuple[dict[str, Any], ...]:
    rows = [(area, class_) for area, class_, n in CROWD for _ in range(n)]
    return tuple(
        firm(n, uscc=code(n), area_id=area, industry_code=class_, employees=each)
        for n, (area, class_) in enumerate(rows, 1)
    )


@pytest.fixture
def filled(suzhou: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Two clusters of the catalogue that is in force on the day of the pages."""
    catalogue = next(one for one in suzhou.city.catalogues if one.series == suzhou.city.main_series)
    first, second = catalogue.clusters[:2]
    held = (member(first.id, "code", "3911"), member(first.id, "code", "2710", ""), member(first.id, "code", "6513"),
            member(second.id, "code", "6513"))  # fmt: skip
    city = replace(suzhou.city, memberships=held, digest="with members")
    opened = replace(suzhou, city=city)
    monkeypatch.setattr(workspace, "_opened", opened)
    snapshot(opened, EARLIER, drawn(10), Purpose.ADMINISTRATIVE)
    snapshot(opened, DAY, drawn(20), Purpose.ADMINISTRATIVE)
    return catalogue


def test_the_page_of_a_catalogue_tells_bounds_and_what_is_counted_twice(filled, admin):
    answer = admin.get(f"/firms/measures/?by={filled.id}")
    found = answer.context["page"].clusters
    first, second = found.lines
    assert (first.size.low, first.size.high) == (58 * 20, 83 * 20)
    assert (first.firms.low, first.firms.high) == (58, 83)
    assert (second.size.low, second.size.high, second.shared) == (400, 400, 20)
    assert (found.once.low, found.once.high, found.overlap.high) == (58, 83, 20)
    assert first.growth_pct == pytest.approx(100)
    assert [({one.id, two.id}, n) for one, two, n in found.pairs] == [({first.ref.id, second.ref.id}, 20)]
    assert "1160—1660" in text(answer).replace(",", "")
    assert f"/clusters/{first.ref.id}/#measures" in answer.content.decode()


def test_industries_and_clusters_are_a_switch(filled, admin):
    answer = admin.get("/firms/measures/?by=4")
    assert answer.context["page"].clusters is None
    assert [(label, chosen) for label, chosen, _ in answer.context["switch"]] == [("行业", True), ("集群", False)]
    assert admin.get(f"/firms/measures/?by={filled.id}").context["switch"][1][1:] == (True, filled.id)


def test_a_cluster_shows_its_districts_and_their_rank(filled, admin):
    answer = admin.get(f"/clusters/{filled.clusters[0].id}/")
    found = answer.context["measured"]
    assert found.places[0].area.id == HOME
    assert [row.rank for row in found.places] == [1, 2, 3]
    home = found.places[0]
    assert (home.size.low, home.size.high, home.firms) == (600, 800, 40)
    assert home.quotient.value == pytest.approx((800 / 1660) / (40 / 203))
    assert not found.is_sure
    assert found.line.size.high == 1660
    assert f"/areas/{HOME}/#measures" in answer.content.decode()


def test_a_district_shows_its_clusters(filled, admin, sign_in):
    answer = admin.get(f"/areas/{OTHER}/")
    found = answer.context["measured"]
    assert {row.cluster.id for row in found.places} == {one.id for one in filled.clusters[:2]}
    assert found.places[0].share_pct == pytest.approx(100)
    assert f"/clusters/{filled.clusters[1].id}/#measures" in answer.content.decode()
    district = sign_in("district", area_id=HOME)
    assert district.get(f"/areas/{OTHER}/").context["measured"] is None
    assert district.get(f"/areas/{HOME}/").context["measured"].places
    of_own = district.get(f"/clusters/{filled.clusters[0].id}/").context["measured"]
    assert [row.area.id for row in of_own.places] == [HOME]


def test_readers_without_firms_see_pages_without_measures(filled, sign_in):
    viewer = sign_in("viewer")
    assert viewer.get(f"/clusters/{filled.clusters[0].id}/").context["measured"] is None
    assert viewer.get(f"/areas/{HOME}/").context["measured"] is None


def test_what_nobody_said_anything_of_has_no_measures(filled, admin):
    assert admin.get(f"/clusters/{filled.clusters[3].id}/").context["measured"] is None
    assert admin.get("/areas/suzhou_taicang/").context["measured"] is None


def test_the_workbook_has_the_clusters_first(filled, admin):
    book = openpyxl.load_workbook(io.BytesIO(admin.get(f"/firms/measures.xlsx?by={filled.id}").content))
    sheet = book.worksheets[0]
    assert sheet.title == "集群合计"
    rows = [row for row in sheet.iter_rows(values_only=True) if row[0] == filled.clusters[0].id]
    assert rows[0][2:7] == (58, 83, 20, 1160, 1660)
