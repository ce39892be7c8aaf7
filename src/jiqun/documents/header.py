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
    signer, signed = _signature(lines)
    days = [*map(first_day, box.all(Fact.DATE)), signed, *map(first_day, bylines)]
    sources = [m[1] for m in map(_BYLINE_SOURCE.search, bylines) if m]
    red = next((m[1] for m in (_RED_HEAD.fullmatch(text) for text in head[:6]) if m), None)
    return Header(
        title=_title(lines) or box.first(Fact.TITLE) or given_title,
        number=_number(head) or box.first(Fact.NUMBER),
        issuer=box.first(Fact.ISSUER) or red or signer or (sources[0] if sources else None),
        issued_on=next((day for day in days if day), None),
        index_number=box.first(Fact.INDEX),
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


def _title(lines: list[Line]) -> str | None:
    """The last run of title lines: the attached document's where there is one."""
    runs: list[str] = []
    before = -2
    for i, line in enumerate(lines):
        if line.role is Role.TITLE:
            if i == before + 1:
                runs[-1] += line.text
            else:
                runs.append(line.text)
            before = i
    return runs[-1] if runs else None


def _number(head: list[str]) -> str | None:
    for text in head:
        match = _NUMBER_FORM.fullmatch(text) or (_NUMBER_FORM.match(text) if len(text) <= 40 else None)
        if match:
            return _squeeze(match[0])
    return None


def _signature(lines: list[Line]) -> tuple[str | None, date | None]:
    """The first signature: a body's name on a line, the day on the next or the same."""
    for i, line in enumerate(lines[1:], 1):
        if len(line.text) > 60:
            continue
        day = first_day(line.text)
        if day is None:
            continue
        lead = re.sub(r"[\d二〇○零一].*", "", line.text).strip()
        alone = len(_squeeze(line.text)) <= 13
        if alone:
            above = _squeeze(lines[i - 1].text)
            if len(above) <= 30 and _BODY_END.search(above) and not re.search(r"[，,。：:；;]", above):
                return above, day
        elif _BODY_END.search(_squeeze(lead)) and line.text.rstrip().endswith("日"):
            return _squeeze(lead), day
    return None, None


def _squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)
