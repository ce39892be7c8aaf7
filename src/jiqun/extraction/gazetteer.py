"""Place names of the country: divisions by name, and what only looks like one; read from `places.csv` of the folder.

Areas of the folder have ids and figures; a place of the gazetteer has a name only, so that a text of another city is
read as well as one of its own.
"""

from __future__ import annotations

import csv
import io
import re
from functools import lru_cache

from jiqun.extraction.words import BUILD_VERBS, LEADING, TRAILING, ZONE_KINDS, ZONES, any_of
from jiqun.model.errors import NotFound
from jiqun.packs.city import City

FILE = "places.csv"
_LONGEST = 12  # characters looked at; the few longer divisions are known by their short names
_ENDS = frozenset("省市区县州盟旗")
_SHORTER = re.compile(r"(?:(?:壮族|回族|维吾尔)?自治区|特别行政区|(?:[\u4e00-\u9fff]{1,3}族)*自治州|地区|省|市|盟)$")
_ZONE = re.compile(rf"(?:国家级?)?(?:{any_of(ZONE_KINDS)})*(?:{any_of(ZONES)})")
_ZONE_NAME = re.compile(
    rf"(?!每个|商务部|国家|省级|市级|目前|现有|规划|全[市省国]|各|本|该|我|依托|支持|推动|推进|加快|建设|打造|争创|创建|国内)"
    rf"[\u4e00-\u9fff]{{2,4}}?(?:{_ZONE.pattern})"
)
_UNKNOWN = re.compile(r"[\u4e00-\u9fff]{2,3}[市县区州旗]")
_VERBS = frozenset((*BUILD_VERBS, *LEADING, *TRAILING))
# words that end like a division and are none
_NO_PLACE = re.compile(
    r"^(?:乡镇|街道|村居|镇街|设区|沿海|每个|租金|核心|棚户|中心|主城|保护|功能|先导|山区|重点)|[全各该我本等及与在对从向为将把以是有每跨外县老新城园社地片景厂辖灾山郊库港校矿小街商都超门股上楼省强大两三四五六七八九十百]"
    r"[市县区州]$|^[全各该我本等和及与在对从向为将把以是有每跨其这那中超达新增占规划]|[城园社地片景厂辖]区|城市|都市|超市|县市|集聚区|开发区"
)


class Gazetteer:
    """Names of divisions, whole and (for provinces and prefectures) short."""

    def __init__(self, rows: list[tuple[str, str]]) -> None:
        """`rows`: (code of six digits, name)."""
        self._whole = frozenset(name for _, name in rows)
        short = {_SHORTER.sub("", name) for code, name in rows if code.endswith("00")}
        self._short = frozenset(name for name in short if 2 <= len(name) <= 4)

    def at(self, text: str, start: int) -> int:
        """Where the place that begins at `start` ends; `start` itself where none does.

        A place with a functional zone behind it  is one place.
        """
        end = start
        for stop in range(min(start + _LONGEST, len(text)), start + 1, -1):
            if text[stop - 1] in _ENDS and text[start:stop] in self._whole:
                end = stop
                break
        if end == start:
            end = next((start + size for size in (4, 3, 2) if text[start : start + size] in self._short), start)
        zone = _ZONE.match(text, end) if end > start else _ZONE_NAME.match(text, start)
        if zone is not None:
            return zone.end()
        return end

    def looks_like(self, text: str, start: int) -> int:
        """Where a name that has the form of a division ends, known or not (滨湖区); `start` where none stands."""
        match = _UNKNOWN.match(text, start)
        if match is None or _NO_PLACE.search(match[0]) or match[0][:2] in _VERBS:
            return start
        return match.end()


@lru_cache(maxsize=8)
def _parsed(content: bytes) -> Gazetteer:
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    return Gazetteer([(row["code"], row["name"]) for row in rows])


def gazetteer(city: City) -> Gazetteer:
    """The gazetteer of the city's folder or one it extends; empty where none has the file."""
    try:
        return _parsed(city.read(FILE))
    except NotFound:
        return Gazetteer([])
