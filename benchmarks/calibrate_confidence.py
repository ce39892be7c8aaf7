"""Fit what each doubt costs, and show how far the confidence of a claim can be trusted.

    python -m benchmarks.calibrate_confidence --texts DIR --texts DIR     costs and reliability
    python -m benchmarks.calibrate_confidence --texts DIR --write         and into extraction/confidence.yaml
    python -m benchmarks.calibrate_confidence --texts DIR --check OTHER   and how it does on texts it never saw

The model is a logistic one: the logit of a right record is a base less the costs of the doubts named for the claim. No
cost is below zero, so that a further doubt never makes a claim surer, and a ridge keeps what few claims show near zero.

Own cases and reference documents were in sight when the rules were written, and hardly a claim of theirs is wrong.
They tell which doubts matter, but not how often the rules fail on a new text: they have a base of their own, and the
base that the product uses is that of the texts of `--texts`, which should not have been in sight.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import yaml
from benchmarks import marked_texts
from benchmarks.marked_texts import Pair

ROOT = Path(__file__).resolve().parent.parent
WEIGHTS = ROOT / "src" / "jiqun" / "extraction" / "confidence.yaml"
RIDGE = 3.0  # on squared costs: cross-validation hardly tells 1 from 4, other sorts of text want more
FEWEST = 8  # claims with a doubt, below which nothing is said of its cost
FOLDS = 10
SWEEPS = 200
SEED, DRAWS = 1, 1000
EDGES = (0.0, 0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0)
LINES = (0.95, 0.93, 0.9, 0.85, 0.8, 0.7, 0.5)


@dataclass(frozen=True)
class Row:
    """A claim that the rules found: the group whose base it has, its text, the doubts, and whether it is right."""

    group: str
    text: str
    sort: str
    doubts: tuple[str, ...]
    right: bool


class Said(NamedTuple):
    """The chance that a fit gave a claim of a text, and whether it was right."""

    chance: float
    right: bool
    text: str


@dataclass(frozen=True)
class Fit:
    base: dict[str, float]
    costs: dict[str, float]

    def probability(self, doubts: Iterable[str], group: str = "texts") -> float:
        """That a claim with these doubts is right, in a text of the group."""
        return _sigmoid(self.base[group] - sum(self.costs.get(doubt, 0.0) for doubt in doubts))


def fit(rows: Sequence[Row], doubts: Iterable[str], ridge: float = RIDGE) -> Fit:
    """The costs that make the rows likeliest, by Newton steps on one coordinate after the other, none below zero."""
    groups = sorted({row.group for row in rows})
    counts = Counter((row.group, row.doubts, row.right) for row in rows)
    cells = [(group, frozenset(names), right, n) for (group, names, right), n in counts.items()]
    seen = Counter({name: sum(n for _, names, _, n in cells if name in names) for name in doubts})
    holding: dict[str, list[int]] = {name: [] for name in [*groups, *seen]}
    for at, (group, names, _, _) in enumerate(cells):
        for name in (group, *names):
            if name in holding and (name in groups or seen[name] >= FEWEST):
                holding[name].append(at)
    value = dict.fromkeys(holding, 0.0)
    logits = [0.0] * len(cells)
    for _ in range(SWEEPS):
        moved = 0.0
        for name, where in holding.items():
            sign = 1.0 if name in groups else -1.0
            weight = 0.01 if name in groups else ridge
            slope, bend = -weight * value[name], weight
            for at in where:
                chance = _sigmoid(logits[at])
                slope += sign * cells[at][3] * (cells[at][2] - chance)
                bend += cells[at][3] * chance * (1 - chance)
            fresh = value[name] + slope / bend
            fresh = fresh if name in groups else max(fresh, 0.0)
            step, value[name] = fresh - value[name], fresh
            for at in where:
                logits[at] += sign * step
            moved = max(moved, abs(step))
        if moved < 1e-5:
            break
    return Fit({g: value[g] for g in groups}, {name: value[name] for name in seen})


def out_of_sample(rows: Sequence[Row], doubts: Sequence[str], part: Callable[[Row], object]) -> list[Said]:
    """Expected chance and outcome of each claim of the texts, by a fit that saw no claim of its part."""
    parts = sorted({part(row) for row in rows if row.group == "texts"}, key=str)
    found: list[Said] = []
    for left_out in parts:
        model = fit([row for row in rows if row.group != "texts" or part(row) != left_out], doubts)
        found += [
            Said(model.probability(row.doubts), row.right, row.text)
            for row in rows
            if row.group == "texts" and part(row) == left_out
        ]
    return found


def brier(said: Sequence[Said]) -> float:
    """The mean squared distance of chance and outcome; 0 is perfect, the variance of the outcome knows nothing."""
    return sum((each.chance - each.right) ** 2 for each in said) / len(said)


def calibration_error(said: Sequence[Said]) -> float:
    """The mean distance of expected and right shares over the bins, weighted by their claims."""
    return sum(abs(expected - right) * n for _, n, expected, right in bins(said)) / len(said)


def bins(said: Sequence[Said]) -> list[tuple[str, int, float, float]]:
    """(range, claims, mean chance, share right) of every bin that holds any."""
    table = []
    for low, high in pairwise(EDGES):
        inside = [each for each in said if low <= each.chance < high or each.chance == high == 1.0]
        if inside:
            n = len(inside)
            table.append(
                (f"{low:.2f}-{high:.2f}", n, sum(s.chance for s in inside) / n, sum(s.right for s in inside) / n)
            )
    return table


def discrimination(said: Sequence[Said]) -> float:
    """How often a right claim has a higher chance than a wrong one (area under the ROC curve); 0.5 knows nothing."""
    right, wrong = [s.chance for s in said if s.right], [s.chance for s in said if not s.right]
    if not right or not wrong:
        return math.nan
    return sum((a > b) + 0.5 * (a == b) for a in right for b in wrong) / (len(right) * len(wrong))


def interval(said: Sequence[Said]) -> tuple[float, float]:
    """Where 95 % of the shares lie that as many texts drawn again with replacement give.

    Claims of one text fail together, so that texts are drawn, not claims.
    """
    texts: dict[str, list[bool]] = {}
    for each in said:
        texts.setdefault(each.text, []).append(each.right)
    chance = random.Random(SEED)
    shares = []
    for _ in range(DRAWS):
        drawn = [right for rights in chance.choices(list(texts.values()), k=len(texts)) for right in rights]
        shares.append(sum(drawn) / len(drawn))
    shares.sort()
    return shares[int(0.025 * DRAWS)], shares[int(0.975 * DRAWS)]


def report(title: str, said: Sequence[Said]) -> None:
    share, (low, high) = sum(each.right for each in said) / len(said), interval(said)
    expected = sum(each.chance for each in said) / len(said)
    print(f"\n{title}: {len(said)} claims, {share:.3f} right ({low:.3f}-{high:.3f}), expected {expected:.3f}")
    print(
        f"  Brier {brier(said):.4f} (the share alone {share * (1 - share):.4f}), calibration error "
        f"{calibration_error(said):.3f}, discrimination {discrimination(said):.3f}"
    )
    for name, n, expected, right in bins(said):
        print(f"  {name:>10} {n:>6} {expected:>8.3f} {right:>8.3f}")


def thresholds(said: Sequence[Said]) -> None:
    print("\naccepted from a confidence on: share of all claims, share right of these (95 % over texts)")
    for line in LINES:
        above = [each for each in said if each.chance >= line]
        if above:
            low, high = interval(above)
            right = sum(each.right for each in above) / len(above)
            print(f"  {line:.2f} {len(above) / len(said):>7.3f} {right:>7.3f} ({low:.3f}-{high:.3f})")


def rows_of(pairs: Iterable[Pair], group: str) -> list[Row]:
    """The claims found; those that no mark stands against are wrong."""
    return [
        Row(group, f"{pair.source}/{pair.text}", pair.sort, pair.doubts, pair.is_right)
        for pair in pairs
        if pair.found is not None
    ]


def read(folders: Iterable[Path], reference: Path) -> list[Row]:
    """The rows of the texts, the reference documents and the own cases."""
    rules = marked_texts.scorer(reference)
    texts = [marked for folder in folders for marked in marked_texts.folder(folder)]
    rows = rows_of(marked_texts.compare(texts, rules).pairs, "texts")
    gold = [*marked_texts.gold(reference), *marked_texts.own_gold(reference)]
    rows += rows_of(marked_texts.compare(gold, rules).pairs, "gold")
    return rows + rows_of(marked_texts.compare(marked_texts.cases(), None).pairs, "cases")


def write(model: Fit, rows: Sequence[Row], words: Mapping[str, str]) -> None:
    """The weights file anew; its words and the line of bulk acceptance stay."""
    accept_from = yaml.safe_load(WEIGHTS.read_text("utf-8"))["accept_from"]
    counts = Counter(row.group for row in rows)
    texts = defaultdict(set)
    for row in rows:
        texts[row.group].add(row.text)
    lines = [
        "# 没有疑点的一条，对数几率为 base；每个疑点减去它的 cost。",
        "# 数值由 benchmarks/calibrate_confidence.py 拟合，勿手改；words 是页面上的说法，可改。",
        f"fitted_on: {datetime.now(tz=UTC).date().isoformat()}",
        f"claims: {{{', '.join(f'{group}: {n}' for group, n in sorted(counts.items()))}}}",
        f"texts: {len(texts['texts'])}",
        f"base: {model.base['texts']:.3f}",
        f"accept_from: {accept_from:.2f}  # 成批采纳的默认线：由可靠性表选定，见 docs/extraction.md",
        "doubts:",
        *(f"  {name}: {{cost: {model.costs.get(name, 0.0):.2f}, words: {said}}}" for name, said in words.items()),
    ]
    WEIGHTS.write_text("\n".join(lines) + "\n", "utf-8")


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--texts", type=Path, action="append", required=True, help="a folder of marked texts")
    arguments.add_argument("--check", type=Path, action="append", default=[], help="marked texts kept out of the fit")
    arguments.add_argument(
        "--reference", type=Path, default=Path(os.environ.get("JIQUN_REFERENCE_DIR", ROOT.parent / "shared"))
    )
    arguments.add_argument("--write", action="store_true", help="put base and costs into confidence.yaml")
    options = arguments.parse_args()
    words = {name: each["words"] for name, each in yaml.safe_load(WEIGHTS.read_text("utf-8"))["doubts"].items()}
    rows = read(options.texts, options.reference)
    model = fit(rows, list(words))
    unnamed = {doubt for row in rows for doubt in row.doubts} - set(words)
    if unnamed:
        print("doubts that confidence.yaml does not name:", *sorted(unnamed), file=sys.stderr)
    _print_costs(model, rows)
    by_text = out_of_sample(rows, list(words), _fold(rows))
    report("cross-validated over texts", by_text)
    thresholds(by_text)
    report("each sort of text left out in its turn", out_of_sample(rows, list(words), lambda row: row.sort))
    for folder in options.check:
        pairs = marked_texts.compare(marked_texts.folder(folder), marked_texts.scorer(options.reference)).pairs
        said = [Said(model.probability(row.doubts), row.right, row.text) for row in rows_of(pairs, "texts")]
        report("texts kept out of the fit", said)
        thresholds(said)
    if options.write:
        write(model, rows, words)
    return 0


def _fold(rows: Sequence[Row]) -> Callable[[Row], int]:
    """The fold of a row's text: texts go round the folds from the one with most claims on."""
    sizes = Counter(row.text for row in rows if row.group == "texts")
    place = {text: at % FOLDS for at, (text, _) in enumerate(sizes.most_common())}
    return lambda row: place.get(row.text, -1)


def _print_costs(model: Fit, rows: Sequence[Row]) -> None:
    print("base", {group: round(value, 2) for group, value in model.base.items()})
    print(f"{'doubt':<20}{'cost':>6}{'claims':>8}{'wrong':>7}   (texts)")
    for name, cost in sorted(model.costs.items(), key=lambda item: -item[1]):
        held = [row for row in rows if name in row.doubts and row.group == "texts"]
        print(f"{name:<20}{cost:>6.2f}{len(held):>8}{sum(not row.right for row in held):>7}")


def _sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


if __name__ == "__main__":
    sys.exit(main())
