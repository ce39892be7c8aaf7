"""Measures of a register's file, from Parquet to a table; no workspace and no Django."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from jiqun import packs
from jiqun.enterprises import register as registers
from jiqun.enterprises.register import Firms
from jiqun.industry.measures import cluster_sheets, groupings, sheets
from jiqun.industry.measures.clusters import ClusterSurvey, survey_clusters
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
    """`clusters`, where it was measured by cluster: `survey` is of all firms that may belong."""

    survey: Survey
    firms: int
    clusters: ClusterSurvey | None = None


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
    grouping = groupings.by_level(folder, int(order.by)) if order.by.isdecimal() else None
    now, then = (None if path is None else _read(path, folder, order) for path in (source, before))
    assert now is not None
    found = _surveyed(now, then, folder, order, grouping)
    try:
        out.write_bytes(write(found, folder, _about(source, now, order)))
    except OSError as wrong:
        raise EnvironmentFailed(f"{out} 写不了：{files.why(wrong)}") from wrong
    return found


def _surveyed(
    firms: Firms, before: Firms | None, city: City, order: MeasureOrder, grouping: Grouping | None
) -> Surveyed:  # fmt: skip
    measures, clusters = order.measures or MEASURES, None
    if grouping is not None:
        found = survey(firms, city, grouping, size=order.size, before=before, measures=measures)
    else:
        clusters = survey_clusters(
            firms, city, order.by, order.on, size=order.size, before=before, measures=measures
        )  # fmt: skip
        found = clusters.most
    assert found.cells.every_firm is not None
    return Surveyed(found, int(found.cells.every_firm.sum()), clusters)


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


def _xlsx(found: Surveyed, city: City, about: list[tuple[str, str]]) -> bytes:
    import io  # noqa: PLC0415 - of this format alone

    target = io.BytesIO()
    pages = [*([cluster_sheets.page(found.clusters)] if found.clusters else []), *sheets.pages(found.survey, city)]
    xlsx.write(target, pages, created=_made_at(), notes=sheets.notes(found.survey, city, about))
    return target.getvalue()


def _json(found: Surveyed, city: City, about: list[tuple[str, str]]) -> bytes:
    more = cluster_sheets.document(found.clusters) if found.clusters else {}
    told = sheets.document(found.survey, _records(found, city), dict(about), _made_at()) | more
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def _records(found: Surveyed, city: City) -> Iterator[dict[str, Any]]:
    return cluster_sheets.cell_records(found.clusters, city) if found.clusters else sheets.records(found.survey, city)


def _made_at() -> datetime:
    return datetime.combine(datetime.now(UTC).date(), time(), UTC)


_WRITERS: dict[str, Callable[[Surveyed, City, list[tuple[str, str]]], bytes]] = {
    ".xlsx": _xlsx,
    ".json": _json,
    ".csv": lambda found, city, _: sheets.csv(_records(found, city)),
}
