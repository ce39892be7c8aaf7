"""Planted mistakes in monthly returns: what is asked about, beside Banff's outlier procedure on the same cells.

    python benchmarks/outliers.py [--firms 13000] [--seeds 5] [--first-seed 0] [--peer PYTHON_WITH_BANFF]

Invented firms in 30 industries: skewed sizes, seasons of industries and of firms, growth, heavy-tailed months,
entrants, firms at rest, and real leaps that are right. Mistakes of named kinds are planted in 2 % of the cells, and
in 1 % of last period's and last year's. Two cases: the periods before known, and half of last period's missing.

At the thresholds in use: flags, recall, and which kinds are found, beside Banff's best at no more flags. Then the
curve: Banff's procedure at 394 settings (multiplier, exponent, least distance; against last period, last year, union
and intersection of both; sigma-gap), each setting taken over all seeds together, so that none is the best of one seed
by luck; ours with both limits of distance widened or narrowed together to as many flags. Only kinds that a ratio
shows count there: Banff drops numbers below zero, and a copy is an even ratio. The way one past alone is weighed was
worked out on seeds 1000 to 1002; those reported here were not looked at."""

from __future__ import annotations

import argparse
import datetime
import itertools
import json
import os
import subprocess
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import polars as pl

from jiqun import packs
from jiqun.statistics import outliers

PEER = Path(__file__).with_name("outliers_banff.py")
KINDS = (
    "unit x10000", "unit x1000", "x10", "unit /10000", "/10", "digit lost", "digit doubled", "sign", "copy",
    "wrong row", "half missing",
)  # fmt: skip
DAY = datetime.date(2023, 6, 30)
LEAST = 0.05  # how far our limits are narrowed for the curve


def firms(count: int, seed: int, planted_pct: float = 2.0) -> tuple[pl.DataFrame, dict[str, str]]:
    """(cells, respondent → kind of the mistake planted in its value)."""
    chance = np.random.default_rng(seed)
    group = chance.integers(0, 30, count)
    size = np.exp(chance.normal(9.2, 1.7, count))  # 万元 a month: median 10,000
    growth = np.exp(chance.normal(0.06, 0.25, count))  # over twelve months
    industry = np.exp(chance.normal(0, 0.25, (30, 3)))[group]  # of three months: a year ago, last, now
    industry[:, 0] = industry[:, 2] * np.exp(chance.normal(0, 0.05, 30))[group]
    own = np.exp(np.where(chance.random(count) < 0.15, chance.normal(0, 0.9, count), 0))  # seasonal trades, this month
    noise = np.exp(0.12 * chance.standard_t(3, (count, 3)).clip(-12, 12))
    ago = size * industry[:, 0] * own * noise[:, 0]
    last = size * growth ** (11 / 12) * industry[:, 1] * noise[:, 1]
    now = size * growth * industry[:, 2] * own * noise[:, 2]
    leaps = chance.random(count) < 0.01  # a factory opened: right, and large
    now = np.where(leaps, now * np.exp(chance.normal(1.2, 0.5, count)), now)
    table = np.stack([ago, last, now], 1).round().astype(np.int64).clip(1)
    table[chance.random(count) < 0.01, 2] = 0  # at rest
    told: dict[str, str] = {}
    for column, part in ((0, 0.01), (1, 0.01), (2, planted_pct / 100)):
        for at in np.flatnonzero((chance.random(count) < part) & (table[:, column] > 100)):
            kind = str(chance.choice(KINDS))
            table[at, column] = spoiled(kind, table[at], column, chance)
            if column == 2:
                told[f"{at:06}"] = kind
    known = np.ones((count, 3), bool)
    known[:, 0] = chance.random(count) > 0.06  # entrants of the year
    known[:, 1] = (chance.random(count) > 0.02) & (known[:, 0] | (chance.random(count) > 0.1))
    known[:, 2] = chance.random(count) > 0.02
    cells = {
        name: [int(v) if k else None for v, k in zip(table[:, at], known[:, at], strict=True)]
        for at, name in enumerate(("year_ago", "last", "value"))
    }
    frame = pl.DataFrame(
        {"respondent_id": [f"{at:06}" for at in range(count)], "series": ["output"] * count, "group": group.astype(str)}
        | cells,
        schema_overrides={"value": pl.Int64, "last": pl.Int64, "year_ago": pl.Int64},
    )
    missing = set(frame.filter(pl.col("value").is_null())["respondent_id"])
    return frame, {id_: kind for id_, kind in told.items() if id_ not in missing}


def spoiled(kind: str, row: np.ndarray, column: int, chance: np.random.Generator) -> int:
    value = int(row[column])
    digits = str(value)
    at = int(chance.integers(0, len(digits)))
    return {
        "unit x10000": value * 10_000, "unit x1000": value * 1000, "x10": value * 10, "unit /10000": value // 10_000,
        "/10": value // 10, "digit lost": int(digits[:at] + digits[at + 1 :]),
        "digit doubled": int(digits[:at] + digits[at] + digits[at:]),
        "sign": -value, "copy": int(row[1]) if column == 2 else value,
        "wrong row": int(value * np.exp(chance.choice([-1, 1]) * chance.uniform(1.5, 4))), "half missing": value // 2,
    }[kind]  # fmt: skip


def ours(cells: pl.DataFrame, rules: outliers.EditRules) -> tuple[list[str], float]:
    start = time.perf_counter()
    found = outliers.suspicious(cells, rules)
    return found["respondent_id"].to_list(), time.perf_counter() - start


def banff(python: str, cells: pl.DataFrame) -> list[dict]:
    with tempfile.TemporaryDirectory() as place:
        path, out = Path(place, "cells.parquet"), Path(place, "flags.json")
        cells.write_parquet(path)
        subprocess.run([python, str(PEER), str(path), str(out)], check=True, capture_output=True)
        told = json.loads(out.read_text())
    by = {(one["base"], json.dumps(one["setting"])): one for one in told}
    for setting in {key for base, key in by if base == "last"}:
        last, year = by["last", setting], by["year_ago", setting]
        seconds = last["seconds"] + year["seconds"]
        both = {"union": set(last["ids"]) | set(year["ids"]), "intersection": set(last["ids"]) & set(year["ids"])}
        told += [
            {"base": name, "setting": last["setting"], "ids": list(ids), "seconds": seconds}
            for name, ids in both.items()
        ]
    return told


def recall(ids: list[str], planted: dict[str, str]) -> float:
    return len(set(ids) & set(planted)) / len(planted)


UNSEEN = ("sign", "copy")  # kinds that no ratio shows: Banff drops negative numbers, and a copy is an even ratio


def seen(planted: dict[str, str]) -> dict[str, str]:
    return {id_: kind for id_, kind in planted.items() if kind not in UNSEEN}


def by_kind(ids: list[str], planted: dict[str, str]) -> str:
    found = set(ids)
    parts = []
    for kind in KINDS:
        all_ = {id_ for id_, of in planted.items() if of == kind}
        parts.append(f"{kind} {len(all_ & found)}/{len(all_)}")
    return ", ".join(parts)


@dataclass
class Curve:
    """Flags and finds over all seeds: `theirs` by setting, `ours` the strictest factor on our limits that asks, of
    every cell asked about, and whether it was planted."""

    planted: int = 0
    theirs: dict[str, list[int]] = field(default_factory=dict)
    ours: list[tuple[float, bool]] = field(default_factory=list)

    def add(self, told: list[dict], cells: pl.DataFrame, planted: dict[str, str], rules: outliers.EditRules) -> None:
        ratios = seen(planted)
        self.planted += len(ratios)
        for one in told:
            counts = self.theirs.setdefault(f"{one['base'] or 'sigma-gap'} {json.dumps(one['setting'])}", [0, 0])
            counts[0] += len(one["ids"])
            counts[1] += len(set(one["ids"]) & set(ratios))
        lowest = replace(rules, distance=rules.distance * LEAST, slip_distance=rules.slip_distance * LEAST)
        for row in outliers.suspicious(cells, lowest).iter_rows(named=True):
            if row["kind"] in ("slip", "trend"):
                limit = rules.slip_distance if row["kind"] == "slip" else rules.distance
                self.ours.append((abs(row["distance"]) / limit, row["respondent_id"] in ratios))

    def told(self) -> str:
        """Banff's frontier with what ours finds at no more flags, and how many of all its settings are above ours."""
        self.ours.sort(reverse=True)
        found = [0, *itertools.accumulate(is_right for _, is_right in self.ours)]
        mine = lambda flags: found[min(flags, len(found) - 1)]  # noqa: E731
        lines, best = [], 0
        for name, (flags, right) in sorted(self.theirs.items(), key=lambda one: (one[1][0], -one[1][1])):
            if right > best:
                best = right
                mark = "below" if mine(flags) < right else ""
                lines.append(
                    f"  {flags:7} {right / self.planted:6.3f} {mine(flags) / self.planted:6.3f} {mark:5} {name}"
                )
        usual = [one for one in self.theirs.values() if one[0] <= len(self.ours)]
        above = sum(mine(flags) < right for flags, right in usual)
        worst = max((right - mine(flags) for flags, right in usual), default=0)
        last = (
            f"  ours finds fewer than {above} of the {len(usual)} settings that ask no more than our loosest does (at "
            f"worst {worst} of {self.planted} planted); {len(self.theirs) - len(usual)} settings ask more"
        )
        return "\n".join([f"  {'flags':>7} {'Banff':>6} {'ours':>6}", *lines, last])


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--firms", type=int, default=13_000)
    words.add_argument("--seeds", type=int, default=5)
    words.add_argument("--first-seed", type=int, default=0)
    words.add_argument("--peer", help="a Python that has banff")
    asked = words.parse_args()
    rules = outliers.EditRules.of(packs.load("china"), DAY)
    print(f"{asked.firms:,} firms, load {os.getloadavg()[0]:.1f}, thresholds {rules}")
    for case, missing in (("periods before known", 0.0), ("half of last period's missing", 0.5)):
        print(f"\n=== {case}")
        curve = Curve()
        for seed in range(asked.first_seed, asked.first_seed + asked.seeds):
            cells, planted = firms(asked.firms, seed)
            cells = without_last(cells, missing, seed)
            ids, seconds = ours(cells, rules)
            right = len(set(ids) & set(planted))
            print(f"seed {seed}: {len(planted)} planted; ours {len(ids)} flags, recall {recall(ids, planted):.3f}, "
                  f"precision {right / len(ids):.3f}, {seconds * 1000:.0f} ms\n  {by_kind(ids, planted)}")  # fmt: skip
            if asked.peer:
                told = banff(asked.peer, cells)
                print(beside(told, planted, ids))
                curve.add(told, cells, planted, rules)
        if asked.peer:
            print(f"curve over {asked.seeds} seeds, {curve.planted} planted of kinds that ratios show\n{curve.told()}")


def without_last(cells: pl.DataFrame, part: float, seed: int) -> pl.DataFrame:
    gone = np.random.default_rng([seed, 1]).random(cells.height) < part
    return cells.with_columns(last=pl.when(~pl.Series(gone)).then("last"))


def beside(told: list[dict], planted: dict[str, str], ids: list[str]) -> str:
    """Banff's best on this seed at no more flags than ours."""
    best = max((one for one in told if len(one["ids"]) <= len(ids)), key=lambda one: recall(one["ids"], planted))
    slowest = max(one["seconds"] for one in told)
    return (
        f"  Banff's best of {len(told)} settings at no more flags: {len(best['ids'])} flags, "
        f"recall {recall(best['ids'], planted):.3f}, without {' and '.join(UNSEEN)} "
        f"{recall(best['ids'], seen(planted)):.3f} to ours {recall(ids, seen(planted)):.3f} "
        f"({best['base'] or 'sigma-gap'}, {best['setting']}), {best['seconds'] * 1000:.0f} ms "
        f"(slowest {slowest * 1000:.0f})\n  {by_kind(best['ids'], planted)}"
    )


if __name__ == "__main__":
    main()
