"""Returns: drafted and sent by their respondents, accepted or returned level by level; nobody writes another's figure.

Every verb here asks `ledger.access` itself, for the very return it is about: whichever page, table or command calls it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from jiqun.flows.faults import fault, refuse
from jiqun.ledger import access, chain, store
from jiqun.ledger.access import Action
from jiqun.model.errors import Conflict, NotFound
from jiqun.model.findings import Finding, Place, Severity
from jiqun.packs.schema.forms import Form
from jiqun.records import context
from jiqun.records.models import Draft, Return, ReturnState, Round, Submission, stands
from jiqun.records.projection import layout_of, questions_of
from jiqun.records.transitions import Step, next_level, transition
from jiqun.statistics import checks
from jiqun.statistics.answers import LONGEST_WORDS, Answers, read
from jiqun.statistics.checks import Outcome
from jiqun.statistics.layout import Layout
from jiqun.workspace import ZONE, Workspace


@dataclass(frozen=True)
class Filled:
    """What a respondent filled in: cell key → text, question → explanation, line of the foot → words."""

    cells: Mapping[str, str] = field(default_factory=dict)
    explanations: Mapping[str, str] = field(default_factory=dict)
    signed: Mapping[str, str] = field(default_factory=dict)


def save_draft(ws: Workspace, return_key: str, filled: Filled, *, user: Any, token: int) -> int:
    """The draft as it now is, by its new token; a draft is no event.

    `token` is that of the draft the writer began from, 0 for none. Raises Conflict where somebody else saved since,
    Forbidden for anybody but the respondent, InputRefused for cells that the form has not.
    """
    owed = return_of(return_key)
    access.require(user, Action.REPORT, owed, city=ws.city)
    _refuse_delivered(ws, owed)
    transition(Step.SUBMIT, owed.state)
    laid = layout_of(_round(owed), ws.city)
    findings = [f for f in read(laid, filled.cells, is_final=False).findings if f.code == "form.unknown_cell"]
    refuse([*findings, *too_long(filled)])
    said = {
        "cells": dict(filled.cells), "explanations": dict(filled.explanations), "signed": dict(filled.signed),
        "saved_by": user.get_username(), "saved_at": ws.clock(),
    }  # fmt: skip
    if token and Draft.objects.filter(key=return_key, token=token).update(token=F("token") + 1, **said):
        return token + 1
    if not token:
        try:
            with transaction.atomic():
                return Draft.objects.create(key=return_key, token=1, **said).token
        except IntegrityError:
            pass
    other = Draft.objects.filter(key=return_key).first()
    by = f"{other.saved_by} 已在 {other.saved_at.astimezone(ZONE):%m-%d %H:%M} 保存" if other else "草稿已被报送或撤销"
    raise Conflict(f"{by}，本页的改动没有保存；请先记下，重新打开本页核对后再填")


@dataclass(frozen=True)
class Examined:
    """A return as it would be sent: what is read, what the checks say, and what keeps it from being sent."""

    answers: Answers
    outcomes: tuple[Outcome, ...]
    findings: tuple[Finding, ...]

    @property
    def is_refused(self) -> bool:
        return any(finding.severity is Severity.ERROR for finding in self.findings)


def examine_return(ws: Workspace, owed: Return, filled: Filled) -> Examined:
    """What would be said of these answers if they were sent now; nothing is written."""
    round_ = _round(owed)
    laid = layout_of(round_, ws.city)
    answers = read(laid, filled.cells)
    asked = questions_of(round_, ws.city)
    beside = context.single(context.figures(round_, ws.city, asked, [owed.respondent_id]))
    heard = checks.outcomes(asked, {**answers.steps, **beside}, answers.cells)
    findings = [*answers.findings, *too_long(filled)]
    findings += [found for outcome in heard if (found := _of_outcome(outcome, filled.explanations))]
    return Examined(answers, heard, tuple(findings))


def _of_outcome(outcome: Outcome, explanations: Mapping[str, str]) -> Finding | None:
    """An error for what bars, and for what wants words it has not got; a note for what could not be asked."""
    question = outcome.question
    place = Place(cell=question.keys[0] if question.keys else "")
    if outcome.answer is None:
        return Finding("form.not_asked", Severity.NOTE, f"缺少数据，未能审核：{outcome.message}", place)
    if question.is_hard:
        return Finding("form.hard", Severity.ERROR, f"审核不通过：{outcome.message}", place, "请核对并改正数据")
    if not explanations.get(question.id, "").strip():
        return Finding("form.soft", Severity.ERROR, f"需要说明：{outcome.message}", place, "请核对；数据无误的写明原因")
    return Finding("form.explained", Severity.NOTE, f"已说明：{outcome.message}", place)


def submit_return(
    ws: Workspace, return_key: str, filled: Filled, *, user: Any, reason: str = "", version: int | None = None
) -> Return:
    """The return, sent on its way: one event with the submission and the step.

    After locking it is a revision, and needs a reason. Raises InputRefused with every finding where a cell cannot be
    read, a hard check fails or a soft one is not explained; Forbidden for anybody but the respondent; Conflict where
    it is not the respondent's turn, or `version` is no longer the return's.
    """
    owed = return_of(return_key, version)
    access.require(user, Action.REPORT, owed, city=ws.city)
    _refuse_delivered(ws, owed)
    step = transition(Step.SUBMIT, owed.state)
    _refuse_without(reason, step.needs_reason, "锁定之后的更正要写明理由")
    examined = examine_return(ws, owed, filled)
    if examined.is_refused:
        _refuse_all(examined)
    row = submission_of(ws, owed, layout_of(_round(owed), ws.city), examined, filled, origin="web")
    with store.recording("return.submitted", actor=user.get_username(), reason=reason, clock=ws.clock,
                         subject=owed) as entry:  # fmt: skip
        entry.put([row])
        changes = sent(ws, owed, _form_of(ws, owed), _version_of(row))
        fresh: Return = entry.change(owed, {**changes, "explained": len(row.explanations)})
        Draft.objects.filter(key=return_key).delete()
    return fresh


def _refuse_all(examined: Examined) -> None:
    refuse(sorted(examined.findings, key=lambda found: found.severity is not Severity.ERROR))


def submission_of(
    ws: Workspace, owed: Return, laid: Layout, examined: Examined, filled: Filled, *, origin: str
) -> Submission:
    """The row of a submission, not yet written. Soft failures stand in it beside their explanations."""
    failed = {each.question.id: each.message for each in examined.outcomes if each.answer is False}
    return Submission(
        key=owed.key, known_on=ws.today, round_key=owed.round_key, respondent_kind=owed.respondent_kind,
        respondent_id=owed.respondent_id, layout_digest=laid.digest,
        value_kind="revised" if owed.accepted_version else "preliminary",
        cells=chain.canonical(dict(examined.answers.cells)), steps=chain.canonical(dict(examined.answers.steps)),
        explanations={id_: filled.explanations[id_].strip() for id_ in failed if id_ in filled.explanations},
        findings=[{"id": id_, "message": message} for id_, message in failed.items()],
        signed={line: filled.signed.get(line, "") for line in laid.form.foot if filled.signed.get(line)},
        origin=origin,
    )  # fmt: skip


def _version_of(row: Submission) -> int:
    """The number the submission has, or has already where it says nothing new."""
    return row.version or stands(Submission).values_list("version", flat=True).get(key=row.key)


def sent(ws: Workspace, owed: Return, form: Form, version: int) -> dict[str, Any]:
    """What changes in a return that is sent."""
    after = transition(Step.SUBMIT, owed.state).after
    return {
        "state": after.value, "submission_version": version, "known_on": ws.today,
        "first_submitted_on": owed.first_submitted_on or ws.today, **_turn(form, owed, 0, ws.today),
    }  # fmt: skip


def _turn(form: Form, owed: Return, level: int, today: date) -> dict[str, Any]:
    """Whose turn it is when `level` levels are passed, and until when."""
    at = next_level(owed.path, level)
    if at == len(owed.path):
        return {"level": at, "turn_area_id": "", "turn_until": None}
    return {
        "level": at, "turn_area_id": owed.path[at], "turn_until": today + timedelta(days=form.levels[at].review_days),
    }  # fmt: skip


def accept_returns(ws: Workspace, keys: Sequence[str], *, user: Any, reason: str = "") -> int:
    """How many returns were passed on to the next level, or, at the highest, accepted: one event for all.

    All of them or none. Raises Forbidden where one does not wait for this person's level, Conflict where one waits
    for nobody's decision.
    """
    rows = _decided(ws, keys, user, Step.ACCEPT)
    with store.recording("return.accepted", actor=user.get_username(), reason=reason, clock=ws.clock,
                         subject=_subject(rows)) as entry:  # fmt: skip
        for changes, group in alike((row, _accepted(ws, row)) for row in rows):
            entry.change_all(group, changes)
    return len(rows)


def _accepted(ws: Workspace, owed: Return) -> dict[str, Any]:
    step = transition(Step.ACCEPT, owed.state)
    turn = _turn(_form_of(ws, owed), owed, owed.level + 1, ws.today)
    if turn["turn_area_id"] or step.on_last is None:
        return {"state": step.after.value, "known_on": ws.today, **turn}
    return {
        "state": step.on_last.value, "known_on": ws.today, "accepted_version": owed.submission_version, **turn,
    }  # fmt: skip


def give_back_returns(ws: Workspace, keys: Sequence[str], *, user: Any, reason: str) -> int:
    """How many returns go back to their respondents with the reason, which they read. Raises as `accept_returns`."""
    _refuse_without(reason, True, "退回要写明理由，填报单位会看到")
    rows = _decided(ws, keys, user, Step.RETURN)
    with store.recording("return.returned", actor=user.get_username(), reason=reason, clock=ws.clock,
                         subject=_subject(rows)) as entry:  # fmt: skip
        for changes, group in alike((row, _given_back(ws, row)) for row in rows):
            entry.change_all(group, changes)
    return len(rows)


def _given_back(ws: Workspace, owed: Return) -> dict[str, Any]:
    changes = {
        "state": transition(Step.RETURN, owed.state).after.value, "level": 0, "turn_area_id": "", "turn_until": None,
        "known_on": ws.today,
    }  # fmt: skip
    if owed.state == ReturnState.ACCEPTED:  # before locking it no longer counts; after it the published figure does
        changes["accepted_version"] = 0
    return changes


def recall_return(ws: Workspace, return_key: str, *, user: Any, reason: str, version: int | None = None) -> Return:
    """The return back with its respondent, before any level has decided on it. Raises Conflict once one has."""
    owed = return_of(return_key, version)
    access.require(user, Action.REPORT, owed, city=ws.city)
    step = transition(Step.RECALL, owed.state)
    _refuse_without(reason, step.needs_reason, "撤回要写明理由")
    if owed.level > next_level(owed.path, 0):
        raise Conflict("已有一级审核通过，不能撤回；请联系审核单位退回")
    changes = {"state": step.after.value, "level": 0, "turn_area_id": "", "turn_until": None, "known_on": ws.today}
    with store.recording("return.recalled", actor=user.get_username(), reason=reason, clock=ws.clock,
                         subject=owed) as entry:  # fmt: skip
        fresh: Return = entry.change(owed, changes)
    return fresh


@dataclass(frozen=True)
class _Seat:
    """What `access` asks of a decision: the area that takes it."""

    turn_area_id: str


def _decided(ws: Workspace, keys: Sequence[str], user: Any, step: Step) -> list[Return]:
    """The returns of these keys, each of which this person may decide on now."""
    found = store.current_by_key(Return, keys)
    if not found or len(found) < len(set(keys)):
        raise NotFound("没有这份报表")
    for state in {owed.state for owed in found.values()}:
        transition(step, state)
    for seat in sorted({_seat(owed) for owed in found.values()}):
        access.require(user, Action.DECIDE_RETURNS, _Seat(seat), city=ws.city)
    return list(found.values())


def _seat(owed: Return) -> str:
    """The area that decides on a return now: whose turn it is, or once it is accepted the highest."""
    if owed.state == ReturnState.SUBMITTED:
        return owed.turn_area_id
    return next((area for area in reversed(owed.path) if area), "")


def alike(steps: Iterable[tuple[Return, dict[str, Any]]]) -> Iterator[tuple[dict[str, Any], list[Return]]]:
    """Returns that change in the same way, together: a bulk decision writes thousands."""
    groups: dict[tuple[Any, ...], tuple[dict[str, Any], list[Return]]] = {}
    for row, changes in steps:
        groups.setdefault(tuple(sorted(changes.items())), (changes, []))[1].append(row)
    yield from groups.values()


def _subject(rows: Sequence[Return]) -> Return | tuple[str, str]:
    return rows[0] if len(rows) == 1 else ("round", rows[0].round_key)


def return_of(key: str, version: int | None = None) -> Return:
    """The return as it stands. Raises NotFound for none, Conflict where it is past `version`."""
    found: Return | None = stands(Return).filter(key=key).first()
    if found is None:
        raise NotFound("没有这份报表")
    if version is not None and found.version != version:
        raise Conflict("这份报表的状态刚有变化，请刷新后重试")
    return found


def _round(owed: Return) -> Round:
    found: Round = stands(Round).get(key=owed.round_key)
    return found


def _form_of(ws: Workspace, owed: Return) -> Form:
    return ws.city.forms[owed.round_key.partition("|")[0]]


def _refuse_delivered(ws: Workspace, owed: Return) -> None:
    asked = _form_of(ws, owed).respondents
    if asked.intake == "delivered":
        raise Conflict(f"这张报表在{asked.delivered_by}填报，请在那里更正后重新转入")


def _refuse_without(reason: str, is_needed: bool, message: str) -> None:
    refuse([fault("reason", message, "请填写理由")] if is_needed and not reason.strip() else [])


def too_long(filled: Filled) -> list[Finding]:
    """A finding where words are longer than the ledger keeps."""
    longest = max(map(len, (*filled.explanations.values(), *filled.signed.values())), default=0)
    return [fault("too_long", f"说明超过 {LONGEST_WORDS} 字", "请缩短")] if longest > LONGEST_WORDS else []
