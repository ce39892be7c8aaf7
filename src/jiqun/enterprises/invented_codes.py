"""Codes of invented firms, made of their numbers: sound, and of a division that does not exist."""

from __future__ import annotations

import polars as pl

from jiqun.enterprises.identity import ALPHABET

_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)  # of the organisation code within
_OLD = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def digits() -> dict[str, pl.Expr]:
    """Six digits to the base 31 of the serial number, after MA, as codes given since 2015 have them."""
    serial = pl.col("serial").cast(pl.Int64)
    return {f"d{at}": ((serial // 31 ** (5 - at)) % 31).cast(pl.Int32) for at in range(6)}


def code(division_digits: str) -> pl.Expr:
    """The code with both its check characters; `identity` is the definition, the tests compare."""
    head = f"91{division_digits}MA"
    in_old = [_OLD.index(character) for character in ALPHABET]
    old = pl.lit(sum(_OLD.index(c) * w for c, w in zip("MA", _WEIGHTS, strict=False)))
    for at in range(6):
        value = pl.col(f"d{at}").replace_strict(list(range(31)), in_old, return_dtype=pl.Int32)
        old = old + value * _WEIGHTS[at + 2]
    own = (11 - old % 11) % 11
    in_new = [ALPHABET.index(character) for character in "0123456789X"]
    weights = [pow(3, at, 31) for at in range(17)]
    new = pl.lit(sum(ALPHABET.index(c) * w for c, w in zip(head, weights, strict=False)))
    for at in range(6):
        new = new + pl.col(f"d{at}") * weights[at + 10]
    new = new + own.replace_strict(list(range(11)), in_new, return_dtype=pl.Int32) * weights[16]
    shown = [_letter(pl.col(f"d{at}"), ALPHABET) for at in range(6)]
    last = _letter((31 - new % 31) % 31, ALPHABET)
    return pl.concat_str(pl.lit(head), *shown, _letter(own, "0123456789X"), last)


def _letter(value: pl.Expr, alphabet: str) -> pl.Expr:
    return value.replace_strict(list(range(len(alphabet))), list(alphabet), return_dtype=pl.String)
