"""What a document says of itself: title, 文号, issuing body, date; from the portal's box, the text, the signature."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from jiqun.documents.document import Header
from jiqun.documents.lines import Line, Role
from jiqun.documents.numbering import han_value
from jiqun.documents.portal import Box, Fact

_BYLINE_SOURCE = re.compile(r"来源\s*[:：]\s*(\S{2,30})")
_DAY = re.compile(r"(\d{4})\s*(?:年|[-/.])\s*(\d{1,2})\s*(?:月|[-/.])\s*(\d{1,2})(?!\d)\s*日?")
_HAN = "一二三四五六七八九十"
_HAN_DAY = re.compile(rf"([二一][〇○零ＯO０{_HAN}]{{3}})\s*年\s*([{_HAN}]{{1,3}})\s*月\s*([{_HAN}]{{1,3}})\s*日")
_NUMBER_FORM = re.compile(
    r"[\u4e00-\u9fff]{2,14}\s*[〔\[［【(（]\s*(?:19|20)\d{2}\s*[〕\]］】)）]\s*(?:第\s*)?\d{1,5}\s*号"
)
_WHOLE_DAY = re.compile(
    rf"[(（]?(?:\d{{4}}年\d{{1,2}}月\d{{1,2}}日|[二一][〇○零ＯO０{_HAN}]{{3}}年[{_HAN}]{{1,3}}月[{_HAN}]{{1,3}}日)[)）]?"
)
_ENDS_NOTICE = re.compile(r"(?:通知|公告|通告|函|批复)[》”]?$")
_ISSUER_IN_TITLE = re.compile(
    r"《?([\u4e00-\u9fff]{2,24}?(?:人民政府|委员会|局|厅|办公室|办公厅|管委会))(?:关于|印发|转发)"
)
_RED_HEAD = re.compile(r"([\u4e00-\u9fff]{2,30}?)文\s*件")
_BODY_END = re.compile(
    r"(?:人民政府|政府|委员会|委|局|厅|办公室|办公厅|部|院|中心|领导小组|指挥部|管委会|联席会议|银行|总署)$"
)


def read_header(lines: list[Line], box: Box, bylines: Sequence[str], given_title: str | None) -> Header:
    """The header that the box, the title lines, the text and the signature give together.

    A notice that passes a document on bears that document's title. A day of issue stands, in this order, in the
    box, under the signature, in the source line; the 文号 printed in the text goes before the box's copy of it.
    """
    head = [line.text for line in lines[:30]]
    titles = _titles(lines)
    signer, signed = _signature(lines)
    named = _ISSUER_IN_TITLE.match(titles[0]) if titles else None
    sources = [*(m[1] for m in map(_BYLINE_SOURCE.search, bylines) if m), *box.all(Fact.SOURCE)]
    published = [day for day in map(first_day, box.all(Fact.PUBLISHED)) if day]
    days = [*map(first_day, box.all(Fact.DATE)), signed, *published, *map(first_day, bylines)]
    red = next((m[1] for m in (_RED_HEAD.fullmatch(text) for text in head[:6]) if m), None)
    return Header(
        title=_title(titles) or box.first(Fact.TITLE) or given_title,
        number=_number(head) or box.first(Fact.NUMBER),
        issuer=box.first(Fact.ISSUER)
        or red
        or signer
        or (named[1] if named else None)
        or (sources[0] if sources else None),
        issued_on=next((day for day in days if day), None),
        index_number=box.first(Fact.INDEX),
        published_on=next(iter(published), None),
        validity=box.first(Fact.VALIDITY),
    )


def is_head_matter(text: str) -> bool:
    """Whether a line is the red head, the 文号, the signer or the day above a title."""
    return (
        _NUMBER_FORM.fullmatch(text) is not None
        or _RED_HEAD.fullmatch(text) is not None
        or text.startswith("签发人")
        or (len(text) <= 16 and first_day(text) is not None)
    )


def first_day(text: str) -> date | None:
    """The first day `text` names, in digits or Chinese numerals."""
    match = _DAY.search(text)
    if match:
        return _day(int(match[1]), int(match[2]), int(match[3]))
    han = _HAN_DAY.search(text)
    if han:
        year = re.sub(r"[○零ＯO０]", "〇", han[1])
        return _day(han_value(year), han_value(han[2]), han_value(han[3]))
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _titles(lines: list[Line]) -> list[str]:
    """The titles in order, each put together from its lines, without brackets around the whole."""
    runs: list[str] = []
    before = -2
    for i, line in enumerate(lines):
        if line.role is Role.TITLE:
            if i == before + 1 and not _ENDS_NOTICE.search(runs[-1]):
                runs[-1] += line.text
            else:
                runs.append(line.text)
            before = i
    return [run[1:-1] if re.fullmatch(r"《[^《》]+》", run) else run for run in runs]


def _title(titles: list[str]) -> str | None:
    """The title of the document itself: where a notice passes one on, that one's."""
    if len(titles) > 1 and _ENDS_NOTICE.search(titles[0]):
        return titles[1]
    return titles[0] if titles else None


def _number(head: list[str]) -> str | None:
    for text in head:
        match = _NUMBER_FORM.fullmatch(text) or (_NUMBER_FORM.match(text) if len(text) <= 40 else None)
        if match:
            return _squeeze(match[0])
    return None


def _signature(lines: list[Line]) -> tuple[str | None, date | None]:
    """The first signature: the names of bodies a line each, the day below them or beside the last.

    A day alone on its line counts as signature though nobody signs above it.
    """
    for i, line in enumerate(lines):
        if len(line.text) > 60 or line.role is Role.TITLE:
            continue
        day = first_day(line.text)
        if day is None:
            continue
        text = _squeeze(line.text)
        if _WHOLE_DAY.fullmatch(text):
            return _signers(lines, i), day
        name = _WHOLE_DAY.sub("", text)
        if text.endswith("日") and is_body(name):
            return "、".join(filter(None, [_signers(lines, i), name])), day
    return None, None


def _signers(lines: list[Line], below: int) -> str | None:
    found: list[str] = []
    for line in reversed(lines[max(below - 6, 0) : below]):
        if line.role is Role.TITLE or not is_body(line.text):
            break
        found.insert(0, _squeeze(line.text))
    return "、".join(found) or None


def is_body(text: str) -> bool:
    """Whether a line reads like the name of a public body and nothing else."""
    name = _squeeze(text)
    return 4 <= len(name) <= 30 and _BODY_END.search(name) is not None and not re.search(r"[，,。：:；;]|关于", name)


def _squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)
