"""A workspace of an invented city on the database of the test run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jiqun import packs, workspace
from jiqun.workspace import Workspace

FOLDER = Path(__file__).parent / "folders" / "yunchuan"


class Ticking:
    """A clock that is a minute later each time it is read, from noon in China on 5 January 2026."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.moment += timedelta(minutes=1)
        return self.moment


@pytest.fixture(scope="session")
def yunchuan() -> packs.City:
    return packs.load(FOLDER)


@pytest.fixture
def ws(db: None, tmp_path: Path, yunchuan: packs.City) -> Workspace:
    """Its files lie in a folder of this test; its ledger is rolled back after it."""
    path = tmp_path / "ws"
    workspace.lay_out(path, yunchuan, FOLDER)
    return Workspace(path, yunchuan.name, yunchuan, Ticking())


@pytest.fixture
def plan(ws: Workspace) -> str:
    """The digest of the city's one plan, ingested."""
    from jiqun import flows

    return flows.ingest_folder_documents(ws, actor="zhang")[0].digest


@pytest.fixture
def claim_of(plan: str) -> Callable[[str], Any]:
    """The claim of the plan whose number is printed so, as it stands now."""
    from jiqun.ledger.models import Claim

    return lambda value: Claim.objects.get(value_text=value, superseded_at=None)
