"""A browser without a screen, signed in to the invented city whose plan has been taken in and accepted."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jiqun import workspace
from jiqun.workspace import Workspace
from tests.flows.conftest import claim_of, plan, ws, yunchuan

__all__ = ["claim_of", "plan", "ws", "yunchuan"]
PASSWORD = "correct-horse-9"


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
def sign_in(city: Workspace) -> Callable[..., object]:
    """A client signed in under a role."""
    from django.test import Client

    from jiqun import flows

    def signed_in(role: str = "city_admin", **scope: str) -> Client:
        from django.contrib.auth import get_user_model

        flows.add_user(city, role, role, actor="setup", password=PASSWORD, **scope)
        client = Client()
        client.force_login(get_user_model().objects.get(username=role), "django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in


@pytest.fixture
def admin(sign_in):
    return sign_in("city_admin")
