"""Which of the seven measures a number is; growth goes before share, annual, cumulative, increment, level."""

from __future__ import annotations

import re

from jiqun.extraction.frames import Draft
from jiqun.extraction.quantities import Form
from jiqun.extraction.stated import METRIC
from jiqun.model.claims import Measure

_GROWTH_NAME = re.compile(r"增速|增长率|增长速度|增幅|降幅|涨幅|跌幅|升幅|下降率|降低率|增长$")
_SHARE_NAME = re.compile(r"占|比重|比例|份额|(?<!增长)率|覆盖")
# 年 before a flow makes it a yearly figure; in 年产量, 年均浓度, 年末 it does not (guidelines)
_QUOTED = re.compile(r"“[^“”]*”|《[^《》]*》")
_STATE = re.compile(r"(?:产量|床位数|人口|存栏|收入比|指数|能效|面积|里程|总量|总数)$|\([A-Z]{2,6}\)$|比$")
_YEARLY = re.compile(
    r"每年|年度|(?<![\d今去明当近往前后本成青少老周上百全半历整数多每中学学])年(?!均?浓度|产量|产能|产[^值]|末|底|初|来|内|前|后|龄|轻|人|限|中|间|级|会|夜|代|份|年|报|检|审|景|货|俗|以)"
)


def measure(draft: Draft) -> Measure:
    """The measure of a draft, by its name, the words before its number and the marks it inherits."""
    form, name = draft.quantity.form, _QUOTED.sub("", draft.indicator)
    stated = _QUOTED.sub("", draft.before)
    if form is Form.RANK:
        return Measure.RANK
    if form is Form.POINTS:
        return Measure.ANNUAL if re.search(r"年均|每年", stated) else Measure.INCREMENT
    ratio = form in (Form.PERCENT, Form.TIMES, Form.FRACTION)
    named = form is not Form.FRACTION and _GROWTH_NAME.search(name)
    if ratio and (draft.change or named or (form is Form.TIMES and not _SHARE_NAME.search(name))):
        return Measure.GROWTH
    if form is Form.PERCENT and name.endswith("指数"):
        return Measure.LEVEL
    if form in (Form.PERCENT, Form.FRACTION):
        return Measure.SHARE
    if "每年" in draft.marks or _is_yearly(name, stated):
        return Measure.ANNUAL
    if "累计" in draft.marks:
        return Measure.CUMULATIVE
    if (
        draft.change
        or name.endswith("增收")
        or ("新增" in draft.marks and ("新" in stated or "净增" in stated or not _is_total(stated)))
    ):
        return Measure.INCREMENT
    return Measure.LEVEL


def _is_total(stated: str) -> bool:
    """Whether the item names nothing but an amount of what was counted before it: 新引进项目20个，总投资100亿元."""
    words = stated.rstrip("达到超过突破为约近至降缩小保持在以下")
    return METRIC.fullmatch(words) is not None or _STATE.search(words) is not None


def _is_yearly(name: str, stated: str) -> bool:
    if re.search(r"[人户地]?年均(?!浓度|汇率|降水|气温|可支配)", stated) and not re.search(r"年均浓度", stated + name):
        return True
    if re.search(r"[超过破]|以上|产能$|能力$", name):
        return False  # 年营业收入超50亿元企业 is a class of firms
    if stated.startswith("年度") and not stated.startswith("年度目标"):
        return True
    return bool(_YEARLY.search(name)) or bool(
        re.search(r"(?<![\d\u4e00-\u9fff])年(?:均)?(?:新增|认定|引进|培训|接待|完成|实现)", stated)
    )
