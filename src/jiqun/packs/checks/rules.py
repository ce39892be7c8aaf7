"""The rules that clauses and points tables carry as text. Read by `check` only: the rule engines load slowly."""

from __future__ import annotations

from collections.abc import Iterator

from jiqun import rules
from jiqun.model.errors import InputRefused
from jiqun.model.findings import Finding
from jiqun.packs.registry import Path, Registry
from jiqun.packs.schema.tiers import Level, Metric, Tier, TierVersion

_SORTS = {
    "number": rules.Sort.NUMBER,
    "boolean": rules.Sort.TRUTH,
    "text": rules.Sort.TEXT,
    "list": rules.Sort.TEXT,
    "date": rules.Sort.DAY,
}


def rule_findings(registry: Registry) -> Iterator[Finding]:
    """Every `when` that is no rule, speaks of unknown metrics or compares what cannot be compared."""
    names = {metric.id: rules.ValueType(_SORTS[metric.kind], metric.unit) for _, metric in registry.of(Metric)}
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
