"""Tiers: editions in order, every clause of a rule written, values that fit their operator and their metric's unit."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from jiqun.model.findings import Finding, Place
from jiqun.packs.checks.units import mismatch_findings, unit_findings
from jiqun.packs.faults import fault
from jiqun.packs.reading import Entry
from jiqun.packs.registry import Path, Registry
from jiqun.packs.schema.indicators import Indicator
from jiqun.packs.schema.tiers import Condition, Metric, Node, ScoreTable, Tier, TierVersion

AGES = ("年", "天")  # what time since a day is counted in
_STOCKS = ("stock_id", "cumulative_id")
_ORDERED = (">=", ">", "<=", "<")


def tier_findings(registry: Registry) -> Iterator[Finding]:
    metrics: dict[str, Metric] = {}
    for entry, metric in registry.of(Metric):
        metrics[metric.id] = metric
        yield from unit_findings(entry.place("unit"), metric.unit)
    yield from _count_findings(registry)
    for entry, tier in registry.of(Tier):
        yield from _edition_findings(entry, tier)
        for index, version in enumerate(tier.versions):
            yield from _version_findings(entry, ("versions", index), version, metrics)


def _count_findings(registry: Registry) -> Iterator[Finding]:
    """Two counts under one indicator would share a line; a flow under a stock's would be added up wrongly."""
    kinds = {indicator.id: indicator.time_kind for _, indicator in registry.of(Indicator)}
    taken: dict[str, Place] = {}
    for entry, tier in registry.of(Tier):
        for name, indicator_id in tier.counted:
            if indicator_id is None:
                continue
            place = entry.place("counted", name)
            if indicator_id in taken:
                yield fault("counted_twice", place, id=indicator_id, first=taken[indicator_id])
            taken.setdefault(indicator_id, place)
            wanted = "stock" if name in _STOCKS else "flow"
            if kinds.get(indicator_id, wanted) != wanted:
                yield fault("counted_kind", place, name=name, id=indicator_id, kind=kinds[indicator_id], wanted=wanted)


def _edition_findings(entry: Entry, tier: Tier) -> Iterator[Finding]:
    order = sorted(range(len(tier.versions)), key=lambda at: tier.versions[at].effective_from or datetime.date.min)
    for at in order:
        start, end = tier.versions[at].effective_from, tier.versions[at].effective_to
        if start is not None and end is not None and end < start:
            yield fault("dates", entry.place("versions", at, "effective_to"), start=start, end=end)
    for earlier, later in pairwise(order):
        one, two = tier.versions[earlier], tier.versions[later]
        begins = two.effective_from or datetime.date.min
        same_start = begins == (one.effective_from or datetime.date.min)
        if same_start or (one.effective_to is not None and one.effective_to >= begins):
            words = {"what": f"“{tier.name}”的版本", "one": one.version, "two": two.version}
            yield fault("overlap", entry.place("versions", later, "effective_from"), **words)


def _version_findings(entry: Entry, path: Path, version: TierVersion, metrics: dict[str, Metric]) -> Iterator[Finding]:
    tables = {table.id: table for table in version.score_tables}
    conditions = {condition.id: condition for condition in version.conditions}
    used: set[str] = set()
    if version.rule is not None:
        for at, node in _nodes(version.rule, (*path, "rule")):
            given = [name for name in ("all", "any", "cond", "score") if getattr(node, name) is not None]
            if len(given) != 1:
                yield fault("node", entry.place(*at))
            used |= {id_ for id_ in (node.cond, node.score) if id_ is not None}
            if entry.is_damaged:
                continue
            if node.cond is not None and node.cond not in conditions:
                yield fault("no_clause", entry.place(*at, "cond"), kind="条件", id=node.cond)
            if node.score is not None and node.score not in tables:
                yield fault("no_clause", entry.place(*at, "score"), kind="评分表", id=node.score)
            for part in node.min_parts if node.score in tables else ():
                if part not in {known.id for known in tables[node.score or ""].parts}:
                    yield fault("part", entry.place(*at, "min_parts", part), id=part)
    seen: set[str] = set()
    for index, condition in enumerate(version.conditions):
        at = (*path, "conditions", index)
        if condition.id in seen:
            first = entry.place(*path, "conditions", [c.id for c in version.conditions].index(condition.id))
            yield fault("duplicate_id", entry.place(*at, "id"), kind="条件", id=condition.id, first=first)
        seen.add(condition.id)
        if version.rule is not None and condition.id not in used:
            yield fault("unused_clause", entry.place(*at), id=condition.id)
        yield from _condition_findings(entry, at, condition, metrics)
    for index, table in enumerate(version.score_tables):
        yield from _table_findings(entry, (*path, "score_tables", index), table, metrics)


def _condition_findings(
    entry: Entry, path: Path, condition: Condition, metrics: dict[str, Metric]
) -> Iterator[Finding]:
    value, op = condition.value, condition.op
    expected = ""
    if op in _ORDERED and not _is_ordered(value):
        expected = "应写一个数或日期。"
    elif op == "between" and not (isinstance(value, tuple) and len(value) == 2 and all(map(_is_ordered, value))):
        expected = "应写两个数或日期，如 [5, 9]。"
    elif op == "in" and not isinstance(value, tuple):
        expected = "应写一个列表。"
    elif op in ("==", "!=") and (value is None or isinstance(value, tuple)):
        expected = "应写一个值。"
    elif op == "text" and (value is not None or not condition.text):
        expected = "由人判断的条件不写 value，应在 text 里说明。"
    if expected:
        yield fault("clause_value", entry.place(*path, "value"), id=condition.id, op=op, expected=expected)
    metric = metrics.get(condition.metric)
    if condition.unit and metric is not None and not (metric.since and condition.unit in AGES):
        place = entry.place(*path, "unit")
        yield from mismatch_findings(place, condition.unit, metric.unit, f"数据项“{metric.name}”")


def _is_ordered(value: object) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, str):
        try:
            datetime.date.fromisoformat(value)
        except ValueError:
            return False
        return True
    return isinstance(value, Decimal)


def _table_findings(entry: Entry, path: Path, table: ScoreTable, metrics: dict[str, Metric]) -> Iterator[Finding]:
    parts = {part.id for part in table.parts}
    for index, item in enumerate(table.items):
        at = (*path, "items", index)
        if item.part is not None and item.part not in parts:
            yield fault("part", entry.place(*at, "part"), id=item.part)
        if item.metric in metrics and item.unit:
            metric = metrics[item.metric]
            place = entry.place(*at, "unit")
            yield from mismatch_findings(place, item.unit, metric.unit, f"数据项“{metric.name}”")


def _nodes(node: Node, path: Path) -> Iterator[tuple[Path, Node]]:
    yield path, node
    for name, children in (("all", node.all), ("any", node.any)):
        for index, child in enumerate(children or ()):
            yield from _nodes(child, (*path, name, index))
