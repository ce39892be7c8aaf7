"""The chain map in a real browser: time to the first picture and of each frame, bytes sent, time of the server.

    python benchmarks/chain_map.py                          300, 5,000 and 100,000 links
    python benchmarks/chain_map.py --links 300 --shots DIR  also pictures at two widths, zoomed, and the printed page

Chains and how their links stand are invented. Each size has a server of its own; a first answer derives the states and
the layout, later ones keep them. A frame is the time between two animation frames while the wheel zooms or a drag
pans; Debian's chromium draws without a graphics card here, a desk computer is faster. Limits, on two cores: a kept
page within 1 s, the picture within 2 s, half of the frames within 50 ms. Exit code 1 when one is passed.
"""

from __future__ import annotations

import argparse
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

CHROMIUM = os.environ.get("JIQUN_CHROMIUM", "/usr/bin/chromium")
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--lang=zh-CN",
]  # fmt: skip
PASSWORD = "measured-only-1"
EDGES = {300: 600, 5_000: 12_500, 100_000: 500_000}
KINDS = ("高纯", "精密", "柔性", "车规级", "超薄", "特种", "高速", "低温", "一体化", "微型", "通用", "航空用")
THINGS = (
    "陶瓷",
    "铝合金",
    "光学",
    "伺服",
    "传感",
    "滤膜",
    "电源",
    "树脂",
    "减速",
    "封装",
    "射频",
    "真空",
    "硅基",
    "磁性",
)
FORMS = ("材料", "部件", "模组", "装备", "系统", "芯片", "基板", "总成", "控制器", "检测设备", "薄膜与浆料", "连接件")
LAYERS = ("upstream", "upstream", "upstream", "midstream", "midstream", "downstream", "downstream")
FRAMES = """() => new Promise(done => {
  const view = document.querySelector('[data-map-view]'), rect = view.getBoundingClientRect();
  const times = []; let last = performance.now(), left = 80;
  view.focus();
  function frame(now) {
    times.push(now - last); last = now; left -= 1;
    DEED;
    if (left) { requestAnimationFrame(frame); } else { done(times.slice(2)); }
  }
  requestAnimationFrame(frame);
})"""
WHEEL = """view.dispatchEvent(new WheelEvent('wheel', {deltaY: left % 40 < 20 ? -100 : 100, ctrlKey: true,
  bubbles: true, cancelable: true, clientX: rect.left + rect.width * .4, clientY: rect.top + rect.height * .4}))"""
PAN = """const ways = ['ArrowRight', 'ArrowDown', 'ArrowLeft', 'ArrowUp'];
  view.dispatchEvent(new KeyboardEvent('keydown', {key: ways[left % 4],
  bubbles: true, cancelable: true}))"""
PICTURE = """() => {
  const drawn = performance.getEntriesByName('chainmap')[0];
  return drawn ? drawn.startTime : performance.timing.loadEventEnd - performance.timing.navigationStart;
}"""


@dataclass(frozen=True)
class Limits:
    kept_s: float = 1.0
    picture_s: float = 2.0
    frame_ms: float = 50.0


def invented(links: int, edges: int) -> Any:
    """A chain of that many links in seven layers, most edges between neighbouring layers of one family."""
    from jiqun.packs.schema.chains import Chain, ChainEdge, ChainNode, Chokepoint

    chance = random.Random(links)
    layer = sorted(chance.randrange(7) for _ in range(links))
    family = [chance.randrange(max(links // 12, 1)) for _ in range(links)]
    nodes = tuple(
        ChainNode.model_construct(
            id=f"n{at}", segment="support" if chance.random() < 0.03 else LAYERS[layer[at]],
            name=chance.choice(KINDS) + chance.choice(THINGS) + chance.choice(FORMS),
            chokepoint=Chokepoint.model_construct(items=("某短板",)) if chance.random() < 0.1 else None,
            as_of=date(2023, 1, 1) if chance.random() < 0.7 else date(2018, 1, 1),
        )
        for at in range(links)
    )  # fmt: skip
    by_layer: dict[tuple[int, int], list[int]] = {}
    for at in range(links):
        by_layer.setdefault((layer[at], family[at]), []).append(at)
        by_layer.setdefault((layer[at], -1), []).append(at)
    drawn: dict[tuple[int, int], None] = {}
    while len(drawn) < edges:
        begin = chance.randrange(links)
        ahead = layer[begin] + (1 if chance.random() < 0.8 else 2)
        there = by_layer.get((ahead, family[begin] if chance.random() < 0.75 else -1)) or by_layer.get((ahead, -1))
        if there:
            drawn[begin, chance.choice(there)] = None
    joined = tuple(
        ChainEdge.model_construct(from_id=f"n{a}", to_id=f"n{b}", kind=chance.choice(("feeds", "part_of")))
        for a, b in drawn
    )
    return Chain.model_construct(id="invented", name="凭空生成的链", nodes=nodes, edges=joined)


def serve(folder: Path, port: int, links: int, edges: int) -> None:
    """A workspace of Suzhou whose only chain is the invented one, with states as drawn."""
    from jiqun import flows, packs, workspace
    from jiqun.industry.chains.states import Placed

    city = packs.load("suzhou")
    flows.create_workspace(folder, "suzhou")
    ws = workspace.open(folder)
    from jiqun.reports import chainbook  # wants the ledger, which the workspace has set up

    flows.add_user(ws, "wang", "city_admin", actor="bench", password=PASSWORD)
    chain, chance = invented(links, edges), random.Random(1)

    def stood() -> Placed:
        firms = chance.choice((0, 0, 1, 2, 6, 9, 14))
        return Placed(firms, min(firms, 2), tuple(1e8 for _ in range(firms)), looked_at=600, said_share=0.9)

    placed = {chain.id: {node.id: stood() for node in chain.nodes}}
    chainbook._added_up = lambda *_: placed  # type: ignore[assignment]
    held = replace(ws, city=replace(city, chains={chain.id: chain}), opens_on=date(2024, 7, 1))
    workspace._opened = held
    flows.serve(held, host="127.0.0.1", port=port, tell=lambda _: None)


def measure(links: int, edges: int, shots: Path | None) -> dict[str, float]:
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory(prefix="jiqun-map-") as scratch, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        command = [sys.executable, __file__, "--serve", f"{Path(scratch) / 'ws'}", f"{port}", "--links", f"{links}"]
        server = subprocess.Popen([*command, "--edges", f"{edges}"], stdout=subprocess.DEVNULL)
        try:
            _listening(port)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
                found = _visit(browser, f"http://127.0.0.1:{port}", links, shots)
                browser.close()
        finally:
            server.terminate()
            server.wait(30)
    return found


def _visit(browser: Any, root: str, links: int, shots: Path | None) -> dict[str, float]:
    page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    page.goto(f"{root}/login/")
    page.fill("input[name=username]", "wang")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{root}/")
    path, found = f"{root}/chains/invented/", {}
    begun = time.perf_counter()
    page.request.get(path, timeout=300_000)
    found["first answer s"] = time.perf_counter() - begun
    waits = []
    for _ in range(3):
        begun = time.perf_counter()
        body = page.request.get(path, timeout=300_000).body()
        waits.append(time.perf_counter() - begun)
    found["kept answer s"] = statistics.median(waits)
    found["html kB"] = len(body) / 1024
    sent: list[int] = []
    page.on("response", lambda answer: sent.append(len(answer.body())) if ".json" in answer.url else None)
    page.goto(path, wait_until="networkidle", timeout=300_000)
    page.wait_for_function("() => !document.querySelector('[data-map-view][aria-busy=true]')")
    found["json kB"] = sum(sent) / 1024
    found["first paint s"] = page.evaluate("performance.getEntriesByType('paint').at(-1)?.startTime || 0") / 1000
    found["picture s"] = page.evaluate(PICTURE) / 1000
    if shots:
        shots.mkdir(parents=True, exist_ok=True)
        _shoot(page, shots, links)
    for name, deed in (("zoom", WHEEL), ("pan", PAN)):
        spent = _processor(browser_pids := _children(os.getpid()))
        times = page.evaluate(FRAMES.replace("DEED", deed))
        found[f"{name} frame ms, median"] = statistics.median(times)
        found[f"{name} frame ms, p95"] = sorted(times)[int(len(times) * 0.95)]
        found[f"{name} frame cpu ms"] = (_processor(browser_pids) - spent) * 1000 / len(times)
    return found


def _shoot(page: Any, shots: Path, links: int) -> None:
    page.locator("[data-map-view]").first.scroll_into_view_if_needed()
    page.screenshot(path=shots / f"{links}-desk.png")
    page.focus("[data-map-view]")
    for _ in range(4):
        page.keyboard.press("+")
    page.screenshot(path=shots / f"{links}-desk-near.png")
    page.keyboard.press("0")
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload(wait_until="networkidle")
    page.locator("[data-map-view]").first.scroll_into_view_if_needed()
    page.screenshot(path=shots / f"{links}-phone.png")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.reload(wait_until="networkidle")
    page.pdf(path=shots / f"{links}.pdf", format="A4", landscape=True)


def _children(parent: int) -> list[int]:
    """Every process below `parent` that is a chromium."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, rest = path.read_text().split("(", 1)[1].rsplit(")", 1)
        except OSError:
            continue
        above = int(rest.split()[1])
        if above == parent:
            pid = int(path.parent.name)
            found += [*([pid] if "chrom" in name else []), *_children(pid)]
    return found


def _processor(pids: list[int]) -> float:
    """Seconds of processor that these have used."""
    ticks = 0
    for pid in pids:
        with suppress(OSError):
            ticks += sum(int(part) for part in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13])
    return ticks / os.sysconf("SC_CLK_TCK")


def _listening(port: int) -> None:
    for _ in range(3_000):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server does not answer")


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--links", type=int, action="append")
    words.add_argument("--edges", type=int)
    words.add_argument("--shots", type=Path)
    words.add_argument("--serve", nargs=2, metavar=("DIR", "PORT"), help=argparse.SUPPRESS)
    asked = words.parse_args()
    if asked.serve:
        serve(Path(asked.serve[0]), int(asked.serve[1]), asked.links[0], asked.edges)
        return 0
    limits, late = Limits(), False
    for links in asked.links or EDGES:
        edges = asked.edges or EDGES.get(links, 2 * links)
        found = measure(links, edges, asked.shots)
        print(f"{links:,} links, {edges:,} edges; load average {os.getloadavg()[0]:.1f}")
        for name, value in found.items():
            print(f"  {name:24} {value:10.2f}")
        late |= found["kept answer s"] > limits.kept_s or found["picture s"] > limits.picture_s
        late |= max(found["zoom frame ms, median"], found["pan frame ms, median"]) > limits.frame_ms
    return int(late)


if __name__ == "__main__":
    sys.exit(main())
