"""Tables of offices → firms: CSV, xlsx, xls or Parquet, whatever their heads are called; every fault with its place.

Nothing is lost: a row either comes in, or is kept as it was beside the snapshot with what is wrong with it. A cell that
cannot be read leaves its value unknown and its row in; a row whose code cannot be trusted stays out. No duplicate is
resolved in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

import polars as pl

from jiqun import tables
from jiqun.enterprises import cells, columns, coordinates, identity, snapshots
from jiqun.enterprises.columns import KEY, Column
from jiqun.enterprises.heads import Head, find_head
from jiqun.model.errors import InputRefused
from jiqun.model.findings import Finding, Place, Severity
from jiqun.packs import City
from jiqun.tables.delimited import read_text, sniff
from jiqun.tables.workbook import Printed, Sheet, Stored, column_letters, shown

_SAMPLE = 256 * 1024
_SPARE = 8  # columns beyond the head in which cells of torn rows are caught
_LINE = "line"
_TOLD = 200
_NO_CHARACTER = "\ufffd"  # stands where bytes are none in the file's encoding
_TORN = {"torn": "这一行的格数多于表头", "garbled": "这一行里有不能识别的文字编码"}


@dataclass(frozen=True)
class Imported:
    """What a table gave. `rows` = those in `firms` + `kept_out`; both are lazy where the table is large.

    `firms`: one row a firm, the columns that the table has. `faults`: line, column, code, text of every faulty cell
    and of every row torn or standing twice. `damaged`: each row with a fault as it was (`text`, its cells as one list),
    with `reasons` and `is_in`, whether the rest of it came in. `findings`: the head's, and the first of the faults.
    """

    firms: pl.LazyFrame
    rows: int
    kept_out: int
    faults: pl.DataFrame
    damaged: pl.DataFrame
    head: Head
    findings: tuple[Finding, ...]


def read(
    path: Path,
    city: City,
    *,
    figures_year: int,
    workdir: Path,
    sheet: str = "",
    progress: Callable[[str, float], None] = lambda stage, share: None,
) -> Imported:
    """The firms of a table whose yearly figures without a year are those of `figures_year`.

    `workdir` is a directory that must last as long as the result is used: large tables are spilled there, not held.
    `progress` is told what is being done and which share of the work is behind.
    Raises InputRefused for what is no table, or has no head in which a code and a name are found.
    """
    known = columns.columns(city)
    progress("读取文件", 0.0)
    if path.suffix.lower() == ".parquet":
        source, head = _parquet(path, known, figures_year)
    elif _is_workbook(path):
        source, head = _workbook(path, sheet, known, figures_year)
    else:
        source, head = _delimited(path, workdir, known, figures_year)
    _refuse_headless(head, path.name)
    try:
        return _import(source, head, city, path.name, workdir, progress)
    except pl.exceptions.ComputeError as wrong:
        line = _open_quote(path)
        if not line:
            raise
        place = Place(path.name, line=line)
        raise InputRefused(
            [_finding("open_quote", "引号没有成对，这里往后分不清格与行", place, "请补上或删去引号后重新导入")]
        ) from wrong


# --- sources: a line number and one column of text for each source column, c0, c1 …


def _is_workbook(path: Path) -> bool:
    with path.open("rb") as opened:
        start = opened.read(8)
    return start.startswith((b"PK", b"\xd0\xcf\x11\xe0"))


def _delimited(path: Path, workdir: Path, known: Mapping[str, Column], year: int) -> tuple[pl.LazyFrame, Head]:
    with path.open("rb") as opened:
        sample = opened.read(_SAMPLE)
    try:
        text, source = sample.decode("utf-8-sig"), path
    except UnicodeDecodeError as wrong:
        if wrong.start >= len(sample) - 4:  # a character cut by the sample's end
            text, source = sample[: wrong.start].decode("utf-8-sig"), path
        else:
            whole = read_text(path.read_bytes(), path.name)
            source = workdir / "text.csv"
            source.write_text(whole, "utf-8", newline="")
            text = whole[:_SAMPLE]
    if "\r" in text and "\n" not in text:  # lines as old Macintosh programs end them
        whole = source.read_text("utf-8-sig", errors="replace")  # which ends them all alike
        source = workdir / "lines.csv"
        source.write_text(whole, "utf-8", newline="")
        text = whole[:_SAMPLE]
    separator = sniff(text)
    if separator is None:
        raise InputRefused(
            [_finding("not_a_table", "文件不是表格", Place(path.name), "请上传 xlsx、xls、csv 或 Parquet")]
        )
    start = tables.delimited.read_sheet(
        text[: text.rfind("\n") + 1 or None].encode(), path.name, must_have_columns=False
    )
    head = find_head(start, known, year, path.name)
    width = max((len(row) for row in start.grid), default=0) + _SPARE
    raw = pl.scan_csv(
        source,
        has_header=False,
        separator=separator,
        schema={f"c{at}": pl.String for at in range(width)},
        skip_lines=head.first_line - 1,
        truncate_ragged_lines=True,
        missing_columns="insert",
        encoding="utf8-lossy",
    )
    return raw.with_row_index(_LINE, offset=head.first_line), head


def _open_quote(path: Path) -> int:
    """The first line with an odd number of quotes, 0 where every line pairs its own."""
    with path.open("rb") as opened:
        return next((number for number, line in enumerate(opened, 1) if line.count(b'"') % 2), 0)


def _workbook(path: Path, name: str, known: Mapping[str, Column], year: int) -> tuple[pl.LazyFrame, Head]:
    """The sheet of that name, or else the one whose head names the most columns."""
    book = tables.read(path)
    sheets = [sheet for sheet in book.sheets if sheet.height and name in ("", sheet.name)]
    if not sheets:
        raise InputRefused([_finding("no_sheet", f"没有名为“{name}”的表页", Place(path.name), "请核对表页名称")])
    heads = [find_head(sheet, known, year, path.name) for sheet in sheets]
    head, sheet = max(zip(heads, sheets, strict=True), key=lambda pair: len(pair[0].columns))
    width = len(head.labels)
    lines: dict[str, list[int | str | None]] = {_LINE: [], **{f"c{at}": [] for at in range(width)}}
    for number in range(head.first_line, sheet.height + 1):
        stored = sheet.grid[number - 1]
        if stored:
            lines[_LINE].append(number)
            for at in range(width):
                value = stored[at] if at < len(stored) else None
                lines[f"c{at}"].append(_text(value))
    types = {_LINE: pl.UInt32(), **{f"c{at}": pl.String() for at in range(width)}}
    return pl.LazyFrame(lines, schema=types), head


def _parquet(path: Path, known: Mapping[str, Column], year: int) -> tuple[pl.LazyFrame, Head]:
    rows, _ = snapshots.scan_file(path)
    names = rows.collect_schema().names()
    start = Sheet(path.stem, (tuple(names),))
    head = replace(find_head(start, known, year, path.name), first_line=1)
    texts = [_as_text(name, type_).alias(f"c{at}") for at, (name, type_) in enumerate(rows.collect_schema().items())]
    return rows.select(texts).with_row_index(_LINE, offset=1), head


def _text(value: Stored) -> str | None:
    if value is None:
        return None
    return value.text if isinstance(value, Printed) else shown(value)


def _as_text(name: str, type_: pl.DataType) -> pl.Expr:
    if type_ == pl.List:
        return pl.col(name).list.eval(pl.element().cast(pl.String)).list.join("、")
    return pl.col(name).cast(pl.String)


# --- rows


def _refuse_headless(head: Head, name: str) -> None:
    there = {column.id for column, _ in head.columns.values()}
    missing = [label for id_, label in ((KEY, "统一社会信用代码"), ("name", "企业名称")) if id_ not in there]
    faults = [finding for finding in head.findings if finding.severity is Severity.ERROR]
    if missing:
        faults.append(_finding("no_head", f"没有找到列：{'、'.join(missing)}", Place(name), "请写明表头后重新导入"))
    if faults:
        raise InputRefused(faults)


def _import(
    source: pl.LazyFrame, head: Head, city: City, file: str, workdir: Path, progress: Callable[[str, float], None]
) -> Imported:
    texts = [name for name in source.collect_schema().names() if name != _LINE]
    readings = {at: cells.reading(column, f"c{at}", unit, city) for at, (column, unit) in head.columns.items()}
    is_blank = pl.all_horizontal(pl.col(name).is_null() for name in texts)
    rows_read = source.filter(~is_blank)
    for step in zip_longest(*(reading.steps for reading in readings.values()), fillvalue={}):
        rows_read = rows_read.with_columns(**{name: made for part in step for name, made in part.items()})
    rows_read, datum = _located(rows_read, head, readings, city)
    spare = [name for name in texts if int(name[1:]) >= len(head.labels)]
    overflows = pl.any_horizontal([pl.lit(False), *(pl.col(name).is_not_null() for name in spare)])
    read = {head.columns[at][0].id: pl.col(reading.value) for at, reading in readings.items()} | datum
    faulty = {f"f{at}": pl.col(reading.fault) for at, reading in readings.items()}
    is_garbled = pl.any_horizontal(pl.col(name).str.contains(_NO_CHARACTER, literal=True) for name in texts)
    faulty["torn"] = pl.when(overflows).then(pl.lit("torn")).when(is_garbled).then(pl.lit("garbled"))
    progress("逐格核对", 0.3)
    spilled = snapshots.spill(rows_read.select(_LINE, *texts, **read, **faulty), workdir / "rows.parquet")
    ids = list(read)
    progress("查找重复的代码", 0.8)
    twins = _twins(spilled, ids)
    whole = spilled.join(twins, on=_LINE, how="left", maintain_order="left")
    at_code = next(at for at, (column, _) in head.columns.items() if column.id == KEY)
    is_out = pl.any_horizontal(pl.col(name).is_not_null() for name in (f"f{at_code}", "torn", "twin"))
    any_fault = pl.any_horizontal(pl.col(name).is_not_null() for name in (*faulty, "twin"))
    rows, kept_out = whole.select(pl.len(), is_out.sum().alias("out")).collect(engine="streaming").row(0)
    bad = whole.filter(any_fault).with_columns(is_in=~is_out).sort(_LINE).collect(engine="streaming")
    faults = _faults(bad, head)
    damaged = bad.select(_LINE, "is_in", pl.concat_list(texts).alias("text")).join(
        faults.group_by(_LINE).agg(reasons=pl.col("reason").str.join("；")), on=_LINE, how="left"
    )  # fmt: skip
    findings = (*head.findings, *_of_datum(head, datum, file), *_told(faults, file))
    progress("完成", 1.0)
    firms = whole.filter(~is_out).select(ids).sort(KEY)  # so that a firm's code tells where it stands
    return Imported(firms, rows, kept_out, faults, damaged, head, findings)


def _located(
    rows: pl.LazyFrame, head: Head, readings: Mapping[int, cells.Reading], city: City
) -> tuple[pl.LazyFrame, dict[str, pl.Expr]]:
    """Coordinates looked at as pairs; and their datum where the head of the longitude names it, no column does."""
    places = {column.id: at for at, (column, _) in head.columns.items()}
    if coordinates.LONGITUDE not in places or coordinates.LATITUDE not in places:
        return rows, {}
    lon, lat = (readings[places[id_]] for id_ in (coordinates.LONGITUDE, coordinates.LATITUDE))
    area = readings[places["area_id"]].value if "area_id" in places else None
    pair, lost = coordinates.faults(
        pl.col(lon.value), pl.col(lat.value), None if area is None else pl.col(area), city
    )  # fmt: skip
    # a cell that could not be read is told as that; its partner is no fault of its own
    is_read = pl.col(lon.fault).is_null() & pl.col(lat.fault).is_null()
    rows = rows.with_columns(
        pl.coalesce(pl.col(lon.fault), pl.when(is_read).then(pair)).alias(lon.fault),
        *(pl.when(lost.is_null()).then(pl.col(each.value)).alias(each.value) for each in (lon, lat)),
    )
    remark = head.columns[places[coordinates.LONGITUDE]][1]
    named = coordinates.declared(remark, columns.columns(city)[coordinates.DATUM].attribute.values)
    if coordinates.DATUM in places or named is None:
        return rows, {}
    return rows, {coordinates.DATUM: pl.when(pl.col(lon.value).is_not_null()).then(pl.lit(named))}


def _of_datum(head: Head, datum: Mapping[str, pl.Expr], file: str) -> Iterator[Finding]:
    there = {column.id for column, _ in head.columns.values()}
    if coordinates.LONGITUDE in there and coordinates.DATUM not in there and not datum:
        yield _finding(
            "datum_missing", "经纬度没有写明坐标系，按 CGCS2000 看待；若取自网络地图，会偏几百米", Place(file),
            "请在表头写明，例如“经度（GCJ-02）”，或加一列“坐标系”", Severity.WARNING,
        )  # fmt: skip


def _twins(rows: pl.LazyFrame, ids: Sequence[str]) -> pl.LazyFrame:
    """Lines whose code stands on another line too: `repeated` where all that is read is the same, else `twin`.

    Of repeated lines the first comes in; of twins none, for nobody said which one is right.
    """
    some = rows.filter(pl.col(KEY).is_not_null()).select(_LINE, KEY, mark=pl.struct(ids).hash())
    groups = some.group_by(KEY).agg(times=pl.len(), kinds=pl.col("mark").n_unique(), first=pl.col(_LINE).min())
    odd = some.join(groups.filter(pl.col("times") > 1), on=KEY)
    differ = pl.col("kinds") > 1
    code = pl.when(differ).then(pl.lit("twin")).otherwise(pl.lit("repeated"))
    return odd.filter(differ | (pl.col(_LINE) != pl.col("first"))).select(_LINE, "first", twin=code)


def _faults(bad: pl.DataFrame, head: Head) -> pl.DataFrame:
    """line, at (source column, null for the row), column, code, text, reason; by line."""
    parts = []
    for at, (column, _) in head.columns.items():
        words = {code: f"{column.name}{wrong}" for code, (wrong, _) in cells.FAULTS.items()}
        code = pl.col(f"f{at}")
        reason = code.replace_strict(list(words), list(words.values()), default=None, return_dtype=pl.String)
        said = {"at": pl.lit(at), "column": pl.lit(column.id), "code": code, "text": pl.col(f"c{at}"), "reason": reason}
        parts.append(bad.filter(code.is_not_null()).select(_LINE, **said))
    first = pl.col("first").cast(pl.String)
    differ = pl.concat_str(pl.lit("同一代码自第"), first, pl.lit("行起出现多次，内容不同"))
    alike = pl.concat_str(pl.lit("与第"), first, pl.lit("行完全相同"))
    of_rows = {
        "torn": pl.col("torn").replace_strict(_TORN, default=None, return_dtype=pl.String),
        "twin": pl.when(pl.col("twin") == "twin").then(differ).otherwise(alike),
    }
    nothing = pl.lit(None, dtype=pl.String)
    for name, reason in of_rows.items():
        said = {
            "at": pl.lit(None, dtype=pl.Int32),
            "column": nothing,
            "code": pl.col(name),
            "text": nothing,
            "reason": reason,
        }
        parts.append(bad.filter(pl.col(name).is_not_null()).select(_LINE, **said))
    return pl.concat(parts, how="vertical_relaxed").sort(_LINE, "at")


def _told(faults: pl.DataFrame, file: str) -> Iterator[Finding]:
    """The first faults one by one, with the cell; and how many there are in all."""
    for line, at, column, code, text, reason in faults.head(_TOLD).iter_rows():
        cell = "" if at is None else f"{column_letters(at + 1)}{line}"
        where = Place(file, line=line, cell=cell)
        if column == KEY and code == "code":
            yield from (f for f in identity.read(text, where).findings if f.severity is Severity.ERROR)
        else:
            severity = (
                Severity.NOTE if code == "repeated" else Severity.ERROR if column in (KEY, None) else Severity.WARNING
            )
            remedy = cells.FAULTS[code][1] if code in cells.FAULTS else "请核对后重新导入"
            yield _finding(
                f"cell.{code}", f"“{text}”：{reason}" if text is not None else reason, where, remedy, severity
            )
    if faults.height > _TOLD:
        words = f"共有 {faults.height} 处问题，涉及 {faults[_LINE].n_unique()} 行，这里列出前 {_TOLD} 处"
        yield _finding("more", words, Place(file), "全部问题见损坏行清单", Severity.NOTE)


def _finding(code: str, message: str, where: Place, remedy: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(f"import.{code}", severity, message, where, remedy)
