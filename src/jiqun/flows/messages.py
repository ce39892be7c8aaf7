"""Figures that another system sends as an SDMX message: all of them or none, and nothing twice."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jiqun.flows.claims import observation_key
from jiqun.flows.faults import fault, refuse
from jiqun.flows.figures import figure_faults, figure_row
from jiqun.flows.intake import keep_original
from jiqun.flows.tables import Imported
from jiqun.ledger import store
from jiqun.ledger.models import Observation, Standing
from jiqun.model.findings import Place
from jiqun.statistics import sdmx
from jiqun.workspace import Workspace, keep_folder


def import_sdmx(ws: Workspace, content: bytes, *, actor: str, name: str, reason: str = "") -> Imported:
    """Every observation of an SDMX-CSV or SDMX-ML message of our structure is a figure in the ledger.

    A figure of a source in the folder is the folder's own, known from the day its source was published; what names no
    source has the message as its source, and is known from today. What the ledger says already is left as it is, so
    that an export comes in again without a change. Raises InputRefused with the findings of all rows where one has a
    fault; EnvironmentFailed for SDMX-ML where pysdmx is missing.
    """
    figures, findings = sdmx.read(content, ws.city, name)
    refuse(findings)
    rows: dict[str, Observation] = {}
    faults = []
    for number, figure in enumerate(figures.rename({"value": "value_text"}).iter_rows(named=True), 1):
        fields = _fields(ws, figure, name)
        faults += figure_faults(ws, fields, Place(name, line=number))
        row = _row(ws, fields)
        rows[row.key] = row
    refuse(faults)
    if not rows:
        refuse([fault("empty", f"《{name}》里没有数据", place=Place(name))])
    digest = hashlib.sha256(content).hexdigest()
    keep_original(ws, digest, content)
    keep_folder(ws.path, ws.city)
    fresh = _news(rows)
    with store.recording("figures.imported", actor=actor, reason=reason, clock=ws.clock,
                         subject=("file", digest)) as entry:  # fmt: skip
        entry.notes["file"] = name
        written = entry.put(fresh)
    return Imported("figures", written, len(rows) - written, entry.sequence if written else None)


def is_message(content: bytes) -> bool:
    """Whether a file is an SDMX message rather than somebody's table."""
    start = content[:2000].decode("utf-8-sig", errors="replace").lstrip()
    head = start.partition("\n")[0].replace('"', "")  # some systems put every cell in quotes
    return head.startswith("STRUCTURE,STRUCTURE_ID,") or (start.startswith("<") and "sdmx.org" in start)


def read_message(table: Path | str | bytes) -> bytes | None:
    """The bytes of an SDMX message; None for any other file."""
    try:
        content = table if isinstance(table, bytes) else Path(table).read_bytes()
    except OSError:  # whoever reads tables says what is wrong with the file
        return None
    return content if is_message(content) else None


def _fields(ws: Workspace, figure: dict[str, Any], name: str) -> dict[str, Any]:
    source = ws.city.sources.get(figure["source_id"] or "")
    title = source.title if source else f"SDMX {Path(name).name}"
    return {**figure, "source_title": title}


def _row(ws: Workspace, fields: dict[str, Any]) -> Observation:
    source = ws.city.sources.get(fields["source_id"] or "")
    row = figure_row(ws, fields, (source.published_on if source else None) or ws.today)
    # As the folder's own figures have it: of one source the preliminary and the final are two figures.
    said_by = row.source_id if source else row.source_title
    row.key = observation_key(row.indicator_id, row.area_id, row.cluster_id, row.period, row.measure,
                              f"{said_by}|{row.value_kind}")  # fmt: skip
    return row


_SAID = ("indicator_id", "area_id", "cluster_id", "period", "measure", "value_text", "unit", "value_kind")


def _news(rows: Mapping[str, Observation]) -> list[Observation]:
    """The rows that say more than the ledger does. A figure without a source is no news where anybody says the same:
    in an export, what came from a document has none."""
    standing = store.current_by_key(Observation, rows)
    indicators = {row.indicator_id for row in rows.values()}
    active = Observation.objects.filter(superseded_at=None, state=Standing.ACTIVE, indicator_id__in=indicators)
    said = set(active.values_list(*_SAID))

    def is_known(key: str, row: Observation) -> bool:
        before = standing.get(key)
        says = tuple(getattr(row, name) for name in _SAID)
        if before is None:
            return not row.source_id and says in said
        return before.state == Standing.ACTIVE and says == tuple(getattr(before, name) for name in _SAID)

    return [row for key, row in rows.items() if not is_known(key, row)]
