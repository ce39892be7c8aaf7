"""A text cut by its marks: nothing lost, nothing doubled, every claim can be landed on."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jiqun.documents.document import Run, TextMap
from jiqun.model.spans import Span
from jiqun.reports.reading import Mark, Marker, ReadingPlaces, anchor_of

TEXT = "到2025年，高新技术企业达到1000家以上，产业产值占比达到50%左右。"


def mark(key: str, quote: tuple[int, int], number: tuple[int, int]) -> Mark:
    return Mark(key, f"c-{key}", Span(*quote), Span(*number), "target", "proposed", "")


def test_a_number_inside_its_quote_makes_three_pieces():
    marker = Marker(TEXT, [mark("a", (7, 22), (15, 20))])
    pieces = marker.cut(Span(0, len(TEXT)))
    assert [(p.text, p.mark is not None, p.is_number) for p in pieces] == [
        ("到2025年，", False, False),
        ("高新技术企业达到", True, False),
        ("1000家", True, True),
        ("以上", True, False),
        ("，产业产值占比达到50%左右。", False, False),
    ]
    assert [p.anchors for p in pieces] == [(), ("c-a",), (), (), ()]


def test_two_claims_of_one_quote_are_told_apart_by_their_numbers():
    marks = [mark("a", (7, 36), (15, 20)), mark("b", (7, 36), (31, 34))]
    pieces = Marker(TEXT, marks, here="b").cut(Span(0, len(TEXT)))
    numbers = {p.text: (p.mark.key, p.is_here) for p in pieces if p.is_number}
    assert numbers == {"1000家": ("a", False), "50%": ("b", True)}
    assert next(p.anchors for p in pieces if p.anchors) == ("c-a", "c-b")


spans = st.tuples(st.integers(0, 30), st.integers(1, 12)).map(lambda pair: (pair[0], min(pair[0] + pair[1], 40)))


@given(st.lists(st.tuples(spans, st.integers(0, 6), st.integers(1, 6)), max_size=8), spans)
def test_pieces_joined_are_the_text(drawn, window):
    text = "".join(chr(0x4E00 + at) for at in range(40))
    marks = []
    for at, ((start, end), shift, length) in enumerate(drawn):
        low = min(start + shift, end - 1)
        marks.append(mark(str(at), (start, end), (low, min(low + length, end))))
    pieces = Marker(text, marks).cut(Span(*window))
    assert "".join(piece.text for piece in pieces) == text[window[0] : window[1]]
    begun = {anchor for piece in pieces for anchor in piece.anchors}
    assert begun == {m.anchor for m in marks if window[0] <= m.quote.start < window[1]}


def test_an_original_place_is_found_in_the_reading_text():
    """Characters 5–9 of the original, a page mark, were left out."""
    places = ReadingPlaces(TextMap((Run(0, 0, 5), Run(5, 10, 5))))
    assert places.find(3, 12) == Span(3, 7)
    assert places.find(5, 10) is None
    assert places.find(10, 11) == Span(5, 6)


def test_an_anchor_is_fit_for_an_address():
    assert anchor_of("ab12:10-14#2") == "c-10-14_2"
