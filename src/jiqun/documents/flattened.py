"""A document copied into a single line: cut again where its parts are numbered."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from jiqun.documents.lines import Line, Role
from jiqun.documents.numbering import FIRST, SECOND, parse_number
from jiqun.model.spans import Span

_LEAST = 400  # characters: a line shorter than that is no document
_NUMBER = re.compile(
    r"(?:(?<=^)|(?<=[\s。；;:：)）”]))(?:[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十]{1,3}[)）])(?=\S)"
)
_BLANK = re.compile(r"(?<=[\u4e00-\u9fff。:：；;号)）”》])[ \u3000\xa0]+(?=[\u4e00-\u9fff《“(（])")


def unfold(lines: list[Line]) -> list[Line]:
    """`lines` with every long one that holds numbered parts 一、 and 二、 cut before each part.

    The words before the first part (title, number, addressee) are cut at their blanks.
    """
    found: list[Line] = []
    for line in lines:
        cuts = _cuts(line.text) if _may_hold_parts(line) else []
        edges = [0, *cuts, len(line.text)]
        for start, end in pairwise(edges):
            part = line.text[start:end]
            lead = len(part) - len(part.lstrip())
            if part.strip():
                found.append(line if not cuts else _slice(line, start + lead, start + len(part.rstrip())))
    return found


def _may_hold_parts(line: Line) -> bool:
    return len(line.text) >= _LEAST and line.role is Role.TEXT and len(line.pieces) == 1 and "二、" in line.text


def _cuts(text: str) -> list[int]:
    """Where the numbered parts of the first two styles begin, if 一、 and 二、 follow in order; else nowhere."""
    expected = {FIRST: 1, SECOND: 1}
    cuts: list[int] = []
    for match in _NUMBER.finditer(text):
        number = parse_number(match[0])
        if number is None or number.rank not in expected or number.value not in (1, expected[int(number.rank)]):
            continue
        if number.rank == FIRST and number.value != expected[FIRST]:
            continue
        expected[int(number.rank)] = number.value + 1
        cuts.append(match.start())
    if expected[FIRST] < 3:
        return []
    heads = [m.end() for m in _BLANK.finditer(text, 0, cuts[0])]
    return sorted({*heads, *cuts} - {0})


def _slice(line: Line, start: int, end: int) -> Line:
    at = line.start
    return replace(line, pieces=(Span(at + start, at + end),), text=line.text[start:end])
