"""Returns filed on another platform by their respondents, taken over whole from its export.

Only forms that the folder declares `delivered` come this way, and only this way: nothing that a respondent files here
can be written by a table, and nothing filed there can be typed here.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from jiqun import tables
from jiqun.flows import returns
from jiqun.flows.faults import fault, refuse
from jiqun.flows.returns import Examined, Filled
from jiqun.flows.rounds import round_of
from jiqun.ledger import access, chain, store
from jiqun.ledger.access import Action
from jiqun.model.errors import Conflict, InputRefused
from jiqun.model.findings import Finding, Place, Severity
from jiqun.model.numerals import fold
from jiqun.records import context
from jiqun.records.models import Return, ReturnState, Round, Submission, stands
from jiqun.records.projection import layout_of, questions_of
from jiqun.records.transitions import Step, out_of
from jiqun.statistics.answers import Answers, read
from jiqun.statistics.checking import KEY, Heard, hear
from jiqun.statistics.checks import Outcome, Question
from jiqun.statistics.layout import Layout
from jiqun.tables.workbook import Printed, Stored, shown
from jiqun.workspace import Workspace

CODE_HEADS = ("respondent_id", "统一社会信用代码", "社会信用代码", "单位代码", "区划代码", "机构代码")
WORDS_HEADS = ("说明", "审核说明", "情况说明")  # words to whatever soft check fails; 说明：jump to that one alone
_MOST_TOLD = 200  # findings of one file; the rest are counted


@dataclass(frozen=True)
class Delivered:
    """How many returns came in as new or corrected, how many were there already, how many the export lacks.

    `unexplained` counts those that fail a soft check for which the export has no words, which their reviewers see;
    `unknown` says of how many each check could not be asked.
    """

    written: int
    unchanged: int
    absent: int
    unexplained: int
    unknown: Mapping[str, int]


@dataclass(frozen=True)
class Line:
    """One row of an export; `said`: soft question → the respondent's words to it."""

    place: Place
    respondent_id: str
    filled: Mapping[str, str]
    said: Mapping[str, str]


def deliver_returns(
    ws: Workspace, round_key: str, export: Path | bytes, *, user: Any, reason: str = "", name: str = ""
) -> Delivered:
    """The platform's export of a round taken over: one event for all of its returns.

    Its head names the respondent's code and the cells (by key, by row code where the form has one column, or by
    printed name), and may name words to the soft checks (`WORDS_HEADS`). Raises Forbidden for people who may not
    import, Conflict for a form that is filed here, InputRefused with the findings of all rows where one cannot be
    read, is nobody's, or fails a hard check; then nothing is written.
    """
    access.require(user, Action.IMPORT)
    round_ = round_of(round_key)
    if ws.city.forms[round_.form_id].respondents.intake != "delivered":
        raise Conflict("这张报表由填报单位在本系统填报，不能批量导入")
    book = tables.read(export, name or None)
    with _uncollected():
        return _delivered(ws, round_, book, user, reason)


def _delivered(ws: Workspace, round_: Round, book: tables.Workbook, user: Any, reason: str) -> Delivered:
    laid = layout_of(round_, ws.city)
    asked = [each for each in questions_of(round_, ws.city) if not each.is_hard]
    lines = _lines(book.sheets[0].grid, Place(book.name, sheet=book.sheets[0].name), laid, asked)
    owing = {row.respondent_id: row for row in stands(Return).filter(round_key=round_.key)}
    answers, findings = _read(lines, laid, owing)
    fresh, stuck = _news(round_, lines, answers, owing)
    findings += stuck
    heard = _heard(ws, round_, answers, [line.respondent_id for line in fresh])
    failed, barred = _failures(heard, {line.respondent_id: line for line in fresh})
    findings += barred
    refuse(_few(findings))
    _refuse_revision(reason, [owing[line.respondent_id] for line in fresh])
    _write(ws, round_, user, reason, [
        (owing[line.respondent_id], answers[line.respondent_id], failed.get(line.respondent_id, []), line.said)
        for line in fresh
    ], f"delivered:{book.digest}")  # fmt: skip
    unexplained = sum(any(question.id not in line.said for question in failed.get(line.respondent_id, ()))
                      for line in fresh)  # fmt: skip
    return Delivered(len(fresh), len(lines) - len(fresh), len(owing) - len(lines), unexplained, heard.unknown())


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without looking for cycles meanwhile: a million small objects that live to the end cost a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


# ── reading


def _lines(grid: Sequence[Sequence[Stored]], place: Place, laid: Layout, asked: Sequence[Question]) -> list[Line]:
    """The rows under the head, which is the first row that names the respondent's code."""
    texts = ([_text(stored).strip() for stored in row] for row in grid)
    at, heads = next(((at, row) for at, row in enumerate(texts) if set(row) & set(CODE_HEADS)), (0, []))
    if not heads:
        raise InputRefused(
            [fault("head", "没有找到表头", f"表头要有“{CODE_HEADS[1]}”和各指标", place=Place(place.file))]
        )
    known = _names(laid)
    keys = {index: known[_folded(head)] for index, head in enumerate(heads) if _folded(head) in known}
    code = next(index for index, head in enumerate(heads) if head in CODE_HEADS)
    if not keys:
        raise InputRefused(
            [fault("head", "表头里没有本表的指标", "用代码、指标名称或格的编号作表头", place=Place(place.file))]
        )
    words = _words(heads, asked)
    lines = []
    for number, row in enumerate(grid[at + 1 :], at + 2):
        id_ = _text(row[code]).strip() if code < len(row) else ""
        filled = {key: text for index, key in keys.items() if index < len(row) and (text := _text(row[index]))}
        if id_ or filled:
            said = {id: text for index, ids in words if index < len(row) and (text := _text(row[index]).strip())
                    for id in ids}  # fmt: skip
            lines.append(Line(replace(place, line=number), id_, filled, said))
    return lines


def _words(heads: Sequence[str], asked: Sequence[Question]) -> list[tuple[int, tuple[str, ...]]]:
    """Each column of words with the questions that it answers; those to one question come last and so hold."""
    every = tuple(question.id for question in asked)
    general = [(index, every) for index, head in enumerate(heads) if head in WORDS_HEADS]
    named = {_folded(f"{WORDS_HEADS[0]}:{name}"): (question.id,)
             for question in asked for name in (question.id, Outcome(question, False).message)}  # fmt: skip
    return [*general, *((index, named[_folded(head)]) for index, head in enumerate(heads) if _folded(head) in named)]


def _text(stored: Stored) -> str:
    if type(stored) is str:  # of a csv all are
        return stored
    return stored.text if isinstance(stored, Printed) else shown(stored)


def _names(laid: Layout) -> dict[str, str]:
    """What a head may say → the cell it means; a word that two cells share means neither."""
    found: dict[str, set[str]] = {}
    printed = {column.kind: column.name for column in laid.columns}
    for cell in laid.cells:
        words = {cell.key, f"{cell.row.code}@{cell.column}", f"{cell.row.name}（{printed[cell.column]}）"}
        if len(laid.columns) == 1:
            words |= {cell.row.code, cell.row.name, cell.row.key}
        for word in words:
            found.setdefault(_folded(word), set()).add(cell.key)
    return {word: next(iter(keys)) for word, keys in found.items() if len(keys) == 1}


def _folded(text: str) -> str:
    return fold(text).replace(" ", "").lower()


def _read(lines: Sequence[Line], laid: Layout, owing: Mapping[str, Return]) -> tuple[dict[str, Answers], list[Finding]]:
    """Each respondent's answers, and what is wrong with the rows."""
    found: dict[str, Answers] = {}
    findings: list[Finding] = []
    for line in lines:
        if line.respondent_id not in owing:
            findings.append(fault("respondent", f"“{line.respondent_id}”不是本期的填报对象", "核对代码，或删去这一行",
                                  place=line.place))  # fmt: skip
        elif line.respondent_id in found:
            findings.append(fault("twice", f"“{line.respondent_id}”出现两次", "每个单位留一行", place=line.place))
        else:
            answers = found[line.respondent_id] = read(laid, line.filled)
            findings += [replace(f, place=replace(line.place, cell=f.place.cell)) for f in answers.findings]
            findings += [replace(f, place=line.place) for f in returns.too_long(Filled(explanations=line.said))]
    return found, findings


def _news(
    round_: Round, lines: Sequence[Line], answers: Mapping[str, Answers], owing: Mapping[str, Return]
) -> tuple[list[Line], list[Finding]]:
    """The rows that say something new, and a finding for each that cannot come in now."""
    names = ("respondent_id", "version", "cells", "findings", "explanations")
    stored = {id_: rest for id_, *rest in stands(Submission).filter(round_key=round_.key).values_list(*names)}
    fresh: list[Line] = []
    stuck: list[Finding] = []
    for line in lines:
        row = owing.get(line.respondent_id)
        if row is None:
            continue
        version, cells, asked, words = stored.get(line.respondent_id, (0, "", (), {}))
        offered = {each["id"]: line.said[each["id"]] for each in asked if each["id"] in line.said}
        is_same = cells == chain.canonical(dict(answers[line.respondent_id].cells)) and offered.items() <= words.items()
        if is_same and version == _counting(row):
            continue
        if any(each.step is Step.SUBMIT for each in out_of(row.state)):
            fresh.append(line)
        else:
            message = f"{row.respondent_name}的报表{ReturnState(row.state).label}，更正要等它被退回或锁定之后"
            stuck.append(fault("state", message, "先退回，或从文件中删去这一行", place=line.place))
    return fresh, stuck


def _counting(row: Return) -> int | None:
    """The submission that is on its way or has come through; None where the respondent is to send one: what was
    recalled or given back is sent again by the same figures."""
    if row.state == ReturnState.SUBMITTED:
        return row.submission_version
    return row.accepted_version if row.state in (ReturnState.ACCEPTED, ReturnState.LOCKED) else None


# ── checking


def _heard(ws: Workspace, round_: Round, answers: Mapping[str, Answers], ids: Sequence[str]) -> Heard:
    laid, asked = layout_of(round_, ws.city), questions_of(round_, ws.city)
    columns: dict[str, list[Any]] = {KEY: list(ids)}
    schema: dict[str, Any] = {KEY: pl.String}
    for cell in laid.cells:
        columns[cell.key] = [(a.steps if cell.is_number else a.cells).get(cell.key) for a in map(answers.get, ids) if a]
        schema[cell.key] = pl.Int64 if cell.is_number else pl.String
    rows = pl.DataFrame(columns, schema=schema)
    if ids:
        rows = rows.join(context.figures(round_, ws.city, asked), on=KEY, how="left")
    return hear(asked, rows)


def _failures(heard: Heard, lines: Mapping[str, Line]) -> tuple[dict[str, list[Question]], list[Finding]]:
    """Soft failures by respondent, and a finding for each hard one."""
    soft: dict[str, list[Question]] = {}
    hard: list[Finding] = []
    for question, failed in heard.failures():
        for id_ in failed:
            if question.is_hard:
                place = replace(lines[id_].place, cell=question.keys[0] if question.keys else "")
                message = f"{id_} 审核不通过：{Outcome(question, False).message}"
                hard.append(Finding("form.hard", Severity.ERROR, message, place, "在原平台核对更正后重新导出"))
            else:
                soft.setdefault(id_, []).append(question)
    return soft, hard


def _few(findings: Sequence[Finding]) -> list[Finding]:
    wrong = [finding for finding in findings if finding.severity is Severity.ERROR]
    if len(wrong) <= _MOST_TOLD:
        return wrong
    return [*wrong[:_MOST_TOLD], fault("more", f"另有 {len(wrong) - _MOST_TOLD} 处问题", "改正以上问题后再看")]


def _refuse_revision(reason: str, rows: Sequence[Return]) -> None:
    late = [row for row in rows if row.state in (ReturnState.LOCKED, ReturnState.MISSING)]
    if late and not reason.strip():
        refuse([fault("reason", f"{len(late)} 家在锁定之后更正，要写明理由", "请填写理由")])


# ── writing

_Fresh = tuple[Return, Answers, Sequence[Question], Mapping[str, str]]


def _write(ws: Workspace, round_: Round, user: Any, reason: str, fresh: Sequence[_Fresh], origin: str) -> None:
    with store.recording("returns.delivered", actor=user.get_username(), reason=reason, clock=ws.clock,
                         subject=round_) as entry:  # fmt: skip
        laid = layout_of(round_, ws.city)
        rows = [
            returns.submission_of(ws, owed, laid, _examined(said, failed), Filled(explanations=words), origin=origin)
            for owed, said, failed, words in fresh
        ]
        entry.put(rows)
        form = ws.city.forms[round_.form_id]
        steps = ((owed, {**returns.sent(ws, owed, form, _version(row, owed)), "explained": len(row.explanations)})
                 for row, (owed, *_) in zip(rows, fresh, strict=True))  # fmt: skip
        for changes, group in returns.alike(steps):
            entry.change_all(group, changes)
        entry.notes["export"] = origin


def _examined(said: Answers, failed: Sequence[Question]) -> Examined:
    return Examined(said, tuple(Outcome(question, False) for question in failed), ())


def _version(row: Submission, owed: Return) -> int:
    return row.version or owed.submission_version
