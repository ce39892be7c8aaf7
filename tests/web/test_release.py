"""The table for outside users: what would lead back to a firm is a mark, and only who publishes reads why."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.urls import reverse

from jiqun import flows
from tests.records.conftest import day, people, pingchuan, ws
from tests.records.test_publishing import send
from tests.web.test_rounds import ROUND, enter, opened, text

__all__ = ["day", "enter", "opened", "people", "pingchuan", "ws"]


@pytest.fixture
def four(opened, people):
    """As in the records' test: the city's 250 may be told; the west is one firm, and the east would give it away."""
    for firm, output in (("F1", "100"), ("F2", "60"), ("F3", "40"), ("F4", "50")):
        send(opened, people, firm, output, "20")
    return opened


def test_the_city_is_shown_and_its_districts_are_not(four, enter):
    shown = text(enter("editor").get(reverse("round-release", args=[ROUND])))
    assert "250.0" in shown and "32.00" in shown
    assert "50.0" not in shown.replace("250.0", "") and "200.0" not in shown
    assert "可推算出个别单位" in shown and "为保护其他数" in shown


def test_before_it_is_locked_only_those_who_publish_see_it(four, enter):
    """Two looks at an open round would tell of the firm accepted between them."""
    for name in ("round-release", "round-release-xlsx"):
        assert enter("east").get(reverse(name, args=[ROUND])).status_code == 404


def test_whoever_does_not_publish_reads_no_reason(four, enter, day):
    day.set("2026-02-20")
    flows.lock_round(four, ROUND, actor="editor")
    shown = text(enter("east").get(reverse("round-release", args=[ROUND])))
    assert "250.0" in shown and "…" in shown
    assert "可推算出" not in shown and "为保护其他数" not in shown and "家占" not in shown
    for who in ("F1", "body", "viewer"):
        assert enter(who).get(reverse("round-release", args=[ROUND])).status_code == 403


def test_a_revision_is_seen_once_it_is_published(four, people, enter, day):
    day.set("2026-02-20")
    flows.lock_round(four, ROUND, actor="editor")
    send(four, people, "F4", "60", "20", reason="审计调整")
    page = reverse("round-release", args=[ROUND])
    assert "250.0" in text(enter("east").get(page))
    assert "260.0" in text(enter("editor").get(page))
    flows.publish_round(four, ROUND, actor="editor", reason="修订")
    assert "260.0" in text(enter("east").get(page))


def test_the_workbook_holds_the_mark_and_no_reason(four, enter):
    answer = enter("editor").get(reverse("round-release-xlsx", args=[ROUND]))
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    rows = [[str(cell) for cell in row] for sheet in book for row in sheet.iter_rows(values_only=True)]
    by_area = {row[0]: row[1:] for row in rows}
    assert by_area["平川"][0] == "250"
    assert {by_area[area][0] for area in ("东区", "西区")} == {"…"}
    assert not any("个别单位" in cell or "为保护" in cell for row in rows for cell in row)


def test_the_table_says_as_of_which_day_it_is(four, people, enter, day):
    day.set("2026-02-20")
    flows.lock_round(four, ROUND, actor="editor")
    day.set("2026-03-04")
    send(four, people, "F4", "60", "20", reason="审计调整")
    page, book = (reverse(name, args=[ROUND]) for name in ("round-release", "round-release-xlsx"))
    for who, known in (("east", "2026-02-20"), ("editor", "2026-03-04")):
        assert f"截至 {known}" in text(enter(who).get(page))
        sheets = openpyxl.load_workbook(io.BytesIO(enter(who).get(book).content))
        notes = dict(row[:2] for row in sheets[sheets.sheetnames[-1]].iter_rows(values_only=True))
        assert notes["知悉日"] == known


def test_whoever_publishes_reads_the_reasons_in_english_too(four, enter):
    browser = enter("editor")
    browser.post("/language/", {"language": "en", "next": "/"})
    shown = text(browser.get(reverse("round-release", args=[ROUND])))
    assert "one firm could be inferred" in shown and "Totals of fewer than" in shown
    assert "为保护其他数" not in shown and "可推算出个别单位" not in shown


def test_nothing_accepted_is_an_empty_page(opened, enter):
    shown = text(enter("editor").get(reverse("round-release", args=[ROUND])))
    assert "公布 0 个数" in shown and "覆盖面不足" in shown
