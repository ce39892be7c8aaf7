"""What a language model points at in a document, held against the text: a pointer is taken only where it stands.

A model sees paragraphs that hold a number no claim covers, and answers with pointers: a quote, the number in it, the
words of its indicator. All a claim says is then read from the document by the same rules as any other; of what the
model wrote nothing is kept, neither in a claim nor in a finding. What does not stand in the text is refused.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice

from jiqun.documents.document import Document
from jiqun.extraction import comparators, measures
from jiqun.extraction.frames import Context, Draft
from jiqun.extraction.linking import Links, settled
from jiqun.extraction.origin import Origin
from jiqun.extraction.passages import Passage, Sentence, passages, sentences, squeezed
from jiqun.extraction.phrases import change, subject
from jiqun.extraction.places import Places, home_names
from jiqun.extraction.pointers import Pointer, finding, read_answer
from jiqun.extraction.quantities import Quantity, Scanner
from jiqun.extraction.refusals import Refusals
from jiqun.extraction.surroundings import Surroundings
from jiqun.model.claims import Claim
from jiqun.model.findings import Finding
from jiqun.model.spans import Span
from jiqun.packs.city import City

CONFIDENCE = 0.3  # below every line that bulk acceptance offers: how often a model points well has not been measured
LONGEST_PORTION = 2_000  # characters
_INDICATOR_LENGTHS = range(2, 41)
# a place inside one of these is inside a number: 5 in 50, 三 in 三十, 1 in 1.5
_NUMERAL = re.compile(r"\d+(?:[.,]\d+)*|[〇零一二两三四五六七八九十百千万亿点]+")
_PAUSE = re.compile(r"[,;:、。!?()“”]")
_DIGIT = re.compile(r"[\d〇零一二两三四五六七八九十百千万亿首半]")  # of 居全省首位, 过半数 too
_REASONS = {
    "quote_absent": "引文在所给段落中找不到",
    "quote_repeated": "引文在所给段落中不止一处，无法确定所指",
    "number_absent": "所指的数不在引文中",
    "number_repeated": "所指的数在引文中不止一处，无法确定所指",
    "no_quantity": "所指的不是数量（日期、编号、序号或名称里的数）",
    "indicator_absent": "指标名称不在原文中，原文也读不出",
    "known": "该数已有表述，不重复提出",
    "no_pointer": "没有写明引文和数",
}


@dataclass(frozen=True)
class Piece:
    """`start` to `end` of the text of passage `passage`."""

    passage: int
    start: int
    end: int


@dataclass(frozen=True)
class Portion:
    """Paragraphs shown to a model at once, as printed, one a line; an answer may point into these only."""

    text: str
    pieces: tuple[Piece, ...]
    marks: tuple[str, ...]  # one for each piece: its words' digest, the same in any run


@dataclass(frozen=True)
class Weighed:
    """Claims of one answer in its order, and why others of its pointers were refused."""

    claims: tuple[Claim, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Stated:
    """A sentence of a passage with its quantities; their offsets are in `text`."""

    passage: int
    sentence: Sentence
    text: str
    quantities: tuple[Quantity, ...]


@dataclass(frozen=True)
class _Place:
    """A pointer found: characters `start` to `end` of the sentence are its quote."""

    stated: _Stated
    quantity: Quantity
    start: int
    end: int


class _RefusedError(Exception):
    """Why one pointer is not taken: a key of `_REASONS`."""


@dataclass
class Alignment:
    """One document made ready for a city to have answers held against it."""

    document: Document
    city: City
    _by_passage: dict[int, list[_Stated]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        document, city = self.document, self.city
        self._passages = passages(document)
        self._around = Surroundings(document, self._passages)
        self._places = Places(city, home_names(self._around.title, document.header.issuer or ""))
        self._links = Links(city, self._around.day)
        self._origin = Origin(document)
        scanner, refusals = Scanner(city.lexicon.units), Refusals(city.lexicon.names_with_numbers)
        for at, passage in enumerate(self._passages):
            stated = list(self._read(at, passage, scanner, refusals))
            if stated:
                self._by_passage[at] = stated

    def portions(
        self, known: Collection[Span], longest: int = LONGEST_PORTION, later: Collection[str] = ()
    ) -> list[Portion]:
        """The paragraphs that hold a quantity outside `known`, the numbers (in the original) that have their claim.

        Together up to `longest` characters each; a longer paragraph is cut between sentences, a longer sentence not.
        In reading order, those whose mark is in `later` behind all others.
        """
        taken = _characters(known)
        pieces = [
            piece
            for at, stated in self._by_passage.items()
            for piece in self._cut(at, [one for one in stated if self._is_open(one, taken)], longest)
        ]
        if later:
            pieces.sort(key=lambda piece: _mark(self._printed(piece)) in later)
        found: list[list[Piece]] = []
        size = 0
        for piece in pieces:
            length = piece.end - piece.start
            if not found or size + length > longest:
                found.append([])
                size = 0
            found[-1].append(piece)
            size += length
        return [self._portion(group) for group in found]

    def weigh(self, answer: str, portion: Portion, known: Collection[Span]) -> Weighed:
        """The claims that an answer about the portion points at, and a finding for each pointer refused.

        `known`: numbers in the original that have their claim already; the answer's own are added as it is read.
        """
        pointers, findings = read_answer(answer)
        taken = _characters(known)
        claims: list[Claim] = []
        for number, pointer in enumerate(pointers, 1):
            try:
                claim = self._claim(self._find(pointer, portion), pointer.indicator)
                if not taken.isdisjoint(range(claim.number_span.start, claim.number_span.end)):
                    raise _RefusedError("known")
            except _RefusedError as refused:
                findings.append(_refused(str(refused), f"第 {number} 条建议："))
                continue
            taken |= _characters([claim.number_span])
            claims.append(claim)
        return Weighed(tuple(claims), tuple(findings))

    # ── what may be pointed at ──────────────────────────────────────────────────────────────────────────────

    def _read(self, at: int, passage: Passage, scanner: Scanner, refusals: Refusals) -> Iterator[_Stated]:
        for sentence in sentences(passage):
            if any(duty.covers(sentence.start, sentence.end) for duty in self._around.duties[at]):
                continue
            text = passage.text[sentence.start : sentence.end]
            if _NUMERAL.search(text) is None:
                continue
            held = tuple(q for q in scanner.scan(text, refusals.mask(text)) if not q.is_scale_only)
            if held:
                yield _Stated(at, sentence, text, held)

    def _is_open(self, stated: _Stated, taken: set[int]) -> bool:
        spans = (self._number(stated, quantity) for quantity in stated.quantities)
        return any(taken.isdisjoint(range(span.start, span.end)) for span in spans)

    def _number(self, stated: _Stated, quantity: Quantity) -> Span:
        shift = stated.sentence.start
        span = self._passages[stated.passage].span(shift + quantity.start, shift + quantity.end)
        return self._origin.span(span)

    def _cut(self, at: int, open_ones: list[_Stated], longest: int) -> list[Piece]:
        whole = len(self._passages[at].text)
        if not open_ones:
            return []
        if whole <= longest:
            return [Piece(at, 0, whole)]
        return [Piece(at, one.sentence.start, one.sentence.end) for one in open_ones]

    def _portion(self, pieces: list[Piece]) -> Portion:
        lines = [self._printed(piece) for piece in pieces]
        return Portion("\n".join(lines), tuple(pieces), tuple(map(_mark, lines)))

    def _printed(self, piece: Piece) -> str:
        return self._passages[piece.passage].source[piece.start : piece.end]

    # ── a pointer followed ──────────────────────────────────────────────────────────────────────────────────

    def _find(self, pointer: Pointer, portion: Portion) -> _Place:
        quote, number = squeezed(pointer.quote), squeezed(pointer.number)
        if not quote or not number:
            raise _RefusedError("no_pointer")
        found = [
            (piece.passage, start)
            for piece in portion.pieces
            for start in islice(_occurrences(self._passages[piece.passage].text, quote, piece.start, piece.end), 2)
        ]
        if len(found) != 1:
            raise _RefusedError("quote_repeated" if found else "quote_absent")
        at, start = found[0]
        return self._pointed(at, start, start + len(quote), number)

    def _pointed(self, at: int, start: int, end: int, number: str) -> _Place:
        """The one quantity that `number` names between `start` and `end` of a passage."""
        text = self._passages[at].text
        numerals = [match.span() for match in _NUMERAL.finditer(text, max(0, start - 100), end + 100)]
        whole = [
            place
            for place in _occurrences(text, number, start, end)
            if not any(low < edge < high for low, high in numerals for edge in (place, place + len(number)))
        ]
        if not whole:
            raise _RefusedError("number_absent")
        meant = {
            (one.sentence.start + quantity.head, one.sentence.start + quantity.end): (one, quantity)
            for place in whole
            for one in self._by_passage.get(at, [])
            for quantity in one.quantities
            if _is_meant(one, quantity, place, place + len(number))
        }
        if len(meant) != 1:
            raise _RefusedError("number_repeated" if meant else "no_quantity")
        ((one, quantity),) = meant.values()
        shift, length = one.sentence.start, len(one.text)
        return _Place(one, quantity, max(0, start - shift), min(length, end - shift))

    def _claim(self, place: _Place, named: str) -> Claim:
        stated, quantity = place.stated, place.quantity
        at, sentence, text = stated.passage, stated.sentence, stated.text
        draft = self._draft(place, named)
        measure = measures.measure(draft)
        timing = self._around.timing(at, sentence, text, draft)
        area = self._places.of_claim(self._places.mentioned(text), quantity.start, draft.end)
        passage = self._passages[at]
        number = passage.span(sentence.start + quantity.start, sentence.start + quantity.end)
        quote = self._origin.quote(passage.span(sentence.start + draft.start, sentence.start + draft.end), number)
        candidates = self._links.indicators(draft.indicator, quantity.unit, measure)
        best = settled(candidates)
        bodies = self._around.bodies(at)
        return Claim(
            kind=timing.kind,
            quote=quote.of(self.document.reading).replace("\r", "").replace("\n", ""),
            indicator=draft.indicator,
            value=quantity.value,
            unit=quantity.unit,
            comparator=draft.comparator,
            measure=measure,
            span=self._origin.span(quote),
            number_span=self._origin.span(number),
            value_max=quantity.value_max,
            strict=draft.is_strict,
            area=area,
            period=timing.period,
            bodies=bodies,
            base_period=timing.base_period,
            task=self._around.task_of(at),
            indicator_id=best.id if best else None,
            area_id=self._places.id_of(area),
            cluster_id=self._links.cluster(draft.indicator),
            body_ids=self._links.bodies(bodies),
            confidence=CONFIDENCE,
            candidates=candidates,
        )

    def _draft(self, place: _Place, named: str) -> Draft:
        stated, quantity = place.stated, place.quantity
        text, order = stated.text, stated.quantities.index(place.quantity)
        floor = stated.quantities[order - 1].end if order else 0
        ceiling = stated.quantities[order + 1].head if order + 1 < len(stated.quantities) else len(text)
        bound = comparators.read(text, quantity, floor, ceiling)
        start = _first_character(text, min(place.start, bound.start))
        before = text[max(start, floor) : bound.start]
        end = max(place.end, bound.end)
        after = text[bound.end : min(end, ceiling)]
        leads = comparators.leads_to(text[bound.start : quantity.start])
        moved = None if leads else change(before)
        return Draft(
            quantity=quantity,
            indicator=self._named(named, stated, quantity, (subject(before), _counted(after))),
            start=start,
            end=end,
            comparator=bound.comparator,
            is_strict=bound.is_strict,
            before=before,
            after=after,
            marks=_marks(text, [*stated.quantities[:order], quantity]),
            change=moved[1] if moved else "",
            is_reached=leads,
            is_fall=moved[2] if moved else False,
        )

    def _named(self, named: str, stated: _Stated, quantity: Quantity, around: tuple[str, ...]) -> str:
        """The indicator as printed: as pointed at if that stands in the paragraph, else what stands by the number."""
        passage, words = self._passages[stated.passage], squeezed(named)
        number = range(stated.sentence.start + quantity.start, stated.sentence.start + quantity.end)
        if len(words) in _INDICATOR_LENGTHS:
            for low, high in ((stated.sentence.start, stated.sentence.end), (0, len(passage.text))):
                for place in _occurrences(passage.text, words, low, high):
                    if place >= number.stop or place + len(words) <= number.start:
                        return passage.source[place : place + len(words)]
        for own in around:
            place = stated.text.find(own) if len(own) in _INDICATOR_LENGTHS else -1
            if place >= 0:
                place += stated.sentence.start
                return passage.source[place : place + len(own)]
        raise _RefusedError("indicator_absent")


def _is_meant(stated: _Stated, quantity: Quantity, start: int, end: int) -> bool:
    """Whether characters `start` to `end` of the passage hold a numeral of the quantity."""
    shift = stated.sentence.start
    low, high = max(start - shift, quantity.start), min(end - shift, quantity.end)
    return low < high and _DIGIT.search(stated.text, low, high) is not None


def _occurrences(text: str, words: str, start: int, end: int) -> Iterator[int]:
    at = text.find(words, start, end)
    while at >= 0:
        yield at
        at = text.find(words, at + 1, end)


def _first_character(text: str, start: int) -> int:
    while start < len(text) and text[start] in ",;:、。!?":
        start += 1
    return start


def _mark(words: str) -> str:
    return sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _counted(after: str) -> str:
    """The first words behind a number: what is counted, where nothing stands before it (建设100家创新中心)."""
    return _PAUSE.split(after.lstrip("的"), maxsplit=1)[0]


def _marks(text: str, quantities: Sequence[Quantity]) -> frozenset[str]:
    """What governs the last of the numbers: its own 累计, 新增, 每年, else that of the items before it."""
    context, at = Context(), 0
    for quantity in quantities:
        gap = text[at : quantity.head]
        if ";" in gap:
            context = Context()
        for words in _PAUSE.split(gap.rpartition(";")[2]):
            context.govern(words)
        at = quantity.end
    return context.marks


def _characters(spans: Collection[Span]) -> set[int]:
    return {at for span in spans for at in range(span.start, span.end)}


def _refused(reason: str, which: str) -> Finding:
    return finding(reason, f"{which}{_REASONS[reason]}")
