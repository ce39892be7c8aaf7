"""Tiers as one SQL statement for Spark (and DuckDB): the same rules, the same answers row by row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from sqlglot import exp

from jiqun.enterprises.tiers.amounts import HUNDREDTHS, WHOLE, whole
from jiqun.enterprises.tiers.in_polars import answer_columns, reached_tables
from jiqun.enterprises.tiers.rule import Band, Derived, Item, Joined, Level, Meets, Node, Points, Reaches, TierRule
from jiqun.enterprises.tiers.scoring import unit_for
from jiqun.enterprises.tiers.sharing import Shared
from jiqun.rules import Expression, Sort, ValueType, tree
from jiqun.rules.in_sql import held, held_engines
from jiqun.rules.tree import Operator

_SQL_TYPES = {Sort.TEXT: "text", Sort.TRUTH: "boolean", Sort.DAY: "date", Sort.NUMBER: "bigint"}
E = exp.Expr


def statement(
    table: str, columns: Iterable[str], rules: Sequence[TierRule], keep: Sequence[str] = (), dialect: str = "spark"
) -> exp.Select:
    """A query of `table` (which has `columns`) whose result is that of `in_polars.classified`, name for name.

    Print it with `.sql(dialect)`.
    """
    return _Statement(rules, frozenset(columns), dialect).select(table, keep)


class _Statement:
    def __init__(self, rules: Sequence[TierRule], columns: frozenset[str], dialect: str) -> None:
        self._rules, self._columns = rules, columns
        self._types: dict[str, ValueType] = {}
        self._derived: dict[str, Derived] = {}
        for rule in rules:
            self._types |= rule.types
            self._derived |= rule.derived
        self._shared: Shared[exp.Expr] = Shared(self._types, held_engines(dialect))

    def select(self, table: str, keep: Sequence[str]) -> exp.Select:
        kept = {name: f"kept:{name}" for name in keep}
        source: exp.Expression = exp.to_table(table)
        tests = self._tests()
        measures = [_named(value, name) for name, value in self._shared.columns.items()]
        for stage in (self._read(kept), measures, tests, self._parts(), self._totals(), self._reached()):
            is_first = isinstance(source, exp.Table)
            query = exp.select(*([] if is_first else [exp.Star()]), *stage).from_(source)
            source = query.subquery("stage")
        last = [_named(_column(inner), name) for name, inner in kept.items()]
        return exp.select(*last, *self._answers()).from_(source)

    # --- columns as the rules want them

    def _read(self, kept: Mapping[str, str]) -> list[E]:
        made = [_named(_column(name), inner) for name, inner in kept.items()]
        for name, type_ in self._types.items():
            if name in self._derived:
                made.append(_named(self._truth(self._derived[name]), name))
            elif name not in self._columns:
                made.append(_named(exp.cast(exp.Null(), _SQL_TYPES[type_.sort]), name))
            elif type_.sort is Sort.NUMBER:
                made.append(_named(held(name, type_), name))
            else:
                made.append(_named(exp.cast(_column(name), _SQL_TYPES[type_.sort]), name))
        return made

    def _truth(self, each: Derived) -> E:
        if each.column not in self._columns:
            return exp.cast(exp.Null(), "boolean")
        column = _column(each.column)
        if each.kind == "member":
            return exp.ArrayContains(this=column, expression=exp.Literal.string(each.words[0]))
        under: list[E] = []
        for length in sorted({len(word) for word in each.words}):
            head = exp.Substring(this=column.copy(), start=_whole(1), length=_whole(length))
            under.append(head.isin(*(word for word in each.words if len(word) == length)))
        above = sorted({word[:length] for word in each.words for length in range(2, len(word))})
        open_ = [column.copy().isin(*above)] if above else []
        is_code = exp.RegexpLike(this=column.copy(), expression=exp.Literal.string("^[0-9]{2,4}$"))
        case = (
            exp.case()
            .when(exp.not_(exp.func("COALESCE", is_code, exp.false())), exp.Null())
            .when(exp.or_(*under), exp.true())
        )
        for test in open_:
            case = case.when(test, exp.Null())
        return exp.cast(case.else_(exp.false()), "boolean")

    # --- clauses, levels, sizes

    def _tests(self) -> list[E]:
        made: list[E] = []
        for rule in self._rules:
            made += [
                _named(self._shared.test(clause.rule), f"{rule.id}__{clause.id}") for clause in rule.clauses.values()
            ]
            for name, test in _level_tests(rule).items():
                made.append(_named(self._shared.test(test), name))
            made += self._sizes(rule)
        return made

    def _sizes(self, rule: TierRule) -> list[E]:
        made: list[E] = []
        for end, unknown in (("low", False), ("high", True)) if rule.bands else ():
            case = exp.case()
            for band in rule.bands:
                size = _sum([_whole(1), *(_one_if(self._band(band, step), unknown) for step in range(3))])
                case = case.when(_column(band.applies.name), size)
            made.append(_named(exp.cast(case, "tinyint"), f"{rule.id}__{end}"))
        return made

    def _band(self, band: Band, step: int) -> E:
        tests = [tree.Comparison(measure, ((Operator.AT_LEAST, limits[step]),)) for _, measure, limits in band.limits]
        return exp.and_(*(self._shared.test(test) for test in tests))

    # --- points

    def _parts(self) -> list[E]:
        made: list[E] = []
        for rule in self._rules:
            for table in rule.points.values():
                for end in ("low", "high"):
                    of_parts: dict[str, list[E]] = {}
                    for item in table.items:
                        of_parts.setdefault(item.item.part or "", []).append(self._item(rule, table, item, end))
                    for part, items in of_parts.items():
                        total = _sum(items)
                        capped = _least([total, _points(table.parts[part])]) if part else total
                        made.append(_named(capped, _part(rule, table, part, end)))
        return made

    def _item(self, rule: TierRule, table: Points, item: Item, end: str) -> E:
        low, high = self._ends(rule, table, item)
        if item.awarded not in self._columns:
            return low if end == "low" else high
        awarded = _column(item.awarded)
        given = _least([_most([awarded, low]), high])
        is_open = exp.Is(this=awarded.copy(), expression=exp.Null())
        return exp.case().when(is_open, low if end == "low" else high).else_(given)

    def _ends(self, rule: TierRule, table: Points, item: Item) -> tuple[E, E]:
        if not item.options:
            return _points(Fraction(0)), _points(item.most)
        lows, highs = [], []
        for index, levels in enumerate(item.options):
            low, high = _possible(levels, [_level(rule, table, item, index, at) for at in range(len(levels))])
            lows.append(low)
            highs.append(high)
        most = _points(item.most)
        return _least([_most(lows), most]), _least([_most(highs), most])

    def _totals(self) -> list[E]:
        made: list[E] = []
        for rule in self._rules:
            for table in rule.points.values():
                parts = list(dict.fromkeys(item.item.part or "" for item in table.items))
                for end in ("low", "high"):
                    total = _sum([_column(_part(rule, table, part, end)) for part in parts])
                    made.append(_named(_least([total, _points(table.most)]), _part(rule, table, "", f"total:{end}")))
        return made

    def _reached(self) -> list[E]:
        return [
            _named(_reaches(rule, node, rule.points[node.table]), f"{rule.id}__{node.table}")
            for rule in self._rules
            for node in reached_tables(rule.node)
        ]

    # --- answers

    def _answers(self) -> list[E]:
        made: list[E] = []
        for rule in self._rules:
            for name in answer_columns([rule]):
                if name == rule.id and rule.bands:
                    low, high = (_column(f"{name}__{end}") for end in ("low", "high"))
                    made.append(_named(exp.case().when(exp.EQ(this=low, expression=high), low.copy()), name))
                elif name == rule.id:
                    made.append(_named(_verdict(rule.node, rule.id), name))
                elif name.endswith(("__low", "__high")) and not rule.bands:
                    table, end = name.rsplit("__", 1)
                    points = exp.cast(_column(f"{table}::total:{end}"), "double")
                    hundredths = exp.Div(this=points, expression=exp.cast(_whole(HUNDREDTHS), "double"))
                    unit = unit_for(rule.points[table.removeprefix(f"{rule.id}__")], self._columns)
                    made.append(_named(exp.cast(hundredths, "smallint" if unit is WHOLE else "float"), name))
                else:
                    made.append(_column(name))
        return made


def _level_tests(rule: TierRule) -> dict[str, Expression]:
    return {
        _level(rule, table, item, index, at): level.test
        for table in rule.points.values()
        for item in table.items
        for index, levels in enumerate(item.options)
        for at, level in enumerate(levels)
        if level.test is not None
    }


def _possible(levels: Sequence[Level], names: Sequence[str]) -> tuple[E, E]:
    """A level is possible where none before it holds for certain and it does not fail; the rest of them are passed
    over by LEAST and GREATEST."""
    lows: list[E] = []
    highs: list[E] = []
    before: list[E] = []
    for level, name in zip(levels, names, strict=True):
        is_open = [exp.func("COALESCE", _column(name), exp.true())] if level.test is not None else []
        test = exp.and_(*is_open, *(exp.not_(each.copy()) for each in before), exp.true())
        lows.append(exp.case().when(test, _points(level.low)))
        highs.append(exp.case().when(test.copy(), _points(level.high)))
        if level.test is not None:
            before.append(exp.func("COALESCE", _column(name), exp.false()))
    if before:
        none = exp.and_(*(exp.not_(each.copy()) for each in before))
        lows.append(exp.case().when(none, _points(Fraction(0))))
        highs.append(exp.case().when(none.copy(), _points(Fraction(0))))
    return _least(lows), _most(highs)


def _reaches(rule: TierRule, node: Reaches, table: Points) -> E:
    known = {item.item.part or "" for item in table.items}
    totals = [_column(_part(rule, table, "", f"total:{end}")) for end in ("low", "high")]
    tests = [_reached_by(totals[0], totals[1], node.least, node.is_strict)]
    for part, least in node.parts.items():
        low, high = (
            _column(_part(rule, table, part, end)) if part in known else _points(Fraction(0)) for end in ("low", "high")
        )
        tests.append(_reached_by(low, high, least, False))
    return exp.and_(*tests)


def _reached_by(low: E, high: E, least: Fraction, is_strict: bool) -> E:
    kind = exp.GT if is_strict else exp.GTE
    passes, may_pass = (kind(this=end, expression=_points(least)) for end in (low, high))
    return exp.Paren(this=exp.case().when(passes, exp.true()).when(exp.not_(may_pass), exp.false()))


def _verdict(node: Node | None, tier_id: str) -> E:
    match node:
        case Meets(leaf) | Reaches(leaf):
            return _column(f"{tier_id}__{leaf}")
        case Joined(how, parts):
            truths = [_verdict(part, tier_id) for part in parts]
            return exp.Paren(this=exp.and_(*truths) if how == "all" else exp.or_(*truths))
    return exp.cast(exp.Null(), "boolean")


def _column(name: str) -> exp.Column:
    return exp.column(name, quoted=True)


def _named(value: E, name: str) -> E:
    return exp.alias_(value, name, quoted=True)


def _whole(value: int) -> E:
    return exp.Literal.number(value) if value >= 0 else exp.Neg(this=exp.Literal.number(-value))


def _points(points: Fraction) -> E:
    return _whole(whole(points))


def _sum(parts: Sequence[E]) -> E:
    total = parts[0]
    for part in parts[1:]:
        total = exp.Add(this=total, expression=part)
    return exp.Paren(this=total)


def _least(parts: Sequence[E]) -> E:
    return (
        parts[0]
        if len(parts) == 1
        else exp.Least(ignore_nulls=True, this=parts[0].copy(), expressions=[part.copy() for part in parts[1:]])
    )


def _most(parts: Sequence[E]) -> E:
    return (
        parts[0]
        if len(parts) == 1
        else exp.Greatest(ignore_nulls=True, this=parts[0].copy(), expressions=[part.copy() for part in parts[1:]])
    )


def _one_if(test: E, unknown: bool) -> E:
    known = exp.func("COALESCE", exp.Paren(this=test), exp.true() if unknown else exp.false())
    return exp.case().when(known, _whole(1)).else_(_whole(0))


def _part(rule: TierRule, table: Points, part: str, end: str) -> str:
    return f"{rule.id}__{table.id}:{part}:{end}"


def _level(rule: TierRule, table: Points, item: Item, option: int, level: int) -> str:
    return f"{rule.id}__{table.id}:{item.id}:{option}:{level}"
