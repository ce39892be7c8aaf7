"""The figures that texts report, as a table that `jiqun import` takes: each with its document, span and quote.

What cannot be imported yet is not lost: it stands in a list of its own, its missing cells empty, with a note that
says what to fill in. No Django here.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from jiqun.model.claims import Measure
from jiqun.packs import City
from jiqun.reports.reported import GAPS, Point, ReportedFigure, Saying, agree, gaps, grain, reported
from jiqun.reports.wording import VALUE_KINDS
from jiqun.tables import Value, delimited, xlsx
from jiqun.tables.xlsx import Column, Kind, Page

COLUMNS = (
    Column("指标编号"), Column("指标名称", width=30), Column("地区"), Column("集群"), Column("时期"),
    Column("数值", Kind.NUMBER, "General"), Column("单位"), Column("口径"), Column("数值性质"),
    Column("来源", width=36), Column("发布日期", Kind.DAY), Column("待补充", width=30), Column("原文", width=48),
    Column("原文指标", width=30), Column("文中又见"), Column("文件"), Column("文件摘要", width=16),
    Column("原文起", Kind.INTEGER, "0"), Column("原文止", Kind.INTEGER, "0"), Column("数字起", Kind.INTEGER, "0"),
    Column("数字止", Kind.INTEGER, "0"), Column("把握", Kind.PERCENT),
)  # fmt: skip
_WORDS = GAPS | {"differs": "文中另有不同的数", "coarser": "文中另有更细的数"}
_NOTES = (
    ("数据", "可以直接导入：jiqun import 工作区 本表；同一文件里印了两次的数只列一次"),
    ("待补充", "缺什么见“待补充”列；补上空格后可与“数据”一起导入，仍空着的行导入时跳过"),
    ("原文起、原文止", "引文在文件原文中的位置（字符，从 0 起，不含止）；数字起、数字止为数字本身"),
    ("口径、正负", "下降的增速和增量记为负数；达到、新增、累计、增速、占比、位次互不混用"),
)


class Said(Saying, Protocol):
    """A claim with its place, whichever kind of claim it is."""

    @property
    def confidence(self) -> float: ...


class Named(Protocol):
    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class Place:
    """Where in the original the quote and its number stand: characters from, up to."""

    start: int
    end: int
    number_start: int
    number_end: int


@dataclass(frozen=True)
class Paper:
    """The document whose figures are listed."""

    title: str
    name: str
    digest: str
    issued_on: date | None


@dataclass(frozen=True)
class Line:
    """A row of the table. `missing` says in words what keeps it from being imported; "" for one that can be."""

    cells: tuple[Value, ...]
    missing: str


def lines(city: City, paper: Paper, claims: Iterable[tuple[Said, Place]]) -> list[Line]:
    """The figures of one document in the order of its text, a figure printed twice only once."""
    said = [(claim, place, reported(city, claim)) for claim, place in claims]
    first: dict[tuple[object, ...], int] = {}
    again: dict[int, list[int]] = {}
    for at, (claim, place, figure) in enumerate(said):
        # two unlinked phrases are not known to be one thing
        name = figure.same if claim.indicator_id else (at,)
        if (one := first.setdefault(name, at)) != at:
            again.setdefault(one, []).append(place.number_start)
    at_point: dict[Point, list[ReportedFigure]] = {}
    for claim, _, figure in (said[at] for at in first.values()):
        if claim.indicator_id:
            at_point.setdefault(figure.point, []).append(figure)
    found = []
    for at in first.values():
        claim, place, figure = said[at]
        wrong = [*gaps(city, claim), *_beside(figure, at_point.get(figure.point, []))]
        found.append(_line(city, paper, claim, place, figure, wrong, again.get(at, [])))
    return found


def as_csv(found: Sequence[Line]) -> bytes:
    """The lines as one list, those that can be imported first."""
    ready = [line.cells for line in found if not line.missing]
    return delimited.write([column.title for column in COLUMNS], ready + [o.cells for o in found if o.missing])


def as_xlsx(found: Sequence[Line], *, created: datetime) -> bytes:
    """The lines on two sheets: 数据 and 待补充."""
    out = io.BytesIO()
    pages = [Page("数据", COLUMNS, [line.cells for line in found if not line.missing])]
    pages.append(Page("待补充", COLUMNS, [line.cells for line in found if line.missing]))
    xlsx.write(out, pages, created=created, notes=_NOTES)
    return out.getvalue()


def _beside(figure: ReportedFigure, others: list[ReportedFigure]) -> list[str]:
    if any(not agree(figure, other) for other in others):
        return ["differs"]
    return ["coarser"] if any(_firmer(other) < _firmer(figure) for other in others) else []


def _firmer(figure: ReportedFigure) -> tuple[object, ...]:
    """An exact number before a rounded one, the finer print before the coarser; no two of one point are equal."""
    return figure.value_kind != "exact", grain(figure), figure.value_kind, figure.unit


def _line(
    city: City, paper: Paper, claim: Said, place: Place, figure: ReportedFigure, wrong: list[str], again: list[int]
) -> Line:
    indicator = city.indicators.get(claim.indicator_id or "")
    missing = "；".join(_WORDS[gap] for gap in wrong)
    # what a person has to decide is left empty: the period, or else the indicator
    is_open = bool(set(wrong) - {"no_period"})
    cells: tuple[Value, ...] = (
        indicator.id if indicator and not is_open else None,
        indicator.name if indicator and not is_open else None,
        _name(city.names_of_areas, city.areas, claim.area_id),
        _name(city.names_of_clusters, city.clusters, claim.cluster_id),
        claim.period or None,
        figure.value,
        claim.unit or None,
        Measure(claim.measure).label,
        VALUE_KINDS[figure.value_kind] or None,
        paper.title,
        paper.issued_on,
        _asked(missing, indicator.name if indicator and is_open else ""),
        claim.quote,
        claim.indicator,
        "、".join(f"第{start}字" for start in again) or None,
        paper.name,
        paper.digest,
        *(Decimal(number) for number in (place.start, place.end, place.number_start, place.number_end)),
        Decimal(str(round(claim.confidence, 2))),
    )  # fmt: skip
    return Line(cells, missing)


def _asked(missing: str, indicator: str) -> str | None:
    """What to fill in, with the indicator it may be."""
    return (f"{missing}（可能是：{indicator}）" if indicator else missing) or None


def _name(names: Mapping[str, tuple[str, ...]], things: Mapping[str, Named], its_id: str | None) -> str | None:
    """The name where it is this thing's alone, else the id: an import takes both."""
    if its_id is None or its_id not in things:
        return None
    name = things[its_id].name
    return name if names.get(name) == (its_id,) else its_id
