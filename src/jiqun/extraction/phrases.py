"""The name of what is counted, cut out of the words around a number."""

from __future__ import annotations

import re

from jiqun.extraction.words import (
    BUILD_VERBS,
    FALLS,
    KEPT_VERBS,
    LEADING,
    METRICS,
    MOVING_VERBS,
    NOMINAL_VERBS,
    NOT_TRAILING,
    RISES,
    TRAILING,
    VERB_GUARDS,
    any_of,
)

_VERB = re.compile(
    "^(?:"
    + "|".join(
        re.escape(verb) + (f"(?!{any_of(VERB_GUARDS[verb])})" if verb in VERB_GUARDS else "")
        for verb in sorted(BUILD_VERBS, key=len, reverse=True)
        if len(verb) > 1 and verb not in KEPT_VERBS
    )
    + ")(?![率值额量度](?![身化])|数(?![字据控智]))"
)
# a stretch of months: 1—9月份, 前三季度, 8月
MONTHS = (
    r"(?:[上下]半年|第?[一二三四1-4](?:至|[-—~])?[二三四2-4]?季度|前[一二两三\d]{1,2}个?(?:季度|月)"
    r"|\d{1,2}(?:[-—~至]{1,2}\d{1,2})?月(?:份|底|末)?)"
)
_YEARS = r"(?:(?:19|20)\d\d年?(?:[-—~至到]{1,2}20\d\d年)?(?:度(?!\S{2}?企业))?|[“\"]?十[一二三四五六七]五[”\"]?)"
_TIME_HEAD = re.compile(
    rf"^(?:其中|此外|另外|力争|确保|争取|预计|计划)?,?(?:到|至|截至|截止|在|从|自)?"
    rf"(?:本世纪中叶|{_YEARS}|(?:未来|今后|过去|近)?[一二三四五六七八九十两几\d]+年(?:来|内|间)?|今年|去年|明年|当年|全年|本年度?)"
    r"(?:[上下]半年|第?[一二三四1-4]季度|前[二三两]个?季度|\d{1,2}(?:[-—~至]\d{1,2})?月(?:份|底|末)?)?"
    r"(?:末|底|年末|年底|期末|时期|期间|前|初|以来|起)*(?:,|时)?"
    rf"|^(?:其中|此外|另外)?,?(?:截至|截止|到|至)?(?:{MONTHS}(?:累计|当月|单月)?|当月|单月|年内|期末|年末|年底)(?:以来|前)?"
)
_LEAD = re.compile(rf"^(?:{any_of(LEADING)})")
# words that only look like one of those above: 重点项目, 共享, 各类, 近海
_NOT_LEAD = re.compile(
    r"^(?:为(?=民)|对(?=[^,]{1,24}贡献)|重点(?=项目|企业|实验|产业|行业|领域|工程|研发|园区|群体|高校)|主要(?=农|经济|污染|劳动|工业|产品)|"
    r"全面(?=小康|推)|与(?=国)|基本(?=公共|养老|医疗|农田|建设)|共(?=同|享|建(?!成|设))|对(?!全)|同(?=类|时期)|总(?!共)|"
    r"组织(?=化|率)|协同|累计(?=确)|并(?=购|网|联)|而|均(?=衡|等)|其中(?=心)|主(?=营)|将(?=军)|高标准(?=农|厂)|"
    r"各(?=类|级|市|区|县|板|种|项|行|界|镇|乡|单)|近(?=海|岸|零)|高质量(?=发展)|及时|约束|[使要国])"
)
_GENERIC_AREA = re.compile(
    r"^在?(?:[我该][国省市区县]|本[市省区县]|全[国省市区县镇州域球])"
    r"(?!统一|性|面|链|重点|文明|百强|一流|先进(?!制造|材料)|示范|领先|唯一|首|第|市场|知名|优秀|人大|政协|前|最)(?:范围内?|上下|各地)?的?"
)
_TAIL = re.compile(rf"(?:{any_of(TRAILING)})$")
_NOT_TAIL = re.compile(rf"(?:{any_of(NOT_TRAILING)})$")
_EARLIER = (
    r"(?:上年|去年|上一年|前年|上月|上个月|上季度|上个?季度|同期|上年同期|去年同期|前一年|年初|期初|全年|前值|"
    rf"(?:20\d\d年|上年|去年)?{MONTHS}|20\d\d年(?:度|{MONTHS})?|[“\"]?十[一二三四五]五[”\"]?)"
    r"(?:全年|同期|末|底|年底|年末|初|期末|时期|数|累计|当月|增速|水平|平均)*(?:相比|时)?"
)
_CHANGE = re.compile(
    rf"(?:,|同比|环比|按?同口径|按?可比口径|按?可比价格?(?:计算)?|可比|现价|名义|实际|两年平均|[比较与同]{_EARLIER}(?:[、和与及]{_EARLIER})*,?|"
    r"年均|平均每年|每年均?|平均|累计|净|分别|均|再|又|共|可|预计|力争|确保|将|实现|达到|保持)*"
    rf"(?P<word>{any_of(RISES)}|{any_of(FALLS)})(?P<kind>了|率|幅度)?$"
)
_LONG_CHANGES = [word for word in RISES + FALLS if len(word) > 1]
_MOVED = re.compile(rf"(?:逐步|进一步|分别|均|再)*(?:{any_of([*_LONG_CHANGES, *MOVING_VERBS])})$")
_BASE_TAIL = re.compile(
    rf"(?:同比|环比|(?:是|为|相当于|比|较|与|同){_EARLIER}(?:[、和与及]{_EARLIER})*的?(?:基础上)?,?|到?20\d\d年(?:[、和]20\d\d年)+(?:底|末)?|在20\d\d年的?基础上)$"
)
# 产业实现营业收入: the verb within says nothing of what is counted
_FILLER = re.compile(rf"(?<=[\u4e00-\u9fff])(?:累计|共)?(?:实现|完成)(?=[^,、]{{0,6}}(?:{any_of(METRICS)})$)")
_MONTH_TAIL = re.compile(rf"(?<=[\u4e00-\u9fff]){MONTHS}(?:累计|当月|单月)?$")  # 增加值8月当月, 增幅2-5月份
_RESULT = re.compile(r"^出(?![口台版让租厂货资行境入生])了?|^起(?:了|(?=覆盖|较|完|一|以|由))")
_AGAINST = re.compile(
    rf"(?:,|分别|均|增速|增幅)*(?P<word>[高快多低慢少])[于出过](?P<base>{_EARLIER})(?:[、和与及]{_EARLIER})*$"
)  # 高于去年同期
# 利用闲置厂房改造文创街区: by what means, before the verb
_MEANS = re.compile(
    r"^(?:(?:在|利用|依托|通过|围绕|面向|针对|联合)[^,]{2,36}?|(?:开发区|园区|新区|各县区)(?:每年|将)新?)(?:招引|集聚|新建|建设|改造|打造|培育|引进|设立|组建|新增|建成|布局|创建|开设|开发)"
    r"(?=[\u4e00-\u9fff“]{2})(?!项目|投资|用地|中心)"
)
_LABELLED = re.compile(r"^【[^】]{1,12}】")
_AFFECTED = re.compile(r"^虽?受[^,]{2,16}影响,?")
_OWNS = re.compile(
    r"^(?:开发区|高新区|新区|园区|示范区|集聚区|公司|集团)(?:现有|共有|拥有|设有|建有)(?=[\u4e00-\u9fff“]{2})"
)
_CONVERTED = re.compile(r"^按[^,]{0,8}(?:汇率|价格?)(?:折算|计算)")
_NOTE = re.compile(r"\([^()]{7,}\)$")


def subject(words: str) -> str:
    """The name in the words before a number: times, places of the speaker, verbs and bound words taken off."""
    words = _AFFECTED.sub("", _OWNS.sub("", words))
    return _FILLER.sub("", tail_off(head_off(_MEANS.sub("", _CONVERTED.sub("", words)))))


def head_off(words: str) -> str:
    """`words` without the times, adverbs, generic areas and verbs of building that open it."""
    words = lead_off(words)
    for _ in range(16):
        match = _VERB.match(words.removeprefix("年均"))
        if match is not None:
            words = words.removeprefix("年均")
        if match is None or len(words) - match.end() == 1:
            break
        if match.end() == len(words) and match[0] in NOMINAL_VERBS:
            break
        words = lead_off(_RESULT.sub("", words[match.end() :].lstrip("了,:、")))
    return words


def lead_off(words: str) -> str:
    """`words` without the times, adverbs and generic areas that open it; its verb stays."""
    words = _LABELLED.sub("", words).lstrip(",;:。、!?—-·●■*")
    if words.startswith("“") and "”" not in words:
        words = words[1:]
    for _ in range(16):
        match = _TIME_HEAD.match(words)
        if match is None or not match.end():
            match = _GENERIC_AREA.match(words)
        if (match is None or not match.end()) and not _NOT_LEAD.match(words):
            match = _LEAD.match(words)
        if match is None or not match.end():
            break
        words = words[match.end() :].lstrip(",:、的")
    return words


def tail_off(words: str) -> str:
    """`words` without the verbs and adverbs between a subject and its number."""
    words = words.rstrip(",;:、—-~的")
    words = _MONTH_TAIL.sub("", words)
    for _ in range(12):
        match = _TAIL.search(words)
        if match is None or (len(match[0]) == 1 and _NOT_TAIL.search(words)):
            match = _BASE_TAIL.search(words)
        if match is None:
            break
        words = words[: match.start()].rstrip(",;:、的")
    return _MONTH_TAIL.sub("", words)


def change(words: str) -> tuple[str, str, bool] | None:
    """(words before the change, its verb, whether it is a fall) where the words before a number end in one: 同比增长.

    None where the verb leads to a reached value (增长到) or is the head of a name (增速 is a name).
    """
    words = words.rstrip(",:")
    against = _AGAINST.search(words)
    if against is not None:
        return words[: against.start()], against["word"], against["word"] in FALLS
    match = _CHANGE.search(words)
    if match is None:
        return None
    verb = match["word"]
    if (
        verb not in _LONG_CHANGES
        and match.start() == match.start("word")
        and not words[: match.start()].endswith(("同比", "年均"))
    ):
        return None
    if re.fullmatch(r"[户人亩村]均?", words[: match.start()]):  # 户均增收 is a name
        return None
    if verb in ("新增", "净增"):
        return None
    if match["kind"] in ("率", "幅度"):
        return None
    return words[: match.start()], verb, verb in FALLS


def unchanged(words: str) -> str:
    """`words` without the verb of a change that leads to a reached value: 占比提高(到), 能耗下降(至)."""
    match = _MOVED.search(words)
    return words[: match.start()] if match is not None and match.start() else words


def without_note(words: str) -> str:
    """`words` without a long bracket note at the end: 人才(含…) is 人才."""
    match = _NOTE.search(words)
    return words[: match.start()] if match is not None and match.start() > 2 else words
