"""Indicators (指标): what is counted, in which unit, which way is better, and how parts add up."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from jiqun.packs.schema.concept import Concept, Sourced


class Polarity(StrEnum):
    HIGHER_BETTER = "higher_better"
    LOWER_BETTER = "lower_better"
    NEUTRAL = "neutral"


class Aggregation(Concept):
    """How an upper level follows from the lower: `sum`; `ratio` of two sums times `scale`; or not at all."""

    kind: Literal["sum", "ratio", "not_additive"]
    numerator_id: str | None = None
    denominator_id: str | None = None
    scale: float = 1


class Indicator(Sourced):
    id: str
    name: str
    name_en: str = ""
    aliases: tuple[str, ...] = ()  # how documents word it
    unit: str
    polarity: Polarity = Polarity.HIGHER_BETTER
    aggregation: Aggregation
    time_kind: Literal["flow", "stock", "rate"]
    frequency: tuple[str, ...] = ()
    definition: str = ""
    group: str = ""  # heading under which pages list it
    cluster: str | None = None  # cluster name it measures, where it measures one
