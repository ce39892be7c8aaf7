"""Tiers over whole registers: one lazy plan that answers every clause, scores and verdicts, streamed.

Figures are held as exact integers once, then every clause is a comparison of integers; answers are packed truths with
their own mask of what is known, so that 且, 或 and 非 of three answers cost a bit each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import reduce

import polars as pl

from jiqun.enterprises.tiers.amounts import HUNDREDTHS
from jiqun.enterprises.tiers.resolving import AWARDED
from jiqun.enterprises.tiers.rule import Band, Derived, Joined, Meets, Node, Reaches, TierRule
from jiqun.enterprises.tiers.scoring import Table
from jiqun.enterprises.tiers.sharing import Doubles, Shared
from jiqun.model.errors import UsageError
from jiqun.rules import Expression, Sort, ValueType, check, names, to_polars, tree
from jiqun.rules.in_polars import held, held_engines, is_within
from jiqun.rules.tree import Operator

_TYPES: Mapping[Sort, pl.DataType] = {Sort.TEXT: pl.String(), Sort.TRUTH: pl.Boolean(), Sort.DAY: pl.Date()}
DOUBLES: Doubles[pl.Expr] = Doubles(
    lambda below: pl.when(below.ne(0)).then(below.cast(pl.Float64)),
    lambda above, divisor: above.cast(pl.Float64) / divisor,
    lambda value: pl.lit(value, pl.Float64()),
)
_CODE = 4  # digits of a class of GB/T 4754


def classified(frame: pl.LazyFrame, rules: Sequence[TierRule], keep: Sequence[str] = ()) -> pl.LazyFrame:
    """The columns `keep` and the answers of every rule, row by row as the frame has them.

    For each tier `<tier>`, each clause `<tier>__<clause>` and points table `<tier>__<table>`: true meets, false fails,
    null unknown; `<tier>__<table>__low`, `__high`: the points possible (Int16, or Float32 where a table has halves or
    people give points); for size classes `<tier>` is the class (1 微型 … 4 大型, Int8, null where open), between
    `<tier>__low` and `<tier>__high`. Columns that the frame has not are unknown. Raises UsageError where a name of an
    answer is already taken by a column of `keep`.
    """
    answers = list(answer_columns(rules))
    taken = sorted(set(answers) & set(keep))
    if taken:
        raise UsageError(f"名册里的列名与判定结果的列名相同：{'、'.join(taken)}")
    kept = {name: f"kept:{name}" for name in keep}
    stages = Stages(rules, frame.collect_schema())
    stages.are_within = are_within(frame, stages.beyond)
    clauses = stages.clauses
    return (
        stages.read(frame, kept)
        .with_columns(stages.divisors)
        .with_columns(stages.measures)
        .with_columns(stages.asked)
        .with_columns(clauses)
        .with_columns(stages.totals)
        .with_columns(stages.reached)
        .select([*(pl.col(inner).alias(name) for name, inner in kept.items()), *stages.verdicts])
    )


def answer_columns(rules: Iterable[TierRule]) -> Iterable[str]:
    """Names of the answers in the order of `classified`."""
    for rule in rules:
        yield rule.id
        if rule.bands:
            yield from (f"{rule.id}__low", f"{rule.id}__high")
        yield from (f"{rule.id}__{clause}" for clause in rule.clauses)
        for node in reached_tables(rule.node):
            yield f"{rule.id}__{node.table}"
        for table in rule.points:
            yield from (f"{rule.id}__{table}__low", f"{rule.id}__{table}__high")


def reached_tables(node: Node | None) -> list[Reaches]:
    match node:
        case Reaches():
            return [node]
        case Joined(_, parts):
            return [each for part in parts for each in reached_tables(part)]
    return []


class Stages:
    """The expressions of several rules, each stage over the columns that the one before has made."""

    def __init__(self, rules: Sequence[TierRule], schema: Mapping[str, pl.DataType]) -> None:
        self._rules = rules
        self._schema = schema
        self.are_within = False  # no integer of the frame is beyond the limit of its type
        self._types: dict[str, ValueType] = {}
        self._derived: dict[str, Derived] = {}
        for rule in rules:
            self._types |= {name: _as_stored(type_, schema.get(name)) for name, type_ in rule.types.items()}
            self._derived |= rule.derived
        self._shared = Shared(self._types, held_engines(), lambda column, texts: column.is_in(texts), DOUBLES, True)
        self._tables = {
            f"{rule.id}__{table.id}": Table(rule, table, self._shared.test, schema)
            for rule in rules
            for table in rule.points.values()
        }

    # --- reading

    @property
    def beyond(self) -> list[pl.Expr]:
        """Where the integers stored in a column are beyond the limit of their type."""
        stored = {name: kind for name, kind in self._schema.items() if name in self._types and kind.is_integer()}
        within = (is_within(name, self._types[name], kind) for name, kind in stored.items())
        return [~each for each in within if each is not None]

    def read(self, frame: pl.LazyFrame, kept: Mapping[str, str]) -> pl.LazyFrame:
        """Every column the rules ask for, numbers held, missing ones null; those of `kept` under their inner name."""
        schema = self._schema
        made = [pl.col(name).alias(inner) for name, inner in kept.items()]
        for name, type_ in self._types.items():
            if name not in self._derived:
                made.append(_column(name, type_, schema.get(name), self.are_within).alias(name))
        codes = [each.column for each in self._derived.values() if each.kind == "industry"]
        for column in dict.fromkeys(codes):
            made += [each.alias(f"{column}:{end}") for end, each in _code(column, column in schema)]
        for each in self._derived.values():
            if each.kind == "member":
                lists = pl.col(each.column).list.contains(each.words[0])
                made.append((lists if each.column in schema else _nothing(pl.Boolean())).alias(each.name))
        industries = [_under(each).alias(each.name) for each in self._derived.values() if each.kind == "industry"]
        return frame.select(made).with_columns(industries)

    @property
    def divisors(self) -> list[pl.Expr]:
        """What stands below in the measures; Polars finds only some of what repeats within a stage."""
        return [value.alias(name) for name, value in self._shared.divisors.items()]

    @property
    def measures(self) -> list[pl.Expr]:
        """What the clauses made so far measure."""
        return [value.alias(name) for name, value in self._shared.columns.items()]

    @property
    def asked(self) -> list[pl.Expr]:
        """What they ask of it."""
        return [value.alias(name) for name, value in self._shared.asked.items()]

    # --- clauses and points

    @property
    def clauses(self) -> list[pl.Expr]:
        """Every clause, and every part of every points table."""
        made = [
            self._shared.test(clause.rule).alias(f"{rule.id}__{clause.id}")
            for rule in self._rules
            for clause in rule.clauses.values()
        ]
        for table in self._tables.values():
            made += table.parts
        for rule in self._rules:
            made += self._sizes(rule)
        return made

    # --- totals, tables, verdicts

    @property
    def totals(self) -> list[pl.Expr]:
        return [total for table in self._tables.values() for total in table.totals]

    @property
    def reached(self) -> list[pl.Expr]:
        nodes = {f"{rule.id}__{node.table}": node for rule in self._rules for node in reached_tables(rule.node)}
        return [self._tables[name].reached(node).alias(name) for name, node in nodes.items()]

    @property
    def verdicts(self) -> list[pl.Expr]:
        made: list[pl.Expr] = []
        for rule in self._rules:
            for name in answer_columns([rule]):
                if name == rule.id and rule.bands:
                    low, high = (pl.col(f"{name}__{end}") for end in ("low", "high"))
                    made.append(pl.when(low == high).then(low).alias(name))
                elif name == rule.id:
                    made.append(verdict(rule.node, rule.id).alias(name))
                elif name.endswith(("__low", "__high")) and not rule.bands:
                    table, end = name.rsplit("__", 1)
                    made.append(self._tables[table].answer("low" if end == "low" else "high").alias(name))
                else:
                    made.append(pl.col(name))
        return made

    def _sizes(self, rule: TierRule) -> list[pl.Expr]:
        """A class is reached where, in the firm's line of business, every measure reaches its limit."""
        if not rule.bands:
            return []
        in_band = [pl.col(band.applies.name).fill_null(False) for band in rule.bands]
        reached = [
            reduce(
                pl.Expr.or_,
                (is_in & self._reaches_size(band, size) for is_in, band in zip(in_band, rule.bands, strict=True)),
            )
            for size in range(3)
        ]
        is_classed = reduce(pl.Expr.or_, in_band)
        ends = []
        for end, unknown in (("low", False), ("high", True)):
            size = reduce(pl.Expr.add, (each.fill_null(unknown).cast(pl.Int8) for each in reached))
            ends.append(pl.when(is_classed).then(size + pl.lit(1, pl.Int8)).alias(f"{rule.id}__{end}"))
        return ends

    def _reaches_size(self, band: Band, size: int) -> pl.Expr:
        tests = [tree.Comparison(measure, ((Operator.AT_LEAST, limits[size]),)) for _, measure, limits in band.limits]
        return reduce(pl.Expr.and_, (self._shared.test(test) for test in tests))


def verdict(node: Node | None, tier_id: str, supposed: Mapping[str, bool] | None = None) -> pl.Expr:
    """The verdict from the columns of clauses and tables, those of `supposed` taken as given."""
    match node:
        case Meets(leaf) | Reaches(leaf):
            given = (supposed or {}).get(leaf)
            return pl.col(f"{tier_id}__{leaf}") if given is None else pl.lit(given)
        case Joined(how, parts):
            truths = [verdict(part, tier_id, supposed) for part in parts]
            return reduce(pl.Expr.and_ if how == "all" else pl.Expr.or_, truths)
    return _nothing(pl.Boolean())


def float_of(number: Expression, types: Mapping[str, ValueType], schema: Mapping[str, pl.DataType]) -> pl.Expr | None:
    """A number over a register's own columns as Float64 in the bare unit; None where a column is not there."""
    if any(name not in schema for name in names(number)) or check(number, types)[0].sort is not Sort.NUMBER:
        return None
    return to_polars(number, types)


def _as_stored(type_: ValueType, stored: pl.DataType | None) -> ValueType:
    """Integers have no places to hold: the same values in whole units. Points that people gave stay in hundredths."""
    if stored is None or not stored.is_integer() or type_ == AWARDED or not type_.places:
        return type_
    digits = len(f"{type_.limit}") - 1 - type_.places  # limits are powers of ten
    return replace(type_, decimals=0, digits=digits) if digits > 0 else type_


def _nothing(type_: pl.DataType) -> pl.Expr:
    return pl.lit(None, dtype=type_)


def are_within(frame: pl.LazyFrame, beyond: Sequence[pl.Expr]) -> bool:
    """Told by the extremes that Parquet keeps of its columns, which cost no look at the rows (a file written without
    them is read for it); False for other frames, of which it would have to be worked out. True only as long as the file
    stays what it is.
    """
    if not frame.explain(optimized=False).startswith("Parquet SCAN"):
        return False
    return frame.filter(pl.any_horizontal(beyond)).head(1).collect(engine="streaming").is_empty() if beyond else True


def _column(name: str, type_: ValueType, stored: pl.DataType | None, are_within: bool) -> pl.Expr:
    if type_.sort is not Sort.NUMBER:
        wanted = _TYPES[type_.sort]
        return _nothing(wanted) if stored is None else pl.col(name) if stored == wanted else pl.col(name).cast(wanted)
    return _nothing(pl.Int64()) if stored is None else held(name, type_, stored, are_within)


def _code(column: str, is_there: bool) -> list[tuple[str, pl.Expr]]:
    """First and last class under a code of two to four digits, as numbers."""
    if not is_there:
        return [("first", _nothing(pl.Int32())), ("last", _nothing(pl.Int32()))]
    length, number = pl.col(column).str.len_bytes(), pl.col(column).cast(pl.Int32, strict=False)
    below = pl.when(length == 4).then(1).when(length == 3).then(10).when(length == 2).then(100).cast(pl.Int32)
    is_code = pl.when(number >= 0)
    return [("first", is_code.then(number * below)), ("last", is_code.then(number * below + below - 1))]


def _under(each: Derived) -> pl.Expr:
    """Codes and prefixes are stretches of classes, one inside the other or apart."""
    first, last = pl.col(f"{each.column}:first"), pl.col(f"{each.column}:last")
    is_under = [first.is_between(low, high) & (last <= high) for low, high in _stretches(each.words)]
    fine = [word for word in each.words if len(word) > 2]
    spans = [(int(word.ljust(_CODE, "0")), int(word.ljust(_CODE, "9"))) for word in fine]
    is_open = [(first <= low) & (last >= high) for low, high in spans]
    under = reduce(pl.Expr.or_, is_under)
    return pl.when(under | ~reduce(pl.Expr.or_, is_open)).then(under) if is_open else under


def _stretches(words: Sequence[str]) -> list[tuple[int, int]]:
    """Divisions that follow one another as one stretch; a longer prefix stays by itself, so that it is not mistaken
    for its division."""
    found: list[tuple[int, int]] = []
    for word in sorted(words):
        low, high = int(word.ljust(_CODE, "0")), int(word.ljust(_CODE, "9"))
        if (
            found
            and len(word) == 2
            and found[-1][1] + 1 == low
            and found[-1][0] % 100 == 0
            and found[-1][1] % 100 == 99
        ):
            found[-1] = (found[-1][0], high)
        else:
            found.append((low, high))
    return found


assert 10**AWARDED.places == HUNDREDTHS
