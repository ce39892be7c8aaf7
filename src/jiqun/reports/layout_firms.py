"""What a layout takes from the register of firms: measures of cells, never of a firm, from what may serve planning."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from jiqun.enterprises import register
from jiqun.industry.layout import Examination, Measured
from jiqun.industry.layout.measuring import is_asked, measured
from jiqun.model.errors import Forbidden, NotFound
from jiqun.model.purposes import Purpose
from jiqun.packs import City
from jiqun.packs.schema.layouts import Layout


@dataclass(frozen=True)
class Measures:
    """`figures` are None where nothing could be measured; `note` says from what they are, or why there are none."""

    figures: Measured | None
    note: str

    def told_in(self, found: Examination) -> Examination:
        """The examination with the note among what its problem tells."""
        notices = (self.note, *found.problem.notices) if self.note else found.problem.notices
        return replace(found, problem=replace(found.problem, notices=notices))


def measures(root: Path, city: City, layout: Layout, on: date) -> Measures:
    """The measures that a layout asks for, from the snapshot below `root` that was known on the day.

    The same for every reader: cells of one or two firms are left unknown. Firms collected for statistics or for help
    only are not read for planning.
    """
    if not is_asked(layout):
        return Measures(None, "")
    if register.MAIN not in register.names(root):
        return Measures(None, "还没有企业名册，按企业测算的得分项没有计入。")
    book = register.open(root, register.MAIN)
    try:
        manifest = register.manifest_on(book, on, on)
        firms = register.read_snapshot(book, manifest, city, purpose=Purpose.ADMINISTRATIVE)
    except (NotFound, Forbidden) as why:
        return Measures(None, f"按企业测算的得分项没有计入：{why}。")
    invented = "；名册里是演示企业，不存在于现实" if firms.is_invented else ""
    note = f"按企业测算的得分项用 {manifest.about.day} 的企业名册；不足 3 家企业的格子按未知计{invented}。"
    return Measures(measured(city, layout, firms.rows), note)
