"""What a model's answer points at: a quote, the number in it, the words of its indicator; read, not yet believed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jiqun.model.findings import Finding, Severity

LONGEST_ANSWER = 200_000  # characters
MOST_POINTERS = 200  # of one answer
_MOST_FALSE_STARTS = 200  # opening brackets of an answer that begin no JSON
_JSON = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)  # numbers stay as they were printed
_OPENING = re.compile(r"[{\[]")


@dataclass(frozen=True)
class Pointer:
    """What a model pointed at, in its own words."""

    quote: str
    number: str
    indicator: str


def read_answer(answer: str) -> tuple[list[Pointer], list[Finding]]:
    """The pointers of a model's answer, whatever stands round its JSON or cuts it off; nothing it says is executed.

    A pointer is an object with `quote` and `number`, alone or in lists; other fields are not looked at.
    """
    if len(answer) > LONGEST_ANSWER:
        return [], [finding("answer_too_long", f"模型的回答超过 {LONGEST_ANSWER} 字，未予采用")]
    items: list[object] = []
    read_any = False
    for value in _values(answer):
        read_any = True
        items += _items(value)
    if not read_any:
        return [], [finding("no_json", "模型的回答里没有可读的 JSON，未予采用")]
    findings = []
    if len(items) > MOST_POINTERS:
        findings.append(finding("too_many", f"一次回答有 {len(items)} 条建议，只看前 {MOST_POINTERS} 条"))
    return [_pointer(item) for item in items[:MOST_POINTERS]], findings


def _values(answer: str) -> Iterator[object]:
    """The JSON objects and lists in a text, those inside a broken one too."""
    at, false_starts = 0, 0
    while false_starts < _MOST_FALSE_STARTS and (opening := _OPENING.search(answer, at)):
        try:
            value, at = _JSON.raw_decode(answer, opening.start())
        except (ValueError, RecursionError):
            at = opening.end()
            false_starts += 1
            continue
        yield value


def _items(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        listed = value.get("suggestions")
        return listed if isinstance(listed, list) else [value] if "quote" in value else []
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _pointer(item: object) -> Pointer:
    told = item if isinstance(item, dict) else {}
    quote, number, indicator = (told.get(name) for name in ("quote", "number", "indicator"))
    return Pointer(*(text if isinstance(text, str) else "" for text in (quote, number, indicator)))


def finding(code: str, message: str) -> Finding:
    """A warning that something a model said was left aside."""
    return Finding(f"suggest.{code}", Severity.WARNING, message, remedy="已舍去")
