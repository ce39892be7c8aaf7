"""A round by derived industry as sheets: sums with their bounds, what is common to two of them, classes, firms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from jiqun.model.periods import Period
from jiqun.reports.derived import Amount, DerivedFilter, Found, codes_of, every_firm, find, lines_of, named, whole_of
from jiqun.reports.view import Ref, View
from jiqun.tables import Value
from jiqun.tables.xlsx import Column, Kind, Page

HIDDEN = "…"
_TARGET = Column("产业", width=34)


def derived_sheets(
    view: View, registers: Path, key: str, wanted: DerivedFilter, known: date | None
) -> tuple[Sequence[Page], Sequence[tuple[str, str]]]:
    """What the page shows; classes of every target for those who may see them, firms of the one looked into."""
    found = find(view, registers, key, wanted, known)
    form, period = found.laid.form, Period.parse(found.round.period).label
    title = f"{form.name} {period}　{named(found.laid, found.cell)}（{found.cell.unit}）　{found.area.name}"
    lines = lines_of(found)
    whole = whole_of(found)
    rows: list[list[Value]] = [[line.ref.name, *_cells(line.amount)] for line in lines]
    if lines:
        rows.append(["合计（每家只算一次）", *_cells(whole)])
    sheets = [Page("汇总", [_TARGET, *_amounts(found)], rows, title=title)]
    pairs: list[list[Value]] = [
        [line.ref.name, other.ref.name, *_cells(line.shared[at])[:5]]
        for line_at, line in enumerate(lines) for at, other in enumerate(lines) if line_at < at and line.shared[at]
    ]  # fmt: skip
    sheets.append(Page("交叉", [_TARGET, Column("与", width=34), *_amounts(found)[:5]], pairs, title=title))
    if found.shown is None:
        sheets += _inside(view, found, [line.ref for line in lines], wanted.target, title)
    notes = [
        ("报表", f"{form.name}（{form.number}）"), ("口径", "已通过的报表"),
        ("知悉日", (found.known or view.today).isoformat()),
        ("至少、至多", "只有一部分计入的小类，比例未知的，下限不计、上限全计"),
        ("企业的行业", "名册在布置本期报表那一天的行业代码；只用于统计"),
        *([(HIDDEN, "不公布：可能推算出单个填报单位")] if found.shown is not None else []),
        *([("覆盖面不足", found.total.reason)] if found.total.steps is None else []),
        *([("注意", "演示数据")] if form.is_invented else []),
    ]  # fmt: skip
    return sheets, notes


def _inside(view: View, found: Found, targets: Sequence[Ref], chosen: str, title: str) -> list[Page]:
    """Classes of every target, and the firms of the chosen one."""
    columns = [_TARGET, Column("行业代码"), Column("行业", width=30), Column("计入方式", width=24), *_amounts(found)]
    rows: list[list[Value]] = [
        [ref.name, line.code, line.name, "；".join(line.whys), *_cells(line.amount)]
        for ref in targets for line in codes_of(view, found, ref)
    ]  # fmt: skip
    sheets = [Page("小类", columns, rows, title=title)]
    target = next((ref for ref in targets if ref.id == chosen), None)
    if target is not None:
        heads = [Column("单位代码", width=22), Column("单位名称", width=36), Column("行业代码"),
                 Column("计入方式", width=24), *(Column(f"{name}（{found.cell.unit}）", Kind.NUMBER, _places(found), 16)
                   for name in ("填报数", "至少", "至多"))]  # fmt: skip
        firms: list[list[Value]] = [
            [line.key.rpartition("|")[2], line.respondent, line.code, line.why,
             *(None if text is None else Decimal(text) for text in (line.stated, line.low, line.high))]
            for line in every_firm(found, target)
        ]  # fmt: skip
        sheets.append(Page("企业", heads, firms, title=f"{title}　{target.name}"))
    return sheets


def _amounts(found: Found) -> list[Column]:
    unit = found.cell.unit
    return [
        *(Column(f"{name}（{unit}）", Kind.NUMBER, _places(found), 16) for name in ("至少", "至多")),
        *(Column(f"{name}占合计（%）", Kind.NUMBER, "0.0") for name in ("至少", "至多")),
        *(Column(name, Kind.INTEGER) for name in ("企业数", "部分计入的企业", "没有填数的")),
    ]  # fmt: skip


def _places(found: Found) -> str:
    return "#,##0" + ("." + "0" * found.cell.digits if found.cell.digits else "")


def _cells(amount: Amount | None) -> list[Value]:
    if amount is None:
        return [HIDDEN] * 7
    return [
        Decimal(amount.low), Decimal(amount.high), amount.low_pct, amount.high_pct, Decimal(amount.firms),
        Decimal(amount.in_part), Decimal(amount.unknown),
    ]  # fmt: skip
