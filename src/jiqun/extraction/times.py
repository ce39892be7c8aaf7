"""When a claim holds: the deadline of a target, the period of a reported figure.

A year written as an adverb (到2025年, 2023年上半年,) governs what follows in its sentence; one inside a name
(入选2023年…名单) speaks for its own clause only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from jiqun.extraction.passages import squeezed

_NUMERAL = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "1": 1, "2": 2, "3": 3, "4": 4}
_YEAR = r"(?:(?:19|20|21)\d{2})"
_PLAN = r"(?:[“\"]?十(?P<plan>[一二三四五六七])五[”\"]?|第十(?P<fifth>[一二三四五六七])个五年)"
_PART = (
    r"(?:(?P<half>[上下])半年|第?(?P<quarter>[一二三四1-4])季度|前(?P<quarters>[二三两23])个?季度|前(?P<months>\d{1,2}|[两三四五六七八九])个月|"
    r"(?P<m1>\d{1,2})(?:[-—~至到](?P<m2>\d{1,2}))?月(?:份|底|末)?(?!\d{1,2}[日号]))"
)
_PART_ALONE = re.sub(r"\?P<(\w+)>", r"?P<\1b>", _PART)  # a group name may stand once in a pattern
_TIME = re.compile(
    r"(?=[\d今本去上下明全“\"十第前一二三四])"  # what a time can begin with: nothing else is looked at
    rf"(?:(?:(?P<first>{_YEAR})年?[-—~至到]{{1,2}}(?P<last>{_YEAR})年?"
    rf"|(?P<year>{_YEAR})(?:年度?|(?=[-—]?(?:行动计划|规划|工作要点)))"
    rf"|(?P<near>今年|本年度|去年|上年|明年|全年)"
    rf"|{_PLAN}(?=时期|期间|期末|末|规划|计划|以来|[,。、开]|[”\"]))"
    rf"(?:{_PART}|(?<=\d年)(?P<day>\d{{1,2}})月(?:30|31|2[89])日)?(?:年底|年末|期末|时期|期间|以来|末|底|前(?![\d一二两三四五六七八九])|初)*|(?<![\d.:])(?<!\d年)(?<!\d年第){_PART_ALONE})"
)
_INTO = re.compile(r"(?:到|至|截至|截止|截止到|截至到|力争到|争取到|预计到|确保到|计划到|在|于|自|从|较|比|与|同)$")
_BASE = re.compile(r"(?:较|比|与|同|是|相当于|从|由|自)$")
_DAY = re.compile(rf"{_YEAR}年\d{{1,2}}月\d{{1,2}}日")
_HEARD = re.compile(r"获悉|了解到|得知|看出|看到")  # 从2020年经济运行情况通气会上获悉 starts from no base
_FOUNDED = re.compile(r"[立建设]于$")  # 成立于2005年 dates the firm, not its figures
_OF_PLACE = re.compile(r"(?:^|[,;。:])[\u4e00-\u9fffA-Z]{1,7}[省市县区州旗]$")  # 云岭市2024年实现…
_GOAL_OPENERS = (
    "力争",
    "确保",
    "提出",
    "提出了",
    "明确了",
    "确定了",
    "争取",
    "计划",
    "目标",
    "时限:",
    "完成时间:",
    "期限:",
)
_BASE_BEHIND = re.compile(r"的?基础上|起(?=[,、\d一二三四五六七八九十])|的[\d一二三四五六七八九十.]+倍")
_OPENERS = ("过去的", "力争", "确保", "争取", "预计", "中", "则", "计划", "目标", "要", "是", "将", "划")
_SHIFTS = {"今年": 0, "本年": 0, "当年": 0, "全年": 0, "去年": -1, "上年": -1, "明年": 1}
_FIVE_YEAR_START = 1950  # the tenth plan ended in 2005, the fourteenth in 2025


@dataclass(frozen=True)
class Mention:
    """A time in a text. `end_year` is where a span ends; `part` is H1, Q3, M8 or Q1-Q3, empty for a whole year.

    `is_goal` after 到, `is_closed` after 截至, `is_base` after 较 or 比; `is_adverb` where it opens a clause.
    """

    start: int
    end: int
    end_year: int | None
    part: str
    is_goal: bool = False
    is_closed: bool = False
    is_base: bool = False
    is_adverb: bool = False
    is_span: bool = False
    shift: int | None = None  # 今年 0, 去年 -1: the year is told by what surrounds it
    is_printed: bool = True  # the year stands in the text
    is_spoken: bool = False  # 今年, 去年: seen from the day of writing

    def period(self) -> str | None:
        """The period as figures name it; None where no year is known."""
        return None if self.end_year is None else f"{self.end_year}{self.part}"


def _is_goal(match: re.Match[str], into: str, opening: str, *, opens: bool) -> bool:
    """Whether the time is one to be reached: 到2027年, 力争2027年, 2027年底前, 2027年实现 at the end."""
    if match[0].endswith("前"):
        return True
    if into and not into.startswith("截") and into.endswith(("到", "至")):
        return opens
    return not into and opening.endswith(_GOAL_OPENERS)


def resolved(found: Sequence[Sequence[Mention]], year: int | None) -> list[list[Mention]]:
    """The mentions of passage after passage, those that print no year (前三季度, 今年) given the year they speak of.

    That is `year` where the document as a whole has one, else the last year printed before them.
    """
    told: list[list[Mention]] = []
    last: int | None = None
    for passage in found:
        known: list[Mention] = []
        here: int | None = None  # a year of its own paragraph tells 全年 and 8月 what they are of
        for mention in passage:
            near = year or last if mention.is_spoken else here or last or year
            if mention.end_year is None and (base := near) is not None:
                mention = replace(mention, end_year=base + (mention.shift or 0), is_printed=False)  # noqa: PLW2901
            elif (
                mention.end_year is not None
                and mention.is_adverb
                and not (mention.is_goal or mention.is_base or mention.is_span)
            ):
                last = here = mention.end_year
            known.append(mention)
        told.append(known)
    return told


def mentions(text: str) -> list[Mention]:
    """Every time named in folded, squeezed text, in order."""
    return [_mention(text, match) for match in _TIME.finditer(text)]


def _mention(text: str, match: re.Match[str]) -> Mention:
    before = text[max(0, match.start() - 4) : match.start()]
    lead = _INTO.search(before)
    into = lead[0] if lead else ""
    opening = text[max(0, match.start() - len(into) - 5) : match.start() - len(into)]
    opens = not opening or opening[-1] in ",;。:!?、()—-”" or opening.endswith(_OPENERS)
    opens = (
        opens or _OF_PLACE.search(text[max(0, match.start() - len(into) - 9) : match.start() - len(into)]) is not None
    )
    return Mention(
        match.start(),
        match.end(),
        _end_year(match),
        _part(match),
        is_goal=_is_goal(match, into, opening, opens=opens),
        is_closed=into.startswith("截"),
        is_base=_FOUNDED.search(before) is not None
        or (_BASE.search(before) is not None and not _HEARD.search(text, match.end(), match.end() + 40))
        or _BASE_BEHIND.match(text, match.end()) is not None,
        is_adverb=opens or bool(into) or text.startswith(",", match.end()) or match[0].endswith("前"),
        is_span=bool(match["last"] or match["plan"] or match["fifth"]),
        shift=_SHIFTS.get(match["near"][:2]) if match["near"] else None,
        is_spoken=bool(match["near"]) and match["near"] != "全年",
    )


def title_year(title: str) -> int | None:
    """The year that a title or heading gives its content; the end of a span (2018—2020年 is 2020)."""
    words = _DAY.sub("", squeezed(title))
    years = [mention.end_year for mention in mentions(words) if mention.end_year]
    return max(years) if years else None


def title_period(title: str) -> str | None:
    """The period that a title gives its figures: 2025年1—4月 in the title of an analysis; None without a year."""
    told = [mention for mention in mentions(_DAY.sub("", squeezed(title))) if mention.end_year]
    return max(told, key=lambda mention: mention.end_year or 0).period() if told else None


def title_part(title: str) -> str:
    """The part of a year that a title without a year names: H1 of 上半年经济运行情况; empty for none."""
    return next((mention.part for mention in mentions(squeezed(title)) if mention.part), "")


def _end_year(match: re.Match[str]) -> int | None:
    if match["last"]:
        return int(match["last"])
    if match["year"]:
        return int(match["year"])
    plan = match["plan"] or match["fifth"]
    if plan:
        return _FIVE_YEAR_START + 5 * (10 + _NUMERAL.get(plan, 7)) + 5
    return None


def _part(match: re.Match[str]) -> str:
    half, quarter, quarters = _first(match, "half"), _first(match, "quarter"), _first(match, "quarters")
    if half:
        return "H1" if half == "上" else "H2"
    if quarter:
        return f"Q{_NUMERAL[quarter]}"
    months = _first(match, "months")
    if months:
        until = int(months) if months.isdigit() else "两三四五六七八九".index(months) + 2
        return f"M1-M{until}" if 1 < until <= 12 else ""
    if quarters:
        return "H1" if quarters in "二两2" else "Q1-Q3"
    if match["day"]:  # 截至3月31日: the months up to it; 截至12月31日: the year
        return f"M{int(match['day'])}" if 1 <= int(match["day"]) < 12 else ""
    first, last = _first(match, "m1"), _first(match, "m2")
    if not first or not 1 <= int(first) <= 12:
        return ""
    if last and int(first) < int(last) <= 12:
        return f"M{int(first)}-M{int(last)}"
    return f"M{int(first)}"


def _first(match: re.Match[str], name: str) -> str | None:
    groups = match.groupdict()
    return groups.get(name) or groups.get(f"{name}b")


def first_year(title: str, *, is_report: bool) -> int | None:
    """The year in which a document titled so was probably written: where its span begins (2018—2020年).

    A report is written about its year; a single year in the title of a plan is its aim and tells nothing.
    """
    found = mentions(squeezed(title))
    spans = [match["first"] for match in _TIME.finditer(squeezed(title)) if match["first"]]
    if spans:
        return int(spans[0])
    return title_year(title) if is_report and found else None
