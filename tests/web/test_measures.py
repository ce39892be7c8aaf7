"""Where industries gather, on a page: to whom, from which firms, and nothing that tells about one."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import openpyxl
import pytest

from jiqun.model.purposes import Purpose
from tests.enterprises.conftest import code
from tests.web.test_firms import DAY, EARLIER, admin, firm, sign_in, snapshot, text  # noqa: F401 - fixtures

AREAS = ("suzhou_kunshan", "suzhou_wujiang", "suzhou_changshu", "suzhou_xiangcheng")
CLASSES = ("3525", "3911", "6513", "2710")
MORE = ("2720", "3912", "3921", "2911", "3311", "3411", "3511", "2641")
LONE = "1761"  # a class of one firm


def drawn(n: int, classes: tuple[str, ...] = CLASSES) -> tuple[dict[str, Any], ...]:
    """Firms of four classes in four areas; 3911 crowds in the first."""
    rng = np.random.default_rng(1)
    firms = []
    for number in range(1, n + 1):
        industry = classes[rng.integers(len(classes))]
        area = AREAS[0] if industry == "3911" and rng.random() < 0.7 else AREAS[rng.integers(4)]
        firms.append(firm(number, uscc=code(number), area_id=area, industry_code=industry,
                          employees=int(rng.integers(5, 400)), revenue_yuan=1e7))  # fmt: skip
    return (*firms, firm(n + 1, uscc=code(n + 1), area_id=AREAS[1], industry_code=LONE, employees=777))


@pytest.fixture
def filled(suzhou: Any) -> Any:
    snapshot(suzhou, DAY, drawn(300), Purpose.ADMINISTRATIVE)
    return suzhou


def test_the_page_lists_quotients_with_their_intervals(filled, admin):  # noqa: F811
    answer = admin.get("/firms/measures/?by=4")
    assert answer.status_code == 200
    rows = answer.context["page"].cells
    assert (rows[0].area.id, rows[0].group.id) == (AREAS[0], "3911")
    assert rows[0].quotient.low > 1
    assert "没有更早的名册可以比较" in text(answer)
    assert "Ellison" in text(answer)


def test_a_class_of_one_firm_is_nowhere(filled, admin):  # noqa: F811
    page = admin.get("/firms/measures/?by=4&size=firms").context["page"]
    assert LONE not in {row.group.id for row in page.cells}
    assert LONE not in {row.group.id for row in page.groups}
    book = openpyxl.load_workbook(io.BytesIO(admin.get("/firms/measures.xlsx?by=4").content))
    row = next(row for row in book["区域×产业"].iter_rows(values_only=True) if row[1] == LONE)
    assert set(row[3:-1]) == {None}
    assert "会泄露个别企业" in row[-1]


def test_a_district_sees_its_own_rows_against_the_whole_city(filled, sign_in):  # noqa: F811
    everything = sign_in().get("/firms/measures/?by=4&size=firms").context["page"]
    own = sign_in("district", area_id=AREAS[0]).get("/firms/measures/?by=4&size=firms").context["page"]
    assert {row.area.id for row in own.cells} == {AREAS[0]}
    assert {row.area.id for row in own.areas} == {AREAS[0]}
    assert [row for row in everything.cells if row.area.id == AREAS[0]] == list(own.cells)


def test_the_workbook_of_a_district_has_its_rows_alone(filled, sign_in):  # noqa: F811
    content = sign_in("district", area_id=AREAS[0]).get("/firms/measures.xlsx?by=4").content
    book = openpyxl.load_workbook(io.BytesIO(content))
    for name in ("区域×产业", "区域"):
        heads, *rows = book[name].iter_rows(values_only=True)
        assert heads[0] == "区域"
        assert {row[0] for row in rows} == {"昆山"}


def test_growth_beyond_chance_is_proposed(suzhou, admin):  # noqa: F811
    before = drawn(900, CLASSES + MORE)
    new = tuple(firm(1_000 + k, uscc=code(1_000 + k), area_id=AREAS[2], industry_code="2710") for k in range(90))
    snapshot(suzhou, EARLIER, before, Purpose.ADMINISTRATIVE)
    snapshot(suzhou, DAY, (*before, *new), Purpose.ADMINISTRATIVE)
    page = admin.get("/firms/measures/?by=4").context["page"]
    assert [(row.area.id, row.group.id) for row in page.candidates] == [(AREAS[2], "2710")]
    assert page.compared == EARLIER


RING = ("suzhou_snd", "suzhou_gusu", "suzhou_wuzhong", "suzhou_sip", "suzhou_taicang", "suzhou_zhangjiagang")


def even(n: int) -> tuple[dict[str, Any], ...]:
    """Each of the ten areas has n firms of two classes; 3911 crowds in 高新区 and its three neighbours.

    One of the firms of 高新区 says 虎丘区, its other name.
    """
    firms = []
    for area in (*AREAS, *RING):
        high = area in {"suzhou_snd", "suzhou_gusu", "suzhou_wuzhong", "suzhou_xiangcheng"}
        for place in range(n):
            number = len(firms) + 1
            industry = "3911" if place < (n * 3 // 4 if high else n // 4) + number % 3 else "6513"
            id_ = "suzhou_huqiu" if area == "suzhou_snd" and not place else area
            firms.append(firm(number, uscc=code(number), area_id=id_, industry_code=industry, employees=10))
    return tuple(firms)


def test_areas_are_compared_with_the_ones_beside_them(suzhou, admin):  # noqa: F811
    snapshot(suzhou, DAY, even(40), Purpose.ADMINISTRATIVE)
    answer = admin.get("/firms/measures/?by=4&size=firms&group=3911")
    near = answer.context["page"].neighbours
    rows = {row.area.id: row for row in near.rows}
    assert near.group.id == "3911"
    assert near.compared == len(rows) == 10
    assert [one.id for one in rows["suzhou_zhangjiagang"].beside] == ["suzhou_changshu"]
    snd = rows["suzhou_snd"]  # its neighbours are the three other high ones: 1 of C(9, 3) = 84 choices, both ways
    assert (snd.high, snd.high_around) == ("高", "高")
    assert snd.p == pytest.approx(2 / 84)
    assert rows["suzhou_zhangjiagang"].p >= 2 / 9
    # ten areas, one at 2/84: q is 10 times as much
    assert rows["suzhou_zhangjiagang"].verdict.label == "区域太少，无从判断"
    page = text(answer)
    assert "neighbours.csv" in page
    assert "参加比较的只有 10 个区域" in page


def test_areas_of_a_class_with_a_hidden_cell_are_not_compared(suzhou, admin):  # noqa: F811
    firms = even(40)
    few = [firm(900 + k, uscc=code(900 + k), area_id=AREAS[k % 2], industry_code="3525") for k in range(30)]
    lone = firm(990, uscc=code(990), area_id="suzhou_taicang", industry_code="3525")
    snapshot(suzhou, DAY, (*firms, *few, lone), Purpose.ADMINISTRATIVE)
    page = admin.get("/firms/measures/?by=4&size=firms&group=3525").context["page"]
    assert page.neighbours.group.id != "3525"
    assert "3525" not in {option.value for option in page.neighbours.options}
    book = openpyxl.load_workbook(io.BytesIO(admin.get("/firms/measures.xlsx?by=4&size=firms").content))
    rows = [row for row in book["局部莫兰指数"].iter_rows(values_only=True) if row[1] == "3525"]
    assert len(rows) == 10
    assert {row[4:10] for row in rows} == {(None,) * 6}
    assert all("会泄露个别企业" in row[-1] for row in rows)


def test_a_district_sees_how_it_compares_and_no_other_row(suzhou, sign_in):  # noqa: F811
    snapshot(suzhou, DAY, even(40), Purpose.ADMINISTRATIVE)
    district = sign_in("district", area_id="suzhou_snd")
    whole = sign_in().get("/firms/measures/?by=4&size=firms&group=3911").context["page"].neighbours
    own = district.get("/firms/measures/?by=4&size=firms&group=3911").context["page"].neighbours
    assert [row.area.id for row in own.rows] == ["suzhou_snd"]
    assert list(own.rows) == [row for row in whole.rows if row.area.id == "suzhou_snd"]
    book = openpyxl.load_workbook(io.BytesIO(district.get("/firms/measures.xlsx?by=4&size=firms").content))
    names = {row[0] for row in book["局部莫兰指数"].iter_rows(values_only=True, min_row=2)}
    assert names <= {"高新区", "区域"}


def test_clusters_are_compared_too(suzhou, admin):  # noqa: F811
    snapshot(suzhou, DAY, even(40), Purpose.ADMINISTRATIVE)
    options = admin.get("/firms/measures/").context["page"].options["by"]
    catalogue = next(one.value for one in options if not one.value.isdecimal())
    near = admin.get(f"/firms/measures/?by={catalogue}&size=firms").context["page"].neighbours
    assert near.group is not None
    assert len(near.rows) == 10


def test_both_names_of_a_district_see_its_row(suzhou, sign_in):  # noqa: F811
    snapshot(suzhou, DAY, even(40), Purpose.ADMINISTRATIVE)
    reader = sign_in("district", area_id="suzhou_huqiu")
    page = reader.get("/firms/measures/?by=4&size=firms&group=3911").context["page"]
    assert [row.area.id for row in page.areas] == ["suzhou_snd"]
    assert [row.area.id for row in page.neighbours.rows] == ["suzhou_snd"]


@pytest.mark.parametrize("query", ["by=9", "size=name", "area=mars", "by=no-such&size=", "by=4&area=suzhou_wujiang"])
def test_an_address_nobody_offered_is_passed_over(filled, admin, query):  # noqa: F811
    assert admin.get(f"/firms/measures/?{query}").status_code == 200


def test_readers_of_plans_do_not_get_there(filled, sign_in):  # noqa: F811
    assert sign_in("viewer").get("/firms/measures/").status_code == 403


def test_what_was_collected_for_statistics_is_refused(suzhou, admin):  # noqa: F811
    snapshot(suzhou, DAY, drawn(30), Purpose.STATISTICAL)
    assert admin.get("/firms/measures/").status_code == 403


def test_without_a_register_the_page_says_so(suzhou, admin):  # noqa: F811
    assert "还没有企业名册" in text(admin.get("/firms/measures/"))
