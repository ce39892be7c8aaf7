"""What the columns of a table mean, told by its head: indicator, unit, year, district, responsible body."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from importlib.resources import files
from typing import Protocol

import yaml

from jiqun.extraction import times
from jiqun.extraction.grids import Grid
from jiqun.extraction.words import any_of

_DATA = yaml.safe_load(files(__package__).joinpath("tables.yaml").read_text("utf-8"))
_HIGHEST = 4  # rows of a head
_LEADING_ROWS = 8  # rows in which the head must begin


def words_of(name: str) -> tuple[str, ...]:
    """A list of `tables.yaml`."""
    return tuple(dict.fromkeys(_DATA[name].split()))


class Role(StrEnum):
    """What stands in a column."""

    SERIAL = "serial"
    NATURE = "nature"  # 约束性, 预期性
    NOTE = "note"
    TIME = "time"  # a year to a row
    DEADLINE = "deadline"
    SUPPORT = "support"
    LEAD = "lead"
    BODY = "body"
    UNIT = "unit"
    CATEGORY = "category"
    INDICATOR = "indicator"
    TASK = "task"
    AREA = "area"
    VALUE = "value"
    OTHER = "other"


_ROLES = {word: Role(role) for role, words in _DATA["roles"].items() for word in words.split()}
_ROLE = re.compile(rf"(?:{any_of(word for word in _ROLES if len(word) > 1)})$")
_STRIPPED = re.compile(rf"^(?:{any_of(words_of('target'))})|(?:{any_of(words_of('stripped'))})$")
_TARGET = re.compile(any_of(words_of("target")))
_REACHED = re.compile(any_of(words_of("reached")))
_GROWTH = re.compile(any_of(words_of("growth")))
_EARLIER = re.compile(any_of(words_of("earlier")))
_SUMS = re.compile(any_of(words_of("sums")))
_AREA_NAME = re.compile(
    rf"(?:全[市省区县]|[\u4e00-\u9fff]{{2,9}}?(?:{any_of(words_of('area_ends'))}))(?:\([^()]{{1,12}}\))?"
)
_BRACKET = re.compile(r"[(\[]([^()\[\]]{1,14}(?:\([^()]{1,3}\))?)[)\]]")
_YEAR_ALONE = re.compile(r"(?<!\d)(20\d\d|19\d\d)(?![\d年])")
_PLAN = re.compile(r"(十[一二三四五六七]五)[”\"]?(?!时期|期间|期末|末|规划|计划)")
_FOOTNOTE = re.compile(r"(?:[*①-⑳※†‡#]|(?<=[^\[(])\[\d{1,2}\])+$")
_FILLER = re.compile(r"[\d()\[\]、,.:;/\\%—~*①-⑳※“”\"'<>+#&·-]|[年月末底初前至到的度内比较与]|时期|期间|其中")
_LONGEST_NUMBER = 30
_MOSTLY_NUMBER = re.compile(
    rf"(?:{any_of(words_of('around_numbers'))}|[^\d\u4e00-\u9fff])*\d[\d.,]*(?:%?[-—~至]\d[\d.,]*)?"
    r"[^\d\u4e00-\u9fff]{0,4}[\u4e00-\u9fff]{0,6}[^\d\u4e00-\u9fff]{0,4}"
)
_SAMPLE = 60  # rows by which a column is judged


class IsUnit(Protocol):
    def __call__(self, text: str, /) -> bool: ...


@dataclass(frozen=True)
class Column:
    """One column. `label` is its head as printed, `words` what of it names an indicator, `unit` the unit it gives.

    `mention` is the time it speaks of, `area` the district whose column it is. `is_sum`: 累计, `is_yearly`: 年均,
    `is_earlier`: 上年同期. Neither `is_target` nor `is_reached` is set where the head has no word for either.
    """

    at: int
    label: str
    role: Role
    unit: str = ""
    words: str = ""
    area: str | None = None
    mention: times.Mention | None = None
    is_numeric: bool = False
    is_target: bool = False
    is_reached: bool = False
    is_growth: bool = False
    is_sum: bool = False
    is_yearly: bool = False
    is_earlier: bool = False

    @property
    def year(self) -> int | None:
        return self.mention.end_year if self.mention else None


@dataclass(frozen=True)
class Heads:
    """The head of a table: its columns, the row it begins in and the first row below it."""

    columns: tuple[Column, ...]
    first: int
    body: int

    def of(self, *roles: Role) -> list[Column]:
        return [column for column in self.columns if column.role in roles]


def heads(grid: Grid, known_areas: Collection[str], is_unit: IsUnit) -> Heads | None:
    """The columns of a table with a head of known words; None for any other table."""
    first = next((r for r in range(min(grid.rows, _LEADING_ROWS)) if _is_head(grid, r)), None)
    if first is None:
        return None
    body = _body(grid, first, is_unit)
    while first > 0 and grid.filled(first - 1) and not grid.is_banner(first - 1):
        first -= 1  # what stands over a group of columns, in a row of its own
    columns = tuple(_column(grid, at, range(first, body), known_areas, is_unit) for at in range(grid.columns))
    if sum(column.area is not None for column in columns) < 2:  # one district's name is no row of districts
        columns = tuple(replace(c, area=None, role=Role.OTHER) if c.area else c for c in columns)
    return Heads(columns, first, body)


def role_of(label: str) -> Role | None:
    """What a head of one cell announces; brackets and footnotes are looked through."""
    whole = plain(label)
    for text in (whole, plain(_BRACKET.sub("", label))):
        if text in _ROLES:
            return _ROLES[text]
        match = _ROLE.search(text)
        if match is not None:
            return _ROLES[match[0]]
    return None


def plain(text: str) -> str:
    """`text` without footnote marks at its end."""
    return _FOOTNOTE.sub("", text).rstrip(":")


def unit_in(text: str, is_unit: IsUnit) -> tuple[str, str]:
    """(text without a bracket that holds a unit, the unit); the last such bracket counts."""
    for match in reversed(list(_BRACKET.finditer(text))):
        inner = re.sub(r"^(?:计量)?单位:?", "", match[1])
        if is_unit(inner):
            return text[: match.start()] + text[match.end() :], inner
    return text, ""


def time_in(label: str) -> times.Mention | None:
    """The last time that a head or caption names; a bare 2025 counts as a year."""
    dated = _PLAN.sub(r"\1时期", _YEAR_ALONE.sub(r"\1年", label))
    found = times.mentions(dated)
    with_year = [mention for mention in found if mention.end_year]
    parts = [mention for mention in found if mention.part]
    found = [*with_year, *parts]
    if with_year and parts and with_year[-1] is not parts[-1]:
        return replace(parts[-1], end_year=with_year[-1].end_year)
    return next(reversed(with_year), None) or next(reversed(found), None)


def is_area(text: str, known: Collection[str]) -> bool:
    """Whether a cell is the name of a district, known to the folder or formed like one."""
    return text in known or _AREA_NAME.fullmatch(text) is not None


def _is_head(grid: Grid, row: int) -> bool:
    cells = grid.filled(row)
    texts = [grid.text(cell.row, cell.column) for cell in cells]
    if len(texts) < 2 or any(len(text) > 40 or re.search(r"[。;]", text) for text in texts):
        return False
    known = [text for text in texts if role_of(text) is not None or _is_time(text)]
    has_word = any(role_of(text) is not None for text in texts)
    return has_word and len(known) * 3 >= len(texts) and not any(_is_number(text) for text in texts)


def _is_time(text: str) -> bool:
    return len(text) <= 16 and time_in(text) is not None


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[<>≥≤约]?-?\d[\d,.]*%?", text) is not None and not _YEAR_ALONE.fullmatch(text)


def _body(grid: Grid, first: int, is_unit: IsUnit) -> int:
    """The first row below the head: past cells merged downward, second rows of years, units and column numbers."""
    body = max((cell.row + cell.row_span for cell in grid.filled(first)), default=first + 1)
    body = body if body <= first + _HIGHEST else first + 1
    while body < min(grid.rows, first + _HIGHEST):
        texts = [grid.text(cell.row, cell.column) for cell in grid.filled(body)]
        is_open = not grid.text(body, 0) or grid.own(body, 0) is None
        is_more = is_open and texts and all(_is_time(t) or role_of(t) or is_unit(t.strip("()")) for t in texts)
        if not is_more and not _counts_columns(texts):
            break
        body += 1
    return min(body, grid.rows)


def _counts_columns(texts: Sequence[str]) -> bool:
    """Whether a row only numbers the columns, as statistical forms do: 甲 乙 1 2 3."""
    digits = [text for text in texts if text.isdigit()]
    counted = [str(n) for n in range(1, len(digits) + 1)]
    return len(digits) > 1 and digits == counted and all(t.isdigit() or t in "甲乙丙丁" for t in texts)


def _column(grid: Grid, at: int, rows: range, known_areas: Collection[str], is_unit: IsUnit) -> Column:
    path: list[str] = []
    for row in rows:
        if (said := grid.text(row, at)) and said not in path[-1:]:
            path.append(said)
    unit = ""
    texts: list[str] = []
    for said in path:
        rest, own = unit_in(plain(said), is_unit)
        if own or (is_unit(said) and row_of_units(path, said)):
            unit, rest = own or said, rest if own else ""
        texts.append(plain(rest))
    label = "/".join(path)
    numeric = _is_numeric(grid, at, rows.stop)
    area = next((text for text in reversed(texts) if is_area(text, known_areas)), None)
    role = _role(texts, area, numeric, has_unit=bool(unit))
    if role is not Role.VALUE:
        return Column(at, label, role, unit, is_numeric=numeric)
    others = [text for text in texts if text != area]
    joined = "".join(others)
    is_target = _TARGET.search(joined) is not None
    return Column(
        at, label, role, unit, "".join(_words(text) for text in others), area, time_in(joined), numeric,
        is_target=is_target,
        is_reached=not is_target and _REACHED.search(joined) is not None,
        is_growth=_GROWTH.search(joined) is not None,
        is_sum=_SUMS.search(joined) is not None,
        is_yearly=re.search(r"年均|每年", joined) is not None,
        is_earlier=_EARLIER.search(joined) is not None and not _GROWTH.search(joined),
    )  # fmt: skip


def row_of_units(path: Sequence[str], text: str) -> bool:
    """Whether a head cell that reads as a unit stands under another head, and so gives the unit."""
    return len(path) > 1 and path[-1] == text


def _role(texts: Sequence[str], area: str | None, numeric: bool, *, has_unit: bool) -> Role:
    if area is not None:
        return Role.VALUE
    for text in reversed(texts):
        found = role_of(text) if text else None
        if found is None and text and _is_time(text):
            found = Role.VALUE
        if found is Role.TASK and numeric:
            found = Role.VALUE
        if found is not None:
            return found
    return Role.VALUE if numeric and has_unit else Role.OTHER


def _words(text: str) -> str:
    """What a head says beyond times and words for numbers: nothing of 2025年目标值, 技改投资 of 技改投资目标."""
    bare = _BRACKET.sub("", text)
    if bare != text and not _words(bare):
        return ""
    dated = _PLAN.sub(r"\1时期", _YEAR_ALONE.sub(r"\1年", text))
    for mention in reversed(times.mentions(dated)):
        dated = dated[: mention.start] + dated[mention.end :]
    for _ in range(6):
        shorter = _STRIPPED.sub("", dated).strip("/、的")
        if shorter == dated:
            break
        dated = shorter
    said = dated.strip("的、:()“”")
    return said if _FILLER.sub("", said) and _ROLES.get(said) is not Role.VALUE else ""


def _is_numeric(grid: Grid, at: int, body: int) -> bool:
    """Whether most cells of a column that say something hold a number and few words."""
    texts = [grid.text(row, at) for row in range(body, min(grid.rows, body + _SAMPLE))]
    said = [text for text in texts if len(re.sub(r"[—/…-]", "", text)) > 0]
    numbers = [text for text in said if len(text) <= _LONGEST_NUMBER and _MOSTLY_NUMBER.fullmatch(text)]
    return len(numbers) * 2 >= len(said) and bool(numbers)
