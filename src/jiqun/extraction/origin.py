"""Reading spans said in the original text, without walking the whole map for each of thousands of claims."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise

from jiqun.documents.document import Document
from jiqun.model.spans import Span

QUOTE_LIMIT = 60  # characters (guidelines)


class Origin:
    """The map of one document with its starts at hand."""

    def __init__(self, document: Document) -> None:
        self._runs = document.map.runs
        self._starts = [run.reading for run in self._runs]
        self._original = document.original
        self._reading = document.reading

    def span(self, span: Span) -> Span:
        """The original stretch from the first to the last kept character of a reading span."""
        at = max(bisect_right(self._starts, span.start) - 1, 0)
        run = self._runs[at]
        if run.reading <= span.start < span.end <= run.reading + run.length:  # nearly always
            return span.shifted(run.original - run.reading)
        pieces = self._pieces(span)
        return Span(min(piece.start for _, piece in pieces), max(piece.end for _, piece in pieces))

    def unbroken(self, span: Span, kernel: Span) -> Span:
        """The part of a reading span around `kernel` whose original leaves out nothing but white space.

        A quote does not run over a page mark: what a reader sees there is two pieces. The kernel itself may.
        """
        start, end = span.start, span.end
        for (_, left), (at, right) in pairwise(self._pieces(span)):
            if right.start >= left.end and not self._original[left.end : right.start].strip():
                continue
            if at <= kernel.start:
                start = max(start, at)
            elif at >= kernel.end:
                end = min(end, at)
                break
        return Span(start, end)

    def quote(self, span: Span, number: Span) -> Span:
        """The part of a reading span around `number` that reads in one piece, cut to the limit and without blank ends.

        A number that is itself longer than the limit stays whole.
        """
        whole, reading = self.unbroken(span, number), self._reading
        start, end = whole.start, whole.end
        if end - start > QUOTE_LIMIT:
            end = max(number.end, min(end, start + QUOTE_LIMIT))
            start = min(number.start, max(start, end - QUOTE_LIMIT))
        while start < number.start and reading[start].isspace():
            start += 1
        while end > number.end and reading[end - 1].isspace():
            end -= 1
        return Span(start, end)

    def _pieces(self, span: Span) -> list[tuple[int, Span]]:
        """(place in the reading text, original stretch) of each run behind a reading span."""
        at = max(bisect_right(self._starts, span.start) - 1, 0)
        found: list[tuple[int, Span]] = []
        while at < len(self._runs) and self._runs[at].reading < span.end:
            run = self._runs[at]
            start, end = max(span.start, run.reading), min(span.end, run.reading + run.length)
            if start < end:
                found.append((start, Span(start, end).shifted(run.original - run.reading)))
            at += 1
        return found
