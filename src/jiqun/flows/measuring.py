"""Measures of a register's file, from Parquet to a table; no workspace and no Django."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from jiqun import packs
from jiqun.enterprises import register as registers
from jiqun.enterprises.register import Firms
from jiqun.industry.measures import groupings, sheets
from jiqun.industry.measures.groupings import Grouping
from jiqun.industry.measures.surveys import MEASURES, Survey, survey
from jiqun.model import files
from jiqun.model.errors import EnvironmentFailed, NotFound, UsageError
from jiqun.model.purposes import Purpose
from jiqun.packs import City
from jiqun.tables import xlsx

USE = Purpose.STATISTICAL  # sums over firms, none of whom can be told from them


@dataclass(frozen=True)
class MeasureOrder:
    """What is asked of a register. `by`: a level of the classification (1 … 4) or the id of a cluster catalogue.

    `measures` empty: all. `collected_for`: of a file that does not say it itself, else "".
    """

    by: str
    size: str
    measures: tuple[str, ...]
    on: date
    collected_for: str = ""


@dataclass(frozen=True)
class Surveyed:
    survey: Survey
    firms: int


def measure_register(
    source: Path, out: Path, order: MeasureOrder, *, city: str, before: Path | None = None
) -> Surveyed:  # fmt: skip
    """Writes the measures of the firms in `source` to `out`: xlsx, csv or json by its name.

    Firms are read for statistics: what they were collected for must allow it (Forbidden). What would tell about one
    firm is left out. Raises UsageError for another ending, an unknown measure, size or grouping; NotFound.
    """
    write = _WRITERS.get(out.suffix.lower())
    if write is None:
        raise UsageError(f"结果文件“{out.name}”的扩展名应为 xlsx、csv 或 json")
    if not out.absolute().parent.is_dir():
        raise NotFound(f"没有目录 {out.parent}")
    folder = packs.load(city)
    grouping = grouping_of(folder, order.by, order.on)
    now, then = (None if path is None else _read(path, folder, order) for path in (source, before))
    assert now is not None
    found = survey(now, folder, grouping, size=order.size, before=then, measures=order.measures or MEASURES)
    try:
        out.write_bytes(write(found, folder, _about(source, now, order)))
    except OSError as wrong:
        raise EnvironmentFailed(f"{out} 写不了：{files.why(wrong)}") from wrong
    assert found.cells.every_firm is not None
    return Surveyed(found, int(found.cells.every_firm.sum()))


def grouping_of(city: City, by: str, on: date) -> Grouping:
    """The level or the catalogue that `by` names."""
    return groupings.by_level(city, int(by)) if by.isdecimal() else groupings.by_catalogue(city, by, on)


def _read(path: Path, city: City, order: MeasureOrder) -> Firms:
    declared = None
    if order.collected_for:
        if order.collected_for not in list(Purpose):
            raise UsageError(f"没有用途“{order.collected_for}”（可用：{'、'.join(Purpose)}）")
        declared = Purpose(order.collected_for)
    return registers.read_file(path, city, purpose=USE, day=order.on, declared=declared)


def _about(source: Path, firms: Firms, order: MeasureOrder) -> list[tuple[str, str]]:
    invented = [("演示数据", "企业均为凭空生成")] if firms.is_invented else []
    return [
        *invented, ("名册", f"{source.name}，{firms.day} 的企业，{firms.figures_year} 年度数"),
        ("收集用途", f"为{firms.collected_for.label}收集，本表用于{firms.use.label}"), ("集群归属", f"按 {order.on}"),
    ]  # fmt: skip


def _xlsx(found: Survey, city: City, about: list[tuple[str, str]]) -> bytes:
    import io  # noqa: PLC0415 - of this format alone

    target = io.BytesIO()
    xlsx.write(target, sheets.pages(found, city), created=_made_at(), notes=sheets.notes(found, city, about))
    return target.getvalue()


def _json(found: Survey, city: City, about: list[tuple[str, str]]) -> bytes:
    told = sheets.document(found, city, dict(about), _made_at())
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def _made_at() -> datetime:
    return datetime.combine(datetime.now(UTC).date(), time(), UTC)


_WRITERS: dict[str, Callable[[Survey, City, list[tuple[str, str]]], bytes]] = {
    ".xlsx": _xlsx,
    ".json": _json,
    ".csv": lambda found, city, _: sheets.csv(found, city),
}
