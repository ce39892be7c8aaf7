"""What must hold between entries that are each well formed."""

from __future__ import annotations

from collections.abc import Iterator

from jiqun.model.findings import Finding
from jiqun.packs.checks.clusters import cluster_findings
from jiqun.packs.checks.dockets import docket_findings
from jiqun.packs.checks.entries import entry_findings
from jiqun.packs.checks.figures import figure_findings, indicator_findings
from jiqun.packs.checks.forms import form_findings
from jiqun.packs.checks.invented_returns import invented_return_findings
from jiqun.packs.checks.invention import invention_findings
from jiqun.packs.checks.layouts import layout_findings
from jiqun.packs.checks.members import member_findings
from jiqun.packs.checks.names import name_findings
from jiqun.packs.checks.places import (
    area_findings,
    body_findings,
    extent_findings,
    neighbour_findings,
    settings_findings,
)
from jiqun.packs.checks.registers import register_findings
from jiqun.packs.checks.subsidies import subsidy_findings
from jiqun.packs.checks.tables import document_findings, industry_findings, table_findings
from jiqun.packs.checks.tiers import tier_findings
from jiqun.packs.reading import Contents
from jiqun.packs.registry import Registry
from jiqun.packs.schema.forms import Form

__all__ = ["semantic_findings", "table_findings"]


def semantic_findings(registry: Registry, own: Contents) -> Iterator[Finding]:
    """Everything wrong between the entries of a folder and those it extends; `own` is the folder itself."""
    for entry in registry.entries:
        yield from entry_findings(entry)
    yield from settings_findings(registry)
    yield from area_findings(registry)
    yield from extent_findings(registry)
    yield from neighbour_findings(registry)
    yield from body_findings(registry)
    yield from indicator_findings(registry)
    yield from figure_findings(registry)
    yield from name_findings(registry)
    yield from cluster_findings(registry)
    yield from layout_findings(registry)
    yield from member_findings(registry)
    yield from tier_findings(registry)
    yield from register_findings(registry)
    yield from subsidy_findings(registry)
    yield from form_findings(registry, {value.id for entry in own.of(Form) if isinstance(value := entry.value, Form)})
    yield from invented_return_findings(registry)
    yield from invention_findings(registry)
    yield from docket_findings(registry)
    yield from industry_findings(registry)
    yield from document_findings(own)
