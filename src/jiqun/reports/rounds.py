"""Pages of rounds: what waits for whom, which forms there are and what they cost, one round with who has done what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from jiqun.ledger import access
from jiqun.ledger.access import Action
from jiqun.model.errors import NotFound
from jiqun.model.periods import Period
from jiqun.packs.schema.forms import Form
from jiqun.records.deriving import is_derivable
from jiqun.records.growth import comparable_cells
from jiqun.records.models import Return, ReturnState, Round, RoundState, stands
from jiqun.records.projection import layout_of
from jiqun.records.transitions import Owner, out_of
from jiqun.reports.paging import Paging, cut
from jiqun.reports.targets import Option
from jiqun.reports.totals import may_see_totals
from jiqun.reports.view import Ref, View
from jiqun.statistics.layout import burden

PAGE = 50
LISTED = 20  # returns of one's own on the first page
GRAINS = {"month": "月报", "quarter": "季报", "half": "半年报", "year": "年报"}
CAME = (ReturnState.SUBMITTED, ReturnState.ACCEPTED, ReturnState.LOCKED)
PENDING = tuple(
    state for state in ReturnState if state != ReturnState.LOCKED
    and any(step.owner is Owner.RESPONDENT for step in out_of(state)) and state != ReturnState.SUBMITTED
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RoundRow:
    """`came_pct`: share of those who owe a return whose return has come; None where nobody owes one."""

    key: str
    form: Ref
    number: str
    period: str
    state: str
    is_open: bool
    opens_on: date
    due_on: date
    locks_on: date
    owing: int
    came: int
    accepted: int
    overdue: int
    to_decide: int
    is_invented: bool

    @property
    def came_pct(self) -> float | None:
        return 100 * self.came / self.owing if self.owing else None


@dataclass(frozen=True, slots=True)
class ReturnRow:
    key: str
    respondent_id: str
    code: str  # as readers know it: a firm's credit code, an area's division code, nothing for a body
    respondent: str
    area: Ref | None
    form: str
    period: str
    state: str
    state_label: str
    due_on: date
    is_overdue: bool
    is_late: bool
    turn: Ref | None
    turn_until: date | None
    first_submitted_on: date | None
    explained: int
    may_decide: bool = False


@dataclass(frozen=True, slots=True)
class FormRow:
    """`cells_a_year` is what one respondent is asked for in a year."""

    ref: Ref
    number: str
    issuer: Ref
    approval: str
    valid_until: date
    is_lapsed: bool
    is_invented: bool
    grain: str
    cells: int
    cells_a_year: int


@dataclass(frozen=True)
class RoundsPage:
    """`mine` are returns that wait for this reader to fill them in; `sees_all`: not only those it has a part in."""

    mine: tuple[ReturnRow, ...]
    mine_count: int
    rounds: tuple[RoundRow, ...]
    forms: tuple[FormRow, ...]
    may_run: bool
    sees_all: bool
    today: date


def rounds(view: View) -> RoundsPage:
    """Rounds of which the reader may read a return, the newest first; and the forms of the city."""
    seen = seen_by(view)
    mine = _own(view, seen)
    counts = _counts(seen, view)
    rows = stands(Round).order_by("-period_end", "form_id")
    if not (sees_all := access.returns_of(view.user, view.city) is None):
        rows = rows.filter(key__in=list(counts))
    return RoundsPage(
        mine=tuple(row_of(view, row) for row in mine[:LISTED]),
        mine_count=len(mine),
        rounds=tuple(_round_row(view, row, counts.get(row.key, {})) for row in rows),
        forms=tuple(_form_row(view, form) for form in view.city.forms.values()),
        may_run=bool(access.may(view.user, Action.RUN_ROUNDS)), sees_all=sees_all, today=view.today,
    )  # fmt: skip


def waiting(view: View) -> int:
    """How many returns wait for this reader: to be filled in by it, or to be decided on by its level."""
    if not access.may(view.user, Action.READ_RETURNS):
        return 0
    seen = seen_by(view)
    return len(_own(view, seen)) + seen.filter(_to_decide(view)).count()


@dataclass(frozen=True)
class RoundFilter:
    """`state` is one of `ReturnState`, or overdue, late, mine (waits for this reader's decision)."""

    state: str = ""
    area: str = ""
    q: str = ""


@dataclass(frozen=True, slots=True)
class AreaLine:
    """What of an area has come; `overdue` have not come though they were due, `late` came after the day."""

    area: Ref | None
    owing: int
    came: int
    accepted: int
    returned: int
    overdue: int
    late: int

    @property
    def came_pct(self) -> float:
        return 100 * self.came / self.owing if self.owing else 0.0


@dataclass(frozen=True)
class RoundPage:
    row: RoundRow
    form: FormRow
    filter: RoundFilter
    states: tuple[Option, ...]
    areas: tuple[AreaLine, ...]
    returns: tuple[ReturnRow, ...]
    paging: Paging
    may_run: bool
    may_decide: bool
    may_see_totals: bool
    may_compare: bool
    may_derive: bool
    is_locked: bool

    @property
    def has_parts(self) -> bool:
        """Whether a table by area says more than the list of returns."""
        return len(self.areas) > 1 and any(line.owing > 1 for line in self.areas)

    @property
    def may_choose(self) -> bool:
        """Whether something can be done with returns that are ticked."""
        return self.may_decide or (self.may_run and not self.is_locked)


def round_page(view: View, key: str, wanted: RoundFilter, page: int = 1) -> RoundPage:
    """One round: counts by state and area, and its returns. Raises NotFound for a round the reader has no part in."""
    round_ = stands(Round).filter(key=key).first()
    seen = seen_by(view).filter(round_key=key)
    if round_ is None or (access.returns_of(view.user, view.city) is not None and not seen.exists()):
        raise NotFound("没有这一期报表")
    grouped = list(_grouped(seen, view))
    fitting = _fitting(view, seen, wanted).order_by("respondent_id")
    shown, paging = cut(fitting, page, PAGE, _fitting_count(view, grouped, wanted))
    row = _round_row(view, round_, _summed(grouped))
    return RoundPage(
        row=row,
        form=_form_row(view, view.city.forms[round_.form_id]),
        filter=wanted,
        states=_states(grouped),
        areas=_areas(view, grouped),
        returns=tuple(row_of(view, each) for each in shown),
        paging=paging,
        may_run=bool(access.may(view.user, Action.RUN_ROUNDS)),
        may_decide=row.to_decide > 0,
        may_see_totals=may_see_totals(view, seen),
        may_compare=bool(comparable_cells(layout_of(round_, view.city))),
        may_derive=is_derivable(round_, view.city),
        is_locked=round_.state == RoundState.LOCKED,
    )


def seen_by(view: View) -> QuerySet[Any]:
    """The returns, as they stand, that the reader has a part in."""
    allowed = access.returns_of(view.user, view.city)
    rows = stands(Return)
    return rows if allowed is None else rows.filter(allowed)


def _own(view: View, seen: QuerySet[Any]) -> list[Return]:
    """Returns that this reader itself has to fill in, the most pressing first."""
    waiting = seen.filter(access.own_returns(view.user, view.city), state__in=(ReturnState.DUE, ReturnState.RETURNED))
    return list(waiting.order_by("due_on", "key"))


def _to_decide(view: View) -> Q:
    if not access.may(view.user, Action.DECIDE_RETURNS):
        return Q(pk__in=())
    seats = access.seats_of(view.user, view.city)
    return Q(state=ReturnState.SUBMITTED, turn_area_id__in=seats)


def overdue(view: View) -> Q:
    """Not answered by the day it was due."""
    return Q(state__in=PENDING, due_on__lt=view.today)


def late() -> Q:
    """Answered after the day it was due."""
    return Q(first_submitted_on__gt=F("due_on"))


def _grouped(seen: QuerySet[Any], view: View) -> Iterable[dict[str, Any]]:
    counted = {
        "n": Count("pk"), "overdue": Count("pk", filter=overdue(view)), "late": Count("pk", filter=late()),
        "turn": Count("pk", filter=_to_decide(view)),
    }  # fmt: skip
    grouped: Iterable[dict[str, Any]] = seen.order_by().values("round_key", "area_id", "state").annotate(**counted)
    return grouped


def _counts(seen: QuerySet[Any], view: View) -> dict[str, Mapping[str, int]]:
    """Counts by state, overdue, late and turn of each round."""
    by_round: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in _grouped(seen, view):
        by_round[line["round_key"]].append(line)
    return {key: _summed(lines) for key, lines in by_round.items()}


def _summed(lines: Iterable[Mapping[str, Any]]) -> Mapping[str, int]:
    found: dict[str, int] = defaultdict(int)
    for line in lines:
        found[line["state"]] += line["n"]
        for name in ("overdue", "late", "turn"):
            found[name] += line[name]
    return found


def _states(grouped: Sequence[Mapping[str, Any]]) -> tuple[Option, ...]:
    sums = _summed(grouped)
    found = [Option("mine", "待本级审核", sums["turn"])] if sums["turn"] else []
    found += [Option(state.value, str(state.label), sums[state.value]) for state in ReturnState if sums[state.value]]
    more = (("overdue", "逾期未报"), ("late", "迟报"))
    return (*found, *(Option(name, label, sums[name]) for name, label in more if sums[name]))


def _fitting(view: View, seen: QuerySet[Any], wanted: RoundFilter) -> QuerySet[Any]:
    special = {"overdue": overdue(view), "late": late(), "mine": _to_decide(view)}
    if wanted.state in special:
        seen = seen.filter(special[wanted.state])
    elif wanted.state:
        seen = seen.filter(state=wanted.state)
    if wanted.area == "none":
        seen = seen.filter(area_id="")
    elif wanted.area:
        seen = seen.filter(area_id__in=access.inside({wanted.area}, view.city))
    if wanted.q:
        seen = seen.filter(Q(respondent_name__icontains=wanted.q) | Q(respondent_id__icontains=wanted.q))
    return seen


def _fitting_count(view: View, grouped: Sequence[Mapping[str, Any]], wanted: RoundFilter) -> int | None:
    """How many `_fitting` finds, from what is counted already; None where that does not tell."""
    if wanted.q:
        return None
    areas = {""} if wanted.area == "none" else access.inside({wanted.area}, view.city) if wanted.area else None
    sums = _summed(line for line in grouped if areas is None or line["area_id"] in areas)
    if not wanted.state:
        return sum(sums[state] for state in ReturnState)
    named = {"mine": "turn", **{name: name for name in ("overdue", "late", *ReturnState.values)}}
    return sums[named[wanted.state]] if wanted.state in named else 0


def _areas(view: View, grouped: Sequence[Mapping[str, Any]]) -> tuple[AreaLine, ...]:
    """Areas directly under the city, in the folder's order; respondents whose area nobody knows come last."""
    by_area: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for line in grouped:
        by_area[_under_city(view, line["area_id"])].append(line)
    order = {area_id: at for at, area_id in enumerate(view.city.areas)}
    lines = []
    for area_id in sorted(by_area, key=lambda one: order.get(one, len(order))):
        sums = _summed(by_area[area_id])
        lines.append(AreaLine(
            view.names.area(area_id), sum(line["n"] for line in by_area[area_id]), sum(sums[s] for s in CAME),
            sums[ReturnState.ACCEPTED] + sums[ReturnState.LOCKED], sums[ReturnState.RETURNED], sums["overdue"],
            sums["late"],
        ))  # fmt: skip
    return tuple(lines)


def _under_city(view: View, area_id: str) -> str:
    """The area directly under the city that holds this one; itself where it holds the city, "" where it is unknown."""
    seen = area_id
    for _ in range(8):
        area = view.city.areas.get(seen)
        if area is None or area.parent_id in (None, view.city.area_id):
            break
        seen = area.parent_id
    return seen


def _round_row(view: View, row: Round, counts: Mapping[str, int]) -> RoundRow:
    form = view.city.forms[row.form_id]
    states = {state: counts.get(state.value, 0) for state in ReturnState}
    return RoundRow(
        key=row.key, form=Ref(form.id, form.name, form.name_en), number=form.number,
        period=Period.parse(row.period).label, state=str(RoundState(row.state).label),
        is_open=row.state == RoundState.OPEN, opens_on=row.opens_on, due_on=row.due_on, locks_on=row.locks_on,
        owing=sum(states.values()), came=sum(states[state] for state in CAME),
        accepted=states[ReturnState.ACCEPTED] + states[ReturnState.LOCKED], overdue=counts.get("overdue", 0),
        to_decide=counts.get("turn", 0), is_invented=form.is_invented,
    )  # fmt: skip


def code_of(view: View, row: Return) -> str:
    """The code that offices know a respondent by: a firm's, an area's of GB/T 2260; "" where the folder has none."""
    if row.respondent_kind == "firms":
        return row.respondent_id
    area = view.city.areas.get(row.respondent_id) if row.respondent_kind == "areas" else None
    return (area.code or "") if area is not None else ""


def row_of(view: View, row: Return) -> ReturnRow:
    """A return as lists show it."""
    form_id, period, _ = row.key.split("|", 2)
    form = view.city.forms.get(form_id)
    is_pending = row.state in PENDING
    return ReturnRow(
        key=row.key, respondent_id=row.respondent_id, code=code_of(view, row), respondent=row.respondent_name,
        area=view.names.area(row.area_id), form=form.name if form else form_id, period=Period.parse(period).label,
        state=row.state, state_label=str(ReturnState(row.state).label), due_on=row.due_on,
        is_overdue=is_pending and row.due_on < view.today, is_late=row.is_late,
        turn=view.names.area(row.turn_area_id), turn_until=row.turn_until, first_submitted_on=row.first_submitted_on,
        explained=row.explained,
        may_decide=row.state == ReturnState.SUBMITTED
        and bool(access.may(view.user, Action.DECIDE_RETURNS, row, city=view.city)),
    )  # fmt: skip


def _form_row(view: View, form: Form) -> FormRow:
    cost = burden(form, view.city, view.today)
    label = {"approved": "批准", "filed": "备案"}[form.approval]
    return FormRow(
        ref=Ref(form.id, form.name, form.name_en), number=form.number, issuer=view.names.body(form.issuer_id),
        approval=f"{form.approved_by}{label} {form.approval_number}".strip() if form.approval_number else "",
        valid_until=form.valid_until, is_lapsed=form.valid_until < view.today, is_invented=form.is_invented,
        grain=GRAINS[form.grain], cells=cost.cells, cells_a_year=cost.cells_a_year,
    )  # fmt: skip
