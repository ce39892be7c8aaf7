"""What a document says: quantified claims and numbered tasks, each with its place in the text."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from jiqun.model.bounds import Bound, Comparator
from jiqun.model.spans import Span


class ClaimKind(StrEnum):
    TARGET = "target"
    ACTUAL = "actual"


class Measure(StrEnum):
    """Seven things a number can be; they never share a line in a chart (law 2)."""

    LEVEL = "level"  # 期末存量或全期总量
    INCREMENT = "increment"  # 规划期内新增
    CUMULATIVE = "cumulative"  # 累计
    ANNUAL = "annual"  # 每年
    GROWTH = "growth"  # 增速
    SHARE = "share"  # 占比、覆盖率
    RANK = "rank"  # 位次

    @property
    def label(self) -> str:
        return _MEASURE_LABELS[self]


_MEASURE_LABELS = {
    Measure.LEVEL: "达到", Measure.INCREMENT: "新增", Measure.CUMULATIVE: "累计", Measure.ANNUAL: "每年",
    Measure.GROWTH: "增速", Measure.SHARE: "占比", Measure.RANK: "位次",
}  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    """A thing of the city folder that a phrase may mean: its id, a score in [0, 1], and why."""

    id: str
    score: float
    evidence: str = ""


@dataclass(frozen=True)
class CellPlace:
    """Where in a document's tables a number stands; everything is counted from 1, as people count.

    `caption` is what the document prints over the table (表1 主要指标), `column_label` the head of the column.
    """

    table: int
    row: int
    column: int
    caption: str = ""
    column_label: str = ""

    @property
    def printed(self) -> str:
        """The place as a reader finds it: 表1 主要指标 第3行“2025年目标”列."""
        name = self.caption or f"表{self.table}"
        column = f"“{self.column_label}”列" if self.column_label else f"第{self.column}列"
        return f"{name} 第{self.row}行{column}"


@dataclass(frozen=True)
class Claim:
    """A quantity that a text commits to (target) or reports as reached (actual).

    `span` is the quote and `number_span` the number, both in the document's original text; the quote read there,
    white space and page marks dropped, equals `quote`. `value` is as printed, in `unit`. Ids are None where nothing
    in the folder fits well enough; then `candidates` holds the nearest indicators, best first. `doubts` name
    what lowers the confidence. `cell` is set for a
    number of a table, `binding` where the table says 约束性 (True) or 预期性 (False).
    """

    kind: ClaimKind
    quote: str
    indicator: str
    value: Decimal
    unit: str
    comparator: Comparator
    measure: Measure
    span: Span
    number_span: Span
    value_max: Decimal | None = None
    strict: bool = False
    area: str | None = None
    period: str | None = None
    bodies: tuple[str, ...] = ()
    base_value: Decimal | None = None
    base_period: str | None = None
    task: str | None = None  # number path of the work item it stands in, "二/(一)/1"
    indicator_id: str | None = None
    area_id: str | None = None
    cluster_id: str | None = None
    body_ids: tuple[str | None, ...] = ()
    confidence: float = 0.0
    candidates: tuple[Candidate, ...] = field(default=())
    doubts: tuple[str, ...] = ()
    cell: CellPlace | None = None
    binding: bool | None = None

    @property
    def bound(self) -> Bound:
        return Bound(self.comparator, self.value, self.value_max, self.strict)


@dataclass(frozen=True)
class WorkItem:
    """A numbered task of a document, with its responsible bodies in printed order (the first leads)."""

    number: str
    title: str
    bodies: tuple[str, ...]
    span: Span  # heading and body, in the original text
    body_ids: tuple[str | None, ...] = ()
    deadline: str | None = None
    claims: int = 0
