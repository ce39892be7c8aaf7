"""The map between reading and original holds for any paragraphs, however they are wrapped and marked."""

# ruff: noqa: E501 -- the sentences of the field are long

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from jiqun.documents import Document, read
from jiqun.model.spans import Span

_WORDS = st.sampled_from(
    ["全市", "产业集群", "到2027年", "超过 1200 亿元", "3.2%", "，", "、", "；", "“专精特新”", "企业", "(项目)", "5G", "AI platform",
     "增长", "一、", "(二)", "1.", "每年新增20项", " ", "　", "—", "1—2个"]
)  # fmt: skip
_PARAGRAPH = st.lists(_WORDS, min_size=1, max_size=60).map(lambda words: "".join(words) + "。")
_MARKS = ["— {} —", "- {} -", "第 {} 页"]


@st.composite
def _wrapped(draw: st.DrawFn) -> str:
    """Random paragraphs, hard-wrapped at one width, page marks between lines and inside sentences."""
    width = draw(st.integers(8, 40))
    mark = draw(st.sampled_from(_MARKS))
    ending = draw(st.sampled_from(["\n", "\r\n", "\n\n", "\r"]))
    every = draw(st.integers(2, 9))
    lines: list[str] = []
    page = 0
    for paragraph in draw(st.lists(_PARAGRAPH, min_size=1, max_size=12)):
        for start in range(0, len(paragraph), width):
            lines.append(paragraph[start : start + width])
            if len(lines) % every == 0:
                page += 1
                lines.append(mark.format(page))
    return ending.join(lines)


def _squeezed(text: str) -> str:
    """White space and page marks dropped, in any of the forms above."""
    lines = re.split(r"[\r\n]+", text)
    kept = [line for line in lines if not re.fullmatch(r"\s*(?:[—-] \d+ [—-]|第 \d+ 页)\s*", line)]
    return re.sub(r"\s+", "", "".join(kept))


@given(_wrapped(), st.data())
@settings(max_examples=150, deadline=None)
def test_every_stretch_of_the_reading_is_what_stands_in_the_original(content: str, data: st.DataObject) -> None:
    document = read(content.encode())
    assert document.original == content
    _check_runs(document)
    start = data.draw(st.integers(0, len(document.reading) - 1))
    end = data.draw(st.integers(start + 1, len(document.reading)))
    span = Span(start, end)
    if not span.of(document.reading).strip():
        return
    pieces = document.map.pieces(span)
    squeezed = re.sub(r"\s+", "", span.of(document.reading))
    assert re.sub(r"\s+", "", "".join(p.of(document.original) for p in pieces)) == squeezed
    back = document.map.to_reading(document.map.to_original(span))
    assert back is not None and back.contains(_trimmed(span, document))


@given(_wrapped())
@settings(max_examples=100, deadline=None)
def test_a_paragraph_read_in_the_original_differs_by_blanks_and_page_marks_only(content: str) -> None:
    document = read(content.encode())
    copies = any(f.code == "body_doubled" for f in document.findings)
    for block in document.blocks:
        there = document.map.to_original(block.span).of(document.original)
        if not copies:
            assert _squeezed(there) == _squeezed(block.span.of(document.reading))


@given(_wrapped(), st.data())
@settings(max_examples=100, deadline=None)
def test_a_place_in_the_original_is_found_in_the_reading_or_was_left_out(content: str, data: st.DataObject) -> None:
    document = read(content.encode())
    start = data.draw(st.integers(0, len(content) - 1))
    span = Span(start, data.draw(st.integers(start + 1, len(content))))
    found = document.map.to_reading(span)
    if found is None:
        kept = {i for run in document.map.runs for i in range(run.original, run.original + run.length)}
        assert not kept & set(range(span.start, span.end))
    else:
        assert document.map.to_original(found).start >= span.start


def _check_runs(document: Document) -> None:
    end = 0
    for run in document.map.runs:
        assert run.length > 0
        assert set(document.reading[end : run.reading]) <= {"\n", "\t", " "}
        kept = document.reading[run.reading : run.reading + run.length]
        assert kept == document.original[run.original : run.original + run.length]
        end = run.reading + run.length
    assert end == len(document.reading)


def _trimmed(span: Span, document: Document) -> Span:
    """The span less the inserted characters at its ends."""
    inside = [run for run in document.map.runs if run.reading < span.end and run.reading + run.length > span.start]
    first, last = inside[0], inside[-1]
    return Span(max(span.start, first.reading), min(span.end, last.reading + last.length))
