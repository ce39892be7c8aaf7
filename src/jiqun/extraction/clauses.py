"""A sentence cut into clauses, and a clause into items: the stretch of text that belongs to each number."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from jiqun.extraction.comparators import Reading, read
from jiqun.extraction.quantities import Quantity
from jiqun.extraction.words import BUILD_VERBS, any_of

_MARK = re.compile("[,;:。!?]")
_NUMBER_END = re.compile(r"(?:[\d%元家个项件人名户万亿台位倍]|以上|左右|以内)$")
_LIST_MARK = re.compile(
    r"(?:第[一二三四五六七八九十百\d]+[条章节]|\(?\d{1,3}[.、)](?!\d)|\([一二三四五六七八九十]+\)|[一二三四五六七八九十]+[、是]|[①-⑳]|[—-]{1,2})"
)
_JOINT = re.compile(r"、(?:和|及|以及|并)?|以及|和|并|或")
_JOINT_HERE = re.compile(r"^(?:、(?:和|及|以及|并)?|以及|和|及|与|并且|并|且|或|,|\s)")
_VERB_ONLY = re.compile(
    rf"^(?:(?:{any_of(BUILD_VERBS)}|力争|累计|每年|共|约|近|超|达|超过|达到|新|分别|其中|重点|各|再|还|至少|不少于|不低于|为|有)*)$"
)


@dataclass(frozen=True)
class Clause:
    """`start` to `end` in the sentence, `mark` the punctuation that closes it."""

    start: int
    end: int
    mark: str


@dataclass(frozen=True)
class Item:
    """One number with the text before (`start` to the bound's start) and after (the bound's end to `end`) it."""

    quantity: Quantity
    bound: Reading
    start: int
    end: int
    clause: int
    is_first: bool  # of its clause
    joint: str  # the word that ties it to the item before, "" at the head of a clause


def clauses(text: str, depth: Sequence[int], soft_ends: Collection[int]) -> list[Clause]:
    """The clauses of a sentence, cut at commas, semicolons and colons outside brackets."""
    found: list[Clause] = []
    numbered = _LIST_MARK.match(text)
    start = numbered.end() if numbered else 0
    for at in sorted({match.start() for match in _MARK.finditer(text, start)}.union(soft_ends)):
        if not start <= at < len(text):
            continue
        mark = text[at]
        if at in soft_ends and at > start and _NUMBER_END.search(text[max(start, at - 2) : at]):
            found.append(Clause(start, at, ";"))
            start = at
        if depth[at] or mark not in ",;:。!?":
            continue
        following = text[at + 1 : at + 5]
        if mark == "," and re.match(r"\d{3}(?!\d)", following) and at and text[at - 1].isdigit():
            continue
        if mark == ":" and re.match(r"[\d约达超近]", following):
            continue
        found.append(Clause(start, at, mark))
        start = at + 1
    if start < len(text):
        found.append(Clause(start, len(text), ""))
    return found


def items(text: str, depth: Sequence[int], clause: Clause, at: int, quantities: Sequence[Quantity]) -> list[Item]:
    """One item for each quantity of the clause, in order; together they cover the clause."""
    found: list[Item] = []
    left, joint = clause.start, ""
    bounds = [
        read(
            text,
            q,
            quantities[i - 1].end if i else clause.start,
            quantities[i + 1].head if i + 1 < len(quantities) else clause.end,
        )
        for i, q in enumerate(quantities)
    ]
    for i, quantity in enumerate(quantities):
        if i + 1 == len(quantities):
            found.append(Item(quantity, bounds[i], left, clause.end, at, i == 0, joint))
            break
        end, following, tie = _divide(text, depth, bounds[i].end, bounds[i + 1].start)
        found.append(Item(quantity, bounds[i], left, end, at, i == 0, joint))
        left, joint = following, tie
    return found


def _divide(text: str, depth: Sequence[int], start: int, end: int) -> tuple[int, int, str]:
    """Where the gap between two numbers is cut: end of the first item, start of the second, the word between.

    A joint right behind the first number closes it (30个、B企业100家); otherwise the last joint of the gap opens
    the second (10个A、B的C和20个D). Without a joint the whole gap goes to the second (产值500亿元增长5%).
    """
    if start >= end:
        return start, start, ""
    gap = text[start:end]
    match = _JOINT_HERE.match(gap)
    if match is not None:
        return start, start + match.end(), match[0]
    joints = [m for m in _JOINT.finditer(gap) if depth[start + m.start()] == 0]
    for joint in reversed(joints):
        if _VERB_ONLY.match(gap[joint.end() :]):
            return start + joint.start(), start + joint.end(), joint[0]
    commas = [joint for joint in joints if joint[0].startswith("、")]
    if joints:
        joint = (commas or joints)[-1]
        return start + joint.start(), start + joint.end(), joint[0]
    return start, start, ""
