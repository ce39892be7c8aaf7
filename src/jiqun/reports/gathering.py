"""Where firms stand together, from the last run that counted it: proposed areas on a map, and curves of one group.

A reader of some areas sees the dense areas that reach into these; curves are sums over the whole city.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from jiqun.enterprises import register
from jiqun.industry.measures import gathered, gathered_sheets
from jiqun.industry.measures.gathered import Gathered, Grouped, Line, Place, Sector
from jiqun.industry.measures.results import DEFINITIONS, Definition
from jiqun.ledger.models import Run, RunState
from jiqun.model.errors import NothingYet
from jiqun.reports import firm_workbooks
from jiqun.reports.drawing import Chart
from jiqun.reports.firmbook import Firmbook
from jiqun.reports.gathering_drawing import CurveWords, MapWords, Mark, curve, draw_map
from jiqun.reports.kept import kept
from jiqun.reports.targets import Option
from jiqun.reports.view import Ref

COMMAND = "jiqun gather-firms"
_KM = 1_000.0
_DEFINED = ("dense_area", "duranton_overman", "marcon_puech", "global_envelope")


@dataclass(frozen=True)
class GatheringFilter:
    """`by`: a grouping of the run; `group`: one of its industries or clusters."""

    by: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A proposed area; `number` marks it on the map."""

    number: int
    group: Ref
    place: Place
    areas: tuple[tuple[Ref, int], ...]
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What a curve says: spans of kilometres above and below what chance would do."""

    line: Line
    together: str
    apart: str

    @property
    def bandwidth_km(self) -> float | None:
        return None if self.line.bandwidth_m is None else self.line.bandwidth_m / _KM


@dataclass(frozen=True, slots=True)
class GroupRow:
    group: Ref
    firms: int
    kd: Reading | None
    m: Reading | None
    places: int


@dataclass(frozen=True)
class GatheringPage:
    """`found` None: nothing was counted yet. `chosen`: the group whose curves are drawn. `elsewhere`: areas out of the
    reader's scope.
    """

    book: Firmbook
    filter: GatheringFilter
    found: Gathered | None
    grouped: Grouped | None
    run_id: int
    is_of_other_folder: bool
    places: tuple[PlaceRow, ...]
    elsewhere: int
    groups: tuple[GroupRow, ...]
    chosen: GroupRow | None
    options: Mapping[str, tuple[Option, ...]]
    definitions: tuple[Definition, ...]

    @property
    def command(self) -> str:
        return COMMAND

    @property
    def fdr_said(self) -> str:
        return f"{self.found.settings.fdr:.0%}" if self.found else ""

    @property
    def lacks_draws(self) -> bool:
        """Whether one area that no draw equals would still not pass: its least q, alone, is above the rate."""
        if self.found is None or self.grouped is None:
            return False
        return self.grouped.tested / (self.found.settings.area_draws + 1) > self.found.settings.fdr

    @property
    def is_by_cluster(self) -> bool:
        return not self.filter.by.isdecimal()


def gathering(book: Firmbook, wanted: GatheringFilter) -> GatheringPage:
    """A grouping or group nobody knows is passed over for the first."""
    definitions = tuple(DEFINITIONS[id_] for id_ in _DEFINED)
    run = _latest(book)
    if run is None:
        return GatheringPage(book, wanted, None, None, 0, False, (), 0, (), None, {}, definitions)
    found = _read(book, run)
    grouped = next((one for one in found.groupings if one.id == wanted.by), found.groupings[0])
    sectors = {one.id: one for one in grouped.sectors}
    shown = [place for one, place in gathered_sheets.shown(found, book.areas) if one.id == grouped.id]
    first = shown[0].sector_id if shown else next(iter(sectors), "")
    group = wanted.group if wanted.group in sectors else first
    groups = tuple(_group(book, grouped, one) for one in grouped.sectors)
    places = tuple(
        PlaceRow(
            number, _ref(book, grouped, sectors[place.sector_id]), place,
            tuple((book.view.names.area(id_) or Ref(id_, id_), firms) for id_, firms in place.districts),
            place.sector_id == group,
        )
        for number, place in enumerate(shown, 1)
    )  # fmt: skip
    return GatheringPage(
        book, GatheringFilter(grouped.id, group), found, grouped, run.pk,
        run.parameters["folder"] != book.view.city.digest, places, len(grouped.places) - len(shown), groups,
        next((one for one in groups if one.group.id == group), None),
        {
            "by": tuple(Option(one.id, one.title, len(one.places)) for one in found.groupings),
            "group": tuple(Option(one.group.id, one.group.name, one.places) for one in groups),
        },
        definitions,
    )  # fmt: skip


def gathering_workbook(book: Firmbook, *, created: datetime) -> bytes:
    """All groupings: the areas that the reader may see, every curve, definitions. Raises NothingYet."""
    found, told = _told(book)
    pages = gathered_sheets.pages(found, book.view.city, book.areas)
    return firm_workbooks.written(pages, gathered_sheets.notes(found, told), created)


def gathering_csv(book: Firmbook) -> bytes:
    """The same, every value on a line. Raises NothingYet."""
    return gathered_sheets.csv(_told(book)[0], book.view.city, book.areas)


def area_map(page: GatheringPage, words: MapWords) -> str:
    """The proposed areas over the districts of the city."""
    if page.found is None:
        return ""
    marks = [
        Mark(row.number, row.group.name, row.place, row.is_chosen) for row in page.places
    ]  # the chosen group's are drawn last, on top
    return draw_map(page.found, page.book.view.city, marks, words)


def curves(page: GatheringPage, words: Callable[[str, Reading], CurveWords]) -> tuple[tuple[Reading, Chart], ...]:
    """The chosen group's curves, Kd first."""
    if page.chosen is None:
        return ()
    told = (("kd", page.chosen.kd), ("m", page.chosen.m))
    return tuple((one, curve(one.line, kind, words(kind, one))) for kind, one in told if one is not None)


def _told(book: Firmbook) -> tuple[Gathered, list[tuple[str, str]]]:
    run = _latest(book)
    if run is None:
        raise NothingYet(f"还没有按坐标计算过集聚；由市级经办人用 {COMMAND} 计算")
    told = [("运行", f"第 {run.pk} 号，城市资料夹摘要 {run.parameters['folder']}")]
    if book.areas is not None:
        told.append(("范围", "密集片区只含伸入本账号可以查看的区域的"))
    return _read(book, run), told


def _latest(book: Firmbook) -> Run | None:
    """The run of the latest snapshot known by the day; of one snapshot that with the most draws, of these the last."""
    every = book.register.snapshots()
    known = {m.digest for m in every if m.about.known_on <= book.view.on and m.about.day <= book.view.on}
    asked = {"parameters__register": register.MAIN, "parameters__form": gathered.FORM}
    runs = Run.objects.filter(kind=gathered.RUN, state=RunState.DONE, **asked)

    def rank(run: Run) -> tuple[str, int, int]:
        return run.parameters["snapshot_day"], run.parameters["settings"]["area_draws"], run.pk

    ordered = sorted(runs, key=rank, reverse=True)
    root = book.register.folder.parent
    return next(
        (run for run in ordered if run.parameters["snapshot"] in known and (root / run.result["file"]).is_file()), None
    )


def _read(book: Firmbook, run: Run) -> Gathered:
    file = book.register.folder.parent / run.result["file"]
    return kept(book.view, f"gathered {run.pk}", lambda: gathered.from_json(file.read_bytes()))


def _ref(book: Firmbook, grouped: Grouped, sector: Sector) -> Ref:
    """A cluster has a name of its own in English."""
    is_cluster = not grouped.id.isdecimal()
    return (book.view.names.cluster(sector.id) if is_cluster else None) or Ref(sector.id, sector.name)


def _group(book: Firmbook, grouped: Grouped, sector: Sector) -> GroupRow:
    count = sum(one.sector_id == sector.id for one in grouped.places)
    return GroupRow(_ref(book, grouped, sector), sector.firms, _reading(sector.kd), _reading(sector.m), count)


def _reading(line: Line | None) -> Reading | None:
    if line is None:
        return None
    return Reading(line, gathered_sheets.spans(line.together), gathered_sheets.spans(line.apart))
