"""Published lists of names (认定名单, 公示名单) → entries of a list: each row told whose it is, or kept apart.

Rows = entries + proposals + unmatched + repeated; nothing is lost. Only what nothing speaks against becomes an entry by
itself; a name that resembles a firm's is a proposal for a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from jiqun import tables
from jiqun.enterprises import identity, matching
from jiqun.enterprises.columns import KEY
from jiqun.enterprises.matching import Verdict
from jiqun.enterprises.membership import TYPES, UNDECIDED, Batch, expires_on
from jiqun.enterprises.register import Firms
from jiqun.model.errors import InputRefused, UsageError
from jiqun.model.findings import Finding, Place, Severity
from jiqun.packs import City
from jiqun.packs.schema.tiers import Tier
from jiqun.tables import Record, Sheet

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("企业名称", "单位名称", "公司名称", "申报单位", "企业", "名称", "认定企业名称"),
    "uscc": ("统一社会信用代码", "社会信用代码", "信用代码", "统一代码"),
    "year": ("认定年度", "年度", "年份", "入库年度", "认定年份"),
    "valid_from": ("发证日期", "认定日期", "发证时间", "有效期起", "公布日期", "入库日期"),
    "valid_to": ("有效期至", "有效期止", "到期日期", "证书有效期"),
    "area": ("所属区", "所属区县", "所在地区", "区县", "板块", "所属地区", "县级市（区）"),
}
_OPTIONAL = ("uscc", "year", "valid_from", "valid_to", "area")
_FOREIGN = "“{}”（{}）不在名册里，按名单上的代码收录"
_TEXT, _DAY, _LINE = pl.String(), pl.Date(), pl.UInt32()
_READ: Mapping[str, pl.DataType] = {
    "line": _LINE, "name": _TEXT, KEY: _TEXT, "year": pl.Int32(), "valid_from": _DAY, "valid_to": _DAY, "area_id": _TEXT
}  # fmt: skip
PROPOSALS: Mapping[str, pl.DataType] = {
    "line": _LINE, "written": _TEXT, "written_code": _TEXT, "rank": pl.Int64(), KEY: _TEXT, "name": _TEXT,
    "score": pl.Float64(), "verdict": _TEXT, "evidence": pl.List(_TEXT),
}  # fmt: skip


@dataclass(frozen=True)
class NameList:
    """A list as read. `rows` = entries + proposed + unmatched + repeated, in rows of the table.

    `entries`: the columns of `membership.TYPES`, `line` being the row's in the sheet. `proposals`: for each doubtful
    row up to five firms with score, verdict and evidence, best first. `undecided`: line, name, code and why, of every
    row that is no entry.
    """

    batch: Batch
    entries: pl.DataFrame
    proposals: pl.DataFrame
    undecided: pl.DataFrame
    rows: int
    findings: tuple[Finding, ...]


def read(path: Path, firms: Firms, city: City, batch: Batch, published_on: date, sheet: str = "") -> NameList:
    """The list of one batch; rows of another year (认定年度) than the batch's are refused as undecided.

    A row is valid from its own day (发证日期), else from `published_on`, for as long as the tier's data says unless it
    prints an end. Where the list prints a sound code that the register has not, the code stands and is told.
    Raises InputRefused for what is no table, has no names, or a cell that is no day; UsageError for an unknown tier.
    """
    tier = city.tiers.get(batch.list_id)
    if tier is None:
        raise UsageError(f"没有梯度层级“{batch.list_id}”，不能收录它的名单")
    found, findings = _rows(path, sheet, city, published_on, tier)
    dirty = found.select("name", KEY)
    matches = matching.match(dirty, firms, city) if dirty.height else pl.DataFrame(schema={"row": pl.UInt32})
    return _decided(batch, found, matches, findings, path.name) if dirty.height else _empty(batch, findings)


def accept(listed: NameList, chosen: Mapping[int, str]) -> NameList:
    """The list with doubtful rows decided by a person: line → code of the firm.

    Raises UsageError for a line that is not open, or a firm that stands in the list already.
    """
    open_lines = dict(listed.undecided.select("line", "name").iter_rows())
    strange = sorted(set(chosen) - set(open_lines))
    if strange:
        raise UsageError(f"这些行没有待定的企业：{'、'.join(map(str, strange))}")
    taken = set(listed.entries[KEY])
    for line, code in chosen.items():
        if code in taken:
            raise UsageError(f"第 {line} 行选的企业 {code} 已在名单里")
        if not identity.read(code).is_valid:
            raise UsageError(f"“{code}”不是统一社会信用代码")
        taken.add(code)
    opened = listed.undecided.filter(pl.col("line").is_in(list(chosen)))
    codes = pl.col("line").replace_strict(list(chosen), list(chosen.values()), default=None, return_dtype=pl.String)
    added = _entries(opened.with_columns(codes.alias(KEY), pl.lit("人工选定").alias("reason")))
    entries = pl.concat([listed.entries, added]).sort("line")
    is_open = ~pl.col("line").is_in(list(chosen))
    left = listed.proposals.filter(is_open), listed.undecided.filter(is_open)
    return NameList(listed.batch, entries, left[0], left[1], listed.rows, listed.findings)


# --- reading


def _rows(path: Path, sheet: str, city: City, published_on: date, tier: Tier) -> tuple[pl.DataFrame, list[Finding]]:
    book = tables.read(path)
    sheets = [each for each in book.sheets if each.height and sheet in ("", each.name)]
    if not sheets:
        raise InputRefused([_fault("no_sheet", f"没有名为“{sheet}”的表页", Place(path.name), "请核对表页名称")])
    best = max(sheets, key=lambda each: len(_head(each)))
    if "name" not in _head(best):
        where = Place(path.name, sheet=best.name)
        raise InputRefused([_fault("no_head", "没有找到“企业名称”列", where, "请写明表头后重新导入")])
    wanted = {field: names for field, names in _COLUMNS.items() if field in _head(best)}
    read = tables.records(best, wanted, optional=_OPTIONAL, file=path.name)
    faults = [finding for finding in read.findings if finding.severity is Severity.ERROR]
    where = Place(path.name, sheet=best.name)
    rows = [_row(record, city, published_on, tier, where, faults) for record in read.rows]
    if faults:
        raise InputRefused(faults)
    return pl.DataFrame([row for row in rows if row is not None], schema=_READ), list(read.findings)


def _head(sheet: Sheet) -> dict[str, int]:
    """Of the columns we know those that the head names; a list may have nothing but names."""
    found = [tables.find_head(sheet, {field: names}) for field, names in _COLUMNS.items()]
    return {field: column for head in found if head is not None for field, column in head.columns.items()}


def _row(
    record: Record, city: City, published_on: date, tier: Tier, where: Place, faults: list[Finding]
) -> dict[str, object] | None:
    def text(field: str) -> str | None:
        cell = record.cells.get(field)
        return None if cell is None or tables.is_missing(cell) else cell.text.strip()

    def day(field: str) -> date | None:
        cell = record.cells.get(field)
        if cell is None:
            return None
        read = tables.day(cell, place=where)
        faults.extend(read.findings)
        return read.value

    name = text("name")
    if name is None and text("uscc") is None:
        return None
    start = day("valid_from") or published_on
    stop = day("valid_to")
    year = None
    if "year" in record.cells:
        read = tables.period(record["year"], place=where)
        faults.extend(read.findings)
        year = read.value.year if read.value else None
    # 有效期至 prints the last day on which it holds
    ends = date.fromordinal(stop.toordinal() + 1) if stop else expires_on(tier, start)
    code, areas = text("uscc"), city.names_of_areas.get(text("area") or "", ())
    return {
        "line": record.line, "name": name or "", KEY: identity.normal(code) if code else None, "year": year,
        "valid_from": start, "valid_to": ends, "area_id": areas[0] if len(areas) == 1 else None,
    }  # fmt: skip


# --- deciding


def _decided(batch: Batch, found: pl.DataFrame, matches: pl.DataFrame, findings: list[Finding], file: str) -> NameList:
    numbered = found.with_row_index("row").with_columns(pl.col("row").cast(pl.UInt32))
    sure = matches.filter((pl.col("rank") == 1) & (pl.col("verdict") == Verdict.CERTAIN.value))
    best = sure.select(pl.col("row").cast(pl.UInt32), pl.col(KEY).alias("found"))
    likely = matches.with_columns(pl.col("row").cast(pl.UInt32)).select("row", has_match=pl.lit(True)).unique()
    is_sound = identity.is_valid(pl.col(KEY)).fill_null(False)
    both = numbered.join(best, on="row", how="left").join(likely, on="row", how="left", maintain_order="left")
    has_match = pl.col("has_match").fill_null(False)
    code = pl.coalesce("found", pl.when(is_sound & ~has_match).then(KEY))
    wrong_year = pl.col("year").is_not_null() & (pl.col("year") != batch.year)
    told = both.sort("line").with_columns(
        whose=code, is_foreign=is_sound & ~has_match & pl.col("found").is_null(), wrong_year=wrong_year
    )
    repeats = pl.col("whose").is_not_null() & (pl.int_range(pl.len()).over("whose", "wrong_year") > 0)
    why = (
        pl.when("wrong_year").then(pl.format("认定年度是 {}", "year"))
        .when(repeats).then(pl.lit("同一企业在名单里不止一行"))
        .when(pl.col("whose").is_not_null()).then(None)
        .when(has_match).then(pl.lit("与名册里的企业相近，待人工确认"))
        .otherwise(pl.lit("名册里没有相近的企业"))
    )  # fmt: skip
    told = told.with_columns(why=why)
    kept = told.filter(pl.col("why").is_null())
    entries = _entries(kept.with_columns(pl.col("whose").alias(KEY), reason=pl.lit(None, dtype=pl.String)))
    undecided = told.filter(pl.col("why").is_not_null()).with_columns(code=pl.col(KEY))
    is_doubtful = pl.col("whose").is_null() & ~pl.col("wrong_year")
    doubtful = undecided.filter(is_doubtful).select("row", "line", written="name", written_code=KEY)
    proposals = matches.with_columns(pl.col("row").cast(pl.UInt32)).join(doubtful, on="row").sort("line", "rank")
    foreign = kept.filter("is_foreign")
    findings += _foreign(foreign, file)
    shown = proposals.select([pl.col(name).cast(type_) for name, type_ in PROPOSALS.items()])
    left = undecided.select(list(UNDECIDED))
    return NameList(batch, entries, shown, left, found.height, tuple(findings))


def _entries(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        pl.col(name).cast(type_) if name in rows.columns else pl.lit(None, dtype=type_).alias(name)
        for name, type_ in TYPES.items()
    )


def _empty(batch: Batch, findings: list[Finding]) -> NameList:
    left = pl.DataFrame(schema=UNDECIDED)
    return NameList(batch, pl.DataFrame(schema=TYPES), pl.DataFrame(schema=PROPOSALS), left, 0, tuple(findings))


def _foreign(rows: pl.DataFrame, file: str) -> list[Finding]:
    return [
        _fault("not_in_register", _FOREIGN.format(name, code), Place(file, line=line), "请核对名册", Severity.WARNING)
        for line, name, code in rows.select("line", "name", KEY).iter_rows()
    ]


def _fault(code: str, message: str, where: Place, remedy: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(f"namelist.{code}", severity, message, where, remedy)
