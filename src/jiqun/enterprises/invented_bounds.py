"""What firms that hold a title show: figures within what its rule asks, but for the share that no longer meets it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from jiqun.packs.schema.invention import Invention

_SPREAD = 0.35  # how far beyond a bound those stand that it moved, as a power of e: no heap right on the threshold


class Bounds:
    """`uniform` and `normal` draw a column of chance by its name."""

    def __init__(
        self, invention: Invention, uniform: Callable[[str], pl.Expr], normal: Callable[[str], pl.Expr]
    ) -> None:
        self._titles = {id_: each for id_, each in invention.titles.items() if each.amounts or each.truths}
        self._all, self._uniform, self._normal = invention.titles, uniform, normal

    def holders(self, drawn: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
        """For each title with bounds the column of those that keep within them; `drawn` who is drawn for a title."""
        held = dict(drawn)
        for id_, leaning in self._all.items():
            for implied in leaning.implies:
                held[implied] = held[implied] | drawn[id_]
        return {
            _column(id_): held[id_] & (self._uniform(f"{id_}/missed") * 100 >= each.missed_pct)
            for id_, each in self._titles.items()
        }

    def amount(self, name: str, value: pl.Expr, said: pl.Expr | None = None) -> pl.Expr:
        """`said`, or `value` within the firm's bounds where it has any: who was judged has said it.

        Where no value is known it is one that the bounds allow, given a least one.
        """
        least, most = ({id_: each.amounts[name][end] for id_, each in self._titles.items()
                        if name in each.amounts and each.amounts[name][end] is not None} for end in (0, 1))  # fmt: skip
        otherwise = value if said is None else said
        if not least and not most:
            return otherwise
        low = pl.max_horizontal(pl.lit(None, pl.Float64), *(_where(id_, bound) for id_, bound in least.items()))
        high = pl.min_horizontal(pl.lit(None, pl.Float64), *(_where(id_, bound) for id_, bound in most.items()))
        high = pl.when(low.is_null() | (high > low)).then(high)  # of two titles that contradict, the least holds
        beyond = (self._normal(f"{name}/beyond").abs() * _SPREAD).exp()
        between = low * (high / low) ** self._uniform(f"{name}/between")
        is_low = low.is_not_null() & ((value < low) | value.is_null())
        moved = pl.when(is_low).then(low * beyond).when(value > high).then(high / beyond).otherwise(value)
        is_beside = ~moved.is_between(low, high)  # moved past the other end: null without one
        within = pl.when(is_beside).then(between).otherwise(moved)
        return pl.when(low.is_not_null() | high.is_not_null()).then(within).otherwise(otherwise)

    def truth(self, name: str, said: pl.Expr) -> pl.Expr:
        for id_, each in self._titles.items():
            if name in each.truths:
                said = pl.when(pl.col(_column(id_))).then(pl.lit(each.truths[name])).otherwise(said)
        return said


def _column(title_id: str) -> str:
    return f"kept_{title_id}"


def _where(title_id: str, bound: float | None) -> pl.Expr:
    return pl.when(pl.col(_column(title_id))).then(pl.lit(bound, pl.Float64))
