"""What subsidies cost on pages, by list and by rule, and what a changed rule would make of it."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from jiqun import workspace
from jiqun.ledger.models import Event
from jiqun.packs.schema.subsidies import SubsidyScheme
from jiqun.workspace import Workspace
from tests.enterprises.conftest import code
from tests.web.test_firms import FIRMS, SCRIPT, admin, judged, sign_in, text
from tests.web.test_lists import sheet, take_in

__all__ = ["admin", "judged", "sign_in"]
# recognised this year: 20万元; by rule 2% of research, capped at 15万元: firm 1 spent 1200万元, 2% is 24万元
SCHEME = {
    "id": "help", "name": "试验奖补", "level": "municipal", "is_invented": True, "is_pro_rata": True,
    "effective_from": "2023-01-01", "effective_to": "2023-12-31", "budgets": [{"year": "2023", "amount": "30"}],
    "payments": [
        {"id": "first", "name": "认定奖", "tier_id": "srdi_sme", "amount": "20"},
        {"id": "auto", "name": "研发补助", "tier_id": "srdi_sme", "basis": "meets", "rate_pct": "2",
         "of": "rd_expense_yuan", "cap": "15"},
    ],
}  # fmt: skip


@pytest.fixture
def helped(judged: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    made = SubsidyScheme.model_validate(SCHEME)
    ws = dataclasses.replace(judged, city=dataclasses.replace(judged.city, subsidies={made.id: made}))
    take_in(judged, tmp_path, f"{FIRMS[0]['name']}\n")
    monkeypatch.setattr(workspace, "_opened", ws)
    return ws


def test_a_scheme_says_what_it_pays_what_it_costs_and_how_a_budget_is_shared(admin: Client, helped: Workspace) -> None:
    assert "试验奖补" in text(admin.get("/firms/subsidies/"))
    page = text(admin.get("/firms/subsidies/help/"))
    # 20 + 15 for sure; firms 2 and 3 are unknown on the rule: 2 may get 15 (2% of 950 is 19), 3 may get 15
    assert "35 万元" in page
    assert "65 万元" in page
    assert "研发费用的 2%，不超过 15 万元" in page
    assert "每家得应付的 85.7%" in page, "30 of 35"
    rows = sheet(admin.get("/firms/subsidies/help.xlsx"), "按区域")
    assert [row[:6] for row in rows if row[0] == "昆山"] == [("昆山", 1, 2, 35, 50, 30)]
    # firm 1 is due 20 + 15 and gets all of the 30; firms 2 and 3 may get 15 each and are paid nothing yet
    due = [row for row in sheet(admin.get("/firms/subsidies/help.xlsx"), "按企业") if str(row[0]).startswith("91")]
    assert [(row[0], row[1], row[2], *row[3:6]) for row in due] == [
        (code(1), FIRMS[0]["name"], "昆山", 35, 35, 30),
        (code(2), FIRMS[1]["name"], "昆山", 0, 15, 0),
        (code(3), FIRMS[2]["name"], "吴江", 0, 15, 0),
    ]
    assert admin.get("/firms/subsidies/none/").status_code == 404
    assert "不在有效期内" in text(admin.get("/firms/subsidies/help/?as_of=2024-06-30"))


def test_without_its_lists_a_scheme_says_why_it_cannot_be_costed(admin: Client, helped: Workspace) -> None:
    page = text(admin.get("/firms/subsidies/help/?as_of=2023-07-01"))
    assert "35 万元" in page
    admin.post("/firms/lists/srdi_sme.recognised.2023.1/withdraw/", {"reason": "误收"})
    page = text(admin.get("/firms/subsidies/help/?as_of=2023-07-01"))
    assert "还没有收录" in page
    assert admin.get("/firms/subsidies/help.xlsx").status_code == 404


def test_a_district_sees_what_is_due_to_its_own_and_no_budget(sign_in: Any, helped: Workspace) -> None:
    client = sign_in("district", area_id="suzhou_wujiang")
    page = text(client.get("/firms/subsidies/help/"))
    assert "0 万元" in page
    assert "15 万元" in page, "firm 3 may meet"
    assert "35 万元" not in page
    assert "年预算" not in page
    due = sheet(client.get("/firms/subsidies/help.xlsx"), "按企业")
    assert [row[0] for row in due if str(row[0]).startswith("91")] == [code(3)]
    assert [row[5] for row in due if row[0] == code(3)] == [None], "the city's budget is shared over the city"


# ── what if ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_lower_threshold_costs_more_by_district(admin: Client, judged: Workspace) -> None:
    before = Event.objects.count()
    page = text(admin.get("/tiers/srdi_sme/what-if/?v-d2=950&s-amount=10"))
    assert re.search(r"试算的补贴：10 万元 → 20 万元", page)
    assert re.search(r"增加</dt><dd>10 万元", page)
    page = text(admin.get("/tiers/srdi_sme/what-if/?v-d2=950&s-rate=5&s-of=rd_expense_yuan&s-cap=50&s-budget=30"))
    # 5% of 1200 is 60, capped at 50; 5% of 950 is 47.5
    assert re.search(r"50 万元 → 97.5 万元", page)
    assert re.search(r"30 万元，按比例兑付 30 万元 → 30 万元", page)
    assert Event.objects.count() == before


def test_a_scheme_of_the_folder_is_costed_by_the_changed_rule(admin: Client, helped: Workspace) -> None:
    page = text(admin.get("/tiers/srdi_sme/what-if/?v-d2=950"))
    assert re.search(r"试验奖补</a>：35 万元 → 70 万元", page)


def test_a_clause_can_be_added(admin: Client, judged: Workspace) -> None:
    assert "符合的企业：1 → 0 家" in text(admin.get("/tiers/srdi_sme/what-if/?a-metric=employees&a-op=gt&a-value=120"))
    assert "符合的企业：1 → 1 家" in text(admin.get("/tiers/srdi_sme/what-if/?a-metric=employees&a-op=ge&a-value=120"))


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("a-metric=employees&a-op=ge", "没有写新增条件的门槛"),
        ("a-metric=employees&a-op=is&a-value=1", "没有选定新增条件的比较方式"),
        ("a-metric=cluster_gross_output&a-op=ge&a-value=1", "没有选定新增条件的数据项"),
        ("a-value=1&a-op=ge", "没有选定新增条件的数据项"),
        ("a-metric=company_age&a-op=ge&a-value=1.5", "须是 0 至"),
        ("s-amount=x", "每家补贴"),
        ("s-amount=-1", "每家补贴"),
        ("s-amount=1&s-rate=1&s-of=rd_expense_yuan", "只能填一个"),
        ("s-rate=101&s-of=rd_expense_yuan", "补贴比例"),
        ("s-rate=5", "须选定基数"),
        ("s-rate=5&s-of=employees", "须选定基数"),
        ("s-amount=1&s-budget=1e9", "预算"),
    ],
)
def test_what_cannot_be_tried_is_said_in_words(admin: Client, judged: Workspace, asked: str, why: str) -> None:
    answer = admin.get(f"/tiers/srdi_sme/what-if/?{asked}")
    assert (answer.status_code, why in text(answer)) == (422, True)
    drawn = admin.get(f"/tiers/srdi_sme/what-if/?{asked}", HTTP_HX_REQUEST="true")
    assert drawn.status_code == 200, "a slider's fault stands beside the slider"


def test_every_dial_has_a_slider_around_its_threshold(admin: Client, judged: Workspace) -> None:
    for key in ("srdi_sme", "hnte", "unicorn_js", "gazelle_general"):
        page = admin.get(f"/tiers/{key}/what-if/").content.decode()
        for now, low, high, step in re.findall(r'data-now="([^"]+)" min="([^"]+)" max="([^"]+)" step="([^"]+)"', page):
            assert float(low) <= float(now) <= float(high), (key, now)
            assert 0 < float(step) <= float(high) - float(low), (key, now)
    assert SCRIPT not in page
    assert code(1) not in admin.get("/tiers/srdi_sme/what-if/").content.decode()
