"""Counts of titles on their page: as known on the page's day, since when, as bounds where rows wait; made figures."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from jiqun import flows
from jiqun.enterprises.membership import Batch
from jiqun.enterprises.spells import Stage
from jiqun.ledger.models import Event, Observation, Run
from jiqun.model.purposes import Purpose
from jiqun.workspace import Workspace
from tests.enterprises.conftest import code
from tests.web.test_firms import FIRMS, ON, admin, judged, sign_in, snapshot, text
from tests.web.test_lists import NAME, listed, sheet, take_in, upload

__all__ = ["admin", "judged", "listed", "sign_in"]
LATER = "2024-06-30"


@pytest.fixture
def covered(listed: Workspace, tmp_path: Path) -> Workspace:
    """Lists of 2020 to 2023: two firms in 2020, nobody in 2021 and 2022, one in 2023 and a row that waits."""
    for year in (2021, 2022):
        take_in(listed, tmp_path, "", year)
    return listed


def line(page: str, year: int) -> list[str]:
    """The cells of the year in the table of balances, as words."""
    found = re.search(rf">{year}</th>(.*?)</tr>", page)
    assert found, year
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", found[1])]


def test_a_year_with_rows_that_wait_has_a_bound_and_becomes_exact_when_they_are_decided(
    admin: Client, covered: Workspace
) -> None:
    page = text(admin.get(f"/firms/counts/?tier=srdi_sme&as_of={LATER}"))
    # at the end of 2023 firm 1 holds it; whose the waiting row is nobody knows: one firm more, or none
    assert line(page, 2023)[0] == "2"
    assert line(page, 2023)[-2] == "1–2"
    assert "2023年认定名单（1 行）" in page, "in words, not by its file's name"
    rows = {row[2]: row for row in sheet(admin.get("/firms/counts.xlsx"), "核算") if row[1] == "苏州"}
    head = next(row for row in sheet(admin.get("/firms/counts.xlsx"), "核算") if row[0] == "层级")
    assert rows[2023][head.index("年末（家）")] is None, "what is only a bound is no number"
    assert [rows[2023][head.index(f"年末{word}")] for word in ("至少", "至多")] == [1, 2]
    admin.post(f"/firms/lists/{NAME}/decide/", {"row-3": code(2)})
    assert line(text(admin.get("/firms/counts/?tier=srdi_sme")), 2023)[-2] == "2"


def test_years_without_lists_have_a_least_and_no_most(admin: Client, covered: Workspace) -> None:
    page = text(admin.get(f"/firms/counts/?tier=srdi_sme&as_of={LATER}"))
    # a grant lasts 3 years: what stood at the end of 2020 also hangs on lists of 2018 and 2019, which are not there
    assert (line(page, 2020)[0], line(page, 2020)[-2]) == ("≥0", "≥2")
    assert (line(page, 2022)[0], line(page, 2022)[-2], line(page, 2022)[-1]) == ("≥2", "2", "平衡 缺 2019 年名单")
    rows = {row[2]: row for row in sheet(admin.get("/firms/counts.xlsx"), "核算") if row[1] == "苏州"}
    assert (rows[2020][3], rows[2022][3], rows[2023][3]) == (None, None, 2)


def test_cumulative_counts_say_since_which_list_they_count(admin: Client, covered: Workspace) -> None:
    page = text(admin.get(f"/firms/counts/?tier=srdi_sme&as_of={LATER}"))
    assert "历年累计自收录的第一份名单（2020年认定名单）起" in page
    assert 'href="/firms/lists/srdi_sme.recognised.2020.1/"' in page
    assert "自 2020 年起" in page
    rows = sheet(admin.get("/firms/counts.xlsx"), "核算")
    head = next(row for row in rows if row[0] == "层级")
    assert {row[head.index("累计自哪一年")] for row in rows if row[1] == "苏州"} == {2020}


def test_a_day_shows_what_was_known_on_it_and_not_the_latest_run(admin: Client, covered: Workspace) -> None:
    """In 2024 the list of 2023 named firm 1; corrected today it names firm 3 besides."""
    admin.get(f"/firms/counts/?as_of={LATER}")
    upload(admin, f"企业名称\n{FIRMS[0]['name']}\n{FIRMS[2]['name']}\n", reason="更正")
    assert admin.post("/firms/counts/count/?as_of=today").status_code == 302
    assert line(text(admin.get("/firms/counts/?tier=srdi_sme&as_of=today")), 2023)[-2] == "2"
    page = text(admin.get(f"/firms/counts/?tier=srdi_sme&as_of={LATER}"))
    assert line(page, 2023)[-2] == "1–2", "what the run of today counted was not known then"
    assert "还没有核算留底" in page
    rows = {row[2]: row for row in sheet(admin.get("/firms/counts.xlsx"), "核算") if row[1] == "苏州"}
    assert rows[2023][11] is None
    assert admin.post("/firms/counts/count/").status_code == 302
    assert "号运行" in text(admin.get("/firms/counts/"))
    before = text(admin.get("/firms/counts/?as_of=2023-05-01"))
    assert not re.search(r">2023</th>", before), "the year had not ended"
    assert line(before, 2022)[-2] == "2"


def test_why_the_register_and_the_lists_are_two_numbers_is_told(admin: Client, covered: Workspace) -> None:
    """The register writes the title to firms 1, 2 and 4; the list that gave it to 2 ran out, of 4 no list speaks."""
    page = re.sub(r"<[^>]+>", "", text(admin.get("/firms/counts/?tier=srdi_sme")))
    assert "名册里记有这个称号的 3 家；2023-08-08 有效的 2 家" in page
    assert "名单上的有效期已到期 −1 家。" in page
    merged = tuple(each | {"merged_into_uscc": code(1) if each is FIRMS[3] else None} for each in FIRMS)
    batch = Batch("srdi_sme", Stage.RECOGNISED, 2022, 2)
    snapshot(covered, date(2023, 7, 15), merged, Purpose.ADMINISTRATIVE)
    path = covered.path / "list.csv"
    path.write_text(f"统一社会信用代码,企业名称\n{code(4)},{FIRMS[3]['name']}\n{code(3)},{FIRMS[2]['name']}\n", "utf-8")
    flows.import_list(covered, path, batch, actor="zhang", published_on=date(2022, 7, 1))
    flows.classify_firms(covered, ON, actor="zhang")
    page = re.sub(r"<[^>]+>", "", text(admin.get("/firms/counts/?tier=srdi_sme")))
    assert "名册里记有这个称号的 3 家；2023-08-08 有效的 2 家" in page
    assert "名单上的有效期已到期 −1 家；企业已注销、迁出或并入 −1 家；名册没有记、名单上有效 ＋1 家。" in page


def test_a_run_of_an_earlier_day_does_not_become_figures_of_today(admin: Client, covered: Workspace) -> None:
    admin.get(f"/firms/counts/?as_of={LATER}")
    upload(admin, f"企业名称\n{FIRMS[2]['name']}\n", reason="更正")
    admin.post("/firms/counts/count/")
    answer = admin.post("/firms/counts/record/", {"reason": "年度核算"})
    assert (answer.status_code, "请按今天所知的重新核算" in text(answer)) == (409, True)
    assert not Observation.objects.exists()


def test_counts_become_figures_by_a_person_and_are_undone_by_one(admin: Client, covered: Workspace) -> None:
    admin.get(f"/firms/counts/?as_of={LATER}")
    assert admin.post("/firms/counts/record/", {"reason": "年度核算"}).status_code == 404, "nothing was counted yet"
    assert admin.post("/firms/counts/count/").status_code == 302
    assert not Observation.objects.exists()
    assert admin.post("/firms/counts/record/", {"reason": ""}).status_code == 422
    assert admin.post("/firms/counts/record/", {"reason": "年度核算"}).status_code == 302
    assert "已记入台账" in text(admin.get("/firms/counts/"))
    stock = Observation.objects.get(indicator_id="srdi_sme_count", area_id="suzhou", period="2023", superseded_at=None)
    assert (stock.value_kind, stock.value_text) == ("at_least", "1")
    assert "1–2 家" in stock.note
    recorded = Event.objects.get(action="cohorts.recorded")
    assert admin.post(f"/events/{recorded.sequence}/undo/", {"reason": "重来"}).status_code == 302
    assert Observation.objects.filter(superseded_at=None, state="active").count() == 0


def test_a_cumulative_figure_says_since_when_in_its_note(judged: Workspace, tmp_path: Path) -> None:
    for year in (2021, 2022):
        path = tmp_path / f"{year}.csv"
        path.write_text(f"企业名称\n{FIRMS[year - 2021]['name']}\n", "utf-8")
        batch = Batch("unicorn_cultivation_sz", Stage.RECOGNISED, year)
        flows.import_list(judged, path, batch, actor="zhang", published_on=date(year, 6, 30))
    flows.record_cohorts(judged, flows.count_cohorts(judged, actor="zhang", years=[2021, 2022]), actor="li")
    row = Observation.objects.get(indicator_id="unicorn_cultivation_cumulative", area_id="suzhou", period="2022")
    assert row.value_text == "2"
    assert "自 2021 年（收录的第一份认定名单）起累计" in row.note


def test_a_district_sees_its_own_counts_only(sign_in: Any, covered: Workspace) -> None:
    client = sign_in("district", area_id="suzhou_wujiang")
    page = text(client.get(f"/firms/counts/?as_of={LATER}"))
    assert client.get(f"/firms/counts/?as_of={LATER}").status_code == 200
    assert "昆山" not in page
    assert "1 行" not in page, "nobody knows of which area an open row is"


def test_the_run_of_the_demo_is_that_of_its_first_day(admin: Client, covered: Workspace) -> None:
    run = flows.count_cohorts(covered, actor="zhang", known_on=date(2024, 6, 30))
    assert run.parameters["years"] == [2020, 2021, 2022, 2023]
    assert Run.objects.filter(kind="count_cohorts").count() == 1
