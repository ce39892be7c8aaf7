"""Agreement of the extraction with the hand-marked cases of tests/extraction/cases, by phenomenon and by slot.

    python benchmarks/cases_by_phenomenon.py                 a line for each phenomenon
    python benchmarks/cases_by_phenomenon.py --show 40       and the disagreements

Numbers pair when they are equal after scaling 十百千万亿 and their units agree; an indicator is right when its
character bigrams overlap by 0.6 (Dice) once function words are dropped. Both are the rules of the reference scorer.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from jiqun import packs
from jiqun.documents import read
from jiqun.extraction import extract
from jiqun.packs import City

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "extraction" / "cases"
SLOTS = ("kind", "comparator", "measure", "period", "area", "bodies", "indicator")
DEFAULTS: dict[str, Any] = {
    "value_max": None, "comparator": "eq", "kind": "target", "period": None, "area": None, "bodies": [],
}  # fmt: skip
SCALE = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
SAME_UNIT = {"户": "家", "名": "人", "位次": "位"}
FUNCTION_WORDS = re.compile(
    "[的了和与及、,，。;；:：“”\"'()（）\\s达到超过突破力争累计新增实现形成建成培育建设打造左右以上]"
)
ALIKE = {"indicator": 0.6, "title": 0.8}


@dataclass
class Agreement:
    """Counts of one phenomenon: cases wholly right, claims marked, found and paired, slots right among the paired."""

    cases: int = 0
    right: int = 0
    marked: int = 0
    found: int = 0
    paired: int = 0
    slots: Counter[str] = field(default_factory=Counter)

    @property
    def detection(self) -> float:
        """F1 of the paired claims. Where nothing is marked: 1 if nothing is found, else 0, so read `right` there."""
        total = self.marked + self.found
        return 2 * self.paired / total if total else 1.0

    def slot(self, name: str) -> float | None:
        """The share of the paired claims whose slot is right, in [0, 1]; None where none is paired."""
        return self.slots[name] / self.paired if self.paired else None


def read_cases(folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Every case with its `file`; one that names its `phenomenon` is marked `by_hand`, the rest take their file's."""
    return [
        {"file": file.stem, "phenomenon": file.stem, "by_hand": "phenomenon" in case, **case}
        for file in sorted(folder.glob("*.yaml"))
        for case in yaml.safe_load(file.read_text("utf-8"))
    ]


def agreement(cases: Iterable[Mapping[str, Any]], city: City) -> dict[str, Agreement]:
    """The counts by phenomenon, in the order of the cases, and last their sum under `all`."""
    counts: dict[str, Agreement] = {}
    total = Agreement()
    for case in cases:
        marked, found, tasks = _answers(case, city)
        pairs = matched(marked, found)
        wrong = _disagreements(case, marked, found, tasks)
        for count in (counts.setdefault(case["phenomenon"], Agreement()), total):
            count.cases += 1
            count.right += not wrong
            count.marked += len(marked)
            count.found += len(found)
            count.paired += len(pairs)
            count.slots.update(s for m, f in pairs for s in SLOTS if slot_right(s, marked[m], found[f]))
    return {**counts, "all": total}


def disagreements(case: Mapping[str, Any], city: City) -> list[str]:
    """What the extraction says otherwise than `case`, one line each; empty where both agree."""
    return _disagreements(case, *_answers(case, city))


def table(counts: Mapping[str, Agreement]) -> str:
    """The counts as lines of text, for a terminal."""
    head = ["phenomenon", "cases", "right", "detection", *SLOTS]
    lines = [f"{head[0]:<36}" + "".join(f"{name:>11}" for name in head[1:])]
    for name, count in counts.items():
        shares = [count.detection, *(count.slot(slot) for slot in SLOTS)]
        cells = [
            f"{count.cases:>11}",
            f"{count.right:>11}",
            *(f"{'' if s is None else f'{s:.3f}':>11}" for s in shares),
        ]
        lines.append(f"{name:<36}" + "".join(cells))
    return "\n".join(lines)


def _answers(case: Mapping[str, Any], city: City) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[Any]]:
    marked = [DEFAULTS | claim for claim in case["claims"]]
    extraction = extract(read(case["text"].encode(), "case.txt"), city)
    found = [
        {
            "value": claim.value, "value_max": claim.value_max, "unit": claim.unit, "indicator": claim.indicator,
            "comparator": str(claim.comparator), "measure": str(claim.measure), "kind": str(claim.kind),
            "period": claim.period, "area": claim.area, "bodies": list(claim.bodies),
        }
        for claim in extraction.claims
    ]  # fmt: skip
    return marked, found, list(extraction.tasks)


def _disagreements(case: Mapping[str, Any], marked: list[Any], found: list[Any], tasks: list[Any]) -> list[str]:
    pairs = matched(marked, found)
    wrong = [
        f"{slot} of {marked[m]['value']}{marked[m]['unit']}: {marked[m][slot]!r}, found {found[f][slot]!r}"
        for m, f in pairs
        for slot in SLOTS
        if not slot_right(slot, marked[m], found[f])
    ]
    wrong += [f"missed {_shown(claim)}" for i, claim in enumerate(marked) if i not in {m for m, _ in pairs}]
    wrong += [f"invented {_shown(claim)}" for i, claim in enumerate(found) if i not in {f for _, f in pairs}]
    if "tasks" in case:
        expected = [(task["number"], task["bodies"]) for task in case["tasks"]]
        same = [(task.number, list(task.bodies)) for task in tasks] == expected
        alike = (_similar(e["title"], t.title) >= ALIKE["title"] for e, t in zip(case["tasks"], tasks, strict=False))
        if not same or not all(alike):
            wrong.append(f"tasks: found {[(task.number, task.title, list(task.bodies)) for task in tasks]}")
    return wrong


def matched(marked: list[dict[str, Any]], found: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """One-to-one pairs of places with the same quantity, the likest indicator first, then the nearest place."""
    same = [
        (-_similar(m["indicator"], f["indicator"]), abs(i - j), i, j)
        for i, m in enumerate(marked)
        for j, f in enumerate(found)
        if _quantity(m) == _quantity(f)
    ]
    pairs: list[tuple[int, int]] = []
    for _, _, i, j in sorted(same):
        if i not in {a for a, _ in pairs} and j not in {b for _, b in pairs}:
            pairs.append((i, j))
    return sorted(pairs)


def _quantity(claim: Mapping[str, Any]) -> tuple[float | None, float | None, str]:
    unit, factor = "".join(claim["unit"].split()), 1
    while unit[:1] in SCALE and unit:
        factor, unit = factor * SCALE[unit[0]], unit[1:]
    ends = [claim["value"], claim["value_max"]]
    low, high = (None if end is None else round(float(Decimal(str(end)) * factor), 4) for end in ends)
    return low, high, SAME_UNIT.get(unit, unit)


def slot_right(slot: str, marked: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    if slot == "indicator":
        return _similar(marked[slot], found[slot]) >= ALIKE[slot]
    if slot == "period" and marked["kind"] == "target":
        return str(marked[slot] or "")[-4:] == str(found[slot] or "")[-4:]
    return bool((marked[slot] or None) == (found[slot] or None))


def _similar(one: str, other: str) -> float:
    first, second = _bigrams(one), _bigrams(other)
    total = first.total() + second.total()
    return 2 * (first & second).total() / total if total else 1.0


def _bigrams(name: str) -> Counter[str]:
    bare = FUNCTION_WORDS.sub("", name.lower())
    return Counter(bare[i : i + 2] for i in range(len(bare) - 1)) or Counter([bare])


def _shown(claim: Mapping[str, Any]) -> str:
    end = "" if claim["value_max"] is None else f"~{claim['value_max']}"
    return f"{claim['value']}{end}{claim['unit']} {claim['indicator']}"


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--city", default="china")
    arguments.add_argument("--show", type=int, default=0, help="print the disagreements of this many cases")
    options = arguments.parse_args()
    city, cases = packs.load(options.city), read_cases()
    print(table(agreement(cases, city)))
    wrong = [(case, lines) for case in cases if (lines := disagreements(case, city))]
    for case, lines in wrong[: options.show]:
        mark = " (open)" if case.get("open") else ""
        print(f"\n{case['file']}-{case['name']}{mark}\n  {case['text']}", *lines, sep="\n    ")
    return 0


if __name__ == "__main__":
    sys.exit(main())
