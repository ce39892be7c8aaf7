"""Marked texts beside what the extraction says of them: reference documents, own gold, own cases, any folder.

A folder holds NAME.txt with NAME.claims.jsonl and, where its work items are marked too, NAME.tasks.jsonl, in the fields
of the annotation guidelines. Its texts are paired with the reference scorer's rules, which stand beside the project.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks import cases_by_phenomenon as own
from tests.extraction import references

from jiqun import packs
from jiqun.documents import read
from jiqun.extraction import as_record, extract, task_record
from jiqun.packs import City

RECORD = ("kind", "comparator", "period", "indicator")  # what makes a record right, by the guidelines
CITY_OF = {"000": "suzhou", "001": "suzhou", "002": "suzhou", "003": "shenzhen", "004": "suzhou"}
MOSTLY = 0.8  # of its claims: a text mostly of promises, or mostly of figures


@dataclass(frozen=True)
class Marked:
    """A text with the claims and work items that people marked in it; `tasks` is None where nobody marked them."""

    source: str
    name: str
    text: str
    city: str
    claims: list[dict[str, Any]]
    tasks: list[dict[str, Any]] | None = None

    @property
    def sort(self) -> str:
        """promises, figures or mixed, by what its claims mostly are."""
        promised = sum(claim["kind"] == "target" for claim in self.claims) / max(len(self.claims), 1)
        return "promises" if promised >= MOSTLY else "figures" if promised <= 1 - MOSTLY else "mixed"


@dataclass(frozen=True)
class Pair:
    """A marked claim and the one found at its place; one of them is None where it is missed or invented."""

    source: str
    text: str
    sort: str
    marked: Mapping[str, Any] | None
    found: Mapping[str, Any] | None
    wrong: frozenset[str] = frozenset()
    doubts: tuple[str, ...] = ()
    confidence: float = 0.0

    @property
    def is_right(self) -> bool:
        """Whether the claim stands there and its record is right."""
        return self.marked is not None and self.found is not None and self.wrong.isdisjoint(RECORD)


@dataclass
class Compared:
    """All pairs of the texts of one source, tasks marked and found text by text, and the quotes that do not read so."""

    pairs: list[Pair] = field(default_factory=list)
    tasks: list[tuple[str, str, list[dict[str, Any]], list[dict[str, Any]]]] = field(default_factory=list)
    misquoted: list[str] = field(default_factory=list)


def scorer(reference: Path) -> ModuleType:
    """The reference scorer of the folder; FileNotFoundError where there is none."""
    spec = importlib.util.spec_from_file_location("score_extraction", reference / "tools" / "score_extraction.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def gold(reference: Path) -> Iterator[Marked]:
    """The reference documents with the reference answers."""
    for path in sorted((reference / "gold").glob("*.claims.jsonl")):
        name = path.name.split(".")[0]
        text = next((reference / "documents").glob(f"{name}*")).read_bytes().decode("utf-8")
        tasks = path.with_name(f"{name}.tasks.jsonl")
        yield Marked("gold", name, text, CITY_OF[name], _lines(path), _lines(tasks))


def own_gold(reference: Path) -> Iterator[Marked]:
    """The reference documents with the answers of tests/extraction/gold."""
    for name in references.names():
        text, claims, tasks = references.records(name, reference / "documents")
        yield Marked("own gold", name, text, CITY_OF[name], claims, tasks)


def folder(path: Path, city: str = "china") -> Iterator[Marked]:
    """The texts of a folder that have claims marked."""
    for marks in sorted(path.glob("*.claims.jsonl")):
        name = marks.name.removesuffix(".claims.jsonl")
        tasks = marks.with_name(f"{name}.tasks.jsonl")
        text = marks.with_name(f"{name}.txt").read_bytes().decode("utf-8")
        yield Marked(path.name, name, text, city, _lines(marks), _lines(tasks) if tasks.exists() else None)


def cases(city: str = "china") -> Iterator[Marked]:
    """The own cases by phenomenon; the name of each is its phenomenon."""
    for case in own.read_cases():
        claims = [own.DEFAULTS | claim for claim in case["claims"]]
        yield Marked("cases", case["phenomenon"], case["text"], city, claims)


def compare(texts: Iterable[Marked], rules: ModuleType | None) -> Compared:
    """What the extraction says of each text, paired by the rules of the scorer `rules`; None: as the own cases are."""
    result = Compared()
    for marked in texts:
        document = read(marked.text.encode("utf-8"), f"{marked.name}.txt")
        extraction = extract(document, _city(marked.city))
        found = [as_record(claim, document) for claim in extraction.claims]
        if rules is None:
            found = [record | {"period": record["period_exact"]} for record in found]
            paired = own.matched(marked.claims, found)
            right = own.slot_right
        else:
            text = rules.squeeze(marked.text)
            paired = rules.hits(text, marked.claims, found)
            right = rules.slot_right
            result.misquoted += [f"{marked.name}: {c['quote']}" for c in found if not _reads(rules, marked.text, c)]
        about = (marked.source, marked.name, marked.sort)
        for m, f in paired:
            wrong = frozenset(s for s in own.SLOTS if not right(s, marked.claims[m], found[f]))
            claim = extraction.claims[f]
            result.pairs.append(Pair(*about, marked.claims[m], found[f], wrong, claim.doubts, claim.confidence))
        seen = {m for m, _ in paired}, {f for _, f in paired}
        result.pairs += [Pair(*about, c, None) for at, c in enumerate(marked.claims) if at not in seen[0]]
        result.pairs += [
            Pair(*about, None, found[at], frozenset(), claim.doubts, claim.confidence)
            for at, claim in enumerate(extraction.claims)
            if at not in seen[1]
        ]
        if marked.tasks is not None:
            result.tasks.append(
                (marked.name, marked.text, marked.tasks, [task_record(task, document) for task in extraction.tasks])
            )
    return result


def _reads(rules: ModuleType, text: str, record: Mapping[str, Any]) -> bool:
    """Whether a quote is at most 60 characters, stands in the text and at its place, and the number within it.

    Between two of its characters the text may hold white space and a page mark, nothing else.
    """
    stretch = text[record["start"] : record["end"]]
    within = record["start"] <= record["number_start"] < record["number_end"] <= record["end"]
    return within and len(record["quote"]) <= 60 and bool(rules.spans(rules.squeeze(stretch), record["quote"]))


@cache
def _city(name: str) -> City:
    return packs.load(name)


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
