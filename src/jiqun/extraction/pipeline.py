"""From a document to its claims: passages, sentences, quantities, drafts, then time, place, bodies and links."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from functools import lru_cache

from jiqun.documents.document import Document
from jiqun.extraction import measures
from jiqun.extraction.confidence import confidence, doubts_of
from jiqun.extraction.drafting import drafts
from jiqun.extraction.frames import Draft
from jiqun.extraction.linking import Links, settled
from jiqun.extraction.origin import Origin
from jiqun.extraction.passages import Passage, Sentence, depths, passages, sentences
from jiqun.extraction.places import Places, home_names
from jiqun.extraction.quantities import Scanner
from jiqun.extraction.refusals import Refusals
from jiqun.extraction.stated import plain
from jiqun.extraction.surroundings import Surroundings
from jiqun.extraction.systems import NamedSystem, systems_in
from jiqun.extraction.tables import Apart, Found, Parts, read_tables
from jiqun.model.claims import Claim, WorkItem
from jiqun.model.findings import Finding
from jiqun.packs.city import City

_NUMERAL = re.compile(r"[\d一二两三四五六七八九十百千万亿半首]")


@dataclass(frozen=True)
class Extraction:
    """Claims in document order, those on one number in the order of their subjects; tasks in outline order.

    `systems` are the lists, platforms and mechanisms that the document says will be made.
    """

    claims: tuple[Claim, ...]
    tasks: tuple[WorkItem, ...]
    findings: tuple[Finding, ...] = ()
    systems: tuple[NamedSystem, ...] = ()


def extract(document: Document, city: City) -> Extraction:
    """The claims and tasks of a document, linked to the city's indicators, areas, clusters and bodies.

    The same document and folder always give the same result. Numbers of tables know their cell.
    """
    return _Run(document, city).result()


@lru_cache(maxsize=8)
def _readers(units: tuple[str, ...], names: tuple[str, ...]) -> tuple[Scanner, Refusals]:
    """What reads the numbers of a city's documents; made once."""
    return Scanner(units), Refusals(names)


class _Run:
    """One extraction: the passes, made ready for this document and city."""

    def __init__(self, document: Document, city: City) -> None:
        self.document = document
        self.passages = passages(document)
        self.around = Surroundings(document, self.passages)
        self.places = Places(city, home_names(self.around.title, document.header.issuer or ""))
        self.scanner, self.refusals = _readers(city.lexicon.units, city.lexicon.names_with_numbers)
        self.links = Links(city, self.around.day)
        self.origin = Origin(document)

    def result(self) -> Extraction:
        held = read_tables(self._parts(), self._said)
        told = [(at, claim) for at, p in enumerate(self.passages) if p.text for claim in self._claims(at, p)]
        placed = [(self.passages[at].places[0], claim) for at, claim in self._once(told)]
        claims = [claim for _, claim in sorted([*placed, *held.claims], key=lambda pair: pair[0])]
        systems = systems_in(self.document, self.passages, self.around, self.origin)
        return Extraction(tuple(claims), tuple(self._work(claims, held)), systems=systems)

    def _parts(self) -> Parts:
        return Parts(self.document, self.around, self.places, self.scanner, self.links, self.origin)

    def _said(self, cells: Sequence[Passage]) -> list[list[Claim]]:
        """The claims of table cells that hold sentences, cell by cell."""
        run = copy(self)
        run.passages = list(cells)
        run.around = Apart(self.document, run.passages)
        return [run._claims(at, passage) for at, passage in enumerate(run.passages)]

    def _once(self, found: list[tuple[int, Claim]]) -> list[tuple[int, Claim]]:
        """The claims, those of a headline or a lead that the text of a report says again left out.

        A plan that says a figure in its goals and again in an article promises it in both places.
        """
        if self.around.is_plan:
            return found
        body = next((at for at, passage in enumerate(self.passages) if "。" in passage.text), 0)
        said = {(c.value, c.unit, c.measure) for at, c in found if at >= body}
        exact = [(c.indicator, c.value, c.unit, c.kind, c.measure, c.comparator) for _, c in found]
        last = {key: index for index, key in enumerate(exact)}
        kept: list[tuple[int, Claim]] = []
        for index, (at, claim) in enumerate(found):
            in_headline = at < body and (claim.value, claim.unit, claim.measure) in said
            if not in_headline and not (at <= body and last[exact[index]] > index):
                kept.append((at, claim))
        return kept

    def _claims(self, at: int, passage: Passage) -> list[Claim]:
        found: list[Claim] = []
        titled: list[Claim] = []
        passed = ""
        led = self._led_area(at)
        for sentence in sentences(passage):
            if any(d.covers(sentence.start, sentence.end) for d in self.around.duties[at]):
                continue
            text = passage.text[sentence.start : sentence.end]
            if _NUMERAL.search(text) is None:
                continue
            quantities = self.scanner.scan(text, self.refusals.mask(text))
            if not quantities:
                continue
            soft = [end - sentence.start for end in passage.soft_ends if sentence.start < end < sentence.end]
            areas = self.places.mentioned(text)
            made = drafts(text, depths(text), soft, quantities, passed)
            passed = plain(made[-1]) if made else passed
            for draft in made:
                area = self.places.of_claim(areas, draft.quantity.start, draft.end) or led
                claim = self._claim(at, sentence, text, draft, area)
                (titled if sentence.is_heading else found).append(claim)
        said = {(claim.value, claim.unit) for claim in found}  # a goal in a heading is mostly repeated below it
        return [claim for claim in titled if (claim.value, claim.unit) not in said] + found

    def _led_area(self, at: int) -> str | None:
        """The area that a lead-in names for the lines below it: 到2027年，全市实现：."""
        lead = self.around.lead_in(at)
        areas = self.places.mentioned(lead) if lead else []
        return areas[-1].words if areas and not areas[-1].is_aside else None

    def _claim(self, at: int, sentence: Sentence, text: str, draft: Draft, area: str | None) -> Claim:
        passage, quantity = self.passages[at], draft.quantity
        measure = measures.measure(draft)
        timing = self.around.timing(at, sentence, text, draft)
        number = passage.span(sentence.start + quantity.start, sentence.start + quantity.end)
        quote = self.origin.quote(passage.span(sentence.start + draft.start, sentence.start + draft.end), number)
        indicator = self._printed(passage, sentence, text, draft)
        candidates = self.links.indicators(indicator, quantity.unit, measure)
        best = settled(candidates)
        bodies = self.around.bodies(at)
        doubts = doubts_of(draft, indicator, timing, candidates, text, self.around.kind)
        return Claim(
            kind=timing.kind,
            quote=quote.of(self.document.reading).replace("\r", "").replace("\n", ""),
            indicator=indicator,
            value=quantity.value,
            unit=quantity.unit,
            comparator=draft.comparator,
            measure=measure,
            span=self.origin.span(quote),
            number_span=self.origin.span(number),
            value_max=quantity.value_max,
            strict=draft.is_strict,
            area=area,
            period=timing.period,
            bodies=bodies,
            base_value=draft.base_value,
            base_period=timing.base_period,
            task=self.around.task_of(at),
            indicator_id=best.id if best else None,
            area_id=self.places.id_of(area),
            cluster_id=self.links.cluster(indicator),
            body_ids=self.links.bodies(bodies),
            confidence=confidence(doubts),
            candidates=candidates,
            doubts=doubts,
        )

    def _printed(self, passage: Passage, sentence: Sentence, text: str, draft: Draft) -> str:
        """The indicator in the characters of the source, where it stands there in one piece."""
        name = self.places.without(draft.indicator) or draft.indicator
        place = text.find(name)
        if place < 0:
            return name
        start = sentence.start + place
        return passage.source[start : start + len(name)]

    def _work(self, claims: list[Claim], held: Found) -> list[WorkItem]:
        """The work items of the outline and of the tables, in the order in which they stand."""
        counts: dict[str, int] = {}
        for claim in claims:
            if claim.task is not None:
                counts[claim.task] = counts.get(claim.task, 0) + 1
        found = list(held.tasks)
        for index in self.around.tasks:
            if index in held.listed:
                continue
            section = self.document.outline[index]
            bodies = self.around.of_section(index)
            item = WorkItem(
                number=section.path,
                title=section.title.strip(),
                bodies=bodies,
                span=self.origin.span(section.span),
                body_ids=self.links.bodies(bodies),
                deadline=self.around.deadline(index),
                claims=counts.get(section.path, 0),
            )
            found.append((section.span.start, item))
        return [item for _, item in sorted(found, key=lambda pair: pair[0])]
