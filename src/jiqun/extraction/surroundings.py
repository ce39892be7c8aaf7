"""What a claim takes from around it: the kind and years of the document, deadlines of paragraph and section, bodies."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from jiqun.documents.document import BlockKind, Document
from jiqun.extraction import tense, times
from jiqun.extraction.frames import Draft
from jiqun.extraction.passages import Passage, Sentence, ancestry, squeezed
from jiqun.extraction.responsibility import Duty, duties
from jiqun.extraction.tasks import work_items
from jiqun.model.claims import ClaimKind

_TO_MARK = re.compile(r"[^,;。\d]{0,8}")  # what a counted subject did stands behind it: 3家企业入围
_DATELINE = re.compile(r"(?<!\d)(20\d\d)(?:[-/.]\d{1,2}[-/.]\d{1,2}|年\d{1,2}月\d{1,2}日)(?!\d)")
# documents of one year: what they say of an earlier one is over
_OF_ITS_YEAR = re.compile(r"20\d\d年[^,。]{0,20}(?:工作要点|工作计划|工作安排|工作报告|重点工作|年度计划|社会发展计划)")
_YEAR_FIRST = re.compile(r"(?:刚刚过去的|[\u4e00-\u9fffA-Z]{1,7}[省市县区州旗])?(20\d\d)年(?:,|全年)")
_NAMED_PLAN = re.compile(r"《([^《》]{0,40}20\d\d[^《》]{0,40}(?:方案|计划|规划|意见|要点|措施)[^《》]{0,20})》")
_CLOSES = re.compile(r"(?:前|底前)?(?:实现|完成|达到|建成|达标)(?=$|[,;。])")  # …达到6%，2027年实现。
_BANNER = 32  # characters of a line that heads the lines below it without a number
_BANNER_FORM = re.compile(
    r"[■●◆★□◇▲【]?(?:[^。;,:]*20\d\d年[^。;,:\d]*(?:目标|任务|安排|成绩单|工作|成就|回顾|计划|打算|情况)[^。;,\d]{0,6}"
    r"|[^。;,:、]{2,20}(?:工作回顾|奋斗目标|主要目标|工作安排|重点工作|主要任务|工作打算|取得的成效))[】:]?"
)
_LEAD_IN = 12  # passages back that a lead-in (到2025年，主要目标：) may stand before its bullets


class Whence(StrEnum):
    """Where the period or the kind of a claim was read, from the nearest to the farthest."""

    SENTENCE = "sentence"
    PARAGRAPH = "paragraph"
    LEAD_IN = "lead_in"  # 主要目标： ahead of its bullets
    HEADING = "heading"
    TITLE = "title"
    AROUND = "around"  # the kind, by heading, paragraph and document together
    NOWHERE = "nowhere"


@dataclass(frozen=True)
class Timing:
    """When and how a claim holds; `base_period` is the year it is measured against (较2020年).

    `is_printed` is False where the year was told by something else than the mention itself (今年, 上半年).
    """

    kind: ClaimKind
    period: str | None
    base_period: str | None
    period_from: Whence = Whence.SENTENCE
    kind_from: Whence = Whence.SENTENCE
    is_printed: bool = True


class Surroundings:
    """One document, seen from its claims."""

    def __init__(self, document: Document, passages: list[Passage]) -> None:
        self._document = document
        self._passages = passages
        titles = [b.span.of(document.reading) for b in document.blocks if b.kind is BlockKind.TITLE]
        self.title = document.header.title or next(iter(titles), "")
        titles = list(dict.fromkeys([self.title, *titles]))
        self.is_plan = tense.is_plan(self.title)
        self.kind = tense.document_kind(self.title, document.reading)
        self._title_year = max((year for title in titles if (year := times.title_year(title))), default=None)
        if self._title_year is None:
            self._title_year = self._spoken_of()
        if self._title_year is None and self.kind is ClaimKind.ACTUAL:
            self._title_year = self._opens_with()
        told = [period for title in titles if (period := times.title_period(title))]
        self._title_period = told[0] if told and str(self._title_year) == told[0][:4] else str(self._title_year)
        issued = document.header.issued_on
        is_report = self.kind is ClaimKind.ACTUAL
        first = [year for title in titles if (year := times.first_year(title, is_report=is_report))]
        numbered = re.search(r"[〔\[(（](\d{4})[〕\])）]", document.header.number or "")
        first = [int(numbered[1])] if numbered else first
        if not first and _OF_ITS_YEAR.search(self.title) and self._title_year:
            first = [self._title_year]
        self._year = issued.year if issued else min(first, default=None)
        if issued is None and (dated := self._dateline()):
            first = [dated]
            self._year = self._year or dated
        is_yearly = is_report and self._title_year is not None
        stated = self._title_year if is_yearly or not (issued or first) else issued.year if issued else min(first)
        part = times.title_part(self.title) if self._title_year is None and stated else ""
        if part:
            self._title_year, self._title_period = stated, f"{stated}{part}"
        self.day = issued or (date(self._year, 7, 1) if self._year else None)
        self.tasks = work_items(document, is_report=is_report)
        self._is_task = frozenset(self.tasks)
        self.duties = [duties(passage) for passage in passages]
        self._in_section: dict[int, list[int]] = {}
        for at, passage in enumerate(passages):
            if passage.section is not None:
                self._in_section.setdefault(passage.section, []).append(at)
        self.of_section = lru_cache(maxsize=None)(self._of_section)
        self._banners = _banners(passages, document)
        self.mentions = times.resolved([times.mentions(passage.text) for passage in passages], stated)
        if self._year is None and not self.is_plan:
            self._year = tense.written_in(self._opened())

    def _spoken_of(self) -> int | None:
        """The year of the plan that the opening names: news of 《2025年招商引资工作方案》 are about 2025."""
        opening = "".join(passage.text for passage in self._passages[:2])
        named = [year for title in _NAMED_PLAN.findall(opening) if (year := times.title_year(title))]
        return named[0] if len(named) == 1 else None

    def _dateline(self) -> int | None:
        """The year of a date printed on a line of its own at the head: 2024-11-05 来源：……"""
        for text in (squeezed(self.title), *(passage.text for passage in self._passages[:3])):
            match = _DATELINE.search(text[:80])
            if match is not None and (match.start() < 3 or "。" not in text):
                return int(match[1])
        return None

    def _opens_with(self) -> int | None:
        """The year that the first sentence of a report opens with: 2022年，面对…, all of what follows is about it."""
        first = next((passage for passage in self._passages if "。" in passage.text), None)
        match = _YEAR_FIRST.match(first.text) if first is not None else None
        return int(match[1]) if match is not None else None

    def _opened(self) -> list[tuple[str, times.Mention]]:
        """The sentences that a time opens, each with it."""
        found: list[tuple[str, times.Mention]] = []
        for at, (passage, known) in enumerate(zip(self._passages, self.mentions, strict=True)):
            headings = [section.title for section in ancestry(self._document, passage.section)]
            if self.bodies(at) or tense.section_kind(headings) is ClaimKind.TARGET:
                continue
            for mention in known:
                listed = passage.text[mention.start - 1 : mention.start] == "、"
                if mention.is_adverb and mention.is_printed and not listed and mention.start >= passage.heading_end:
                    start, end = passage.text.rfind("。", 0, mention.start) + 1, passage.text.find("。", mention.end)
                    found.append((passage.text[start : end if end >= 0 else None], mention))
        return found

    def timing(self, at: int, sentence: Sentence, text: str, draft: Draft) -> Timing:
        """Kind and period of a draft in sentence `text` of passage `at`.

        The governing time is the last adverb before the number in its sentence, else one inside its own item.
        """
        start, number = sentence.start, sentence.start + draft.quantity.start
        known = self.mentions[at]
        here = known[bisect_left(known, start, key=_start) : bisect_left(known, sentence.end, key=_start)]
        held = [m for m in here if not m.is_base]
        governing = [m for m in held if m.is_adverb and m.end <= number]
        own = [m for m in held if start + draft.start <= m.start < start + draft.end]
        if not governing and not own:
            own = [
                replace(m, is_goal=True)
                for m in held
                if m.start > number and _closes(text, m.start - start, m.end - start)
            ]
        mention = _of_series(draft, governing) or next(iter([*reversed(governing), *reversed(own)]), None)
        headings = self._headings(at)
        default = ClaimKind.TARGET if self.bodies(at) else self._default(headings)
        if mention is not None and tense.is_left_behind(text, mention, start, here):
            default = ClaimKind.ACTUAL
        if mention is None and tense.section_kind(headings) is not ClaimKind.TARGET:
            earlier = [m for m in known if m.end <= start and m.is_adverb and not m.is_base]
            told = tense.carried(self._passages[at].text, start, earlier[-1] if earlier else None, self._year)
            default = told or default
        kind, kind_from = self._told(text, draft, mention, default)
        base = next(
            (m for m in reversed(here) if m.is_base and start + draft.start <= m.start and m.end <= number), None
        )
        base_period = base.period() if base else None
        if mention is None or (kind is ClaimKind.TARGET and mention.end_year is None):
            wider, period_from = self._wider(at, start, kind, headings)
            return Timing(kind, wider, base_period, period_from, kind_from)
        period = str(mention.end_year) if kind is ClaimKind.TARGET else mention.period()
        period_from = Whence.NOWHERE if period is None else Whence.SENTENCE
        return Timing(kind, period, base_period, period_from, kind_from, mention.is_printed)

    def _told(
        self, text: str, draft: Draft, mention: times.Mention | None, default: ClaimKind | None
    ) -> tuple[ClaimKind, Whence]:
        """The kind of a draft, and whether its sentence says so: whatever the surroundings announce, it stays."""
        said = _TO_MARK.match(text, draft.end)
        end = said.end() if said else draft.end
        kind = tense.claim_kind(text, end, mention, self._year, default)
        others = [other for other in ClaimKind if other is not default]
        if all(tense.claim_kind(text, end, mention, self._year, other) is kind for other in others):
            return kind, Whence.SENTENCE
        return kind, Whence.NOWHERE if default is None else Whence.AROUND

    def _headings(self, at: int) -> list[str]:
        """The titles above a passage, nearest first; a banner (■ 2025年主要预期目标) stands nearest of all."""
        titles = [section.title for section in ancestry(self._document, self._passages[at].section)]
        banner = self._banners[at]
        return [banner, *titles] if banner else titles

    def bodies(self, at: int) -> tuple[str, ...]:
        """Bodies marked in the paragraph, else in the work item it belongs to."""
        own = _joined(self.duties[at])
        section = self._passages[at].section
        if own or section is None or section not in self._is_task:
            return own
        return self.of_section(section)

    def deadline(self, section: int) -> str | None:
        """The latest year that the section promises something for."""
        years = [m.end_year for at in self._in_section.get(section, ()) for m in self.mentions[at] if m.is_goal]
        return str(max(known)) if (known := [year for year in years if year]) else None

    def task_of(self, at: int) -> str | None:
        """The path of the work item that a passage belongs to."""
        section = self._passages[at].section
        return self._document.outline[section].path if section is not None and section in self._is_task else None

    def _of_section(self, section: int) -> tuple[str, ...]:
        return _joined([duty for at in self._in_section.get(section, ()) for duty in self.duties[at]])

    def _default(self, headings: list[str]) -> ClaimKind | None:
        """What the headings announce; in a report only a heading of aims or plans turns a claim into a promise."""
        announced = tense.section_kind(headings)
        if self.kind is ClaimKind.ACTUAL and announced is ClaimKind.TARGET and not tense.plans_ahead(headings):
            return self.kind
        return announced or self.kind

    def _wider(self, at: int, start: int, kind: ClaimKind, headings: list[str]) -> tuple[str | None, Whence]:
        """The period from the rest of the paragraph, else a lead-in, a heading above, the title; and which of them."""
        around = [m for m in self.mentions[at] if not m.is_base and m.is_adverb and m.end_year]
        before = [m for m in around if m.end <= start]
        told = [m for m in self.mentions[at] if m.end <= start and m.is_adverb and not m.is_base]
        if kind is ClaimKind.ACTUAL and told:
            period = told[-1].period()
            return period, Whence.PARAGRAPH if period else Whence.NOWHERE
        if kind is ClaimKind.TARGET:
            goals = [m for m in before if m.is_goal] or [m for m in around if m.is_goal or m.is_span]
            if goals:
                return str(goals[-1].end_year), Whence.PARAGRAPH
            if before and self._year is not None and (before[-1].end_year or 0) >= self._year:
                return str(before[-1].end_year), Whence.PARAGRAPH
            led = self._led_in(at)
            if led is not None:
                return led, Whence.LEAD_IN
        for heading in headings:
            year = times.title_year(heading)
            if year is not None:
                return times.title_period(heading) if kind is ClaimKind.ACTUAL else str(year), Whence.HEADING
        if kind is ClaimKind.ACTUAL and "工作报告" in self.title:
            return None, Whence.NOWHERE  # the year of a work report is the one it plans
        if self._title_year is None or (kind is ClaimKind.ACTUAL) is not (self.kind is ClaimKind.ACTUAL):
            return None, Whence.NOWHERE
        return self._title_period if kind is ClaimKind.ACTUAL else str(self._title_year), Whence.TITLE

    def lead_in(self, at: int) -> str:
        """The last sentence of the nearest paragraph above, in the same part, that ends in a colon; empty for none."""
        section = self._passages[at].section
        for back in range(at - 1, max(at - _LEAD_IN, -1), -1):
            if self._passages[back].section != section:
                break
            text = self._passages[back].text
            if text.endswith(":"):
                return text.rsplit("。", 1)[-1][-200:]
        return ""

    def _led_in(self, at: int) -> str | None:
        """The deadline of the nearest paragraph before it in the same section, ahead of its bullets."""
        section = self._passages[at].section
        for back in range(at - 1, max(at - _LEAD_IN, -1), -1):
            if self._passages[back].section != section:
                return None
            goals = [m for m in self.mentions[back] if m.is_goal and m.is_adverb and m.end_year and not m.is_base]
            if goals:
                return str(goals[-1].end_year)
        return None


def _closes(text: str, start: int, end: int) -> bool:
    """Whether a time that opens its clause says when the number before it is reached: …达到6%，2027年实现。"""
    return text[start - 1 : start] in (",", ";") and _CLOSES.match(text, end) is not None


def _banners(passages: list[Passage], document: Document) -> list[str]:
    """For each passage the short line with a year above it, after the last heading: the head of an unnumbered part."""
    found: list[str] = []
    banner, part = "", None
    for passage in passages:
        above = ancestry(document, passage.section)
        if above and not above[-1].path.startswith(("(", "（")) and above[-1].path != part:
            banner, part = "", above[-1].path
        found.append(banner)
        if len(passage.text) <= _BANNER and _BANNER_FORM.fullmatch(passage.text):
            banner = passage.text
    return found


def _of_series(draft: Draft, governing: list[times.Mention]) -> times.Mention | None:
    """The deadline of a number in a series that has as many: 到2026年、2028年分别达到85%、100%."""
    place, size = draft.series
    several = governing[-size:]
    if size < 2 or len(several) != size or any(b.start - a.end > 3 for a, b in pairwise(several)):
        return None
    mention = several[place]
    return replace(mention, is_goal=mention.is_goal or several[0].is_goal)


def _start(mention: times.Mention) -> int:
    return mention.start


def _joined(marks: list[Duty]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(body for mark in marks for body in mark.bodies))
