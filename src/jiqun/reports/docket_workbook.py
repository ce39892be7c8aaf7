"""A docket's official list as a workbook: its declared columns, of the items that the page shows."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from jiqun.packs.schema.dockets import Docket
from jiqun.reports.dockets import DocketPage, ItemRow
from jiqun.reports.firm_workbooks import written
from jiqun.reports.view import View
from jiqun.tables import Value
from jiqun.tables.xlsx import Column, Kind, Page

# heads of what is no field; `flows.docket_tables` knows them again
HEADS = {
    "number": Column("编号"), "state": Column("状态"), "owner": Column("主责单位"),
    "since": Column("进入时间", Kind.DAY), "due": Column("本步期限", Kind.DAY), "opened": Column("登记日期", Kind.DAY),
}  # fmt: skip
_WIDE = {"words": 40.0, "firms": 36.0, "node": 24.0, "text": 24.0}


def docket_workbook(view: View, page: DocketPage, *, created: datetime) -> bytes:
    """The list as an xlsx file, which `import_items` takes back; with what it was filtered by."""
    columns = [_column(page.docket, id_) for id_ in page.docket.columns]
    rows = [[_cell(page.docket, row, id_) for id_ in page.docket.columns] for row in page.rows]
    marked = "【演示数据】" if page.is_invented else ""
    title = f"{marked}{view.city.name}{page.docket.name}（截至{view.on}）"
    notes = [
        ("截至", f"{view.on}；只含该日已登记的条目"),
        ("行数", f"{len(rows)} 行，清单共 {page.total} 条"),
        ("城市资料夹", f"{view.city.edition}，摘要 {view.city.digest}"),
        ("空格", "没有填写，或不在本账号可以查看的范围内"),
        ("导入", "改好后可以在清单页导入：有编号的修改原条目，没有编号的登记为新条目；空格不改，状态不由导入改变"),
    ]
    if marked:
        notes.insert(0, ("演示数据", "其中有凭空编写的条目，编号后注明“演示数据”"))
    return written([Page(page.docket.name[:20], columns, rows, title=title)], notes, created)


def _column(docket: Docket, id_: str) -> Column:
    if id_ in HEADS:
        return HEADS[id_]
    field = docket.field(id_)
    title = f"{field.name}（{field.unit}）" if field.unit else field.name
    kind = {"number": Kind.NUMBER, "date": Kind.DAY}.get(field.kind, Kind.TEXT)
    digits = f"#,##0.{'0' * field.digits}" if field.digits else "#,##0"
    return Column(title, kind, digits if kind is Kind.NUMBER else None, _WIDE.get(field.kind))


def _cell(docket: Docket, row: ItemRow, id_: str) -> Value:
    built_in: dict[str, Value] = {
        "number": row.number, "state": row.state.name, "owner": row.owner.name if row.owner else None,
        "since": row.since, "due": row.due_on, "opened": row.opened_on,
    }  # fmt: skip
    if id_ in built_in:
        return built_in[id_]
    said, field = row.said[id_], docket.field(id_)
    if said.is_hidden or not said.parts:
        return None
    if field.kind == "number":
        return Decimal(said.parts[0].text.removesuffix(field.unit).replace(",", ""))
    if field.kind == "date":
        return date.fromisoformat(said.parts[0].text)
    if field.kind == "firms":
        return "；".join(
            f"{part.id} {part.text}" if part.id and part.id != part.text else part.text for part in said.parts
        )
    if field.kind == "passage":
        return f"{said.parts[0].kind}:{said.parts[0].id}"
    return said.text
