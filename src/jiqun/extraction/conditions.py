"""Numbers that describe, condition or compare and so are no claims: classes, policy rates, denominators, gaps."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from jiqun.extraction.clauses import Clause, Item
from jiqun.extraction.phrases import change, lead_off
from jiqun.extraction.quantities import Form, Quantity
from jiqun.extraction.words import BUILD_VERBS, CLASS_NOUNS, PARTS_OF_TEXT, any_of

_CLASS = any_of(CLASS_NOUNS)
_METRIC = (
    r"(?:产值|收入|营收|销售|税收|利润|投资|市值|估值|规模|增加值|贡献|纳税|利税|交易额|产量|强度|占比|增速|面积|"
    r"出口|总额)"
)
_THRESHOLD_BEFORE = re.compile(r"(?:超过?|突破|过|不低于|达到?|逾|上|亿级|满|在)$")
_CLASS_AFTER = re.compile(rf"^(?:及以上|以上|以下)?(?:规模)?的?[^,;。、]{{0,14}}?(?:{_CLASS})")
_LONG_CLASS = re.compile(rf"(?:{_CLASS})$")
_POLICY = re.compile(
    r"奖励|补助|补贴|资助|扣除|贴息|减免|抵扣|抵免|罚款|税率|费率|给予|最高不超过|一次性|退税|返还|奖补|授信额度最高|贷款额度|免征|减按|减征|首付|保费(?!收入)|罚金|最高(?=\d+(?:\.\d+)?万元)|津贴|按每人|收取|每家企业每年|每培育|毕业企业|补偿(?:比例|门槛|标准)|额外再|单个(?:项目|企业|主体)|最[高低](?=\d+%)|按照?[^,]{0,10}比例|按照?(?=\d+(?:\.\d+)?%)|支持额度|配套资金|扶持资金不超过"
)
# rules of a fund, a vote, a compensation
_RULE = re.compile(
    r"出资比例|原则上不|予以(?:补偿|支持|奖)|以上(?:成员|委员|代表|股东)|表决|贴息|优先(?:推荐|支持|安排)|风险补偿|代偿"
)
# 比2010年的12.4万吨、1.07万吨分别减少: where the change starts from
_BASE_OF_YEAR = re.compile(
    r"[比较](?:20\d\d年|上年|去年|“?十[一二三四]五”?)期?(?:底|末|同期)?的(?:[\d.]+[万亿]?[^,;、\d]{1,6}(?:、|和))*$"
)
_RATE_OF = re.compile(r"(?:投资额|费用|金额|贷款额?|租金|差额|支出额)的$")  # 投资额的10%: the rate of a subsidy
_GAP = re.compile(
    r"(?:高于|快于|低于|慢于|好于|优于|领先|高出|低出|超出|高过|多于|少于)(?:于)?(?:同期)?(?:全国|全省|全市|全区|全球|世界|国内|国家|省|市|行业|同类|周边|长三角|[\u4e00-\u9fff]{2,6}?(?:平均|水平|省|市|区))[^,;]{0,10}$"
    r"|(?:比|较)(?:同期)?(?:全国|全省|全市|全球|世界|国家|省定|省|市|行业|[\u4e00-\u9fff]{0,6}平均)[^,;]{0,12}(?:高|低|快|慢|多|少|好)(?:出|了)?$"
)
_BUILT = re.compile(
    r"(?:布局建设|打造|形成|建成|培育|建设|布局|创建|引进|新增|获批|设立)了?[^,]{2,}等$"
)  # 布局A、B等3条产业链
_AGAINST_PLAN = re.compile(
    r"超额?(?:年度|年初|预期)?(?:计划|目标|任务)$|比(?:年度|年初|预期)?(?:计划|目标|任务)[多少高低]$|在预期目标$"
)
_RULED = (Form.MONEY, Form.PERCENT, Form.POINTS, Form.MEASURE, Form.BARE, Form.TIMES)
_GRADED = re.compile(r"(?:及?以上|以下|及以下)?(?:的?为|评为|定为)[A-Z优良合]")
_BASE_BEHIND = re.compile(r"的?基础上")
_TIME_LIMIT = re.compile(
    r"(?:时间|时限|周期|天数|时长|用时|比率)[^,]{0,8}(?:达到?|压缩|缩短|控制|超过|降|减|为)[^,]{0,3}$"
)
# 304个省列重大项目完成投资2929亿元: the count only says of what
_ONLY_QUALIFIES = re.compile(r"[^,;。、\d]{2,16}(?:完成|实现)[^,;。\d]{0,8}\d")
_WORKED_ON = re.compile(r"[^,]{1,10}(?:实施|开展|进行)[^,]{0,6}(?:改造|治理|整治|建设|提升)")
_GAP_TO_OTHERS = re.compile(r"(?:高|快|低|慢)[于出过][^\d,;]{2,14}$")  # 高于城镇居民1.6个百分点
_MADE = re.compile(rf"(?:{any_of(verb for verb in BUILD_VERBS if len(verb) > 1)})[了出成]$")  # 依托园区建设了445个基地
# the numbers listed before one: 高3.4和3.9个百分点
_LISTED = re.compile(r"(?<![\d.])(?:[\d.]{1,20}(?:个百分点|%)?(?:、|和|与|及))+$")
_PARTS = re.compile(
    rf"^(?:以上)?的?[^,;、]{{0,6}}?(?:{any_of(PARTS_OF_TEXT)})(?=$|[,;:。、、)”和与及的]|中|上|里|内|等)"
)
_NAMED_SET = re.compile(
    r"(?:等|本次|此次|这次|来自|整合为|精简为|合并成|保留|(?:签约|集中开工|参会|参展)的|这|该|上述|以上|下列|以下|前述|全部|所有|其他|其余|其它|任意|某|哪|首批|第一批|同一|将|把|按照?|围绕|聚焦|针对|根据|依据|按|依托|分为|分成|划分为|合并为|升格为|单列为|调整为|转为|变为|归为|从|对|向|由|含|包括|包含|涵盖|涉及|下设|下辖|辖|之一的|全国|全省|全球|现行|每隔|间隔|经过|历时|为期|不同的|除)$"
)
_NAMED_SET_LEAD = re.compile(r"^(?:将|把|针对|根据|依据|按照|围绕|聚焦|依托|结合|参照|对照|除)[^,]{0,16}$")
_DENOMINATOR_AFTER = re.compile(r"^[^,;。、]{0,24}的(?:[^,;。、]{0,8}?)(?:率|比例|占比|比重|平均|总和|合计)")
# 36个行业中, 37个大类行业当中25个: what the next number is taken out of
_AMONG = re.compile(
    r"^(?:以上)?[^,;。、]{0,16}?(?<![集其高初适])(?:之中|当中|中(?!心)|里)(?=$|,|有|的?\d|就|共|已|实现|排|居|位|列)"
)
_FREQUENCY = re.compile(
    r"每(?:年|半年|季度?|月|周|日|天|两年|三年)(?:至少|不少于|度)?(?:召开|开展|举行|举办|组织|调度|报送|更新|通报|评估|研究|听取|会商|检查|督查|发布|安排)?[^,;]{0,6}$"
)
_CONDITION = re.compile(r"(?:注册资本|实缴资本|符合条件|满足下列|应当|须|不得|条件之一|连续|持续|满)[^,;]{0,10}$")
_PAPERS = re.compile(r"(?:政策|意见|措施|文件|举措|条款|条例|法规|实施细则|政策措施|办法|制度)(?:共|合计|计)?$")
_ADDRESSED = re.compile(
    rf"^(?:对|对于|凡|支持|鼓励|符合)[^,]*的(?:[^,的]{{0,12}})?(?:{_CLASS}|人才|团队|个人|法人|农户|机构)$"
)
_ELIGIBILITY = re.compile(
    r"(?:^|[。;])(?:\d{1,2}\.)?[对凡][^。;]{4,90}给予[^。;]*。|每增加[^,。]{2,16}增加|所称[^。]{2,20}是指|应当(?:安装|设置|配备|建立|编制)|(?:申报|申请|入库|享受|参评|推荐)[^,。]{0,10}(?:须|应当?|需|必须|符合|具备|满足)|(?:应当?|须|需)(?:同时)?(?:符合|具备|满足)(?:以下|下列)"
)
_WEIGHT = re.compile(r"(?:满分|权重|分值|计|(?<![增追])加|扣|(?<!取)得|(?<![缩削])减)$")

_PARTED = re.compile(r"[、,;]|实现|总|合计|共|和")
_NEAR = 24  # characters before a number: more than any wording of a threshold has
_FAR = 120  # and more than any other wording looked for, a list of numbers between included


def is_class_threshold(text: str, clause: Clause, quantity: Quantity, inside: Sequence[Quantity]) -> bool:
    """Whether the number only defines a class: 年销售超百亿元工业企业, 45家企业营收超百亿元, 千亿级."""
    may_define = quantity.form in (Form.MONEY, Form.PERCENT, Form.MEASURE, Form.BARE) or quantity.is_scale_only
    if not may_define and quantity.unit not in ("人", "万人", "户"):
        return False
    before = text[max(clause.start, quantity.start - _NEAR) : quantity.start]
    after = text[quantity.end : clause.end]
    if quantity.form is not Form.COUNT and _ADDRESSED.match(text[clause.start : clause.end]):
        return True
    following = bisect_left(inside, quantity.end, key=_start)
    if following < len(inside):
        after = text[quantity.end : inside[following].start]
    if re.match(r"(?:及)?以上的", after) and _LONG_CLASS.search(after) and quantity.form is Form.MONEY:
        return True
    bounded = bool(_THRESHOLD_BEFORE.search(before)) or after.startswith(("以上", "及以上", "以下", "级"))
    if quantity.is_scale_only and not bounded:
        return True
    has_metric = bool(
        re.search(
            _METRIC + r"(?:额?(?:均|都|全部|各|已)?|总额|总量|规模)(?:超过?|突破|过|不低于|达到?|逾|在|上|为)?$", before
        )
    )
    match = _CLASS_AFTER.match(after)
    if match is not None and bounded and quantity.form is not Form.COUNT:
        if quantity.form is Form.PERCENT and not has_metric:
            return False
        reached = re.search(r"达到?$", before) and not after.startswith(("以上", "及以上"))
        if not reached or _counts(inside, quantity):
            return True
    if match is not None and quantity.form is Form.COUNT:
        return bool(re.search(r"(?:超过?|突破|不低于|规模)$", before)) and bool(_counts(inside, quantity))
    if match is not None and after.startswith("的") and _counts(inside, quantity):
        return True
    if has_metric and bounded:
        earlier = next((q for q in reversed(_counts(inside, quantity)) if q.end <= quantity.start), None)
        return earlier is not None and not _PARTED.search(text, earlier.end, quantity.start)
    return False


def _counts(inside: Sequence[Quantity], quantity: Quantity) -> list[Quantity]:
    return [q for q in inside if q is not quantity and q.form is Form.COUNT]


def _start(quantity: Quantity) -> int:
    return quantity.start


def states_eligibility(sentence: str) -> bool:
    """Whether a sentence says who may apply: 申报单位须注册满2年, 研发投入占比不低于3%."""
    return _ELIGIBILITY.search(sentence) is not None


def refuses(text: str, clause: Clause, item: Item) -> bool:
    """Whether the item's number is a policy rate, a gap to others, a part of a text, a named set or a denominator."""
    words = _Words(
        item.quantity,
        text[max(clause.start, item.quantity.head - _FAR) : item.quantity.head],
        text[item.start : item.quantity.head],
        text[item.quantity.end : clause.end],
        text[max(clause.start, item.quantity.start - 24) : min(clause.end, item.quantity.end + 12)],
    )
    if _is_rule(words) or _is_gap_or_base(words) or _is_no_figure(words):
        return True
    return item.quantity.form is Form.COUNT and _counts_no_promise(words)


@dataclass(frozen=True)
class _Words:
    """A number among its words: `before` and `after` in the clause, `own` in its item, and those `near`."""

    quantity: Quantity
    before: str
    own: str
    after: str
    near: str


def _is_rule(words: _Words) -> bool:
    """A rate or sum that a rule sets: subsidies, votes, funds, grades."""
    form = words.quantity.form
    if form is Form.PERCENT and _RATE_OF.search(words.before):
        return True
    if form in (Form.PERCENT, Form.FRACTION, Form.POINTS) and _RULE.search(words.near):
        return True
    if form in _RULED and _POLICY.search(words.near):
        return True
    return words.quantity.unit == "分" and _GRADED.match(words.after) is not None


def _is_gap_or_base(words: _Words) -> bool:
    """What a change starts from, or a distance to others: 在500家的基础上, 比2010年的12万吨, 高于全国0.7个百分点."""
    form, before = words.quantity.form, words.before
    if _BASE_OF_YEAR.search(before) or _BASE_BEHIND.match(words.after):
        return True
    if form is Form.POINTS and _GAP_TO_OTHERS.search(before) and change(before) is None:
        return True
    if form in (Form.COUNT, Form.MEASURE) and re.search(r"平均[^,]{0,6}[高低快慢多少好]$", before):
        return True
    if _AGAINST_PLAN.search(before):
        return True
    is_gap = _GAP.search(_LISTED.sub("", before)) is not None
    return is_gap and form in (Form.POINTS, Form.PERCENT, Form.TIMES, Form.MONEY)


def _is_no_figure(words: _Words) -> bool:
    """A bare number that is no index, a time that limits nothing, a measure of a thing rather than of a goal."""
    quantity, before = words.quantity, words.before
    if words.own.endswith("聚焦") or (quantity.unit == "岁" and not re.search(r"寿命|预期|平均", words.own)):
        return True
    if quantity.form is Form.BARE and quantity.unit and re.search(r"(?:人口|人数|用户|户数)[达为约近超]*$", words.own):
        return False
    if quantity.form is Form.BARE:
        return not _is_index(words.own, words.after)
    if quantity.form is Form.TIME:
        return _TIME_LIMIT.search(before) is None
    if quantity.unit == "年":  # 11.8年 of schooling is a figure, 3年 a stretch of time
        return quantity.value == quantity.value.to_integral_value()
    if quantity.form is not Form.MEASURE or quantity.unit not in ("分", "P", "E", "度", "方", "米"):
        return False
    if quantity.unit == "分" and re.search(r"(?:得分|评分|分值|均分|指数)[为达]?$", words.own):
        return False
    return re.search(r"达到?|超过?|突破|为|不低于|提高|提升|不少于|增长", before[-6:]) is None


def _counts_no_promise(words: _Words) -> bool:
    """A count of papers, parts, meetings, members of a named set, or what another number is taken out of."""
    quantity, before, own, after = words.quantity, words.before, words.own, words.after
    if _PAPERS.search(own) and quantity.unit in ("条", "项", "个", "份", "部", "件"):
        return True
    if _PARTS.match(after) or re.match(r"环节|阶段|步骤", after):
        return True
    if quantity.unit in ("次", "场", "期") and quantity.value <= 4 and _FREQUENCY.search(before):
        return True
    if not own and _ONLY_QUALIFIES.match(after):
        return True
    if (
        re.search(r"(?:分为|划分为|形成了?)[^,;。]{4,}$", before)
        and quantity.is_spoken
        and re.match(r"[^,;。]{0,4}(?:区|板块|组团|片区)", after)
    ):
        return True
    if quantity.unit in ("章", "节", "条") and re.search(r"共分|部分", before):
        return True
    if _MADE.search(own) or (own.endswith("对") and _WORKED_ON.match(after)):
        return False
    if re.search(r"(?:培育|认定|建设|签约|支持|确定|列入)的$", own) or _NAMED_SET_LEAD.match(own):
        return True
    if (_NAMED_SET.search(own) and not _BUILT.match(lead_off(own))) or _AMONG.match(after):
        return True
    if _DENOMINATOR_AFTER.match(after) and not re.match(r"^(?:以上)?(?:的?)$", after):
        return True
    return bool(_CONDITION.search(before) or _WEIGHT.search(own))


def _is_index(own: str, after: str) -> bool:
    """A number without a unit counts as a claim only as the value of an index: 质量竞争力指数达到90以上."""
    if after and not re.match(r"^(?::1(?!\d)|以上|左右|以下|以内|$|[,;。、)]|和|的)", after):
        return False
    return bool(
        re.search(
            r"(?:收入比|[\u4e00-\u9fff]比|指数|系数|效率|\([A-Z]{2,6}\)|得分|评分|分值|均分|总分|密度|比值|满意度|指标值|综合分|成绩)(?:[^,;]{0,6})(?:达到?|超过?|为|突破|提高到|提升至|提升到|升至|缩小到|缩小至|扩大到|扩大至|不低于|保持在|稳定在|降至|降到|控制在|高于|低于|约|近|:)*$",
            own,
        )
    )
