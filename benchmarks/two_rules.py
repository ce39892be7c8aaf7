"""Two rules that every engine can state, over invented firms of 12 columns: our steps, one a process, for `tiers.py`.

The rules are the city folder `two_rules/`; `two_rules_openfisca.py` has the same in OpenFisca-core. Each step prints
what it measured as one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import resource
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from tiers_steps import Told, scan, timed

from jiqun import packs
from jiqun.enterprises import snapshots, tiers
from jiqun.enterprises.tiers.in_polars import classified
from jiqun.enterprises.tiers.resolving import resolve
from jiqun.enterprises.tiers.rule import TierRule

ON = date(2026, 3, 1)
RULES = ("tech_sme_short", "hnte_short")
UNKNOWN = 0.02  # of the cells that may be unknown
STORED = {
    "drawn": snapshots.STORED,
    "drawn in lz4": {**snapshots.STORED, "compression": "lz4"},
    "drawn in doubles": snapshots.STORED,
}


def rules() -> list[TierRule]:
    folder = packs.load(Path(__file__).with_name("two_rules"))
    return [resolve(folder, tier_id, ON) for tier_id in RULES]


def drawn(register: Path, firms: int, how: str) -> Told:
    """Skewed as firms are: half have fewer than 20 people, a few thousands. Money in whole 元, integers or doubles."""
    rng = np.random.default_rng(2026)
    employees = np.ceil(rng.lognormal(3, 1.3, firms)).astype(np.int32)
    revenue = (employees * rng.lognormal(12.9, 0.8, firms)).astype(np.int64)
    parts = {"tech_staff": (employees, rng.beta(1, 4, firms)), "rd_expense_yuan": (revenue, rng.beta(1, 25, firms)),
             "hightech_revenue_yuan": (revenue, rng.beta(1, 1, firms))}  # fmt: skip
    frame = pl.DataFrame(
        {
            "employees": employees,
            "revenue_yuan": revenue,
            "assets_yuan": (revenue * rng.lognormal(0, 0.7, firms)).astype(np.int64),
            **{name: (of * share).astype(of.dtype) for name, (of, share) in parts.items()},
            "ip_class1": (rng.poisson(0.2, firms)).astype(np.int32),
            "ip_class2": (rng.poisson(1.5, firms)).astype(np.int32),
            "founded_on": np.datetime64("2026-02-01") - rng.integers(0, 9000, firms).astype("timedelta64[D]"),
            "has_serious_violation": rng.random(firms) < 0.03,
        }
    )
    some = [pl.when(pl.Series(rng.random(firms) >= UNKNOWN)).then(pl.col(name)).alias(name) for name in frame.columns]
    known = {
        "uscc": pl.Series(np.arange(firms)).cast(pl.String).str.zfill(18),
        "area_code": pl.Series(rng.integers(1, 11, firms) + 320500).cast(pl.String),
        "industry_code": pl.Series(rng.integers(1310, 4390, firms)).cast(pl.String),
    }
    if how == "drawn in doubles":
        some = [
            column.cast(pl.Float64) if kind == pl.Int64 else column
            for column, kind in zip(some, frame.dtypes, strict=True)
        ]
    frame.select(some).with_columns(**known).lazy().sink_parquet(register, **STORED[how])
    return {"mb": register.stat().st_size / 1e6, "columns": frame.width + len(known)}


def answered(frame: pl.LazyFrame, of: list[TierRule], out: Path | None) -> Told:
    """Every answer as it then stands in memory, and how many firms meet it."""
    told = Told()
    with timed(told):
        found = classified(frame, of).collect(engine="streaming")
        told["met"] = found.select(pl.col(pl.Boolean).sum()).row(0, named=True)
    if out:
        found.write_parquet(out)
    return told | {"answers": found.width}


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--step", required=True, choices=(*STORED, "scan", "answers"))
    words.add_argument("--register", type=Path, required=True)
    words.add_argument("--times", type=int, required=True)
    words.add_argument("--out", type=Path)
    asked = words.parse_args()
    pl.Config.set_streaming_chunk_size(tiers.ROWS_AT_ONCE)
    if asked.step in STORED:
        print(json.dumps(drawn(asked.register, asked.times, asked.step)))
        return
    frame, of = pl.scan_parquet([asked.register] * asked.times), rules()
    match asked.step:
        case "scan":
            told = scan(frame, of)
        case "answers":
            told = answered(frame, of, asked.out)
    told["firms"] = frame.select(pl.len()).collect().item()
    print(json.dumps(told | {"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


if __name__ == "__main__":
    main()
