"""What a Word file's styles and numbering say of a paragraph: its role, and the number Word prints before it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from jiqun.documents.lines import Role
from jiqun.documents.numbering import han_numeral

_HAN_FORMATS = {
    "chineseCounting", "chineseCountingThousand", "japaneseCounting", "japaneseDigitalTenThousand",
    "ideographDigital", "taiwaneseCounting", "taiwaneseCountingThousand",
}  # fmt: skip
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_TITLE_STYLE = re.compile(r"(?:title|标题|正标题|文件标题|公文标题)", re.I)
_HEADING_STYLE = re.compile(r"(?:heading|标题)\s*[1-9]|[一二三四1-4]级标题", re.I)


@dataclass(frozen=True)
class _Level:
    form: str
    text: str
    start: int


def local(element: etree._Element) -> str:
    """The name of an element without its namespace; empty for comments and processing instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


class Styles:
    """Styles and lists of one file; counts list numbers as paragraphs are asked about in order."""

    def __init__(self, styles: etree._Element | None, numbering: etree._Element | None) -> None:
        self._names: dict[str, str] = {}
        self._based: dict[str, str] = {}
        self._lists: dict[str, tuple[str, int]] = {}
        self._levels: dict[str, dict[int, _Level]] = {}
        self._abstract: dict[str, str] = {}
        self._counts: dict[str, dict[int, int]] = {}
        for style in _children(styles, "style"):
            self._take_style(style)
        for abstract in _children(numbering, "abstractNum"):
            levels = {_whole(_attribute(lvl, "ilvl")): _level(lvl) for lvl in _children(abstract, "lvl")}
            self._levels[_attribute(abstract, "abstractNumId")] = levels
        for number in _children(numbering, "num"):
            self._abstract[_attribute(number, "numId")] = _value(_child(number, "abstractNumId"))

    def _take_style(self, style: etree._Element) -> None:
        id_ = _attribute(style, "styleId")
        self._names[id_] = _value(_child(style, "name"))
        self._based[id_] = _value(_child(style, "basedOn"))
        found = _list_of(_child(style, "pPr"))
        if found:
            self._lists[id_] = found

    def role(self, paragraph: etree._Element) -> Role:
        """Title or heading, by the name of the paragraph's style; text otherwise."""
        style = _value(_child(_child(paragraph, "pPr"), "pStyle"))
        name = self._names.get(style, "")
        if _HEADING_STYLE.fullmatch(name):
            return Role.HEADING
        return Role.TITLE if _TITLE_STYLE.fullmatch(name) else Role.TEXT

    def number(self, paragraph: etree._Element) -> str:
        """The number Word prints before this paragraph, with a blank where a Latin stop needs one; empty if none."""
        found = self._list(paragraph)
        if found is None or found[0] in ("", "0"):
            return ""
        list_id, depth = found
        abstract = self._abstract.get(list_id, "")
        levels = self._levels.get(abstract, {})
        if depth not in levels:
            return ""
        counts = self._counts.setdefault(abstract, {})
        counts[depth] = counts.get(depth, levels[depth].start - 1) + 1
        for deeper in [d for d in counts if d > depth]:
            del counts[deeper]
        if levels[depth].form in ("bullet", "none"):
            return ""
        return re.sub(r"%([1-9])", lambda m: _printed(levels, counts, int(m[1]) - 1), levels[depth].text)

    def _list(self, paragraph: etree._Element) -> tuple[str, int] | None:
        properties = _child(paragraph, "pPr")
        own = _list_of(properties)
        if own:
            return own
        style = _value(_child(properties, "pStyle"))
        for _ in range(10):
            if style in self._lists or not style:
                break
            style = self._based.get(style, "")
        return self._lists.get(style)


def _printed(levels: dict[int, _Level], counts: dict[int, int], depth: int) -> str:
    level = levels.get(depth)
    value = counts.get(depth, level.start if level else 1)
    form = level.form if level else "decimal"
    if form in _HAN_FORMATS:
        return han_numeral(value)
    if form == "decimalEnclosedCircle" and 1 <= value <= len(_CIRCLED):
        return _CIRCLED[value - 1]
    if form in ("lowerLetter", "upperLetter") and 1 <= value <= 26:
        return chr((97 if form == "lowerLetter" else 65) + value - 1)
    return str(value)


def _level(level: etree._Element) -> _Level:
    start = _value(_child(level, "start"))
    return _Level(
        _value(_child(level, "numFmt")), _value(_child(level, "lvlText")), _whole(start) if start.isdecimal() else 1
    )


def _list_of(properties: etree._Element | None) -> tuple[str, int] | None:
    numbered = _child(properties, "numPr")
    if numbered is None:
        return None
    return _value(_child(numbered, "numId")), _whole(_value(_child(numbered, "ilvl")))


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 7 else 0


def _children(parent: etree._Element | None, kind: str) -> Iterator[etree._Element]:
    return (child for child in (parent if parent is not None else ()) if local(child) == kind)


def _child(parent: etree._Element | None, kind: str) -> etree._Element | None:
    return next(_children(parent, kind), None)


def _attribute(element: etree._Element, name: str) -> str:
    return next((str(v) for k, v in element.attrib.items() if str(k).rpartition("}")[2] == name), "")


def _value(element: etree._Element | None) -> str:
    return "" if element is None else _attribute(element, "val")
