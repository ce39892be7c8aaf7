"""Whether a printed unit is one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jiqun.model.findings import Finding, Place
from jiqun.model.units import Unit
from jiqun.packs.faults import fault

# A word or %, ‰; once more after a slash. 10**4 alone (万) counts nothing, and a figure is no part of a unit.
_SHAPE = re.compile(r"[^\W\d_]+[²³]?|[%‰°℃㎡]|[a-zA-Z]+\d?")


def unit_findings(place: Place, printed: str) -> Iterator[Finding]:
    """A finding when `printed` is no unit; the empty text is an index number."""
    if printed and not is_unit(printed):
        yield fault("unit", place, unit=printed)


def is_unit(printed: str) -> bool:
    parts = printed.split("/")
    return len(parts) <= 2 and all(_SHAPE.fullmatch(part) and Unit.parse(part).bare for part in parts)


def mismatch_findings(place: Place, printed: str, other: str, of: str) -> Iterator[Finding]:
    """A finding when `printed` is no unit, or cannot be compared with `other`, the unit of what `of` names."""
    if printed and not is_unit(printed):
        yield fault("unit", place, unit=printed)
    elif not Unit.parse(printed).measures_like(Unit.parse(other)):
        yield fault("unit_mismatch", place, unit=printed, other=f"{of}的单位“{other}”")
