"""One firm: who it is, its figures with source and day, where it stands on every tier and why, what it was before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from jiqun.enterprises import register, tiers
from jiqun.enterprises.columns import Column, groups, year_column
from jiqun.enterprises.snapshots import Manifest, Origin
from jiqun.enterprises.tiers.definition import judge
from jiqun.enterprises.tiers.explaining import FAILS, MEETS, UNKNOWN, Explained, Line, TableLines
from jiqun.enterprises.tiers.resolving import resolve
from jiqun.enterprises.twins import Decision
from jiqun.packs.schema.registers import Attribute
from jiqun.reports.firmbook import USE, Firmbook
from jiqun.reports.firmbook import firm as row_of
from jiqun.reports.firms import industry_name, money, ref_of, title
from jiqun.reports.listbook import listed
from jiqun.reports.lists import Held, held_by
from jiqun.reports.twins import same_as
from jiqun.reports.view import Ref, View

_ORDER = {MEETS: 0, UNKNOWN: 2, FAILS: 3}
_LIGHTS = {MEETS: "met", UNKNOWN: "no_data", FAILS: "overdue"}
_WATCHED = {"name": "名称", "area_id": "区域", "industry_code": "行业", "status": "登记状态"}


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: str
    origin: Origin | None


@dataclass(frozen=True, slots=True)
class FactGroup:
    name: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class YearLine:
    """One figure over the years, "" where it is unknown."""

    label: str
    values: tuple[str, ...]
    origin: Origin | None


@dataclass(frozen=True)
class Standing:
    """Where the firm stands on a tier. `nearest` says what alone would bring it in; `open_count` what else is open."""

    ref: Ref
    answer: str
    light: str
    is_size: bool
    holds: bool
    nearest: tuple[str, ...]
    failing: int
    unknown: int
    explained: Explained


@dataclass(frozen=True, slots=True)
class Past:
    """The firm in one snapshot, judged by the rules of that day; `changes` since the snapshot before."""

    day: date
    is_shown: bool
    revenue: str
    employees: int | None
    met: tuple[Ref, ...]
    gained: tuple[Ref, ...]
    lost: tuple[Ref, ...]
    changes: tuple[str, ...]


@dataclass(frozen=True)
class FirmPage:
    book: Firmbook
    code: str
    name: str
    area: Ref | None
    industry: str
    size: str
    titles: tuple[Ref, ...]
    groups: tuple[FactGroup, ...]
    years: tuple[int, ...]
    yearly: tuple[YearLine, ...]
    standings: tuple[Standing, ...]
    history: tuple[Past, ...]
    held: tuple[Held, ...]
    same: tuple[Decision, ...]

    @property
    def sole_origin(self) -> Origin | None:
        """The one origin of all yearly figures, where they have one."""
        return _sole(line.origin for line in self.yearly)

    @property
    def facts_origin(self) -> Origin | None:
        """The one origin of all other facts, where they have one."""
        return _sole(fact.origin for group in self.groups for fact in group.facts)


def firm(book: Firmbook, code: str) -> FirmPage:
    """The firm as the register has it. Raises NotFound, also where it is out of the reader's scope."""
    row = row_of(book, code)
    origins = register.origins_of(book.register, book.manifest, book.firms.columns, row)
    held = book.titles(row)
    standings = _standings(book, row, held or ())
    code_of_industry = row.get("industry_code")
    return FirmPage(
        book=book,
        code=code,
        name=str(row["name"] or code),
        area=book.view.names.area(_text(row.get("area_id"))),
        industry=industry_name(book.view.city, _text(code_of_industry)),
        size=next((each.answer for each in standings if each.is_size and each.answer != UNKNOWN), ""),
        titles=tuple(title(book.view.city, str(id_)) for id_ in held) if held else (),
        groups=_groups(book, row, origins),
        years=tuple(book.firms.figures_year - back for back in range(_years_kept(book))),
        yearly=_yearly(book, row, origins),
        standings=tuple(sorted(standings, key=lambda each: _ORDER.get(each.answer, 1) - bool(each.nearest) / 2)),
        history=_history(book, row, standings),
        held=held_by(listed(book), code),
        same=same_as(book, code),
    )


def _sole(origins: Iterable[Origin | None]) -> Origin | None:
    found = set(origins)
    return found.pop() if len(found) == 1 else None


def _text(value: object) -> str | None:
    return None if value is None else str(value)


# --- facts and figures


def _groups(book: Firmbook, row: Mapping[str, Any], origins: Mapping[str, Origin]) -> tuple[FactGroup, ...]:
    """What is known, by group; what is not takes no line."""
    found = []
    for id_, name in groups(book.view.city).items():
        facts = tuple(
            Fact(column.attribute.name, said(book.view, column.attribute, row[column.id]), origins.get(column.id))
            for column in book.firms.columns.values()
            if column.attribute.group == id_ and not column.is_yearly and row.get(column.id) not in (None, [], "")
        )
        if facts:
            found.append(FactGroup(name, facts))
    return tuple(found)


def _yearly(book: Firmbook, row: Mapping[str, Any], origins: Mapping[str, Origin]) -> tuple[YearLine, ...]:
    kept = _years_kept(book)
    lines = []
    for column in _firsts(book.firms.columns.values()):
        attribute = column.attribute
        values = [row.get(year_column(attribute.id, back)) for back in range(kept)]
        if any(value is not None for value in values):
            texts = tuple("" if value is None else said(book.view, attribute, value) for value in values)
            lines.append(YearLine(attribute.name, texts, origins.get(column.id)))
    return tuple(lines)


def _firsts(found: Iterable[Column]) -> list[Column]:
    return [column for column in found if column.is_yearly and not column.years_back]


def _years_kept(book: Firmbook) -> int:
    return max((column.attribute.years for column in book.firms.columns.values()), default=1)


def said(view: View, attribute: Attribute, value: Any) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(title(view.city, each).name if attribute.id == "titles" else each for each in value)
    if isinstance(value, int | float):
        if attribute.unit.endswith("元"):
            return money(float(value), attribute.unit)
        unit = attribute.unit if attribute.unit in ("%", "") else f" {attribute.unit}"
        digits = 6 if attribute.unit == "度" else 2  # two of a degree would be a kilometre
        return f"{value:,.{digits}f}".rstrip("0").rstrip(".") + unit
    text = str(value)
    area = view.city.areas.get(text) if attribute.id.endswith("area_id") else None
    if area is not None:
        return area.name
    if attribute.id == "industry_code":
        return f"{text} {industry_name(view.city, text)}"
    return attribute.values.get(text, text)


# --- tiers


def _standings(book: Firmbook, row: Mapping[str, Any], held: Collection[str]) -> list[Standing]:
    found = []
    for tier in book.tiers:
        explained = tiers.explain(row, book.view.city, tier.id, book.on)
        is_size = book.size_tier is not None and tier.id == book.size_tier.id
        answers = [line.answer for line in explained.lines] + [table.answer for table in explained.tables]
        found.append(
            Standing(
                ref=ref_of(tier),
                answer=explained.answer,
                light=_LIGHTS.get(explained.answer, "on_track"),
                is_size=is_size,
                holds=tier.id in held,
                nearest=nearest(explained),
                failing=answers.count(FAILS),
                unknown=answers.count(UNKNOWN),
                explained=explained,
            )
        )
    return found


def nearest(explained: Explained) -> tuple[str, ...]:
    """What alone would bring the firm in, a sentence each."""
    lines = [_alone(line) for line in explained.lines if line.is_decisive]
    return tuple(dict.fromkeys((*lines, *(_points_alone(table) for table in explained.tables if table.is_decisive))))


def _alone(line: Line) -> str:
    if line.gap is not None:
        return f"只差一条“{line.label}”：现为 {line.value}，{line.gap.text}"
    if line.missing:
        return f"只缺一项资料，“{line.label}”无法判断：缺 {'、'.join(line.missing)}"
    wanted = f"为“{line.threshold}”" if line.threshold in ("是", "否") else line.threshold
    return f"只差一条“{line.label}”：须{wanted}"


def _points_alone(table: TableLines) -> str:
    word = "超过" if table.is_strict else "达到"
    low, high, least = (float(value) for value in (table.points.low, table.points.high, table.least))
    if table.answer == FAILS:
        return f"只差评分：最多得 {high:g} 分，须{word} {least:g} 分"
    missing = list(dict.fromkeys(name for item in table.items for name in item.missing))
    more = "等" if len(missing) > _SHOWN else ""
    return f"只差评分：得 {low:g}—{high:g} 分，须{word} {least:g} 分；取决于 {'、'.join(missing[:_SHOWN])}{more}"


_SHOWN = 4


# --- history


def _history(book: Firmbook, own: Mapping[str, Any], standings: Iterable[Standing]) -> tuple[Past, ...]:
    """Earliest first; snapshots that could not be known on the page's day are left out."""
    view, code = book.view, str(own["uscc"])
    shown = tuple(each.ref for each in standings if each.answer == MEETS and not each.is_size)
    rows = register.history(book.register, view.city, code, purpose=USE, known={book.manifest.digest: own})
    known = [(m, row) for m, row in rows if m.about.day <= view.on and m.about.known_on <= view.on]
    found: list[Past] = []
    before: Mapping[str, Any] | None = None
    for manifest, row in known:
        met = shown if manifest.digest == book.manifest.digest else _met(book, row, manifest.about.day)
        earlier = {ref.id for ref in found[-1].met} if found else set()
        found.append(_past(book, manifest, row, before, met, earlier))
        before = row
    return tuple(found)


def _past(
    book: Firmbook,
    manifest: Manifest,
    row: Mapping[str, Any],
    before: Mapping[str, Any] | None,
    met: tuple[Ref, ...],
    earlier: set[str],
) -> Past:
    known = {ref.id for ref in met}
    return Past(
        day=manifest.about.day,
        is_shown=manifest.digest == book.manifest.digest,
        revenue=money(row.get("revenue_yuan")),
        employees=row.get("employees"),
        met=met,
        gained=tuple(ref for ref in met if ref.id not in earlier) if before is not None else (),
        lost=tuple(ref_of(book.view.city.tiers[id_]) for id_ in sorted(earlier - known)),
        changes=_changes(book, row, before) if before is not None else (),
    )


def _met(book: Firmbook, row: Mapping[str, Any], on: date) -> tuple[Ref, ...]:
    city = book.view.city
    ids = [id_ for id_ in tiers.tiers_on(city, on) if book.size_tier is None or id_ != book.size_tier.id]
    return tuple(ref_of(city.tiers[id_]) for id_ in ids if judge(resolve(city, id_, on), row).meets is True)


def _changes(book: Firmbook, row: Mapping[str, Any], before: Mapping[str, Any]) -> tuple[str, ...]:
    columns = book.firms.columns
    return tuple(
        f"{label}：{said(book.view, columns[id_].attribute, before[id_])} → "
        f"{said(book.view, columns[id_].attribute, row[id_])}"
        for id_, label in _WATCHED.items()
        if id_ in columns and None not in (row[id_], before[id_]) and row[id_] != before[id_]
    )
