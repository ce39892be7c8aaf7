"""Shoot every page of the demo at two widths: `make screenshots`, pictures in screenshots/.

Builds a demo workspace in a temporary folder (or takes one: --workspace DIR), serves it on a free port of this
machine, and drives Debian's chromium; nothing is asked of any other host.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from urllib.parse import quote

CHROMIUM = os.environ.get("JIQUN_CHROMIUM", "/usr/bin/chromium")
ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--disable-quic", "--lang=zh-CN",
]  # fmt: skip
WIDTHS = {"desk": (1366, 768), "phone": (390, 844)}
PASSWORD = "screenshots-only-1"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspace", type=Path)
    parser.add_argument("--out", type=Path, default=Path("screenshots"))
    parser.add_argument("--only", default="", help="names that contain this")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="jiqun-screens-") as scratch:
        folder = asked.workspace or Path(scratch) / "workspace"
        pages = prepare(folder)
        port = free_port()
        command = [sys.executable, "-m", "jiqun", "serve", str(folder), "--port", str(port)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
            try:
                shoot(f"http://127.0.0.1:{port}", pages, asked.out, asked.only)
            finally:
                server.terminate()


def prepare(folder: Path) -> dict[str, str]:
    """Name → address of every page worth a picture, for things that the demo really has."""
    from jiqun import flows

    ws = flows.build_demo(folder).workspace
    from django.contrib.auth import get_user_model

    from jiqun.ledger.models import Claim, Document, Observation, Target, Task

    users = get_user_model().objects
    if not users.filter(username="shots").exists():
        flows.add_user(ws, "shots", "city_admin", actor="screenshots", password=PASSWORD)
    targets = Target.objects.filter(superseded_at=None, state="active")
    target = targets.filter(indicator_id__in=Observation.objects.values("indicator_id")).first() or targets.first()
    document, task = Document.objects.order_by("id").first(), Task.objects.filter(claim_count__gt=0).first()
    claim = Claim.objects.filter(superseded_at=None, state="proposed").first()
    assert target and document and task
    pages = {
        "overview": "/", "overview-today": "/?as_of=today", "documents": "/documents/",
        "document": f"/documents/{document.digest}/", "original": f"/documents/{document.digest}/?text=original",
        "review": "/review/" + (f"?claim={quote(claim.key)}" if claim else "?state=all"),
        "review-all": "/review/?state=all", "targets": "/targets/", "targets-late": "/targets/?light=late",
        "target": f"/targets/{quote(target.key)}/", "target-new": "/targets/new/", "tasks": "/tasks/",
        "task": f"/tasks/{quote(task.key)}/", "indicators": "/indicators/",
        "indicator": f"/indicators/{target.indicator_id}/", "clusters": "/clusters/",
        "cluster": "/clusters/sz22-ei/", "catalogue": f"/clusters/editions/{ws.city.main_series}/",
        "catalogue-preview": "/clusters/proposal/?file=proposals/demo-draft.yaml", "areas": "/areas/",
        "chains": "/chains/", "chain": "/chains/robot/", "chain-link": "/chains/robot/rb_harmonic/",
        "chain-gaps": "/chains/gaps/",
        "chain-bottlenecks": "/chains/bottlenecks/",
        "area": f"/areas/{ws.city.area_id}/", "bodies": "/bodies/", "search": "/search/?q=" + quote("集群"),
        "nothing-found": "/search/?q=zzzz", "import": "/import/", "events": "/events/?verify=1", "event": "/events/1/",
        "runs": "/runs/", "password": "/password/", "missing": "/targets/none/", "api": "/api/docs",
    }  # fmt: skip
    pages |= firm_pages(ws) | layout_pages(ws) | round_pages(ws) | derived_pages(ws)
    if target.body_ids:
        pages["body"] = f"/bodies/{target.body_ids[0]}/"
    return {name: with_day(address, ws.opens_on) for name, address in pages.items()}


def firm_pages(ws) -> dict[str, str]:
    """The register and the ladder: a tier that firms are found on, and a firm that is on it."""
    import polars as pl

    from jiqun.enterprises import verdicts
    from jiqun.ledger.models import Run
    from jiqun.model.purposes import Purpose

    run = Run.objects.filter(kind=verdicts.RUN, state="done").order_by("-id").first()
    if run is None:
        return {}
    answers = verdicts.read(ws.path / "registers" / run.result["file"], Purpose.SERVICE)
    reached = pl.col("srdi_sme").fill_null(False)
    code = answers.filter(reached).select("uscc").first().collect().item()
    return {
        "firms": "/firms/", "firms-found": "/firms/?tier=srdi_sme&sort=name", "firm": f"/firms/{code}/",
        "firms-none": "/firms/?q=zzzz", "tiers": "/tiers/", "tier": "/tiers/srdi_sme/",
        "measures": "/firms/measures/", "measures-by-group": "/firms/measures/?by=3&size=firms",
        "gathering": "/firms/gathering/?group=65", "gathering-clusters": "/firms/gathering/?by=suzhou-2022",
        "tier-size": "/tiers/size_class/", "lists": "/firms/lists/", "list-import": "/firms/lists/import/",
        "list": "/firms/lists/gazelle_sz.recognised.2023.1/", "due": "/firms/due/",
        "tier-cluster": "/tiers/sme_specialty_cluster/cluster/?f-cluster_gross_output=38.5",
        "changes": "/firms/changes/", "twins": "/firms/twins/",
        "firms-import": "/firms/import/", "subsidies": "/firms/subsidies/",
        "subsidy": "/firms/subsidies/demo_ladder_2023/", "counts": "/firms/counts/",
        "tier-pipeline": "/tiers/srdi_sme/pipeline/", "tier-candidates": "/tiers/srdi_sme/candidates/",
        "tier-near": "/tiers/srdi_sme/near/", "tier-near-unknown": "/tiers/tech_sme/near/?answer=unknown",
        "tier-what-if": "/tiers/srdi_sme/what-if/?v-d2=800", "tier-what-if-fault": "/tiers/srdi_sme/what-if/?v-c1=x",
    }  # fmt: skip


def layout_pages(ws) -> dict[str, str]:
    """A layout as proposed, one tried that cannot be, and what the proposed one rests on."""
    if not ws.city.layouts:
        return {}
    layout = list(ws.city.layouts.values())[-1]
    address, rule = f"/layouts/{layout.id}/", layout.rules[0].id
    return {
        "layouts": "/layouts/", "layout": address, "layout-today": f"{address}?plan=today",
        "layout-none": f"{address}?b-{rule}.least={len(layout.area_ids)}", "layout-why": f"{address}?why=1",
        "layout-fault": f"{address}?b-{rule}.least=x",
    }  # fmt: skip


def round_pages(ws) -> dict[str, str]:
    """A round with something to ask about, and the return that the question is about."""
    from jiqun.records.doubts import doubts
    from jiqun.records.models import Round, stands

    rounds = {one.key: doubts(one, ws.city).found for one in stands(Round).order_by("-period_end")}
    if not rounds:
        return {}
    key = next((key for key, found in rounds.items() if found.height), next(iter(rounds)))
    at = f"/rounds/{quote(key)}/"
    pages = {
        "rounds": "/rounds/", "round": at, "round-doubts": f"{at}doubts/", "round-totals": f"{at}totals/",
        "round-growth": f"{at}growth/", "round-release": f"{at}release/",
    }  # fmt: skip
    if rounds[key].height:
        pages["return"] = f"/returns/{quote(key + '|' + rounds[key]['respondent_id'][0])}/"
    return pages


def derived_pages(ws) -> dict[str, str]:
    """The newest round of firms by classification, by the groups of one down to a class, by cluster."""
    from jiqun.records.deriving import is_derivable, ways
    from jiqun.records.models import Round, stands

    round_ = next((one for one in stands(Round).order_by("-period_end") if is_derivable(one, ws.city)), None)
    if round_ is None:
        return {}
    at = f"/rounds/{quote(round_.key)}/derived/"
    names = {way.id or "classes": f"{at}?way={way.id}" for way in ways(ws.city, round_.period_end)}
    target = quote(next(iter(d.id for w in ws.city.crosswalks.values() for d in w.derives)))
    return {f"derived-{name}": address for name, address in names.items()} | {"derived-inside": f"{at}?target={target}"}


def with_day(address: str, day: object) -> str:
    if "as_of" in address or address.startswith("/api"):
        return address
    return address + ("&" if "?" in address else "?") + f"as_of={day}"


def shoot(base: str, pages: dict[str, str], out: Path, only: str) -> None:
    from playwright.sync_api import sync_playwright

    wait_for(base + "/login/")
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=ARGS, env={**os.environ, "LANGUAGE": "zh_CN"}
        )
        for label, (width, height) in WIDTHS.items():
            context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
            page = context.new_page()
            faults: list[str] = []
            page.on("console", lambda said, kept=faults: kept.append(said.text) if said.type == "error" else None)
            page.goto(base + "/login/")
            page.screenshot(path=out / f"login-{label}.png")
            page.fill("#id_username", "shots")
            page.fill("#id_password", PASSWORD)
            page.click("button.button--main")
            for name, address in pages.items():
                if only in name:
                    picture(page, base + address, out / f"{name}-{label}.png", faults)
            context.close()
        browser.close()


def picture(page, address: str, file: Path, faults: list[str]) -> None:
    faults.clear()
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=file, full_page=True)
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    notes = [f"{overflow}px too wide"] if overflow > 0 else []
    notes += [fault[:160] for fault in faults if "404" not in fault]
    print(f"{file.name:32} {' | '.join(notes)}")


def wait_for(address: str, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(address, timeout=20):
                return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
