"""A source's lines made into a document: furniture out, paragraphs joined, parts and header found."""

from __future__ import annotations

import re

from jiqun.documents import (
    continued,
    doubles,
    flattened,
    furniture,
    header,
    layout,
    pagemarks,
    portal,
    structure,
    titles,
)
from jiqun.documents.annexes import missing_annexes
from jiqun.documents.document import BlockKind, Document
from jiqun.documents.faults import fault, refusal
from jiqun.documents.lines import Line, Role, Source
from jiqun.model.findings import Finding


def assemble(source: Source, name: str, digest: str) -> Document:
    """The document that a format reader's lines make. Raises InputRefused where no text is left."""
    findings = list(source.findings)
    lines = [line for line in source.lines if line.role is not Role.FURNITURE]
    lines = flattened.unfold(pagemarks.drop(lines, source.original))
    lines, is_doubled = _once(lines, source.original, name, findings)
    facts = portal.box(lines, source.facts)
    lines = [line for i, line in enumerate(lines) if i not in facts.lines]
    cleared = furniture.clear(lines)
    by = portal.bylines(cleared.kept)
    bylines = [line.text for i, line in enumerate(cleared.kept) if i in by]
    lines = titles.mark([line for i, line in enumerate(cleared.kept) if i not in by])
    lines = continued.join(lines)
    if is_doubled:
        lines = _without_closing_title(lines)
    written = structure.write(layout.paragraphs(lines), source.original)
    if not written.reading.strip():
        raise refusal("empty", name)
    findings += missing_annexes(written, source.original, name)
    findings += _cut(written, name)
    head = header.read_header(lines, facts, bylines, cleared.trailer_title or source.title)
    if head.validity and portal.is_no_longer_in_force(head.validity):
        findings.append(fault("no_longer_in_force", name, said=head.validity))
    return Document(
        name=name,
        media_type=source.media_type,
        digest=digest,
        original=source.original,
        reading=written.reading,
        map=written.map,
        blocks=written.blocks,
        tables=written.tables,
        outline=written.outline,
        header=head,
        findings=tuple(findings),
    )


def _once(lines: list[Line], original: str, name: str, findings: list[Finding]) -> tuple[list[Line], bool]:
    """The lines without second copies of the body, each told as a finding."""
    copies = doubles.find(lines)
    for copy in copies:
        at = original.count("\n", 0, lines[copy.first].start) + 1
        findings.append(fault("body_doubled", name, at, count=copy.characters))
    gone = {i for copy in copies for i in range(copy.first, copy.last)}
    return [line for i, line in enumerate(lines) if i not in gone], bool(copies)


def _without_closing_title(lines: list[Line]) -> list[Line]:
    """Takes out the title printed once more below a doubled body."""
    named = {re.sub(r"\s+", "", line.text) for line in lines if line.role is Role.TITLE}
    last = lines[-1]
    if len(lines) > 1 and last.role is Role.TEXT and re.sub(r"\s+", "", last.text) in named:
        return lines[:-1]
    return lines


def _cut(written: structure.Structure, name: str) -> list[Finding]:
    """A warning where the last paragraph begins a sentence and does not end it."""
    last = written.blocks[-1]
    text = last.span.of(written.reading)
    is_prose = last.kind is BlockKind.PARAGRAPH and re.search(r"[，,。；;]", text) and len(text) > 60
    if is_prose and re.search(r"[\w，,、]$", text) and not re.search(r"[日号]$", text):
        return [fault("body_cut", name, tail=text[-10:])]
    return []
