"""The unified social credit code (GB 32100-2015) and the organisation code inside it (GB 11714): read, checked, said.

A code has 18 characters: department, kind, division of registration (6 digits), organisation code (9), check character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl
import yaml

from jiqun.model.findings import Finding, Place, Severity
from jiqun.model.numerals import fold

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015, 表2: no I, O, S, V, Z
LENGTH = 18
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))  # 式(1): Wi = 3^(i-1) mod 31
_ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # GB 11714
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_LOOKS_LIKE = {"I": "1", "O": "0", "S": "5", "V": "U", "Z": "2"}
_BY_SPREADSHEET = re.compile(r"\d(\.\d+)?E\+?\d+")
_INVISIBLE = re.compile(r"[\s\-—'`\u200b-\u200f\ufeff]+")


@dataclass(frozen=True)
class Identity:
    """A code as read: `text` as given, `code` in its normal form, and all that is wrong with it.

    `department` and `kind` are the words of the standard, "" where the code is too damaged to say.
    """

    text: str
    code: str
    department: str = ""
    kind: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def is_valid(self) -> bool:
        """18 characters of the standard whose last one fits the others. Warnings do not count."""
        return all(finding.severity is not Severity.ERROR for finding in self.findings)

    @property
    def division_code(self) -> str:
        return self.code[2:8]

    @property
    def organisation_code(self) -> str:
        return self.code[8:17]


def normal(text: str) -> str:
    """The code without width, case, spaces, hyphens and the apostrophe that keeps spreadsheets off it."""
    return _INVISIBLE.sub("", fold(text)).upper()


def check_character(body: str) -> str:
    """The 18th character for the 17 before it: 31 less the weighted sum mod 31. Raises ValueError off the alphabet."""
    total = sum(ALPHABET.index(character) * weight for character, weight in zip(body, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def organisation_check(body: str) -> str:
    """The 9th character of an organisation code for the 8 before it: 11 less the sum mod 11, X for 10, 0 for 11."""
    weighed = zip(body, _ORGANISATION_WEIGHTS, strict=True)
    total = sum(_ORGANISATION_ALPHABET.index(character) * weight for character, weight in weighed)
    return "0123456789X"[-total % 11]


def read(text: str, place: Place | None = None) -> Identity:
    """The identity that `text` writes, with every fault; a code is never mended, only a likely one proposed."""
    code = normal(text)
    where = place or Place()
    department, kind = _names(code)
    return Identity(text, code, department, kind, tuple(_findings(text, code, where)))


def proposals(code: str) -> tuple[str, ...]:
    """Sound codes that `code` may have been before a slip: a letter that looks like a digit, or two neighbours swapped.

    Both check characters must fit, so that a chance proposal is one in 341.
    """
    found: list[str] = []
    likely = "".join(_LOOKS_LIKE.get(character, character) for character in code)
    if likely != code:
        found.append(likely)
    for at in range(len(likely) - 1):
        if likely[at] != likely[at + 1]:
            found.append(likely[:at] + likely[at + 1] + likely[at] + likely[at + 2 :])
    return tuple(dict.fromkeys(other for other in found if other != code and _is_sound(other)))


def is_valid(code: pl.Expr) -> pl.Expr:
    """For a column of codes in normal form, what `read(code).is_valid` says; null stays null."""
    fits = code.str.contains(rf"^[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{10}}$")
    safe = pl.when(fits).then(code).otherwise(pl.lit("0" * LENGTH))
    total = pl.sum_horizontal([_value(safe, at) * weight for at, weight in enumerate((*_WEIGHTS, 1))])
    return pl.when(code.is_not_null()).then(fits & (total % 31 == 0))


def _value(code: pl.Expr, at: int) -> pl.Expr:
    values = [ALPHABET.find(chr(byte)) for byte in range(128)]
    byte = code.cast(pl.Binary).bin.reinterpret(dtype=pl.Array(pl.UInt8, LENGTH)).arr.get(at)
    return byte.replace_strict(list(range(128)), values, default=None, return_dtype=pl.Int32)


# --- what is wrong, in words


def _findings(text: str, code: str, where: Place) -> Iterator[Finding]:
    if not code:
        yield _fault("empty", "没有填写统一社会信用代码", where, "请补填18位代码")
        return
    if _BY_SPREADSHEET.fullmatch(code):
        remedy = "把该列设为“文本”格式后重新录入，原来的后几位已经丢失"
        yield _fault("spreadsheet", f"“{text}”是被表格软件改成科学计数法的数", where, remedy)
        return
    if len(code) != LENGTH:
        yield _wrong_length(code, where)
        return
    strange = [character for character in code if character not in ALPHABET]
    if strange:
        letters = "、".join(dict.fromkeys(strange))
        yield _fault("character", f"“{code}”里有代码不使用的字符 {letters}", where, _remedy(code))
        return
    if not code[2:8].isdigit():
        yield _fault("division", f"“{code}”第3—8位“{code[2:8]}”应是数字（登记机关行政区划码）", where, _remedy(code))
        return
    expected = check_character(code[:17])
    if code[17] != expected:
        message = f"“{code}”的校验码不符：按前17位应为 {expected}，写的是 {code[17]}"
        yield _fault("check", message, where, _remedy(code))
        return
    yield from _doubts(code, where)


def _doubts(code: str, where: Place) -> Iterator[Finding]:
    """What a genuine code should not show, though its check character fits."""
    if organisation_check(code[8:16]) != code[16]:
        message = f"“{code}”里的组织机构代码“{code[8:17]}”自身的校验位不符"
        yield _fault("organisation", message, where, "请对照营业执照核对", Severity.WARNING)
    if not _names(code)[1]:
        message = f"“{code}”的前两位“{code[:2]}”不在标准的登记管理部门和机构类别之内"
        yield _fault("department", message, where, "请对照证照核对", Severity.WARNING)


def _wrong_length(code: str, where: Place) -> Finding:
    if len(code) == 9 and code.isalnum():
        message, remedy = (
            f"“{code}”像是9位组织机构代码，不是统一社会信用代码",
            "请填写18位代码，其第9—17位就是组织机构代码",
        )
    elif len(code) == 15 and code.isdigit():
        message, remedy = f"“{code}”像是15位工商注册号，不是统一社会信用代码", "请填写换照后的18位代码"
    else:
        message, remedy = f"统一社会信用代码应为18位，“{code}”有{len(code)}位", "请对照营业执照核对"
    return _fault("length", message, where, remedy)


def _remedy(code: str) -> str:
    likely = proposals(code)
    return f"是否为 {' 或 '.join(likely[:3])}？请对照营业执照核对" if likely else "请对照营业执照核对"


def _fault(code: str, message: str, where: Place, remedy: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(f"uscc.{code}", severity, message, where, remedy)


def _is_sound(code: str) -> bool:
    if len(code) != LENGTH or not set(code) <= set(ALPHABET) or not code[2:8].isdigit():
        return False
    return check_character(code[:17]) == code[17] and organisation_check(code[8:16]) == code[16]


def _names(code: str) -> tuple[str, str]:
    department: dict[str, Any] = _departments().get(code[:1], {})
    return department.get("name", ""), department.get("kinds", {}).get(code[1:2], "")


@cache
def _departments() -> dict[str, Any]:
    text = (files("jiqun.enterprises") / "uscc.yaml").read_text("utf-8")
    return dict(yaml.safe_load(text)["departments"])
