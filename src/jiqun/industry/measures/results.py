"""What a measurement is: an array of values, what they mean, and for each that is missing the reason why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
Faults = Mapping[str, "Booleans | np.bool_ | bool"]  # reason → where it holds
_DATA: dict[str, Any] = yaml.safe_load(files(__package__).joinpath("definitions.yaml").read_text("utf-8"))


@dataclass(frozen=True)
class Definition:
    """What a measure is: its formula in words and where it is printed."""

    id: str
    name: str
    name_en: str
    formula: str
    source: str


@dataclass(frozen=True)
class Reason:
    """Why there is no number."""

    id: str
    label: str
    label_en: str


@dataclass(frozen=True)
class Guards:
    """Below these a measure is unknown: firms in an industry, areas compared, share of firms whose size is unknown."""

    least_firms: int = _DATA["guards"]["least_firms"]
    least_areas: int = _DATA["guards"]["least_areas"]
    most_unknown_share: float = _DATA["guards"]["most_unknown_share"]


@dataclass(frozen=True)
class Estimate:
    """One value of a measurement; None with a reason where it is unknown. `low` and `high` bound it where known."""

    value: float | None
    low: float | None = None
    high: float | None = None
    reason: Reason | None = None


@dataclass(frozen=True, eq=False)
class Measurement:
    """`values`, NaN where unknown; `why` has the same shape and says by number (0: known) which of `REASONS` holds.

    `low` and `high` are the ends of an interval, `p` the probability of a value as large by chance; NaN where unknown.
    """

    definition: Definition
    values: Floats
    why: NDArray[np.uint8]
    low: Floats | None = None
    high: Floats | None = None
    p: Floats | None = None

    def at(self, *index: int) -> Estimate:
        """The value at one place."""
        number = int(self.why[index])
        if number:
            return Estimate(None, reason=REASONS[number - 1])
        low, high = (
            None if end is None or np.isnan(end[index]) else float(end[index]) for end in (self.low, self.high)
        )
        return Estimate(float(self.values[index]), low, high)

    @property
    def is_known(self) -> Booleans:
        return np.equal(self.why, 0)


DEFINITIONS: Mapping[str, Definition] = {id_: Definition(id_, **told) for id_, told in _DATA["definitions"].items()}
REASONS: tuple[Reason, ...] = tuple(Reason(id_, **told) for id_, told in _DATA["reasons"].items())
GUARDS = Guards()
STARS: Mapping[str, float] = _DATA["stars"]
DISCLOSURE: Mapping[str, float] = _DATA["disclosure"]
GATHERING: Mapping[str, Any] = _DATA["gathering"]
GATHERING_READING: Mapping[str, float] = _DATA["gathering_reading"]
RESEMBLANCE: Mapping[str, Any] = _DATA["resemblance"]
_NUMBERS = {reason.id: number for number, reason in enumerate(REASONS, 1)}


def measured(
    id_: str, values: Floats, faults: Faults, *,
    low: Floats | None = None, high: Floats | None = None, p: Floats | None = None,
) -> Measurement:  # fmt: skip
    """The measurement with every place taken out where one of `faults` (reason → where) holds.

    Of several reasons at a place the first of `REASONS` is told. Raises AssertionError where a value is no number and
    nothing says why: a measure without an answer is a fault of the code.
    """
    why = np.zeros(values.shape, np.uint8)
    for id_of_reason in sorted(faults, key=_NUMBERS.__getitem__, reverse=True):
        why[np.broadcast_to(faults[id_of_reason], values.shape)] = _NUMBERS[id_of_reason]
    known = why == 0
    assert np.isfinite(values[known]).all(), id_
    kept = [None if end is None else np.where(known, end, np.nan) for end in (low, high, p)]
    return Measurement(DEFINITIONS[id_], np.where(known, values, np.nan), why, *kept)


def ratio(above: Any, below: Any) -> Floats:
    """above / below, NaN where below is 0; shapes are broadcast."""
    above, below = np.asarray(above, np.float64), np.asarray(below, np.float64)
    out = np.full(np.broadcast_shapes(above.shape, below.shape), np.nan)
    np.divide(above, below, out=out, where=np.broadcast_to(below != 0, out.shape))
    return out
