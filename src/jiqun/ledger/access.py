"""Who may do what, and see which rows: decided here and nowhere else.

Every role reads published plans, targets, tasks, figures and catalogues. A department answers for what bears its
body, renamed bodies followed; a district for its own area. An answer says why, for pages and for the log.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

from jiqun.ledger.models import Account, Claim, ClaimState, Comment, Event, Role, Run
from jiqun.model.errors import Forbidden

if TYPE_CHECKING:
    from jiqun.packs import City


class Action(StrEnum):
    READ = "read"
    COMMENT = "comment"  # on a task or target
    ENTER_FIGURES = "enter_figures"
    SPLIT_TARGETS = "split_targets"
    EDIT_TARGETS = "edit_targets"
    ADOPT_CATALOGUES = "adopt_catalogues"  # editions of the cluster catalogue
    ADOPT_CHAINS = "adopt_chains"  # chains that came as tables
    REVIEW = "review"  # decide claims
    INGEST = "ingest"  # documents
    SUGGEST = "suggest"  # have a model look at a document: its text may leave the machine
    IMPORT = "import"  # tables of figures and targets
    ADOPT_LAYOUTS = "adopt_layouts"
    UNDO = "undo"
    READ_FIRMS = "read_firms"  # single firms and what they add up to; which ones: `firm_areas`
    READ_RETURNS = "read_returns"  # of forms; which ones: `returns_of`
    REPORT = "report"  # fill in and submit a return: the respondent itself, and nobody else whatever the role
    DECIDE_RETURNS = "decide_returns"  # accept or return what stands at one's own level
    RUN_ROUNDS = "run_rounds"  # open and lock rounds, extend deadlines, publish totals
    READ_EVENTS = "read_events"
    VERIFY_CHAIN = "verify_chain"
    KEEP_ITEMS = "keep_items"  # of dockets: open, amend, move; which ones: `parties`, and what the docket declares
    MANAGE_ACCOUNTS = "manage_accounts"


@dataclass(frozen=True)
class Decision:
    """Whether it is allowed, and the reason in words for the person who asked."""

    allowed: bool
    reason: str

    def __bool__(self) -> bool:
        return self.allowed


_OWN_ONLY = frozenset({Action.REPORT, Action.DECIDE_RETURNS})  # no role does these everywhere
_EVERYWHERE: dict[Role, frozenset[Action]] = {
    Role.CITY_ADMIN: frozenset(Action) - _OWN_ONLY,
    Role.CITY_EDITOR: frozenset(Action) - _OWN_ONLY - {Action.MANAGE_ACCOUNTS, Action.VERIFY_CHAIN, Action.SUGGEST},
    Role.DEPARTMENT: frozenset({Action.READ}),
    Role.DISTRICT: frozenset({Action.READ}),
    Role.RESPONDENT: frozenset({Action.READ}),
    Role.VIEWER: frozenset({Action.READ}),
    Role.AUDITOR: frozenset({Action.READ, Action.READ_EVENTS, Action.VERIFY_CHAIN}),
}
_RETURNS = frozenset({Action.READ_RETURNS, Action.REPORT})
_MATTERS = frozenset({Action.COMMENT, Action.ENTER_FIGURES, Action.UNDO, Action.READ_FIRMS, Action.KEEP_ITEMS})
_OWN: dict[Role, frozenset[Action]] = {
    Role.CITY_ADMIN: frozenset({Action.DECIDE_RETURNS}),
    Role.CITY_EDITOR: frozenset({Action.DECIDE_RETURNS}),
    Role.DEPARTMENT: _MATTERS | _RETURNS,
    Role.DISTRICT: _MATTERS | _RETURNS | {Action.SPLIT_TARGETS, Action.DECIDE_RETURNS},
    Role.RESPONDENT: _RETURNS,
}


def may(user: Any, action: Action, subject: Any = None, *, city: City | None = None) -> Decision:
    """Whether `user` may do `action`, to `subject` where the answer depends on it.

    Without a subject a department or district hears whether it may do so to anything at all, for menus. With
    `city`, a department also answers for the bodies it succeeded, a district for the areas inside its own.
    """
    account, refusal = _account(user)
    if account is None:
        return Decision(False, refusal)
    role = Role(account.role)
    if action in _EVERYWHERE[role]:
        return Decision(True, f"{role.label}可以")
    if action not in _OWN.get(role, frozenset()):
        return Decision(False, f"{role.label}无此权限")
    if subject is None:
        return Decision(True, f"{role.label}可以处理本单位事项")
    if action is Action.REPORT:
        own = _reports_for(account, subject, city)
        return Decision(own, "本单位的报表" if own else "只能由填报单位自己填报，可以退回，不能代填代改")
    if action is Action.DECIDE_RETURNS:
        own = getattr(subject, "turn_area_id", "") in _seats(account, city)
        return Decision(own, "轮到本级审核" if own else "这份报表不在本级审核")
    if action is Action.KEEP_ITEMS:
        own = bool(parties(user, subject, city))
        return Decision(own, "本单位的事项" if own else "不是本单位主责或登记的事项")
    if isinstance(subject, Event):
        own = subject.actor == user.get_username()
        return Decision(own, "本人的操作" if own else "只能撤销本人的操作")
    if role is Role.DEPARTMENT:
        own = bool(_bodies_of(subject) & _own_bodies(account, city))
        return Decision(own, "本部门事项" if own else "不是本部门负责的事项")
    own = getattr(subject, "area_id", None) in _own_areas(account, city)
    return Decision(own, "本地区事项" if own else "不是本地区的事项")


def require(user: Any, action: Action, subject: Any = None, *, city: City | None = None) -> None:
    """Raises Forbidden, with the reason, unless `may`."""
    decision = may(user, action, subject, city=city)
    if not decision:
        raise Forbidden(decision.reason)


def parties(user: Any, item: Any, city: City | None) -> frozenset[str]:
    """What `user` is to an item of a docket: `city`, `owner`, `opener`; the docket grants its steps to these.

    Bodies are followed through their successions, areas to those inside them.
    """
    account, _ = _account(user)
    if account is None:
        return frozenset()
    role = Role(account.role)
    if role in (Role.CITY_ADMIN, Role.CITY_EDITOR):
        return frozenset({"city"})
    own = {
        Role.DEPARTMENT: {("body", id_) for id_ in _own_bodies(account, city)},
        Role.DISTRICT: {("area", id_) for id_ in _own_areas(account, city)},
    }.get(role, set())
    return frozenset(
        party
        for party in ("owner", "opener")
        if (getattr(item, f"{party}_kind", ""), getattr(item, f"{party}_id", "")) in own
    )


def opens_as(user: Any) -> tuple[str, str]:
    """As whom `user` opens an item: ("city", ""), or ("body" or "area", its id). Raises Forbidden for others."""
    require(user, Action.KEEP_ITEMS)
    account, _ = _account(user)
    assert account is not None
    role = Role(account.role)
    if role in (Role.CITY_ADMIN, Role.CITY_EDITOR):
        return "city", ""
    kind, id_ = ("body", account.body_id) if role is Role.DEPARTMENT else ("area", account.area_id)
    if not id_:
        raise Forbidden("账号没有对应的部门或地区，不能登记")
    return kind, id_


def reads_docket(user: Any, read_by: str) -> Decision:
    """Whether `user` may read a docket read by `everybody`, or by `offices`: all but those who report for a firm."""
    decision = may(user, Action.READ)
    account, _ = _account(user)
    if decision and read_by != "everybody" and account is not None and account.role == Role.RESPONDENT:
        return Decision(False, "这份清单只供各部门、各地区查看")
    return decision


def sees_all_of(user: Any, item: Any, city: City | None) -> bool:
    """Whether `user` may read what an item shows to its parties alone: the city, auditors, its owner and opener."""
    account, _ = _account(user)
    return account is not None and (account.role == Role.AUDITOR or bool(parties(user, item, city)))


def firm_areas(user: Any, city: City) -> frozenset[str] | None:
    """The areas whose firms `user` may read; None: all firms, also those whose area nobody knows.

    A district reads those of its own area, a department those of the area it works for. Raises Forbidden for
    everybody else.
    """
    require(user, Action.READ_FIRMS)
    account, _ = _account(user)
    assert account is not None
    if Action.READ_FIRMS in _EVERYWHERE[Role(account.role)]:
        return None
    body = city.bodies.get(account.body_id or "")
    of_body = body.area_id if body is not None and account.role == Role.DEPARTMENT else None
    own = inside({of_body}, city) if of_body else _own_areas(account, city)
    if not own:
        raise Forbidden("账号没有对应的地区，不能查看企业数据")
    return None if city.area_id in own else frozenset(own)


def returns_of(user: Any, city: City) -> Q | None:
    """Which returns `user` may read, as a filter of their rows; None: all of them.

    A respondent reads its own; an area those of respondents inside it, and its own. Raises Forbidden for others.
    """
    require(user, Action.READ_RETURNS)
    account, _ = _account(user)
    assert account is not None
    role = Role(account.role)
    if Action.READ_RETURNS in _EVERYWHERE[role]:
        return None
    kinds = {Role.RESPONDENT: ("firms", {account.respondent_id or ""}), Role.DEPARTMENT: ("bodies", set[str]())}
    if role is Role.DEPARTMENT:
        kinds[role] = ("bodies", _own_bodies(account, city))
    if role in kinds:
        kind, ids = kinds[role]
        return Q(respondent_kind=kind, respondent_id__in=ids)
    return Q(area_id__in=_own_areas(account, city))


def visible(user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows among `rows` that `user` may see: the same rules as `may`, for lists."""
    account, _ = _account(user)
    if account is None:
        return rows.none()
    role = Role(account.role)
    sees_all = role in {Role.CITY_ADMIN, Role.CITY_EDITOR, Role.AUDITOR}
    if rows.model is Account:
        return rows if role is Role.CITY_ADMIN else rows.filter(user=user)
    if sees_all:
        return rows
    if rows.model is Event:
        return rows.filter(actor=user.get_username())
    if rows.model is Claim:
        return rows.filter(state=ClaimState.ACCEPTED)
    if rows.model is Run:
        return rows.filter(actor=user.get_username())
    if rows.model is Comment:
        own = Q(actor=user.get_username())
        if account.body_id:
            own |= Q(body_id=account.body_id)
        if account.area_id:
            own |= Q(area_id=account.area_id)
        return rows.filter(own)
    return rows


_looked_up: ContextVar[dict[int, Account | None] | None] = ContextVar("accounts looked up", default=None)


@contextmanager
def looking_up_once() -> Iterator[None]:
    """Within this each account is looked up once. For reading a page, which asks a dozen times; never around a write,
    which must hear of a role that was taken away a moment ago.
    """
    if _looked_up.get() is not None:
        yield
        return
    token = _looked_up.set({})
    try:
        yield
    finally:
        _looked_up.reset(token)


def account_of(user: Any) -> Account | None:
    """The role and scope of a user, whether it may do anything or not."""
    known = _looked_up.get()
    if known is None:
        return Account.objects.filter(user_id=user.pk or 0).first()
    if user.pk not in known:
        known[user.pk] = Account.objects.filter(user_id=user.pk or 0).first()
    return known[user.pk]


def _account(user: Any) -> tuple[Account | None, str]:
    if user is None or not user.is_authenticated:
        return None, "请先登录"
    if not user.is_active:
        return None, "账号已停用"
    return account_of(user), "账号还没有角色，请联系市级管理员"


def _bodies_of(subject: Any) -> set[str]:
    several = getattr(subject, "body_ids", None) or ()
    return {body for body in (*several, getattr(subject, "body_id", None)) if body}


def areas_of_returns(user: Any, city: City) -> frozenset[str] | None:
    """The areas whose returns `user` may see added up; None: all of them.

    Raises Forbidden for those who read their own returns only: a total less one's own tells of the others.
    """
    require(user, Action.READ_RETURNS)
    account, _ = _account(user)
    assert account is not None
    if Action.READ_RETURNS in _EVERYWHERE[Role(account.role)]:
        return None
    if Role(account.role) is not Role.DISTRICT:
        raise Forbidden("只有各级审核单位可以查看汇总")
    return frozenset(_own_areas(account, city))


def own_returns(user: Any, city: City) -> Q:
    """The returns that `user` itself answers for, as a filter of their rows: the same rule as `Action.REPORT`."""
    account, _ = _account(user)
    kinds: dict[Role, tuple[str, set[str]]] = {}
    if account is not None:
        kinds = {
            Role.RESPONDENT: ("firms", {account.respondent_id or ""} - {""}),
            Role.DISTRICT: ("areas", _seats(account, city)), Role.DEPARTMENT: ("bodies", _own_bodies(account, city)),
        }  # fmt: skip
    kind, ids = kinds.get(Role(account.role), ("", set())) if account is not None else ("", set())
    return Q(respondent_kind=kind, respondent_id__in=ids) if ids else Q(pk__in=())


def _reports_for(account: Account, subject: Any, city: City | None) -> bool:
    """Whether the account is that of the respondent itself: not of what it belongs to, nor of what belongs to it."""
    kind, id_ = getattr(subject, "respondent_kind", ""), getattr(subject, "respondent_id", "")
    match Role(account.role):
        case Role.RESPONDENT:
            return bool(kind == "firms" and id_ and id_ == account.respondent_id)
        case Role.DISTRICT:
            return kind == "areas" and id_ in _seats(account, city)
        case Role.DEPARTMENT:
            return kind == "bodies" and id_ in _own_bodies(account, city)
    return False


def seats_of(user: Any, city: City) -> frozenset[str]:
    """The areas for which `user` decides on returns."""
    account, _ = _account(user)
    return frozenset(_seats(account, city) if account is not None else ())


def _seats(account: Account, city: City | None) -> set[str]:
    """The areas that the account itself speaks for: its own and those that report as it; the city's roles the city."""
    role = Role(account.role)
    if role in (Role.CITY_ADMIN, Role.CITY_EDITOR):
        own = city.area_id if city is not None else None
    else:
        own = account.area_id if role is Role.DISTRICT else None
    if own is None:
        return set()
    twins = {area.id for area in city.areas.values() if area.same_as_id == own} if city is not None else set()
    return {own, *twins}


def _own_bodies(account: Account, city: City | None) -> set[str]:
    """The account's body and, in a known city, every body that it succeeded."""
    if not account.body_id:
        return set()
    own = {account.body_id}
    if city is not None:
        grown = True
        while grown:
            before = {body.id for body in city.bodies.values() if own & set(body.successor_ids)}
            grown = not before <= own
            own |= before
    return own


def _own_areas(account: Account, city: City | None) -> set[str]:
    """The account's area and, in a known city, every area inside it or reporting as it."""
    if not account.area_id:
        return set()
    return {account.area_id} if city is None else inside({account.area_id}, city)


def inside(area_ids: set[str], city: City) -> set[str]:
    """The areas, those inside them, and those reporting as one of them."""
    own, grown = set(area_ids), True
    while grown:
        inside = {a.id for a in city.areas.values() if a.parent_id in own or a.same_as_id in own}
        grown = not inside <= own
        own |= inside
    return own
