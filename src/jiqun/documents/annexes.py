"""Annexes a document announces but does not hold."""

from __future__ import annotations

import re

from jiqun.documents.document import BlockKind
from jiqun.documents.faults import fault
from jiqun.documents.structure import Structure
from jiqun.model.findings import Finding

_LEAD = re.compile(r"(?:附\s?[件表录]?[\s:：]*)?(?:(?:\d{1,2}|[一二三四五六七八九十]{1,2})\s*[:：.．、]\s*)?")
_SUFFIX = re.compile(r"\.(?:docx?|pdf|xlsx?|wps|zip|rar|ofd)$", re.I)


def missing_annexes(written: Structure, name: str) -> list[Finding]:
    """One warning for each annex or closing table that is named and does not follow."""
    found: list[Finding] = []
    for i in range(len(written.blocks)):
        title = _announced(written, i)
        if title and not _follows(written, i, title):
            found.append(fault("annex_missing", name, title=title))
    return found


def _announced(written: Structure, i: int) -> str | None:
    """The name of the annex that block `i` announces; None where it announces none or heads the annex itself."""
    block = written.blocks[i]
    if block.kind is not BlockKind.ANNEX or block.number:
        return None
    text = block.span.of(written.reading).strip()
    return _SUFFIX.sub("", _LEAD.sub("", text, count=1)).strip("《》 。") or None


def _follows(written: Structure, i: int, title: str) -> bool:
    """Whether something stands under the annex's own heading further down."""
    wanted = re.sub(r"\s+", "", title)
    later = written.blocks[i + 1 :]
    if later and later[0].kind is BlockKind.TABLE:
        return True
    for n, block in enumerate(later):
        text = re.sub(r"[\s《》]", "", block.span.of(written.reading))
        is_head = block.kind is BlockKind.ANNEX and bool(block.number)
        is_named = (
            block.kind in (BlockKind.TITLE, BlockKind.HEADING, BlockKind.PARAGRAPH)
            and wanted.endswith(text)
            and len(text) > 5
        )
        if (is_head or is_named) and any(b.kind is BlockKind.TABLE or len(b.span) > 30 for b in later[n + 1 :]):
            return True
    return False
