"""Why a firm stands where it stands: every clause with figure, threshold, answer, and what would move it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import lru_cache

from jiqun import rules
from jiqun.enterprises import columns
from jiqun.enterprises.tiers.definition import SIZES, Interval, Verdict, derived, judge, levels_points
from jiqun.enterprises.tiers.gaps import Gap, gap, shown
from jiqun.enterprises.tiers.in_polars import reached_tables
from jiqun.enterprises.tiers.resolving import resolve
from jiqun.enterprises.tiers.rule import Clause, Item, Joined, Meets, Node, Reaches, TierRule, leaves
from jiqun.packs import City
from jiqun.rules import Expression, tree
from jiqun.rules.checking import dimension_of
from jiqun.rules.evaluation import conjunction, disjunction, exact

Row = Mapping[str, object]
_CITIES = 8
MEETS, FAILS, UNKNOWN, OUTSIDE = "符合", "不符合", "未知", "不适用"


@dataclass(frozen=True)
class Line:
    """One clause: its wording, figure, threshold and answer (符合, 不符合, 未知, 不适用), as a person reads them.

    `missing` names what is not known and the answer hangs on. `gap` is None unless a known figure misses a threshold.
    `is_decisive`: the verdict is not 符合 and would be if this clause alone were met.
    """

    id: str
    label: str
    value: str
    threshold: str
    answer: str
    article: str
    missing: tuple[str, ...]
    gap: Gap | None
    is_decisive: bool
    confidence: str


@dataclass(frozen=True)
class PointLine:
    """One item of a points table: the points possible of those it can bring, and what it hangs on."""

    id: str
    label: str
    points: Interval
    most: Fraction
    value: str
    missing: tuple[str, ...]


@dataclass(frozen=True)
class TableLines:
    """A points table: the total possible, the minimum it must reach, and how many points are short at most."""

    id: str
    points: Interval
    least: Fraction
    is_strict: bool
    answer: str
    short: Fraction
    items: tuple[PointLine, ...]
    is_decisive: bool


@dataclass(frozen=True)
class Explained:
    """The verdict on one firm by one tier.

    `answer`: 符合, 不符合, 未知; of size classes the class, where only one is possible. `size`: the classes possible.
    """

    tier_id: str
    tier_name: str
    version: str
    on: date
    answer: str
    lines: tuple[Line, ...]
    tables: tuple[TableLines, ...]
    size: tuple[str, ...]
    note: str


def explain(firm: Row, city: City, tier_id: str, on: date) -> Explained:
    """Each clause of the edition in force on the day, for a firm's row (column → value).

    Raises NotFound for an unknown tier or one without an edition on the day.
    """
    return explained(resolve(city, tier_id, on), firm, city)


def explained(rule: TierRule, firm: Row, city: City) -> Explained:
    row = read(rule, firm)
    verdict = judge(rule, firm)
    names = labels(rule, city)
    decisive = _decisive(rule, verdict)
    lines = tuple(line(clause, rule, row, city, names, clause.id in decisive) for clause in rule.clauses.values())
    tables = tuple(
        _table(node, rule, row, verdict, names, node.table in decisive) for node in reached_tables(rule.node)
    )
    sizes = verdict.size
    possible = SIZES[int(sizes.low) - 1 : int(sizes.high)] if sizes is not None else ()
    answer = possible[0] if len(possible) == 1 else _word(verdict.meets)
    note = "" if rule.node is not None or rule.bands else rule.version.note or "门槛未知，不能判定"
    return Explained(rule.id, rule.tier.name, rule.version.version, rule.on, answer, lines, tables, possible, note)


def read(rule: TierRule, firm: Row) -> Row:
    """The row with what is derived from it."""
    return {**firm, **{each.name: derived(each, firm) for each in rule.derived.values()}}


def _word(truth: bool | None) -> str:
    return UNKNOWN if truth is None else MEETS if truth else FAILS


def _decisive(rule: TierRule, verdict: Verdict) -> frozenset[str]:
    """Leaves that alone, if met, would make the tier met."""
    if rule.node is None or verdict.meets is True:
        return frozenset()
    truths = {**verdict.clauses, **verdict.tables}
    names = {leaf.clause if isinstance(leaf, Meets) else leaf.table for leaf in leaves(rule.node)}
    return frozenset(name for name in names if truths[name] is not True and _met(rule.node, {**truths, name: True}))


def _met(node: Node, truths: Mapping[str, bool | None]) -> bool | None:
    if isinstance(node, Joined):
        parts = [_met(part, truths) for part in node.parts]
        return conjunction(parts) if node.how == "all" else disjunction(parts)
    return truths[node.clause if isinstance(node, Meets) else node.table]


def labels(rule: TierRule, city: City) -> dict[str, str]:
    """Column → its name for people."""
    names = dict(_city_labels(city))
    names |= {each.name: names.get(each.column, each.column) for each in rule.derived.values()}
    for clause in rule.clauses.values():
        if clause.asks:
            names[clause.asks] = f"人工判断：{clause.condition.text or clause.condition.when_text}"
    for table in rule.points.values():
        names |= {item.awarded: f"专家打分：{item.item.name}" for item in table.items}
    return names


@lru_cache(maxsize=_CITIES)
def _city_labels(city: City) -> Mapping[str, str]:
    """Alike for all tiers of a city, which never changes once it is loaded."""
    names = {metric.id: metric.name for metric in city.metrics.values()}
    return names | {column.id: column.name for column in columns.columns(city).values()}


def line(
    clause: Clause, rule: TierRule, row: Row, city: City, names: Mapping[str, str], is_decisive: bool = False
) -> Line:
    """One clause for a row that `read` has made."""
    truth = exact(clause.rule, row, rule.types)
    is_outside = clause.applies is not None and exact(clause.applies, row, rule.types) is False
    said, metric = clause.condition, city.metrics[clause.condition.metric]
    missed = [found for each in clause.thresholds if (found := gap(each, row, rule.types, metric.unit)) is not None]
    figures = "；".join(dict.fromkeys(_figure(each.measure, row, rule, metric.unit) for each in clause.thresholds))
    return Line(
        clause.id,
        said.name or said.text or f"{metric.name}{f'（{said.window}）' if said.window else ''}",
        figures or _figure(clause.test.part if isinstance(clause.test, tree.Not) else clause.test, row, rule, ""),
        _threshold(clause, city),
        OUTSIDE if is_outside else _word(truth if isinstance(truth, bool) else None),
        said.article,
        _missing(clause.rule, row, rule, names) if truth is None else (),
        missed[0] if missed and truth is False and not is_outside else None,
        is_decisive,
        said.confidence.value,
    )


_SIGNS = {">=": "不低于", ">": "超过", "<=": "不超过", "<": "低于", "==": "为", "!=": "不为", "in": "属于"}


def _threshold(clause: Clause, city: City) -> str:
    said = clause.condition
    if said.op == "text":
        return said.text
    if said.op == "between" and isinstance(said.value, tuple):
        return f"{_plain(said.value[0])}{said.unit} 至 {_plain(said.value[1])}{said.unit}"
    values = said.value if isinstance(said.value, tuple) else (said.value,)
    when = f"（{_named(said.when, city) or said.when_text}）" if said.when or said.when_text else ""
    return f"{_SIGNS[said.op]} {'、'.join(_plain(value) for value in values)}{said.unit}{when}"


def _named(when: str, city: City) -> str:
    """A rule over metrics with their names for people."""
    if not when:
        return ""
    spoken = tree.substituted(rules.parse(when), lambda name: tree.Name(city.metrics[name.name].name))
    return rules.to_text(spoken).replace(" and ", "且").replace(" or ", "或")


def _plain(value: object) -> str:
    return {True: "是", False: "否"}[value] if isinstance(value, bool) else f"{value}"


def _figure(measure: Expression, row: Row, rule: TierRule, unit: str) -> str:
    value = exact(measure, row, rule.types)
    if isinstance(value, Fraction):
        return shown(value, dimension_of(measure, rule.types), unit)
    if isinstance(value, bool):
        return "是" if value else "否"
    return UNKNOWN if value is None else str(value)


def _missing(node: Expression, row: Row, rule: TierRule, names: Mapping[str, str]) -> tuple[str, ...]:
    missing = rules.explain(node, row, rule.types).missing
    return tuple(dict.fromkeys(names.get(name, name) for name in missing))


def _table(
    node: Reaches, rule: TierRule, row: Row, verdict: Verdict, names: Mapping[str, str], is_decisive: bool
) -> TableLines:
    table = rule.points[node.table]
    items = tuple(
        PointLine(
            item.id,
            item.item.name,
            verdict.items[table.id, item.id],
            item.most,
            _item_figure(item, row, rule),
            _open_names(item, row, rule, names),
        )
        for item in table.items
    )
    points = verdict.points[table.id]
    short = max(Fraction(0), node.least - points.low)
    answer = _word(verdict.tables[table.id])
    return TableLines(table.id, points, node.least, node.is_strict, answer, short, items, is_decisive)


def _item_figure(item: Item, row: Row, rule: TierRule) -> str:
    tests = [level.test for option in item.options for level in option if level.test is not None]
    measures = dict.fromkeys(test.first for test in tests if isinstance(test, tree.Comparison))
    return "；".join(_figure(measure, row, rule, "") for measure in measures)


def _open_names(item: Item, row: Row, rule: TierRule, names: Mapping[str, str]) -> tuple[str, ...]:
    """What the points hang on while they are not settled."""
    ends = [levels_points(option, rule, row) for option in item.options]
    if ends and all(each.low == each.high for each in ends):
        return ()
    missing = {
        name
        for option in item.options
        for level in option
        if level.test is not None
        for name in tree.names(level.test)
        if row.get(name) is None
    }
    if missing:
        return tuple(names.get(name, name) for name in sorted(missing))
    return (names[item.awarded],) if row.get(item.awarded) is None else ()


def renamed(rule: TierRule, tier_id: str) -> TierRule:
    """The same rule with its answers under another name, so that two editions can stand in one frame."""
    return replace(rule, tier=rule.tier.model_copy(update={"id": tier_id}))
