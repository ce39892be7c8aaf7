"""What if a threshold were another: who would enter a tier and who would leave. Nothing is written anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Literal

import polars as pl

from jiqun.enterprises import tiers as ladder
from jiqun.enterprises.columns import KEY
from jiqun.enterprises.tiers.explaining import Line, explained
from jiqun.enterprises.tiers.in_polars import reached_tables
from jiqun.enterprises.tiers.resolving import resolve
from jiqun.enterprises.tiers.rule import Meets, TierRule, leaves
from jiqun.model.errors import NotFound, UsageError
from jiqun.packs import City
from jiqun.packs.schema.tiers import Condition
from jiqun.reports import whatif_cost
from jiqun.reports.firmbook import AREA, Firmbook
from jiqun.reports.firms import ref_of
from jiqun.reports.targets import Option
from jiqun.reports.view import Ref
from jiqun.reports.whatif_cost import CostLine, Typed

SHOWN = 100  # firms named on the page, of those that change
_LARGEST = Decimal(10) ** 12
_PLACES = 4
_OLDEST = {"年": 150, "月": 1800, "天": 55_000}  # no firm is older
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
VALUE, MINIMUM, DROPPED, ADDED = "v-", "m-", "d-", "a-"  # begin the names of an address's parameters
_ADDABLE: Mapping[str, Literal[">=", ">", "<=", "<"]] = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<"}
SIGNS = (("ge", "不低于"), ("gt", "超过"), ("le", "不超过"), ("lt", "低于"))
_ADDED_ID = "added"


@dataclass(frozen=True, slots=True)
class Dial:
    """A threshold that can be turned: `now` as the rule has it, `asked` as typed ("" for unchanged)."""

    name: str
    drop: str
    label: str
    sign: str
    unit: str
    now: str
    asked: str
    is_dropped: bool
    is_changed: bool
    fault: str
    slider: Slider | None = None


@dataclass(frozen=True, slots=True)
class Slider:
    """Where a dial can be pulled to; what is typed may go beyond."""

    low: str
    high: str
    step: str


@dataclass(frozen=True)
class AddedClause:
    """A clause that must hold besides, as typed; `fault` says what cannot be read."""

    metric: str
    op: str
    value: str
    unit: str
    fault: str
    condition: Condition | None


@dataclass(frozen=True, slots=True)
class AreaChange:
    area: Ref | None
    firms: int
    before: int
    after: int
    enters: int
    leaves: int
    opens: int
    settles: int


@dataclass(frozen=True, slots=True)
class Moved:
    code: str
    name: str
    area: Ref | None
    before: bool | None
    after: bool | None


@dataclass(frozen=True)
class Outcome:
    """By district and in all; `moved` names the first of `changing` firms whose answer changes."""

    by_area: tuple[AreaChange, ...]
    total: AreaChange
    moved: tuple[Moved, ...]
    changing: int


@dataclass(frozen=True)
class WhatIfPage:
    """`outcome` is None while nothing is changed, or something typed is no number."""

    book: Firmbook
    ref: Ref
    version: str
    dials: tuple[Dial, ...]
    outcome: Outcome | None
    is_changed: bool
    faults: tuple[str, ...]
    added: AddedClause
    metrics: tuple[Option, ...]
    subsidy: Typed
    bases: tuple[Option, ...]
    costs: tuple[CostLine, ...]

    @property
    def chosen_base(self) -> str:
        return self.subsidy.values["s-of"]


@dataclass
class _Reading:
    values: dict[str, Decimal] = field(default_factory=dict)
    minimums: dict[str, Decimal] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)
    dials: list[Dial] = field(default_factory=list)


def what_if(book: Firmbook, tier_id: str, asked: Mapping[str, str]) -> WhatIfPage:
    """The tier with the thresholds of `asked`, held against every firm in scope.

    `asked`: `v-<clause>` and `m-<points table>` with a number, `d-<clause>` with anything to leave the clause out;
    `a-metric`, `a-op`, `a-value` for a clause besides, and those of `whatif_cost.FIELDS` for a subsidy; other names are
    passed over. Raises NotFound for a tier without a rule on the day.
    """
    rule = resolve(book.view.city, tier_id, book.on)
    if rule.node is None:
        raise NotFound("这一层级没有可以逐条判定的标准，无从试算")
    read = _read(rule, book.view.city, asked)
    faults = [f"“{dial.label}”：{dial.fault}" for dial in read.dials if dial.fault]
    clauses = [dial for dial in read.dials if dial.drop]
    if clauses and len(read.dropped) == len(clauses) and not read.minimums and len(clauses) == len(read.dials):
        faults.append("去掉这些条件后，规则里不剩任何条件")
    added = _added(book, rule, asked)
    typed = whatif_cost.read(book, tier_id, asked)
    faults += [added.fault] if added.fault else []
    faults += typed.faults
    is_changed = bool(read.values or read.minimums or read.dropped or added.condition)
    outcome: Outcome | None = None
    costs: tuple[CostLine, ...] = ()
    if not faults:
        extra = (added.condition,) if added.condition else ()
        change = ladder.Change(read.values, read.minimums, extra, tuple(read.dropped))
        key = f"what if {tier_id} {sorted(read.values.items())} {sorted(read.minimums.items())} {read.dropped} {extra}"
        try:
            outcome = book.kept(key, lambda: _outcome(book, tier_id, change)) if is_changed else None
            costs = book.kept(f"{key} {typed.values}", lambda: whatif_cost.costs(book, tier_id, change, typed))
        except UsageError as wrong:  # a number that no engine can compare exactly
            faults.append(str(wrong))
    tier = book.view.city.tiers[tier_id]
    return WhatIfPage(
        book, ref_of(tier), rule.version.version, tuple(read.dials), outcome, is_changed, tuple(faults), added,
        _metrics(book), typed, whatif_cost.base_options(book), costs,
    )  # fmt: skip


# --- what was typed


def _read(rule: TierRule, city: City, asked: Mapping[str, str]) -> _Reading:
    used = {leaf.clause for leaf in leaves(rule.node) if isinstance(leaf, Meets)}
    read = _Reading()
    for line in explained(rule, {}, city).lines:
        if line.id in used:
            _clause(read, line, rule.clauses[line.id].condition, city, asked)
    for node in {node.table: node for node in reached_tables(rule.node)}.values():
        name = f"{MINIMUM}{node.table}"
        typed = _typed(asked, name)
        number, fault = read_number(typed)
        if number is not None and not 0 <= number <= rule.points[node.table].most:
            number, fault = None, f"须在 0 至 {float(rule.points[node.table].most):g} 之间"
        now = Decimal(f"{float(node.least):g}")
        is_changed = number is not None and number != now
        if is_changed and number is not None:
            read.minimums[node.table] = number
        sign = "超过" if node.is_strict else "不低于"
        slider = Slider("0", f"{float(rule.points[node.table].most):g}", "1")
        read.dials.append(Dial(name, "", "评分", sign, "分", f"{now}", typed, False, is_changed, fault, slider))
    return read


_SIGNS = {">=": "不低于", ">": "超过", "<=": "不超过", "<": "低于", "==": "为", "!=": "不为"}


def _clause(read: _Reading, line: Line, said: Condition, city: City, asked: Mapping[str, str]) -> None:
    is_number = isinstance(said.value, Decimal) and not isinstance(said.value, bool)
    name = f"{VALUE}{said.id}" if is_number else ""
    is_dropped = bool(_typed(asked, f"{DROPPED}{said.id}"))
    typed = _typed(asked, name) if name else ""
    number, fault = read_number(typed)
    if number is not None:
        fault = _out_of_range(number, said, city)
    is_changed = is_dropped or (number is not None and not fault and number != said.value)
    if is_dropped:
        read.dropped.append(said.id)
        fault = ""
    elif is_changed and number is not None:
        read.values[said.id] = number
    unit = said.unit or city.metrics[said.metric].unit
    now = f"{said.value}" if is_number else line.threshold
    sign = _SIGNS.get(said.op, "") if is_number else ""
    read.dials.append(
        Dial(name, f"{DROPPED}{said.id}", line.label, sign, unit if is_number else "", now, typed, is_dropped,
             is_changed, fault, _slider(said, city) if is_number else None)
    )  # fmt: skip


def _slider(said: Condition, city: City) -> Slider:
    """From nothing to twice the threshold in a hundred steps; a year ten years to either side."""
    assert isinstance(said.value, Decimal)
    metric = city.metrics[said.metric]
    if metric.year_of:
        return Slider(f"{said.value - 10:f}", f"{said.value + 10:f}", "1")
    high = max(abs(said.value) * 2, Decimal(1))
    is_whole = bool(metric.since) or said.unit in ("项", "件", "人", "家", "年", "月", "天")
    step = Decimal(1) if is_whole else Decimal(1).scaleb((high / 100).adjusted())
    low = -high if said.value < 0 else Decimal(0)
    return Slider(f"{low:f}", f"{high.normalize():f}", f"{max(step, Decimal('0.0001')):f}")


def _metrics(book: Firmbook) -> tuple[Option, ...]:
    """What a clause can be added about: numbers that clauses of firms' tiers speak of."""
    city = book.view.city
    used = {
        condition.metric
        for tier in city.tiers.values() if tier.subject == "firm"
        for version in tier.versions
        for condition in version.conditions if _is_number(condition.value) and not condition.when_text
    }  # fmt: skip
    found = [metric for id_, metric in city.metrics.items() if id_ in used and not metric.year_of]
    return tuple(
        Option(metric.id, f"{metric.name}（{metric.unit}）" if metric.unit else metric.name, 0) for metric in found
    )


def _added(book: Firmbook, rule: TierRule, asked: Mapping[str, str]) -> AddedClause:
    metric_id, op, text = (_typed(asked, f"{ADDED}{name}") for name in ("metric", "op", "value"))
    metric = book.view.city.metrics.get(metric_id)
    unit = metric.unit if metric else ""
    if not metric_id and not text:
        return AddedClause("", op, "", "", "", None)
    number, fault = read_number(text)
    if metric is None or metric_id not in {option.value for option in _metrics(book)}:
        fault = "没有选定新增条件的数据项"
    elif op not in _ADDABLE:
        fault = "没有选定新增条件的比较方式"
    elif number is None:
        fault = fault or "没有写新增条件的门槛"
    if fault or metric is None or number is None:
        return AddedClause(metric_id, op, text, unit, f"新增条件：{fault}", None)
    id_ = _ADDED_ID if _ADDED_ID not in rule.clauses else f"{_ADDED_ID}_besides"
    said = Condition(id=id_, metric=metric_id, op=_ADDABLE[op], value=number, unit=unit)
    fault = _out_of_range(number, said, book.view.city)
    return AddedClause(metric_id, op, text, unit, f"新增条件：{fault}" if fault else "", None if fault else said)


def _is_number(value: object) -> bool:
    return isinstance(value, Decimal) and not isinstance(value, bool)


def _typed(asked: Mapping[str, str], name: str) -> str:
    return str(asked.get(name, "")).strip()[:40]


def read_number(text: str) -> tuple[Decimal | None, str]:
    """The number, or what is wrong with it; neither where nothing was typed."""
    if not text:
        return None, ""
    try:
        number = Decimal(text) if text.isascii() else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        return None, "不是数"
    if abs(number) > _LARGEST or -int(number.as_tuple().exponent) > _PLACES:
        return None, f"数太大，或小数多于 {_PLACES} 位"
    return number, ""


def _out_of_range(number: Decimal, said: Condition, city: City) -> str:
    """Days and years are turned into dates, of which there is no end of wrong ones."""
    metric = city.metrics[said.metric]
    if metric.year_of:
        is_year = number == int(number) and _FIRST_YEAR <= number <= _LAST_YEAR
        return "" if is_year else "不是年份"
    if metric.since:
        most = _OLDEST.get(said.unit or metric.unit, 150)
        is_age = number == int(number) and 0 <= number <= most
        return "" if is_age else f"须是 0 至 {most} 的整数"
    return ""


# --- what comes of it


def _outcome(book: Firmbook, tier_id: str, change: ladder.Change) -> Outcome:
    found = ladder.what_if(book.firms, book.view.city, tier_id, book.on, change, (AREA,))
    sizes = dict(book.rows.group_by(AREA).len().collect().iter_rows())
    order = {area_id: at for at, area_id in enumerate(book.view.city.areas)}
    rows = sorted(found.counts.iter_rows(named=True), key=lambda row: order.get(row[AREA] or "", len(order)))
    names = ("before", "after", "enters", "leaves", "opens", "settles")
    by_area = tuple(
        AreaChange(book.view.names.area(row[AREA]), sizes.get(row[AREA], 0), *(row[name] for name in names))
        for row in rows
    )
    total = AreaChange(None, *(sum(getattr(row, name) for row in by_area) for name in ("firms", *names)))
    sure = found.firms.sort(
        pl.col("before").is_null() | pl.col("after").is_null(), pl.col("after").fill_null(False), KEY,
        descending=[False, True, False],
    ).head(SHOWN)  # fmt: skip
    named = dict(book.rows.filter(pl.col(KEY).is_in(sure[KEY].to_list())).select(KEY, "name").collect().iter_rows())
    moved = tuple(
        Moved(row[KEY], named.get(row[KEY]) or row[KEY], book.view.names.area(row[AREA]), row["before"], row["after"])
        for row in sure.iter_rows(named=True)
    )
    return Outcome(by_area, total, moved, found.firms.height)
