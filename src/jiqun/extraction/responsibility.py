"""Responsible bodies: (责任部门:…), (牵头单位:…;配合单位:…), (市发改委、市科技局按职责分工负责)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from jiqun.extraction.passages import Passage, depths
from jiqun.extraction.words import DUTY_HEADS, DUTY_TAILS, any_of

_LABEL = rf"(?:{any_of(DUTY_HEADS)})(?:责任)?(?:{any_of(DUTY_TAILS)})(?:和(?:配合|责任|参与)(?:{any_of(DUTY_TAILS)}))?"
_COLON = re.compile(rf"(?:^|[。;,!)\]】]|[(\[<【]){_LABEL}:")
# words with which a bracket says who does it: 按职责分工负责, 市科技局牵头
_OFFICE = re.compile(
    r"(?:按(?:照)?(?:各自)?职责(?:分工)?(?:分别)?(?:负责|落实|推进|组织实施)?|(?:分别|共同)?(?:牵头)?(?:负责|落实)(?:落实|推进|实施)?|"
    r"牵头|配合|参与)[。;]?$|牵头[,;、]"
)
# a name that is a body by its own form, for brackets that hold nothing but names: （市经济信息化委、市科委）
_BODY = re.compile(
    r"(?:[市省县区州国]|各|相关|有关|[\u4e00-\u9fff]{2,6}(?:省|市|区|县|州))?[^,;。:]{0,24}?"
    r"(?P<strong>局|委|办|厅|部|政府|管委会|公司|集团|中心|院|行|办公室)?(?(strong)|(?:会|区|县|支队|大队|单位|部门|站|所|社|馆|海关|大学|学院))"
    r"(?:\([^()]{1,12}\))?"
)
_ALL_OF = re.compile(r"^各(?:相关|有关|县级)?地?[市县区镇乡街道园州]*(?:[(<\[][^)>\]]{1,8}[)>\]])?$")
_AUTHORITY = re.compile(r"政府|管委会|管理委员会|办|局|委|会|厅|院|行|部|中心|公司|集团|园区|开发区")
_VERBS = re.compile(
    r"(?:按(?:照)?(?:各自)?职责(?:分工)?(?:分别)?(?:负责|落实)?|分别负责|牵头负责|负责落实|共同负责|负责|牵头|配合|参与|参加|落实)$"
)
# what stands behind the bodies in the same bracket or on the next line
_OTHER_LABEL = re.compile(
    r"[,;。、]?(?:(?:完成|办理|整改|推进|工作)?(?:时限|时间|期限|节点|进度)(?:要求|安排|节点)?|责任(?:领导|人)|分管领导|联系(?:人|电话)|"
    r"备注|目标(?:任务|要求)?|进度安排):"
)
# bodies parted by spaces: 市市场监管局 市工信局
_OFFICE_END = re.compile(r"(?:局|委|办|厅|院|行|部|会|中心|公司|集团|政府|分局|支行|大队)$")
_OFFICE_HEAD = re.compile(r"[市省县区州各]|国家|国网|人民|[\u4e00-\u9fff]{2}(?:区|县|市)")
_HINT = re.compile(r"部门|单位|负责|牵头|职责|主体|科室|配合|[)\]】][。;]?$")
_OPENS = re.compile(r"[(\[【]")
_LONGEST_LIST = 400  # characters a list of bodies may have
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
    if not _HINT.search(text):
        return []
    depth = depths(text)
    found: list[Duty] = []
    for start, end in _brackets(text, depth):
        stop = text.find("。", start, end)
        if _says_who(text, start, end, ends_line=end + 1 in passage.soft_ends):
            bodies = _bodies(passage, start + 1, stop if stop > 0 else end)
            if bodies:
                found.append(Duty(start, end + 1, bodies))
    at = 0
    for match in _COLON.finditer(text):
        inside = any(duty.start <= match.end() - 1 < duty.end for duty in found)
        if match.start() < at or inside:
            continue
        stands_first = match[0][0] not in "。;,!)]】"
        end = _end(text, depth, match.end())
        bodies = _bodies(passage, match.end(), end)
        if bodies:
            found.append(Duty(match.start() + (not stands_first), end, bodies))
            at = end
    return sorted(found, key=lambda duty: duty.start)


def _brackets(text: str, depth: list[int]) -> list[tuple[int, int]]:
    """The outermost round, square and lenticular brackets, as the places of their two marks."""
    found: list[tuple[int, int]] = []
    at = 0
    while match := _OPENS.search(text, at):
        start = match.start()
        level = depth[start]
        end = (
            next((i for i in range(start + 1, min(len(text), start + _LONGEST_LIST)) if depth[i] < level), len(text))
            - 1
        )
        if level == 1 and end > start and text[end] in ")]】":
            found.append((start, end))
            at = end
        else:
            at = start + 1
    return found


def _says_who(text: str, start: int, end: int, *, ends_line: bool) -> bool:
    """Whether a bracket holds bodies: by a label, words of office, or, at its paragraph's end, by nothing else."""
    content = text[start + 1 : end]
    if re.search(rf"{_LABEL}:", content):
        return True
    content = content.split("。")[0]
    if re.search(r"\d{2}", content):
        return False
    if _OFFICE.search(content):
        return _AUTHORITY.search(content) is not None or content.startswith("各")
    if (text[end + 1 :].strip("。;") and not ends_line) or text[start - 1 : start] not in "。;!":
        return False
    names = [name for name in re.split(r"[、,;](?![^(]*\))", content) if name]
    matches = [_BODY.fullmatch(name) for name in names]
    return all(matches) and any(match and match["strong"] for match in matches)


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
    text = re.sub(rf"{_LABEL}:", lambda label: "、" * len(label[0]), text)
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
        elif last.endswith("党委") and text[piece[0] : piece[1]] in ("政府", "人民政府"):
            merged[-1] = (merged[-1][0], piece[1])
        else:
            merged.append(piece)
    names = [_clean(passage.source[start + left : start + right]) for left, right in merged]
    return tuple(dict.fromkeys(name for name in names if name))


def _parted(passage: Passage, at: int) -> bool:
    """Whether white space stands before a character of the passage."""
    return passage.places[at] > passage.places[at - 1] + 1


@lru_cache(maxsize=1024)  # the bodies of a plan are named again and again
def _clean(name: str) -> str:
    name = re.sub(rf"^{_LABEL}", "", name.strip())
    name = _VERBS.sub("", name)
    name = re.sub(r"等(?:有关|相关)?(?:部门|单位)?$|(?:等)?按(?:照)?(?:各自)?职责.*$", "", name)
    name = re.sub(r"^(?:由|会同|以及|和)", "", name)
    return name if 2 <= len(name) <= _LONGEST_NAME else ""
