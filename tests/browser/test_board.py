"""The layout board in Debian's chromium: a pair fixed by keyboard, solved again with its proof, adopted, printed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import NEEDS_CHROMIUM, served

pytestmark = NEEDS_CHROMIUM
BOARD = "/layouts/shenzhen-2024/"
DAPENG = "c-sh24-robot:shenzhen_dapeng"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("board") / "ws", "shenzhen") as found:
        yield found


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def test_a_pair_is_fixed_by_keyboard_solved_again_adopted_and_printed(page: Page):
    page.goto(BOARD)
    assert "已证明最优" in page.inner_text("#proof")
    page.focus("[id='c-sh24-robot:shenzhen_guangming']")
    page.keyboard.press("ArrowRight")  # the districts stand in the folder's order: 光明, 大鹏
    assert focused(page) == DAPENG
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert focused(page) == DAPENG
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"fix=sh24-robot%3Ashenzhen_dapeng"))
    cell = page.locator(f"[id='{DAPENG}']")
    assert "已定" in str(cell.get_attribute("aria-label"))
    assert "已证明最优" in page.inner_text("#proof")
    assert "这是试排" in page.inner_text("main")
    page.go_back()
    assert "已定" not in str(page.locator(f"[id='{DAPENG}']").get_attribute("aria-label"))
    page.go_forward()

    page.fill("#adopt-why", "市政府常务会议纪要")
    page.press("#adopt-why", "Enter")
    page.wait_for_selector("#in-force")
    assert "市政府常务会议纪要" in page.inner_text("#in-force")
    assert page.locator("#departures tbody tr").count() == 3
    assert "改过条件" in page.inner_text("#adoptions")

    page.emulate_media(media="print")
    for left_out in ("#trial", "#adopt", "nav.boardtabs ~ .no-print"):
        assert page.locator(left_out).filter(visible=True).count() == 0, left_out
    for kept in ("#proof", "#board", "#departures", "#adoptions", "#clauses"):
        assert page.locator(kept).is_visible(), kept
    paper = page.pdf(format="A4", landscape=True)
    assert paper.startswith(b"%PDF")
