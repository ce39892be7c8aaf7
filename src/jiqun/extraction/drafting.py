"""A sentence turned into drafts: clause by clause, item by item, each leaning on what was said before."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import pairwise

from jiqun.extraction.clauses import Clause, Item, clauses, items
from jiqun.extraction.comparators import leads_to, read
from jiqun.extraction.conditions import is_class_threshold, refuses, states_eligibility
from jiqun.extraction.counted import counted
from jiqun.extraction.frames import Context, Draft
from jiqun.extraction.phrases import subject
from jiqun.extraction.quantities import Form, Quantity
from jiqun.extraction.stated import AFTER_METRIC, is_share, plain, ranked, series, stated
from jiqun.extraction.words import BUILD_VERBS, any_of
from jiqun.model.bounds import Comparator

_AT_LEAST_DO = re.compile(rf"(?:至少|最少|不少于)(?:要|应|需)?(?:{any_of(BUILD_VERBS)})[了出成]?$")  # 至少建成1个
_FROM = re.compile(r"(?:从|由|自)[^,、;]{0,14}$")
_TO = re.compile(r"(?:到|至|为|成)(?:20\d\d年末?底?的?)?[^,、\d]{0,4}$")
_FROM_WORDS = re.compile(r"(?:从|由|自)[^从由自,]*$")

_LISTING = re.compile(r"(?:全国|全省|中国|世界|全球)[^,]{2,12}强[县区市]?$")  # 跻身全国县域百强第67位
_NOTED = re.compile(r"[^,;:。、()\d]{2,12}$")
_NOTE_OR_MARK = re.compile(r"^(?:大关|关口|台阶|门槛)(?=$|[,;。、])|^\([^()]*\)(?=$|[,;。、])")


def drafts(
    text: str, depth: Sequence[int], soft_ends: Collection[int], quantities: Sequence[Quantity], passed: str = ""
) -> list[Draft]:
    """The claims of one sentence without time, place and bodies, in order of their numbers.

    `passed` is the last subject of the sentence before, for one that names none (其中，8月当月增长4.0%).
    """
    if states_eligibility(text):
        return []
    if soft_ends:
        soft_ends = set(soft_ends).difference(*(range(q.start + 1, q.end) for q in quantities))
    context = Context(passed=passed)
    found: list[Draft] = []
    for at, clause in enumerate(clauses(text, depth, soft_ends)):
        first, last = (bisect_left(quantities, edge, key=_start) for edge in (clause.start, clause.end))
        inside = [q for q in quantities[first:last] if depth[q.start] == 0]
        made = _of_clause(text, depth, clause, at, inside, context)
        found += made
        context.close(clause.mark, subject(text[clause.start : clause.end]), had_numbers=bool(inside))
    found += _bracketed(text, depth, quantities, found)
    return sorted(found, key=lambda draft: (draft.quantity.start, draft.copy))


def _start(quantity: Quantity) -> int:
    return quantity.start


def _of_clause(
    text: str, depth: Sequence[int], clause: Clause, at: int, inside: Sequence[Quantity], context: Context
) -> list[Draft]:
    kept = [q for q in inside if not is_class_threshold(text, clause, q, inside)]
    bases = _baselines(text, clause, kept)
    started_from = {reached: base for base, reached in bases.items()}
    kept = [q for q in kept if q not in bases]
    found_items = items(text, depth, clause, at, kept)
    accepted = [item for item in found_items if not refuses(text, clause, item)]
    for item in found_items:
        if text.startswith(("基础上", "的基础上"), item.quantity.end):  # 在产值420亿元的基础上 names the subject
            context.take(subject(re.sub(r"^[在从]", "", text[item.start : item.bound.start])))
    found: list[Draft] = []
    for run in _runs(text, accepted):
        bare = [_bare(text, item, context) for item in run]
        base = started_from.get(run[0].quantity)
        if base is not None:
            bare[0] = replace(bare[0], before=_FROM_WORDS.sub("", bare[0].before), base_value=base.value)
        made = series(bare, context) if len(run) > 1 else _resolved(text, bare[0], clause, run[0], context)
        for draft in made:
            context.take(plain(draft), is_share=is_share(draft))
            context.change = draft.change if not draft.is_fall else ""
        found += made
    return found


def _resolved(text: str, draft: Draft, clause: Clause, item: Item, context: Context) -> list[Draft]:
    if draft.quantity.form is Form.RANK:
        listed = _LISTING.search(text[draft.quantity.head : draft.quantity.start])
        return ranked(draft, context) or ([replace(draft, indicator=listed[0])] if listed else [])
    if draft.after.strip("的,、)”") and not AFTER_METRIC.match(draft.after):
        return counted(draft, context, text[item.end : clause.end])
    return stated(draft, context)


def _bare(text: str, item: Item, context: Context) -> Draft:
    start, end = item.start, item.end
    while start < item.quantity.start and text[start] in ",;:、。":
        start += 1
    while end > item.quantity.end and (
        text[end - 1] in ",;:、。" or (text[end - 1] == "”" and "“" not in text[start:end])
    ):
        end -= 1
    before = _balanced(text[item.start : item.bound.start]) + item.bound.share
    comparator = item.bound.comparator
    if comparator is Comparator.EQ and _AT_LEAST_DO.search(before):
        comparator = Comparator.GE
    return Draft(
        item.quantity, "", start, end, comparator, item.bound.is_strict, before,
        _NOTE_OR_MARK.sub("", text[item.bound.end : item.end]), context.govern(text[item.start : item.quantity.start]),
        is_reached=leads_to(text[item.bound.start : item.quantity.start]), joint=item.joint,
    )  # fmt: skip


def _balanced(words: str) -> str:
    """`words` without an opening quotation mark that closes behind them: “产值已占… is the start of speech."""
    return words[1:] if words[:1] in ("“", '"') and "”" not in words else words


def _runs(text: str, accepted: Sequence[Item]) -> list[list[Item]]:
    """Items grouped so that numbers listed behind one another, 15%、20%, stand together."""
    found: list[list[Item]] = []
    for item in accepted:
        last = found[-1][-1] if found else None
        if (
            last is not None
            and item.joint.strip("，,") in ("、", "和", "与", "及", "以及", "、和")
            and not text[item.start : item.bound.start]
            and not text[last.bound.end : last.end]
            and last.end <= item.start <= last.end + 2
            and item.quantity.form is last.quantity.form
            and not text[item.bound.end : item.end].partition("(")[0].strip("的,、。”)")
        ):
            found[-1].append(item)
        else:
            found.append([item])
    return found


def _baselines(text: str, clause: Clause, kept: Sequence[Quantity]) -> dict[Quantity, Quantity]:
    """Numbers that a later one starts from: 从54万亿元增加到68万亿元, 由2.1%提高到3%, 在500家基础上."""
    found: dict[Quantity, Quantity] = {}
    for base, reached in pairwise(kept):
        gap = text[base.end : reached.start]
        goes_from = _FROM.search(text[clause.start : base.start]) is not None and _TO.search(gap) is not None
        if goes_from or re.match(r"^(?:左右|以上)?的?基础上", gap):
            found[base] = reached
    return found


def _noted(text: str, quantity: Quantity) -> str:
    """The noun that a share alone in its brackets is noted behind: 因病（36.2%）; empty where it is not so."""
    alone = text[quantity.start - 1 : quantity.start] == "(" and text[quantity.end : quantity.end + 1] == ")"
    match = _NOTED.search(text[: quantity.start - 1]) if alone and quantity.form is Form.PERCENT else None
    return match[0] if match is not None else ""


def _bracketed(
    text: str, depth: Sequence[int], quantities: Sequence[Quantity], outside: Sequence[Draft]
) -> list[Draft]:
    """Claims inside brackets, (其中…50家), leaning on the claim before the bracket."""
    found: list[Draft] = []
    for quantity in quantities:
        if depth[quantity.start] == 0:
            continue
        start, end = quantity.head, quantity.end
        while start > 0 and depth[start - 1] > 0 and text[start - 1] not in ",;、(:“":
            start -= 1
        while end < len(text) and depth[end] > 0 and text[end] not in ",;、)”。":
            end += 1
        noted = _noted(text, quantity)
        if noted:
            found.append(
                replace(
                    _bare(text, Item(quantity, read(text, quantity, start, end), start, end, 0, True, ""), Context()),
                    indicator=noted,
                )
            )
            continue
        clause = Clause(start, end, "")
        if is_class_threshold(text, clause, quantity, [quantity]):
            continue
        item = items(text, [0] * len(text), clause, 0, [quantity])[0]
        if refuses(text, clause, item):
            continue
        before = next((draft for draft in reversed(outside) if draft.quantity.end <= start), None)
        inner = Context(subject=before.indicator if before else "")
        found += _resolved(text, _bare(text, item, inner), clause, item, inner)
    return found
