"""The pages in a real browser: scripts run under the policy, keys work, nothing is asked of another host."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

CHROMIUM = Path(os.environ.get("JIQUN_CHROMIUM", "/usr/bin/chromium"))
ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--disable-quic",
]  # fmt: skip
ACCOUNT = """
import sys
from jiqun import flows, workspace
ws = workspace.open(sys.argv[1])
flows.add_user(ws, "browser", "city_admin", actor="test", password="correct-horse-9")
"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no browser at {CHROMIUM}; set JIQUN_CHROMIUM"),
]


@pytest.fixture(scope="module")
def server(demo, tmp_path_factory):
    """The demo, served by the product's own server in a process of its own."""
    folder = Path(shutil.copytree(demo[0], tmp_path_factory.mktemp("browser") / "demo"))
    kept = {
        name: value for name, value in os.environ.items() if name not in ("JIQUN_WORKSPACE", "DJANGO_SETTINGS_MODULE")
    }
    subprocess.run([sys.executable, "-c", ACCOUNT, folder], check=True, env=kept, stdout=subprocess.DEVNULL)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "jiqun", "serve", str(folder), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=kept) as process:
        until = time.monotonic() + 30
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/login/", timeout=1).close()
                break
            except OSError:
                assert time.monotonic() < until, "the server did not start"
                time.sleep(0.1)  # waits for another process to listen
        yield f"http://127.0.0.1:{port}"
        process.terminate()


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        browser.close()


@pytest.fixture
def page(server, chromium):
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.faults, page.hosts = [], set()
    page.on("console", lambda said: page.faults.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("request", lambda request: page.hosts.add(request.url.split("/")[2]))
    page.goto(f"{server}/login/")
    page.fill("#id_username", "browser")
    page.fill("#id_password", "correct-horse-9")
    page.click("button.button--main")
    yield page
    context.close()


def test_no_page_breaks_the_policy_or_leaves_the_machine(page, server):
    names = ("", "documents", "review", "targets", "tasks", "indicators", "clusters", "areas", "bodies", "import",
             "events", "api/docs")  # fmt: skip
    for name in names:
        page.goto(f"{server}/{name}{'/' if name and name != 'api/docs' else ''}")
        page.wait_for_load_state("networkidle")
    assert page.faults == []
    assert page.hosts == {server.removeprefix("http://")}


def test_the_queue_is_worked_by_keys(page, server):
    page.goto(f"{server}/review/?state=all")
    first = page.locator('[data-queue] a[aria-current="true"]').get_attribute("data-claim")
    with page.expect_response(lambda answer: "claim=" in answer.url):
        page.keyboard.press("j")
    page.wait_for_function("k => document.querySelector('[data-queue] a[aria-current]').dataset.claim !== k", arg=first)
    with page.expect_response(lambda answer: "claim=" in answer.url):
        page.keyboard.press("k")
    page.wait_for_function("k => document.querySelector('[data-queue] a[aria-current]').dataset.claim === k", arg=first)
    assert page.faults == []


def test_a_claim_is_rejected_and_the_rejection_undone_by_keys(page, server):
    page.goto(f"{server}/review/")
    claim = page.locator('[data-queue] a[aria-current="true"]').get_attribute("data-claim")
    page.keyboard.press("r")
    page.keyboard.type("只是举例")
    with page.expect_response(lambda answer: "/decide/" in answer.url):
        page.keyboard.press("Enter")
    page.wait_for_function("k => document.querySelector('[data-queue] a[aria-current]').dataset.claim !== k", arg=claim)
    page.goto(f"{server}/review/?state=rejected")
    assert page.locator("[data-queue] a").count() == 1
    with page.expect_response(lambda answer: "/undo/" in answer.url):
        page.keyboard.press("u")
    page.wait_for_function("k => !document.querySelector('[data-key=u]')")
    page.goto(f"{server}/review/?state=rejected")
    assert page.locator("[data-queue] a").count() == 0
    assert page.faults == []


def test_a_phone_never_scrolls_sideways(page, server):
    page.set_viewport_size({"width": 390, "height": 844})
    for name in ("", "documents/", "review/", "targets/", "tasks/", "indicators/", "clusters/", "areas/", "bodies/"):
        page.goto(f"{server}/{name}")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name


def test_without_scripts_the_pages_still_work(server, chromium):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server}/login/")
    page.fill("#id_username", "browser")
    page.fill("#id_password", "correct-horse-9")
    page.click("button.button--main")
    page.goto(f"{server}/review/?state=all")
    page.locator("[data-queue] a").nth(1).click()
    assert "claim=" in page.url
    page.fill("#as_of", "2020-01-01")
    page.click(".asof button")
    assert page.locator("#as_of").input_value() == "2020-01-01"
    context.close()
