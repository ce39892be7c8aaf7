"""Annexes a document announces but does not hold."""

from __future__ import annotations

import re

from jiqun.documents.document import Block, BlockKind
from jiqun.documents.faults import fault
from jiqun.documents.structure import Structure
from jiqun.model.findings import Finding

_LEAD = re.compile(r"(?:附\s?[件表录]?[\s:：]*)?(?:(?:\d{1,2}|[一二三四五六七八九十]{1,2})\s*[:：.．、]\s*)?")
_SUFFIX = re.compile(r"\.(?:docx?|pdf|xlsx?|wps|zip|rar|ofd)$", re.I)
_SHEET_NAME = re.compile(
    r"(?:指标|指标体系|清单|分解表|分工表|一览表|目录|名单|汇总表|任务表|统计表|计划表|责任表|布局表|分工)$"
)


def missing_annexes(written: Structure, name: str) -> list[Finding]:
    """One warning for each annex or closing table that is named and does not follow."""
    found: list[Finding] = []
    for i in range(len(written.blocks)):
        title = _announced(written, i)
        if title and not _follows(written, i, title):
            found.append(fault("annex_missing", name, title=title))
    return found


def _announced(written: Structure, i: int) -> str | None:
    """The name of the annex that block `i` announces, or of the table it heads at the text's end."""
    block = written.blocks[i]
    text = block.span.of(written.reading).strip()
    if block.kind is BlockKind.ANNEX and not block.number:
        return _SUFFIX.sub("", _LEAD.sub("", text, count=1)).strip("《》 。") or None
    is_plain = block.kind in (BlockKind.PARAGRAPH, BlockKind.HEADING) and not block.number
    if is_plain and len(text) <= 50 and _SHEET_NAME.search(text) and not re.search(r"[，,。；;：:、]", text):
        return text if all(_is_closing(after) for after in written.blocks[i + 1 :]) else None
    return None


def _is_closing(block: Block) -> bool:
    """Whether a block after a table's name leaves it empty: another name or announcement, never text or a table."""
    return block.kind is BlockKind.ANNEX or (
        block.kind is not BlockKind.TABLE and not block.number and len(block.span) <= 50
    )


def _follows(written: Structure, i: int, title: str) -> bool:
    """Whether something stands under the annex's own heading further down."""
    wanted = re.sub(r"\s+", "", title)
    later = written.blocks[i + 1 :]
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
