"""What recasting a million cells costs, against the definition and against a bare join, in one run.

    python benchmarks/recasting.py

340 areas × 105 periods × the 28 clusters of an edition, recast to the next with one cluster divided by a key. The
join is what one would write without it: every cell joined to its shares as floats, multiplied, and summed by the text
of its ids; it rounds and bounds nothing and says nothing of what is missing. The definition works out one area and
period at a time; every hundredth of them is timed and counted a hundred times. A round times all three one after
another; a time is the best of three in it, a ratio the median over rounds. Figures of the frame are compared with
those of the definition.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from fractions import Fraction

import polars as pl

from jiqun import packs
from jiqun.industry.correspondence import Correspondence, SplitKey, between
from jiqun.industry.recasting import Figure, recast, recast_frame

AREAS, PERIODS, EVERY, TIMES = 340, 105, 100, 3
BY = ("area_id", "period")


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--rounds", type=int, default=5)
    rounds = words.parse_args().rounds
    way = correspondence()
    cells = drawn(way)
    some = cells.filter(pl.struct(*BY).rank("dense") % EVERY == 0)
    groups = [dict(zip(own["cluster_id"], own["value"], strict=True)) for own in some.partition_by(*BY)]
    whole = cells.height / some.height
    print(f"{cells.height:,} cells, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {rounds} rounds")
    shares = shares_of(way)
    steps: dict[str, tuple[Callable[[], object], float]] = {
        "recast_frame": (lambda: recast_frame(cells, way), 1.0),
        "join": (lambda: joined(cells, shares), 1.0),
        "definition": (lambda: [recast(group, way) for group in groups], whole),
    }
    told: dict[str, list[tuple[float, float]]] = {name: [] for name in steps}
    for _ in range(rounds):
        for name, (step, times) in steps.items():
            told[name].append(timed(step, times))
    for name, found in told.items():
        seconds, processor = (statistics.median(one[of] for one in found) for of in (0, 1))
        print(f"  {name:14} {seconds:8.3f} s {processor:8.3f} s CPU")
    print(f"definition / ours = {ratio(told['definition'], told['recast_frame'])}")
    print(f"ours / join = {ratio(told['recast_frame'], told['join'])}")
    same(some, groups, way)
    print(f"all {some.height:,} cells of the hundredth as the definition says; load {os.getloadavg()[0]:.1f}")


def correspondence() -> Correspondence:
    city = packs.load("shenzhen")
    key = SplitKey("sh22-software", {"sh24-software": Fraction(61, 100), "sh24-ai": Fraction(39, 100)}, "drawn")
    return between(city.catalogues, "shenzhen-2022", "shenzhen-2024", [key])


def drawn(way: Correspondence) -> pl.DataFrame:
    """One row for each area, period and cluster; values below 100,003 that no short period repeats."""
    befores = [one for one in dict.fromkeys(link.before for link in way.links) if one]
    return (
        pl.DataFrame({"area_id": [f"area{n}" for n in range(AREAS)]})
        .join(pl.DataFrame({"period": [f"{1920 + n}" for n in range(PERIODS)]}), how="cross")
        .join(pl.DataFrame({"cluster_id": befores}), how="cross")
        .with_row_index("value")
        .with_columns(pl.col("value").cast(pl.Int64) * 7919 % 100_003)
    )


def shares_of(way: Correspondence) -> pl.DataFrame:
    """What a join can know of the correspondence: shares as floats, where they are known."""
    rows = [(link.before, link.after, float(link.share)) for link in way.links if link.share is not None]
    return pl.DataFrame(rows, ["cluster_id", "after_id", "share"], orient="row")


def joined(cells: pl.DataFrame, shares: pl.DataFrame) -> pl.DataFrame:
    parts = cells.join(shares, on="cluster_id").with_columns(part=pl.col("value") * pl.col("share"))
    return parts.group_by(*BY, "after_id").agg(pl.col("part").sum())


def timed(step: Callable[[], object], times: float) -> tuple[float, float]:
    """Seconds and processor seconds, each the best of three, scaled to all cells."""
    found = []
    for _ in range(TIMES):
        start, used = time.perf_counter(), time.process_time()
        step()
        found.append((time.perf_counter() - start, time.process_time() - used))
    return min(one[0] for one in found) * times, min(one[1] for one in found) * times


def ratio(slow: list[tuple[float, float]], fast: list[tuple[float, float]]) -> str:
    wall, processor = (statistics.median(a[of] / b[of] for a, b in zip(slow, fast, strict=True)) for of in (0, 1))
    return f"{wall:.1f}, by processor time {processor:.1f}"


def same(some: pl.DataFrame, groups: list[dict[str, int]], way: Correspondence) -> None:
    """Raises SystemExit where the frame and the definition differ."""
    rows = recast_frame(some, way).rows
    keys = some.select(*BY).unique(maintain_order=True).rows()
    fast = {(*row[:3],): row[3:5] for row in rows.select(*BY, "cluster_id", "low", "high").iter_rows()}
    for key, group in zip(keys, groups, strict=True):
        found: dict[str, Figure] = recast(group, way)
        for after, figure in found.items():
            if (*key, after) in fast and fast[(*key, after)] != (figure.low, figure.high):
                raise SystemExit(f"differs at {(*key, after)}: {fast[(*key, after)]}, not {figure}")


if __name__ == "__main__":
    main()
