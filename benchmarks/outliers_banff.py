"""Banff's outlier procedure (Statistics Canada, GPL-3: a peer in a process of its own, never imported by Jiqun).

    python outliers_banff.py CELLS.parquet FLAGS.json      called by outliers.py with a Python that has banff

Every setting of the sweep is run against last period, the same period of last year, and (no history) as sigma-gap.
Written: for each setting the ids flagged, and the seconds of the procedure alone.
"""

from __future__ import annotations

import itertools
import json
import sys
import time
from pathlib import Path

import banff
import pandas as pd

MULTIPLIERS = (1.5, 2, 3, 4, 6, 8, 12, 16, 24, 40, 80, 160)
EXPONENTS = (0.0, 0.1, 0.3, 0.5)
LEAST = (0.05, 0.2)  # mdm
SIGMAS = (2, 3, 5, 8, 12)


def main() -> None:
    cells = pd.read_parquet(sys.argv[1])
    told = []
    current = cells[["respondent_id", "group", "value"]].dropna()
    for base in ("last", "year_ago"):
        past = cells[["respondent_id", "group", base]].dropna()
        for exponent, least, multiplier in itertools.product(EXPONENTS, LEAST, MULTIPLIERS):
            words = {"exponent": exponent, "mdm": least, "mii": float(multiplier)}
            told.append({"base": base, "setting": words} | flagged(current, past, base, words))
    for beta in SIGMAS:
        for sigma in ("MAD", "STD"):
            told.append({"base": "", "setting": {"beta_i": beta, "sigma": sigma}} | gapped(current, beta, sigma))
    Path(sys.argv[2]).write_text(json.dumps(told))


def flagged(current: pd.DataFrame, past: pd.DataFrame, base: str, words: dict[str, float]) -> dict[str, object]:
    start = time.perf_counter()
    done = banff.outlier(
        unit_id="respondent_id", by="group", var="value", with_var=base, method="HISTORIC", accept_negative=True,
        indata=current, indata_hist=past, trace=False, **words,
    )  # fmt: skip
    return {"seconds": time.perf_counter() - start, "ids": done.outstatus["respondent_id"].to_pylist()}


def gapped(current: pd.DataFrame, beta: float, sigma: str) -> dict[str, object]:
    start = time.perf_counter()
    done = banff.outlier(
        unit_id="respondent_id", by="group", var="value", method="SIGMAGAP", beta_i=float(beta), sigma=sigma,
        accept_negative=True, indata=current, trace=False,
    )  # fmt: skip
    return {"seconds": time.perf_counter() - start, "ids": done.outstatus["respondent_id"].to_pylist()}


if __name__ == "__main__":
    main()
