"""Strategic emerging industries over a register of invented size: parts, sums, union, overlaps of nine fields.

python benchmarks/derived.py [--firms 1000000] [--seed 0]
"""

from __future__ import annotations

import argparse
import datetime
import os
import time

import numpy as np
import polars as pl

from jiqun import packs
from jiqun.statistics import derived

DAY = datetime.date(2023, 6, 30)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--firms", type=int, default=1_000_000)
    words.add_argument("--seed", type=int, default=0)
    asked = words.parse_args()
    city, chance = packs.load("china"), np.random.default_rng(asked.seed)
    codes = np.array([i.code for i in city.industries.values() if i.level == 4 and i.code[:2] <= "46"])
    firms = pl.DataFrame({
        "firm_id": pl.Series([f"{at:018}" for at in range(asked.firms)]),
        "industry_code": codes[chance.integers(0, len(codes), asked.firms)],
        "amount": (np.exp(chance.normal(16, 2, asked.firms)) * 100).astype(np.int64),
    })  # fmt: skip
    classes = derived.members(city, *derived.edition(city, "sei", DAY), by_group=True)
    own = firms.sample(asked.firms // 50, seed=1).select("firm_id", "industry_code", target=pl.lit("1"))
    own = own.with_columns(share_ppm=pl.lit(400_000, pl.Int64))
    print(f"{asked.firms:,} firms, {classes.height} classes in nine fields, load {os.getloadavg()[0]:.1f}")
    for run in (1, 2, 3):
        start = time.perf_counter()
        found = derived.parts(firms, classes, own)
        parted = time.perf_counter()
        by_field, whole = derived.sums(found), derived.union(found)
        summed = time.perf_counter()
        pairs = derived.overlaps(found)
        end = time.perf_counter()
        print(f"run {run}: parts {parted - start:.2f} s ({found.height:,}), sums and union {summed - parted:.2f} s, "
              f"overlaps {end - summed:.2f} s ({len(pairs)} pairs), all {end - start:.2f} s")  # fmt: skip
    apart = float(sum(s.high for s in by_field))
    print(f"sum of fields at most {apart:.4g}, all fields once at most {float(whole.high):.4g}")


if __name__ == "__main__":
    main()
