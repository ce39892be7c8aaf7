"""A browser without a screen, signed in to the invented city whose plan has been taken in and accepted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jiqun import packs, workspace
from jiqun.workspace import Workspace
from tests.flows.conftest import Ticking, claim_of, plan, ws, yunchuan

if TYPE_CHECKING:
    from django.test import Client

__all__ = ["claim_of", "plan", "ws", "yunchuan"]
PASSWORD = "correct-horse-9"


def signing_in(ws: Workspace) -> Callable[..., Client]:
    """What makes a client signed in under a role of the workspace."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    from jiqun import flows

    def signed_in(role: str = "city_admin", **scope: str) -> Client:
        flows.add_user(ws, role, role, actor="setup", password=PASSWORD, **scope)
        client = Client()
        client.force_login(get_user_model().objects.get(username=role), "django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in


@pytest.fixture
def suzhou(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace of Suzhou, open in this process on 8 August 2023, with its folder and nothing else."""
    from jiqun.reports import kept

    folder = packs.load("suzhou")
    workspace.lay_out(tmp_path / "ws", folder, "suzhou")
    made = Workspace(tmp_path / "ws", folder.name, folder, Ticking(), opens_on=date(2023, 8, 8))
    kept._answers.clear()
    monkeypatch.setattr(workspace, "_opened", made)
    return made


@pytest.fixture
def city(ws: Workspace, plan: str, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The workspace, open in this process, with its plan waiting for review and its figures in."""
    from jiqun import flows
    from jiqun.reports import kept, register

    # A rolled-back ledger has the hashes of the next one, and on PostgreSQL other row numbers.
    register._kept.clear()
    kept._answers.clear()
    monkeypatch.setattr(workspace, "_opened", ws)
    flows.import_folder_figures(ws, actor="zhang")
    return ws


@pytest.fixture
def accepted(city: Workspace) -> Workspace:
    """The same with every claim accepted that can be."""
    from jiqun import flows

    flows.decide_claims_above(city, 0.0, actor="zhang", reason="测试")
    return city


@pytest.fixture
def sign_in(city: Workspace) -> Callable[..., Client]:
    return signing_in(city)


@pytest.fixture
def admin(sign_in):
    return sign_in("city_admin")
