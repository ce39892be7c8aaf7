"""The register and the ladder on pages: what is shown, to whom, and what a hostile address gets."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import polars as pl
import pytest
from django.test import Client

from jiqun import flows
from jiqun.enterprises import columns, register
from jiqun.enterprises.invented import Drawing
from jiqun.enterprises.snapshots import About, Contents, Origin
from jiqun.ledger.models import Event
from jiqun.model.purposes import Purpose
from jiqun.workspace import Workspace
from tests.enterprises.conftest import code
from tests.web.conftest import signing_in, suzhou

__all__ = ["suzhou"]  # for the files that take their fixtures from here
DAY, EARLIER = date(2023, 7, 1), date(2022, 7, 1)
ON = date(2023, 8, 8)
SCRIPT = "<script>alert(1)</script>"


def firm(number: int, **said: Any) -> dict[str, Any]:
    """A firm that meets 专精特新 by clauses alone: two years in its market, research of 1000万元 a year, 5%."""
    given = {
        "uscc": code(number), "name": f"企业{number}精密机械有限公司", "area_id": "suzhou_kunshan",
        "industry_code": "3525", "status": "active", "founded_on": date(2010, 5, 1), "niche_years": 8,
        "revenue_yuan": 2.4e8, "rd_expense_yuan": 1.2e7, "rd_expense_yuan_prev1": 1.2e7, "employees": 120,
        "titles": ["srdi_sme"],
    }  # fmt: skip
    return given | said


FIRMS = (
    firm(1),
    # 950万元 a year on average, 50万元 short of 1000万元
    firm(2, name="差一点精密机械有限公司", rd_expense_yuan=9.5e6, rd_expense_yuan_prev1=9.5e6, titles=["srdi_sme"]),
    firm(3, name="吴江软件有限公司", area_id="suzhou_wujiang", industry_code="6513", revenue_yuan=None, titles=[]),
    firm(4, name=SCRIPT, area_id=None, revenue_yuan=5e6, rd_expense_yuan=5e5, rd_expense_yuan_prev1=5e5),
)


def snapshot(ws: Workspace, day: date, firms: tuple[dict[str, Any], ...], purpose: Purpose) -> None:
    root = ws.path / "registers"
    book = (
        register.open(root, "firms") if "firms" in register.names(root) else
        register.create(root, "firms", "企业库", purpose)
    )  # fmt: skip
    origin = Origin("企业年度报告", day, purpose)
    about = About(day, day.year - 1, day, (origin,))
    types = columns.schema(columns.columns(ws.city))
    frame = pl.LazyFrame(list(firms), schema={name: types[name] for name in FIRMS[0] | firms[0]})
    register.append(book, about, Contents([frame]), city=ws.city, recorded_at=ws.clock())


@pytest.fixture
def judged(suzhou: Workspace) -> Workspace:
    small = firm(1, name="企业1旧名机械有限公司", revenue_yuan=9e7, niche_years=1)
    snapshot(suzhou, EARLIER, (small,), Purpose.ADMINISTRATIVE)
    snapshot(suzhou, DAY, FIRMS, Purpose.ADMINISTRATIVE)
    flows.classify_firms(suzhou, ON, actor="zhang")
    return suzhou


@pytest.fixture
def sign_in(suzhou: Workspace) -> Callable[..., Client]:
    return signing_in(suzhou)


@pytest.fixture
def admin(sign_in: Any) -> Client:
    client: Client = sign_in()
    return client


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def listed(answer: Any) -> list[str]:
    """Codes of the firms in the list, in its order."""
    return re.findall(r'href="/firms/(\w{18})/"', answer.content.decode())


# ── the list ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [1, 2, 4, 3]),  # largest revenue first, unknown last
        ("?sort=revenue", [4, 1, 2, 3]),
        ("?q=软件", [3]),
        ("?q=" + code(2), [2]),
        ("?q=" + code(2).lower()[4:], [2]),
        ("?q=企业１", [1]),  # a full-width figure
        ("?area=suzhou_wujiang", [3]),
        ("?area=none", [4]),
        ("?industry=35", [1, 2, 4]),
        ("?tier=srdi_sme&answer=meets", [1]),
        ("?tier=srdi_sme&answer=holds", [1, 2, 4]),
        ("?tier=none&answer=meets", [1, 2, 4, 3]),
        ("?sort=nothing", [1, 2, 4, 3]),
        ("?page=99", [1, 2, 4, 3]),
    ],
)
def test_the_list_finds_and_sorts(admin: Client, judged: Workspace, query: str, found: list[int]) -> None:
    assert listed(admin.get(f"/firms/{query}")) == [code(number) for number in found]


def test_the_list_of_a_register_not_yet_judged_has_no_answers(admin: Client, suzhou: Workspace) -> None:
    snapshot(suzhou, DAY, FIRMS, Purpose.ADMINISTRATIVE)
    answer = admin.get("/firms/?tier=srdi_sme&answer=meets")
    assert len(listed(answer)) == 4
    assert "还没有判定梯度" in text(answer)


def test_the_workbook_has_the_firms_of_the_list_and_says_where_they_come_from(admin: Client, judged: Workspace) -> None:
    book = openpyxl.load_workbook(io.BytesIO(admin.get("/firms.xlsx?tier=srdi_sme&answer=meets").content))
    rows = [[cell.value for cell in row] for row in book["企业"].iter_rows()]
    firms = [row for row in rows if row[0] == code(1)]
    assert len(firms) == 1
    assert [firms[0][at] for at in (1, 2, 5, 6)] == ["企业1精密机械有限公司", "昆山", 24000, 120]
    assert not any(code(2) in row for row in rows)
    said = {row[0].value: row[1].value for row in book["说明与来源"].iter_rows()}
    assert said["收集用途"] == "为行政管理收集，本表用于企业服务"


def test_before_the_first_snapshot_there_is_a_page_that_says_so(admin: Client, judged: Workspace) -> None:
    answer = admin.get("/firms/?as_of=2020-01-01")
    assert answer.status_code == 200
    assert "这一天还没有可看的内容" in text(answer)
    assert "2020-01-01 还没有企业名册" in text(admin.get(f"/firms/{code(1)}/")), "the day is kept in the session"


# ── one firm ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_firm_says_what_is_short_and_where_its_figures_come_from(admin: Client, judged: Workspace) -> None:
    page = text(admin.get(f"/firms/{code(2)}/"))
    assert "只差一条“研发费用两年平均（近两年均值）”：现为 950 万元，还差 50 万元" in page
    assert "来源：企业年度报告，2023-07-01" in page
    assert "只差这一条" in page


def test_a_firm_without_revenue_is_unknown_and_the_page_names_what_is_missing(admin: Client, judged: Workspace) -> None:
    page = text(admin.get(f"/firms/{code(3)}/"))
    assert re.search(r"answer--unknown\">未知</span> <strong>专精特新中小企业</strong>", page)
    assert "缺：营业收入" in page
    assert "营业收入未知" in page


def test_a_firm_s_place_is_shown_to_the_decimetre(admin: Client, suzhou: Workspace) -> None:
    place = {"longitude": 120.987654, "latitude": 31.38, "coordinate_system": "gcj02"}
    snapshot(suzhou, DAY, (firm(1, **place),), Purpose.ADMINISTRATIVE)
    page = text(admin.get(f"/firms/{code(1)}/"))
    assert "120.987654 度" in page
    assert "31.38 度" in page
    assert "GCJ-02" in page


def test_a_firm_s_history_tells_what_changed_between_snapshots(admin: Client, judged: Workspace) -> None:
    page = text(admin.get(f"/firms/{code(1)}/"))
    assert "名称：企业1旧名机械有限公司 → 企业1精密机械有限公司" in page
    assert "<time>2022-07-01</time>" in page
    assert "9,000 万元" in page
    assert re.search(r"新符合</span> [^<]*专精特新中小企业", page)


def test_what_could_not_be_known_yet_is_not_in_the_history(admin: Client, judged: Workspace) -> None:
    page = text(admin.get(f"/firms/{code(1)}/?as_of=2022-12-31"))
    assert "企业1旧名机械有限公司" in page
    assert "企业1精密机械有限公司" not in page


# ── tiers ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_tier_counts_with_denominators_and_tells_its_rule(admin: Client, judged: Workspace) -> None:
    page = text(admin.get("/tiers/srdi_sme/"))
    # of 4: firm 1 meets, 4 fails; 2 lacks the points that people give, 3 its revenue
    assert re.search(r"合计</strong></th><td[^>]*>4</td><td[^>]*>1</td><td[^>]*>25.0%</td><td[^>]*>2</td>", page)
    assert "已有称号而按现有资料不符合的 1 家" in page
    assert "研发费用两年平均（近两年均值）：<strong>不低于 1,000 万元</strong>" in page
    assert "工信部企业〔2022〕63号" in page
    assert "2022-08-01 起" in page
    assert re.search(r'funnel__n">4 家<small>100.0%', page), "steps have their unit"
    assert re.search(r'funnel__n"><a href="[^"]*answer=meets">\d+ 家</a>', page)


def test_every_tier_of_the_folder_has_its_page(admin: Client, judged: Workspace) -> None:
    for key in judged.city.tiers:
        assert admin.get(f"/tiers/{key}/").status_code == 200, key
        for page in ("near/", "near.xlsx", "what-if/"):
            assert admin.get(f"/tiers/{key}/{page}").status_code in (200, 404), (key, page)
    assert admin.get("/tiers/").status_code == 200


def test_the_nearest_are_listed_with_what_is_short(admin: Client, judged: Workspace) -> None:
    answer = admin.get("/tiers/srdi_sme/near/")
    assert code(2) in listed_near(answer)
    assert "还差 50 万元" in text(answer)
    assert code(2) not in listed_near(admin.get("/tiers/srdi_sme/near/?area=suzhou_wujiang"))
    assert code(2) in listed_near(admin.get("/tiers/srdi_sme/near/?clause=d2"))
    assert code(2) not in listed_near(admin.get("/tiers/srdi_sme/near/?clause=c1"))
    assert listed_near(admin.get("/tiers/srdi_sme/near/?answer=unknown")) == {code(2)}, "3 lacks two things"
    book = openpyxl.load_workbook(io.BytesIO(admin.get("/tiers/srdi_sme/near.xlsx?clause=d2").content))
    rows = [[cell.value for cell in row] for row in book["差一步"].iter_rows() if row[0].value == code(2)]
    assert [(row[5], row[6]) for row in rows] == [("还差 50 万元", 0.05)]


def listed_near(answer: Any) -> set[str]:
    return set(ordered_near(answer))


def ordered_near(answer: Any) -> list[str]:
    return re.findall(r'href="/firms/(\w{18})/#', answer.content.decode())


NEAR = (  # 5, 3 and 10% short of 1000万元 of research a year; one of them by a former name
    firm(1, rd_expense_yuan=9.5e6, rd_expense_yuan_prev1=9.5e6, name="甲精密（苏州）有限公司"),
    firm(2, rd_expense_yuan=9.7e6, rd_expense_yuan_prev1=9.7e6, name="乙精密有限公司", area_id="suzhou_wujiang"),
    firm(3, rd_expense_yuan=9.0e6, rd_expense_yuan_prev1=9.0e6, name="丙精密有限公司", area_id=None),
)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [2, 1, 3]),
        ("?sort=shortfall", [2, 1, 3]),
        ("?sort=-shortfall", [3, 1, 2]),
        ("?sort=name", [3, 2, 1]),  # 丙 乙 甲 by their numbers in Unicode
        ("?sort=-name", [1, 2, 3]),
        ("?sort=area", [1, 2, 3]),  # not known last, either way
        ("?sort=-area", [2, 1, 3]),
        ("?sort=none", [2, 1, 3]),
        ("?q=乙", [2]),
        ("?q=(苏州)", [1]),  # a bracket of the other width
        ("?q=" + code(3)[5:].lower(), [3]),
        ("?q=丁", []),
        ("?q=精密&sort=-shortfall&area=suzhou_kunshan", [1]),
    ],
)
def test_the_nearest_are_sorted_and_searched_on_the_page_and_in_its_workbook(
    admin: Client, suzhou: Workspace, query: str, found: list[int]
) -> None:
    snapshot(suzhou, DAY, NEAR, Purpose.ADMINISTRATIVE)
    flows.classify_firms(suzhou, ON, actor="zhang")
    asked = f"{query}{'&' if query else '?'}clause=d2"
    answer = admin.get(f"/tiers/srdi_sme/near/{asked}")
    assert ordered_near(answer) == [code(number) for number in found]
    book = openpyxl.load_workbook(io.BytesIO(admin.get(f"/tiers/srdi_sme/near.xlsx{asked}").content))
    codes = [row[0].value for row in book["差一步"].iter_rows() if row[0].value in {code(n) for n in (1, 2, 3)}]
    assert codes == [code(number) for number in found]
    if found:
        heads = re.findall(r"<th[^>]*><a href", answer.content.decode())
        assert len(heads) == 4, "columns are sorted by links, which the keyboard reaches"


def test_a_lower_threshold_lets_the_near_one_in_and_writes_nothing(admin: Client, judged: Workspace) -> None:
    before = Event.objects.count()
    answer = admin.get("/tiers/srdi_sme/what-if/?v-d2=950")
    assert "符合的企业：1 → 2 家" in text(answer)
    assert code(2) in answer.content.decode()
    assert "符合的企业：1 → 1 家" in text(admin.get("/tiers/srdi_sme/what-if/?v-d2=951")), "950 is short of 951"
    assert "符合的企业：1 → 0 家" in text(admin.get("/tiers/srdi_sme/what-if/?v-c1=9"))
    assert Event.objects.count() == before


def test_a_threshold_that_is_no_number_is_refused_in_words(admin: Client, judged: Workspace) -> None:
    for typed in ("x", "1e400", "NaN", "-Infinity", "1" * 39, "0.00000001", "١", "--1", "1;drop", SCRIPT):
        answer = admin.get("/tiers/srdi_sme/what-if/", {"v-d2": typed})
        assert answer.status_code == 422, typed
        assert SCRIPT not in answer.content.decode()
        assert "符合的企业：" not in text(answer)


@pytest.mark.parametrize("key", ["gazelle_general", "innovative_sme", "single_champion", "unicorn_cultivation_sz"])
def test_any_number_for_every_threshold_is_answered(admin: Client, judged: Workspace, key: str) -> None:
    page = admin.get(f"/tiers/{key}/what-if/").content.decode()
    names = re.findall(r'name="([vm]-[^"]+)"', page)
    assert names
    for name in names:
        for typed in ("0", "-1", "150", "1000000000000", "0.5"):
            assert admin.get(f"/tiers/{key}/what-if/", {name: typed}).status_code in (200, 422), (name, typed)


def test_leaving_out_every_clause_is_told(admin: Client, judged: Workspace) -> None:
    for key in judged.city.tiers:
        page = admin.get(f"/tiers/{key}/what-if/").content.decode()
        dropped = dict.fromkeys(re.findall(r'name="(d-[^"]+)"', page), "1")
        assert admin.get(f"/tiers/{key}/what-if/", dropped).status_code in (200, 404, 422), key


# ── who ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_district_sees_its_own_firms_only(sign_in: Any, judged: Workspace) -> None:
    district = sign_in("district", area_id="suzhou_wujiang")
    assert listed(district.get("/firms/")) == [code(3)]
    assert listed(district.get("/firms/?area=suzhou_kunshan")) == []
    assert listed(district.get("/firms/?q=企业1")) == []
    assert district.get(f"/firms/{code(3)}/").status_code == 200
    assert district.get(f"/firms/{code(1)}/").status_code == 404
    for address in ("/firms.xlsx", "/tiers/srdi_sme/near.xlsx", "/tiers/srdi_sme/near.xlsx?answer=unknown"):
        book = openpyxl.load_workbook(io.BytesIO(district.get(address).content))
        codes = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row}
        assert not codes & {code(1), code(2), code(4)}, address
    tier = text(district.get("/tiers/srdi_sme/"))
    assert re.search(r"合计</strong></th><td[^>]*>1</td>", tier)
    for page in ("near/", "near/?answer=unknown", "what-if/?v-d2=1"):
        seen = district.get(f"/tiers/srdi_sme/{page}").content.decode()
        assert not any(code(number) in seen for number in (1, 2, 4)), page


def test_the_answers_kept_for_one_scope_are_not_shown_to_another(sign_in: Any, judged: Workspace) -> None:
    admin, district = sign_in(), sign_in("district", area_id="suzhou_wujiang")
    for page in ("/tiers/", "/tiers/srdi_sme/", "/tiers/srdi_sme/near/", "/tiers/srdi_sme/what-if/?v-d2=1", "/firms/"):
        everybody = text(admin.get(page))
        own = text(district.get(page))
        assert "只含本账号可以查看的区域" in own
        assert "只含本账号可以查看的区域" not in everybody
        assert code(2) not in own, page
    assert re.search(r"合计</strong></th><td[^>]*>4</td>", text(admin.get("/tiers/srdi_sme/")))


def test_a_city_department_sees_all_and_readers_see_rules_only(sign_in: Any, judged: Workspace) -> None:
    assert len(listed(sign_in("department", body_id="sz_stb").get("/firms/"))) == 4
    for role in ("viewer", "auditor"):
        client = sign_in(role)
        assert client.get("/firms/").status_code == 403
        assert client.get(f"/firms/{code(1)}/").status_code == 403
        assert client.get("/tiers/srdi_sme/what-if/?v-d2=1").status_code == 403
        page = text(client.get("/tiers/srdi_sme/"))
        assert "研发费用两年平均" in page
        assert "在册" not in page
        assert 'href="/firms/"' not in page


def test_statistical_returns_are_refused_in_plain_words(admin: Client, suzhou: Workspace) -> None:
    snapshot(suzhou, DAY, FIRMS, Purpose.STATISTICAL)
    for address in (
        "/firms/",
        "/firms.xlsx",
        f"/firms/{code(1)}/",
        "/tiers/srdi_sme/near/",
        "/tiers/srdi_sme/what-if/",
    ):
        answer = admin.get(address)
        assert answer.status_code == 403, address
        assert "这些企业数据是为统计收集的，不得用于企业服务" in text(answer)
        assert "精密机械" not in text(answer)
    page = text(admin.get("/tiers/srdi_sme/"))
    assert "这些企业数据是为统计收集的，不得用于企业服务" in page
    assert "在册" not in page


# ── hostile ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "typed", ["' OR 1=1 --", "%", "_", ".*", "[[", "\\", "*" * 4000, "𠮷" * 500, "\u202e", "\ufffd", SCRIPT]
)
def test_words_typed_are_looked_for_as_they_stand(admin: Client, judged: Workspace, typed: str) -> None:
    answer = admin.get("/firms/", {"q": typed})
    assert answer.status_code == 200
    assert listed(answer) == ([code(4)] if typed == SCRIPT else [])
    assert SCRIPT not in answer.content.decode()


@pytest.mark.parametrize("value", ["'; DROP TABLE x", "-1", "9" * 30, "uscc", "srdi_sme__d2", "名", "none", "\t"])
def test_a_parameter_nobody_knows_breaks_no_page(admin: Client, judged: Workspace, value: str) -> None:
    for name in ("area", "industry", "tier", "answer", "size", "sort", "page", "clause", "map"):
        for page in ("/firms/", "/tiers/srdi_sme/", "/tiers/srdi_sme/near/"):
            assert admin.get(page, {name: value}).status_code == 200, (page, name)


@pytest.mark.parametrize("key", ["none", "..", "%2e%2e", "srdi_sme'", "x" * 500, "名"])
def test_a_key_nobody_knows_is_not_found(admin: Client, judged: Workspace, key: str) -> None:
    for page in (f"/firms/{key}/", f"/tiers/{key}/", f"/tiers/{key}/near/", f"/tiers/{key}/what-if/"):
        assert admin.get(page).status_code == 404, page


def test_invented_firms_say_so_wherever_they_are_shown(admin: Client, suzhou: Workspace) -> None:
    flows.draw_firms(suzhou, [Drawing(60, DAY, 2022)], actor="演示")
    flows.classify_firms(suzhou, ON, actor="演示")
    one = listed(admin.get("/firms/"))[0]
    pages = [
        "/firms/",
        f"/firms/{one}/",
        "/tiers/",
        "/tiers/tech_sme/",
        "/tiers/tech_sme/near/",
        "/tiers/tech_sme/what-if/",
    ]
    for page in pages:
        assert '<span class="stamp">演示数据</span>' in admin.get(page).content.decode(), page
    for file in ("/firms.xlsx", "/tiers/tech_sme/near.xlsx"):
        book = openpyxl.load_workbook(io.BytesIO(admin.get(file).content))
        assert "演示数据" in str(book.worksheets[0]["A1"].value), file
