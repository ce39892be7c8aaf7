"""The head of a table of firms: which of its columns leads to which of ours, in which unit, of which year."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jiqun import tables
from jiqun.enterprises import columns
from jiqun.enterprises.columns import Column
from jiqun.model.findings import Finding, Place, Severity
from jiqun.model.numerals import fold
from jiqun.tables.workbook import Sheet, Stored

_HEAD_ROWS = 60
_YEAR = re.compile(r"(?:(20\d\d)年?度?|前([123])年|上一?年度?|本年度?)")
_BRACKETED = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_AT_END = re.compile(r"年?末|期末|全年|年?平均")


@dataclass(frozen=True)
class Head:
    """Where a table's columns lead: number of the source column (from 0) → (our column, unit of the head)."""

    first_line: int  # of the data
    labels: tuple[str, ...]
    columns: Mapping[int, tuple[Column, str]]
    findings: tuple[Finding, ...]


def find_head(sheet: Sheet, known: Mapping[str, Column], figures_year: int, file: str = "") -> Head:
    """The head of a table of firms; its columns empty where none is found. See `recognise` for what is understood."""
    names = _names(known)
    start = Sheet(sheet.name, sheet.grid[:_HEAD_ROWS], tuple(m for m in sheet.merges if m.last_row <= _HEAD_ROWS))
    named = Sheet(
        start.name,
        tuple(tuple(_renamed(v, names, known, figures_year) for v in row) for row in start.grid),
        start.merges,
    )
    there = {value.partition("(")[0] for row in named.grid for value in row if isinstance(value, str)} & set(known)
    found = tables.records(named, {id_: (id_,) for id_ in sorted(there)}, optional=there, file=file)
    if found.head is None:
        return Head(1, (), {}, ())
    first = found.rows[0].line if found.rows else found.head.last_row + 1
    labels = tuple(start.row(found.head.last_row)[at].text for at in range(max(found.head.labels, default=0)))
    placed: dict[int, tuple[Column, str]] = {}
    for number, path in found.head.labels.items():
        written = path[-1].partition("(")[0]
        over = [
            start.row(row)[number - 1].text for row in range(max(found.head.first_row - 2, 1), found.head.first_row)
        ]
        years_over = [label for label in over if _YEAR.fullmatch(re.sub(r"\s+", "", fold(label)))]
        id_ = _of_year(written, (*years_over, *path[:-1]), known, figures_year)
        if id_ is not None:
            own = _BRACKETED.findall(path[-1])
            placed[number - 1] = (known[id_], own[-1] if own else found.units.get(written, ""))
    return Head(first, labels, placed, tuple(_findings(placed, labels, Place(file, sheet=sheet.name))))


def _of_year(written: str, above: tuple[str, ...], known: Mapping[str, Column], figures_year: int) -> str | None:
    """The column that a label already recognised means under labels that may name its year."""
    if written not in known:
        return None
    years = next((match for label in reversed(above) if (match := _YEAR.search(fold(label)))), None)
    column = known[written]
    if years is None or column.years_back or not column.is_yearly:
        return written
    return _in_year(column.attribute.id, years, known, figures_year)


def _findings(placed: Mapping[int, tuple[Column, str]], labels: tuple[str, ...], where: Place) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for at, (column, unit) in placed.items():
        first = seen.setdefault(column.id, at)
        if first != at:
            words = f"“{labels[first]}”和“{labels[at]}”两列都是{column.name}"
            yield Finding("import.column_twice", Severity.ERROR, words, where, "请删除或改名其中一列")
        if column.attribute.unit in ("元", "美元") and not unit:
            words = f"“{labels[at]}”没有写单位，按{column.attribute.unit}读取"
            yield Finding("import.unit_missing", Severity.WARNING, words, where, "请在表头写明单位")
    unused = [label for at, label in enumerate(labels) if at not in placed and label]
    if unused:
        yield Finding("import.column_unused", Severity.NOTE, f"未使用的列：{'、'.join(unused)}", where)


def recognise(text: str, names: Mapping[str, str], known: Mapping[str, Column], figures_year: int) -> str | None:
    """The column that a head text means: an id, a name or alias, with the year before, behind or in brackets.

    2022年营业收入, 营业收入（2021年度）, 上年营业收入, 营业收入（前1年） are understood; 上年 is the last finished
    year. A year that the register does not keep makes it no column.
    """
    plain = re.sub(r"[\s*#:]+", "", fold(text))
    if plain in known:
        return plain
    years = _YEAR.search(plain)
    bare = _AT_END.sub("", _BRACKETED.sub("", _YEAR.sub("", plain)))
    attribute_id = names.get(bare) or names.get(_BRACKETED.sub("", plain))
    if attribute_id is None:
        return None
    if years is None or not known[attribute_id].is_yearly:
        return attribute_id
    return _in_year(attribute_id, years, known, figures_year)


def _in_year(attribute_id: str, years: re.Match[str], known: Mapping[str, Column], figures_year: int) -> str | None:
    back = figures_year - int(years[1]) if years[1] else int(years[2] or 0)
    column = columns.year_column(attribute_id, back) if back >= 0 else ""
    return column if column in known else None


def _names(known: Mapping[str, Column]) -> dict[str, str]:
    """Name or alias, folded and without remarks in brackets → attribute."""
    found: dict[str, str] = {}
    for column in known.values():
        for name in (column.attribute.name, *column.attribute.aliases):
            found.setdefault(_BRACKETED.sub("", fold(name)), column.attribute.id)
            found.setdefault(fold(name), column.attribute.id)
    return found


def _renamed(value: Stored, names: Mapping[str, str], known: Mapping[str, Column], year: int) -> Stored:
    """A cell with the id of the column that it names in the place of the name; its unit in brackets stays."""
    if not isinstance(value, str) or len(value) > 40:
        return value
    column = recognise(value, names, known, year)
    if column is None:
        return value
    remarks = [remark for remark in _BRACKETED.findall(fold(value)) if not _YEAR.fullmatch(remark)]
    return f"{column}({remarks[-1]})" if remarks else column
