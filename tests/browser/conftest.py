"""A served workspace and Debian's chromium on it, signed in; what a page asks of another host fails its test."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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
ws = flows.create_workspace(sys.argv[1], sys.argv[3])
flows.import_folder_figures(ws, actor="test")
flows.add_user(ws, "wang", "city_admin", actor="test", password=sys.argv[2])
"""
NEEDS_CHROMIUM = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"no chromium at {CHROMIUM}; apt-get install chromium"),
]


@contextmanager
def serving(command: Callable[[str], list[Any]], cwd: Path | None = None, patience_s: float = 30) -> Iterator[str]:
    """The address of the server that `command` starts on a free port, once it listens; it is ended afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(command(str(port)), cwd=cwd, stdout=subprocess.DEVNULL)
    try:
        for _ in range(int(patience_s * 10)):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


@contextmanager
def served(ws: Path, city: str) -> Iterator[str]:
    """The address of a workspace of a bundled city, made and served, with its figures and no document."""
    subprocess.run([sys.executable, "-c", PREPARE, str(ws), PASSWORD, city], check=True, timeout=120)
    with serving(lambda port: [JIQUN, "serve", ws, "--port", port]) as address:
        yield address


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
