"""A tier of the city folder → its rule on a day, over the columns of the register."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from jiqun.enterprises import columns
from jiqun.enterprises.tiers import rule as ruled
from jiqun.enterprises.tiers.measures import Measures, compounded, since, year_of
from jiqun.enterprises.tiers.rule import Band, Clause, Derived, Item, Joined, Level, Meets, Points, Reaches, Threshold
from jiqun.model.errors import NotFound
from jiqun.packs import City
from jiqun.packs.schema import tiers as said
from jiqun.rules import Expression, Sort, ValueType, names, tree
from jiqun.rules.tree import Operator

INDUSTRY = "industry_code"
AWARDED = ValueType(Sort.NUMBER, "", decimals=2, digits=6)  # points to the hundredth
_CLASSES = ("small", "medium", "large")
_KEPT = 128  # tiers of a day: a page asks for all of them, again and again


def version_on(tier: said.Tier, on: date) -> said.TierVersion | None:
    """The edition in force on the day; `effective_to` is its last day. None before the first and in a gap."""
    held = [
        version
        for version in tier.versions
        if (version.effective_from or date.min) <= on <= (version.effective_to or date.max)
    ]
    return max(held, key=lambda version: version.effective_from or date.min, default=None)


def sized_on(city: City, on: date) -> tuple[said.Tier, said.TierVersion] | None:
    """The tier of size classes and its edition in force on the day."""
    editions = ((tier, version_on(tier, on)) for tier in city.tiers.values())
    return next(((tier, version) for tier, version in editions if version is not None and version.bands), None)


def resolve(city: City, tier_id: str, on: date, version: said.TierVersion | None = None) -> ruled.TierRule:
    """The rule of the tier on the day; of `version` where one is given, a changed one for a what-if.

    Raises NotFound for a tier that the folder has not, or that has no edition in force on the day.
    """
    if version is None:
        return _in_force(city, tier_id, on)
    return _Resolver(city, _tier(city, tier_id), version, on).rule()


@lru_cache(maxsize=_KEPT)
def _in_force(city: City, tier_id: str, on: date) -> ruled.TierRule:
    """A city never changes once it is loaded, and is told from another by which object it is."""
    tier = _tier(city, tier_id)
    version = version_on(tier, on)
    if version is None:
        raise NotFound(f"“{tier.name}”在 {on} 没有有效的版本")
    return _Resolver(city, tier, version, on).rule()


def _tier(city: City, tier_id: str) -> said.Tier:
    if tier_id not in city.tiers:
        raise NotFound(f"没有梯度层级“{tier_id}”（已有：{'、'.join(city.tiers)}）")
    return city.tiers[tier_id]


def _value(number: Decimal, unit: str) -> Expression:
    literal = tree.Number(abs(number), unit)
    return tree.Negative(literal) if number < 0 else literal


class _Resolver:
    def __init__(self, city: City, tier: said.Tier, version: said.TierVersion, on: date) -> None:
        self._city, self._tier, self._version, self._on = city, tier, version, on
        self._derived: dict[str, Derived] = {}
        types = columns.value_types(columns.columns(city)) if tier.subject == "firm" else {}
        self._measures = Measures(city.metrics, types, on, self._areas())

    def _areas(self) -> tuple[str, ...]:
        above = self._tier.area_id
        if above is None:
            return tuple(self._city.areas)
        return (above, *(area.id for area in self._city.descendants(above))) if above in self._city.areas else ()

    def rule(self) -> ruled.TierRule:
        version = self._version
        clauses = {condition.id: self._clause(condition) for condition in version.conditions}
        points = {table.id: self._points(table) for table in version.score_tables}
        bands = tuple(self._band(band, version.units) for band in version.bands)
        used = self._used(clauses, points, bands)
        node = self._node(version.rule) if version.rule is not None else None
        derived = {name: each for name, each in self._derived.items() if name in used}
        types = {name: type_ for name, type_ in self._measures.types.items() if name in used}
        return ruled.TierRule(self._tier, version, self._on, node, clauses, points, bands, derived, types)

    def _used(self, clauses: Mapping[str, Clause], points: Mapping[str, Points], bands: tuple[Band, ...]) -> set[str]:
        used = {name for clause in clauses.values() for name in names(clause.rule)}
        for table in points.values():
            for item in table.items:
                used.add(item.awarded)
                tests = [level.test for option in item.options for level in option if level.test is not None]
                used.update(name for test in tests for name in names(test))
        for band in bands:
            used.add(band.applies.name)
            used.update(name for _, measure, _ in band.limits for name in names(measure))
        return used

    def _node(self, node: said.Node) -> ruled.Node:
        if node.cond is not None:
            return Meets(node.cond)
        if node.score is not None:
            least, is_strict = (node.min, False) if node.min is not None else (node.min_exclusive, True)
            parts = {part: Fraction(value) for part, value in node.min_parts.items()}
            return Reaches(node.score, Fraction(least or 0), is_strict, parts)
        if node.all is not None:
            return Joined("all", tuple(self._node(part) for part in node.all))
        return Joined("any", tuple(self._node(part) for part in node.any or ()))

    # --- clauses

    def _clause(self, condition: said.Condition) -> Clause:
        asks = ruled.judged(self._tier.id, condition.id) if condition.op == "text" or condition.when_text else None
        if asks:
            self._measures.types[asks] = ValueType(Sort.TRUTH)
        applying: list[Expression] = []
        if condition.gb_prefixes:
            applying.append(tree.Name(self._industry(condition.gb_prefixes).name))
        if condition.when:
            applying.append(self._measures.written(condition.when))
        if condition.op == "text":
            assert asks
            return Clause(condition.id, condition, tree.Name(asks), _all(applying), (), asks)
        if asks:
            applying.append(tree.Name(asks))
        test, thresholds = self._test(condition)
        return Clause(condition.id, condition, test, _all(applying), thresholds, asks)

    def _industry(self, prefixes: tuple[str, ...]) -> Derived:
        """Sections are letters and no part of the codes of firms: their divisions stand for them."""
        industries = self._city.industries
        divisions = [code for code, each in industries.items() if each.parent_code in prefixes and each.level == 2]
        words = tuple(sorted({*divisions, *(prefix for prefix in prefixes if prefix.isdigit())}))
        found = Derived(f"{INDUSTRY}:{'+'.join(prefixes)}", "industry", INDUSTRY, words)
        self._derived[found.name] = found
        self._measures.types[found.name] = ValueType(Sort.TRUTH)
        return found

    def _member(self, column: str, word: str) -> Expression:
        found = Derived(f"{column}:{word}", "member", column, (word,))
        self._derived[found.name] = found
        self._measures.types[found.name] = ValueType(Sort.TRUTH)
        return tree.Name(found.name)

    def _test(self, condition: said.Condition) -> tuple[Expression, tuple[Threshold, ...]]:
        metric = self._city.metrics[condition.metric]
        values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
        if metric.list_column:
            members = tuple(self._member(metric.list_column, str(value)) for value in values)
            return (members[0] if len(members) == 1 else tree.Logic(Operator.OR, members)), ()
        measure = self._smaller(metric) if metric.smaller_than else self._measures.of(condition.metric)
        if isinstance(values[0], bool):
            wanted = values[0] is (condition.op == "==")
            return (measure if wanted else tree.Not(measure)), ()
        if condition.op == "in":
            literals = tuple(self._literal(metric, condition, value) for value in values)
            return tree.Membership(measure, literals), ()
        pairs = (
            list(zip((Operator.AT_LEAST, Operator.AT_MOST), values, strict=True))
            if condition.op == "between"
            else [(Operator(condition.op), values[0])]
        )
        thresholds = [
            each for operator, value in pairs for each in self._thresholds(metric, condition, operator, value)
        ]
        tests = [tree.Comparison(each.measure, ((each.operator, each.limit),)) for each in thresholds]
        test = _all(list(tests))
        assert test is not None
        return test, tuple(thresholds)

    def _smaller(self, metric: said.Metric) -> Expression:
        """That no line of business the firm may be of has it in the class, which wants every lower limit reached.

        Whether a firm is large whose line of business has no classes, nobody knows but who decides on it.
        """
        found = sized_on(self._city, self._on)
        if found is None:  # without classes on the day nobody knows
            return self._measures.of(metric.id)
        tier, version = found
        at, reached, applying = _CLASSES.index(metric.smaller_than), [], []
        for band in (self._band(each, version.units) for each in version.bands):
            limits = [tree.Comparison(measure, ((Operator.AT_LEAST, steps[at]),)) for _, measure, steps in band.limits]
            applying.append(tree.Name(band.applies.name))
            reached.append(tree.Logic(Operator.AND, (applying[-1], *limits)))
        unsized = tree.Name(ruled.unsized(tier.id, metric.smaller_than))
        self._measures.types[unsized.name] = ValueType(Sort.TRUTH)
        is_unsized = tree.Not(applying[0] if len(applying) == 1 else tree.Logic(Operator.OR, tuple(applying)))
        return tree.Not(tree.Logic(Operator.OR, (*reached, tree.Logic(Operator.AND, (is_unsized, unsized)))))

    def _literal(self, metric: said.Metric, condition: said.Condition, value: object) -> Expression:
        if metric.kind == "date":
            return tree.Day(date.fromisoformat(str(value)))
        if isinstance(value, Decimal):
            return _value(value, condition.unit or metric.unit)
        return tree.Text(str(value))

    def _thresholds(
        self, metric: said.Metric, condition: said.Condition, operator: Operator, value: object
    ) -> list[Threshold]:
        measure, over = self._measures.of(metric.id), condition.over
        if isinstance(value, Decimal) and metric.since:
            turned, day = since(measure, operator, value, condition.unit or metric.unit, self._on)
            return [Threshold(measure, turned, day, is_age=True)]
        if isinstance(value, Decimal) and metric.year_of:
            turned, day = year_of(operator, int(value))
            return [Threshold(measure, turned, day, is_age=True)]
        limit = self._literal(metric, condition, value)
        if over is None:
            return [Threshold(measure, operator, limit)]
        match over.how:
            case "each":
                years = range(over.years)
                return [Threshold(self._measures.before(measure, back), operator, limit) for back in years]
            case "total":
                return [Threshold(self._measures.total(measure, over.years, over.since), operator, limit)]
            case "average":
                return [Threshold(self._measures.average(measure, over.years), operator, limit)]
            case "before":
                return [Threshold(self._measures.before(measure, over.years), operator, limit)]
        assert isinstance(value, Decimal)
        grown = tree.Arithmetic(Operator.DIVIDE, measure, self._measures.before(measure, over.years))
        multiple = compounded(value, condition.unit or metric.unit, over.years)
        return [Threshold(grown, operator, multiple, since_power=over.years)]

    # --- points and bands

    def _points(self, table: said.ScoreTable) -> Points:
        parts = {part.id: Fraction(part.max) for part in table.parts}
        items = tuple(self._item(table, item) for item in table.items)
        return Points(table.id, table, items, parts, Fraction(table.max))

    def _item(self, table: said.ScoreTable, item: said.ScoreItem) -> Item:
        options: list[tuple[Level, ...]] = []
        if item.levels:
            options.append(self._levels(item.metric, item.unit, item.levels))
        options += [self._levels(option.metric, option.unit, option.levels) for option in item.options]
        most = Fraction(item.max)
        if item.per_choice is not None:
            most = min(most, len(item.choices) * Fraction(item.per_choice))
        awarded = ruled.awarded(self._tier.id, table.id, item.id)
        self._measures.types[awarded] = AWARDED
        return Item(item.id, item, tuple(options), most, awarded)

    def _levels(self, metric_id: str | None, unit: str, levels: tuple[said.Level, ...]) -> tuple[Level, ...]:
        found: list[Level] = []
        for level in levels:
            low, high = level.points if isinstance(level.points, tuple) else (level.points, level.points)
            test = self._level_test(metric_id, unit, level)
            found.append(Level(Fraction(low), Fraction(high), test, level.text or level.when))
        return tuple(found)

    def _level_test(self, metric_id: str | None, unit: str, level: said.Level) -> Expression | None:
        if level.when:
            return self._measures.written(level.when)
        bounds = [(Operator.AT_LEAST, level.min), (Operator.GREATER, level.min_exclusive), (Operator.LESS, level.max)]
        given = [(operator, value) for operator, value in bounds if value is not None]
        if given and metric_id is not None:
            measure = self._measures.of(metric_id)
            unit = unit or self._city.metrics[metric_id].unit
            tests = [tree.Comparison(measure, ((operator, _value(value, unit)),)) for operator, value in given]
            return _all(list(tests))
        return tree.Truth(True) if not given and not level.text else None

    def _band(self, band: said.SizeBand, units: Mapping[str, str]) -> Band:
        limits = []
        for metric_id, steps in band.limits.items():
            unit = units.get(metric_id, self._city.metrics[metric_id].unit)
            small, medium, large = (_value(steps[name], unit) for name in _CLASSES)  # type: ignore[index]
            limits.append((metric_id, self._measures.of(metric_id), (small, medium, large)))
        return Band(band.name, self._industry(band.gb_prefixes), tuple(limits))


def _all(tests: list[Expression]) -> Expression | None:
    if len(tests) < 2:
        return tests[0] if tests else None
    return tree.Logic(Operator.AND, tuple(tests))
