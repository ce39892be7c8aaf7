"""What a tier's rule says of one row: the definition that every engine must agree with. Slow, exact, three answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from jiqun.enterprises.tiers.rule import Band, Derived, Item, Joined, Level, Meets, Node, Points, Reaches, TierRule
from jiqun.rules.evaluation import Reading, compare, conjunction, disjunction, held
from jiqun.rules.tree import Operator

_CODE = re.compile(r"[0-9]{2,4}")  # 大类, 中类 or 小类
SIZES = ("微型", "小型", "中型", "大型")  # 1 … 4


@dataclass(frozen=True)
class Interval:
    """From the fewest to the most points (or from the smallest to the largest size) that are possible."""

    low: Fraction
    high: Fraction


@dataclass(frozen=True)
class Verdict:
    """True: meets; False: fails; None: unknown, something is missing that the answer hangs on.

    `clauses` and `tables` by id. `size` is 1 微型 … 4 大型, from the smallest to the largest possible; None where the
    tier is no size class or the firm of no line of business that has classes.
    """

    meets: bool | None
    clauses: Mapping[str, bool | None]
    tables: Mapping[str, bool | None]
    points: Mapping[str, Interval]
    items: Mapping[tuple[str, str], Interval]
    size: Interval | None = None


def judge(rule: TierRule, row: Mapping[str, object]) -> Verdict:
    """The verdict on a row, column → value in the unit of its type; a column that is not there is unknown."""
    return verdict(rule, read(rule, row))


def read(rule: TierRule, row: Mapping[str, object]) -> Reading:
    """The row, and what is derived from it, as the rule's clauses read it."""
    return Reading({**row, **{each.name: derived(each, row) for each in rule.derived.values()}}, rule.types)


def verdict(rule: TierRule, reading: Reading) -> Verdict:
    """The verdict on a row that `read` has made."""
    clauses = {id_: _truth(reading.of(clause.rule)) for id_, clause in rule.clauses.items()}
    items = {(table.id, item.id): item_points(item, reading) for table in rule.points.values() for item in table.items}
    points = {table.id: _total(table, items) for table in rule.points.values()}
    tables: dict[str, bool | None] = {}
    meets = _node(rule.node, clauses, items, rule, tables) if rule.node is not None else None
    return Verdict(meets, clauses, tables, points, items, _size(rule.bands, reading))


def derived(each: Derived, row: Mapping[str, object]) -> bool | None:
    value = row.get(each.column)
    if each.kind == "member":
        return each.words[0] in value if isinstance(value, list | tuple) else None
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        return None
    if any(value.startswith(word) for word in each.words):
        return True
    below = [word for word in each.words if word.startswith(value)]
    return None if below else False


def item_points(item: Item, reading: Reading) -> Interval:
    """The points that an item may bring."""
    possible = [levels_points(option, reading) for option in item.options]
    if possible:
        low = max(each.low for each in possible)
        high = max(each.high for each in possible)
    else:
        low, high = Fraction(0), item.most
    low, high = min(low, item.most), min(high, item.most)
    awarded = held(reading.row.get(item.awarded), reading.types[item.awarded], item.awarded)
    if isinstance(awarded, Fraction):
        low = high = min(max(awarded, low), high)
    return Interval(low, high)


def levels_points(levels: Sequence[Level], reading: Reading) -> Interval:
    """Of all levels that may be the first to hold; nothing where none does, unless a person chooses among them."""
    possible: list[Level] = []
    for level in levels:
        truth = None if level.test is None else reading.of(level.test)
        if truth is not False:
            possible.append(level)
        if truth is True:
            break
    else:
        if any(level.test is not None for level in levels):
            possible.append(Level(Fraction(0), Fraction(0), None))
    return Interval(min(level.low for level in possible), max(level.high for level in possible))


def _total(table: Points, items: Mapping[tuple[str, str], Interval], part: str | None = None) -> Interval:
    """Of the table, or of one part of it; each part capped, and the whole."""
    sums: dict[str | None, list[Fraction]] = {}
    for item in table.items:
        of_item, of_part = items[table.id, item.id], sums.setdefault(item.item.part, [Fraction(0), Fraction(0)])
        of_part[0] += of_item.low
        of_part[1] += of_item.high
    capped = {
        id_: (min(low, table.parts[id_]), min(high, table.parts[id_])) if id_ is not None else (low, high)
        for id_, (low, high) in sums.items()
    }
    if part is not None:
        return Interval(*capped.get(part, (Fraction(0), Fraction(0))))
    low, high = (sum((ends[end] for ends in capped.values()), Fraction(0)) for end in (0, 1))
    return Interval(min(low, table.most), min(high, table.most))


def _node(
    node: Node,
    clauses: Mapping[str, bool | None],
    items: Mapping[tuple[str, str], Interval],
    rule: TierRule,
    tables: dict[str, bool | None],
) -> bool | None:
    match node:
        case Meets(clause):
            return clauses[clause]
        case Reaches():
            tables[node.table] = _reaches(node, rule.points[node.table], items)
            return tables[node.table]
        case Joined(how, parts):
            truths = [_node(part, clauses, items, rule, tables) for part in parts]
            return conjunction(truths) if how == "all" else disjunction(truths)


def _reaches(node: Reaches, table: Points, items: Mapping[tuple[str, str], Interval]) -> bool | None:
    whole = _reached(_total(table, items), node.least, node.is_strict)
    of_parts = [_reached(_total(table, items, part), least, False) for part, least in node.parts.items()]
    return conjunction([whole, *of_parts])


def _reached(points: Interval, least: Fraction, is_strict: bool) -> bool | None:
    """Meets if the low end passes, fails if the high end fails."""
    operator = Operator.GREATER if is_strict else Operator.AT_LEAST
    if compare(operator, points.low, least):
        return True
    return None if compare(operator, points.high, least) else False


def _size(bands: Sequence[Band], reading: Reading) -> Interval | None:
    """大型, 中型, 小型 must reach every lower limit of their class, else the next below: the least of the measures'."""
    for band in bands:
        if reading.row.get(band.applies.name):
            lows, highs = [], []
            for _, measure, limits in band.limits:
                value = reading.of(measure)
                if value is None:
                    lows.append(1)
                    highs.append(4)
                    continue
                reached = sum(compare(Operator.AT_LEAST, value, reading.of(limit)) is True for limit in limits)
                lows.append(1 + reached)
                highs.append(1 + reached)
            return Interval(Fraction(min(lows)), Fraction(min(highs)))
    return None


def _truth(value: object) -> bool | None:
    return value if isinstance(value, bool) else None
