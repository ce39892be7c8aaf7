"""Subsidies: an amount or a rate, of money the register has, in whole 元, with dates in order and a source."""

from __future__ import annotations

from collections.abc import Iterator

from jiqun.model.findings import Finding
from jiqun.model.units import Unit
from jiqun.packs.checks.units import mismatch_findings
from jiqun.packs.faults import fault
from jiqun.packs.reading import Entry
from jiqun.packs.registry import Registry
from jiqun.packs.schema.registers import Register
from jiqun.packs.schema.subsidies import Payment, SubsidyScheme

_YUAN = Unit.parse("元")


def subsidy_findings(registry: Registry) -> Iterator[Finding]:
    """Every payment that says too little or too much, and every scheme without a source that is not made up."""
    columns = {
        attribute.id + (f"_prev{back}" if back else ""): attribute.unit
        for _, register in registry.of(Register)
        for attribute in register.attributes
        for back in range(attribute.years)
    }
    for entry, scheme in registry.of(SubsidyScheme):
        if scheme.effective_to is not None and scheme.effective_to < scheme.effective_from:
            yield fault("dates", entry.place("effective_to"), start=scheme.effective_from, end=scheme.effective_to)
        if scheme.is_invented == (scheme.source is not None):
            yield fault("subsidy_source", entry.place("source" if scheme.source else "id"), name=scheme.name)
        years = [budget.year for budget in scheme.budgets]
        for index, budget in enumerate(scheme.budgets):
            if years.index(budget.year) != index:
                yield fault("budget_twice", entry.place("budgets", index, "year"), year=budget.year)
            yield from mismatch_findings(entry.place("budgets", index, "unit"), budget.unit, "元", "金额")
        seen: dict[str, int] = {}
        for index, payment in enumerate(scheme.payments):
            at = ("payments", index)
            if seen.setdefault(payment.id, index) != index:
                first = entry.place("payments", seen[payment.id], "id")
                yield fault("duplicate_id", entry.place(*at, "id"), kind="补贴", id=payment.id, first=first)
            yield from _payment_findings(entry, at, payment, columns)


def _payment_findings(
    entry: Entry, at: tuple[str | int, ...], payment: Payment, columns: dict[str, str]
) -> Iterator[Finding]:
    is_fixed, is_share = payment.amount is not None, payment.rate_pct is not None or bool(payment.of)
    if is_fixed == is_share or (payment.rate_pct is None) == bool(payment.of):
        yield fault("payment", entry.place(*at), id=payment.id)
    if payment.of and payment.of not in columns:
        yield fault("no_column", entry.place(*at, "of"), column=payment.of, kind="number")
    elif payment.of:
        yield from mismatch_findings(entry.place(*at, "of"), columns[payment.of], "元", "补贴的基数")
    yield from mismatch_findings(entry.place(*at, "unit"), payment.unit, "元", "金额")
    for name in ("amount", "cap"):
        value = getattr(payment, name)
        if value is not None and Unit.parse(payment.unit).measures_like(_YUAN):
            yuan = Unit.parse(payment.unit).convert(value, _YUAN)
            if yuan != int(yuan):
                yield fault("whole_yuan", entry.place(*at, name), value=f"{value}{payment.unit}")
