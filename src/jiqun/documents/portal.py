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
    PUBLISHED = "published"
    VALIDITY = "validity"
    SOURCE = "source"
    OTHER = "other"


_WORDS = {
    Fact.INDEX: "索引号 信息索引号 信息索引 索取号 信息索取号 公开索引号",
    Fact.ISSUER: "发布机构 发文机关 发文机构 发文单位 发文部门 制发机关 制定机关 印发机关 公开机构 发布单位 发布机关 "
    "公开主体 信息公开主体",
    Fact.TITLE: "名称 标题 信息名称 文件名称 公文名称 文件标题 信息标题 公文标题",
    Fact.NUMBER: "文号 发文字号 文件编号 文件字号 公文文号 文件文号 文件号 发文号 发文文号",
    # in the order in which they are believed
    Fact.DATE: "成文日期 成文时间 发文日期 发文时间 印发日期 印发时间 制发日期 制定日期 签发日期 生成日期",
    Fact.PUBLISHED: "发布日期 发布时间 公开日期 公开时间 公布日期 公布时间 上网日期 信息发布日期",
    Fact.VALIDITY: "有效性 文件有效性 是否有效 效力 效力状态 法律效力 效力情况 时效性 时效状态 时效 文件状态 文件效力",
    Fact.SOURCE: "信息来源",
    Fact.OTHER: "分类 主题分类 信息分类 组配分类 体裁分类 体裁 主题词 关键词 关键字 内容概述 内容概要 信息概要 概述 "
    "摘要 公开方式 公开范围 公开时限 公开形式 公开类别 信息类别 生效日期 生效时间 废止日期 废止时间 实施日期 施行日期 "
    "失效日期 失效时间 统一登记号 统一编号 登记号 规范性文件编号 规范性文件统一编号 主办单位 公文种类 文种 服务对象 "
    "服务对象分类 行业分类 内容分类 所属主题 所属分类 效力级别 有效期 有效期限 文件类型 公文类型 发文种类",
}
_FACT_OF = {label: fact for fact, labels in _WORDS.items() for label in labels.split()}
_ANY_LABEL = "|".join(r"[ \u3000\xa0]*".join(label) for label in sorted(_FACT_OF, key=len, reverse=True))
_PAIR = re.compile(
    rf"(?:^|(?<=[\s|【\[]))(?:[【\[](?P<inside>{_ANY_LABEL})[】\]]\s*[:：]?|(?P<label>{_ANY_LABEL})[】\]]?\s*[:：])"
)
_BARE_LABEL = re.compile(rf"[【\[]?(?P<label>{_ANY_LABEL})[】\]]?\s*[:：]?")
_NO_LONGER = re.compile(r"失\s*效|废\s*止|无\s*效|停止执行|不再执行|否")
_STILL = re.compile(r"未|尚|没有|部分|非")
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
    for i, line in enumerate(lines[:60]):
        if parse_number(line.text) is not None:
            break
        pairs = list(_PAIR.finditer(line.text))
        bare = _BARE_LABEL.fullmatch(line.text)
        if bare is None and pairs and pairs[0].start() <= 1:
            stops = [*(pair.start() for pair in pairs[1:]), len(line.text)]
            for pair, stop in zip(pairs, stops, strict=True):
                values.setdefault(_label(pair), line.text[pair.end() : stop].strip(_PADDING))
            waiting = ""
        elif bare is not None:
            waiting = _squeeze(bare["label"])
            values.setdefault(waiting, "")
            # a label without its colon stands above its value; with a colon its value may be empty
            if line.text[-1] in ":：" and not _is_value_below(lines, i, waiting):
                waiting = ""
        elif waiting:
            values[waiting] = line.text
            waiting = ""
        else:
            continue
        places.append(i)
    if len(values) < 2:
        return Box()
    return Box(values, frozenset(range(places[0], places[-1] + 1)))


_PADDING = " \t\r\n\u3000\xa0|"


def _label(pair: re.Match[str]) -> str:
    return _squeeze(pair["label"] or pair["inside"])


def _is_value_below(lines: list[Line], i: int, label: str) -> bool:
    """Whether the line after "label:" is its value: another label follows, or it is what the label asks for."""
    if i + 1 >= len(lines) or _is_labelled(lines[i + 1].text):
        return False
    below = lines[i + 1].text.strip()
    if i + 2 < len(lines) and _is_labelled(lines[i + 2].text):
        return True
    fact = _FACT_OF[label]
    if fact in (Fact.DATE, Fact.PUBLISHED):
        return re.fullmatch(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?.{0,9}", below) is not None
    return fact is Fact.VALIDITY and len(below) <= 6


def _is_labelled(text: str) -> bool:
    return _PAIR.match(text) is not None or _BARE_LABEL.fullmatch(text) is not None


def is_box(cells: list[str]) -> bool:
    """Whether the cells of a table are a box of facts: two known labels or more, each beside or above its value."""
    return sum(1 for cell in cells if len(cell) <= 40 and _BARE_LABEL.fullmatch(cell.strip())) >= 2


def box_lines(cells: list[str]) -> list[str]:
    """The cells of a box of facts as lines, each label with its value after a colon."""
    found: list[str] = []
    is_open = False
    for cell in _beside(cells):
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


def _beside(cells: list[str]) -> list[str]:
    """The cells with each value right after its label, where a row of labels stands above a row of values."""
    tidy = [" ".join(cell.split()) for cell in cells]
    found: list[str] = []
    at = 0
    while at < len(tidy):
        end = at
        while end < len(tidy) and _BARE_LABEL.fullmatch(tidy[end]):
            end += 1
        count = end - at
        values = tidy[end : end + count]
        if count > 1 and len(values) == count and not any(_BARE_LABEL.fullmatch(value) for value in values):
            found += [cell for pair in zip(tidy[at:end], values, strict=True) for cell in pair]
            at = end + count
        else:
            found += tidy[at : max(end, at + 1)]
            at = max(end, at + 1)
    return found


def as_label(text: str) -> str | None:
    """The text with a colon behind it where it is one of the labels and has none; None for anything else."""
    stripped = text.strip()
    if not stripped or len(stripped) > 40 or _BARE_LABEL.fullmatch(stripped) is None:
        return None
    return stripped if stripped[-1] in ":：" else f"{stripped}："


def is_no_longer_in_force(validity: str) -> bool:
    """Whether the words of the box (失效, 已废止) say that the document is no longer in force; 部分失效 does not."""
    return _NO_LONGER.search(validity) is not None and _STILL.search(validity) is None


def is_portal_line(text: str) -> bool:
    """Whether a line is one of the portal's facts of the document: a known label, or a source or time line."""
    stripped = text.strip()
    if len(stripped) > 300:
        return False
    return _is_labelled(stripped) or is_byline(stripped)


def is_byline(text: str) -> bool:
    """Whether a line names the source, author or time of publication: the portal's, not the document's."""
    return len(text) <= 120 and _BYLINE.fullmatch(text) is not None


def bylines(lines: list[Line]) -> set[int]:
    """Indices of source, author and time lines near the head."""
    return {i for i, line in enumerate(lines[:15]) if is_byline(line.text)}


def _squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)
