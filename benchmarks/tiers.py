"""How long all tiers take over a register, against the bare scan of the same columns and against peers.

    python benchmarks/tiers.py                      10 million firms (1 million invented, read ten times)
    python benchmarks/tiers.py --times 60           60 million
    python benchmarks/tiers.py --peer PYTHON        also OpenFisca-core, of the Python that has it (with polars)

Each step runs in a process of its own, so that its peak memory is its own. Ratios count, not seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

ON = date(2026, 3, 1)
TWO = ("tech_sme", "hnte")
OPENFISCA = Path(__file__).with_name("tiers_openfisca.py")


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--firms", type=int, default=1_000_000, help="firms invented")
    words.add_argument("--times", type=int, default=10, help="how often they are read")
    words.add_argument("--register", type=Path, help="a register already drawn")
    words.add_argument("--peer", help="a Python that has openfisca-core and polars")
    words.add_argument("--steps", default="scan,answers,parquet,two scan,two,two duckdb")
    words.add_argument("--step", help=argparse.SUPPRESS)
    asked = words.parse_args()
    if asked.step:
        print(json.dumps(measured(asked.step, asked.register, asked.times)))
        return
    with tempfile.TemporaryDirectory() as directory:
        register = asked.register or draw(Path(directory) / "register.parquet", asked.firms)
        print(described(register, asked.times), flush=True)
        for step in asked.steps.split(","):
            show(step, run([sys.executable, __file__, "--step", step], register, asked.times))
        if asked.peer:
            show("openfisca, once", run([asked.peer, str(OPENFISCA)], register, 1))


def run(command: list[str], register: Path, times: int) -> dict[str, float]:
    whole = [*command, "--register", str(register), "--times", str(times)]
    return json.loads(subprocess.run(whole, check=True, capture_output=True, text=True).stdout.splitlines()[-1])


def show(step: str, told: dict[str, float]) -> None:
    load = os.getloadavg()[0]
    print(
        f"{step:18} {told['wall']:8.2f} s  {told['cpu']:8.2f} s CPU  "
        f"{told['firms'] / told['wall'] / 1e6:7.2f} M firms/s  {told['peak_mb']:6.0f} MB   load {load:.1f}",
        flush=True,
    )


def draw(path: Path, firms: int) -> Path:
    import polars as pl

    from jiqun import packs
    from jiqun.enterprises.invented import Drawing, frames

    parts = []
    for nr, part in enumerate(frames(packs.load("suzhou"), Drawing(firms, ON, ON.year - 1))):
        parts.append(path.with_suffix(f".{nr}"))
        part.sink_parquet(parts[-1], compression="lz4")
    pl.scan_parquet(parts).sink_parquet(path, compression="lz4", row_group_size=250_000)
    return path


def rules(wanted: tuple[str, ...] | None = None) -> list:
    from jiqun import packs
    from jiqun.enterprises import tiers
    from jiqun.enterprises.tiers.resolving import resolve

    city = packs.load("suzhou")
    return [resolve(city, tier_id, ON) for tier_id in wanted or tiers.tiers_on(city, ON)]


def needed(register: Path, of: list) -> list[str]:
    import polars as pl

    return sorted(set().union(*(rule.columns for rule in of)) & set(pl.scan_parquet(register).collect_schema()))


def described(register: Path, times: int) -> str:
    import polars as pl

    every = rules()
    columns = needed(register, every)
    frame = pl.scan_parquet(register)
    nulls = frame.select(pl.mean_horizontal(pl.col(columns).is_null().mean())).collect().item()
    firms = frame.select(pl.len()).collect().item()
    clauses = sum(len(rule.clauses) for rule in every)
    items = sum(len(table.items) for rule in every for table in rule.points.values())
    return (
        f"{firms * times:,} firms ({firms:,} invented × {times}), {len(every)} tiers, {clauses} clauses, "
        f"{items} items of points, {len(columns)} columns of {register.stat().st_size / 1e6 * times:,.0f} MB, "
        f"{nulls:.0%} unknown; {os.cpu_count()} cores"
    )


def measured(step: str, register: Path, times: int) -> dict[str, float]:
    import polars as pl

    from jiqun.enterprises.tiers import ROWS_AT_ONCE
    from jiqun.enterprises.tiers.in_polars import classified

    frame = pl.scan_parquet([register] * times)
    of = rules(TWO if step.startswith("two") else None)
    firms = pl.scan_parquet(register).select(pl.len()).collect().item() * times
    out = register.with_suffix(".out")
    pl.Config.set_streaming_chunk_size(ROWS_AT_ONCE)
    begun, cpu = time.perf_counter(), cpu_seconds()
    match step:
        case "scan" | "two scan":
            schema = frame.collect_schema()
            plain = [pl.col(c).max() if schema[c].is_numeric() else pl.col(c).count() for c in needed(register, of)]
            frame.select(plain).collect(engine="streaming")
        case "answers":
            answers = classified(frame, of)
            answers.select(pl.all().sum(), pl.all().null_count().name.suffix(":unknown")).collect(engine="streaming")
        case "parquet":
            classified(frame, of, ["uscc"]).sink_parquet(out, compression="lz4", engine="streaming")
        case "two":
            answers = classified(frame, of)
            answers.select(pl.all().sum(), pl.all().null_count().name.suffix(":unknown")).collect(engine="streaming")
        case "two duckdb":
            duckdb(register, times, of)
        case _:
            raise SystemExit(f"no step {step}")
    told = {"wall": time.perf_counter() - begun, "cpu": cpu_seconds() - cpu, "firms": firms}
    out.unlink(missing_ok=True)
    return {**told, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def duckdb(register: Path, times: int, of: list) -> None:
    import duckdb as duck
    import polars as pl

    from jiqun.enterprises.tiers.in_sql import statement

    connection = duck.connect(":memory:")
    source = connection.read_parquet([str(register)] * times)
    source.create_view("firms")
    sql = statement("firms", pl.scan_parquet(register).collect_schema().names(), of, dialect="duckdb").sql("duckdb")
    connection.execute(f"SELECT {', '.join(f'count({rule.id})' for rule in of)} FROM ({sql})").fetchall()


def cpu_seconds() -> float:
    spent = os.times()
    return spent.user + spent.system


if __name__ == "__main__":
    main()
