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
    assert (first["restated"], first["sources"], first["actors"]) == ([True], True, ["演示导入"])
    assert again == first | {"is_new": False}, "the second building wrote nothing"
