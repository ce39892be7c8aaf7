"""Why a firm stands where it stands: every clause with figure, threshold, answer, and what would move it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from jiqun import rules
from jiqun.enterprises import columns
from jiqun.enterprises.tiers.definition import SIZES, Interval, Verdict, levels_points, read, verdict
from jiqun.enterprises.tiers.gaps import Gap, gap, shown
from jiqun.enterprises.tiers.in_polars import reached_tables
from jiqun.enterprises.tiers.resolving import resolve, sized_on
from jiqun.enterprises.tiers.rule import UNSIZED, Clause, Item, Joined, Meets, Node, Reaches, TierRule
from jiqun.packs import City
from jiqun.rules import Expression, tree
from jiqun.rules.evaluation import Reading
from jiqun.rules.explanation import missing

Row = Mapping[str, object]
_CITIES, _RULES = 8, 128
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

    @property
    def applying(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.answer != OUTSIDE)

    @property
    def outside(self) -> tuple[Line, ...]:
        """The clauses that are for other firms, of another line of business or size."""
        return tuple(line for line in self.lines if line.answer == OUTSIDE)


def explain(firm: Row, city: City, tier_id: str, on: date) -> Explained:
    """Each clause of the edition in force on the day, for a firm's row (column → value).

    Raises NotFound for an unknown tier or one without an edition on the day.
    """
    return explained(resolve(city, tier_id, on), firm, city)


def explained(rule: TierRule, firm: Row, city: City) -> Explained:
    reading = read(rule, firm)
    found = verdict(rule, reading)
    decisive = _decisive(rule, found)
    lines = tuple(line(clause, rule, reading, city, clause.id in decisive) for clause in rule.clauses.values())
    tables = tuple(
        _table(node, rule, reading, found, labels(rule, city), node.table in decisive)
        for node in reached_tables(rule.node)
    )
    sizes = found.size
    possible = SIZES[int(sizes.low) - 1 : int(sizes.high)] if sizes is not None else ()
    answer = possible[0] if len(possible) == 1 else _word(found.meets)
    note = "" if rule.node is not None or rule.bands else rule.version.note or "门槛未知，不能判定"
    return Explained(rule.id, rule.tier.name, rule.version.version, rule.on, answer, lines, tables, possible, note)


def _word(truth: bool | None) -> str:
    return UNKNOWN if truth is None else MEETS if truth else FAILS


def _decisive(rule: TierRule, verdict: Verdict) -> frozenset[str]:
    """Leaves that alone, if met, would make the tier met."""
    if rule.node is None or verdict.meets is True:
        return frozenset()
    return _alone(rule.node, {**verdict.clauses, **verdict.tables}) or frozenset()


def _alone(node: Node, truths: Mapping[str, bool | None]) -> frozenset[str] | None:
    """The leaves of which each alone would make the node met; None where it is met already."""
    if not isinstance(node, Joined):
        name = node.clause if isinstance(node, Meets) else node.table
        return None if truths[name] else frozenset((name,))
    parts = [_alone(part, truths) for part in node.parts]
    short = [part for part in parts if part is not None]
    if node.how == "all":
        return frozenset.intersection(*short) if short else None
    return frozenset[str]().union(*short) if len(short) == len(parts) else None


@lru_cache(maxsize=_RULES)
def labels(rule: TierRule, city: City) -> Mapping[str, str]:
    """Column → its name for people."""
    names = dict(_city_labels(city))
    names |= {each.name: names.get(each.column, each.column) for each in rule.derived.values()}
    for clause in rule.clauses.values():
        if clause.asks:
            names[clause.asks] = f"人工判断：{clause.condition.text or clause.condition.when_text}"
    unsized = [name for name in rule.types if name.startswith(UNSIZED)]
    sized = sized_on(city, rule.on) if unsized else None
    if sized is not None:
        title = next((basis.title for basis in sized[1].legal_basis), sized[0].name)
        names |= dict.fromkeys(unsized, f"行业划型标准（《{title}》未列该行业）")
    for table in rule.points.values():
        names |= {item.awarded: f"专家打分：{item.item.name}" for item in table.items}
    return names


@lru_cache(maxsize=_CITIES)
def _city_labels(city: City) -> Mapping[str, str]:
    """Alike for all tiers of a city, which never changes once it is loaded."""
    names = {metric.id: metric.name for metric in city.metrics.values()}
    return names | {column.id: column.name for column in columns.columns(city).values()}


@dataclass(frozen=True)
class _Wording:
    """What is said of a clause whatever the firm. `measures` are the figures to show."""

    label: str
    threshold: str
    unit: str
    measures: tuple[Expression, ...]


@lru_cache(maxsize=_RULES)
def _wordings(rule: TierRule, city: City) -> Mapping[str, _Wording]:
    return {id_: _worded(clause, city) for id_, clause in rule.clauses.items()}


def _worded(clause: Clause, city: City) -> _Wording:
    said, metric = clause.condition, city.metrics[clause.condition.metric]
    label = said.name or said.text or f"{metric.name}{f'（{said.window}）' if said.window else ''}"
    if clause.thresholds:
        measures = tuple(dict.fromkeys(each.measure for each in clause.thresholds))
        return _Wording(label, _threshold(clause, city), metric.unit, measures)
    is_denied = isinstance(said.value, bool) and said.value is not (said.op == "==")
    whole = clause.test.part if is_denied and isinstance(clause.test, tree.Not) else clause.test
    return _Wording(label, _threshold(clause, city), "", (whole,))


def line(clause: Clause, rule: TierRule, reading: Reading, city: City, is_decisive: bool = False) -> Line:
    """One clause for a row that `read` has made."""
    worded, truth = _wordings(rule, city)[clause.id], reading.of(clause.rule)
    is_outside = clause.applies is not None and reading.of(clause.applies) is False
    gaps = () if is_outside or truth is not False else clause.thresholds
    missed = (found for each in gaps if (found := gap(each, rule, reading, worded.unit)) is not None)
    return Line(
        clause.id,
        worded.label,
        "；".join(dict.fromkeys(_figure(measure, rule, reading, worded.unit) for measure in worded.measures)),
        worded.threshold,
        OUTSIDE if is_outside else _word(truth if isinstance(truth, bool) else None),
        clause.condition.article,
        _missing(clause.rule, reading, labels(rule, city)) if truth is None else (),
        next(missed, None),
        is_decisive,
        clause.condition.confidence.value,
    )


_AMOUNT = re.compile(r"(?<![\d.])(\d+)([万亿]?元|人|年|家|项)")
_SIGNS = {">=": "不低于", ">": "超过", "<=": "不超过", "<": "低于", "==": "为", "!=": "不为", "in": "属于"}


def _threshold(clause: Clause, city: City) -> str:
    said = clause.condition
    if said.op == "text":
        return said.text
    if said.op == "between" and isinstance(said.value, tuple):
        return f"{_plain(said.value[0], said.unit)} 至 {_plain(said.value[1], said.unit)}"
    values = said.value if isinstance(said.value, tuple) else (said.value,)
    when = f"（{_named(said.when, city) or said.when_text}）" if said.when or said.when_text else ""
    names = {id_: tier.name for id_, tier in city.tiers.items()} if city.metrics[said.metric].list_column else {}
    wanted = "、".join(
        names.get(str(value)) or _plain(value, said.unit if value is values[-1] else "") for value in values
    )
    if isinstance(values[0], bool):
        return f"{_plain(values[0] is (said.op == '=='))}{when}"
    return f"{_SIGNS[said.op]} {wanted}{when}"


def _named(when: str, city: City) -> str:
    """A rule over metrics with their names for people."""
    if not when:
        return ""
    spoken = tree.substituted(rules.parse(when), lambda name: tree.Name(city.metrics[name.name].name))
    text = rules.to_text(spoken).replace(" and ", "且").replace(" or ", "或")
    for sign in (">=", "<=", "==", "!=", ">", "<"):
        text = text.replace(f" {sign} ", f"{_SIGNS[sign]} ")
    return _AMOUNT.sub(lambda found: f"{int(found[1]):,} {found[2]}", text)


def _plain(value: object, unit: str = "") -> str:
    """是, 否; 2,000 万元, 5%; a year of the calendar has no thousands."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if not isinstance(value, Decimal):
        return f"{value}"
    space = "" if unit in ("%", "") else " "
    return f"{value:,}{space}{unit}" if unit else f"{value}"


def _figure(measure: Expression, rule: TierRule, reading: Reading, unit: str) -> str:
    value = reading.of(measure)
    if isinstance(value, Fraction):
        return shown(value, rule.dimension(measure), unit)
    if isinstance(value, bool):
        return "是" if value else "否"
    return UNKNOWN if value is None else str(value)


def _missing(node: Expression, reading: Reading, names: Mapping[str, str]) -> tuple[str, ...]:
    lacking = missing(node, reading)  # that an industry has no classes is told only where the industry is known
    lacking = tuple(name for name in lacking if not name.startswith(UNSIZED)) or lacking
    return tuple(dict.fromkeys(names.get(name, name) for name in lacking))


def _table(
    node: Reaches, rule: TierRule, reading: Reading, verdict: Verdict, names: Mapping[str, str], is_decisive: bool
) -> TableLines:
    table = rule.points[node.table]
    items = tuple(
        PointLine(
            item.id,
            item.item.name,
            verdict.items[table.id, item.id],
            item.most,
            _item_figure(item, rule, reading),
            _open_names(item, reading, names),
        )
        for item in table.items
    )
    points = verdict.points[table.id]
    short = max(Fraction(0), node.least - points.low)
    answer = _word(verdict.tables[table.id])
    return TableLines(table.id, points, node.least, node.is_strict, answer, short, items, is_decisive)


def _item_figure(item: Item, rule: TierRule, reading: Reading) -> str:
    tests = [level.test for option in item.options for level in option if level.test is not None]
    measures = dict.fromkeys(test.first for test in tests if isinstance(test, tree.Comparison))
    return "；".join(_figure(measure, rule, reading, "") for measure in measures)


def _open_names(item: Item, reading: Reading, names: Mapping[str, str]) -> tuple[str, ...]:
    """What the points hang on while they are not settled."""
    ends = [levels_points(option, reading) for option in item.options]
    if ends and all(each.low == each.high for each in ends):
        return ()
    unknown = {
        name for option in item.options for level in option for name in level.names if reading.row.get(name) is None
    }
    if unknown:
        return tuple(names.get(name, name) for name in sorted(unknown))
    return (names[item.awarded],) if reading.row.get(item.awarded) is None else ()


def renamed(rule: TierRule, tier_id: str) -> TierRule:
    """The same rule with its answers under another name, so that two editions can stand in one frame."""
    return replace(rule, tier=rule.tier.model_copy(update={"id": tier_id}))
