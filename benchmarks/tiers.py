"""What was asked of the tiers, measured: each line with its ratio, peak memory, the load, and whether it holds.

    python benchmarks/tiers.py                      all lines; 10 M firms are 1 M invented ones read ten times
    python benchmarks/tiers.py --lines whole,one    some of them: whole, stated, two, nation, one, agree, imports
    python benchmarks/tiers.py --peer PYTHON        `stated` and `two` also in OpenFisca-core, of a Python with it

Each step runs in a process of its own, which alone holds the libraries, so that its peak memory is its own. Ratios of
one run count, not seconds: of several rounds, taken in turn, the quickest of each step stands. Processor seconds are
told beside, for others may be working on the same cores.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import polars as pl

HERE = Path(__file__).parent
STEPS, OPENFISCA = HERE / "tiers_steps.py", HERE / "tiers_openfisca.py"
STATED, STATED_OPENFISCA = HERE / "two_rules.py", HERE / "two_rules_openfisca.py"
Told = dict[str, Any]


class Bench:
    """A register drawn once, and the steps taken over it."""

    def __init__(self, register: Path, times: int, rounds: int, peer: str | None) -> None:
        self.register, self.times, self.rounds, self.peer = register, times, rounds, peer

    def step(
        self,
        name: str,
        times: int | None = None,
        script: Path = STEPS,
        python: str = sys.executable,
        out: Path | None = None,
    ) -> Told:
        command = [python, str(script), "--register", str(self.register), "--times", str(times or self.times)]
        command += ["--out", str(out)] if out else []
        done = subprocess.run([*command, "--step", name], check=True, stdout=subprocess.PIPE, text=True)
        return json.loads(done.stdout.splitlines()[-1])

    def quickest(self, steps: Iterable[Callable[[], Told]]) -> list[Told]:
        rounds = [[step() for step in steps] for _ in range(self.rounds)]
        return [min(of_step, key=lambda told: told["wall"]) for of_step in zip(*rounds, strict=True)]


def load() -> str:
    return f"load {os.getloadavg()[0]:.1f}"


def tell(what: str, told: Told) -> None:
    print(
        f"    {what:24} {told['wall']:8.2f} s  {told['cpu']:8.2f} s CPU"
        f"  {told['firms'] / told['wall'] / 1e6:7.2f} M firms/s  {told['peak_mb']:6.0f} MB   {load()}",
        flush=True,
    )


def verdict(what: str, holds: bool) -> None:
    print(f"{'holds ' if holds else 'SHORT '} {what}", flush=True)


def whole(bench: Bench) -> None:
    print(bench.step("described")["words"])
    scan, answers = bench.quickest([lambda: bench.step("scan"), lambda: bench.step("answers")])
    tell("bare scan", scan)
    tell("every clause answered", answers)
    ratio, by_cpu = answers["wall"] / scan["wall"], answers["cpu"] / scan["cpu"]
    verdict(f"all tiers: {ratio:.1f} times the bare scan (CPU {by_cpu:.1f}), asked at most 8", ratio <= 8)
    verdict(f"all tiers: {answers['peak_mb']:.0f} MB at most, asked below 2,000", answers["peak_mb"] < 2000)


def two(bench: Bench) -> None:
    steps = [lambda: bench.step("two scan"), lambda: bench.step("two")]
    if bench.peer:
        steps.append(lambda: bench.step("", script=OPENFISCA, python=bench.peer or ""))
    scan, ours, *peer = bench.quickest(steps)
    print(f"科技型中小企业 whole, 高新技术企业 without the experts' table: {ours['columns']} columns,"
          f" {len(ours['met'])} answers of three kinds with their points")  # fmt: skip
    tell("bare scan", scan)
    tell("Parquet to answers", ours)
    print(f"    {ours['wall'] / scan['wall']:.1f} times the bare scan")
    if not peer:
        print("    no --peer: OpenFisca-core not measured")
        return
    tell("OpenFisca-core", peer[0])
    ratio, by_cpu = peer[0]["wall"] / ours["wall"], peer[0]["cpu"] / ours["cpu"]
    verdict(f"two rules: {ratio:.1f} times OpenFisca-core's speed (CPU {by_cpu:.1f}), asked at least 10", ratio >= 10)
    filled = bench.step("two without unknowns", 1)["met"]
    other = bench.step("", 1, OPENFISCA, bench.peer)["met"]
    differ = {name: (filled[name], met) for name, met in other.items() if filled[name] != met}
    print(f"    of {len(other)} answers over {bench.step('two', 1)['firms']:,} firms without unknowns both count alike"
          f" but {differ or 'none'} (ours, OpenFisca)")  # fmt: skip


STATED_BY = {
    "answers": "the same answers, by its scales", "by hand": "the same answers, points looked up by hand",
    "without unknowns": "without unknowns, in its favour",
}  # fmt: skip


def stated(bench: Bench) -> None:
    """The two rules of `two_rules/`, which both engines can state whole; the line asked is that of the same answers.

    The firms lie in the file as registers do, money in whole 元. Beside it, for what they cost either engine, in lz4,
    and with money in doubles, as the registers of a workspace have it.
    """
    with tempfile.TemporaryDirectory() as directory:
        short = Bench(Path(directory) / "short.parquet", bench.times, bench.rounds, bench.peer)
        _stated(short, "drawn", list(STATED_BY))
        if bench.peer:
            for name in ("answers", "by hand"):
                print(f"    {STATED_BY[name]}: {_compared(short, Path(directory), name)}")
        for how in ("drawn in lz4", "drawn in doubles"):
            _stated(short, how, ["answers"])


def _stated(short: Bench, how: str, ways: list[str]) -> None:
    drawn = short.step(how, 1_000_000, STATED)
    steps = [lambda: short.step("scan", script=STATED), lambda: short.step("answers", script=STATED)]
    if short.peer:
        of_peer = {"script": STATED_OPENFISCA, "python": short.peer}
        steps += [lambda name=name: short.step(name, **of_peer) for name in ways]
    scan, ours, *peers = short.quickest(steps)
    stored = "as the register writes it" if how == "drawn" else how
    print(f"two rules short enough for both: {drawn['columns']} columns, {drawn['mb'] * short.times:.0f} MB {stored},"
          f" {ours['answers']} answers")  # fmt: skip
    tell("bare scan", scan)
    tell("Parquet to answers", ours)
    print(f"    {ours['wall'] / scan['wall']:.1f} times the bare scan (CPU {ours['cpu'] / scan['cpu']:.1f})")
    if not peers:
        print("    no --peer: OpenFisca-core not measured")
        return
    for name, told in zip(ways, peers, strict=True):
        tell("OpenFisca-core", told)
        ratio, by_cpu = told["wall"] / ours["wall"], told["cpu"] / ours["cpu"]
        said = f"stated, {stored}: {ratio:.1f} times OpenFisca-core, {STATED_BY[name]} (CPU {by_cpu:.1f})"
        verdict(f"{said}, asked at least 10", ratio >= 10)
    floor = peers[0]["wall"] / scan["wall"]
    print(f"    the same engine's bare scan of the columns is {floor:.1f} times as quick as OpenFisca-core's answers")


def _compared(short: Bench, directory: Path, step: str) -> str:
    """Row by row over all firms of all copies, what is unknown too; a column at a time, for memory."""
    files = [directory / "ours.parquet", directory / "openfisca.parquet"]
    short.step("answers", script=STATED, out=files[0])
    short.step(step, script=STATED_OPENFISCA, python=short.peer or "", out=files[1])
    ours, theirs = (pl.scan_parquet(file) for file in files)
    of_peer, counts, unknown = set(theirs.collect_schema()), {}, 0
    for name in ours.collect_schema():
        if name in of_peer:
            told = theirs.select(name)
        else:
            meets, fails = pl.col(f"{name}__meets"), pl.col(f"{name}__fails")
            told = theirs.select(pl.when(meets | fails).then(meets).alias(name))
        answers, other = ours.select(name).collect()[name], told.collect()[name]
        counts[name] = int(answers.ne_missing(other).sum()) if len(answers) == len(other) else len(answers)
        unknown += other.null_count()
    differ = {name: count for name, count in counts.items() if count}
    return (
        f"{len(counts)} answers on {len(answers):,} firms, {unknown:,} of them unknown, row by row: differ"
        f" {differ or 'none'}"
    )


def nation(bench: Bench) -> None:
    written = bench.step("parquet", 60)
    tell("60 M, Parquet to Parquet", written)
    print(f"    {written['written_mb']:,.0f} MB written; two undisturbed cores would take {written['cpu'] / 2:.0f} s")
    verdict(f"the nation: {written['wall']:.0f} s, asked below 90", written["wall"] < 90)


def one(bench: Bench) -> None:
    told = bench.step("one")
    print(
        f"    a register of {told['firms']:,}: a firm found by its code and explained for {told['tiers']} tiers,"
        f" median of {told['asked']}; a what-if for each tier, the slowest; {told['peak_mb']:.0f} MB, {load()}"
    )
    explained, changed = told["explain_ms"], told["what_if_ms"]
    verdict(f"one firm: {explained:.0f} ms (CPU {told['explain_cpu_ms']:.0f}), asked below 50", explained < 50)
    verdict(
        f"what if: {changed:.0f} ms (CPU {told['what_if_cpu_ms']:.0f}; {told['slowest']}), asked below 1,000",
        changed < 1000,
    )


def agree(bench: Bench) -> None:
    told = bench.step("agree")
    print(f"    {told['pairs']:,} pairs of made-up tiers and firms, {told['answers']:,} answers: {told['true']:,} yes,"
          f" {told['false']:,} no, {told['null']:,} unknown")  # fmt: skip
    for engine, differences in told["differences"].items():
        verdict(f"{engine} and the definition: {differences} differences, asked 0 in 2,000 pairs", not differences)


def imports(bench: Bench) -> None:
    for kind in ("csv", "xlsx"):
        told = bench.step(f"import {kind}")
        print(
            f"    {kind} {told['file_mb']:.0f} MB, {told['firms']:,} firms × {told['columns']} columns:"
            f" {told['wall']:.1f} s, {told['cpu']:.1f} s CPU, {told['peak_mb']:.0f} MB,"
            f" progress told {told['told']} times; {load()}"
        )
        verdict(
            f"{kind}: {told['reported']:,} of {told['damaged']:,} damaged rows reported and no other;"
            f" in {told['kept']:,} and out {told['out']:,} are {told['rows']:,}",
            told["is_exact"],
        )


LINES = {"whole": whole, "stated": stated, "two": two, "nation": nation, "one": one, "agree": agree, "imports": imports}


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--firms", type=int, default=1_000_000, help="firms invented")
    words.add_argument("--times", type=int, default=10, help="how often they are read")
    words.add_argument("--rounds", type=int, default=3, help="of what is compared")
    words.add_argument("--register", type=Path, help="a register already drawn")
    words.add_argument("--peer", help="a Python that has openfisca-core and polars")
    words.add_argument("--lines", default=",".join(LINES))
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        bench = Bench(asked.register or Path(directory) / "register.parquet", asked.times, asked.rounds, asked.peer)
        if not asked.register and asked.lines != "stated":
            bench.step("drawn", asked.firms)
        print(f"{os.cpu_count()} cores, {load()}")
        for name in asked.lines.split(","):
            print(f"-- {name}", flush=True)
            LINES[name](bench)


if __name__ == "__main__":
    main()
