"""The rules that clauses and points tables carry as text. Read by `check` only: the rule engines load slowly."""

from __future__ import annotations

from collections.abc import Iterator

from jiqun import rules
from jiqun.model.errors import InputRefused
from jiqun.model.findings import Finding
from jiqun.packs.faults import fault
from jiqun.packs.registry import Path, Registry
from jiqun.packs.schema.registers import Attribute, Register
from jiqun.packs.schema.tiers import Level, Metric, Tier, TierVersion

SORTS = {
    "number": rules.Sort.NUMBER,
    "boolean": rules.Sort.TRUTH,
    "text": rules.Sort.TEXT,
    "list": rules.Sort.TEXT,
    "date": rules.Sort.DAY,
}


_YEARS_BEFORE = {"each": -1, "total": -1, "average": -1, "compound": 0, "before": 0}


def rule_findings(registry: Registry) -> Iterator[Finding]:
    """Every `when` or formula that is no rule, speaks of unknown names or compares what cannot be compared."""
    yield from _metric_findings(registry)
    names = {metric.id: rules.ValueType(SORTS[metric.kind], metric.unit) for _, metric in registry.of(Metric)}
    for entry, tier in registry.of(Tier):
        for index, version in enumerate(tier.versions):
            for path, text in _rules(version):
                place = entry.place("versions", index, *path)
                try:
                    expression = rules.parse(text, place)
                except InputRefused as refused:
                    yield from refused.findings
                else:
                    yield from rules.check(expression, names, place)[1]


def _rules(version: TierVersion) -> Iterator[tuple[Path, str]]:
    for index, condition in enumerate(version.conditions):
        if condition.when:
            yield ("conditions", index, "when"), condition.when
    for at, table in enumerate(version.score_tables):
        for index, item in enumerate(table.items):
            path = ("score_tables", at, "items", index)
            yield from _of_levels(item.levels, (*path, "levels"))
            for option, choice in enumerate(item.options):
                yield from _of_levels(choice.levels, (*path, "options", option, "levels"))


def _of_levels(levels: tuple[Level, ...], path: Path) -> Iterator[tuple[Path, str]]:
    for index, level in enumerate(levels):
        if level.when:
            yield (*path, index, "when"), level.when


def _metric_findings(registry: Registry) -> Iterator[Finding]:
    """Metrics over columns that there are, of the sort they claim; windows over years that are kept."""
    columns = {
        attribute.id + (f"_prev{back}" if back else ""): attribute
        for _, register in registry.of(Register)
        for attribute in register.attributes
        for back in range(attribute.years)
    }
    types = {name: rules.ValueType(SORTS[each.kind], each.unit) for name, each in columns.items()}
    types |= {"on": rules.ValueType(rules.Sort.DAY), "tier_area": rules.ValueType(rules.Sort.TEXT)}
    asked: dict[str, frozenset[str]] = {}
    for entry, metric in registry.of(Metric):
        for field, kind in (("since", "date"), ("year_of", "date"), ("list_column", "list")):
            column = getattr(metric, field)
            if column and (column not in columns or columns[column].kind != kind):
                yield fault("no_column", entry.place(field), column=column, kind=kind)
        if metric.formula:
            place = entry.place("formula")
            try:
                expression = rules.parse(metric.formula, place)
            except InputRefused as refused:
                yield from refused.findings
                continue
            asked[metric.id] = rules.names(expression)
            type_, findings = rules.check(expression, types, place)
            yield from findings
            if not findings and type_.sort is not SORTS[metric.kind]:
                yield fault("formula_sort", place, got=type_.sort.label, name=metric.name)
    yield from _window_findings(registry, asked, columns)


def _window_findings(
    registry: Registry, asked: dict[str, frozenset[str]], columns: dict[str, Attribute]
) -> Iterator[Finding]:
    for entry, tier in registry.of(Tier):
        for at, version in enumerate(tier.versions):
            for index, condition in enumerate(version.conditions):
                if condition.over is None:
                    continue
                since, at_since = condition.over.since, ("versions", at, "conditions", index, "over", "since")
                if since and condition.over.how != "total":
                    yield fault("since", entry.place(*at_since), how=condition.over.how)
                elif since and (since not in columns or columns[since].kind != "date"):
                    yield fault("no_column", entry.place(*at_since), column=since, kind="date")
                last = condition.over.years + _YEARS_BEFORE[condition.over.how]
                for column in sorted(asked.get(condition.metric, frozenset())):
                    is_yearly = f"{column}_prev1" in columns
                    if is_yearly and f"{column}_prev{last}" not in columns:
                        place = entry.place("versions", at, "conditions", index, "over")
                        yield fault("years", place, column=column, years=last)
