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
