"""An office's own Excel ledger comes in: figures or targets, all rows or none, every fault with its cell."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from jiqun import tables
from jiqun.flows import origins
from jiqun.flows.faults import fault, refuse
from jiqun.flows.figures import figure_faults, figure_row
from jiqun.flows.intake import keep_original
from jiqun.flows.origins import Origin
from jiqun.flows.targets import filled, target_faults
from jiqun.ledger import store
from jiqun.ledger.models import Target
from jiqun.ledger.statement import Statement
from jiqun.model.bounds import Comparator
from jiqun.model.claims import Measure
from jiqun.model.findings import Finding, Place, Severity
from jiqun.packs import City
from jiqun.reports.wording import VALUE_KINDS
from jiqun.tables import Record, Sheet, Workbook
from jiqun.workspace import Workspace, keep_folder

_SHARED = {
    "indicator": ("指标", "指标名称", "主要指标", "目标指标"),
    "area": ("地区", "区域", "县级市区", "板块"),
    "cluster": ("集群", "产业集群", "产业"),
    "unit": ("单位", "计量单位"),
    "measure": ("口径", "计量口径"),
    "source": ("来源", "数据来源", "资料来源", "文件依据"),
    "bodies": ("责任单位", "责任部门", "牵头单位", "填报单位"),
    "known_on": ("发布日期", "公布日期", "印发日期"),
    "note": ("备注", "说明"),
}
FIGURE_COLUMNS: Mapping[str, Collection[str]] = {
    **_SHARED,
    "period": ("时期", "报告期", "年份", "期别"),
    "value": ("数值", "完成数", "完成值", "实际值", "实际数"),
    "value_kind": ("数值性质",),
    "indicator_id": ("指标编号",),  # decides where the name does not
    "missing": ("待补充",),
    **origins.COLUMNS,
}
TARGET_COLUMNS: Mapping[str, Collection[str]] = {
    **_SHARED,
    "period": ("期限", "目标年份", "完成期限", "时期", "年份"),
    "value": ("目标值", "目标数", "目标"),
    "comparator": ("限定",),
}
_NEEDED = ("indicator", "period", "value")
_MEASURES = {measure.label: measure.value for measure in Measure} | {m.value: m.value for m in Measure}
_COMPARATORS = {"以上": Comparator.GE, "不低于": Comparator.GE, "以内": Comparator.LE, "不超过": Comparator.LE,
                "左右": Comparator.APPROX}  # fmt: skip
_KINDS = {"初步": "preliminary", "快报": "preliminary", "最终": "final", "约": "about", "超过": "at_least"} | {
    label: kind for kind, label in VALUE_KINDS.items() if label
}


@dataclass(frozen=True)
class Imported:
    """Rows of the table that became new or changed statements, and those the ledger had already."""

    kind: str  # figures | targets
    written: int
    unchanged: int
    event: int | None
    findings: tuple[Finding, ...] = ()


def import_table(ws: Workspace, table: Path | str | bytes, *, actor: str, name: str | None = None,
                 reason: str = "") -> Imported:  # fmt: skip
    """A table with a column 目标值 is read as targets, any other as figures; an SDMX message as what it is."""
    from jiqun.flows import messages  # noqa: PLC0415 - it tells of what it did as this room does

    if (sent := messages.read_message(table)) is not None:
        told = name or ("" if isinstance(table, bytes) else Path(table).name)
        return messages.import_sdmx(ws, sent, actor=actor, name=told or "message", reason=reason)
    book = tables.read(table, name)
    is_targets = any(
        (head := tables.find_head(sheet, _main(TARGET_COLUMNS))) is not None and "value" in head.columns
        for sheet in _shown(book)
    )
    return _import(ws, book, table, "targets" if is_targets else "figures", actor, reason)


def import_figures(ws: Workspace, table: Path | str | bytes, *, actor: str, name: str | None = None,
                   reason: str = "") -> Imported:  # fmt: skip
    """Every row of the table is a figure in the ledger; or none is, and InputRefused says what is wrong where."""
    return _import(ws, tables.read(table, name), table, "figures", actor, reason)


def import_targets(ws: Workspace, table: Path | str | bytes, *, actor: str, name: str | None = None,
                   reason: str = "") -> Imported:  # fmt: skip
    """As `import_figures`, for targets. The same row of the same source again is the same target."""
    return _import(ws, tables.read(table, name), table, "targets", actor, reason)


def _import(ws: Workspace, book: Workbook, table: Path | str | bytes, kind: str, actor: str, reason: str) -> Imported:
    columns, make = (
        (FIGURE_COLUMNS, partial(_figure, origins.Papers())) if kind == "figures" else (TARGET_COLUMNS, _target)
    )
    rows, findings = _read_rows(ws, book, columns, make)
    refuse(findings)
    if not rows:
        refuse([*findings, fault("empty", f"《{book.name}》里没有可以导入的行", place=Place(book.name))])
    keep_original(ws, book.digest, table if isinstance(table, bytes) else Path(table).read_bytes())
    keep_folder(ws.path, ws.city)
    with store.recording(f"{kind}.imported", actor=actor, reason=reason, clock=ws.clock,
                         subject=("file", book.digest)) as entry:  # fmt: skip
        entry.notes["file"] = book.name
        written = entry.put(rows.values())
    return Imported(kind, written, len(rows) - written, entry.sequence if written else None, tuple(findings))


@dataclass(frozen=True)
class _Row:
    """A record with its words turned into ids; `place` is the row, `cell` of a fault is added to it."""

    fields: dict[str, Any]
    place: Place
    known_on: date
    origin: Origin | None = None


def _read_rows(
    ws: Workspace, book: Workbook, columns: Mapping[str, Collection[str]],
    make: Callable[[Workspace, _Row], tuple[Statement | None, list[Finding]]],
) -> tuple[dict[str, Statement], list[Finding]]:  # fmt: skip
    findings = list(book.findings)
    rows: dict[str, Statement] = {}
    seen: dict[str, Place] = {}
    sheets = [sheet for sheet in _shown(book) if tables.find_head(sheet, _main(columns)) is not None]
    if not sheets:
        names = "、".join(next(iter(columns[field])) for field in _NEEDED)
        findings.append(fault("no_head", "没有找到表头", f"表头应包含：{names}", place=Place(book.name)))
    for sheet in sheets:
        read = tables.records(sheet, _present(sheet, columns), file=book.name)
        findings += read.findings
        for record in read.rows:
            if _is_open(record):
                place = Place(book.name, sheet=sheet.name, line=record.line)
                findings.append(_left_out(record, place))
                continue
            row, faults = _read_record(ws, record, read.units, Place(book.name, sheet=sheet.name))
            findings += faults
            if row is None:
                continue
            made, faults = make(ws, row)
            findings += faults
            if made is not None and made.key in seen:
                message = f"与第 {seen[made.key].line} 行说的是同一个数"
                findings.append(fault("twice", message, "请删去其中一行", place=row.place))
            elif made is not None:
                rows[made.key], seen[made.key] = made, row.place
    return rows, findings


def _is_open(record: Record) -> bool:
    """Whether the row was written for a person to complete, and still is not."""
    has = {field: not tables.is_missing(cell) for field, cell in record.cells.items()}
    return has.get("missing", False) and not (
        (has["indicator"] or has.get("indicator_id", False)) and has["period"] and has["value"]
    )


def _left_out(record: Record, place: Place) -> Finding:
    said = " ".join(record["missing"].text.split())
    quote = f"“{record['quote'].text.strip()}”" if "quote" in record.cells else ""
    return Finding("ledger.left_out", Severity.WARNING, f"未导入{quote}：{said}", place, "填好空着的格再重新导入")


def _read_record(
    ws: Workspace, record: Record, units: Mapping[str, str], where: Place
) -> tuple[_Row | None, list[Finding]]:
    findings: list[Finding] = []
    place = replace(where, line=record.line)

    def text(field: str) -> str:
        cell = record.cells.get(field)
        return cell.text.strip() if cell is not None and not tables.is_missing(cell) else ""

    def look_up(field: str, names: Mapping[str, tuple[str, ...]], ids: Collection[str], what: str) -> str | None:
        word = text(field)
        found = (word,) if word in ids else names.get(word, ())
        if word and len(found) != 1:
            said = "有多个同名" if found else "不认识"
            cell = replace(place, cell=record[field].address)
            findings.append(fault("reference", f"{said}{what}“{word}”", _remedy(word, names), place=cell))
        return found[0] if len(found) == 1 else None

    city = ws.city
    unit = text("unit") or units.get("value", "")
    amount = tables.number(record["value"], unit or None, place=place)
    when = tables.period(record["period"], place=place)
    known = tables.day(record["known_on"], place=place) if "known_on" in record.cells else None
    findings += [*amount.findings, *when.findings, *(known.findings if known else ())]
    for field, reading, label in (("value", amount, "数值"), ("period", when, "时期")):
        if reading.value is None and not reading.is_refused:
            cell = replace(place, cell=record[field].address)
            findings.append(fault("missing", f"缺少{label}", "请补充后重新导入", place=cell))
    bodies = [part for part in text("bodies").replace("，", "、").replace(",", "、").split("、") if part]
    fields: dict[str, Any] = {
        "indicator_id": look_up("indicator_id" if text("indicator_id") else "indicator", city.names_of_indicators,
                                city.indicators, "指标"),
        "area_id": look_up("area", _area_names(city), city.areas, "地区") or city.area_id,
        "cluster_id": look_up("cluster", city.names_of_clusters, city.clusters, "集群"),
        "body_ids": [_body(ws, body, record, place, findings) for body in bodies],
        "measure": _MEASURES.get(text("measure"), text("measure") or None),
        "period": str(when.value) if when.value else None,
        "value_text": format(amount.value, "f") if amount.value is not None else None,
        "unit": unit or None,
        "source_title": text("source"),
        "note": text("note"),
        "value_kind": _KINDS.get(text("value_kind"), text("value_kind") or None),
        "comparator": _COMPARATORS.get(text("comparator"), text("comparator") or None),
    }  # fmt: skip
    origin, faults = origins.read(record, place)
    findings += faults
    if any(finding.severity is Severity.ERROR for finding in findings):
        return None, findings
    return _Row(fields, place, (known.value if known else None) or ws.today, origin), findings


def _remedy(word: str, names: Mapping[str, tuple[str, ...]]) -> str:
    near = difflib.get_close_matches(word, names, n=1)
    return "请用城市文件夹中的名称或编号" + (f"；相近的：“{near[0]}”" if near and near[0] != word else "")


def _area_names(city: City) -> dict[str, tuple[str, ...]]:
    """Names of areas, and the words that offices use for them: 全市, 本市."""
    return {word: (area_id,) for word, area_id in city.lexicon.area_words.items()} | dict(city.names_of_areas)


def _body(ws: Workspace, word: str, record: Record, place: Place, findings: list[Finding]) -> str | None:
    found = (word,) if word in ws.city.bodies else ws.city.names_of_bodies.get(word, ())
    if len(found) == 1:
        return found[0]
    said = "有多个同名" if found else "不认识"
    cell = replace(place, cell=record["bodies"].address)
    findings.append(fault("reference", f"{said}责任单位“{word}”", "请用城市文件夹中的名称或编号", place=cell))
    return None


def _figure(papers: origins.Papers, ws: Workspace, row: _Row) -> tuple[Statement | None, list[Finding]]:
    fields = {name: value for name, value in row.fields.items() if name not in ("body_ids", "comparator")}
    fields["body_id"] = row.fields["body_ids"][0] if row.fields["body_ids"] else None
    fields["source_title"] = fields["source_title"] or f"导入:{row.place.file}"
    faults = figure_faults(ws, fields, row.place)
    if faults:
        return None, faults
    figure = figure_row(ws, fields, row.known_on)
    return origins.traced(ws, papers, figure, row.origin, row.place) if row.origin else (figure, [])


def _target(ws: Workspace, row: _Row) -> tuple[Statement | None, list[Finding]]:
    source = row.fields["source_title"] or row.place.file
    fields = {name: value for name, value in row.fields.items() if name not in ("source_title", "note", "value_kind")}
    fields = filled(ws, {name: value for name, value in fields.items() if value not in (None, "")})
    faults = target_faults(ws, fields, row.place)
    if faults:
        return None, faults
    about = [fields["indicator_id"], fields.get("area_id"), fields.get("cluster_id"), fields.get("measure"),
             fields["period"], source, ",".join(fields["body_ids"])]  # fmt: skip
    key = hashlib.sha256("\x1f".join(str(part or "") for part in about).encode()).hexdigest()[:40]
    return Target(key=f"t:i{key}", known_on=row.known_on, **fields), []


def _shown(book: Workbook) -> list[Sheet]:
    """The sheets a person sees; all of them where none is said to be visible."""
    filled_in = [sheet for sheet in book.sheets if sheet.height]
    return [sheet for sheet in filled_in if not sheet.is_hidden] or filled_in


def _present(sheet: Sheet, columns: Mapping[str, Collection[str]]) -> dict[str, Collection[str]]:
    """The needed columns, and those of the others that the sheet has: a head is found by what is asked of it."""
    main = _main(columns)
    found = dict(main)
    place = tables.find_head(sheet, main)
    # to look through forty rows for each of the columns would take seconds
    top = replace(sheet, grid=sheet.grid[: place.last_row + 3]) if place else sheet
    for field, accepted in columns.items():
        head = tables.find_head(top, {**main, field: accepted})
        if head is not None and field in head.columns:
            found[field] = accepted
    return found


def _main(columns: Mapping[str, Collection[str]]) -> dict[str, Collection[str]]:
    return {field: columns[field] for field in _NEEDED}
