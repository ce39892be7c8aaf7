"""A person goes the path in Debian's chromium: upload, accept by keyboard, overview, and back to the sentence."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

CHROMIUM = os.environ.get("JIQUN_CHROMIUM", "/usr/bin/chromium")
JIQUN = Path(sys.executable).with_name("jiqun")
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PASSWORD = "only-for-this-test-7"
PREPARE = """
import sys
from jiqun import flows
ws = flows.create_workspace(sys.argv[1], "suzhou")
flows.import_folder_figures(ws, actor="test")
flows.add_user(ws, "wang", "city_admin", actor="test", password=sys.argv[2])
"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"no chromium at {CHROMIUM}; apt-get install chromium"),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A served workspace of the bundled city with its figures and no document."""
    ws = tmp_path_factory.mktemp("browser") / "ws"
    subprocess.run([sys.executable, "-c", PREPARE, str(ws), PASSWORD], check=True, timeout=120)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([JIQUN, "serve", ws, "--port", str(port)], stdout=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A logged-in page; any request to another host, and any fault of a script or of the content policy, fails."""
    context = browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768}, base_url=address)
    opened = context.new_page()
    elsewhere: list[str] = []
    faults: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith((address, "data:")):
            elsewhere.append(request.url)

    context.on("request", note)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    opened.goto("/login/")
    opened.fill("input[name=username]", "wang")
    opened.fill("input[name=password]", PASSWORD)
    opened.press("input[name=password]", "Enter")
    opened.wait_for_url(f"{address}/")
    yield opened
    context.close()
    assert elsewhere == []
    assert faults == []


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
