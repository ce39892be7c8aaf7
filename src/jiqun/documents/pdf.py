"""PDF files read by their text layer: printed lines with their places, tables, running heads told apart."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from statistics import median

import pypdfium2

from jiqun.documents import pdfcolumns
from jiqun.documents.faults import fault, refusal
from jiqun.documents.lines import Role, Source, width
from jiqun.documents.pagemarks import is_plain_mark
from jiqun.documents.pdfpages import Page, Row, pages_of
from jiqun.documents.transcript import RawCell, Transcript

MEDIA_TYPE = "application/pdf"
_MARGIN = 0.13  # of the page's height, at top and bottom: where running heads and page numbers stand


def read(data: bytes, name: str) -> Source:
    """The lines of a PDF; each knows whether it reaches the right edge of its column.

    Raises InputRefused: encrypted, damaged, or scanned (hardly any text layer).
    """
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = "assword" in str(error) or "ecurity" in str(error)
        raise (refusal("encrypted", name) if locked else refusal("damaged", name, kind="pdf")) from error
    try:
        pages = pages_of(document)
    except pypdfium2.PdfiumError as error:
        raise refusal("damaged", name, kind="pdf") from error
    finally:
        document.close()
    return source_of(pages, name, "PDF", MEDIA_TYPE)


def source_of(pages: list[Page], name: str, kind: str, media_type: str) -> Source:
    """The lines of printed pages: running heads told apart, tables put together over the foot of a page.

    Raises InputRefused for pages that are pictures of text.
    """
    characters = sum(len(row.text.strip()) for page in pages for row in page.rows)
    if characters < 5 * len(pages) and any(page.has_pictures for page in pages):
        raise refusal("scanned", name, pages=len(pages), kind=kind)
    _mark_running(pages)
    for page in pages:
        pdfcolumns.find(page)
    _join_tables(pages)
    blank = [str(page.number) for page in pages if page.has_pictures and not page.rows]
    findings = (fault("pages_without_text", name, pages="、".join(blank[:20])),) if blank else ()
    out = _transcript(pages)
    return Source(out.original, tuple(out.lines), media_type, findings=findings)


def _mark_running(pages: list[Page]) -> None:
    """Marks running heads, feet and page numbers: lines in the margins whose like stands on most pages, or on three."""
    counts: Counter[tuple[bool, str]] = Counter()
    edges = [(page, row, _key(page, row)) for page in pages for row in page.rows if row.table is None]
    counts.update(key for _, key in {(page.number, key) for page, _, key in edges} if key is not None)
    for page, row, key in edges:
        if key is None:
            continue
        is_repeated = counts[key] >= 2 and (counts[key] >= 3 or counts[key] * 2 >= len(pages))
        bare = re.fullmatch(r"\d{1,4}", row.text.strip())
        is_number = is_plain_mark(row.text.strip()) or (bare is not None and _is_outermost(page, row))
        row.is_furniture = is_repeated or is_number


def _key(page: Page, row: Row) -> tuple[bool, str] | None:
    """What a marginal line has in common with its like on other pages; None for a line of the body."""
    at_top = row.bottom > page.height * (1 - _MARGIN)
    at_foot = row.top < page.height * _MARGIN
    if not (at_top or at_foot) or len(row.text) > 60:
        return None
    return at_top, re.sub(r"\d+", "#", re.sub(r"\s+", "", row.text))


def _is_outermost(page: Page, row: Row) -> bool:
    return row.top <= min(r.top for r in page.rows) or row.bottom >= max(r.bottom for r in page.rows)


def _join_tables(pages: list[Page]) -> None:
    """Puts a table that goes on over the foot of a page together; a head printed again on the next page goes."""
    above: Row | None = None
    for page in pages:
        rows = [row for row in page.rows if not row.is_furniture]
        if not rows:
            continue
        first = rows[0]
        if above is not None and above.table and first.table and _same_columns(above, first):
            _append(above.table, first.table)
            page.rows.remove(first)
            if len(rows) == 1:
                continue
        above = rows[-1]


def _same_columns(above: Row, below: Row) -> bool:
    return len(above.columns) == len(below.columns) and all(
        abs(a - b) <= 5 for a, b in zip(above.columns, below.columns, strict=True)
    )


def _append(table: list[RawCell], more: list[RawCell]) -> None:
    head = [(c.column, c.text) for c in table if c.row == 0]
    is_repeated = [(c.column, c.text) for c in more if c.row == 0] == head
    skipped = max((c.row_span for c in more if c.row == 0), default=0) if is_repeated else 0
    shift = max(c.row + c.row_span for c in table) - skipped
    table += [replace(c, row=c.row + shift) for c in more if c.row >= skipped]


def _transcript(pages: list[Page]) -> Transcript:
    """Pages written out in order, a form feed between them; geometry becomes indents, gaps and reach."""
    out = Transcript()
    body = [row for page in pages for row in page.rows if row.table is None and _key(page, row) is None]
    size = median(row.size for row in body) if body else 10.0
    left = _percentile([row.left for row in body], 0.05)
    right = _percentile([row.right for row in body], 0.97)
    pitch = _pitch(pages, size)
    for page in pages:
        if out.original_length:
            out.write("\f")
        above: Row | None = None
        for n, row in enumerate(page.rows):
            if row.table is not None:
                out.table(row.table)
                above = None
                continue
            if row.is_furniture:
                out.paragraph(row.text, Role.FURNITURE)
                continue
            follower = next((r for r in page.rows[n + 1 :] if not r.is_furniture), None)
            room = max(2.2, _token(follower.text) / 2 + 0.7 if follower else 2.2) * size
            gap = above.bottom - row.bottom if above else pitch
            out.paragraph(row.text, complete=False, blanks=int(gap > 1.5 * pitch))
            if out.lines:
                indent = max(round((row.left - left) / (size / 2)), 0)
                out.lines[-1] = replace(out.lines[-1], reach=row.right >= right - room, indent=indent)
            above = row
    return out


def _pitch(pages: list[Page], size: float) -> float:
    """The usual distance from one line of the body to the next."""
    gaps = [
        above.bottom - row.bottom
        for page in pages
        for above, row in zip(page.rows, page.rows[1:], strict=False)
        if above.table is None and row.table is None and 0 < above.bottom - row.bottom < 4 * size
    ]
    return median(gaps) if gaps else 1.5 * size


def _token(text: str) -> int:
    """The width, in half-width columns, of what must stand unbroken at the head of a line."""
    match = re.match(r"[A-Za-z0-9.%]+|.[，。、；：！？”）,.;:!?)]*", text)
    return width(match[0]) if match else 2


def _percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0
