"""A document's text cut into pieces a page can print: what is a claim's quote, what its number, where a link lands."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from jiqun.documents.document import Block, BlockKind, Document, Table, TextMap
from jiqun.model.spans import Span

_WHOLE_ROWS = 14  # of a table shown beside a claim
_HEAD_ROWS, _ROWS_BESIDE = 3, 2


@dataclass(frozen=True, slots=True)
class Mark:
    """A claim to highlight: the spans of its quote and number in the text that is shown."""

    key: str
    anchor: str
    quote: Span
    number: Span
    kind: str
    state: str
    says: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters that look alike. `mark` is the claim they belong to; `anchors` are the places that begin here."""

    text: str
    mark: Mark | None = None
    is_number: bool = False
    is_heading: bool = False
    is_here: bool = False
    anchors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CellView:
    pieces: tuple[Piece, ...]
    row_span: int
    column_span: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A block of the text; a table has `rows` and no pieces. `anchor` is set where a section of the outline begins."""

    kind: BlockKind
    level: int
    pieces: tuple[Piece, ...] = ()
    rows: tuple[tuple[CellView, ...], ...] = ()
    anchor: str = ""

    @property
    def heading_tag(self) -> str:
        """The HTML heading for its depth, below the page's own title."""
        return f"h{min(max(self.level, 1), 4) + 1}"


@dataclass(frozen=True)
class Marker:
    """Cuts one text by its marks; `here` is the claim the page is about.

    `places` are anchors by the character they stand before, for links to what is no claim.
    """

    text: str
    marks: Sequence[Mark]
    here: str = ""
    places: Mapping[int, str] = field(default_factory=dict)
    _starts: list[int] = field(default_factory=list, init=False)
    _reach: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        ordered = sorted(self.marks, key=lambda mark: (mark.quote, mark.number))
        object.__setattr__(self, "marks", ordered)
        object.__setattr__(self, "_starts", [mark.quote.start for mark in ordered])
        object.__setattr__(self, "_reach", max((len(mark.quote) for mark in ordered), default=0))

    def cut(self, span: Span, heading: Span | None = None) -> tuple[Piece, ...]:
        """The text of `span` as pieces that, joined, are that text."""
        touching = self._touching(span)
        edges = {span.start, span.end}
        for stretch in [*(m.quote for m in touching), *(m.number for m in touching), *([heading] if heading else [])]:
            edges.update(at for at in (stretch.start, stretch.end) if span.start < at < span.end)
        edges.update(at for at in self.places if span.start < at < span.end)
        ordered = sorted(edges)
        return tuple(self._piece(Span(start, end), touching, heading) for start, end in pairwise(ordered))

    def _touching(self, span: Span) -> list[Mark]:
        low = bisect_left(self._starts, span.start - self._reach)
        high = bisect_left(self._starts, span.end)
        return [mark for mark in self.marks[low:high] if mark.quote.end > span.start]

    def _piece(self, span: Span, touching: Iterable[Mark], heading: Span | None) -> Piece:
        covering = [mark for mark in touching if mark.quote.contains(span) or mark.number.contains(span)]
        numbers = [mark for mark in covering if mark.number.contains(span)]
        nearest = numbers or covering
        chosen = next((m for m in nearest if m.key == self.here), nearest[0] if nearest else None)
        return Piece(
            text=span.of(self.text),
            mark=chosen,
            is_number=bool(numbers),
            is_heading=heading is not None and heading.contains(span),
            is_here=chosen is not None and chosen.key == self.here,
            anchors=(
                *(mark.anchor for mark in covering if mark.quote.start == span.start),
                *((self.places[span.start],) if span.start in self.places else ()),
            ),
        )


def anchor_of(claim_key: str) -> str:
    """The place of a claim on its document's page."""
    return "c-" + claim_key.partition(":")[2].replace("#", "_")


def section_anchor(index: int) -> str:
    return f"s-{index}"


class ReadingPlaces:
    """Finds original spans in the reading text, quickly for many claims of a long document."""

    def __init__(self, text_map: TextMap) -> None:
        self._runs = sorted(text_map.runs, key=lambda run: run.original)
        self._starts = [run.original for run in self._runs]

    def find(self, start: int, end: int) -> Span | None:
        """Where an original stretch is read; None where nothing of it was kept."""
        places: list[Span] = []
        at = max(bisect_left(self._starts, start + 1) - 1, 0)
        for run in self._runs[at:]:
            if run.original >= end:
                break
            low, high = max(start, run.original), min(end, run.original + run.length)
            if low < high:
                places.append(Span(low, high).shifted(run.reading - run.original))
        if not places:
            return None
        return Span(min(place.start for place in places), max(place.end for place in places))


def paragraphs(document: Document, marker: Marker, blocks: Sequence[Block] | None = None) -> tuple[Paragraph, ...]:
    """The reading text, block by block; `blocks` limits it to some."""
    sections = {section.span.start: section_anchor(at) for at, section in reversed(list(enumerate(document.outline)))}
    tables = {table.span.start: table for table in document.tables}
    return tuple(
        _paragraph(block, marker, tables.get(block.span.start), sections.get(block.span.start, ""))
        for block in (document.blocks if blocks is None else blocks)
    )


def shortened(paragraph: Paragraph) -> Paragraph:
    """A long table cut to its head and the rows around the claim the page is about; all else as it is."""
    if len(paragraph.rows) <= _WHOLE_ROWS:
        return paragraph
    here = [at for at, row in enumerate(paragraph.rows) if any(piece.is_here for cell in row for piece in cell.pieces)]
    if not here:
        return replace(paragraph, rows=paragraph.rows[:_WHOLE_ROWS])
    kept = sorted({*range(_HEAD_ROWS), *range(max(here[0] - _ROWS_BESIDE, 0), here[-1] + _ROWS_BESIDE + 1)})
    gap = (CellView((Piece("…"),), 1, 1),)
    rows: list[tuple[CellView, ...]] = []
    last = -1
    for at in (at for at in kept if at < len(paragraph.rows)):
        rows += [gap] if at > last + 1 else []
        rows.append(paragraph.rows[at])
        last = at
    return replace(paragraph, rows=tuple(rows))


def blocks_around(document: Document, span: Span, beside: int = 1) -> Sequence[Block]:
    """The blocks that hold a span of the reading text, and `beside` more on each side but no next part's heading."""
    held = [at for at, block in enumerate(document.blocks) if block.span.overlaps(span)]
    if not held:
        return ()
    after = held[-1] + 1
    is_new_part = after < len(document.blocks) and document.blocks[after].kind is BlockKind.HEADING
    return document.blocks[max(0, held[0] - beside) : after if is_new_part else after + beside]


def _paragraph(block: Block, marker: Marker, table: Table | None, anchor: str) -> Paragraph:
    if block.kind is BlockKind.TABLE and table is not None:
        return Paragraph(block.kind, block.level, rows=_rows(table, marker), anchor=anchor)
    return Paragraph(block.kind, block.level, marker.cut(block.span, block.heading), anchor=anchor)


def _rows(table: Table, marker: Marker) -> tuple[tuple[CellView, ...], ...]:
    rows: list[list[CellView]] = [[] for _ in range(table.rows)]
    for cell in sorted(table.cells, key=lambda cell: (cell.row, cell.column)):
        pieces = marker.cut(cell.span) if cell.span else (Piece(cell.text),)
        rows[cell.row].append(CellView(pieces, cell.row_span, cell.column_span))
    return tuple(tuple(row) for row in rows)
