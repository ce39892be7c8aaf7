"""Review and target trace say in which cell of which table a number stands, and whether it binds."""

from __future__ import annotations

from urllib.parse import quote

from jiqun import flows
from jiqun.ledger.models import Claim
from tests.flows.test_tables_of_documents import PLAN


def test_review_and_target_name_the_cell(admin, city):
    digest = flows.ingest(city, PLAN.encode(), name="plan.md", actor="zhang").digest
    claim = Claim.objects.get(document__digest=digest, value_text="900")
    html = admin.get(f"/review/?claim={quote(claim.key)}").content.decode()
    assert "表1 主要指标 第2行“2025年”列" in html and "约束性" in html
    indicator = next(iter(city.city.indicators.values()))
    changes = {"indicator_id": indicator.id, "unit": indicator.unit}
    flows.decide_claim(city, claim.key, "correct", actor="zhang", changes=changes, reason="测试")
    page = admin.get(f"/targets/{quote('t:' + claim.key)}/").content.decode()
    assert "表1 主要指标 第2行“2025年”列" in page and "约束性" in page


def test_a_claim_of_the_text_has_no_such_line(admin, city):
    assert "表格位置" not in admin.get("/review/").content.decode()


def test_a_long_table_is_shown_around_the_number(admin, city):
    rows = "".join(f"| 第{n}类企业数 | 家 | {n} | {n + 5000} | 预期性 |\n" for n in range(1, 200))
    head = PLAN[: PLAN.index("| 高新技术")]
    digest = flows.ingest(city, f"{head}{rows}".encode(), name="long.md", actor="zhang").digest
    claim = Claim.objects.get(document__digest=digest, value_text="5100")
    html = admin.get(f"/review/?claim={quote(claim.key)}").content.decode()
    shown = html[html.index('class="sentence') :]
    assert "2025年" in shown and "第100类企业数" in shown and "第102类企业数" in shown
    assert "第50类企业数" not in shown[: shown.index("</table>")]
