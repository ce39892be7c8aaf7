"""examples/*.yaml: the folder's own tests, in the words of its documents; run by `jiqun check`."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Literal

from pydantic import Field

from jiqun.packs.schema.concept import Concept


class Expectation(Concept):
    """What one claim of the sentence must be; a key left out is not compared, an explicit null must be null."""

    kind: Literal["target", "actual"] | None = None
    indicator: str | None = None
    indicator_id: str | None = None
    value: Decimal | None = None
    value_max: Decimal | None = None
    unit: str | None = None
    comparator: Literal["ge", "le", "approx", "range", "eq"] | None = None
    strict: bool | None = None
    measure: Literal["level", "increment", "cumulative", "annual", "growth", "share", "rank"] | None = None
    period: str | None = None
    area_id: str | None = None
    cluster_id: str | None = None
    body_ids: tuple[str | None, ...] | None = None
    base_value: Decimal | None = None
    base_period: str | None = None


class ExpectedWhole(Concept):
    """What the whole must be that a count is said to be a share of, rounded: 6家，约占全国1/8 → 44—52."""

    indicator_id: str
    low: int
    high: int


class Example(Concept):
    """One entry of a file's `examples`: a sentence of our own wording read as if printed `on` that day.

    Every `expect` must be found among the claims; with `is_complete` there are no other claims. `bodies` tells
    whom a list of bodies means on that day, `wholes` what counts and shares of it come to together.
    """

    name: str = ""
    on: datetime.date
    text: str
    expect: tuple[Expectation, ...] = ()
    bodies: tuple[str, ...] = Field(default=())  # ids, in printed order
    wholes: tuple[ExpectedWhole, ...] = ()
    is_complete: bool = False
