"""A person goes the path in Debian's chromium: upload, accept by keyboard, overview, and back to the sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import NEEDS_CHROMIUM, served

pytestmark = NEEDS_CHROMIUM


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("browser") / "ws", "suzhou") as found:
        yield found


def test_from_a_document_to_a_light_and_back_to_its_sentence(page: Page, reference_dir: Path):
    (plan,) = (reference_dir / "documents").glob("002*.txt")
    page.goto("/documents/")
    page.set_input_files("input[type=file]", plan)
    page.click("#upload button")
    page.wait_for_url(re.compile(r"/documents/[0-9a-f]{64}/"))
    digest = page.url.rstrip("/").split("/")[-1].split("?")[0]

    page.goto(f"/review/?document={digest}&sort=place")
    first = page.locator("[data-queue] a").filter(has_text="4%").first
    with page.expect_response(lambda answer: "claim=" in answer.url):
        first.click()
    page.wait_for_load_state("networkidle")
    assert page.inner_text("#desk mark.is-here.is-number").startswith("4%")
    key = page.get_attribute("[data-queue] a[aria-current=true]", "data-claim")
    page.keyboard.press("a")
    page.wait_for_function(
        "key => document.querySelector('[data-queue] a[aria-current=true]')?.dataset.claim !== key", arg=key
    )

    page.goto("/")
    # published: 4 % in 2022. The overview counts the new target under its light …
    met = page.locator("main a").filter(has_text="已达成").first
    assert re.search(r"\b1\b", met.inner_text())
    met.click()
    row = page.locator("tr").filter(has_text="4%左右")
    row.wait_for()
    # … and the second click is at the sentence.
    row.locator(f"a[href*='/documents/{digest}/']").click()
    page.wait_for_url(re.compile(r"/documents/"))
    number = page.locator("mark.is-here.is-number")
    assert number.inner_text().startswith("4%")
    assert "研发投入占GDP比重" in page.locator("mark.is-here.is-quote").first.inner_text()
    box = number.bounding_box()
    assert box is not None and 0 < box["y"] < 768, "the sentence is in view without scrolling"
