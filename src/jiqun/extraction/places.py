"""The place a claim is about, as written: named in its sentence before the number, or right behind it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from jiqun.extraction.gazetteer import gazetteer
from jiqun.packs.city import City

_GENERIC = (
    "全市 全省 全区 全县 全镇 全州 全国 全球 全域 我市 我省 我区 我县 我国 该市 该省 该区 该县 本市 本省 本区 本县 全球"
)
_WIDE = frozenset(("全国", "全球", "我国"))
_NOT_SUBJECT_BEFORE = re.compile(
    r"(?:占|占到|居|列|位居|位列|高于|低于|快于|慢于|好于|优于|排名?|领先|为|超过|比|较|打造|建设|建成|成为|跻身|根据|按照|对标|走在|提升|增强|对接|面向|冲击|服务|辐射|引领|全国|向|从|由|江苏省|[“《「]|的)$"
)
_NOT_SUBJECT_AFTER = re.compile(
    r"^(?:旅游|有影响|重点实验室|具有|有一定|第(?![一二三](?:产业|、[二三第]))|前|首|最|领先|一流|平均|同类|各类城市|排名|性|统一|人大|政协|市场(?!主体|经营主体)|百强|文明|唯一|先进(?!制造|材料)|[\d一二三四五六七八九十]+强|知名|总量|地级市|城市|设区市|水平|[”》」]|/|统计局|发布|日报|制造(?=”|向|$)|大学|学院|实验室|银行|医院|海关|话|(?:先进|示范)(?!制造|材料)|范围内领先)"
)
_OPENING = re.compile(
    r"(?:^|[,;:。!?、)]|在|其中|年末?|底|力争|确保|争取|推动|使|全面|实现|期间|末|前|半年|季度|月|日|预计|,|会上|有\d{1,6}[家个名项人]|[\d亿万元%]在)$"
)


_COMPARED = re.compile(
    r"(?:居|列|位居|位列|高于|低于|快于|慢于|好于|优于|排名?|领先|领跑|超过|比|较|对标|走在|跻身|[“《「])$"
)
_HEAD = re.compile(
    r"(?:^|(?<=[,;:。!?、)]))(?:其中,?|到|至|截至|在)?(?:20\d\d年(?:底|末)?(?:[上下]半年|前三季度|[一二三四]季度|\d{1,2}月)?,?)?(?:力争|推动|支持|使)?"
)
_CLAUSE_START = re.compile(r"(?:^|[,;:。!?]|在|目前)$")

_HOME = re.compile(
    r"^(?:关于)?(?P<stem>(?!我|全|本|各|城|都|门|上|园|开发|高新|工业|示范|试验|集聚|地)[\u4e00-\u9fff]{1,4}?)(?:市|县|区|省|自治州|州)(?!场|级|域|民|政府关于|区)"
)


@dataclass(frozen=True)
class Mentioned:
    """A place named in a sentence; `is_aside`: not as what the sentence is about (占全市…)."""

    words: str
    start: int
    end: int
    is_aside: bool = False


class Places:
    """Finds the city's areas and the general 全市, 全省 in a sentence."""

    def __init__(self, city: City, home_names: Collection[str] = ()) -> None:
        """`home_names`: what the document calls its own place, which the folder may not know."""
        self._ids: dict[str, str | None] = dict.fromkeys(home_names)
        self._ids |= {name: ids[0] for name, ids in city.names_of_areas.items()} | city.lexicon.area_words
        self._country = {area.name for area in city.areas.values() if area.level == "country"} | _WIDE
        countries = {area.name for area in city.areas.values() if area.level == "country"} - {*city.lexicon.area_words}
        names = sorted({*self._ids, *_GENERIC.split()} - countries, key=len, reverse=True)
        names = [name for name in names if len(name) > 1]
        self._pattern = re.compile("|".join(re.escape(name) for name in names))
        self._city_area = city.area_id
        self._home = _home_of(city, home_names)
        self._gazetteer = gazetteer(city)

    @property
    def names(self) -> Collection[str]:
        """Every name of an area that the folder or the document itself gives."""
        return self._ids.keys()

    def mentioned(self, text: str) -> list[Mentioned]:
        """Areas that a sentence speaks about; those inside names, rankings and comparisons left out."""
        found = self._named_by_form(text)
        for match in self._pattern.finditer(text):
            before, after = text[max(0, match.start() - 8) : match.start()], text[match.end() : match.end() + 8]
            if _NOT_SUBJECT_AFTER.match(after):
                continue
            generic = match[0] in _GENERIC.split()
            if _NOT_SUBJECT_BEFORE.search(before):
                if generic and match[0] not in _WIDE and not _COMPARED.search(before):
                    found.append(Mentioned(match[0], match.start(), match.end(), is_aside=True))
                continue
            if match[0] in _WIDE and not _CLAUSE_START.search(before):
                continue
            if not generic and not _OPENING.search(before):
                continue
            if not generic and re.match(r"[\u4e00-\u9fff]{0,4}(?:工业园|高新区|开发区|管委会|实验室|大学)", after):
                continue
            found.append(Mentioned(match[0], match.start(), match.end()))
        return sorted(_longest(found), key=lambda mentioned: mentioned.start)

    def _named_by_form(self, text: str) -> list[Mentioned]:
        """Places that the folder may not know, where one may stand: at the head of a clause."""
        found: list[Mentioned] = []
        for opening in _HEAD.finditer(text):
            start = opening.end()
            end = self._gazetteer.at(text, start)
            if end == start:
                end = self._gazetteer.looks_like(text, start)
            if end - start < 2 or _NOT_SUBJECT_AFTER.match(text[end : end + 8]):
                continue
            if re.match(
                r"[\u4e00-\u9fff]{0,4}(?:管委会|实验室|大学)|(?:市|区|县)?(?:委|政府|人民政府|[\u4e00-\u9fff]{0,4}局)",
                text[end : end + 10],
            ):
                continue
            whole = re.compile("全[市省区县]").match(text, end)
            end = whole.end() if whole else end
            found.append(Mentioned(text[start:end], start, end))
        return found

    def of_claim(self, found: list[Mentioned], start: int, end: int) -> str | None:
        """The last area before a number at `start`, else the first one up to `end`, else one named by the way."""
        before = [m for m in found if m.end <= start and not m.is_aside]
        if before:
            return before[-1].words
        inside = [m for m in found if start < m.start < end and not m.is_aside]
        if inside:
            return inside[0].words
        aside = [m for m in found if m.end <= start] or found
        return aside[-1 if aside[-1].end <= start else 0].words if aside else None

    def id_of(self, words: str | None) -> str | None:
        """The area that the words name; unnamed, the city itself."""
        if words is None:
            return self._home
        area_id = self._ids.get(words)
        # 全市 of another city's paper is that city
        is_general = words in _GENERIC.split() and area_id == self._city_area
        return self._home if is_general else area_id

    def without(self, words: str) -> str:
        """`words` without an area that opens them; a name that would lose its head stays whole."""
        match = self._pattern.match(words)
        known = self._gazetteer.at(words, 0)
        if match is None and known > 1 and len(words) - known >= 2 and not _NOT_SUBJECT_AFTER.match(words[known:]):
            return words[known:].lstrip(",的")
        if (
            match is None
            or match[0] in self._country
            or len(words) - match.end() < 2
            or _NOT_SUBJECT_AFTER.match(words[match.end() :])
        ):
            return words
        return words[match.end() :].lstrip(",的") if words[match.end()] not in "第" else words


def _longest(found: list[Mentioned]) -> list[Mentioned]:
    """Mentions without those inside a longer one: 云岭全市 rather than 全市."""
    return [
        m
        for m in found
        if not any(
            o is not m and o.start <= m.start and m.end <= o.end and o.end - o.start > m.end - m.start for o in found
        )
    ]


def _home_of(city: City, names: Collection[str]) -> str | None:
    """The area that a document without a named place is about: its own place where the folder knows it.

    None where the document names a place of its own that the folder does not know; the city where it names none.
    """
    known = [ids[0] for name in names if (ids := city.names_of_areas.get(name))]
    return known[0] if known else None if names else city.area_id


def home_names(*texts: str) -> list[str]:
    """Names of the place that a title or issuer begins with, long and short: 云岭市人民政府 → 云岭市, 云岭."""
    found: list[str] = []
    for text in texts:
        match = _HOME.match(text)
        if match is not None:
            found += [match[0], match["stem"]] if len(match["stem"]) > 1 else [match[0]]
    return list(dict.fromkeys(found))
