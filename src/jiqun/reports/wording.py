"""How pages say periods, numbers and promises in official Chinese."""

from __future__ import annotations

from decimal import Decimal

from jiqun.model.bounds import Comparator
from jiqun.model.claims import Measure
from jiqun.model.periods import Period

VALUE_KINDS = {
    "exact": "",
    "about": "约数",
    "at_least": "不少于",
    "preliminary": "初步数",
    "final": "最终数",
    "revised": "修订数",
}
CONFIDENCES = {"high": "已核对", "medium": "待核对", "low": "把握不足"}
_PREFIXES = {Measure.INCREMENT: "新增", Measure.CUMULATIVE: "累计", Measure.ANNUAL: "每年"}


def period_label(text: str) -> str:
    """`2023Q3` as 2023年三季度; text that is no period as it stands."""
    try:
        return Period.parse(text).label
    except ValueError:
        return text


def measure_label(measure: str | None) -> str:
    try:
        return Measure(measure).label if measure else ""
    except ValueError:
        return measure or ""


def quantity(value: str, unit: str, high: str = "") -> str:
    """A printed number with its unit; a range with a dash between its ends."""
    return f"{value}—{high}{unit}" if high else f"{value}{unit}"


def promised(comparator: str, value: str, unit: str, *, high: str = "", strict: bool = False, measure: str = "") -> str:
    """The number of a promise with the words that bind it: 超过7400亿元, 不超过3%, 累计200项, 前5位."""
    number = quantity(value, unit, high)
    prefix = _PREFIXES.get(Measure(measure), "") if measure else ""
    if measure == Measure.RANK:
        return f"前{number}" if comparator == Comparator.LE else f"第{number}"
    match comparator:
        case Comparator.GE:
            return f"{prefix}{'超过' if strict else '达到'}{number}"
        case Comparator.LE:
            return f"{prefix}{'低于' if strict else '不超过'}{number}"
        case Comparator.APPROX:
            return f"{prefix}{number}左右"
    return f"{prefix}{number}"


def sentence(period: str, area: str, indicator: str, promise: str) -> str:
    """A promise as a sentence: 到2020年，全市规模以上工业增加值超过7400亿元。"""
    when = f"到{period_label(period)}，" if period else ""
    where = "" if area and indicator.startswith(area) else area
    return f"{when}{where}{indicator}{promise}"


def decimal_text(value: Decimal | None) -> str:
    """A computed number as pages print it: no exponent, no trailing zeros, at most four places."""
    if value is None:
        return ""
    rounded = round(value, 4)
    text = f"{rounded:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
