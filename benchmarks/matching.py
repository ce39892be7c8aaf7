"""How often dirty names find their firm: names of an invented register, spoilt in the ways that offices spoil them.

    python benchmarks/matching.py [--firms 200000] [--names 20000]

For each way: recall (the firm stands first), found (it stands among the five), and over all how often `certain` and
`likely` are right. A tenth of the names are of firms that the register does not have: a match of those is false.
"""

from __future__ import annotations

import argparse
import datetime
import random
import time
from collections.abc import Callable

import polars as pl

from jiqun import packs
from jiqun.enterprises import columns, invented, matching
from jiqun.enterprises.register import Firms
from jiqun.model.purposes import Purpose

DAY = datetime.date(2023, 6, 30)


def spoilers(city: packs.City) -> dict[str, Callable[[str, random.Random], str]]:
    """Ways of spoiling a name; each keeps it readable to a person."""
    assert city.invention is not None
    letters, mark = city.invention.trade_characters, city.invention.name_mark
    province, town = "江苏省", "苏州市"

    def slip(name: str, chance: random.Random) -> str:
        at = chance.randrange(2, min(6, len(name)))
        return name[:at] + chance.choice(letters) + name[at + 1 :]

    def drop(name: str, chance: random.Random) -> str:
        at = chance.randrange(3, min(7, len(name)))
        return name[:at] + name[at + 1 :]

    return {
        "as it is": lambda name, _: name,
        "width and brackets": lambda name, _: name.replace("（", "(").replace("）", " )"),
        "no mark in brackets": lambda name, _: name.replace(mark, ""),
        "other legal form": lambda name, _: name.replace("有限公司", "有限责任公司"),
        "no legal form": lambda name, _: name.replace("股份有限公司", "").replace("有限公司", ""),
        "no place": lambda name, _: name[2:] if not name.startswith("张家港") else name[3:],
        "province before": lambda name, _: province + (town + name[2:] if name.startswith("苏州") else name),
        "place in brackets": lambda name, _: name[2:].replace("有限公司", f"（{name[:2]}）有限公司"),
        "one wrong character": slip,
        "one character lost": drop,
        "cut short": lambda name, _: name[:8],
    }


def register(city: packs.City, count: int, seed: int) -> pl.DataFrame:
    drawing = invented.Drawing(count, DAY, 2022, seed)
    return pl.concat([frame.collect() for frame in invented.frames(city, drawing)])


def spoilt(city: packs.City, firms: pl.DataFrame, strangers: pl.DataFrame, count: int) -> pl.DataFrame:
    """row, name, uscc of the firm meant (null for a stranger), way."""
    chance = random.Random(7)
    ways = list(spoilers(city).items())
    rows = []
    for number in range(count):
        is_stranger = number % 10 == 9
        source = strangers if is_stranger else firms
        code, name = source.row(chance.randrange(source.height))
        way, spoil = ways[number % len(ways)]
        rows.append((spoil(name, chance), None if is_stranger else code, "stranger" if is_stranger else way))
    return pl.DataFrame(rows, schema=["name", "meant", "way"], orient="row").with_row_index("row")


def measure(city: packs.City, firms: pl.DataFrame, dirty: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """By way: names, first, among five; by verdict: how many, how many right."""
    known = columns.columns(city)
    given = Firms(firms.lazy(), known, DAY, 2022, Purpose.ADMINISTRATIVE, Purpose.ADMINISTRATIVE)
    found = matching.match(dirty.select("name"), given, city)
    joined = dirty.join(found.select("row", "rank", "uscc", "score", "verdict"), on="row", how="left")
    right = joined.with_columns(is_right=(pl.col("meant") == pl.col("uscc")).fill_null(False))
    by_row = right.group_by("row", "way").agg(
        first=(pl.col("is_right") & (pl.col("rank") == 1)).any(), found=pl.col("is_right").any()
    )
    by_way = by_row.group_by("way").agg(
        names=pl.len(), first_pct=pl.col("first").mean() * 100, found_pct=pl.col("found").mean() * 100
    )
    tops = right.filter(pl.col("rank") == 1)
    by_verdict = tops.group_by("verdict").agg(names=pl.len(), right_pct=pl.col("is_right").mean() * 100)
    return by_way.sort("way"), by_verdict.sort("verdict")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--firms", type=int, default=200_000)
    parser.add_argument("--names", type=int, default=20_000)
    given = parser.parse_args()
    city = packs.load("suzhou")
    firms = register(city, given.firms, 0)
    strangers = register(city, 20_000, 99).select("uscc", "name").join(firms.select("name"), on="name", how="anti")
    # two invented firms may bear one name; a name that does not say which firm is meant tests nothing
    unique = firms.filter(pl.col("name").is_unique()).select("uscc", "name")
    dirty = spoilt(city, unique, strangers, given.names)
    start, used = time.perf_counter(), time.process_time()
    by_way, by_verdict = measure(city, firms, dirty)
    print(f"{given.names} names against {given.firms} firms: {time.perf_counter() - start:.1f} s,"
          f" {time.process_time() - used:.1f} s of processor")  # fmt: skip
    with pl.Config(tbl_rows=-1, tbl_hide_dataframe_shape=True, tbl_hide_column_data_types=True):
        print(by_way, by_verdict)


if __name__ == "__main__":
    main()
