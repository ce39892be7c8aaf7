"""A docket in Debian's chromium, by keyboard: an item opened, moved on, and printed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import NEEDS_CHROMIUM, served

pytestmark = NEEDS_CHROMIUM


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("dockets") / "ws", "suzhou") as found:
        yield found


def test_an_item_is_opened_and_moved_on_by_keyboard_and_printed(page: Page) -> None:
    page.goto("/dockets/bottlenecks/")
    assert "还没有登记条目" in page.inner_text("main")
    page.focus("text=登记第一条")
    page.keyboard.press("Enter")
    page.wait_for_url("**/new/**")
    page.focus("#b-name")
    page.keyboard.type("高精度光栅尺")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "b-node"
    page.select_option("#b-node", "machine_tool/mt_encoder")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "b-kind"
    page.select_option("#b-kind", label="产品")
    page.focus("#b-name")
    page.keyboard.press("Enter")
    page.wait_for_url("**/items/**")
    assert "KBZ-" in page.inner_text("main")
    page.focus("summary:has-text('提交论证')")
    page.keyboard.press("Enter")
    page.wait_for_selector("#appraise-lead", state="visible")
    page.select_option("#appraise-lead", label="市科技局")
    page.focus("#appraise-reason")
    page.keyboard.type("会议纪要")
    page.keyboard.press("Enter")
    page.wait_for_selector("li.is-here:has-text('论证')")
    assert re.search(r"提交论证 wang：会议纪要", page.inner_text(".timeline"))
    page.emulate_media(media="print")
    assert not page.is_visible("summary:has-text('退回补充')"), "steps are not printed"
    assert page.is_visible(".timeline")
