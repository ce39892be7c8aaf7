"""What respondents wrote to the soft checks that their returns failed, a line for each question, for the reviewer."""

from __future__ import annotations

from collections.abc import Iterator

from jiqun.ledger import access
from jiqun.records.models import Return, ReturnState, Submission, stands
from jiqun.reports.rounds import code_of
from jiqun.reports.view import View
from jiqun.tables import Value
from jiqun.tables.xlsx import Column, Page

UNSAID = "（没有说明）"


def explanations_sheet(view: View, round_key: str, title: str) -> Page:
    """The questions that the returns as last sent raised, with the words to each, of those this reader may see."""
    columns = (
        Column("单位代码", width=22), Column("单位名称", width=32), Column("区域"), Column("状态"),
        Column("核实性问题", width=44), Column("填报单位的说明", width=60), Column("问题编号"),
    )  # fmt: skip
    return Page("说明", columns, list(_lines(view, round_key)), title=f"{title}　核实性问题与说明")


def _lines(view: View, round_key: str) -> Iterator[list[Value]]:
    allowed = access.returns_of(view.user, view.city)
    rows = stands(Return).filter(round_key=round_key, submission_version__gt=0)
    owed = {row.key: row for row in (rows if allowed is None else rows.filter(allowed))}
    sent = stands(Submission).filter(round_key=round_key).order_by("respondent_id")
    for key, findings, words in sent.values_list("key", "findings", "explanations").iterator():
        if key in owed:
            row = owed[key]
            area, state = view.names.area(row.area_id), str(ReturnState(row.state).label)
            for each in findings:
                yield [code_of(view, row), row.respondent_name, area.name if area else None, state, each["message"],
                       words.get(each["id"]) or UNSAID, each["id"]]  # fmt: skip
