"""The rules that dockets carry as text. Read by `check` only: the rule engines load slowly."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from jiqun import rules
from jiqun.model.errors import InputRefused
from jiqun.model.findings import Finding
from jiqun.packs.asking import docket_types
from jiqun.packs.faults import fault
from jiqun.packs.registry import Registry
from jiqun.packs.schema.dockets import Docket


def docket_rule_findings(registry: Registry) -> Iterator[Finding]:
    """Checks that are no rule, speak of what the docket has not, or compare what cannot be compared."""
    for entry, docket in registry.of(Docket):
        types = docket_types(docket)
        for index, check in enumerate(docket.checks):
            place = entry.place("checks", index, "rule")
            try:
                expression = rules.parse(check.rule, place)
            except InputRefused as refused:
                yield from refused.findings
                continue
            absent = sorted(rules.names(expression) - set(types))
            for name in absent:
                close = difflib.get_close_matches(name, list(types), 1)
                near = f"（是不是“{close[0]}”？）" if close else ""
                yield fault("docket_rule_name", place, name=name, near=near)
            if absent:
                continue
            type_, findings = rules.check(expression, types, place)
            yield from findings
            if not findings and type_.sort is not rules.Sort.TRUTH:
                yield fault("formula_sort", place, got=type_.sort.label, name=check.id)
