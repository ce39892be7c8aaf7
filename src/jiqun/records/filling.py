"""What somebody filled in of an item, read into its values: the same for a page, a table and a command."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from jiqun import rules, tables
from jiqun.enterprises import identity
from jiqun.ledger.models import Claim, Task
from jiqun.model.errors import InputRefused
from jiqun.model.findings import Finding, Place, Severity
from jiqun.model.numerals import fold
from jiqun.packs import City
from jiqun.packs.asking import ON, docket_types
from jiqun.packs.schema.dockets import Docket, DocketCheck, DocketField
from jiqun.tables import Cell

Places = Callable[[str], Place]
_BETWEEN = re.compile(r"[\n、；;]")
_LONGEST_LIST = 200
_CODE = re.compile(r"[0-9A-Z]{15,20}")  # what is meant as a code, a digit too many or few included


@dataclass(frozen=True)
class Filled:
    """Field id → value of what was given, an empty one None; and what could not be read."""

    values: Mapping[str, Any]
    findings: tuple[Finding, ...]


def typed(text: str) -> Cell:
    """What somebody typed, as the cell of a table would hold it."""
    stripped = text.strip()
    return Cell(text, stripped or None, "", 0, 0)


def in_field(field_id: str) -> Place:
    """A place on a page: the field."""
    return Place(cell=field_id)


def read(docket: Docket, city: City, given: Mapping[str, Cell], places: Places = in_field) -> Filled:
    """The values of the fields given. Names are turned into ids; what cannot be read is a finding at its place."""
    values: dict[str, Any] = {}
    findings: list[Finding] = []
    known = {field.id: field for field in docket.fields}
    for field_id, cell in given.items():
        place = places(field_id)
        if field_id not in known:
            findings.append(_fault("unknown", f"{docket.name}没有“{field_id}”这一项", place, "请核对清单的各项"))
            continue
        try:
            values[field_id] = _value(known[field_id], city, cell, place)
        except InputRefused as refused:
            findings += refused.findings
    return Filled(values, tuple(findings))


def merged(before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The values after what was given has taken the place of what stood there."""
    after = {**before, **given}
    return {id_: value for id_, value in after.items() if value not in (None, "", [])}


def missing(docket: Docket, state_id: str, values: Mapping[str, Any], places: Places = in_field) -> list[Finding]:
    """What the state requires and the values lack."""
    state = docket.state(state_id)
    return [
        _fault("missing", f"“{state.name}”要填写“{docket.field(id_).name}”", places(id_), "请补充后再提交")
        for id_ in state.requires
        if id_ not in values
    ]


def broken(docket: Docket, values: Mapping[str, Any], on: date, places: Places = in_field) -> list[Finding]:
    """An error for each hard check that fails, a warning for each soft one; what is unknown fails nothing."""
    types = docket_types(docket)
    row: dict[str, object] = {ON: on}
    for field in docket.fields:
        said = values.get(field.id)
        if said is not None and field.id in types:
            row[field.id] = _compared(field, str(said))
    found = []
    for check in docket.checks:
        expression = _parsed(check.rule)
        if rules.evaluate(expression, row, types) is False:
            subject = min(rules.names(expression) - {ON}, key=check.rule.index, default="")  # what the rule begins with
            found.append(_of_check(check, places(subject)))
    return found


def _compared(field: DocketField, said: str) -> object:
    """A value as rules compare it."""
    if field.kind == "number":
        return Decimal(said)
    return date.fromisoformat(said) if field.kind == "date" else said


def _of_check(check: DocketCheck, place: Place) -> Finding:
    if check.level == "hard":
        return _fault("hard", f"审核不通过：{check.message}", place, "请核对并改正")
    return Finding("docket.soft", Severity.WARNING, f"需要说明：{check.message}", place, "请核对；无误的在理由里写明")


@lru_cache(maxsize=256)
def _parsed(rule: str) -> rules.Expression:
    return rules.parse(rule, Place())


# ── one value ───────────────────────────────────────────────────────────────────────────────────────────────


def _value(field: DocketField, city: City, cell: Cell, place: Place) -> Any:
    """The value that a cell gives a field; None for an empty one. Raises InputRefused."""
    if tables.is_missing(cell):
        return None
    match field.kind:
        case "number":
            return _number(field, cell, place)
        case "date":
            reading = tables.day(cell)
            _refuse([replace(finding, place=place) for finding in reading.findings])
            return reading.value.isoformat() if reading.value else None
        case "choice":
            return _choice(field, cell.text, place)
        case "body":
            return _one_of(field, cell.text, city.bodies, city.names_of_bodies, place)
        case "area":
            return _one_of(field, cell.text, city.areas, city.names_of_areas, place)
        case "bodies":
            words = _parts(field, cell.text, place)
            return [_one_of(field, word, city.bodies, city.names_of_bodies, place) for word in words]
        case "node":
            return _node(field, city, cell.text, place)
        case "firms":
            return [_firm(word, place) for word in _parts(field, cell.text, place)]
        case "passage":
            return _passage(field, cell.text, place)
    return _text(field, cell.text, place)


def _text(field: DocketField, text: str, place: Place) -> str:
    lines = [" ".join(line.split()) for line in text.strip().splitlines()]
    said = "\n".join(lines) if field.kind == "words" else " ".join(filter(None, lines))
    if len(said) > field.longest:
        _refuse([_fault("too_long", f"“{field.name}”超过 {field.longest} 个字", place, "请写得简短一些")])
    return said


def _number(field: DocketField, cell: Cell, place: Place) -> str | None:
    """The number in the field's unit, as printed; too many decimals and values outside it are refused."""
    reading = tables.number(cell, field.unit)
    _refuse([replace(f, place=place) for f in reading.findings if f.severity is Severity.ERROR])
    if reading.value is None:
        return None
    value = reading.value
    printed = format(value.normalize(), "f")
    if -Decimal(printed).as_tuple().exponent > field.digits:  # type: ignore[operator]  # a plain number's is an int
        what = f"最多 {field.digits} 位小数" if field.digits else "只填整数"
        _refuse([_fault("digits", f"“{field.name}”为 {printed}，{what}", place, "请四舍五入后填写")])
    if value < 0 and not field.may_be_negative:
        _refuse([_fault("negative", f"“{field.name}”为 {printed}，应不小于 0", place, "请核对")])
    if field.most is not None and value > field.most:
        _refuse([_fault("most", f"“{field.name}”为 {printed}，应不大于 {field.most}", place, "请核对数字和单位")])
    if len(printed) > 24:
        _refuse([_fault("most", f"“{field.name}”的数字过长", place, "请核对")])
    return printed


def _choice(field: DocketField, text: str, place: Place) -> str:
    said = text.strip()
    found = [id_ for id_, label in field.values.items() if said in (id_, label)]
    if not found:
        known = "、".join(field.values.values())
        _refuse([_fault("choice", f"“{field.name}”没有“{said}”这一类", place, f"可选：{known}")])
    return found[0]


def _one_of(
    field: DocketField, text: str, known: Mapping[str, Any], by_name: Mapping[str, tuple[str, ...]], place: Place
) -> str:
    said = text.strip()
    ids = (said,) if said in known else by_name.get(said, ())
    if not ids:
        _refuse([_fault("reference", f"资料夹中没有“{said}”（{field.name}）", place, "请从列表中选择，或核对名称")])
    return ids[-1]  # of names used twice the later holds, as for bodies of documents


def _node(field: DocketField, city: City, text: str, place: Place) -> str:
    """`chain/node` for an id, 产业链·环节, or the name of one link alone."""
    said = text.strip()
    chain, _, node = fold(said).replace("·", "/").partition("/")
    everything = [(each, link) for each in city.chains.values() for link in each.nodes]
    found = [
        f"{each.id}/{link.id}"
        for each, link in everything
        if (
            (chain.strip() in (each.id, each.name) and node.strip() in (link.id, link.name))
            if node
            else said in (link.id, link.name)
        )
    ]
    if not found:
        _refuse([_fault("reference", f"产业链里没有环节“{said}”", place, "请从列表中选择，或写成 产业链·环节")])
    if len(found) > 1:
        _refuse([_fault("reference", f"有 {len(found)} 个环节叫“{said}”", place, "请写成 产业链·环节")])
    return found[0]


def _firm(text: str, place: Place) -> list[str]:
    """[code, name] of a firm written as a code, a name, or both; what is to be a code must be a sound one."""
    words = [word for word in re.split(r"[\s,，()（）]+", text.strip()) if word]
    code = next((word for word in words if _CODE.fullmatch(identity.normal(word))), None)
    if code is None:
        return ["", text.strip()]
    said = identity.read(code, place)
    _refuse(finding for finding in said.findings if finding.severity is Severity.ERROR)
    return [said.code, " ".join(word for word in words if word is not code)]


def _passage(field: DocketField, text: str, place: Place) -> str:
    """`task:key` or `claim:key` of the ledger, found in a key or in the address of its page."""
    said = unquote(text.strip()).rstrip("/")
    candidates = [
        said,
        said.split(":", 1)[-1],
        said.split("/tasks/")[-1],
        said.split("/targets/t:")[-1],
        said.split("#c-")[-1],
    ]
    models: tuple[tuple[str, Any], ...] = (("task", Task), ("claim", Claim))
    for key in dict.fromkeys(candidates):
        for kind, model in models:
            if model.objects.filter(key=key, superseded_at__isnull=True).exists():
                return f"{kind}:{key}"
    _refuse([_fault("reference", f"找不到“{field.name}”指的任务或表述", place, "请粘贴任务或目标页面的网址")])
    return ""


def _parts(field: DocketField, text: str, place: Place) -> list[str]:
    words = list(dict.fromkeys(word.strip() for word in _BETWEEN.split(text) if word.strip()))
    if len(words) > _LONGEST_LIST or any(len(word) > 200 for word in words):
        _refuse([_fault("too_long", f"“{field.name}”多于 {_LONGEST_LIST} 个，或有一个太长", place, "请核对分隔的符号")])
    return words


def _fault(code: str, message: str, place: Place, remedy: str) -> Finding:
    return Finding(f"docket.{code}", Severity.ERROR, message, place, remedy)


def _refuse(findings: Iterable[Finding]) -> None:
    wrong = list(findings)
    if wrong:
        raise InputRefused(wrong)
