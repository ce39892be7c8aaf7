"""Accounts: every change of who may do what is on the chain, no password is."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.test import RequestFactory

from jiqun import flows
from jiqun.ledger import chain
from jiqun.ledger.models import Account, Event
from jiqun.model.errors import Conflict, InputRefused
from jiqun.workspace import Workspace


def _login(username: str, password: str) -> object:
    return authenticate(RequestFactory().post("/login/"), username=username, password=password)


def test_a_new_account_works_with_the_password_told_once(ws: Workspace) -> None:
    password = flows.add_user(ws, "li", "district", actor="admin", area_id="dong")
    assert len(password) == 14
    assert _login("li", password) is not None
    account = Account.objects.get()
    assert (account.role, account.area_id, account.must_change_password) == ("district", "dong", True)
    event = Event.objects.get()
    assert (event.action, event.subject_key, event.actor) == ("account.added", "li", "admin")
    assert password not in event.payload
    assert chain.verify().is_whole


def test_a_reset_ends_the_old_password(ws: Workspace) -> None:
    old = flows.add_user(ws, "li", "viewer", actor="admin")
    new = flows.reset_password(ws, "li", actor="admin")
    assert (_login("li", old), _login("li", new)) == (None, User.objects.get())
    assert Event.objects.count() == 2


@pytest.mark.parametrize(
    ("role", "scope", "said"),
    [
        ("department", {}, "要指明部门"),
        ("district", {}, "要指明地区"),
        ("district", {"area_id": "mars"}, "不在城市文件夹中"),
        ("king", {}, "没有角色"),
    ],
)
def test_a_role_without_its_scope_is_refused(ws: Workspace, role: str, scope: dict[str, str], said: str) -> None:
    with pytest.raises(InputRefused, match=said):
        flows.add_user(ws, "li", role, actor="admin", **scope)
    assert not User.objects.exists()


def test_a_name_is_given_once(ws: Workspace) -> None:
    flows.add_user(ws, "li", "viewer", actor="admin")
    with pytest.raises(Conflict, match="已存在"):
        flows.add_user(ws, "li", "viewer", actor="admin")


def test_an_account_event_has_nothing_to_undo(ws: Workspace) -> None:
    flows.add_user(ws, "li", "viewer", actor="admin")
    with pytest.raises(Conflict, match="无可撤销"):
        flows.undo(ws, 1, actor="admin", reason="")
