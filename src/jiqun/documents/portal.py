"""The box of facts and the source line a portal prints above a document."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from jiqun.documents.lines import Line
from jiqun.documents.numbering import parse_number


class Fact(StrEnum):
    """What a label of the box speaks of; `OTHER` labels are known and of no use here."""

    INDEX = "index_number"
    ISSUER = "issuer"
    TITLE = "title"
    NUMBER = "number"
    DATE = "date"
    OTHER = "other"


_WORDS = {
    Fact.INDEX: "索引号 信息索引号",
    Fact.ISSUER: "发布机构 发文机关 发文机构 发文单位 制发机关 公开机构 发布单位",
    Fact.TITLE: "名称 标题 信息名称 文件名称",
    Fact.NUMBER: "文号 发文字号 文件编号 文件字号",
    # in the order in which they are believed
    Fact.DATE: "成文日期 成文时间 发文日期 发文时间 印发日期 发布日期 发布时间 公开日期 公开时间 生成日期",
    Fact.OTHER: "信息来源 分类 主题分类 信息分类 组配分类 体裁分类 体裁 主题词 关键词 内容概述 内容概要 概述 "
    "时效 有效性 效力状态 公开方式 公开范围 公开时限 公开形式 公开类别 信息类别 生效日期 废止日期 实施日期 失效日期 "
    "统一登记号 规范性文件编号 主办单位",
}
_FACT_OF = {label: fact for fact, labels in _WORDS.items() for label in labels.split()}
_ANY_LABEL = "|".join(r"[ \u3000\xa0]*".join(label) for label in sorted(_FACT_OF, key=len, reverse=True))
_PAIR = re.compile(rf"(?:^|(?<=[\s|【\[]))(?P<label>{_ANY_LABEL})[】\]]?\s*[:：]")
_BARE_LABEL = re.compile(rf"[【\[]?(?P<label>{_ANY_LABEL})[】\]]?\s*[:：]?")
_BYLINE = re.compile(
    r"(?:信息|稿件|文章|新闻)?来源\s*[:：].{0,80}"
    r"|(?:作者|记者|发布者|发布人|发布时间|发布日期|时间|日期|更新时间)\s*[:：].{0,60}"
    r"|\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?\s+\d{1,2}:\d{2}(?::\d{2})?.{0,40}"
)


@dataclass(frozen=True)
class Box:
    """What the box says, by label, and which lines it takes up."""

    values: dict[str, str] = field(default_factory=dict)
    lines: frozenset[int] = frozenset()

    def first(self, fact: Fact) -> str | None:
        """The value of the first label that speaks of `fact` and is not left empty."""
        return next(iter(self.all(fact)), None)

    def all(self, fact: Fact) -> list[str]:
        """The values of every label of `fact`, the most trusted label first."""
        return [self.values[label] for label in _WORDS[fact].split() if self.values.get(label)]


def box(lines: list[Line], given: Iterable[tuple[str, str]] = ()) -> Box:
    """The facts of a portal's box among the first forty lines: two known labels or more, else no box.

    `given` are facts the file keeps out of sight (a web page's meta elements); what is printed goes before them.
    """
    printed = _printed_box(lines)
    return Box({**dict(given), **{k: v for k, v in printed.values.items() if v}}, printed.lines)


def _printed_box(lines: list[Line]) -> Box:
    values: dict[str, str] = {}
    places: list[int] = []
    waiting = ""
    for i, line in enumerate(lines[:40]):
        if parse_number(line.text) is not None:
            break
        pairs = list(_PAIR.finditer(line.text))
        bare = _BARE_LABEL.fullmatch(line.text)
        if bare is None and pairs and pairs[0].start() <= 1:
            stops = [*(pair.start() for pair in pairs[1:]), len(line.text)]
            for pair, stop in zip(pairs, stops, strict=True):
                values.setdefault(_squeeze(pair["label"]), line.text[pair.end() : stop].strip(" \t\u3000\xa0|"))
            waiting = ""
        elif bare is not None:
            values.setdefault(_squeeze(bare["label"]), "")
            # a label without its colon stands above its value; with a colon its value is empty
            waiting = "" if line.text[-1] in ":：" else _squeeze(bare["label"])
        elif waiting:
            values[waiting] = line.text
            waiting = ""
        else:
            continue
        places.append(i)
    if len(values) < 2:
        return Box()
    return Box(values, frozenset(range(places[0], places[-1] + 1)))


def is_box(cells: list[str]) -> bool:
    """Whether the cells of a table are a box of facts: two known labels or more, each beside its value."""
    return sum(1 for cell in cells if len(cell) <= 40 and _BARE_LABEL.fullmatch(cell.strip())) >= 2


def box_lines(cells: list[str]) -> list[str]:
    """The cells of a box of facts as lines, each label with its value after a colon."""
    found: list[str] = []
    is_open = False
    for cell in (" ".join(cell.split()) for cell in cells):
        if not cell:
            is_open = False
        elif _BARE_LABEL.fullmatch(cell):
            found.append(cell if cell[-1] in ":：" else f"{cell}：")
            is_open = True
        elif is_open:
            found[-1] += cell
            is_open = False
        else:
            found.append(cell)
    return found


def is_portal_line(text: str) -> bool:
    """Whether a line is one of the portal's facts of the document: a known label, or a source or time line."""
    stripped = text.strip()
    if len(stripped) > 300:
        return False
    return _PAIR.match(stripped) is not None or _BARE_LABEL.fullmatch(stripped) is not None or is_byline(stripped)


def is_byline(text: str) -> bool:
    """Whether a line names the source, author or time of publication: the portal's, not the document's."""
    return len(text) <= 120 and _BYLINE.fullmatch(text) is not None


def bylines(lines: list[Line]) -> set[int]:
    """Indices of source, author and time lines near the head."""
    return {i for i, line in enumerate(lines[:15]) if is_byline(line.text)}


def _squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)
