"""Any figure leads in two clicks to a sentence or a source, and lists leave as workbooks that say the same."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from django.urls import reverse

from jiqun import tables
from jiqun.ledger.models import Document, Observation, Target


@pytest.fixture
def target(admin, accepted):
    """The plan's promise of 1000 firms, looked at today."""
    admin.get("/?as_of=today")
    return Target.objects.get(superseded_at=None, value_text="1000")


def test_a_target_leads_to_its_sentence(admin, target):
    html = admin.get(reverse("target", args=[target.key])).content.decode()
    link = next(found for found in re.findall(r'href="(/documents/[^"]+)"', html) if "#" in found)
    path, _, anchor = link.partition("#")
    document = admin.get(path.replace("&amp;", "&"))
    marked = document.content.decode()
    assert f'id="{unquote(anchor)}"' in marked
    assert re.search(r'<mark class="is-accepted is-number is-here"><a [^>]*>1000家</a></mark>', marked)


def test_a_target_leads_to_its_figures_and_their_sources(admin, target):
    page = admin.get(reverse("target", args=[target.key])).context["page"]
    assert page.used
    assert {figure.key for figure in page.figures} >= set(page.used)
    assert all(figure.source.title for figure in page.figures)


def test_a_figure_of_the_plan_leads_to_its_sentence(admin, accepted):
    figure = Observation.objects.get(superseded_at=None, value_text="1200")
    html = admin.get(reverse("indicator", args=[figure.indicator_id])).content.decode()
    assert f"/documents/{Document.objects.get().digest}/?claim=" in html


def test_the_marked_text_is_the_document_s_text(admin, accepted):
    row = Document.objects.get()
    for query, text in (("", row.reading), ("?text=original", row.original)):
        html = admin.get(f"/documents/{row.digest}/{query}").content.decode()
        article = re.search(r'<article class="reading">(.*?)</article>', html, re.DOTALL)[1]
        shown = re.sub(r"\s", "", re.sub(r"<[^>]+>", "", article))
        assert shown == re.sub(r"\s", "", text)


def test_the_workbook_lists_what_the_page_lists(admin, target):
    page = admin.get("/targets/").context["page"]
    answer = admin.get("/targets.xlsx")
    sheet = tables.read(answer.content, "targets.xlsx").sheets[0]
    told = [[cell.text for cell in row] for row in sheet.rows] if hasattr(sheet.rows[0][0], "text") else None
    assert told is None or len([row for row in told if any("1000" in text for text in row)]) >= 1
    assert len(sheet.rows) == page.paging.total + 2  # a title line and the heads


def test_a_split_is_held_against_the_whole(admin, target):
    path = reverse("target-split", args=[target.key])
    admin.post(path, {"part-dong": "600", "part-xi": "300", "reason": "分解", "version": target.version})
    split = admin.get(reverse("target", args=[target.key])).context["page"].split
    assert (len(split.parts), split.total, split.whole, split.gap, split.is_even) == (
        2,
        "900家",
        "1000家",
        "-100家",
        False,
    )
    admin.post(path, {"part-dong": "600", "part-xi": "400", "reason": "分解", "version": target.version})
    assert admin.get(reverse("target", args=[target.key])).context["page"].split.is_even is True


def test_parts_of_a_split_are_not_counted_twice(admin, target):
    before = admin.get("/").context["page"].total
    path = reverse("target-split", args=[target.key])
    admin.post(path, {"part-dong": "600", "part-xi": "400", "reason": "分解", "version": target.version})
    assert admin.get("/").context["page"].total == before
    assert len(admin.get("/areas/dong/").context["page"].targets.rows) == 1


def test_an_amendment_shows_in_the_history(admin, target):
    form = {"value_text": "1200", "unit": "家", "comparator": "ge", "measure": "level", "period": "2025",
            "area_id": "yunchuan", "reason": "中期调整", "version": target.version,
            "known_on": "2024-01-01"}  # fmt: skip
    assert admin.post(reverse("target-amend", args=[target.key]), form).status_code == 302
    page = admin.get(reverse("target", args=[target.key]) + "?as_of=today").context["page"]
    assert [version.promise for version in page.versions] == ["达到1000家", "达到1200家"]
    assert page.row.promise == "达到1200家"
    earlier = admin.get(reverse("target", args=[target.key]) + "?as_of=2023-12-31").context["page"]
    assert earlier.row.promise == "达到1000家"


def test_a_renamed_body_answers_under_its_new_name(admin, accepted):
    """市经信委 of the plan is 市工信局 from 2019 on."""
    page = admin.get("/bodies/jxw/?as_of=today").context["page"]
    assert [step.ref.id for step in page.line] == ["jxw", "gxj"]
    assert [ref.id for ref in page.now] == ["gxj"]
    assert "gxj" in {row.share.ref.id for row in admin.get("/bodies/").context["page"].rows}


def test_a_figure_is_entered_and_shown(admin, accepted):
    form = {"area_id": "xi", "period": "2022", "value_text": "300", "unit": "家", "value_kind": "exact",
            "source_title": "西川县统计", "known_on": "2023-03-01"}  # fmt: skip
    assert admin.post(reverse("figure-enter", args=["firms"]), form).status_code == 302
    figures = admin.get("/indicators/firms/?as_of=today").context["page"].figures
    assert ("西川", "300家", "西川县统计") in {(f.area.name, f.value, f.source.title) for f in figures}


def test_a_district_enters_its_own_figures_only(sign_in, accepted):
    district = sign_in("district", area_id="dong")
    form = {"period": "2023", "value_text": "520", "unit": "家", "value_kind": "exact", "source_title": "东川统计"}
    assert district.post(reverse("figure-enter", args=["firms"]), form | {"area_id": "dong"}).status_code == 302
    assert district.post(reverse("figure-enter", args=["firms"]), form | {"area_id": "xi"}).status_code == 403


def test_a_broken_table_is_refused_whole_with_its_cells(admin, accepted):
    from io import BytesIO

    table = BytesIO("指标,时期,数值\n高新技术企业数,2023,900\n不存在的指标,2023,一些\n".encode())
    table.name = "figures.csv"
    before = Observation.objects.count()
    answer = admin.post("/import/", {"table": table, "kind": "figures", "reason": "季报"})
    assert answer.status_code == 422
    assert answer.context["page"].findings
    assert Observation.objects.count() == before


def test_an_uploaded_document_comes_in_once(admin, city):
    from io import BytesIO

    def send():
        file = BytesIO("云川市实施方案\n\n一、目标\n到2026年，全市高新技术企业达到1500家。".encode())
        file.name = "方案.txt"
        return admin.post("/documents/upload/", {"file": file}, follow=True)

    assert "已收录" in send().content.decode()
    assert "没有重复收录" in send().content.decode()
    assert Document.objects.count() == 2


def test_the_original_is_given_back_as_it_came(admin, accepted):
    row = Document.objects.get()
    answer = admin.get(f"/documents/{row.digest}/file/")
    content = b"".join(answer.streaming_content)
    assert content.decode() == row.original
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_search_finds_the_word_everywhere(admin, accepted):
    page = admin.get("/search/", {"q": "高新技术企业"}).context["page"]
    assert page.targets
    assert page.claims
    assert page.passages[0].found == "高新技术企业"
    assert [ref.id for ref in page.indicators] == ["firms"]
