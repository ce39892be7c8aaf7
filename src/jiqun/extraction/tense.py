"""Whether a text commits to a number or reports it as reached, from the document down to the clause."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from jiqun.extraction.times import Mention
from jiqun.extraction.words import BUILD_VERBS, any_of
from jiqun.model.claims import ClaimKind

_PLAN_TITLE = re.compile(
    r"规划|计划|方案|意见|目标|要点|行动|措施|纲要|部署|安排|任务|通知|决定|蓝图|工程|政策|办法|若干"
)
_REPORT_TITLE = re.compile(
    r"公报|统计|运行|情况|发布会|总结|回顾|成效|成就|进展|快报|分析|亮点|盘点|通报|完成|现状|基础|简报|简介|概况|简况|答记者问|新闻|综述"
)
_REPORT_END = re.compile(r"(?:公报|总结|情况|通报|快报|报告)$")
_GOAL_SIGNS = re.compile(
    r"(?<![加高长升降展少])到20\d\d年|力争|确保|制定本|责任(?:单位|部门)|牵头单位|主要目标|发展目标|总体要求"
)
_DONE_SIGNS = re.compile(
    r"同比|[比较]上年|[比较]去年|截至|上半年|前三季度|一季度|1[-—~至]\d{1,2}月|发布会|增长了|今年以来|初步核算|据统计|去年|上年|刚刚过去|[一五三两近]年来|顺利完成|圆满|增速居|再创新高|[\u4e00-\u9fff]{2}了(?=[\u4e00-\u9fff\d])|本报讯|讯\(|记者|获悉|日电"
)
_PAST_HEADING = re.compile(
    r"回顾|总结|成效|成就|现状|(?:发展|现实|工作|主要)基础|^基础|完成情况|进展|取得|发展环境|发展形势|过去|"
    r"主要工作情况|运行情况|执行情况|面临形势|背景"
)
_PLAN_HEADING = re.compile(
    r"目标|任务|安排|计划|部署|要求|打算|思路|举措|措施|保障|展望|建议|下一步|今后|行动|工程|重点工作|工作重点"
)
_REVIEW_HEADING = re.compile(r"(?:执行|完成|落实|进展|推进|开展)情况$|回顾$|成[就效绩]$")  # …计划执行情况
_AHEAD = re.compile(r"目标|安排|下一步|今后|打算|展望|计划|工作重点|重点工作|总体要求")
_GOAL = re.compile(
    r"力争|力求|确保|争取(?!上级|到|国家|中央|省|资金)|努力(?!下)|不低于|不少于|(?:预期|主要|发展|总体|工作|具体|奋斗)目标(?!任务|[^。]{0,6}(?:完成|实现|顺利))|目标[:是为]|目标(?=$)|预期(?:增长|达|目标[:是为])|下阶段|下一步|下半年[要将]|明年|未来|预计(?:到|20)|"
    r"(?<![动展作度])计划(?:新|完成|实现|到|年|在|开|建|20\d\d|造|安排|培育|引进|发行|实施|投产)|要求(?=各|到|全|20\d\d)|(?:提出|明确|提到|要求)[,:]?(?:到?20\d\d年|要)|拟[新建引投开]|要[达力确实完新建坚加突全以]|"
    r"继续(?:推进|实施|开展|加大|加快|做好|深化|完善|推动|开展)|将(?:[于达建超新突实力完培打形争引推在把于继全进以重加持着积会有])"
)
_DONE = re.compile(
    r"同比|环比|[比较](?:上年|去年)|上年同期|去年同期|比上季度|截至|截止|去年|已(?!经建|有条件|出台)|累计(?:完成了|实现了)|"
    r"(?:达到|实现|完成|突破|超过|建成|增长|提高|增加|下降)了|上半年|前三季度|一季度|1[-—]\d{1,2}月|[由从]20\d\d年|(?<![由从])目前|近年来|"
    r"现有|拥有|今年以来|过去[一-十两三四五\d]+年|[五三两十]年来|首次突破|成功(?:获批|入选|创建|突破)|获批(?!建设)|入选(?!培育)|上榜|荣获|入围|被(?:确定|评|认定|授予|列)|共(?:建成|完成|实现|新增|争取)|翻了|一年来|"
    rf"(?=.{{2,{max(map(len, BUILD_VERBS))}}}了)(?:{any_of(verb for verb in BUILD_VERBS if len(verb) > 1)})了|"
    r"位居|跃居|居全国|列全国|居全省|列全省|我市有|全市现有|初步核算|经核算|据统计|全年(?:实现|完成|新增)"
)
_PAST_OPENERS = re.compile(
    r"(?:[一二三四五两十]|近[\d几一-十两]*)年来|过去的?[一-十两\d]*年|今年以来|去年以来|刚刚过去的|十[八九]大以来|二十大以来|初步核算|据统计|截至|目前,"
)
_IS = re.compile(r"来自|期间[^。]{0,12}累计|占全[国球省市县](?![^,。]*达)")  # states, where nothing else tells
_DONE_EVEN_IN_PLANS = re.compile(r"同比|上年同期|截至|去年|(?:达到|完成|实现)了|(?<![由从])目前")
_OPEN_BOUND = re.compile(
    r"(?:以上|左右|以内|以下|\d[-—~]\d[\d.]*[%\u4e00-\u9fff]*)$"
)  # 增长6%左右 is a wish, not a report
_WISH = re.compile(rf"{_GOAL.pattern}|\d[^,;。]{{0,6}}(?:以上|左右|以内|以下)|不低于|不少于|不超过")
_QUOTED = re.compile(r"“[^“”]{1,16}”|《[^《》]*》")  # words that only name something: 锚定“两个确保”
_NEAR = 40  # characters before a number in which a sign of the past counts


def document_kind(title: str, text: str) -> ClaimKind | None:
    """What the document as a whole does, by its title, else by the words of its body; None where nothing tells."""
    plan, report = bool(_PLAN_TITLE.search(title)), bool(_REPORT_TITLE.search(title))
    if plan is not report:
        return ClaimKind.TARGET if plan else ClaimKind.ACTUAL
    if report and _REPORT_END.search(title):
        return ClaimKind.ACTUAL
    goals, done = len(_GOAL_SIGNS.findall(text)), len(_DONE_SIGNS.findall(text))
    if goals == done == 0:
        goals, done = len(_GOAL.findall(text)), len(_DONE.findall(text))
    if goals == done == 0:
        return None
    return ClaimKind.TARGET if goals >= done else ClaimKind.ACTUAL


def written_in(sentences: Sequence[tuple[str, Mention]]) -> int | None:
    """The year in which a text was probably written, by the figures it reports: a whole year is over, a part is not.

    `sentences` are those that a time opens, each with that time. None where none of them reports.
    """
    reported = [
        time.end_year + (0 if time.part else 1)
        for words, time in sentences
        if time.end_year and not (time.is_goal or time.is_span or time.is_base) and not _WISH.search(words)
    ]
    return max(reported, default=None)


def is_plan(title: str) -> bool:
    """Whether the title says that the document plans."""
    return bool(_PLAN_TITLE.search(title)) and not _REPORT_TITLE.search(title)


def section_kind(headings: Sequence[str]) -> ClaimKind | None:
    """What the nearest telling heading announces, nearest first; None where none does."""
    for heading in headings:
        if _REVIEW_HEADING.search(heading):
            return ClaimKind.ACTUAL
        past, plan = bool(_PAST_HEADING.search(heading)), bool(_PLAN_HEADING.search(heading))
        if past is not plan:
            return ClaimKind.ACTUAL if past else ClaimKind.TARGET
    return None


def plans_ahead(headings: Sequence[str]) -> bool:
    """Whether a heading speaks of aims or arrangements, which even a report does in its last part."""
    return any(_AHEAD.search(heading) for heading in headings)


def carried(paragraph: str, start: int, mention: Mention | None, year: int | None) -> ClaimKind | None:
    """What the sentences before `start` in a paragraph do: the last time named there tells, else the last sign.

    `mention` is that time. None where nothing tells.
    """
    signs = _signs(paragraph)
    goal, past = _last(signs.goals, start), _last(signs.past, start)
    if mention is not None and goal < mention.end:
        if mention.is_goal and not mention.is_closed:
            return ClaimKind.TARGET
        if mention.is_closed or (mention.end_year and year and mention.end_year < year) or _is_months(mention):
            return ClaimKind.ACTUAL
        return None
    if past > goal:
        return ClaimKind.ACTUAL
    return ClaimKind.TARGET if goal >= 0 else None


def is_left_behind(text: str, mention: Mention, start: int, here: Sequence[Mention]) -> bool:
    """Whether the sentence goes on from the time to a later one that it strives for: 2023年…，力争2026年….

    `text` is the sentence, which begins at `start` of its paragraph; `here` its times.
    """
    if mention.is_goal or not mention.end_year:
        return False
    later = [m for m in here if m.start > mention.end and (m.end_year or 0) > (mention.end_year or 0)]
    own = text[max(mention.start - start - 4, 0) : later[0].start - start - 4] if later else ""
    return bool(later) and later[0].is_goal and not _GOAL.search(own)


@dataclass(frozen=True)
class _Signs:
    """Where the signs of a sentence or paragraph stand, as (start, end) in order; quoted names hold none."""

    goals: tuple[tuple[int, int], ...]
    done: tuple[tuple[int, int], ...]
    done_in_plans: tuple[tuple[int, int], ...]
    past: tuple[tuple[int, int], ...]


@lru_cache(maxsize=64)
def _signs(text: str) -> _Signs:
    words = _QUOTED.sub(lambda quoted: "□" * len(quoted[0]), text)
    patterns = (_GOAL, _DONE, _DONE_EVEN_IN_PLANS, _PAST_OPENERS)
    return _Signs(*(tuple(match.span() for match in pattern.finditer(words)) for pattern in patterns))


def _last(found: Sequence[tuple[int, int]], end: int) -> int:
    """Where the last sign that is over by `end` begins; -1 for none."""
    at = bisect_right(found, end, key=lambda span: span[1])
    return found[at - 1][0] if at else -1


def _is_months(mention: Mention) -> bool:
    return bool(mention.part) and mention.part != "H2"


def claim_kind(text: str, end: int, mention: Mention | None, year: int | None, default: ClaimKind | None) -> ClaimKind:
    """The kind of one claim.

    `text` is the sentence, `end` where the claim ends in it, `mention` the time that governs it, `year` that of the
    document. A year to come is a promise; 截至 and 同比 are reports; else the surroundings decide.
    """
    if mention is not None:
        if mention.is_closed:
            return ClaimKind.ACTUAL
        if mention.end_year is not None and year is not None and mention.end_year != year:
            return ClaimKind.TARGET if mention.end_year > year else ClaimKind.ACTUAL
        if mention.is_goal:
            return ClaimKind.TARGET
    signs = _signs(text)
    goal, done = _last(signs.goals, end), _last(signs.done, end)
    is_done = done >= max(end - _NEAR, 0)
    if goal >= 0 and (goal > done or not is_done):
        return ClaimKind.TARGET
    if goal < 0 and default is not ClaimKind.TARGET and is_done:
        return ClaimKind.ACTUAL
    if default is ClaimKind.TARGET and _last(signs.done_in_plans, end) >= max(end - _NEAR, 0):
        return ClaimKind.ACTUAL
    if default is not None:
        return default
    near = text[max(end - _NEAR, 0) : end]
    if mention is not None and mention.end_year is not None and not mention.is_span and not _OPEN_BOUND.search(near):
        return ClaimKind.ACTUAL  # nothing else tells: 2024年，产值760亿元 reports
    return ClaimKind.ACTUAL if is_done or _IS.search(near) else ClaimKind.TARGET
