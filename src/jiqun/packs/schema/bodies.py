"""Bodies (机构): departments and offices, their abbreviations, and who succeeded whom."""

from __future__ import annotations

from datetime import date

from jiqun.packs.schema.concept import Confidence, Sourced


class Body(Sourced):
    """One row of `bodies.csv`. Dates are those of the name; None is before or after what the folder covers."""

    id: str
    name: str
    short_name: str = ""
    aliases: tuple[str, ...] = ()
    area_id: str | None = None  # the area it works for
    valid_from: date | None = None
    valid_to: date | None = None  # the first day the name no longer holds
    date_confidence: Confidence = Confidence.HIGH  # of the two days; often weaker than the name's
    successor_ids: tuple[str, ...] = ()
    expands_to_ids: tuple[str, ...] = ()  # 各市、区 → the ten governments and zone committees
