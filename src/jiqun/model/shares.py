"""Shares as they are written and printed: exact fractions of a whole."""

from __future__ import annotations

import re
from fractions import Fraction

_WRITTEN = re.compile(r"(\d{1,9})(?:\.(\d{1,9}))?\s*(%?)|(\d{1,9})\s*/\s*(\d{1,9})")


def read_share(written: object) -> Fraction | None:
    """The fraction that 3/5, 0.6, 60% or 1 says, exact; None for empty text. Raises ValueError unless 0 < share ≤ 1."""
    if written is None or isinstance(written, Fraction):
        return written
    text = str(written).strip().replace("％", "%")
    if not text:
        return None
    found = _WRITTEN.fullmatch(text)
    if not found:
        raise ValueError(f"“{text}”不是份额；写成 3/5、0.6 或 60%")
    if found[4]:
        share = Fraction(int(found[4]), int(found[5])) if int(found[5]) else Fraction(0)
    else:
        share = Fraction(f"{found[1]}.{found[2] or 0}") / (100 if found[3] else 1)
    if not 0 < share <= 1:
        raise ValueError(f"份额 {text} 应大于 0、不超过 1")
    return share


def print_share(share: Fraction) -> str:
    """As a percentage where two places say it exactly, else as a fraction."""
    hundredths = share * 10_000
    return f"{float(share * 100):g}%" if hundredths.denominator == 1 else f"{share.numerator}/{share.denominator}"
