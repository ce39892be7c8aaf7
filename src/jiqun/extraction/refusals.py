"""What looks like a quantity and is none: dates, ordinals, document numbers, addresses, names that hold digits."""

from __future__ import annotations

import re
from collections.abc import Collection

_HAN = "一二三四五六七八九十"
_PART_OF_YEAR = r"(?:第?[一二三四1-4]季度|[上下]半年|\d{1,2}(?:[-—~至]\d{1,2})?月(?:份|末|底)?(?:\d{1,2}[日号])?)"
_PATTERNS = {
    "address": r"https?://[^\s,;。、)]+|www\.[^\s,;。、)]+",
    "document number": r"\[\d{4}\]第?\d+号?|\(\d{4}\)第?\d+号|\d{4}[-—]\d{4,}|\d{1,8}号",
    "code": r"(?:编号|索引号|电话|邮编|传真|账号|代码|标准号|GB/?T?|ISO)[::]?[\d\-—./TZ]+",
    "span of years": r"\d{4}[-—~至到]{1,2}\d{4}年?",
    "date": r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}:\d{2}(?::\d{2})?",
    "year": rf"\d{{4}}年度?{_PART_OF_YEAR}?|\d{{4}}、(?=\d{{4}}年)|[零〇一二三四五六七八九]{{4}}年",
    "month": r"\d{1,2}(?:[-—~至]\d{1,2})?月(?:份|末|底)?(?:\d{1,2}[日号])?|(?<![\d.])\d{1,2}[日号]",
    "season": r"[一二三四]季度",
    "first few": rf"前(?:\d+(?!\d)|[{_HAN}百千]+(?![{_HAN}百千]))(?!位|名|强|水平|[,。;]|$)",
    "stretch of time": (
        rf"[{_HAN}两]{{1,3}}年|(?<![\d.])\d{{1,8}}(?:[-—~至到]\d{{1,8}})?(?:周?年|个?月|世纪|年代|点钟)"
        rf"|\d{{1,4}}个(?:季度|年)|[{_HAN}两]{{1,3}}个(?:季度|月)"
        rf"|(?:近|前|后|这|每|过去|未来|今后|往后)[{_HAN}两几\d]+个?(?:年|月|季度|周|天|日)"
    ),
    "five-year plan": r"“?十[一二三四五六]?[一二三四五六]五”?(?:规划|时期|期间|末|期末|计划)?|“十[一二三四五]五”",
    "ordinal": (
        r"第(?:\d+(?:\.\d+)?(?!\d)|[零〇一二三四五六七八九十百千]+(?![零〇一二三四五六七八九十百千]))(?!位|名|[,;。、!)]|$)"
    ),
    "meeting": (
        rf"[{_HAN}]{{1,4}}届(?:[{_HAN}历]{{1,3}}次)?|[{_HAN}]{{1,3}}次(?:全会|会议|全体|党代会|代表)"
        rf"|[{_HAN}]{{1,3}}期(?!培训|活动)"
    ),
    "code with letters": (
        r"[A-Za-z]{1,20}[-—.]?\d+(?:\.\d+)*(?:[A-Za-z]+)?|\d{1,6}(?:\.\d{1,4})?[GKDV](?![A-Za-z])"
        r"|\d{1,6}(?:\.\d{1,4})?[A-Z]{1,3}(?=[级类股型])"
    ),
    "class of a thing": (
        r"[1-3一二三ⅠⅡⅢ](?:、[二三2-3ⅡⅢ])*类(?=人才|新药|创新药|医疗|苗|水质?|地区|疫苗|化学|中药|国家)"
    ),
    "edition": (
        r"\d{1,3}\.\d{1,3}升级|\d{1,4}纳米(?=[刻制工芯级节成先及、])|(?<!\d)\d对\d(?!\d)|\d{1,4}\.\d{1,4}版本?|工业\d\.\d"
    ),
    "sum of parts": r"(?:\d{1,6}|[A-Za-zN])(?:\+(?:\d{1,6}|[A-Za-zNX]))+|(?<=\+)\d+",
    "list of the best": rf"[\d{_HAN}百千]{{1,6}}强(?!链)",
    "grade": (
        rf"\d{{1,6}}[级度](?=[\u4e00-\u9fff])(?!以上)|[{_HAN}两]{{1,4}}级"
        rf"|[\d.{_HAN}两百千]{{0,8}}(?:[十百千]?[万亿]|[百千])级"
    ),
    "vague": (
        r"(?<![跃迈站登冲跨])(?:[上数几][十百千万亿]|成[百千万])[十百千万亿]*(?:[元家个人名项件]|亿元)?|几(?:十|个|家|项|名)|[百千万]里挑一|千[方家]百[计业户]|[百千]年"
    ),
    "denominator": rf"每[{_HAN}百千万亿\d]{{1,12}}(?:人口?|户|名|个|家|亩|平方公里|吨)?(?![元%])",
    "set phrase": (
        r"一座(?![城])|[二两三四五六七八九十](?=个“)(?=个“[^”]*”建设)|"
        r"[一二三四五六七八九十]成(?=[果就效为立本员功熟])|又一(?=[成个重])|"
        r"唯一一[个家项座所]|[一二三]次产业|第?[一二三](?:[、和][一二三]){1,2}(?=次?产业|产)|[一二三](?=产增加值|产占|产融合)|"
        rf"[{_HAN}两](?:位[一数]|体化?|流|批|系列|律|致|定|般|直|时|旦|路|带一路|轮|次性|条龙|件事|张网|站式|揽子|方面|边|起|些|"
        r"种|大|心一|线|产|步|端|度|面|网|码|环|轴|核|极|带|廊|翼|圈)|两个(?=维护|确立|健康|结合|毫不|文明|先行)|双[百千]"
    ),
}
# what a pattern can begin with: without this look all of them would be tried at every character
_OPENING = rf"(?=[\dA-Za-z{_HAN}〇零两百千万亿ⅠⅡⅢ\[(“第前近后这每过未今往上数几成双唯又编索电邮传账代标工.])"
_NAMES = re.compile(_OPENING + "(?:" + "|".join(f"(?:{pattern})" for pattern in _PATTERNS.values()) + ")")
_MAIL = re.compile(r"[\w.]{1,40}@[\w.]{1,40}")
_TITLES = re.compile(r"《[^《》]{1,80}》")
_QUOTED = re.compile(r"[“「『]([^“”「」『』]{1,24})[”」』]|‘([^‘’]{1,24})’|\"([^\"]{1,24})\"")
_STATES = re.compile(r"达到|超过|突破|以上|左右|不低于|不少于|增长|占")
_LIST_MARK = re.compile(rf"(?:^|(?<=[。;:!?]))(?:\(?\d{{1,3}}[.、)](?!\d)|\([{_HAN}]+\)|[{_HAN}]+[、是](?!\d))")


class Refusals:
    """Masks what can be no claim; `names` are those of the city's lexicon, 1+3功能区."""

    def __init__(self, names: Collection[str] = ()) -> None:
        wanted = sorted((name for name in names if name), key=len, reverse=True)
        opening = re.escape("".join(sorted({name[0] for name in wanted})))
        choice = "|".join(_whole(name) for name in wanted)
        self._names = re.compile(f"(?=[{opening}])(?:{choice})") if wanted else None

    def mask(self, text: str) -> bytearray:
        """For each character 1 where it belongs to a date, an ordinal, an address or a name, else 0."""
        masked = bytearray(len(text))

        def cover(match: re.Match[str]) -> None:
            start, end = match.span()
            masked[start:end] = b"\1" * (end - start)

        for pattern in (_TITLES, _LIST_MARK, _NAMES, self._names, _MAIL if "@" in text else None):
            for match in pattern.finditer(text) if pattern is not None else ():
                cover(match)
        for match in _QUOTED.finditer(text):
            if not _STATES.search(match[0]):
                cover(match)
        return masked


def _whole(name: str) -> str:
    """A name as a pattern; one of bare digits must not be the amount of something (1030 in 1030亿元)."""
    edge = r"(?<![\d.,])", r"(?![\d.,]|[十百千万亿]*[元家个人名项件吨亩%])"
    return f"{edge[0]}{re.escape(name)}{edge[1]}" if name[-1:].isdigit() else re.escape(name)
