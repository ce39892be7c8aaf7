"""The page that takes an office's own table: how its columns may be named, and what was wrong with the last one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jiqun.model.findings import Finding


@dataclass(frozen=True, slots=True)
class Head:
    needed: str
    names: str


@dataclass(frozen=True)
class ImportPage:
    columns: tuple[Head, ...]
    findings: tuple[Finding, ...]
    done: bool
    written: int
    unchanged: int
    event: int | None


_COLUMNS = (
    Head("指标（必填）", "指标、指标名称、主要指标"),
    Head("时期（必填）", "时期、报告期、年份；目标用期限、目标年份"),
    Head("数值（必填）", "数值、完成数、完成值、实际值；目标用目标值、目标数"),
    Head("单位", "单位、计量单位"),
    Head("区域", "地区、区域、板块；不写按本市"),
    Head("口径", "达到、新增、累计、每年、增速、占比、位次"),
    Head("来源", "来源、数据来源、资料来源"),
    Head("公开日", "发布日期、公布日期；不写按今天"),
    Head("责任单位", "责任单位、牵头单位、填报单位"),
)


def import_page(
    findings: Iterable[Finding] = (),
    *,
    written: int = 0,
    unchanged: int = 0,
    event: int | None = None,
    done: bool = False,
) -> ImportPage:
    return ImportPage(_COLUMNS, tuple(findings), done, written, unchanged, event)
