"""The first page: what is behind and who answers for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from jiqun.ledger import access
from jiqun.ledger.access import Action
from jiqun.reports.areas import areas
from jiqun.reports.docket_holdings import DocketCount, standing
from jiqun.reports.documents import DocumentRow, documents
from jiqun.reports.figures import known_figures
from jiqun.reports.kept import kept
from jiqun.reports.kinship import Conflict, conflicts
from jiqun.reports.register import LightCount, TargetRow, count_lights, register
from jiqun.reports.review import waiting
from jiqun.reports.shares import Share, shares
from jiqun.reports.targets import behind, still_open
from jiqun.reports.tilemap import TileMap
from jiqun.reports.view import Ref, View

BEHIND_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Deadline:
    """A day on which targets fall due, with the targets not yet met."""

    on: date
    days: int
    targets: tuple[TargetRow, ...]
    more: int


@dataclass(frozen=True)
class Overview:
    city: Ref
    total: int
    lights: tuple[LightCount, ...]
    late: int
    unjudged: int
    behind: tuple[TargetRow, ...]
    by_body: tuple[Share, ...]
    by_cluster: tuple[Share, ...]
    conflicts: tuple[Conflict, ...]
    more_conflicts: int
    map: TileMap
    map_of: Ref | None
    map_year: str
    unled: int
    deadlines: tuple[Deadline, ...]
    documents: tuple[DocumentRow, ...]
    waiting: int
    figures: int
    newest_figure: date | None
    dockets: tuple[DocketCount, ...]


def overview(view: View) -> Overview:
    """The first page; only what waits for review or in dockets depends on who asks."""
    may_review = bool(access.may(view.user, Action.REVIEW))
    whole = kept(view, "overview", lambda: _overview(view))
    return replace(
        whole, documents=documents(view).rows[:5], waiting=waiting() if may_review else 0, dockets=standing(view)
    )


def _overview(view: View) -> Overview:
    rows = register(view).wholes
    late = behind(rows)
    figures, districts, clashes = known_figures(view), areas(view), conflicts(view)
    newest = figures.order_by("-known_on").values_list("known_on", flat=True).first()
    return Overview(
        city=Ref(view.city.id, view.city.name, view.city.name_en),
        total=len(rows),
        lights=count_lights(rows),
        late=len(late),
        unjudged=sum(not row.judged.light.is_verdict for row in rows),
        behind=tuple(late[:BEHIND_SHOWN]),
        by_body=shares(rows, lambda row: row.answering[:1]),
        by_cluster=shares(rows, lambda row: (row.cluster,) if row.cluster else ()),
        conflicts=clashes[:3],
        more_conflicts=max(0, len(clashes) - 3),
        map=districts.map,
        map_of=districts.headline,
        map_year=districts.year_label,
        unled=sum(row.lead is None for row in rows),
        deadlines=deadlines(rows, view.on),
        documents=(),
        waiting=0,
        figures=figures.count(),
        newest_figure=newest,
        dockets=(),
    )


def deadlines(rows: Iterable[TargetRow], on: date, shown: int = 4) -> tuple[Deadline, ...]:
    """The next days on which something falls due, within three years."""
    days: dict[date, list[TargetRow]] = {}
    for row in still_open(rows, on):
        if row.deadline and row.deadline <= on + timedelta(days=3 * 366):
            days.setdefault(row.deadline, []).append(row)
    return tuple(
        Deadline(day, (day - on).days, tuple(sorted(due, key=lambda r: r.severity)[:5]), max(0, len(due) - 5))
        for day, due in list(days.items())[:shown]
    )
