"""The figures in a document's text: listed with their places, taken together, never over what the ledger has."""

from __future__ import annotations

import io
import re

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from jiqun import flows
from jiqun.ledger.models import Claim, Event, Observation

TEXT = """云川市2023年统计公报

2024年3月5日

2023年，全市高新技术产业产值达到1.5万亿元。

一、总量

全年高新技术产业产值15000亿元。年末高新技术企业820家，高新技术产业产值占比48.2%。

1—8月，东川区高新技术产业产值3210.5亿元。全年新建概念验证中心12个。
"""


@pytest.fixture
def bulletin(city) -> str:
    return flows.ingest(city, TEXT.encode(), name="公报.txt", actor="zhang").digest


@pytest.fixture
def contradiction(city) -> Observation:
    fields = {"indicator_id": "firms", "area_id": "yunchuan", "period": "2023", "value_text": "815", "unit": "家",
              "source_title": "市科技局月报"}  # fmt: skip
    return flows.add_observation(city, fields, actor="li")


def page(client, digest: str, **asked: str) -> str:
    return client.get(reverse("document-figures", args=[digest]), asked).content.decode()


def quotes(html: str) -> list[str]:
    """The quotes of the rows in their order."""
    rows = re.findall(r'<tr id="r-.*?</tr>', html, re.DOTALL)
    return [re.findall(r'<td><a href="[^"]+">([^<]+)</a></td>', row)[0] for row in rows]


def in_force() -> list[tuple[str, str]]:
    rows = Observation.objects.filter(superseded_at=None, state="active", document__isnull=False)
    return sorted(rows.values_list("indicator_id", "value_text"))


def test_a_document_leads_to_its_figures_and_each_to_its_place(admin, bulletin: str) -> None:
    address = reverse("document-figures", args=[bulletin])
    assert address in admin.get(reverse("document", args=[bulletin])).content.decode()
    html = page(admin, bulletin)
    assert quotes(html) == [
        "全市高新技术产业产值达到1.5万亿元", "全年高新技术产业产值15000亿元", "年末高新技术企业820家",
        "高新技术产业产值占比48.2%", "东川区高新技术产业产值3210.5亿元", "全年新建概念验证中心12个",
    ]  # fmt: skip
    for claim in Claim.objects.filter(document__digest=bulletin, superseded_at=None):
        place = claim.key.partition(":")[2]
        assert f'href="{reverse("document", args=[bulletin])}?claim={place}#c-{place}"' in html
    assert "同一个数，前文已有：" in html


def test_a_document_of_promises_alone_has_no_such_page_to_go_to(admin, city) -> None:
    text = "云川市行动方案\n\n到2025年，全市高新技术企业达到1000家以上。\n"
    digest = flows.ingest(city, text.encode(), name="方案.txt", actor="zhang").digest
    assert "文中数字" not in admin.get(reverse("document", args=[digest])).content.decode()
    assert "没有符合条件的数" in page(admin, digest)


def test_figures_are_filtered_and_sorted(admin, bulletin: str, contradiction) -> None:
    assert quotes(page(admin, bulletin, linked="no")) == ["全年新建概念验证中心12个"]
    assert quotes(page(admin, bulletin, linked="disputed")) == ["年末高新技术企业820家"]
    assert len(quotes(page(admin, bulletin, linked="yes"))) == 5
    assert quotes(page(admin, bulletin, state="accepted")) == []
    by_value = quotes(page(admin, bulletin, linked="yes", sort="-value"))
    assert by_value.index("全年高新技术产业产值15000亿元") < by_value.index("东川区高新技术产业产值3210.5亿元")
    assert quotes(page(admin, bulletin, sort="-place"))[0] == "全年新建概念验证中心12个"


def test_another_number_in_the_ledger_stands_beside_it_before_acceptance(admin, bulletin: str, contradiction) -> None:
    html = page(admin, bulletin)
    row = next(row for row in re.findall(r"<tr id=.*?</tr>", html, re.DOTALL) if "企业820家" in row)
    assert "不同" in row
    assert "815家" in row
    assert "市科技局月报" in row
    key = Claim.objects.get(quote__contains="企业820家", superseded_at=None).key
    desk = admin.get(reverse("review"), {"claim": key, "state": "all"}).content.decode()
    assert "815家" in desk
    assert "采纳后两数并存" in desk


def test_the_document_s_figures_are_accepted_together_and_taken_back(
    admin, bulletin: str, contradiction, claim_of
) -> None:
    assert '<option value="90" selected>90%（4 条）</option>' in page(admin, bulletin)
    accept = reverse("document-figures-accept", args=[bulletin])
    said = admin.post(accept, {"confidence": "90", "reason": "公报"}, follow=True).content.decode()
    assert "已采纳 4 条；达到把握而未采纳 2 条，其中 1 条与别处的数不同。" in said
    assert in_force() == [("output", "1.5"), ("output", "3210.5"), ("output_share", "48.2")]
    assert claim_of("1200").state == "proposed", "another document's"
    event = Event.objects.latest("sequence")
    assert (event.subject_type, event.subject_key) == ("document", bulletin)
    undo = reverse("undo", args=[event.sequence])
    assert f'action="{undo}"' in said
    back = admin.post(undo, {"reason": "再看"}, follow=True)
    assert back.redirect_chain[-1][0] == reverse("document-figures", args=[bulletin])
    assert f'action="{undo}"' not in back.content.decode()
    assert in_force() == []


def test_acceptance_wants_a_reason(admin, bulletin: str) -> None:
    assert admin.post(reverse("document-figures-accept", args=[bulletin]), {"confidence": "50"}).status_code == 422
    assert in_force() == []


def test_the_desk_s_bulk_acceptance_keeps_to_the_document_chosen(admin, bulletin: str, claim_of) -> None:
    count = admin.get(reverse("review-bulk"), {"confidence": "1", "document": bulletin}).content.decode()
    assert "<strong>6</strong>" in count
    admin.post(reverse("review-bulk"), {"confidence": "1", "document": bulletin, "reason": "公报"})
    assert claim_of("1000").state == "proposed"
    assert in_force() != []


def test_the_export_is_a_table_that_comes_back_in(admin, city, bulletin: str) -> None:
    answer = admin.get(reverse("document-figures-xlsx", args=[bulletin]))
    assert load_workbook(io.BytesIO(answer.content)).sheetnames == ["数据", "待补充", "说明与来源"]
    done = flows.import_table(city, answer.content, name="数.xlsx", actor="zhang")
    assert done.written == 4
    assert in_force() == [("firms", "820"), ("output", "1.5"), ("output", "3210.5"), ("output_share", "48.2")]
    assert page(admin, bulletin).count("已入账</span>") == 4


def test_readers_see_accepted_figures_and_no_form(sign_in, city, bulletin: str) -> None:
    flows.decide_claims_above(city, 0.9, actor="zhang", reason="公报", document=bulletin)
    html = page(sign_in("viewer"), bulletin)
    assert len(quotes(html)) == 5
    assert "采纳这一批" not in html
    assert "概念验证中心" not in html


def test_a_fall_bears_its_sign_wherever_its_verb_is_not_beside_it(admin, city) -> None:
    text = "云川市2023年统计公报\n\n2024年3月5日\n\n全年房屋销售面积120万平方米，下降3.4%。\n"
    digest = flows.ingest(city, text.encode(), name="fall.txt", actor="zhang").digest
    for address in (reverse("document", args=[digest]), reverse("document-figures", args=[digest])):
        html = admin.get(address).content.decode()
        assert "-3.4%" in html
        assert "销售面积 <span" in html and "销售面积下降 <span" not in html, "the sign alone says the fall"
    assert "-3.4%</span>" in admin.get("/review/", {"document": digest}).content.decode()
