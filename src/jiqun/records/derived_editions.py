"""What readers outside are shown of a round by derived industry: its last edition, beside those before it.

An edition is of the returns as after its event, classed and judged by the folder of its day, and firms by the register
as known when the round was opened. So it never changes, and whoever kept an older one learns no more from both than the
attack that proved the newer allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from jiqun import packs
from jiqun.ledger.models import Event
from jiqun.model.errors import JiqunError
from jiqun.packs import City
from jiqun.records import deriving, releasing
from jiqun.records.deriving import CLASSIFICATIONS, Derivation
from jiqun.records.models import Round
from jiqun.records.projection import layout_of
from jiqun.records.releasing import LOCKED, CameOut
from jiqun.statistics import derived_release
from jiqun.statistics.derived_release import Before, Shown
from jiqun.statistics.disclosure import DisclosureRules
from jiqun.statistics.layout import Cell


@dataclass(frozen=True)
class DerivedEdition:
    """Sums of a cell at an area as after the event of `sequence`, on `day`, in the city as its folder then was."""

    sequence: int
    day: date
    city: City
    cell: Cell
    derivation: Derivation
    shown: Shown


def last_edition(round_: Round, city: City, registers: Path, *, cell_key: str, area_id: str) -> DerivedEdition | None:
    """What is out of a cell whose total is out at an area; None where it is not.

    Of an edition whose folder nobody knows any more all may have been shown.
    """
    out = releasing.came_out(round_, city)
    if not out or (area_id, cell_key) not in out[-1].edition.shown:
        return None
    marks = Event.objects.filter(sequence=out[-1].sequence).values_list("hash", flat=True)
    asked = (marks[0], city.digest, str(registers), cell_key, area_id)
    if asked not in _kept:
        while len(_kept) >= _AT_MOST:
            _kept.pop(next(iter(_kept)), None)
        _kept[asked] = _last(round_, city, registers, out, (area_id, cell_key))
    return _kept[asked]


_AT_MOST = 100
_kept: dict[tuple[str, ...], DerivedEdition | None] = {}


def _last(
    round_: Round, city: City, registers: Path, out: tuple[CameOut, ...], place: tuple[str, str]
) -> DerivedEdition | None:
    area_id, cell_key = place
    before: list[Before] = []
    found, is_open, is_alike = None, True, True
    for one in out:
        is_open = is_open and one.action != LOCKED
        then = _city(one, round_, city, registers)
        laid = layout_of(round_, then or city)
        cell = laid.by_key.get(cell_key)
        if cell is None or place not in one.edition.shown:  # no sum without the total
            found = None
            continue
        made = deriving.derive(
            round_, then or city, registers, cell=cell, area_id=area_id, way=CLASSIFICATIONS, upto=one.sequence
        )
        is_known = then is not None and one.edition.is_known
        if is_open:  # only the total was seen, as a published figure
            before.append(Before(made.lines, made.found, Shown()))
            continue
        rules = DisclosureRules.of(then or city, round_.period_end)
        others = before if is_known else [*before, Before(made.lines, made.found, None)]
        may = derived_release.shown(made.lines, made.found, rules, others)
        is_alike = is_alike and laid.digest == round_.layout_digest
        if not is_alike:  # amounts that are not exact in another unit are unknown, and sums of others are no editions
            may = Shown()
        before.append(Before(made.lines, made.found, may if is_known else None))
        found = DerivedEdition(one.sequence, one.day, then or city, cell, made, may)
    return found


def _city(one: CameOut, round_: Round, city: City, registers: Path) -> City | None:
    """The city of an edition's day; None where nobody knows it any more."""
    digest = one.folder_digest or round_.folder_digest
    if digest == city.digest:
        return city
    try:
        return _of_folder(registers.parent / "folders" / one.folder_digest) if one.folder_digest else None
    except JiqunError:
        return None


@lru_cache(maxsize=8)
def _of_folder(folder: Path) -> City:
    return packs.load_snapshot(folder)
