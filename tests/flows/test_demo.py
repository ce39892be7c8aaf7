"""The demo: built once, found again, and honest about where its sentences come from."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    os.environ.get("JIQUN_TEST_ENGINE") == "postgresql", reason="makes SQLite workspaces of its own"
)

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


def _build(path: Path) -> dict[str, object]:
    there = {k: v for k, v in os.environ.items() if k not in ("DJANGO_SETTINGS_MODULE", "JIQUN_WORKSPACE")}
    ran = subprocess.run(
        [sys.executable, "-c", BUILD, str(path)], check=False, capture_output=True, text=True, env=there
    )
    assert ran.returncode == 0, ran.stderr
    told: dict[str, object] = json.loads(ran.stdout)
    return told


def test_the_demo_is_built_once_and_found_again(tmp_path: Path) -> None:
    first, again = _build(tmp_path / "ws"), _build(tmp_path / "ws")
    documents, targets, figures = first["counts"]
    assert documents >= 4
    assert targets > 50
    assert figures > 600
    assert first["firms"] == 20_000
    assert first["lights"]
    assert (first["is_new"], again["is_new"], first["whole"]) == (True, False, True)
    assert (first["restated"], first["sources"]) == ([True], True)
    assert [actor for actor in first["actors"] if not actor.startswith("demo_")] == ["演示导入"]
    assert first["rounds"] == 24 + 8 + 2, "two years of months and of quarters, two quarters of firms"
    forms = first["forms"]
    assert forms["states"] == ["due", "locked", "missing", "submitted"]
    assert forms["year"][-2:] == [["43665.38", "final"], ["43600.00", "revised"]], "published: 4.36万亿元"
    assert forms["times"] == 2, "given back once for its unit"
    assert (forms["late"], forms["first"], forms["marked"], forms["signed"]) == (3, "2021-09-01", True, True)
    assert again == first | {"is_new": False}, "the second building wrote nothing"
