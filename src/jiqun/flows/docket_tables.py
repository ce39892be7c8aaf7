"""Items of a docket handed out as its official list, and taken over from an office's own table: all or none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from jiqun import tables
from jiqun.flows import dockets
from jiqun.flows.dockets import Identity, Opened, docket_of, identities, identity
from jiqun.flows.faults import fault, refuse
from jiqun.ledger import access, store
from jiqun.ledger.access import Action
from jiqun.ledger.models import Standing
from jiqun.model.errors import Conflict, Forbidden
from jiqun.model.findings import Finding, Place, Severity
from jiqun.packs.schema.dockets import Docket
from jiqun.records import filling
from jiqun.records.models import DocketItem, stands
from jiqun.reports.docket_workbook import docket_workbook
from jiqun.reports.dockets import ItemFilter, docket
from jiqun.reports.view import View
from jiqun.tables import Cell, Record, Sheet
from jiqun.workspace import Workspace

# heads of what is no field, as the official list prints them; those after the first two are not read
HEADS = {
    "number": ("编号", "条目编号"), "state": ("状态", "当前状态", "进展状态"), "owner": ("主责单位",),
    "since": ("进入时间",), "due": ("本步期限",), "opened": ("登记日期",),
}  # fmt: skip
_SEARCHED_ROWS = 40
_MOST_HANDED_OUT = 20_000  # rows of one workbook
_MOST_TOLD = 200  # findings of one file; the rest are counted


@dataclass(frozen=True)
class ImportedItems:
    """How many items were opened, how many amended, and how many rows said what the ledger has."""

    opened: int
    amended: int
    unchanged: int
    notes: tuple[Finding, ...]


@dataclass
class _Batch:
    """What the rows read so far come to."""

    fresh: list[DocketItem] = field(default_factory=list)
    changed: list[tuple[DocketItem, dict[str, Any]]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    taken: dict[Identity, str] = field(default_factory=dict)  # of the items there will be
    unchanged: int = 0


def import_items(
    ws: Workspace, docket_id: str, table: Path | bytes, *, user: Any, reason: str, name: str = ""
) -> ImportedItems:
    """The rows of a table as items: with a number of the docket they amend that item, without one they open another.

    An empty cell leaves what stands. A new item may stand in a later state only where the city takes over a list that
    was kept elsewhere. Raises Forbidden for who keeps no items, InputRefused with the findings of all rows; then
    nothing is written.
    """
    access.require(user, Action.KEEP_ITEMS)
    docket = docket_of(ws, docket_id)
    if not reason.strip():
        refuse([fault("reason", "导入要写明来源或理由", "例：2026年一季度征集汇总表")])
    book = tables.read(table, name or None)
    with store.recording("items.imported", actor=user.get_username(), reason=reason, clock=ws.clock,
                         subject=("docketitem", docket_id)) as entry:  # fmt: skip
        batch, notes = _read(ws, docket, book, user, reason)
        refuse(_few(batch.findings))
        entry.put(batch.fresh)
        for row, changes in batch.changed:
            entry.change(row, changes)
        entry.notes["file"] = {"name": book.name, "digest": book.digest}
    return ImportedItems(len(batch.fresh), len(batch.changed), batch.unchanged, tuple(notes))


def export_items(ws: Workspace, docket_id: str, *, user: Any, on: date | None = None) -> bytes:
    """The docket's official list as of a day (default: today), as an xlsx file of what the user may see."""
    view = View(ws.city, on or ws.today, ws.today, user)
    page = docket(view, docket_id, ItemFilter(), size=_MOST_HANDED_OUT)
    return docket_workbook(view, page, created=ws.clock())


def _read(ws: Workspace, docket: Docket, book: tables.Workbook, user: Any, reason: str) -> tuple[_Batch, list[Finding]]:
    sheet = book.sheets[0]
    read = tables.records(sheet, _columns(docket, sheet), optional=(*HEADS, *_fields(docket)), file=book.name)
    batch = _Batch(findings=[f for f in read.findings if f.severity is Severity.ERROR])
    if read.head is not None and docket.title_field not in read.head.columns and "number" not in read.head.columns:
        title = docket.field(docket.title_field).name
        batch.findings.append(
            fault("no_head", f"没有“{title}”一列，也没有“编号”", "请核对表头", place=Place(book.name))
        )
    elif not read.rows and not batch.findings:
        batch.findings.append(fault("empty", "表里没有一行条目", "请核对是不是这张表", place=Place(book.name)))
    standing = {row.number: row for row in stands(DocketItem).filter(docket_id=docket.id)}
    batch.taken = identities(docket, standing.values())
    about = Opened(reason, f"table:{book.digest}")
    for record in read.rows if not batch.findings else ():
        _Row(ws, docket, record, Place(book.name, sheet=sheet.name), user, about).into(batch, standing)
    return batch, [f for f in read.findings if f.severity is not Severity.ERROR]


def _fields(docket: Docket) -> Iterator[str]:
    return (field.id for field in docket.fields)


def _columns(docket: Docket, sheet: Sheet) -> dict[str, tuple[str, ...]]:
    """The heads looked for: those of the docket's that stand somewhere near the top of the sheet."""
    accepted = {**HEADS, **{field.id: (field.name, *field.aliases) for field in docket.fields}}
    printed = {
        "".join(cell.text.split()).rstrip("*：:")
        for number in range(1, min(sheet.height, _SEARCHED_ROWS) + 1)
        for cell in sheet.row(number)
    }
    found = {
        id_: names
        for id_, names in accepted.items()
        if any(text == each or text.startswith((f"{each}（", f"{each}(")) for each in names for text in printed)
    }
    return found or {docket.title_field: accepted[docket.title_field]}


@dataclass(frozen=True)
class _Row:
    """One row of the table, read against the docket."""

    ws: Workspace
    docket: Docket
    record: Record
    sheet: Place
    user: Any
    about: Opened

    def place(self, field_id: str) -> Place:
        cell = self.record.cells.get(field_id)
        at = cell.address if cell is not None else f"第{self.record.line}行"
        return Place(self.sheet.file, sheet=self.sheet.sheet, cell=at)

    def into(self, batch: _Batch, standing: Mapping[str, DocketItem]) -> None:
        """Adds what the row comes to, or what is wrong with it."""
        given = {
            id_: cell
            for id_, cell in self.record.cells.items()
            if id_ in set(_fields(self.docket)) and not tables.is_missing(cell)
        }
        read = filling.read(self.docket, self.ws.city, given, self.place)
        before = len(batch.findings)
        batch.findings += read.findings
        number, state = self._text("number"), self._state(batch)
        try:
            if number:
                self._amend(batch, standing.get(number), number, state, dict(read.values))
            else:
                self._open(batch, state, dict(read.values), is_sound=len(batch.findings) == before)
        except (Forbidden, Conflict) as refused:
            batch.findings.append(
                fault("row", str(refused), "请删去这一行，或交给有权的单位", place=self.place("number"))
            )

    def _tell(self, batch: _Batch, field_id: str, code: str, message: str, remedy: str) -> None:
        batch.findings.append(fault(code, message, remedy, place=self.place(field_id)))

    def _text(self, head: str) -> str:
        cell: Cell | None = self.record.cells.get(head)
        return "" if cell is None or tables.is_missing(cell) else cell.text.strip()

    def _state(self, batch: _Batch) -> str:
        said = self._text("state")
        found = next((state.id for state in self.docket.states if said in (state.id, state.name)), "")
        if said and not found:
            known = "、".join(state.name for state in self.docket.states)
            self._tell(batch, "state", "state", f"没有状态“{said}”", f"可选：{known}")
        return found

    def _amend(self, batch: _Batch, row: DocketItem | None, number: str, state: str, given: dict[str, Any]) -> None:
        if row is None or row.standing != Standing.ACTIVE:
            text = f"清单里没有编号“{number}”" if row is None else f"{number} 已撤回"
            self._tell(batch, "number", "number", text, "新条目的编号留空")
            return
        if any(row.pk == each.pk for each, _ in batch.changed):
            self._tell(batch, "number", "twice", f"{number} 在表里出现了两次", "请只留一行")
            return
        if state and state != row.state:
            now = self.docket.state(row.state).name
            remedy = "状态请在条目页上逐步办理"
            batch.findings.append(
                fault("moved", f"{number} 现在是“{now}”，表里写的不同", remedy, place=self.place("state"))
            )
            return
        values = filling.merged(row.values, given)
        if values == row.values:
            batch.unchanged += 1
            return
        dockets.require_amend(self.ws, self.docket, row, self.user)
        batch.findings += dockets.owner_faults(self.docket, self.user, row.values, values)
        batch.findings += self._faults(values, row.state)
        batch.taken.pop(identity(self.docket, row.values), None)
        self._take(batch, values, number)
        batch.changed.append((row, {**dockets.carried(self.ws, self.docket, row, values), "step": ""}))

    def _open(self, batch: _Batch, state: str, given: dict[str, Any], *, is_sound: bool) -> None:
        who = dockets.opener(self.docket, self.user)
        first = self.docket.states[0]
        if state and state != first.id and who[0] != "city":
            remedy = f"新条目从“{first.name}”开始，状态留空"
            self._tell(batch, "state", "state", "只有市级可以导入已在办的条目", remedy)
            return
        values = dockets.with_owner(self.docket, filling.merged({}, given), who)
        batch.findings += dockets.owner_faults(self.docket, self.user, {}, values, who)
        if is_sound:  # what could not be read is not missing as well
            batch.findings += self._faults(values, state or first.id)
        number = dockets.next_number(self.ws, self.docket, len(batch.fresh))
        self._take(batch, values, number)
        batch.fresh.append(dockets.new_row(self.ws, self.docket, values, who, self.about, number, state))

    def _take(self, batch: _Batch, values: dict[str, Any], number: str) -> None:
        batch.findings += dockets.twins(self.docket, values, batch.taken, self.place)
        batch.taken[identity(self.docket, values)] = number

    def _faults(self, values: dict[str, Any], state: str) -> list[Finding]:
        """As a page would say them; a soft check is explained by the reason of the import."""
        return dockets.faults(self.ws, self.docket, values, state, self.about.reason, self.place)


def _few(findings: list[Finding]) -> list[Finding]:
    if len(findings) <= _MOST_TOLD:
        return findings
    rest = fault("more", f"另有 {len(findings) - _MOST_TOLD} 处问题没有列出", "请先改正前面的，再重新上传")
    return [*findings[:_MOST_TOLD], rest]
