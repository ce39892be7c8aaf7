"""Disclosure control against size: seconds to find, hide and prove, and what is hidden.

    python benchmarks/disclosure.py [--seed 0] [--largest 4000]

Invented firms with skewed sizes, unevenly over areas, an industry tree of two levels, and size classes (the shapes of
three dimensions). Every table is attacked at the end from outside and by every respondent alone in a cell; the
processor's seconds stand beside those of the clock.
"""

from __future__ import annotations

import argparse
import os
import time

import numpy as np
import polars as pl

from jiqun.model.errors import InputRefused
from jiqun.statistics import disclosure
from jiqun.statistics.disclosure import DisclosureRules

RULES = DisclosureRules(3, 2, 90, 10, 20)
SHAPES = ((10, 10, 0), (10, 30, 0), (10, 60, 0), (10, 120, 0), (10, 10, 3), (10, 20, 4), (10, 40, 4))


def trees(areas: int, trades: int, sizes: int) -> dict[str, dict[str, str | None]]:
    trade: dict[str, str | None] = {"all": None}
    for at in range(trades):
        trade.setdefault(f"g{at // 5}", "all")
        trade[f"t{at}"] = f"g{at // 5}"
    area: dict[str, str | None] = {"all": None} | {f"a{n}": "all" for n in range(areas)}
    return {"area": area, "trade": trade} | (
        {"size": {"all": None} | {f"s{n}": "all" for n in range(sizes)}} if sizes else {}
    )


def firms(areas: int, trades: int, sizes: int, count: int, seed: int) -> pl.DataFrame:
    chance = np.random.default_rng(seed)
    weights = chance.dirichlet(np.full(trades, 0.7))
    size = chance.choice(max(sizes, 1), count, p=(w := np.geomspace(1, 8, max(sizes, 1))) / w.sum())
    return pl.DataFrame({
        "respondent_id": [str(n) for n in range(count)],
        "area": [f"a{n}" for n in chance.integers(0, areas, count)],
        "trade": [f"t{n}" for n in chance.choice(trades, count, p=weights)],
        "size": [f"s{n}" for n in size],
        "amount": np.exp(chance.normal(8, 1.6, count)).astype(np.int64) + 1,
    })  # fmt: skip


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--seed", type=int, default=0)
    words.add_argument("--largest", type=int, default=4000)
    asked = words.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}")
    heads = f"{'cells':>6} {'firms':>6} {'unsafe':>7} {'hidden':>7} {'value hidden %':>14} {'s':>7} {'cpu s':>7}"
    print(f"{'shape':>12} {heads}")
    for areas, trades, sizes in SHAPES:
        shape = trees(areas, trades, sizes)
        count = 12 * areas * trades * max(sizes, 1)
        given = firms(areas, trades, sizes, count, asked.seed)
        found = disclosure.table(given, shape, [tuple(shape)])
        if len(found.keys) > asked.largest:
            continue
        start, spent = time.perf_counter(), time.process_time()
        try:
            done = disclosure.release(found, RULES)
        except InputRefused as refused:
            print(f"{areas}x{trades}x{sizes}: {refused}")
            continue
        seconds, spent = time.perf_counter() - start, time.process_time() - spent
        lowest = [c for c in done.cells if len(c.key) == len(shape) and all(v[0] in "ats" for _, v in c.key)]
        lost = sum(found.sums.values[found.index[c.key]] for c in lowest if c.value is None)
        part = 100 * lost / found.sums.values[found.index[()]]
        shown = f"{areas}x{trades}" + (f"x{sizes}" if sizes else "")
        counts = f"{len(found.keys):6} {count:6} {len(done.needs):7} {done.hidden:7}"
        print(f"{shown:>12} {counts} {part:14.1f} {seconds:7.2f} {spent:7.2f}")


if __name__ == "__main__":
    main()
