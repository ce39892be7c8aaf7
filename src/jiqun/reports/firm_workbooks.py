"""Lists of firms as workbooks, from the same contexts as the pages."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from jiqun.reports.firmbook import Firmbook
from jiqun.reports.firms import FirmRow
from jiqun.tables import Value, xlsx
from jiqun.tables.xlsx import Column, Kind, Page

MOST = 20_000  # rows of one workbook
YEAR = "0"  # the number format of a year of the calendar, which has no thousands


def firms_workbook(book: Firmbook, rows: Sequence[FirmRow], total: int, *, created: datetime) -> bytes:
    """The firms listed, as an xlsx file; what was left out is said in it."""
    columns = (
        Column("统一社会信用代码"), Column("企业名称", width=36), Column("区域"), Column("行业", width=24),
        Column("规模"),
        Column(f"{book.firms.figures_year}年营业收入（万元）", Kind.NUMBER), Column("职工总数（人）", Kind.INTEGER),
        Column("符合的层级", width=40), Column("未知的层级", width=40), Column("已有称号", width=40),
    )  # fmt: skip
    page = Page("企业", columns, [_firm(row) for row in rows], title=title(book, "企业库"))
    return written([page], notes(book, len(rows), total), created)


def title(book: Firmbook, what: str) -> str:
    marked = "【演示数据：企业均为凭空生成】" if book.is_invented else ""
    city = book.view.city.name
    whose = "" if what.removeprefix("“").startswith(city) else city
    return f"{whose}{what}（{book.snapshot_day} 的名册）{marked}"


def notes(book: Firmbook, shown: int, total: int) -> list[tuple[str, str]]:
    manifest = book.manifest
    judged = f"{book.judged.on} 有效的标准，第 {book.judged.run_id} 号运行" if book.judged else "尚未判定"
    found = [
        ("截至", f"{book.view.on}：只用这一天以前公开、收录的名册和名单"),
        ("名册", f"{book.register.title}，{book.snapshot_day}，摘要 {manifest.digest}"),
        ("收集用途", f"为{manifest.purpose.label}收集，本表用于{book.firms.use.label}"),
        ("判定", judged),
        ("城市资料夹", f"{book.view.city.edition}，摘要 {book.view.city.digest}"),
        ("空格", "未知，不是零"),
    ]
    if book.areas is not None:
        found.append(("范围", "只含本账号可以查看的区域"))
    if shown < total:
        found.append(("行数", f"共 {total} 行，这里是前 {shown} 行；请缩小范围后分次导出"))
    return found


def written(pages: Sequence[Page], told: Sequence[tuple[str, str]], created: datetime) -> bytes:
    out = io.BytesIO()
    xlsx.write(out, pages, created=created, notes=told)
    return out.getvalue()


def _firm(row: FirmRow) -> list[Value]:
    revenue = None if row.revenue_yuan is None else Decimal(str(row.revenue_yuan)) / 10_000
    tiers = ("、".join(ref.name for ref in found) or None for found in (row.met, row.unsure, row.titles))
    return [
        row.code, row.name, row.area.name if row.area else None, row.industry or None, row.size or None, revenue,
        None if row.employees is None else Decimal(row.employees), *tiers,
    ]  # fmt: skip
