"""Annexes a document announces but does not hold."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jiqun.documents.document import Block, BlockKind
from jiqun.documents.faults import fault
from jiqun.documents.numbering import han_value
from jiqun.documents.structure import Structure
from jiqun.model.findings import Finding

_NUMBER = r"(?P<n>\d{1,2}|[一二三四五六七八九十]{1,2})"
_LEAD = re.compile(rf"附\s?[件表录]?\s*(?:下载|列表)?\s*{_NUMBER}?\s*[:：]?\s*")
_ITEM = re.compile(rf"(?:{_NUMBER}\s*[:：.．、]\s*)?(?P<title>\S.*)", re.S)
_NEXT = re.compile(r"\s+(?=\d{1,2}\s*[.．、]\s*\D)")
_SUFFIX = re.compile(r"\.(?:docx?|pdf|xlsx?|wps|zip|rar|ofd|et)$", re.I)
_HEAD = re.compile(rf"附\s?[件表录]\s*{_NUMBER}?")
_REFERRED = re.compile(
    rf"(?:详?见|参见)\s*(?P<annex>附\s?[件表]\s*{_NUMBER}?)(?!材料)"
    r"|(?P<behind>[\u4e00-\u9fff]{2,12}(?:清单|名单|分工|一览表|目录|表))(?:见)?附后"
)
_SUBSTANCE = 30  # characters of a paragraph that is more than a heading


@dataclass(frozen=True)
class _Annex:
    """An annex that block `at` announces; `number` is None where it bears none."""

    at: int
    number: int | None
    title: str


def missing_annexes(written: Structure, original: str, name: str) -> list[Finding]:
    """One warning for each annex or closing table that is named and does not follow, with the line that names it.

    Where nothing is announced, annexes that the text refers to (见附件1, 清单附后) count as named.
    """
    named = [annex for at in range(len(written.blocks)) for annex in _announced(written, at)]
    titles = {_squeeze(b.span.of(written.reading)) for b in written.blocks if b.kind is BlockKind.TITLE}
    gone = [annex for annex in named if _squeeze(annex.title) not in titles and not _follows(written, annex, named)]
    if not named and not any(_is_head(block) for block in written.blocks) and not written.tables:
        gone = _referred(written)
    return [fault("annex_missing", name, _line(written, original, annex.at), title=annex.title) for annex in gone]


def _announced(written: Structure, at: int) -> list[_Annex]:
    """The annexes that a block announces; none where it heads the annex itself."""
    block = written.blocks[at]
    if block.kind is not BlockKind.ANNEX or block.number:
        return []
    text = block.span.of(written.reading).strip()
    lead = _LEAD.match(text)
    first = _value(lead["n"]) if lead else None
    found: list[_Annex] = []
    for part in _NEXT.split(text[lead.end() :] if lead else text):
        item = _ITEM.fullmatch(part.strip())
        title = _SUFFIX.sub("", item["title"].strip()).strip("《》 。；;") if item else ""
        if item and title:
            found.append(_Annex(at, first or _value(item["n"]), title))
            first = None
    return found


def _referred(written: Structure) -> list[_Annex]:
    found: dict[str, _Annex] = {}
    for at, block in enumerate(written.blocks):
        text = block.span.of(written.reading)
        if block.kind in (BlockKind.PARAGRAPH, BlockKind.HEADING) and "附" in text:
            for match in _REFERRED.finditer(text):
                title = _squeeze(match["annex"] or match["behind"])
                found.setdefault(title, _Annex(at, _value(match["n"]), title))
    return list(found.values())


def _follows(written: Structure, annex: _Annex, named: list[_Annex]) -> bool:
    """Whether something stands under the annex's own heading further down."""
    later = written.blocks[annex.at + 1 :]
    if later and later[0].kind is BlockKind.TABLE:
        return True
    for n, block in enumerate(later):
        if _heads(written, block, annex, named):
            under = later[n + 1 :]
            end = next((i for i, b in enumerate(under) if _is_head(b)), len(under))
            if any(b.kind is BlockKind.TABLE or len(b.span) > _SUBSTANCE for b in under[:end]):
                return True
    return False


def _heads(written: Structure, block: Block, annex: _Annex, named: list[_Annex]) -> bool:
    """Whether a block is the heading of the annex: 附件2, or its name."""
    text = _squeeze(block.span.of(written.reading))
    if _is_head(block):
        head = _HEAD.match(text)
        number = _value(head["n"]) if head else None
        if number is None or annex.number is None:
            return len(named) == 1 or number is annex.number
        return number == annex.number
    is_name = block.kind in (BlockKind.TITLE, BlockKind.HEADING, BlockKind.PARAGRAPH)
    return is_name and len(text) > 5 and _squeeze(annex.title).endswith(text.strip("《》"))


def _is_head(block: Block) -> bool:
    return block.kind is BlockKind.ANNEX and bool(block.number)


def _line(written: Structure, original: str, at: int) -> int:
    return original.count("\n", 0, written.map.to_original(written.blocks[at].span).start) + 1


def _value(number: str | None) -> int | None:
    if not number:
        return None
    return int(number) if number.isdecimal() else han_value(number)


def _squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)
