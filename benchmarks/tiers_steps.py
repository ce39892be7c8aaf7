"""The steps of `tiers.py`, one a process; each prints what it measured as one line of JSON."""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import polars as pl

from jiqun import packs
from jiqun.enterprises import invented, snapshots, tiers
from jiqun.enterprises.tiers.definition import judge
from jiqun.enterprises.tiers.in_polars import classified
from jiqun.enterprises.tiers.resolving import resolve, version_on
from jiqun.enterprises.tiers.rule import TierRule

ON = date(2026, 3, 1)
DAMAGED_FIRMS, ONE_OF = 160_000, 200_000
NEVER = date(1900, 1, 1)
Told = dict[str, Any]


def every_rule() -> list[TierRule]:
    city = packs.load("suzhou")
    return [resolve(city, tier_id, ON) for tier_id in tiers.tiers_on(city, ON)]


def two_rules() -> list[TierRule]:
    """As the city has them, but for the points that only experts can give 高企."""
    city = packs.load("suzhou")
    edition = version_on(city.tiers["hnte"], ON)
    assert edition is not None
    assert edition.rule is not None
    fixed = tuple(node for node in edition.rule.all or () if node.score is None)
    rule = edition.rule.model_copy(update={"all": fixed})
    fixed_edition = edition.model_copy(update={"rule": rule, "score_tables": ()})
    return [resolve(city, "tech_sme", ON), resolve(city, "hnte", ON, fixed_edition)]


def needed(frame: pl.LazyFrame, of: list[TierRule]) -> list[str]:
    return sorted(set().union(*(rule.columns for rule in of)) & set(frame.collect_schema()))


@contextmanager
def timed(told: Told) -> Iterator[None]:
    wall, spent = time.perf_counter(), os.times()
    yield
    ended = os.times()
    told["wall"] = time.perf_counter() - wall
    told["cpu"] = ended.user + ended.system - spent.user - spent.system


# --- over the whole register


def drawn(register: Path, firms: int) -> Told:
    parts = []
    for nr, part in enumerate(invented.frames(packs.load("suzhou"), invented.Drawing(firms, ON, ON.year - 1))):
        parts.append(register.with_suffix(f".{nr}"))
        part.sink_parquet(parts[-1], compression="lz4")
    pl.scan_parquet(parts).sink_parquet(register, **snapshots.STORED)
    for part_file in parts:
        part_file.unlink()
    return {}


def described(register: Path, times: int) -> Told:
    of = every_rule()
    frame = pl.scan_parquet(register)
    columns = needed(frame, of)
    nulls = frame.select(pl.mean_horizontal(pl.col(columns).is_null().mean())).collect().item()
    answers = classified(frame, of).select(pl.mean_horizontal(pl.all().is_null().mean()))
    firms = frame.select(pl.len()).collect().item()
    clauses = sum(len(rule.clauses) for rule in of)
    items = sum(len(table.items) for rule in of for table in rule.points.values())
    words = (
        f"{firms * times:,} firms ({firms:,} invented × {times}), {len(of)} tiers, {clauses} clauses, {items} items of"
        f" points, {len(columns)} columns of {register.stat().st_size / 1e6 * times:,.0f} MB, {nulls:.0%} of their"
        f" cells unknown, {answers.collect(engine='streaming').item():.0%} of the answers"
    )
    return {"words": words}


def scan(frame: pl.LazyFrame, of: list[TierRule]) -> Told:
    """Each column read and looked at once."""
    schema, told = frame.collect_schema(), Told()
    looked = [pl.col(c).max() if schema[c].is_numeric() else pl.col(c).count() for c in needed(frame, of)]
    with timed(told):
        frame.select(looked).collect(engine="streaming")
    return told


def answers(frame: pl.LazyFrame, of: list[TierRule]) -> Told:
    told = Told()
    counted = classified(frame, of).select(pl.all().sum(), pl.all().null_count().name.suffix(":unknown"))
    with timed(told):
        counted.collect(engine="streaming")
    return told


def two(frame: pl.LazyFrame, of: list[TierRule]) -> Told:
    """The answers as they then stand in memory, and how many firms meet each."""
    told: Told = {"columns": len(needed(frame, of))}
    with timed(told):
        found = classified(frame, of).collect(engine="streaming")
        told["met"] = found.select(pl.col(pl.Boolean).sum()).row(0, named=True)
    return told


def filled(frame: pl.LazyFrame) -> pl.LazyFrame:
    """As OpenFisca takes what is unknown: 0, no, the day that fails."""
    of_type = {pl.Float64: 0.0, pl.Int32: 0, pl.Boolean: False, pl.Date: NEVER, pl.String: ""}
    rank = pl.col("national_st_award_rank").fill_null(9999)
    return frame.with_columns(rank).with_columns(pl.col(type_).fill_null(value) for type_, value in of_type.items())


def parquet(register: Path, times: int) -> Told:
    """By the product's own door, from a directory of parts to one file."""
    told = Told()
    city = packs.load("suzhou")
    with tempfile.TemporaryDirectory(dir=register.parent) as directory:
        parts, out = Path(directory) / "firms", Path(directory) / "answers.parquet"
        parts.mkdir()
        for nr in range(times):
            (parts / f"{nr:03}.parquet").symlink_to(register)
        with timed(told):
            told["firms"] = tiers.write_classified(parts, city, tiers.tiers_on(city, ON), ON, out)
        told["written_mb"] = out.stat().st_size / 1e6
    return told


# --- one firm, one change


def one(register: Path, firms: int) -> Told:
    """A firm is looked up in the Parquet file as a page does; a change moves one threshold of a tier by a fifth."""
    city = packs.load("suzhou")
    own = register.with_suffix(".one")
    pl.scan_parquet(register).head(firms).sink_parquet(own, **snapshots.STORED)
    frame, wanted = pl.scan_parquet(own), tiers.tiers_on(city, ON)
    codes = frame.select("uscc").collect()["uscc"].sample(21, seed=7).to_list()
    asked = [spent(lambda code=code: _explained(frame, city, wanted, code)) for code in codes][1:]
    changes = {tier_id: change for tier_id in wanted if (change := _a_change(city, tier_id))}
    slow = {
        tier_id: min(spent(lambda t=tier_id, c=change: tiers.what_if(frame, city, t, ON, c)) for _ in range(3))
        for tier_id, change in changes.items()
    }
    own.unlink()
    slowest = max(slow, key=lambda tier_id: slow[tier_id])
    walls, cpus = zip(*asked, strict=True)
    return {
        "firms": firms, "tiers": len(wanted), "asked": len(asked), "explain_ms": median(walls),
        "explain_cpu_ms": median(cpus), "what_if_ms": slow[slowest][0], "what_if_cpu_ms": slow[slowest][1],
        "slowest": slowest,
    }  # fmt: skip


def spent(work: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds by the clock and of processor."""
    begun, used = time.perf_counter(), time.process_time()
    work()
    return (time.perf_counter() - begun) * 1000, (time.process_time() - used) * 1000


def _explained(frame: pl.LazyFrame, city: packs.City, wanted: tuple[str, ...], code: str) -> list[tiers.Explained]:
    firm = frame.filter(pl.col("uscc") == code).collect().row(0, named=True)
    return [tiers.explain(firm, city, tier_id, ON) for tier_id in wanted]


def _a_change(city: packs.City, tier_id: str) -> tiers.Change | None:
    edition = version_on(city.tiers[tier_id], ON)
    assert edition is not None
    for clause in edition.conditions:
        metric = city.metrics.get(clause.metric or "")
        if isinstance(clause.value, Decimal) and metric and not metric.since and not metric.year_of:
            return tiers.Change(values={clause.id: round(clause.value * Decimal("1.2"), 2)})
    return None


# --- agreement


def agree() -> Told:
    """Tiers and firms as the tests draw them, in every engine at once."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tests.enterprises.tiers import test_engines as engines
    from tests.enterprises.tiers import worlds

    from jiqun.enterprises.tiers import in_spark

    rng, rules = Random(2026), engines.many(2026, 25)
    rows = [worlds.firm(rng) for _ in range(100)]
    frame = engines.frame_of(rows)
    said = [value for rule in rules for row in rows for value in worlds.expected(rule, row).values()]
    told: Told = {
        "pairs": len(rules) * len(rows), "answers": len(said), "true": sum(value is True for value in said),
        "false": sum(value is False for value in said), "null": sum(value is None for value in said),
    }  # fmt: skip
    verdicts = {judge(rule, row).meets for rule in rules for row in rows}
    assert verdicts == {True, False, None}
    differences = {"Polars": len(engines.differences(rules, rows, engines.by_polars(frame, rules)))}
    with tempfile.TemporaryDirectory() as directory:
        found = engines.by_duckdb(frame, rules, Path(directory))
        differences["SQL (DuckDB)"] = len(engines.differences(rules, rows, found))
        if missing := in_spark.unavailable():
            print(missing, file=sys.stderr)
        else:
            session = in_spark.session("local[2]")
            found = engines.by_spark(session, frame, rules, Path(directory))
            differences["Spark"] = len(engines.differences(rules, rows, found))
            session.stop()
    return told | {"differences": differences}


# --- import


def imported(kind: str) -> Told:
    import importing as damaged_tables

    told, said = Told(), []
    city = packs.load("suzhou")
    with tempfile.TemporaryDirectory() as work:
        path = Path(work) / f"firms.{kind}"
        command = [sys.executable, damaged_tables.__file__, "--write", str(path), "--firms", str(DAMAGED_FIRMS)]
        lines = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
        with timed(told):
            found = damaged_tables.importing.read(
                path, city, figures_year=2022, workdir=Path(work), progress=lambda stage, share: said.append(share)
            )
            kept = found.firms.collect(engine="streaming").height
        reported = set(found.faults["line"].to_list())
        is_exact = reported == set(lines) and kept + found.kept_out == found.rows == DAMAGED_FIRMS
        return told | {
            "file_mb": path.stat().st_size / 1e6, "firms": DAMAGED_FIRMS, "columns": len(damaged_tables.USED),
            "damaged": len(lines), "reported": len(reported), "kept": kept, "out": found.kept_out, "rows": found.rows,
            "is_exact": is_exact, "told": len(said),
        }  # fmt: skip


def measured(step: str, register: Path, times: int) -> Told:
    pl.Config.set_streaming_chunk_size(tiers.ROWS_AT_ONCE)
    match step:
        case "drawn":
            return drawn(register, times)
        case "described":
            return described(register, times)
        case "parquet":
            return parquet(register, times)
        case "one":
            return one(register, ONE_OF)
        case "agree":
            return agree()
        case "import csv" | "import xlsx":
            return imported(step.split()[1])
    frame = pl.scan_parquet([register] * times)
    of = two_rules() if step.startswith("two") else every_rule()
    match step:
        case "scan" | "two scan":
            told = scan(frame, of)
        case "answers":
            told = answers(frame, of)
        case "two":
            told = two(frame, of)
        case "two without unknowns":
            told = two(filled(frame), of)
        case _:
            raise SystemExit(f"no step {step}")
    return told | {"firms": frame.select(pl.len()).collect().item()}


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--step", required=True)
    words.add_argument("--register", type=Path, required=True)
    words.add_argument("--times", type=int, required=True)
    asked = words.parse_args()
    told = measured(asked.step, asked.register, asked.times)
    print(json.dumps(told | {"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


if __name__ == "__main__":
    main()
