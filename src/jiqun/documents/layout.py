"""Lines put together into paragraphs: hard wraps and phone-screen breaks undone, headings and captions kept apart."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

from jiqun.documents import seams
from jiqun.documents.lines import Line, Role, width
from jiqun.documents.numbering import Sequence, parse_number
from jiqun.documents.seams import COMMA_END, ITEM, OPENER, SENTENCE_END, TOKEN
from jiqun.model.spans import Span

_STOP_END = re.compile(r"[。！？!?][”’」』）)]*$")
_OPEN_END = re.compile(r"[的和与及或]$")  # words no line of its own ends in
_LATIN_RIGHT = re.compile(r"[A-Za-z0-9(]")
_LATIN_LEFT = re.compile(r"[A-Za-z][,.;:]?$")
_PAIRS = {"（": "）", "(": ")", "《": "》", "“": "”"}
_VERSE_WIDTH = 52  # half-width columns of the widest phone-screen line (26 characters)


@dataclass
class Paragraph:
    """Lines that read as one. `glue[i]` stands before line i+1: a space between two Latin words, else nothing."""

    lines: list[Line]
    glue: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.lines[0].text + "".join(g + line.text for g, line in zip(self.glue, self.lines[1:], strict=True))

    @property
    def role(self) -> Role:
        return self.lines[0].role

    @property
    def pieces(self) -> list[tuple[str, Span]]:
        """The glue to write before each kept stretch of the original, and the stretch."""
        found: list[tuple[str, Span]] = []
        for before, line in zip(["", *self.glue], self.lines, strict=True):
            found += [(before if i == 0 else "", piece) for i, piece in enumerate(line.pieces)]
        return found

    def add(self, line: Line) -> None:
        latin = self.lines[-1].text[-2:].isascii() and _LATIN_LEFT.search(self.lines[-1].text[-2:])
        latin = latin and _LATIN_RIGHT.match(line.text)
        self.glue.append(" " if latin else "")
        self.lines.append(line)


@dataclass(frozen=True)
class Shape:
    """How a text was broken into lines: indices are of lines. `measure` is its wrap width, None where not wrapped."""

    measure: int | None
    edge: seams.Edge | None
    wrapped: set[int]  # go on with the line before
    verse: set[int]  # the same, in prose broken for a phone screen
    set_in: set[int]  # open a paragraph
    signed: set[int]  # stand alone
    gap: int  # blank lines that stand where a sentence goes on

    @classmethod
    def of(cls, lines: list[Line]) -> Shape:
        measure = wrap_width(lines)
        has_reach = any(line.reach is not None for line in lines)
        return cls(
            measure,
            seams.edge(lines),
            set() if measure or has_reach else seams.wrapped(lines),
            set() if measure or has_reach else _verse(lines),
            set() if has_reach else seams.set_in(lines),
            seams.signed(lines),
            _gap(lines),
        )

    def reaches(self, before: Paragraph, line: Line, *, is_inset: bool) -> bool:
        """Whether a paragraph, set in or not, is broken before `line` by the edge of a wrapped text."""
        last = before.lines[-1]
        if last.complete or last.reach is not None or self.edge is None:
            return False
        if is_inset and line.blanks == 0 and self.edge.is_full(last, line):
            return True
        if self.measure is None or line.blanks > self.gap:
            return False
        if _wraps(last, line, self.measure, is_first=len(before.lines) == 1):
            return True  # by columns; else by characters
        return not SENTENCE_END.search(last.text) and seams.has_clause(last.text) and self.edge.is_full(last, line)


def paragraphs(lines: list[Line]) -> list[Paragraph]:
    """`lines` as paragraphs, in order, each line in exactly one of them."""
    shape = Shape.of(lines)
    sequence = Sequence()
    found: list[Paragraph] = []
    is_inset = False  # the paragraph that grows was set in
    for i, line in enumerate(lines):
        number = parse_number(line.text) if line.role is not Role.TABLE else None
        may_go_on = found and not (number is not None and line.role is Role.TEXT and sequence.expects(number))
        if may_go_on and _continues(found[-1], line, i, shape, is_inset=is_inset, is_part=number is not None):
            found[-1].add(line)
            continue
        if number:
            sequence.take(number)
        found.append(Paragraph([line]))
        is_inset = i in shape.set_in
    return found


def wrap_width(lines: list[Line]) -> int | None:
    """The width at which the text was hard-wrapped, in half-width columns; None where it was not.

    Hard-wrapped text piles up at one width: most lines lie within 8 columns below it, hardly any beyond it, and
    most of those at it break off inside a sentence.
    """
    sized = [(line.width, line) for line in lines if line.role is Role.TEXT and not line.complete]
    counts = Counter(w for w, _ in sized)
    if len(sized) < 4:
        return None
    best = max((w for w in counts if w >= 24), key=lambda w: (_within(counts, w), -w), default=0)
    near = _within(counts, best)
    beyond = sum(n for w, n in counts.items() if w > best + 6)
    prose = sum(n for w, n in counts.items() if w >= 0.45 * best)  # headings are shorter
    if not best or best > 130 or near < 3 or near < 0.5 * prose or beyond > 0.15 * len(sized):
        return None
    broken = sum(1 for w, line in sized if best - 8 <= w <= best and not SENTENCE_END.search(line.text))
    inner = sum(1 for w, line in sized if best - 8 <= w <= best and re.search(r"[，,。、；;]", line.text))
    return best if broken >= 0.6 * near and inner >= 0.4 * near else None


def _gap(lines: list[Line]) -> int:
    """How many blank lines usually part two lines of one sentence; more than that part paragraphs."""
    inside = [
        line.blanks
        for last, line in pairwise(lines)
        if seams.has_clause(last.text) and not SENTENCE_END.search(last.text)
    ]
    return sorted(inside)[len(inside) // 2] if inside else 0


def _within(counts: Counter[int], top: int) -> int:
    return sum(counts.get(w, 0) for w in range(top - 8, top + 1))


def _continues(before: Paragraph, line: Line, i: int, shape: Shape, *, is_inset: bool, is_part: bool) -> bool:
    """Whether `line`, the `i`th, goes on with the paragraph before it; `is_part`: it begins with a part's number."""
    last = before.lines[-1]
    if last.role is not line.role or line.role is Role.TABLE:
        return False
    if line.role in (Role.TITLE, Role.HEADING, Role.ITEM):
        return line.role is Role.TITLE and line.blanks <= 1
    if i in shape.set_in or ITEM.match(line.text) or (is_part and SENTENCE_END.search(last.text)):
        return False
    if COMMA_END.search(last.text) or _OPEN_END.search(last.text) or _is_open(before, line):
        return True
    if i in shape.signed:
        return False
    if i in shape.wrapped or shape.reaches(before, line, is_inset=is_inset):
        return True
    if seams.is_parted(last, line) or _is_inside_sentence(before, line):
        return True
    if last.reach is not None:
        return _reaches_on(last, line)
    return (shape.measure is None or last.complete) and (i in shape.verse or _breaks_off(last, line))


def _is_inside_sentence(before: Paragraph, line: Line) -> bool:
    if seams.STOP.search(before.lines[-1].text):
        return False
    return seams.is_inside_sentence(before.text if len(before.lines) < 50 else before.lines[-1].text, line)


def _is_open(before: Paragraph, line: Line) -> bool:
    """Whether a bracket or quotation opened in the last line is closed in this one before any other opens."""
    tail = before.lines[-1].text[-80:]
    for left, right in _PAIRS.items():
        at = tail.rfind(left)
        if at > tail.rfind(right):
            close, again = line.text[:200].find(right), line.text[:200].find(left)
            return close >= 0 and (again < 0 or close < again) and len(tail) - at < 80
    return False


def _breaks_off(last: Line, line: Line) -> bool:
    """Whether a line of prose stops inside a sentence that the next one, prose too, takes to its end."""
    is_prose = len(last.text) >= 22 and re.search(r"[，,。；;]", last.text) is not None
    ends_inside = re.search(r"[\w%％]$", last.text) is not None
    return is_prose and ends_inside and line.blanks == 0 and line.indent <= last.indent and "。" in line.text


def _wraps(last: Line, line: Line, measure: int, *, is_first: bool) -> bool:
    """Whether `last` is as wide as a full line, so that its end is the page's and not the paragraph's.

    The first line of a paragraph may have lost the two characters by which it was set in.
    """
    room = measure - last.width - last.indent
    first = TOKEN.match(line.text)
    token = width(first[0]) if first else 2
    if _STOP_END.search(last.text):
        return room <= 0.08 * measure and line.blanks == 0 and line.indent <= last.indent
    if line.indent > last.indent + 1 and line.blanks:
        return False
    lost = 4 if is_first and not last.indent else 0
    return room < max(token + lost, 4 + lost, 0.16 * measure)


def _reaches_on(last: Line, line: Line) -> bool:
    """Whether a line of a printed page goes on in the next: it runs to the edge, and the next is not set in."""
    if not last.reach or (line.indent >= 3 and last.indent < 3):
        return False
    return not _STOP_END.search(last.text) or (line.indent < 3 and line.blanks == 0)


def _verse(lines: list[Line]) -> set[int]:
    """Indices of lines that go on with the line before, in prose broken for a phone screen.

    Such prose is a run of short lines, many of which end in a comma or a stop. A line without an end mark goes on
    with the next when the run is already inside a sentence, or when at most three such lines lead up to a marked
    one; headings and captions before a full paragraph, and lists without marks, stay apart.
    """
    joined: set[int] = set()
    start = 0
    while start < len(lines):
        end = start
        while end < len(lines) and _may_be_verse(lines[end]):
            end += 1
        if end - start >= 3:
            joined |= _stanza(lines, start, end)
        start = max(end, start + 1)
    return joined


def _may_be_verse(line: Line) -> bool:
    return line.role is Role.TEXT and len(line.text) <= _VERSE_WIDTH and line.width <= _VERSE_WIDTH


def _stanza(lines: list[Line], start: int, end: int) -> set[int]:
    texts = [line.text for line in lines[start:end]]
    commas = sum(1 for t in texts if COMMA_END.search(t) or t[-1] in "；;")
    marked = sum(1 for t in texts if COMMA_END.search(t) or SENTENCE_END.search(t))
    if commas < 2 or marked < 0.4 * len(texts):
        return set()
    joined: set[int] = set()
    is_open = False  # inside a sentence that a comma has shown to go on
    k = 0
    while k < len(texts):
        bare = k
        while bare < len(texts) and not COMMA_END.search(texts[bare]) and not SENTENCE_END.search(texts[bare]):
            bare += 1
        leads = bare < len(texts) and (bare - k <= 3 or is_open)
        if bare > k and leads:
            first = k if is_open else _opener(texts, k, bare)
            joined.update(start + j for j in range(first + (0 if is_open else 1), bare + 1))
        elif is_open and bare < len(texts):
            joined.add(start + bare)
        if bare >= len(texts):
            break
        is_open = bool(COMMA_END.search(texts[bare])) or texts[bare][-1] in "；;"
        k = bare + 1
    return joined


def _opener(texts: list[str], k: int, bare: int) -> int:
    """The line at which the sentence that leads to `bare` begins: what stands before a new opening is a caption."""
    for j in range(bare, k, -1):
        if OPENER.match(texts[j]):
            return j
    return k
