"""Import of a large table of firms with damaged rows: whether every damaged row is told and none lost, and how fast.

    python benchmarks/importing.py [--firms 160000] [--xlsx]
    python benchmarks/importing.py --write PATH       only the damaged table, and its damaged lines as JSON

The firms are invented. One row in twenty is damaged in one of the ways of `DAMAGE`, and which rows is written down.
Ratios: seconds of Polars reading the same file as text, without reading any cell, are the measure beside.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import json
import random
import resource
import tempfile
import time
from pathlib import Path

import openpyxl
import polars as pl

from jiqun import packs
from jiqun.enterprises import columns, importing, invented

DAY = datetime.date(2023, 6, 30)
USED = ("uscc", "name", "area_id", "industry_code", "founded_on", "employees", "employees_prev1", "revenue_yuan",
        "revenue_yuan_prev1", "rd_expense_yuan", "net_profit_yuan", "assets_yuan", "tech_staff", "ip_class1",
        "ip_class2", "has_core_ip", "hnte_valid_to", "titles")  # fmt: skip
DAMAGE = (
    (0, "9132990"),
    (0, ""),
    (2, "不详"),
    (3, "99999"),
    (4, "去年"),
    (5, "2.5"),
    (7, "约300"),
    (8, "1,23"),
    (9, "-8"),
)


def table(city: packs.City, count: int) -> tuple[list[str], list[list[str]]]:
    """Heads and rows of text, as an office would write them."""
    known = columns.columns(city)
    drawing = invented.Drawing(count, DAY, 2022)
    frames = [
        frame.select(USED).with_columns(pl.col("titles").list.join("、")).collect()
        for frame in invented.frames(city, drawing)
    ]
    firms = pl.concat(frames).select(pl.all().cast(pl.String).fill_null(""))
    heads = []
    for name in USED:
        column = known[name]
        unit = f"（{column.attribute.unit}）" if column.attribute.unit == "元" else ""
        year = f"{2022 - column.years_back}年" if column.is_yearly else ""
        heads.append(f"{year}{column.attribute.name}{unit}")
    return heads, [list(row) for row in firms.iter_rows()]


def damage(rows: list[list[str]]) -> set[int]:
    """Damages one row in twenty; the lines (the head is line 1)."""
    chance = random.Random(5)
    lines = set()
    for line, row in enumerate(rows, 2):
        if chance.random() < 0.05:
            at, text = chance.choice(DAMAGE)
            row[at] = text
            lines.add(line)
    return lines


def write(path: Path, heads: list[str], rows: list[list[str]]) -> None:
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as opened:
            csv.writer(opened).writerows([heads, *rows])
        return
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("企业")
    for row in (heads, *rows):
        sheet.append(row)
    book.save(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--firms", type=int, default=160_000)
    parser.add_argument("--xlsx", action="store_true")
    parser.add_argument("--write", type=Path)
    given = parser.parse_args()
    city = packs.load("suzhou")
    heads, rows = table(city, given.firms)
    damaged = damage(rows)
    if given.write:
        write(given.write, heads, rows)
        print(json.dumps(sorted(damaged)))
        return
    with tempfile.TemporaryDirectory() as work:
        path = Path(work) / ("firms.xlsx" if given.xlsx else "firms.csv")
        write(path, heads, rows)
        start, used = time.perf_counter(), time.process_time()
        imported = importing.read(path, city, figures_year=2022, workdir=Path(work))
        kept = imported.firms.collect(engine="streaming").height
        wall, processor = time.perf_counter() - start, time.process_time() - used
        told = set(imported.faults["line"])
        print(f"{path.suffix} {path.stat().st_size / 1e6:.0f} MB, {given.firms} firms × {len(heads)} columns:"
              f" {wall:.1f} s, {processor:.1f} s of processor,"
              f" {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.1f} GB at most")  # fmt: skip
        print(f"damaged {len(damaged)}, told {len(told)}, the same rows: {told == damaged};"
              f" in {kept} + out {imported.kept_out} = {kept + imported.kept_out} of {imported.rows}")  # fmt: skip
        if path.suffix == ".csv":
            start, used = time.perf_counter(), time.process_time()
            pl.scan_csv(path, infer_schema=False).collect(engine="streaming")
            wall, processor = time.perf_counter() - start, time.process_time() - used
            print(f"the file read as text by Polars: {wall:.2f} s, {processor:.2f} s of processor")


if __name__ == "__main__":
    main()
