"""What stands over and around a table and holds for all of it: its kind, its year, its unit."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from jiqun.extraction import times
from jiqun.extraction.grids import Grid
from jiqun.extraction.heads import Heads, Role, time_in, words_of
from jiqun.extraction.words import any_of
from jiqun.model.claims import ClaimKind

_PLANNING = re.compile(any_of(words_of("planning_titles")))
_REPORTING = re.compile(any_of(words_of("reporting_titles")))
_UNIT_LINE = re.compile(r"(?:计量)?单位:(?P<unit>[^()]{1,20}?)(?=[)）]|$)")
_SUM_NOTE = re.compile(r"(?P<mark>[\[(])[\])](?:和?[\[(][\])])*[^。;]{0,12}?(?:为|是|表示|均为|系)[^。;]{0,12}累计")
_NUMBERED = re.compile(r"^(?:附?[表件]\s?\d*[\s:：]*)")


@dataclass(frozen=True)
class Setting:
    """What holds for a whole table: kind, the year its goals are for, the period it reports, where its plan begins.

    `unit` stands over it; `sums` are the brackets whose numbers are sums over the plan.
    """

    kind: ClaimKind
    goal: int | None
    period: times.Mention | None
    begins: int | None
    unit: str
    sums: frozenset[str]
    subject: str = ""


@dataclass
class Surrounding:
    """What a document says around its tables: its day, kind, title, and the headings over the table."""

    day: date | None
    kind: ClaimKind | None
    title: str
    headings: list[str] = field(default_factory=list)


def setting(grid: Grid, heads: Heads, around: Surrounding) -> Setting:
    """What stands over a table and holds for all of it."""
    banners = [grid.text(row, 0) for row in range(heads.first) if grid.is_banner(row)]
    lead = [*banners[::-1], *grid.lead, *around.headings, around.title]
    named = [line for line in lead if not _UNIT_LINE.fullmatch(line.strip("()"))]
    mention = next((m for line in named if (m := time_in(line)) is not None and m.end_year), None)
    near = "".join([*banners, *grid.lead[:2]])
    units = (_UNIT_LINE.search(line) for line in [*banners, *grid.lead])
    unit = next((match["unit"] for match in units if match), "")
    kind = _kind(heads, near, around, mention)
    plan = next((m for line in named if (m := time_in(line)) is not None and m.is_span), None)
    begins = around.day.year if around.day else _start_of(plan, "".join(named))
    years = [column.year for column in heads.of(Role.VALUE) if column.year and not column.is_reached]
    goal = mention.end_year if mention else max(years, default=None)
    return Setting(
        kind, goal, mention, begins, unit, _sums(grid), _subject(near)
    )  # fmt: skip


def _kind(heads: Heads, near: str, around: Surrounding, mention: times.Mention | None) -> ClaimKind:
    """Whether a table promises or reports: by its head, its caption, its years, at last by its document."""
    values = heads.of(Role.VALUE)
    if any(column.is_target for column in values) or heads.of(Role.NATURE):
        return ClaimKind.TARGET
    if _REPORTING.search(near):
        return ClaimKind.ACTUAL
    if _PLANNING.search(near):
        return ClaimKind.TARGET
    years = [column.year for column in values if column.year]
    if around.day is not None and any(year > around.day.year for year in years):
        return ClaimKind.TARGET
    if around.kind is not None:
        return around.kind
    is_over = around.day is not None and years and all(year < around.day.year for year in years)
    is_report = (
        is_over or (mention is not None and mention.part) or any(c.is_growth and not c.is_yearly for c in values)
    )
    return ClaimKind.ACTUAL if is_report else ClaimKind.TARGET


def _start_of(plan: times.Mention | None, lines: str) -> int | None:
    """The first year of the plan that a title names: 2021 of 2021—2025年 and of 十四五."""
    first = times.first_year(lines, is_report=False)
    if first is not None:
        return first
    return plan.end_year - 4 if plan is not None and plan.end_year else None


def _sums(grid: Grid) -> frozenset[str]:
    """The brackets whose numbers are sums over the plan: square ones by custom, round ones where a note says so."""
    last = "".join(grid.text(row, 0) for row in range(max(grid.rows - 2, 0), grid.rows) if grid.is_banner(row))
    note = grid.note + last + "".join(grid.lead)
    match = _SUM_NOTE.search(re.sub(r"(?<=[\[(])\s*(?=[\])])", "", note))
    return frozenset("[" if match is None else {"[", *re.findall(r"[\[(](?=[\])])", match[0])})


def _subject(near: str) -> str:
    """What a caption counts beyond times and words for tables: 新增高企 of 2025年各区新增高企目标分解表."""
    text = _UNIT_LINE.sub("", _NUMBERED.sub("", near))
    for mention in reversed(times.mentions(text)):
        text = text[: mention.start] + text[mention.end :]
    text = re.sub(r"各(?:县|市|区|地|镇|乡|街道|板块|园区|功能区|[、()])+", "", text)
    text = re.sub(r"(?:表|目标|任务|分解|计划|指标|情况|完成|一览|统计|数|值|[()])+$", "", text)
    return text if 3 <= len(text) <= 30 and not re.search(r"规划|方案|意见|通知|主要|公报", text) else ""
