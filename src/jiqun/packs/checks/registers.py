"""Registers: attributes with an id of their own, in a group that is declared, with units only where numbers are."""

from __future__ import annotations

from collections.abc import Iterator

from jiqun.model.findings import Finding
from jiqun.packs.checks.units import unit_findings
from jiqun.packs.faults import fault
from jiqun.packs.registry import Registry
from jiqun.packs.schema.registers import Attribute, Register


def register_findings(registry: Registry) -> Iterator[Finding]:
    """Every attribute said twice, of no declared group, or with years, units or values that do not fit its kind."""
    groups: dict[str, set[str]] = {}
    attributes: dict[tuple[str, str], object] = {}
    for entry, register in registry.of(Register):
        whole = register.adds_to_id or register.id
        groups.setdefault(whole, set()).update(group.id for group in register.groups)
        for index, attribute in enumerate(register.attributes):
            at = ("attributes", index)
            place = entry.place(*at, "id")
            first = attributes.setdefault((whole, attribute.id), place)
            if first is not place:
                yield fault("duplicate_id", place, kind="数据项", id=attribute.id, first=first)
            if attribute.group not in groups[whole] and not entry.is_damaged:
                yield fault("attribute_group", entry.place(*at, "group"), id=attribute.group)
            yield from unit_findings(entry.place(*at, "unit"), attribute.unit)
            if why := _misfit(attribute):
                yield fault("attribute", entry.place(*at), id=attribute.id, why=why)


def _misfit(attribute: Attribute) -> str:
    if attribute.kind != "number" and (attribute.unit or attribute.years > 1 or attribute.may_be_negative):
        return "只有数值才写 unit、years、may_be_negative"
    if attribute.kind != "text" and attribute.values:
        return "只有文字才写 values"
    return ""
