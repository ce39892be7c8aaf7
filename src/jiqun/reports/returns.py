"""The page of one return: its grid to fill in or to decide on, what the checks ask, last period's figures, its way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from jiqun.ledger import access
from jiqun.ledger.access import Action
from jiqun.ledger.models import Event
from jiqun.model.errors import NotFound
from jiqun.model.findings import Finding, Severity
from jiqun.model.periods import Period
from jiqun.packs.schema.forms import Form, FormColumn
from jiqun.records.models import Draft, Return, ReturnState, Round, Submission, stands
from jiqun.records.projection import layout_of
from jiqun.records.transitions import Owner, Step, out_of
from jiqun.reports.rounds import ReturnRow, code_of, row_of
from jiqun.reports.view import Ref, View
from jiqun.statistics import calendar
from jiqun.statistics.checks import Outcome
from jiqun.statistics.grid import Heading
from jiqun.statistics.layout import Cell, Layout, Row

STEPS = {
    "return.submitted": "报送", "return.recalled": "撤回", "return.accepted": "通过", "return.returned": "退回",
    "round.opened": "布置", "round.locked": "锁定", "deadline.extended": "延期", "returns.delivered": "转入",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CellLine:
    """A cell as the page shows it. `before` is the same cell of the period before, `change_pct` the change from it."""

    key: str
    value: str
    unit: str
    is_number: bool
    is_required: bool
    choices: tuple[tuple[str, str], ...] = ()
    before: str = ""
    change_pct: Decimal | None = None
    was: str | None = None  # in the submission before this one, where it said otherwise
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class RowLine:
    """`cells` in the order of the columns; None where a column does not ask for the row."""

    row: Row
    cells: tuple[CellLine | None, ...]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A question of the checks that the answers fail: hard ones bar, soft ones want words."""

    id: str
    message: str
    is_hard: bool
    explanation: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A step on the return's way."""

    at: datetime
    label: str
    actor: str
    reason: str
    state: str
    event: int


@dataclass(frozen=True)
class Shown:
    """What a person just typed or sent up and has not saved: shown back instead of what is kept."""

    cells: Mapping[str, str]
    explanations: Mapping[str, str] = field(default_factory=dict)
    signed: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    is_checked: bool = False


@dataclass(frozen=True)
class ReturnPage:
    """`token` is the draft's; `general` are findings about no cell. `may_fill` and the rest are of this reader, now."""

    owed: ReturnRow
    version: int
    form: Form
    issuer: Ref
    period: str
    is_locked: bool
    columns: tuple[FormColumn, ...]
    groups: tuple[tuple[str, int], ...]
    rows: tuple[RowLine, ...]
    doubts: tuple[Doubt, ...]
    general: tuple[Finding, ...]
    signed: tuple[tuple[str, str], ...]
    token: int
    drafted: str
    may_fill: bool
    may_recall: bool
    may_decide: bool
    may_give_back: bool
    needs_reason: bool
    returned_for: str
    submission_version: int
    is_checked: bool
    before_label: str
    passages: tuple[Passage, ...]
    levels: tuple[tuple[str, bool], ...]


def return_page(view: View, key: str, shown: Shown | None = None) -> ReturnPage:
    """One return as this reader sees it. Raises NotFound for one that is not, or that the reader may not see."""
    owed = seen(view, key)
    round_ = stands(Round).get(key=owed.round_key)
    laid = layout_of(round_, view.city)
    filling = may_fill(view, owed)
    draft = Draft.objects.filter(key=key).first() if filling else None
    sent = _submission(owed, owed.submission_version)
    said = shown or _kept(draft, sent)
    doubts = _doubts(said, sent, is_fresh=shown is not None or draft is not None)
    passages = tuple(_passages(owed))
    findings = _by_cell(said.findings)
    earlier = _submission(owed, owed.submission_version - 1) if owed.submission_version > 1 else None
    previous = _before(owed, laid.form)
    return ReturnPage(
        owed=row_of(view, owed), version=owed.version, form=laid.form, issuer=view.names.body(laid.form.issuer_id),
        period=Period.parse(round_.period).label, is_locked=owed.state == ReturnState.LOCKED,
        columns=laid.columns, groups=_groups(laid),
        rows=_rows(laid, said.cells, previous, {} if filling or earlier is None else earlier.printed, findings,
                   is_compared=earlier is not None and not filling),
        doubts=doubts, general=tuple(f for f in said.findings if f.place.cell not in laid.by_key),
        signed=tuple((line, said.signed.get(line, "")) for line in laid.form.foot),
        token=draft.token if draft else 0,
        drafted=f"{draft.saved_by} {draft.saved_at.astimezone():%m-%d %H:%M}" if draft else "",
        may_fill=filling, may_recall=_may_recall(view, owed),
        may_decide=row_of(view, owed).may_decide, may_give_back=_may_give_back(view, owed),
        needs_reason=any(step.step is Step.SUBMIT and step.needs_reason for step in out_of(owed.state)),
        returned_for=next((p.reason for p in reversed(passages) if p.label == "退回"), "")
        if owed.state == ReturnState.RETURNED else "",
        submission_version=owed.submission_version, is_checked=said.is_checked,
        before_label=_before_label(laid.form, round_), passages=passages, levels=_levels(view, owed, laid.form),
    )  # fmt: skip


def seen(view: View, key: str) -> Return:
    """The return as it stands, where this reader may read it; else NotFound, as for one that does not exist."""
    rows = stands(Return).filter(key=key)
    allowed = access.returns_of(view.user, view.city)
    found: Return | None = (rows if allowed is None else rows.filter(allowed)).first()
    if found is None:
        raise NotFound("没有这份报表")
    return found


def heading(view: View, owed: Return, form: Form) -> Heading:
    """What stands above the return's printed grid."""
    period = Period.parse(owed.key.split("|", 2)[1])
    return Heading(code_of(view, owed), owed.respondent_name, period, view.names.body(form.issuer_id).name)


def kept_cells(owed: Return, *, with_draft: bool) -> Mapping[str, str]:
    """The cells of the draft where there is one and it may be seen, else of the last submission."""
    draft = Draft.objects.filter(key=owed.key).first() if with_draft else None
    return _kept(draft, _submission(owed, owed.submission_version)).cells


def may_fill(view: View, owed: Return) -> bool:
    """Whether this reader may fill the return in now, on this platform."""
    is_turn = any(step.step is Step.SUBMIT for step in out_of(owed.state))
    form = view.city.forms[owed.round_key.partition("|")[0]]
    is_own = bool(access.may(view.user, Action.REPORT, owed, city=view.city))
    return is_turn and is_own and form.respondents.intake == "direct"


def _kept(draft: Draft | None, sent: Submission | None) -> Shown:
    if draft is not None:
        return Shown(draft.cells, draft.explanations, draft.signed)
    return Shown(sent.printed, sent.explanations, sent.signed) if sent is not None else Shown({})


def _submission(owed: Return, version: int) -> Submission | None:
    found: Submission | None = Submission.objects.filter(key=owed.key, version=version).first() if version else None
    return found


def _before(owed: Return, form: Form) -> Submission | None:
    """What the same respondent sent for the period before."""
    form_id, period, respondent = owed.key.split("|", 2)
    earlier = calendar.period_before(form, Period.parse(period))
    found: Submission | None = stands(Submission).filter(key=f"{form_id}|{earlier}|{respondent}").first()
    return found


def _before_label(form: Form, round_: Round) -> str:
    earlier = calendar.period_before(form, Period.parse(round_.period))
    return earlier.label if earlier else ""


def _doubts(said: Shown, sent: Submission | None, *, is_fresh: bool) -> tuple[Doubt, ...]:
    """What the checks ask of the answers on the page; of a submission, what they asked when it was sent."""
    if said.is_checked:
        return tuple(
            Doubt(one.question.id, one.message, one.question.is_hard, said.explanations.get(one.question.id, ""))
            for one in said.outcomes
            if one.answer is False
        )
    if sent is None:
        return ()
    told = said.explanations if is_fresh else sent.explanations
    return tuple(Doubt(one["id"], one["message"], False, told.get(one["id"], "")) for one in sent.findings)


def _by_cell(findings: Sequence[Finding]) -> Mapping[str, tuple[Finding, ...]]:
    found: dict[str, list[Finding]] = {}
    for one in findings:
        if one.severity is not Severity.NOTE:
            found.setdefault(one.place.cell, []).append(one)
    return {key: tuple(several) for key, several in found.items()}


def _groups(laid: Layout) -> tuple[tuple[str, int], ...]:
    """Heads over several columns with how many each spans; none where no column has one."""
    found: list[tuple[str, int]] = []
    for column in laid.columns:
        if found and column.group and found[-1][0] == column.group:
            found[-1] = (column.group, found[-1][1] + 1)
        else:
            found.append((column.group, 1))
    return tuple(found) if any(name for name, _ in found) else ()


def _rows(
    laid: Layout, said: Mapping[str, str], previous: Submission | None, earlier: Mapping[str, str],
    findings: Mapping[str, tuple[Finding, ...]], *, is_compared: bool,
) -> tuple[RowLine, ...]:  # fmt: skip
    before = previous.printed if previous is not None else {}
    at = {(cell.row.number, cell.column): cell for cell in laid.cells}

    def line(cell: Cell | None) -> CellLine | None:
        if cell is None:
            return None
        value, last = said.get(cell.key, ""), before.get(cell.key, "")
        other = earlier.get(cell.key, "")
        return CellLine(
            cell.key, value, cell.unit, cell.is_number, cell.is_required, tuple(cell.field.values.items()),
            last, _change(value, last) if cell.is_number else None,
            other if is_compared and other != value else None, findings.get(cell.key, ()),
        )  # fmt: skip

    return tuple(
        RowLine(row, tuple(line(at.get((row.number, column.kind))) for column in laid.columns)) for row in laid.rows
    )


def _change(value: str, last: str) -> Decimal | None:
    """The change in percent at one place; None without two plain numbers or from a base that is not positive."""
    try:
        now, then = Decimal(value), Decimal(last)
    except ArithmeticError:
        return None
    if not now.is_finite() or not then.is_finite() or then <= 0:
        return None
    return ((now / then - 1) * 100).quantize(Decimal("0.1"))


def _passages(owed: Return) -> list[Passage]:
    versions = Return.objects.filter(key=owed.key).order_by("version").select_related("event")
    found = []
    for row in versions:
        event: Event = row.event
        label = STEPS.get(event.action, event.action)
        state = str(ReturnState(row.state).label)
        found.append(Passage(event.recorded_at, label, event.actor, event.reason, state, event.sequence))
    return found


def _levels(view: View, owed: Return, form: Form) -> tuple[tuple[str, bool], ...]:
    """The areas that decide, from the lowest, each with whether it has."""
    found = []
    passed = owed.level if owed.state in (ReturnState.SUBMITTED, ReturnState.ACCEPTED, ReturnState.LOCKED) else 0
    for at, (level, area_id) in enumerate(zip(form.levels, owed.path, strict=False)):
        area = view.names.area(area_id)
        if area is not None:
            found.append((f"{area.name}（{level.name}）", at < passed))
    return tuple(found)


def _may_recall(view: View, owed: Return) -> bool:
    is_turn = any(step.step is Step.RECALL for step in out_of(owed.state))
    return is_turn and bool(access.may(view.user, Action.REPORT, owed, city=view.city))


def _may_give_back(view: View, owed: Return) -> bool:
    """Whether this reader's level may return it: the one whose turn it is, and the highest once it is through."""
    if not any(step.step is Step.RETURN and step.owner is Owner.LEVEL for step in out_of(owed.state)):
        return False
    seats = access.seats_of(view.user, view.city)
    highest = next((area for area in reversed(owed.path) if area), "")
    return (owed.turn_area_id if owed.state == ReturnState.SUBMITTED else highest) in seats
