"""The demo's returns: two years of invented rounds, played through the verbs that people use, each on its day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from jiqun.flows.accounts import add_user
from jiqun.flows.publishing import publish_round
from jiqun.flows.returns import Filled, accept_returns, give_back_returns, save_draft, submit_return
from jiqun.flows.rounds import lock_round, open_round
from jiqun.ledger.models import Role
from jiqun.model.errors import Conflict, InputRefused
from jiqun.model.periods import Period
from jiqun.packs.schema.forms import Form
from jiqun.packs.schema.invented_returns import Happening
from jiqun.records.models import Return, ReturnState, Round, stands
from jiqun.records.projection import layout_of, questions_of
from jiqun.statistics import calendar
from jiqun.statistics.answers import printed
from jiqun.statistics.invented import Draws
from jiqun.statistics.layout import layout
from jiqun.statistics.levels import respondents
from jiqun.workspace import Workspace

MARK = "演示数据"
_DAY = "日期"  # how a line of a form's foot ends that asks for a day: 报出日期
REVIEWER = "demo_statistics"
_PREFIX = "demo_"
_REVIEWED = 2  # days after it is due that a round is decided on, and after that published as preliminary
_MENDED = 4  # days after that what was given back is sent again, and decided on


@dataclass(frozen=True)
class _Step:
    """Something done at an hour of a day; `order` keeps apart what falls into one hour."""

    day: date
    hour: int
    order: int
    do: Callable[[Workspace], object]


def play_returns(ws: Workspace, until: date, *, actor: str) -> int:
    """How many rounds of invented returns stand: played whole up to a day in one transaction, or found played already.

    Each area answers from an account of its own (`demo_` and its id), the city decides from `demo_statistics`; nobody
    can log in to them until an administrator resets their passwords. A workspace that has rounds is left as it is.
    """
    plan = ws.city.invented_returns
    if plan is None or stands(Round).exists():
        return stands(Round).count()
    with transaction.atomic():
        first = min(Period.parse(said.first).end for said in plan.rounds.values())
        players = [_Player(on_day(ws, first, 0), form_id, actor) for form_id in plan.rounds]
        steps = sorted(
            (step for player in players for step in player.steps() if step.day <= until),
            key=lambda step: (step.day, step.hour, step.order),
        )
        for step in steps:
            step.do(on_day(ws, step.day, step.hour))
    return stands(Round).count()


def on_day(ws: Workspace, day: date, hour: int) -> Workspace:
    """The workspace with its clock at an hour (UTC) of a day."""
    moment = datetime.combine(day, time(hour), UTC)
    return replace(ws, clock=lambda: moment)


def account_of(area_id: str) -> str:
    """The name of an area's demo account."""
    return f"{_PREFIX}{area_id}"


class _Player:
    """The rounds of one form, with the accounts that fill them in."""

    def __init__(self, ws: Workspace, form_id: str, actor: str) -> None:
        assert ws.city.invented_returns is not None
        self.plan = ws.city.invented_returns
        self.form: Form = ws.city.forms[form_id]
        self.said = self.plan.rounds[form_id]
        self.actor = actor
        owing = respondents(self.form, ws.city, ws.today)
        self.draws = Draws(ws.city, self.plan, form_id, tuple(each.id for each in owing))
        self.users = {id_: player(ws, account_of(id_), Role.DISTRICT, actor, id_) for id_ in self.draws.area_ids}
        self.reviewer = player(ws, REVIEWER, Role.CITY_EDITOR, actor)
        self.happenings = {(each.period, each.area_id): each for each in self.said.happenings}

    def steps(self) -> Iterator[_Step]:
        period, last = Period.parse(self.said.first), Period.parse(self.said.last)
        while period.end <= last.end:
            yield from self._round(period)
            months = period.last - period.first + 1
            year, first = (period.year, period.last + 1) if period.last < 12 else (period.year + 1, 1)
            period = Period(year, first, first + months - 1)

    def _round(self, period: Period) -> Iterator[_Step]:
        days, key = calendar.dates(self.form, period), f"{self.form.id}|{period}"
        yield _Step(days.opens_on, 1, 0, lambda ws: self._open(ws, period))
        for order, area_id in enumerate(self.draws.area_ids):
            yield from self._return(period, area_id, order)
        decided = days.due_on + timedelta(days=_REVIEWED)
        mended = decided + timedelta(days=_MENDED)
        for day in (decided, mended):
            yield _Step(day, 6, 0, lambda ws: self._accept(ws, key))
        yield _Step(decided, 7, 0, lambda ws: self._publish(ws, period))
        yield _Step(days.locks_on, 1, 0, lambda ws: lock_round(ws, key, actor=self.actor, reason=MARK))
        yield _Step(days.locks_on, 2, 0, lambda ws: self._publish(ws, period))

    def _return(self, period: Period, area_id: str, order: int) -> Iterator[_Step]:
        """What one area does in a round, and what is done with it."""
        days, happens = calendar.dates(self.form, period), self.happenings.get((str(period), area_id))
        span = max((days.due_on - days.opens_on).days, 1)
        day = days.opens_on + timedelta(days=(order * 7 + period.last * 3) % span)
        mended = days.due_on + timedelta(days=_REVIEWED + _MENDED)

        def send(ws: Workspace, wrong: bool = False, reason: str = "") -> None:
            self._send(ws, period, area_id, happens, wrong=wrong, reason=reason)

        kind = happens.kind if happens else None
        if kind == "missing":
            return
        if kind == "late" and happens:
            yield _Step(days.due_on + timedelta(days=happens.days), 3, order, send)
        elif kind in ("unit_slip", "copied"):
            yield _Step(day, 3, order, lambda ws: send(ws, wrong=True))
            given_back = days.due_on + timedelta(days=_REVIEWED)
            yield _Step(given_back, 5, order, lambda ws: self._give_back(ws, period, area_id, kind))
            yield _Step(mended, 3, order, send)
        elif kind in ("negative", "impossible"):
            yield _Step(day, 3, order, lambda ws: self._refused(ws, period, area_id, happens))
            yield _Step(day, 4, order, send)
        elif kind == "revised" and happens:
            after = days.locks_on + timedelta(days=happens.days)
            key = f"{self.form.id}|{period}"
            yield _Step(day, 3, order, lambda ws: send(ws, wrong=True))
            yield _Step(after, 3, order, lambda ws: send(ws, reason=happens.words))
            yield _Step(after, 4, order, lambda ws: self._accept(ws, key))
            yield _Step(after, 5, order, lambda ws: lock_round(ws, key, actor=self.actor, reason=MARK))
            yield _Step(after, 6, order, lambda ws: self._publish(ws, period))
        else:
            yield _Step(day, 3, order, lambda ws: send(ws, wrong=kind == "explained"))

    # --- the verbs, each as its person would call it

    def _open(self, ws: Workspace, period: Period) -> None:
        open_round(ws, self.form.id, str(period), actor=self.actor, reason=MARK)

    def _publish(self, ws: Workspace, period: Period) -> None:
        """The round's totals in the ledger, with a reason that says which of them equal a published figure."""
        laid = layout(self.form, ws.city, period.end)
        equal = [
            f"{basis.field.printed_name(ws.city.indicators)}（{basis.period.label}）合计等于公布数 {basis.figure.value}"
            for basis in self.draws.basis(laid, period)
            if basis.figure
        ]
        told = f"{'；'.join(equal)}；其余为插补" if equal else "本期没有公布数，全部为插补"
        publish_round(ws, f"{self.form.id}|{period}", actor=self.actor, reason=f"{MARK}：{told}")

    def _accept(self, ws: Workspace, key: str) -> None:
        waiting = stands(Return).filter(round_key=key, state=ReturnState.SUBMITTED)
        if keys := list(waiting.values_list("key", flat=True)):
            accept_returns(ws, keys, user=self.reviewer, reason=MARK)

    def _give_back(self, ws: Workspace, period: Period, area_id: str, kind: str) -> None:
        why = {"unit_slip": "数值与上月相差悬殊，请核对计量单位", "copied": "与上月完全相同，请按本月台账重报"}[kind]
        key = f"{self.form.id}|{period}|{area_id}"
        give_back_returns(ws, [key], user=self.reviewer, reason=f"（{MARK}）{why}")

    def _send(
        self, ws: Workspace, period: Period, area_id: str, happens: Happening | None, *, wrong: bool, reason: str
    ) -> None:
        filled = self._filled(ws, period, area_id, happens if wrong else None, happens.words if happens else "")
        submit_return(ws, f"{self.form.id}|{period}|{area_id}", filled, user=self.users[area_id], reason=reason)

    def _refused(self, ws: Workspace, period: Period, area_id: str, happens: Happening | None) -> None:
        """Answers that the form refuses: kept as a draft, and the respondent is told why."""
        key, filled = f"{self.form.id}|{period}|{area_id}", self._filled(ws, period, area_id, happens, "")
        save_draft(ws, key, filled, user=self.users[area_id], token=0)
        try:
            with transaction.atomic():
                submit_return(ws, key, filled, user=self.users[area_id])
        except InputRefused:
            return
        raise Conflict(f"{key}：invented_returns.yaml 说它会被拒收，却收下了")

    def _filled(self, ws: Workspace, period: Period, area_id: str, wrong: Happening | None, words: str) -> Filled:
        round_ = stands(Round).get(key=f"{self.form.id}|{period}")
        laid = layout_of(round_, ws.city)
        cells = self.draws.cells(laid, period, area_id)
        if wrong is not None and wrong.kind == "copied":
            before = calendar.period_before(self.form, period)
            assert before is not None
            copied = self.draws.cells(laid, before, area_id)
            cells |= {key: copied[key] for key in copied if key.endswith("@current")}
        elif wrong is not None:
            cells |= _spoilt(cells, {key: cell.digits for key, cell in laid.by_key.items()}, wrong)
        asked = [question.id for question in questions_of(round_, ws.city) if not question.is_hard]
        explanations = dict.fromkeys(asked, words or self.plan.words)
        foot = {line: ws.today.isoformat() if line.endswith(_DAY) else MARK for line in self.form.foot}
        return Filled(cells, explanations, foot)


def _spoilt(cells: Mapping[str, str], digits: Mapping[str, int], happens: Happening) -> dict[str, str]:
    """The cells of the fields named, and of their parts, with the wrong sign or size."""
    factor = Decimal(-1) if happens.kind == "negative" else Decimal(str(happens.factor))
    found = {}
    for key, text in cells.items():
        field_id = key.partition("@")[0].partition(":")[0]
        is_asked = key.endswith("@current") or happens.kind != "explained"
        if field_id in happens.fields and is_asked:
            steps = Decimal(text) * factor * 10 ** digits[key]
            found[key] = printed(int(steps.to_integral_value()), digits[key])
    return found


def player(
    ws: Workspace, name: str, role: Role, actor: str, area_id: str | None = None, body_id: str | None = None
) -> Any:
    """The account of that name, made where there is none; nobody can log in to it until its password is reset."""
    users = get_user_model().objects
    if not users.filter(username=name).exists():
        add_user(ws, name, role, actor=actor, area_id=area_id, body_id=body_id, password="")
    return users.get(username=name)
