"""The noun stands behind its number: 培育20个基地, 有45家企业营收超百亿元, 总规模150亿元的基金."""

from __future__ import annotations

import re
from dataclasses import replace

from jiqun.extraction.frames import OWN_VERB, Context, Draft, has_verb
from jiqun.extraction.phrases import change, head_off, tail_off
from jiqun.extraction.quantities import Form
from jiqun.extraction.stated import METRIC
from jiqun.extraction.words import BUILD_VERBS, EVENT_VERBS, any_of
from jiqun.model.bounds import Comparator

_PREFIX_VERB = re.compile(
    rf"(?:{any_of(BUILD_VERBS)}|新|推动|为|以上|家|力争|每年|年均|每年度|年|共|约|近|累计|至少|总计|合计|达|达到|超过|超|突破|"
    r"不少于|不低于|还有|另有|内有|各)(?:了|出|起|成|好)?$"
)
_PLACE_ONLY = re.compile(r"^(?:在|位于|来自|落户|分布在|集中在)[^,]{1,10}$")
_EVENT_END = re.compile(
    rf"(?:成功|正式|完成|顺利|已|将于?|预计|力争|确保|[一二三四]季度|[上下]半年|年底前?|年内|月底前?|全面|加快|实现)*(?:{any_of(EVENT_VERBS)})(?:建设|投用|运营)?$"
)
_PER = re.compile(
    r"^(?P<per>[每各][个家座]?[^,]{1,9}?)(?:至少|重点|分别|均|要|应|可)*(?:培育|形成|打造|创建|建设|建成|发展|控制|引进|完成|布局)"
)
_MODIFIER_ONLY = re.compile(r"^[^,]{0,16}(?:级|型|类|层次)$")
_THRESHOLD_END = re.compile(r"(?:超过?|突破|不低于|达到?)[\d.一二三四五六七八九十百千万亿]+元(?:以上)?$")
# 7名工匠入选全国名录, 8个行业增速达到两位数: what a count did, though nothing builds it
_HAPPENED = re.compile(
    r"入选|获评|获批|荣获|上榜|列入|被(?:评|认|确|列|授)|(?:成功|集中|正式)?(?:签约|落户|开工|投产|落地|竣工|投运)$|通过[^,]{0,6}(?:认定|验收|评审|审评)|达到两位数|"
    r"实现(?:正|同比|两位数)?增长|保持(?:正|同比|较快)?增长|增速(?:达|超|高|为|保持)|获[^,]{0,8}(?:奖|称号|认定)"
)
_DID = re.compile(r"开展|实施|进入|建成|完成|亮相|铺开|参与|启动|上市|挂牌|实现了?|就业")
# 创造了全市近三成的工业产值: a share of the noun behind it, given by who was spoken of
_GIVES = re.compile(r"(?P<verb>创造|贡献|吸纳|提供|集聚|聚集|占据)了?(?P<area>全[市省国区县球])?的?$")
_PLAIN_NOUNS = ("项目", "企业")  # 电子信息专班2个项目
_REGROUPS = re.compile(r"合并|分为|划分|调整|升格|并入|归并|组成|构成")
_NAMED_PLACE = re.compile(
    r"(?:^|[,、])(?:全[市省区县国]|[\u4e00-\u9fff]*[市区县省])$|^(?![对将把从由在向为按与和以])[\u4e00-\u9fff]{2,4}(?<![的等了])$"
)
_ALLOTS = re.compile(r"(?:安排|投入|设立|筹集|募集|撬动|发放|完成|新增|获得|争取|引导|减免|节约|实现)(?:了|资金)?$")
_AMOUNTS = (Form.MONEY, Form.TIMES, Form.TIME, Form.MEASURE, Form.BARE, Form.POINTS)


def counted(draft: Draft, context: Context, following: str) -> list[Draft]:
    """The claim of a number with its noun behind it; none where nothing builds, reaches or owns the count.

    `following` is the rest of the clause behind the item: the head noun of 4个万亿级、4个五千亿级产业集群.
    """
    after = re.sub(r"^(?:以上)?的", "", draft.after).rstrip(",;:、。的")
    rest = tail_off(head_off(draft.before))
    if draft.quantity.form in _AMOUNTS:
        return _amount(draft, after, rest)
    if draft.quantity.form in (Form.PERCENT, Form.FRACTION):
        made = _GIVES.search(draft.before)
        if made is not None:
            named = head_off(draft.before[: made.start()])
            owner = named or METRIC.sub("", context.subject) or context.lead
            whole = after + "占" + made["area"] if made["area"] else made["verb"] + after
            return [replace(draft, indicator=owner + whole, is_inherited=not named)]
        if rest and not OWN_VERB.fullmatch(rest) and change(draft.before) is None:
            return [replace(draft, indicator=rest, end=min(draft.end, draft.quantity.end + 4))]
        return [replace(draft, indicator=after)]
    if not _is_promised(draft, context, rest):
        return []
    context.counted_unit = draft.quantity.unit
    if _PLACE_ONLY.match(after):
        return [replace(draft, indicator=context.known() or after, is_inherited=True)]
    if _MODIFIER_ONLY.match(after):
        head = re.search(r"级(?P<noun>[^,;。、级]{2,14})$", following.rstrip("、"))
        after += head["noun"] if head else ""
    elif _THRESHOLD_END.search(after):
        head = re.search(r"的(?P<noun>[^的,;。、]{2,16})$", following.rstrip("、"))
        after += "的" + head["noun"] if head else ""
    per = _PER.match(rest)
    topic = METRIC.sub("", context.subject)
    if per is None and not rest and after in _PLAIN_NOUNS and topic not in ("", context.subject):
        after = topic + after  # 生物制造产业规模…，集聚企业200家
    if per is None and after in _PLAIN_NOUNS and 2 <= len(rest) <= 12 and not has_verb(draft.before):
        after = rest + after
    return [replace(draft, indicator=(per["per"] if per else "") + after)]


def _amount(draft: Draft, after: str, rest: str) -> list[Draft]:
    """Money and measures: 总规模30亿元的基金, 完成500亿元投资; a thing that merely has a size is no claim."""
    attributive = re.match(r"^(?:以上)?的(?P<noun>.+)$", draft.after)
    if attributive is None and draft.quantity.form is Form.MONEY and _ALLOTS.search(draft.before):
        return [replace(draft, indicator=after)]
    if rest and not OWN_VERB.fullmatch(rest):
        if draft.quantity.form is Form.BARE:
            return []
        if attributive is not None:
            return [replace(draft, indicator=_EVENT_END.sub("", attributive["noun"].rstrip(",;:、。")) + rest)]
        return [replace(draft, indicator=rest, end=draft.quantity.end)]
    if draft.quantity.form is not Form.MONEY and draft.quantity.form is not Form.MEASURE:
        return []
    return [replace(draft, indicator=after)] if _PREFIX_VERB.search(draft.before) else []


def _is_promised(draft: Draft, context: Context, rest: str) -> bool:
    """Whether the words before a count build, reach or own it; a bare list before it only names its members."""
    before = draft.before
    if _PREFIX_VERB.search(before):
        return draft.quantity.value >= 2 or not draft.quantity.is_spoken
    if draft.comparator not in (Comparator.EQ, Comparator.RANGE):
        return True
    if draft.quantity.is_spoken and draft.quantity.value < 2:
        return False
    if not rest and (context.group or context.subject):
        return True
    if _HAPPENED.search(draft.after) or (not before and _DID.search(draft.after)):
        return True
    if has_verb(before):
        return True
    if draft.quantity.unit == context.counted_unit and not _REGROUPS.search(draft.after):
        return True
    return _NAMED_PLACE.search(before) is not None
