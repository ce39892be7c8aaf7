"""Accounts: every change of who may do what is an event. A generated password is shown once and kept nowhere."""

from __future__ import annotations

import re
import secrets

import axes.utils
from django.contrib.auth import get_user_model
from django.db import transaction

from jiqun.flows.faults import fault, field_faults, refuse
from jiqun.ledger import store
from jiqun.ledger.models import Account, Role
from jiqun.model.errors import Conflict, NotFound
from jiqun.workspace import Workspace

_LETTERS = "abcdefghijkmnpqrstuvwxyzACDEFGHJKLMNPQRTUVWXY3479"  # none that reads as another
_LENGTH = 14
DEMO_USER = "demo"


def add_user(
    ws: Workspace, username: str, role: Role | str, *, actor: str, body_id: str | None = None,
    area_id: str | None = None, respondent_id: str | None = None, password: str | None = None,
) -> str:  # fmt: skip
    """The new account's password, to be told once; with `password` "" nobody can log in until it is reset.

    Raises Conflict for a name taken, InputRefused for a scope amiss."""
    found = field_faults(ws.city, {"body_id": body_id, "area_id": area_id}, ("body_id", "area_id"))
    if role not in Role.values:
        found.append(fault("word", f"没有角色“{role}”", f"可选：{'、'.join(Role.values)}"))
    if role == Role.DEPARTMENT and not body_id:
        found.append(fault("missing", "责任部门账号要指明部门", "请用 --body 指明"))
    if role == Role.DISTRICT and not area_id:
        found.append(fault("missing", "县级市（区）账号要指明地区", "请用 --area 指明"))
    if (role == Role.RESPONDENT) != bool(respondent_id):
        found.append(fault("missing", "填报单位账号（且只有它）要指明企业的统一社会信用代码", "请用 --firm 指明"))
    if not re.fullmatch(r"[\w.@+-]{1,150}", username):  # Django's own rule, which `create_user` does not ask
        found.append(fault("word", f"账号名{username!r}不能用", "请用文字、数字和 . @ + - _，不超过 150 个字符"))
    refuse(found)
    users = get_user_model().objects
    if users.filter(username=username).exists():
        raise Conflict(f"账号“{username}”已存在")
    chosen = generate_password() if password is None else password
    with (
        transaction.atomic(),
        store.recording("account.added", actor=actor, clock=ws.clock, subject=("account", username)) as entry,
    ):
        user = users.create_user(username, password=chosen or None)
        scope = {"body_id": body_id, "area_id": area_id, "respondent_id": respondent_id}
        Account.objects.create(user=user, role=role, **scope, must_change_password=not password)
        entry.remarks["account"] = {"role": str(role), **scope}
    return chosen


def add_demo_user(ws: Workspace) -> str | None:
    """The password of the demo's administrator, made at its first building; None where it has one already."""
    if get_user_model().objects.filter(username=DEMO_USER).exists():
        return None
    return add_user(ws, DEMO_USER, Role.CITY_ADMIN, actor="演示导入")


def reset_password(ws: Workspace, username: str, *, actor: str) -> str:
    """A new password for the account, to be told once; sessions of the old one end, and so does a lock-out."""
    user = get_user_model().objects.filter(username=username).first()
    if user is None:
        raise NotFound(f"没有账号“{username}”")
    chosen = generate_password()
    with (
        transaction.atomic(),
        store.recording("account.password_reset", actor=actor, clock=ws.clock, subject=("account", username)) as entry,
    ):
        user.set_password(chosen)
        user.save()
        Account.objects.filter(user=user).update(must_change_password=True)
        entry.remarks["account"] = {"password": "reset"}
        axes.utils.reset(username=username)
    return chosen


def list_users(ws: Workspace) -> list[Account]:
    """Every account with its user, by name."""
    return list(Account.objects.select_related("user").order_by("user__username"))


def generate_password() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
