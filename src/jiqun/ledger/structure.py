"""A read document's structure as JSON for `Document.structure`, and back; nothing of it is lost on the way."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from jiqun.documents import document as read
from jiqun.ledger.models import Document
from jiqun.model.findings import Finding, Place, Severity
from jiqun.model.spans import Span

_DAYS = ("issued_on", "published_on")


def structure_of(document: read.Document) -> dict[str, Any]:
    """Map, blocks, tables, outline and header in plain JSON values; spans as [start, end]."""
    header = asdict(document.header)
    header |= {name: day.isoformat() for name in _DAYS if (day := header[name])}
    return {
        "map": [[run.reading, run.original, run.length] for run in document.map.runs],
        "blocks": [
            {
                "kind": block.kind.value, "span": _pair(block.span), "level": block.level,
                "number": block.number, "heading": _pair(block.heading),
            }
            for block in document.blocks
        ],
        "tables": [
            {
                "span": _pair(table.span), "rows": table.rows, "columns": table.columns, "caption": table.caption,
                "cells": [
                    [cell.text, cell.row, cell.column, cell.row_span, cell.column_span, _pair(cell.span)]
                    for cell in table.cells
                ],
            }
            for table in document.tables
        ],
        "outline": [
            {
                "path": part.path, "number": part.number, "title": part.title, "level": part.level,
                "span": _pair(part.span), "parent": part.parent,
            }
            for part in document.outline
        ],
        "header": header,
    }  # fmt: skip


def document_of(row: Document) -> read.Document:
    """The document as it was read at ingest, from the ledger's row."""
    kept = row.structure
    header = dict(kept["header"])
    header |= {name: date.fromisoformat(day) for name in _DAYS if (day := header.get(name))}
    return read.Document(
        name=row.name,
        media_type=row.media_type,
        digest=row.digest,
        original=row.original,
        reading=row.reading,
        map=read.TextMap(tuple(read.Run(*run) for run in kept["map"])),
        blocks=tuple(
            read.Block(
                read.BlockKind(block["kind"]), Span(*block["span"]), block["level"], block["number"],
                _span(block["heading"]),
            )
            for block in kept["blocks"]
        ),
        tables=tuple(
            read.Table(
                Span(*table["span"]), table["rows"], table["columns"],
                tuple(_cell(*cell) for cell in table["cells"]), table["caption"],
            )
            for table in kept["tables"]
        ),
        outline=tuple(
            read.Section(
                part["path"], part["number"], part["title"], part["level"], Span(*part["span"]), part["parent"]
            )
            for part in kept["outline"]
        ),
        header=read.Header(**header),
        findings=tuple(finding_of(found) for found in row.findings if found.get("step") == "read"),
    )  # fmt: skip


def told(finding: Finding, step: str) -> dict[str, Any]:
    """A finding in plain JSON values; `step` says whose it is: read, extract."""
    return {"step": step, **asdict(finding), "severity": finding.severity.value}


def finding_of(kept: dict[str, Any]) -> Finding:
    return Finding(kept["code"], Severity(kept["severity"]), kept["message"], Place(**kept["place"]), kept["remedy"])


def _cell(text: str, row: int, column: int, row_span: int, column_span: int, span: list[int] | None) -> read.Cell:
    return read.Cell(text, row, column, row_span, column_span, _span(span))


def _pair(span: Span | None) -> list[int] | None:
    return [span.start, span.end] if span is not None else None


def _span(pair: list[int] | None) -> Span | None:
    return Span(*pair) if pair is not None else None
