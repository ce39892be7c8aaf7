"""Score extraction on marked documents, links and cases, show what it confuses, and hold it to its floors.

    make evaluate                       scores, confusion by slot, agreement by phenomenon; exit 1 below a floor
    make evaluate ARGS="--show 40"      and the misses
    make evaluate ARGS="--texts DIR"    and any folder of NAME.txt, NAME.claims.jsonl, NAME.tasks.jsonl (no floors)

The reference documents, gold answers, facts and scorer stand beside the project (`JIQUN_REFERENCE_DIR`, default
../shared); without them only the own cases are scored.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks import cases_by_phenomenon, marked_texts
from benchmarks.cases_by_phenomenon import SLOTS
from benchmarks.marked_texts import CITY_OF, Compared, Pair

from jiqun import packs
from jiqun.documents import read
from jiqun.extraction import extract
from jiqun.model.claims import Claim
from jiqun.model.units import Unit
from jiqun.packs import City

ROOT = Path(__file__).resolve().parent.parent
MARKED = {"detection": 0.97, "record": 0.92, "measure": 0.95, "area": 0.95, "quotes": 1.0}
MARKED |= {"tasks": 0.98, "task bodies": 0.95}
FLOORS: dict[str, dict[str, float]] = {
    "gold": MARKED,
    "own gold": MARKED,
    "links": {"rows": 0.95},
    "cases": {"detection": 0.98, **dict.fromkeys(SLOTS, 0.97)},
}
MATRICES = ("kind", "comparator", "measure")
MISSES = ("period", "area", "bodies")


@dataclass(frozen=True)
class Score:
    """Shares in [0, 1] of one source by name; a share of nothing is left out. They were counted on `compared`."""

    shares: Mapping[str, float]
    compared: Compared = field(default_factory=Compared)


def score(compared: Compared, rules: ModuleType | None) -> Score:
    """F1 of detection and record, each slot over the paired, tasks, and the share of quotes that read as they stand."""
    both = [pair for pair in compared.pairs if pair.marked and pair.found]
    marked = sum(pair.marked is not None for pair in compared.pairs)
    found = sum(pair.found is not None for pair in compared.pairs)
    shares = {"detection": _f1(len(both), marked, found)}
    shares["record"] = _f1(sum(pair.is_right for pair in both), marked, found)
    if both:
        shares |= {slot: 1 - sum(slot in pair.wrong for pair in both) / len(both) for slot in SLOTS}
    if rules is not None:
        if compared.tasks:
            tasks = rules.score_tasks(compared.tasks)
            shares |= {"tasks": tasks["f1"], "task bodies": tasks["bodies"]}
        if found:
            shares["quotes"] = 1 - len(compared.misquoted) / found
    return Score(shares, compared)


def below(scores: Mapping[str, Score]) -> list[str]:
    """A line for every share under its floor; a share that a floor names and nobody measured is one too."""
    lines = []
    for source, floors in FLOORS.items():
        if source not in scores:
            continue
        for name, floor in floors.items():
            share = scores[source].shares.get(name, 0.0)
            if share < floor:
                lines.append(f"{source}: {name} {share:.3f} 低于 {floor}")
    return lines


@dataclass
class Linked:
    """How the rows of the reference table fare: tied to the right indicator, to another, left open, not found."""

    right: list[Mapping[str, str]] = field(default_factory=list)
    wrong: list[Mapping[str, str]] = field(default_factory=list)
    left_open: list[Mapping[str, str]] = field(default_factory=list)
    missed: list[Mapping[str, str]] = field(default_factory=list)

    @property
    def share(self) -> float:
        total = len(self.right) + len(self.wrong) + len(self.left_open) + len(self.missed)
        return len(self.right) / total if total else 0.0


def links(reference: Path) -> Linked:
    """The rows of facts/targets.csv from the reference documents, by what became of them in extraction."""
    with (reference / "facts" / "targets.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["source_id"].removeprefix("doc") in CITY_OF]
    result = Linked()
    for row in rows:
        held = [claim for claim in _claims(reference, row["source_id"].removeprefix("doc")) if _says(row, claim)]
        if any(claim.indicator_id == row["indicator"] for claim in held):
            result.right.append(row)
        elif not held:
            result.missed.append(row)
        else:
            (result.wrong if all(claim.indicator_id for claim in held) else result.left_open).append(row)
    return result


@cache
def _claims(reference: Path, name: str) -> Sequence[Claim]:
    path = next((reference / "documents").glob(f"{name}*"))
    return extract(read(path), packs.load(CITY_OF[name])).claims


def _says(row: Mapping[str, str], claim: Claim) -> bool:
    """The same period and the same number once units are converted."""
    if claim.period != row["period"]:
        return False
    printed, wanted = Unit.parse(claim.unit), Unit.parse(row["unit"])
    value = printed.convert(claim.value, wanted) if printed.measures_like(wanted) else claim.value
    return str(value.normalize()) == str(type(value)(row["value"]).normalize())


def confusion(pairs: Iterable[Pair], slot: str) -> str:
    """Expected (down) by found (across) of a slot with few values, claims paired only."""
    counts = Counter((pair.marked[slot], pair.found[slot]) for pair in pairs if pair.marked and pair.found)
    names = sorted({name for both in counts for name in both})
    lines = [f"{slot:<14}" + "".join(f"{name:>12}" for name in names)]
    for expected in names:
        row = "".join(f"{counts[expected, name] or '·':>12}" for name in names)
        lines.append(f"  {expected:<12}{row}")
    return "\n".join(lines)


def misses(pairs: Iterable[Pair], slot: str) -> str:
    """How a slot with many values goes wrong: nothing found, something invented, another value."""
    counts: Counter[str] = Counter()
    for pair in pairs:
        if pair.marked and pair.found:
            expected, found = pair.marked[slot] or None, pair.found[slot] or None
            right = slot not in pair.wrong
            counts["right" if right else "missing" if not found else "invented" if not expected else "other"] += 1
    return f"{slot:<14}" + "".join(f"{name} {counts[name]:<8}" for name in ("right", "missing", "invented", "other"))


def evaluate(reference: Path, texts: Sequence[Path] = ()) -> dict[str, Score]:
    """The score of every source there is: gold, own gold, links and texts need the reference folder."""
    scores: dict[str, Score] = {}
    if has(reference):
        rules = marked_texts.scorer(reference)
        scores["gold"] = score(marked_texts.compare(marked_texts.gold(reference), rules), rules)
        scores["own gold"] = score(marked_texts.compare(marked_texts.own_gold(reference), rules), rules)
        scores["links"] = Score({"rows": links(reference).share})
        for folder in texts:
            scores[str(folder)] = score(marked_texts.compare(marked_texts.folder(folder), rules), rules)
    scores["cases"] = score(marked_texts.compare(marked_texts.cases(), None), None)
    return scores


def has(reference: Path) -> bool:
    """Whether the reference documents and their scorer are there."""
    return (reference / "documents").is_dir() and (reference / "tools" / "score_extraction.py").is_file()


def show(scores: Mapping[str, Score]) -> None:
    """The scores, then the confusion by slot of each source."""
    names = ["detection", "record", *SLOTS, "tasks", "task bodies", "quotes", "rows"]
    print(f"{'source':<18}" + "".join(f"{name:>12}" for name in names))
    for source, result in scores.items():
        cells = (result.shares.get(name) for name in names)
        print(f"{source[-18:]:<18}" + "".join(f"{'' if cell is None else f'{cell:.3f}':>12}" for cell in cells))
    for source, result in scores.items():
        if result.compared.pairs:
            found = sum(pair.found is not None for pair in result.compared.pairs)
            invented = sum(pair.marked is None for pair in result.compared.pairs)
            missed = sum(pair.found is None for pair in result.compared.pairs)
            print(f"\n{source}: {found} found, of these {invented} invented; {missed} missed")
            print(*(confusion(result.compared.pairs, slot) for slot in MATRICES), sep="\n")
            print(*(misses(result.compared.pairs, slot) for slot in MISSES), sep="\n")


def show_phenomena(city: City) -> None:
    """Agreement with the own cases, by phenomenon."""
    print("\n" + cases_by_phenomenon.table(cases_by_phenomenon.agreement(cases_by_phenomenon.read_cases(), city)))


def wrongs(compared: Compared) -> list[str]:
    """One line for every claim missed, invented or wrong in a slot."""
    lines = []
    for pair in compared.pairs:
        if pair.marked is None and pair.found is not None:
            lines.append(f"{pair.text} | invented | {_shown(pair.found)} | {pair.confidence:.2f}")
        elif pair.found is None and pair.marked is not None:
            lines.append(f"{pair.text} | missed | {_shown(pair.marked)}")
        elif pair.marked and pair.found:
            lines += [
                f"{pair.text} | {slot} | {pair.marked[slot]} | {pair.found[slot]} | {_shown(pair.found)}"
                for slot in sorted(pair.wrong)
            ]
    return lines


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(os.environ.get("JIQUN_REFERENCE_DIR", ROOT.parent / "shared"))
    parser.add_argument("--reference", type=Path, default=default)
    parser.add_argument("--texts", type=Path, action="append", default=[], help="a folder of marked texts")
    parser.add_argument("--show", type=int, default=0, help="print this many misses of each source")
    options = parser.parse_args(arguments)
    for folder in options.texts:
        if not any(folder.glob("*.claims.jsonl")):
            parser.error(f"{folder} 中没有 NAME.claims.jsonl")
    scores = evaluate(options.reference, options.texts)
    show(scores)
    show_phenomena(packs.load("china"))
    for source, result in scores.items():
        for line in wrongs(result.compared)[: options.show]:
            print(f"{source} | {line}")
    if not has(options.reference):
        left_out = ", ".join(["gold", "own gold", "links", *map(str, options.texts)])
        print(f"未评（没有参考文件夹 {options.reference}，可设 JIQUN_REFERENCE_DIR）：{left_out}", file=sys.stderr)
    else:
        linked = links(options.reference)
        print(
            f"\nlinks: {len(linked.right)} right, {len(linked.wrong)} wrong, "
            f"{len(linked.left_open)} left open, {len(linked.missed)} not found"
        )
    failed = below(scores)
    print(*failed, sep="\n", end="\n" if failed else "", file=sys.stderr)
    return 1 if failed else 0


def _f1(hit: int, marked: int, found: int) -> float:
    return 2 * hit / (marked + found) if marked + found else 1.0


def _shown(claim: Mapping[str, Any]) -> str:
    return f"{claim['indicator']} {claim['value']}{claim['unit']} “{claim.get('quote', '')}”"


if __name__ == "__main__":
    sys.exit(main())
