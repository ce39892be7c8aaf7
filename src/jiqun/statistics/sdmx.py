"""Figures and their structure as SDMX: CSV 2.0 by ourselves, ML 2.1 and structures (ML 2.1, JSON 2.0) by pysdmx.

pysdmx's CSV reader makes numbers of what was printed (12.50 becomes 12.5), and a figure's digits say how exact it is;
so CSV, which is a table with three columns in front, is read and written here and needs nothing installed. The rest
needs the extra `sdmx`. Code lists are those of the city's folder. What comes in is checked against them: pysdmx reads
what it is given. SDMX ids have no full stop; in ours it becomes @, which ours do not have."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import polars as pl

from jiqun.model.claims import Measure
from jiqun.model.errors import EnvironmentFailed
from jiqun.model.findings import Finding, Place, Severity
from jiqun.model.periods import Grain, Period
from jiqun.packs.city import City
from jiqun.packs.schema.sources import Figure

AGENCY, FLOW, VERSION = "JIQUN", "FIGURES", "1.0"
STRUCTURE_ID = f"{AGENCY}:{FLOW}({VERSION})"
FIGURES = dict.fromkeys(
    ("indicator_id", "area_id", "cluster_id", "measure", "source_id", "period", "value", "unit", "value_kind"),
    pl.String,
)
NOT_APPLICABLE = "_Z"
DataFormat = Literal["csv", "xml"]
StructureFormat = Literal["json", "xml"]
# Component → (our column, printed name, code list). The order of the dimensions is that of a key.
DIMENSIONS = {
    "INDICATOR": ("indicator_id", "指标", "CL_INDICATOR"), "REF_AREA": ("area_id", "区划", "CL_AREA"),
    "CLUSTER": ("cluster_id", "集群", "CL_CLUSTER"), "MEASURE": ("measure", "度量方式", "CL_MEASURE"),
    "SOURCE": ("source_id", "来源", "CL_SOURCE"),
    # One yearbook prints the preliminary and the final: both stand, so the kind is part of the key.
    "VALUE_KIND": ("value_kind", "数值性质", "CL_VALUE_KIND"), "TIME_PERIOD": ("period", "时期", ""),
}  # fmt: skip
ATTRIBUTES = {"UNIT_MEASURE": ("unit", "计量单位", "")}
_COMPONENTS = DIMENSIONS | {"OBS_VALUE": ("value", "数值", "")} | ATTRIBUTES
# Other ways to write a number (1e9, 1_000, full-width digits) are no figure's print.
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?")
_FORMULA = ("=", "+", "-", "@")  # how a cell begins that a spreadsheet runs once the figures go out as CSV again
_LONGEST = 300  # of a message to a person: a damaged cell may be as long as its file
_HEAD = ("STRUCTURE", "STRUCTURE_ID", "ACTION")


@dataclass(frozen=True)
class CodeList:
    """`codes` are SDMX ids with their names, in the folder's order; `above` leads to the code over one, where there
    is."""

    id: str
    name: str
    codes: Mapping[str, str]


def code_lists(city: City) -> tuple[CodeList, ...]:
    """The lists that the components of `FIGURES` take their codes from; `_Z` stands where a figure has no such part."""
    none = {NOT_APPLICABLE: "不适用"}
    kinds = get_args(Figure.model_fields["value_kind"].annotation)
    return (
        CodeList("CL_INDICATOR", "指标", {coded(id_): one.name for id_, one in city.indicators.items()}),
        CodeList("CL_AREA", "区划", {coded(id_): one.name for id_, one in city.areas.items()}),
        CodeList("CL_CLUSTER", "集群", none | {coded(id_): one.name for id_, one in city.clusters.items()}),
        CodeList("CL_MEASURE", "度量方式", none | {measure.value: measure.value for measure in Measure}),
        CodeList("CL_SOURCE", "来源", none | {coded(id_): one.title for id_, one in city.sources.items()}),
        CodeList("CL_VALUE_KIND", "数值性质", {kind: kind for kind in (*kinds, "revised")}),
    )


def coded(id_: str | None) -> str:
    return NOT_APPLICABLE if not id_ else id_.replace(".", "@")


def uncoded(code: str) -> str | None:
    return None if code == NOT_APPLICABLE else code.replace("@", ".")


# --- time


def time_period(period: Period) -> str:
    """As SDMX writes it: 2023, 2023-S1, 2023-Q3, 2023-08; cumulative as a range, 2024-01-01/P8M."""
    match period.grain:
        case Grain.YEAR:
            return f"{period.year}"
        case Grain.HALF:
            return f"{period.year}-S{period.last // 6}"
        case Grain.QUARTER:
            return f"{period.year}-Q{period.last // 3}"
        case Grain.MONTH:
            return f"{period.year}-{period.first:02}"
    return f"{period.year}-{period.first:02}-01/P{period.last - period.first + 1}M"


_TIMES = re.compile(
    r"(?P<year>\d{4})(?:-A1|-S(?P<half>[12])|-Q(?P<quarter>[1-4])|-M?(?P<month>\d\d)(?:-01/P(?P<months>\d{1,2})M)?)?",
    re.ASCII,
)


def read_time(text: str) -> Period:
    """The period of an SDMX time. Raises ValueError for times that are no whole months of one year."""
    match = _TIMES.fullmatch(text)
    if match is None:
        raise ValueError(f"no whole months of a year: {text}")
    year = int(match["year"])
    if match["half"]:
        return Period(year, int(match["half"]) * 6 - 5, int(match["half"]) * 6)
    if match["quarter"]:
        return Period(year, int(match["quarter"]) * 3 - 2, int(match["quarter"]) * 3)
    if match["month"]:
        first = int(match["month"])
        return Period(year, first, first + int(match["months"] or 1) - 1)
    return Period(year)


# --- out


def write(figures: pl.DataFrame, city: City, how: DataFormat = "csv") -> str:
    """The figures (columns of `FIGURES`, text; cluster, measure and source may be null) as one SDMX data message."""
    rows = [_row(figure) for figure in figures.select(list(FIGURES)).iter_rows(named=True)]
    if how == "csv":
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow((*_HEAD, *_COMPONENTS))
        writer.writerows(("datastructure", STRUCTURE_ID, "I", *row.values()) for row in rows)
        return out.getvalue()
    return str(_library().write(rows, city))


def _row(figure: Mapping[str, Any]) -> dict[str, str]:
    row = {}
    for component, (column, _, codes) in _COMPONENTS.items():
        value = figure[column]
        row[component] = (
            time_period(Period.parse(value)) if column == "period" else coded(value) if codes else str(value)
        )
    return row


def write_structure(city: City, how: StructureFormat = "json") -> str:
    """Code lists, concepts, data structure and dataflow of the figures, as one SDMX structure message."""
    return str(_library().structure(city, how))


def _library() -> Any:
    try:
        from jiqun.statistics import sdmx_messages  # noqa: PLC0415
    except ImportError as missing:
        raise EnvironmentFailed("缺少 pysdmx，请安装 jiqun 的 sdmx 附加组件（SDMX-CSV 不需要它）") from missing
    return sdmx_messages


# --- in


def read(content: bytes, city: City, name: str = "") -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """(figures with the columns of `FIGURES`, everything that is wrong) of an SDMX-CSV or SDMX-ML 2.1 data message.

    Rows with a fault are not among the figures; whoever takes figures in refuses the message if there is any.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _unread("文件不是 UTF-8 编码", name)
    if text.lstrip().startswith("<"):
        if "<!DOCTYPE" in text:
            return _unread("文件带有 DOCTYPE 声明", name)
        try:
            rows = _library().read(text)
        except ValueError as wrong:
            return _unread(f"读不成 SDMX-ML：{wrong}", name)
        head: Sequence[str] = tuple(rows[0]) if rows else tuple(_COMPONENTS)
        return _checked(head, [(0, row) for row in rows], city, name)
    try:
        lines = [(reader.line_num, line) for reader in [csv.reader(io.StringIO(text, newline=""))] for line in reader]
    except csv.Error as wrong:
        return _unread(f"读不成 CSV：{wrong}", name)
    head = tuple(lines[0][1]) if lines else ()
    torn = [
        _fault("sdmx_row", f"这一行有 {len(line)} 格，表头有 {len(head)} 格", Place(name, line=number))
        for number, line in lines[1:] if line and len(line) != len(head)
    ]  # fmt: skip
    whole = [(number, dict(zip(head, line, strict=True))) for number, line in lines[1:] if len(line) == len(head)]
    found, findings = _checked(head, whole, city, name)
    return found, (*torn, *findings)


def _unread(message: str, name: str) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    return pl.DataFrame(schema=FIGURES), (_fault("sdmx_message", message, Place(name)),)


def _checked(
    head: Sequence[str], rows: Iterable[tuple[int, Mapping[str, str]]], city: City, name: str
) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    findings = [_fault("sdmx_column", f"缺少“{c}”一列", Place(name)) for c in _COMPONENTS if c not in head]
    strange = [c for c in head if c not in _COMPONENTS and c not in _HEAD]
    findings += [_fault("sdmx_column", f"数据结构里没有“{c}”一列", Place(name)) for c in strange]
    findings += [_fault("sdmx_column", f"“{c}”一列有 {many} 个", Place(name))
                 for c, many in Counter(head).items() if many > 1]  # fmt: skip
    found: list[tuple[str | None, ...]] = []
    if not findings:
        codes = {one.id: one.codes for one in code_lists(city)}
        first: dict[tuple[str, ...], int] = {}
        for number, (line, row) in enumerate(rows, 1):
            place = Place(name, line=line or number)
            faults = [*_row_faults(row, codes, place)]
            key = tuple(row[c] for c in DIMENSIONS)
            if key in first:
                faults.append(_fault("sdmx_duplicate", f"与第 {first[key]} 行的键相同：{'.'.join(key)}", place))
            first.setdefault(key, place.line)
            findings += faults
            if not faults:
                found.append(_figure(row))
    return pl.DataFrame(found, schema=FIGURES, orient="row"), tuple(findings)


def _row_faults(row: Mapping[str, str], codes: Mapping[str, Mapping[str, str]], place: Place) -> Iterator[Finding]:
    if row.get("STRUCTURE_ID", STRUCTURE_ID) != STRUCTURE_ID:
        yield _fault("sdmx_structure", f"数据结构是 {row['STRUCTURE_ID']}，不是 {STRUCTURE_ID}", place)
    if row.get("ACTION", "I") not in ("I", "A", "M", "R"):
        yield _fault("sdmx_action", f"不接受操作“{row['ACTION']}”：台账只增不删", place)
    for component, (_, label, of) in _COMPONENTS.items():
        value = row[component] or ""
        if of and value not in codes[of]:
            yield _fault("sdmx_code", f"{label}的代码“{value}”不在代码表 {of} 中", place)
    try:
        read_time(row["TIME_PERIOD"] or "")
    except ValueError:
        yield _fault("sdmx_time", f"时期“{row['TIME_PERIOD']}”不是一年之内的整月", place)
    if not _NUMBER.fullmatch(row["OBS_VALUE"] or ""):
        yield _fault("sdmx_value", f"数值“{row['OBS_VALUE']}”不是数，或者位数太多", place)
    for component in ATTRIBUTES:
        if not (row[component] or "").strip() or not (row[component] or "").isprintable():
            yield _fault("sdmx_value", f"{ATTRIBUTES[component][1]}“{row[component]}”是空的，或有不可见的字符", place)
        elif (row[component] or "").lstrip().startswith(_FORMULA):
            yield _fault("sdmx_value", f"{ATTRIBUTES[component][1]}“{row[component]}”像表格软件的公式", place)


def _figure(row: Mapping[str, str]) -> tuple[str | None, ...]:
    figure: list[str | None] = []
    for column in FIGURES:
        component, (_, _, of) = next((c, about) for c, about in _COMPONENTS.items() if about[0] == column)
        value = row[component]
        figure.append(str(read_time(value)) if column == "period" else uncoded(value) if of else value)
    return tuple(figure)


def _fault(code: str, message: str, place: Place) -> Finding:
    line = " ".join(message.split())
    line = line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
    return Finding(code, Severity.ERROR, line, place, "按导出的数据结构和代码表改正后再导入。")


def without_empty_groups(message: str) -> str:
    """pysdmx 1.21 writes an empty list of groups, which the SDMX-JSON schema (and pysdmx's own reader) refuses."""
    tree = json.loads(message)
    for one in tree["data"].get("dataStructures", ()):
        parts = one["dataStructureComponents"]
        if not parts.get("groups", True):
            del parts["groups"]
    return json.dumps(tree, ensure_ascii=False, indent=1)
