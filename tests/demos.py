"""The demo, built once in a test run: it takes a minute, and several tests begin with it."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BUILD = """
import json, sys
from datetime import date
from jiqun import flows
built = flows.build_demo(sys.argv[1])
from jiqun.ledger import chain
from jiqun.ledger.models import Claim, Document, Event
from jiqun.ledger.models import Observation
from django.utils.timezone import localdate
from jiqun.records.models import Return, Submission, stands
def told():
    total = Observation.objects.filter(indicator_id="demo_output", period="2022", cluster_id=None).order_by("version")
    return {
        "states": sorted(set(stands(Return).values_list("state", flat=True))),
        "year": [(row.value_text, row.value_kind) for row in total],
        "times": Submission.objects.filter(key__endswith="2022M9|suzhou_wujiang").count(),
        "signed": all(s.signed["报出日期"] == localdate(s.recorded_at).isoformat() and s.signed["填表人"] == "演示数据"
                      for s in Submission.objects.all() if s.signed),
        "late": sum(row.is_late for row in stands(Return)),
        "first": str(Event.objects.filter(action="round.opened").order_by("sequence").first().recorded_at.date()),
        "marked": all("演示" in title for title in
                      Observation.objects.exclude(round_key="").values_list("source_title", flat=True)),
    }
print(json.dumps({
    "is_new": built.is_new,
    "counts": [built.documents, built.targets, built.figures],
    "firms": built.firms,
    "whole": chain.verify().is_whole,
    "head": chain.head(),
    "actors": sorted(set(Event.objects.values_list("actor", flat=True))),
    "restated": sorted(set(Document.objects.values_list("is_restatement", flat=True))),
    "sources": all(Document.objects.values_list("official_source", flat=True)),
    "waiting": Claim.objects.filter(superseded_at=None, state="proposed").count(),
    "rounds": built.rounds,
    "forms": told(),
    "lights": sum(flows.assess(built.workspace, date(2023, 8, 8)).lights.values()),
}))
"""


def build(path: Path) -> dict[str, Any]:
    """Build the demo at `path`, or find it there, in a process of its own; what the ledger then tells."""
    there = {k: v for k, v in os.environ.items() if k not in ("DJANGO_SETTINGS_MODULE", "JIQUN_WORKSPACE")}
    ran = subprocess.run(
        [sys.executable, "-c", BUILD, str(path)], check=False, capture_output=True, text=True, env=there
    )
    assert ran.returncode == 0, ran.stderr
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


def built_once(factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Where the demo of this test run is and what its building told. To be copied, never changed.

    The processes of a run share it: whichever asks first builds it, the others wait.
    """
    own = factory.getbasetemp()
    place = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    with (place / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = place / "demo.json"
        if not kept.exists():
            kept.write_text(json.dumps(build(place / "demo")), "utf-8")
        return place / "demo", json.loads(kept.read_text("utf-8"))
