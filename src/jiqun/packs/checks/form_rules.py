"""The rules that forms carry as text. Read by `check` only: the rule engines load slowly."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from jiqun import rules
from jiqun.model.errors import InputRefused
from jiqun.model.findings import Finding
from jiqun.packs import asking
from jiqun.packs.checks.rules import SORTS
from jiqun.packs.faults import fault
from jiqun.packs.reading import Entry
from jiqun.packs.registry import Registry
from jiqun.packs.schema.forms import ColumnKind, Form, FormCheck
from jiqun.packs.schema.indicators import Indicator
from jiqun.packs.schema.registers import Register


def form_rule_findings(registry: Registry) -> Iterator[Finding]:
    """Checks and `where` that are no rule, ask for cells that are not there, or compare what cannot be compared."""
    indicators = {indicator.id: indicator for _, indicator in registry.of(Indicator)}
    forms = {form.id: form for _, form in registry.of(Form)}
    for entry, form in registry.of(Form):
        for index, check in enumerate(form.checks):
            for kind in check.columns:
                if kind not in {column.kind for column in form.columns}:
                    yield fault("form_column", entry.place("checks", index, "columns"), kind=kind)
            yield from _check_findings(entry, index, check, forms, indicators)
        yield from _where_findings(entry, form, registry)


def _check_findings(
    entry: Entry, index: int, check: FormCheck, forms: Mapping[str, Form], indicators: Mapping[str, Indicator]
) -> Iterator[Finding]:
    form, place = forms[entry.raw["id"]], entry.place("checks", index, "rule")
    if check.items_of and not any(field.id == check.items_of and field.breakdown for field in form.fields):
        yield fault("form_items", entry.place("checks", index, "items_of"), id=check.items_of)
    try:
        expression = rules.parse(check.rule, place)
    except InputRefused as refused:
        yield from refused.findings
        return
    told: set[Finding] = set()
    for column in asking.turns(check, form):
        for finding in _turn_findings(expression, form, forms, indicators, column, place_of=(entry, index)):
            if finding not in told:
                told.add(finding)
                yield finding


def _turn_findings(
    expression: rules.Expression,
    form: Form,
    forms: Mapping[str, Form],
    indicators: Mapping[str, Indicator],
    column: ColumnKind,
    place_of: tuple[Entry, int],
) -> Iterator[Finding]:
    entry, index = place_of
    place = entry.place("checks", index, "rule")
    types = asking.types(expression, form, forms, indicators, column)
    absent = sorted(rules.names(expression) - set(types))
    for name in absent:
        close = difflib.get_close_matches(name, list(asking.known_names(form)), 1)
        yield fault("form_name", place, name=name, near=f"（是不是“{close[0]}”？）" if close else "")
    if absent:
        return
    type_, findings = rules.check(expression, types, place)
    yield from findings
    if not findings and type_.sort is not rules.Sort.TRUTH:
        yield fault("formula_sort", place, got=type_.sort.label, name=form.checks[index].id)


def _where_findings(entry: Entry, form: Form, registry: Registry) -> Iterator[Finding]:
    asked = form.respondents
    if not asked.where:
        return
    place = entry.place("respondents", "where")
    columns = {
        attribute.id: rules.ValueType(SORTS[attribute.kind], attribute.unit)
        for _, register in registry.of(Register)
        if asked.register_id in (register.id, register.adds_to_id)
        for attribute in register.attributes
    }
    try:
        expression = rules.parse(asked.where, place)
    except InputRefused as refused:
        yield from refused.findings
        return
    type_, findings = rules.check(expression, columns, place)
    yield from findings
    if not findings and type_.sort is not rules.Sort.TRUTH:
        yield fault("formula_sort", place, got=type_.sort.label, name="where")
