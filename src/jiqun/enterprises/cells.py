"""Cells of an imported table as values of a firm's columns: an expression for the value, and one for what is wrong.

The reading of numbers and days is that of `tables.number` and `tables.day`, said as expressions over whole columns; the
tests hold the two together. A fault is a code of `FAULTS`, null where there is none; a faulty cell has no value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from jiqun.enterprises import identity
from jiqun.enterprises.columns import KEY, Column
from jiqun.model.units import Unit
from jiqun.packs import City

# code → what is wrong, what to do
FAULTS: Mapping[str, tuple[str, str]] = {
    "number": ("不是单个确定的数", "请只填一个数字"),
    "grouping": ("分隔位置不是三位一组，无法确定数值", "请去掉分隔符"),
    "unit": ("单位与本列不符", "请按表头单位填写数字"),
    "negative": ("不能是负数", "请核对"),
    "whole": ("应是整数", "请核对，不能有半个"),
    "large": ("数值大得不合理", "请核对单位"),
    "day": ("不是日期", "请填写年月日，例如 2024-06-01"),
    "truth": ("应填“是”或“否”", "请改为“是”或“否”"),
    "option": ("不在可选的写法之内", "请按数据项的可选值填写"),
    "area": ("不是本市文件夹里的区划", "请填写区划的名称或编号"),
    "industry": ("不是 GB/T 4754 的代码或名称", "请填写行业代码"),
    "code": ("统一社会信用代码有误", "请对照营业执照核对"),
    "required": ("没有填写", "请补填"),
    # of a longitude and its latitude together, told at the longitude: `coordinates.faults`
    "half": ("和纬度只填了一个", "请补填另一个，或都留空"),
    "zero": ("或纬度为零，不是实际位置", "没有坐标请留空"),
    "swapped": ("与纬度填反了", "请对调两列后重新导入"),
    "abroad": ("、纬度不在我国范围内", "请按十进制度填写，并核对坐标系"),
    "elsewhere": ("、纬度不在所属区划范围内，坐标已留下", "请核对坐标、坐标系或所属区划"),
}
_MISSING = ("", "-", "--", "–", "—", "——", "―", "…", "……", "...", "......", "/", "N/A", "NA", "#N/A")
_TRUE = ("是", "有", "1", "true", "TRUE", "True", "√", "Y", "y", "yes", "YES")
_FALSE = ("否", "无", "0", "false", "FALSE", "False", "×", "N", "n", "no", "NO", "没有")
_NUMBER = r"^([+\-−–]?)\s*¥?\s*(\d[\d, ]*(?:\.\d+)?|\.\d+)([eE][+\-]?\d{1,3})?\s*([^\d\s.,+\-][^\d]*)?$"
_GROUPED = r"^(?:\d+|\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+)?(?:\.\d+)?$"
_SUFFIXES = (
    *(
        "万",
        "亿",
        "万亿",
        "万亿元",
        "元",
        "万元",
        "亿元",
        "美元",
        "万美元",
        "亿美元",
        "%",
        "人",
        "家",
        "户",
        "名",
        "项",
        "件",
        "个",
        "年",
        "亩",
    ),
    *("位", "分", "级", "吨标准煤", "万吨标准煤"),
)
_VAGUE = r"约|近|超|多|余|上下|左右|以上|以下|以内|[~～—至到]"
_LARGEST = 1e13


@dataclass(frozen=True)
class Reading:
    """How a column of texts becomes values, in steps: each a frame's further columns, read by the next step.

    Steps, since an engine that is given the whole as one expression works its parts out again for each use. After the
    last one, column `value` holds the values and `fault` the codes of what is wrong.
    """

    steps: tuple[Mapping[str, pl.Expr], ...]
    value: str
    fault: str


def reading(column: Column, text: str, unit: str, city: City) -> Reading:
    """The reading of text column `text` as `column`; `unit` is that of the table's head, "" for the column's own."""
    plain, value, fault = (pl.col(f"{text}_{what}") for what in ("plain", "value", "fault"))
    first = {f"{text}_plain": _plain(pl.col(text))}
    more: tuple[Mapping[str, pl.Expr], ...] = ()
    kind = column.attribute.kind
    read: pl.Expr
    wrong: pl.Expr
    if column.id == KEY:
        first = {f"{text}_plain": _code(_plain(pl.col(text)))}
        read, wrong = plain, pl.when(~identity.is_valid(plain)).then(pl.lit("code"))
    elif column.id.endswith("area_id"):
        read, wrong = _looked_up(plain, value, _areas(city), "area")
    elif column.id == "industry_code":
        read, wrong = _looked_up(plain.str.replace(r"^[A-T](\d)", "$1"), value, _industries(city), "industry")
    elif kind == "number":
        more = ({f"{text}_{part}": expression for part, expression in _number_parts(plain).items()},)
        read, wrong = _number(text, column, unit)
    elif kind == "boolean":
        truths: dict[str, object] = {**dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False)}
        read, wrong = _looked_up(plain, value, truths, "truth", pl.Boolean())
    elif kind == "date":
        more = ({f"{text}_{part}": expression for part, expression in _day_parts(plain).items()},)
        read, wrong = _day(text)
    elif kind == "list":
        read, wrong = plain.str.split("、").list.eval(pl.element().str.strip_chars()), _none()
    elif column.attribute.values:
        labels: dict[str, object] = {label: id_ for id_, label in column.attribute.values.items()}
        ids: dict[str, object] = {id_: id_ for id_ in column.attribute.values}
        read, wrong = _looked_up(plain, value, labels | ids, "option")
    else:
        read, wrong = pl.col(text).str.strip_chars(), _none()
    if column.attribute.is_required:
        wrong = pl.coalesce(wrong, pl.when(plain.is_null()).then(pl.lit("required")))
    last = {f"{text}_value": pl.when(fault.is_null()).then(value).cast(column.data_type, strict=False)}
    steps = (first, *more, {f"{text}_value": read}, {f"{text}_fault": wrong.cast(pl.String)}, last)
    return Reading(steps, f"{text}_value", f"{text}_fault")


def _plain(text: pl.Expr) -> pl.Expr:
    """Without width and outer spaces; null for nothing and for marks of no figure."""
    folded = text.str.normalize("NFKC").str.strip_chars()
    return folded.replace([*_MISSING, "⋯"], None)


def _number_parts(plain: pl.Expr) -> dict[str, pl.Expr]:
    """What is plainly a number as such; of anything else, the parts, for patterns are slow and such cells are few."""
    is_plain = plain.str.contains(r"^-?\d+(\.\d+)?$")
    odd = pl.when(~is_plain).then(plain)
    return {
        "number": pl.when(is_plain).then(plain).cast(pl.Float64, strict=False),
        "sign": odd.str.extract(_NUMBER, 1),
        "digits": odd.str.extract(_NUMBER, 2).str.strip_chars(),
        "power": odd.str.extract(_NUMBER, 3).fill_null(""),
        "suffix": odd.str.extract(_NUMBER, 4).fill_null("").str.strip_chars(),
    }


def _number(text: str, column: Column, unit: str) -> tuple[pl.Expr, pl.Expr]:
    """`tables.number`, then the unit of the head, then whether the column can hold it."""
    plain, value, digits, suffix = (pl.col(f"{text}_{part}") for part in ("plain", "value", "digits", "suffix"))
    in_yuan = (suffix == "") & plain.str.contains("¥", literal=True)
    said = pl.when(in_yuan).then(pl.lit("元")).otherwise(suffix)
    factors = _factors(column.attribute.unit, unit)
    factor = said.replace_strict(list(factors), list(factors.values()), default=None, return_dtype=pl.Float64)
    sign = pl.when(pl.col(f"{text}_sign").is_in(["-", "−", "–"])).then(-1.0).otherwise(1.0)
    written = digits.str.replace_all("[, ]", "") + pl.col(f"{text}_power")
    plainly = pl.col(f"{text}_number") * factors[""]
    read = pl.coalesce(plainly, written.cast(pl.Float64, strict=False) * factor * sign).round(6)
    wrong: pl.Expr = (
        pl.when(plain.is_null()).then(pl.lit(None, dtype=pl.String))
        .when(digits.is_null() & plainly.is_null()).then(pl.lit("number"))
        .when(~digits.str.contains(_GROUPED)).then(pl.lit("grouping"))
        .when(suffix.str.contains(_VAGUE)).then(pl.lit("number"))
        .when(value.is_null()).then(pl.lit("unit"))
        .when(~value.is_finite() | (value.abs() >= (2**31 if column.is_whole else _LARGEST))).then(pl.lit("large"))
    )  # fmt: skip
    if column.is_whole:
        wrong = pl.coalesce(wrong, pl.when(value != value.round()).then(pl.lit("whole")))
    if not column.attribute.may_be_negative:
        wrong = pl.coalesce(wrong, pl.when(value < 0).then(pl.lit("negative")))
    return read, wrong


def _factors(own: str, head: str) -> dict[str, float]:
    """What a word behind a number makes of it in the column's unit: 1.2亿元 in a column headed 万元 stays 1.2亿元."""
    to = Unit.parse(own)
    stated = Unit.parse(head) if head and Unit.parse(head).measures_like(to) else to
    found: dict[str, float] = {"": float(stated.factor / to.factor)}
    for suffix in _SUFFIXES:
        written = Unit.parse(suffix)
        if not written.bare:  # 万 and 亿 alone multiply what the head counts in
            found[suffix] = float(written.factor * Unit.parse(stated.bare).factor / to.factor)
        elif written.measures_like(to):
            found[suffix] = float(written.factor / to.factor)
    return found


def _day_parts(plain: pl.Expr) -> dict[str, pl.Expr]:
    bare = plain.str.replace(r"\s+00:00(:00)?$", "").str.replace_all(r"\s+", "")
    parts = (r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$", r"^(\d{4})(\d{2})(\d{2})$")
    day = plain.str.to_date("%Y-%m-%d", strict=False)
    odd = pl.when(day.is_null()).then(bare)
    found = {
        name: pl.coalesce(odd.str.extract(form, at) for form in parts)
        for at, name in enumerate(("year", "month", "mday"), 1)
    }
    return found | {"iso": day}


def _day(text: str) -> tuple[pl.Expr, pl.Expr]:
    year, month, day = (pl.col(f"{text}_{part}") for part in ("year", "month", "mday"))
    spelt = pl.concat_str(year, month.str.zfill(2), day.str.zfill(2)).str.to_date("%Y%m%d", strict=False)
    read = pl.coalesce(pl.col(f"{text}_iso"), spelt)
    is_wrong = pl.col(f"{text}_plain").is_not_null() & pl.col(f"{text}_value").is_null()
    return read, pl.when(is_wrong).then(pl.lit("day"))


def _code(plain: pl.Expr) -> pl.Expr:
    return plain.str.replace_all(r"[\s\-—'`\x{200b}-\x{200f}\x{feff}]+", "").str.to_uppercase()


def _looked_up(
    plain: pl.Expr, value: pl.Expr, known: Mapping[str, object], fault: str, type_: pl.DataType | None = None
) -> tuple[pl.Expr, pl.Expr]:
    read = plain.replace_strict(list(known), list(known.values()), default=None, return_dtype=type_ or pl.String())
    return read, pl.when(plain.is_not_null() & value.is_null()).then(pl.lit(fault))


def _areas(city: City) -> dict[str, object]:
    named: dict[str, object] = {name: ids[0] for name, ids in city.names_of_areas.items() if len(ids) == 1}
    return named | {id_: id_ for id_ in city.areas} | {a.code: a.id for a in city.areas.values() if a.code}


def _industries(city: City) -> dict[str, object]:
    """Codes, and names that only one class bears: the name of a group and its sole class mean the class."""
    named: dict[str, str] = {}
    for code, industry in city.industries.items():
        named[industry.name] = max(named.get(industry.name, ""), code, key=lambda each: (len(each), each))
    return {**named, **{code: code for code in city.industries}}


def _none() -> pl.Expr:
    return pl.lit(None, dtype=pl.String)
