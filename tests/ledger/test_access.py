"""Who may do what, by role; and lists show what `may` allows."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User

from jiqun.ledger.access import Action, may, require, visible
from jiqun.ledger.models import Account, Claim, Comment, Event, Role, Target
from jiqun.model.errors import Forbidden
from tests.ledger.rows import DAY, claim, document, target, write

pytestmark = pytest.mark.django_db


def _user(role: Role, **scope: str) -> User:
    user = User.objects.create(username=f"{role}-{'-'.join(scope.values())}")
    Account.objects.create(user=user, role=role, **scope)
    return user


_GRANTED = {
    # nobody fills in for another, and nobody decides at another's level
    Role.CITY_ADMIN: set(Action) - {Action.REPORT, Action.DECIDE_RETURNS},
    Role.CITY_EDITOR: set(Action)
    - {Action.REPORT, Action.DECIDE_RETURNS, Action.MANAGE_ACCOUNTS, Action.VERIFY_CHAIN, Action.SUGGEST},
    Role.DEPARTMENT: {Action.READ},
    Role.DISTRICT: {Action.READ},
    Role.RESPONDENT: {Action.READ},
    Role.VIEWER: {Action.READ},
    Role.AUDITOR: {Action.READ, Action.READ_EVENTS, Action.VERIFY_CHAIN},
}


@pytest.mark.parametrize("role", list(Role))
def test_what_a_role_may_do_to_the_matters_of_others(role: Role) -> None:
    user = _user(role, body_id="gxj", area_id="kunshan")
    others = target(body_ids=["kjj"], area_id="zhangjiagang")
    assert {action for action in Action if may(user, action, others)} == _GRANTED[role]


def test_a_department_answers_for_its_own() -> None:
    user = _user(Role.DEPARTMENT, body_id="gxj")
    own = target(body_ids=["kjj", "gxj"], area_id="zhangjiagang")
    assert {action for action in Action if may(user, action, own)} == {
        Action.READ, Action.COMMENT, Action.ENTER_FIGURES, Action.UNDO, Action.READ_FIRMS, Action.READ_RETURNS,
    }  # fmt: skip
    assert may(user, Action.SPLIT_TARGETS, own).reason == "责任部门无此权限"


def test_a_district_splits_its_own_target_only() -> None:
    user = _user(Role.DISTRICT, area_id="kunshan")
    assert may(user, Action.SPLIT_TARGETS, target(area_id="kunshan"))
    assert may(user, Action.SPLIT_TARGETS, target(area_id="taicang")).reason == "不是本地区的事项"
    assert not may(user, Action.SPLIT_TARGETS, target(area_id=None))
    assert may(user, Action.SPLIT_TARGETS), "a menu asks without a subject"


def test_a_department_answers_for_the_body_it_succeeded() -> None:
    city: Any = SimpleNamespace(
        bodies={
            "jxw": SimpleNamespace(id="jxw", successor_ids=("gxj",)),
            "jmw": SimpleNamespace(id="jmw", successor_ids=("jxw",)),
            "kjj": SimpleNamespace(id="kjj", successor_ids=()),
        }
    )
    user = _user(Role.DEPARTMENT, body_id="gxj")
    assert not may(user, Action.COMMENT, target(body_ids=["jmw"]))
    assert may(user, Action.COMMENT, target(body_ids=["jmw"]), city=city)
    assert not may(user, Action.COMMENT, target(body_ids=["kjj"]), city=city)


def test_a_district_answers_for_the_zones_inside_it() -> None:
    def area(id: str, parent_id: str | None, same_as_id: str | None = None) -> SimpleNamespace:
        return SimpleNamespace(id=id, parent_id=parent_id, same_as_id=same_as_id)

    areas = [area("kunshan", "city"), area("zone", "kunshan"), area("twin", "city", "zone"), area("taicang", "city")]
    city: Any = SimpleNamespace(areas={found.id: found for found in areas})
    user = _user(Role.DISTRICT, area_id="kunshan")
    allowed = {a.id for a in areas if may(user, Action.ENTER_FIGURES, target(area_id=a.id), city=city)}
    assert allowed == {"kunshan", "zone", "twin"}


@pytest.mark.parametrize("role", [Role.DEPARTMENT, Role.DISTRICT])
def test_a_respondent_undoes_only_what_it_did(role: Role) -> None:
    user = _user(role, body_id="gxj", area_id="kunshan")
    assert may(user, Action.UNDO, Event(actor=user.username))
    assert may(user, Action.UNDO, Event(actor="admin")).reason == "只能撤销本人的操作"


def test_without_account_login_or_activity_nothing_is_allowed() -> None:
    stranger = User.objects.create(username="stranger", is_superuser=True)
    gone = _user(Role.CITY_ADMIN)
    gone.is_active = False
    assert may(AnonymousUser(), Action.READ).reason == "请先登录"
    assert not may(None, Action.READ)
    assert may(stranger, Action.READ).reason == "账号还没有角色，请联系市级管理员"
    assert may(gone, Action.READ).reason == "账号已停用"
    assert not visible(stranger, Target.objects.all()).exists()


def test_require_raises_the_reason() -> None:
    with pytest.raises(Forbidden, match="只读无此权限"):
        require(_user(Role.VIEWER), Action.REVIEW)


def test_lists_show_what_a_role_may_see() -> None:
    plan = document()
    write(plan, claim(plan, 7), claim(plan, 2, state="accepted"), target())
    write(
        Comment(key="c1", known_on=DAY, subject_type="target", subject_key="t:1", body_id="gxj", text="已完成"),
        actor="department-gxj",
    )
    users = {role: _user(role, body_id="gxj") for role in (Role.DEPARTMENT, Role.CITY_EDITOR, Role.AUDITOR)}
    users[Role.VIEWER] = _user(Role.VIEWER)
    users[Role.CITY_ADMIN] = _user(Role.CITY_ADMIN)
    seen = {
        role: [visible(user, m.objects.all()).count() for m in (Target, Claim, Event, Comment, Account)]
        for role, user in users.items()
    }
    assert seen == {
        Role.CITY_ADMIN: [1, 2, 2, 1, 5],
        Role.CITY_EDITOR: [1, 2, 2, 1, 1],
        Role.AUDITOR: [1, 2, 2, 1, 1],
        Role.DEPARTMENT: [1, 1, 1, 1, 1],
        Role.VIEWER: [1, 1, 0, 0, 1],
    }
