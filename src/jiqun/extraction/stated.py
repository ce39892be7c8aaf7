"""The subject stands before its number: 产值达到2000亿元, 同比增长4.1%, 均居全国第四, or was named earlier."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from jiqun.extraction.frames import Context, Draft, has_verb
from jiqun.extraction.phrases import change, subject, tail_off, unchanged, without_note
from jiqun.extraction.quantities import Form
from jiqun.extraction.words import BARE_AMOUNTS, METRICS, any_of
from jiqun.model.bounds import Comparator

METRIC = re.compile(rf"(?:{any_of(METRICS)})$")
_RATIO = re.compile(
    r"^(?:年均|年平均|平均)?(?:占比|投入强度|强度|市场占有率|市场份额|占有率|比重|占[^,]{0,24}(?:比重|比例|份额)?|份额|覆盖率|增速|增幅|增长率|同比|渗透率|普及率|完成率|达标率|比例|贡献率|对[^,]{1,24}(?:贡献率|贡献度)|拉动[^,]{1,20}|(?:不良|整改|办结|合格|满意|开工|开\(复\)工|开复工|投产|竣工|到位|签约|入库|落地|转化)率$)"
)
_RATIO_END = re.compile(
    r"(?:对[^,]{1,24}(?:贡献率|贡献度)|拉动[^,]{1,20}|占比|占[^占]*(?:比重|比例|份额)?|比重|比例|增速|增幅)$"
)
AFTER_METRIC = re.compile(
    r"^(?:以上|左右)?的?(?:年均|平均|较快|中高速|同比)?"
    r"(?P<metric>增速|增长速度|增长率|增长|增幅|占比|比重|份额|水平|规模|覆盖率|覆盖|市场份额|市场占有率)(?:$|,)"
)
_SIZE = re.compile(r"^[^,、超过]{2,8}(?=超|过|突破)")
_GRADE = re.compile(
    r"(?:国家|省|市|区|县|[省市州区县地盟旗]{2})级?(?:以上)?|(?:世界|全球|全国)级?|[^,、]{1,3}(?:星|A)级"
)
_GRADE_HEAD = re.compile(r"^(?:国家|省|市|区|县)级(?:以上)?|^(?:国家|省|市)(?=[^家级])|^[^,、]{1,3}(?:星|A)级")
_SECTORS = re.compile(r"(?:第?[一二三](?:、|和))+第?[一二三](?P<rest>产业.*)")  # 第一、二、三产业增加值
_SHARED = re.compile(rf"(?:产业|行业|领域|企业|集群)?(?:{any_of(METRICS)})$")
_HEAD_NOUN = re.compile(rf"居民|产业|规上|规模以上|工业|企业|款余额|行业|领域|集群|人均|平均|{any_of(METRICS)}")
_OWN_METRICS = ("利润", "利税", "利润总额", "利税总额", "税金", "亏损面", "增加值", "税收")
_HALVES = ("城镇", "乡村", "农村", "城市")  # 城镇271.8亿元, of what was named before
_ACTS = ("注册", "登记", "备案", "设立")  # 新增注册6万户: of those named before
_RATIO_HEAD = re.compile(r"(?:率|比重|占比|收入|额|面积|规模|比例|水平)$")
_OF_THE_LAST = ("投资", "能力", "床位", "车位", "机架", "提升幅度", "下降幅度", "机械化率", "机械化水平")
_BRANCH = re.compile(r"(?:业|企业|集群)$")  # 化工产业增长9%, after 产值…: its output grows
# 武滨县10.2%、高新区6.8%: the same figure of several places
_PLACE_NAME = re.compile(
    r"(?!全|各|我|本|该)[\u4e00-\u9fff]{1,6}(?:县|(?<![园社景厂市城街小山灾矿库港校郊片老])区|市|自治州|旗)"
)
_OWNER = re.compile(r"(?:企业|园区|机构|公司|单位)$")  # 企业300家、营业收入1000亿元: theirs
_SHARED_RATIO = re.compile(r"(?:产业|行业|领域|企业|集群)(?:增加值|产值)?(?:占比|比重|比例|[\u4e00-\u9fff]{2}率)$")
_SPLIT = re.compile(r"、(?:和|与|及|以及)?|和|与|(?<![普涉])及(?!格|时|其)|以及")
_SEVERAL_BASES = re.compile(r"[比较与].{1,30}(?:、|和|与|及)")  # 分别较上月、年初回落: one subject, two bases
_EVERY = re.compile(r"(?<![人户地亩年平])均|都(?!市)|皆|双双|分别|各(?=新|培|建|达|完|引|打|不|超|至|$)")


def stated(draft: Draft, context: Context) -> list[Draft]:
    """One claim, or one for each subject of A、B均X; none where nothing is named."""
    words = unchanged(draft.before) if draft.is_reached else draft.before
    changed = None if draft.is_reached else change(words)
    if changed is not None:
        words, verb, fall = changed
        draft = replace(draft, change=verb, is_fall=fall)
    match = AFTER_METRIC.match(draft.after)
    tail = match["metric"] if match else ""
    if tail in ("增速", "增长", "增长率", "增长速度", "增幅"):
        draft, tail = replace(draft, change="增长"), ""
    if tail == "水平":
        tail = ""
    name = without_note(subject(words))
    if not name:
        return _elliptic(draft, context, tail)
    spoken = context.amount or context.passed
    if _PLACE_NAME.fullmatch(name) and spoken and not has_verb(draft.before):
        change_of = context.change if draft.quantity.form is Form.PERCENT else ""
        return [replace(draft, indicator=spoken, change=draft.change or change_of, is_inherited=True)]
    if name in _HALVES and METRIC.search(spoken):
        return [replace(draft, indicator=name + spoken, is_inherited=True)]
    if name in _ACTS and context.known():
        return [replace(draft, indicator=context.known() + "新增" * ("新增" in draft.before) + name, is_inherited=True)]
    parts = coordinated(name) if _EVERY.search(draft.before[-14:]) else []
    if len(parts) == 1 and parts[0] != name:
        name = parts[0]
    if len(parts) > 1:
        return spread(draft, [completed(part, context)[0] + tail for part in parts])
    name, inherited = completed(name, context, listed=draft.joint.startswith("、"))
    if draft.change and draft.quantity.form is Form.PERCENT and _BRANCH.search(name):
        measured = METRIC.search(context.amount)
        name += measured[0] if measured is not None else ""
    return [replace(draft, indicator=fallen(name + tail, draft), is_inherited=inherited)]


def ranked(draft: Draft, context: Context) -> list[Draft]:
    """A place in a ranking, of the subject before it or of what was named last."""
    words = re.sub(
        r"连续[一二三四五六七八九十\d]+(?:个?(?:年|季度|月))?$|(?:继续|稳|位|跃|持续|首次|再次)+$", "", draft.before
    )
    every = bool(_EVERY.search(words[-4:]))
    name = without_note(subject(words))
    if name in BARE_AMOUNTS and name not in ("增速", "增幅"):
        known = context.known()
        return [replace(draft, indicator=known or name, is_inherited=bool(known))]
    if name:
        parts = coordinated(name) if every else []
        if len(parts) > 1:
            return spread(draft, [completed(part, context)[0] for part in parts])
        name, inherited = completed(name, context)
        return [replace(draft, indicator=name, is_inherited=inherited)]
    if every and len(context.named()) > 1:
        return spread(replace(draft, is_inherited=True), context.named())
    known = context.known() or context.passed
    return [replace(draft, indicator=known, is_inherited=True)] if known else []


def series(drafted: Sequence[Draft], context: Context) -> list[Draft]:
    """A、B分别达到x、y: each number with its own subject, all with the quote and the bound of the whole.

    Where there are not as many subjects as numbers, every number keeps all the words.
    """
    head = drafted[0]
    changed = None if head.is_reached else change(head.before)
    words = changed[0] if changed else (unchanged(head.before) if head.is_reached else head.before)
    name = without_note(subject(words))
    parts = coordinated(name) if name else context.named(len(drafted))[-len(drafted) :]
    if not name and len(drafted) > 1 and _SEVERAL_BASES.search(head.before):
        parts = [context.known()] * len(drafted)
    if len(parts) != len(drafted):
        parts = [name or context.known()] * len(drafted)
    bound = next((d for d in drafted if d.comparator not in (Comparator.EQ, Comparator.RANGE)), None)
    found: list[Draft] = []
    for place, (part, draft) in enumerate(zip(parts, drafted, strict=True)):
        if not part:
            continue
        made = replace(
            draft, start=head.start, end=drafted[-1].end, before=head.before, marks=head.marks, is_inherited=not name,
            change=changed[1] if changed else "", is_fall=bool(changed and changed[2]), is_reached=head.is_reached,
            series=(place, len(drafted)),
        )  # fmt: skip
        if bound is not None and draft.comparator is Comparator.EQ:
            made = replace(made, comparator=bound.comparator, is_strict=bound.is_strict)
        found.append(replace(made, indicator=fallen(completed(part, context)[0], made)))
    return found


def spread(draft: Draft, names: Sequence[str]) -> list[Draft]:
    """The same number said of each name."""
    return [replace(draft, indicator=fallen(name, draft), copy=at) for at, name in enumerate(names)]


def fallen(name: str, draft: Draft) -> str:
    """The name with its verb where the number is a fall; a rise has the plain name (guidelines)."""
    return name + draft.change if draft.is_fall and not name.endswith(draft.change) else name


def plain(draft: Draft) -> str:
    """The indicator for what follows to lean on: without the fall of this number."""
    return draft.indicator.removesuffix(draft.change) if draft.is_fall else draft.indicator


def is_share(draft: Draft) -> bool:
    """Whether the number is a proportion: what grows after it is not the proportion but the amount before."""
    return draft.quantity.form in (Form.PERCENT, Form.FRACTION) and not draft.change


def coordinated(name: str) -> list[str]:
    """The members of A、B和C, a metric that stands at the end only given to each; A、B等Z is Z alone."""
    summed = re.search(r"等(?P<all>[^、等]{2,})$", name)
    if summed is not None:
        return [summed["all"]]
    parts = [part for part in _SPLIT.split(name) if part]
    sectors = _SECTORS.fullmatch(name)
    if sectors is not None:
        return [f"第{mark}{sectors['rest']}" for mark in re.findall(r"[一二三](?=、|和|产业)", name)]
    longest = max((len(part) for part in parts[:-1]), default=0)
    return [_with_head(part, parts[-1], longest) for part in parts]


def _with_head(part: str, last: str, longest: int) -> str:
    """A member of a list with the head that the last one has: 国家级、省级园区, 城镇和农村居民收入, A、B产业产值."""
    if part == last or METRIC.search(part) or _RATIO_HEAD.search(part):
        return part
    if _GRADE.fullmatch(part):
        return part + _GRADE_HEAD.sub("", last)
    if _HEAD_NOUN.match(last, len(part)):
        return part + last[len(part) :]
    match = _SHARED.search(last) or _SHARED_RATIO.search(last)
    if match is None and _RATIO_HEAD.search(last) and len(last) - longest >= 3:
        return part + last[longest:]
    return part + match[0] if match is not None and match.start() else part


def completed(name: str, context: Context, *, listed: bool = False) -> tuple[str, bool]:
    """`name` with the topic that the sentence left out, and whether it did: 占比 after 高新技术产业产值.

    In a list (`listed`: 营业收入…、利税…) a plain amount stands for itself.
    """
    grade = _GRADE.fullmatch(name)
    if grade is not None and context.subject:
        return name + _GRADE_HEAD.sub("", context.subject), True
    size = _SIZE.match(context.subject) if name.startswith(("超", "过", "突破")) else None
    if size is not None:
        return size[0] + name, True
    bare = METRIC.fullmatch(name) is not None
    ratio = _RATIO.match(name) is not None
    if name.startswith("其") and not name.startswith(("其中", "其他", "其它", "其余")) and context.subject:
        return context.subject + name[1:], True
    if name in _OF_THE_LAST and context.subject and not listed:
        return _overlapped(METRIC.sub("", context.subject) or context.subject, name), True
    owned = _OWNER.search(context.subject) is not None
    if (not bare and not ratio) or (listed and not ratio and not owned and name not in BARE_AMOUNTS):
        return name, False
    stem = METRIC.sub("", context.passed)
    if bare and not context.subject and name in _OWN_METRICS and stem not in ("", context.passed):
        return stem + name, True  # …实现主营业务收入500亿元；实现利税20亿元
    if not context.subject and not context.lead and ratio:
        return _overlapped(_RATIO_END.sub("", context.passed) or context.passed, name), bool(context.passed)
    if not context.subject:
        topic = context.lead if len(context.lead) <= 20 else context.lead.rsplit("的", 1)[-1][-20:]
        return topic + name, bool(topic)
    previous = context.subject
    previous = _RATIO_END.sub("", previous) or previous
    if name.startswith("市场"):
        return _overlapped(METRIC.sub("", previous) or previous, name), True
    if ratio:
        return _overlapped(previous, name), True
    if name in BARE_AMOUNTS:
        return re.sub(r"(?:总数|总量|数量)$", "", previous) + name, True
    stem = METRIC.sub("", previous).removesuffix("年")
    return (stem if stem != previous else previous.rsplit("的", 1)[-1]) + name, True


def _overlapped(topic: str, name: str) -> str:
    """Both joined, what they share said once: 研发经费投入 and 投入强度 are 研发经费投入强度."""
    shared = next((size for size in range(min(len(topic), len(name)), 0, -1) if topic.endswith(name[:size])), 0)
    return topic + name[shared:]


def _elliptic(draft: Draft, context: Context, tail: str) -> list[Draft]:
    """Nothing but a verb before the number: it speaks of what was named last."""
    if _EVERY.search(draft.before) and len(context.named()) > 1:
        return spread(replace(draft, is_inherited=True), [name + tail for name in context.named()])
    grows = draft.change and draft.quantity.form in (Form.PERCENT, Form.TIMES)
    name = (context.amount if grows else "") or context.known()
    if draft.quantity.form in (Form.FRACTION, Form.PERCENT):
        match = re.search(r"占[^,]*$", draft.before)
        if match is not None:
            name += tail_off(match[0]) or "占比"
    name = name or context.passed
    if not name:
        return []
    return [replace(draft, indicator=fallen(name + tail, draft), is_inherited=True)]
