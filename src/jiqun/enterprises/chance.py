"""Chance that depends on a firm's number and on nothing else, as Polars expressions: the same on any machine, for any
part of a register, in any order. SplitMix64 with the finaliser of Mueller's variants; good enough to draw firms by.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from math import pi

import polars as pl

_SLOTS = 4096
_WHOLE = 2**64


def uniform(serial: pl.Expr, what: str, seed: int) -> pl.Expr:
    """A number in [0, 1) for each serial; independent for each `what` and seed."""
    start = (zlib.crc32(what.encode()) * 0xD1B54A32D192ED03 + seed * 0x8CB92BA72F3D8DD7) % _WHOLE
    mixed = serial.cast(pl.UInt64) * _word(0x9E3779B97F4A7C15) + _word(start)
    for _ in range(2):
        mixed = (mixed ^ (mixed // _word(2**32))) * _word(0xD6E8FEB86659FD93)
    mixed = mixed ^ (mixed // _word(2**32))
    return (mixed // _word(2**11)).cast(pl.Float64) * 2.0**-53


def normal(serial: pl.Expr, what: str, seed: int) -> pl.Expr:
    """A standard normal number (Box and Muller)."""
    radius = (-2.0 * (1.0 - uniform(serial, f"{what}/radius", seed)).log()).sqrt()
    return radius * (uniform(serial, f"{what}/angle", seed) * (2 * pi)).cos()


def one_of(chance: pl.Expr, values: Sequence[object], weights: Sequence[float], type_: pl.DataType) -> pl.Expr:
    """One of the values by its weight, to 1 in 4096; every value with a weight has a slot at least."""
    total = sum(weights)
    slots: list[object] = []
    reached = 0.0
    for value, weight in zip(values, weights, strict=True):
        reached += weight / total * _SLOTS
        slots += [value] * max(round(reached) - len(slots), 1)
    slots = slots[:_SLOTS]
    slot = (chance * len(slots)).cast(pl.UInt16)
    return slot.replace_strict(list(range(len(slots))), slots, return_dtype=type_)


def _word(value: int) -> pl.Expr:
    return pl.lit(value, dtype=pl.UInt64)
