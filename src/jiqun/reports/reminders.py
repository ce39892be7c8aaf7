"""The notice to those who have not answered a round (催报名单), as a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jiqun.records.models import Return
from jiqun.reports.rounds import PENDING, RoundFilter, late, overdue, round_page, row_of, seen_by
from jiqun.reports.view import View
from jiqun.tables import Value
from jiqun.tables.xlsx import Column, Kind, Page


def reminders(view: View, key: str) -> tuple[Sequence[Page], Sequence[tuple[str, str]]]:
    """The notice to those who have not answered (催报名单) and who came late, as sheets and their notes."""
    page = round_page(view, key, RoundFilter())
    seen = seen_by(view).filter(round_key=key).order_by("area_id", "respondent_id")
    columns = (
        Column("区域", width=16), Column("单位代码", width=22), Column("单位名称", width=40), Column("状态"),
        Column("应报日", Kind.DAY), Column("首次报送日", Kind.DAY),
    )  # fmt: skip

    def rows(found: Iterable[Return]) -> list[list[Value]]:
        lines = [row_of(view, each) for each in found]
        return [
            [line.area.name if line.area else None, line.code, line.respondent, line.state_label,
             line.due_on, line.first_submitted_on] for line in lines
        ]  # fmt: skip

    title = f"{page.row.form.name} {page.row.period}"
    sheets = (
        Page("未报", columns, rows(seen.filter(overdue(view))), title=f"{title}　逾期未报名单"),
        Page("待报", columns, rows(seen.filter(state__in=PENDING)), title=f"{title}　尚未报送名单"),
        Page("迟报", columns, rows(seen.filter(late())), title=f"{title}　迟报名单"),
    )
    told = [
        ("报表", f"{page.row.form.name}（{page.row.number}）"), ("报告期", page.row.period),
        ("截止日", page.row.due_on.isoformat()), ("制表日", view.today.isoformat()),
        ("逾期未报", "应报日已过、尚未报送或退回后未重报"), ("迟报", "首次报送日晚于应报日；延期的按延期后的日子"),
    ]  # fmt: skip
    return sheets, [*told, *([("注意", "演示数据")] if page.row.is_invented else [])]
