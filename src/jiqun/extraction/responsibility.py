"""Responsible bodies: (责任部门:…), (牵头单位:…;配合单位:…), (市发改委、市科技局按职责分工负责)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jiqun.extraction.passages import Passage, depths
from jiqun.extraction.words import DUTY_HEADS, DUTY_TAILS, any_of

_LABEL = rf"(?:{any_of(DUTY_HEADS)})(?:责任)?(?:{any_of(DUTY_TAILS)})(?:和(?:配合|责任|参与)(?:{any_of(DUTY_TAILS)}))?"
_COLON = re.compile(rf"(?:^|[。;,!)\]】]|[(\[<【]){_LABEL}:")
_OFFICE = (
    r"(?:按(?:照)?(?:各自)?职责(?:分工)?(?:分别)?(?:负责|落实|推进|组织实施)?|(?:分别)?(?:牵头)?负责(?:落实|推进|实施)?"
)
_DUTY = re.compile(
    rf"[(\[【](?P<names>[^()\[\]【】]{{2,300}}?)等?{_OFFICE}|共同(?:负责|落实|推进)|"
    r"牵头(?:负责|落实)?(?:[,;、][^()\[\]【】]{0,200}?(?:配合|参与|参加|落实|负责)(?:落实|实施)?)?)[。;]?[)\]】]"
)
_ALL_OF = re.compile(r"^各(?:相关|有关|县级)?地?[市县区镇乡街道园州]*(?:[(<\[][^)>\]]{1,8}[)>\]])?$")
_AUTHORITY = re.compile(r"政府|管委会|管理委员会|办|局|委|会|厅|院|行|部|中心|公司|集团|园区|开发区")
_VERBS = re.compile(
    r"(?:按(?:照)?(?:各自)?职责(?:分工)?(?:分别)?(?:负责|落实)?|分别负责|牵头负责|负责落实|共同负责|负责|牵头|配合|参与|参加|落实)$"
)
# what stands behind the bodies in the same bracket or on the next line
_OTHER_LABEL = re.compile(
    r"[,;。、]?(?:(?:完成|办理|整改|推进|工作)?(?:时限|时间|期限|节点|进度)(?:要求|安排|节点)?|责任(?:领导|科室|人)|分管领导|联系(?:人|电话)|"
    r"备注|目标(?:任务|要求)?|进度安排):"
)
# bodies parted by spaces: 市市场监管局 市工信局
_OFFICE_END = re.compile(r"(?:局|委|办|厅|院|行|部|会|中心|公司|集团|政府|分局|支行|大队)$")
_OFFICE_HEAD = re.compile(r"[市省县区州各]|国家|国网|人民|[\u4e00-\u9fff]{2}(?:区|县|市)")
_LONGEST_NAME = 40


@dataclass(frozen=True)
class Duty:
    """The bodies of one mark; `start` to `end` in the passage's text."""

    start: int
    end: int
    bodies: tuple[str, ...]

    def covers(self, start: int, end: int) -> bool:
        """Whether a sentence of the passage is nothing but this mark."""
        return self.start <= start and end <= self.end + 2


def duties(passage: Passage) -> list[Duty]:
    """The marks of responsibility in a passage, in order; two labels in one bracket make one list."""
    text = passage.text
    if not re.search(r"部门|单位|负责|牵头|职责|主体", text):
        return []
    found: list[Duty] = []
    at = 0
    depth = depths(text)
    for match in _COLON.finditer(text):
        if match.start() < at:
            continue
        stands_first = match[0][0] not in "。;,!)]】"
        end = _end(text, depth, match.end())
        bodies = _bodies(passage, match.end(), end)
        if bodies:
            found.append(Duty(match.start() + (not stands_first), end, bodies))
            at = end
    for match in _DUTY.finditer(text):
        if all(match.end() <= duty.start or duty.end <= match.start() for duty in found):
            bodies = _bodies(passage, match.start() + 1, match.end() - 1)
            if bodies:
                found.append(Duty(match.start(), match.end(), bodies))
    return sorted(found, key=lambda duty: duty.start)


def listed(passage: Passage) -> tuple[str, ...]:
    """The bodies of a passage that is nothing but a list of them, as a table's cell is."""
    return _bodies(passage, 0, len(passage.text))


def _end(text: str, depth: list[int], start: int) -> int:
    """Where the list that begins at `start` ends: its bracket's end, else the sentence's."""
    level = depth[start - 1]
    for at in range(start, len(text)):
        if level and depth[at] == level and text[at] in ")]】>":
            return at
        if not level and text[at] in "。!?":
            return at
    return len(text)


def _bodies(passage: Passage, start: int, end: int) -> tuple[str, ...]:
    text = passage.text[start:end]
    other = _OTHER_LABEL.search(text)
    if other is not None:
        text = text[: other.start()]
    depth = depths(text)
    pieces: list[tuple[int, int]] = []
    begin = 0
    for at, mark in enumerate(text + "、"):
        if at < len(text) and (depth[at] or mark not in "、,;:。"):
            if (
                at > begin + 2
                and _parted(passage, start + at)
                and _OFFICE_END.search(text[begin:at])
                and _OFFICE_HEAD.match(text, at)
            ):
                pieces.append((begin, at))
                begin = at
            continue
        pieces.append((begin, at))
        begin = at + 1
    merged: list[tuple[int, int]] = []
    for piece in pieces:
        last = text[merged[-1][0] : merged[-1][1]] if merged else ""
        if last and _ALL_OF.match(last) and not _AUTHORITY.search(last):
            merged[-1] = (merged[-1][0], piece[1])  # 各市、区人民政府 is one body
        else:
            merged.append(piece)
    names = [_clean(passage.source[start + left : start + right]) for left, right in merged]
    return tuple(dict.fromkeys(name for name in names if name))


def _parted(passage: Passage, at: int) -> bool:
    """Whether white space stands before a character of the passage."""
    return passage.places[at] > passage.places[at - 1] + 1


def _clean(name: str) -> str:
    name = re.sub(rf"^{_LABEL}", "", name.strip())
    name = _VERBS.sub("", name)
    name = re.sub(r"等(?:有关|相关)?(?:部门|单位)?$|(?:等)?按(?:照)?(?:各自)?职责.*$", "", name)
    name = re.sub(r"^(?:由|会同|以及|和)", "", name)
    return name if 2 <= len(name) <= _LONGEST_NAME else ""
