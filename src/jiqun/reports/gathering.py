"""Where firms stand together, from the last run that counted it: proposed areas on a map, and curves of one group.

A reader of some areas sees the dense areas that reach into these; curves are sums over the whole city.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from jiqun.enterprises import register
from jiqun.industry.measures import gathered, gathered_sheets
from jiqun.industry.measures.gathered import Gathered, Grouped, Line, Place, Sector, Settings, Standing
from jiqun.industry.measures.results import DEFINITIONS, GATHERING_READING, Definition
from jiqun.ledger.models import Run, RunState
from jiqun.model import files
from jiqun.model.errors import EnvironmentFailed, NothingYet
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
    """What a curve says: kilometres at which it is above what chance would do, `near` by and `far` apart, and below."""

    line: Line
    standing: Standing
    near: str
    far: str
    apart: str

    @property
    def is_told(self) -> bool:
        return self.standing is Standing.TOLD

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
    damaged: int  # the number of a newer run whose file is not what it wrote; 0: none

    @property
    def command(self) -> str:
        return COMMAND

    @property
    def fdr_said(self) -> str:
        return f"{self.found.settings.fdr:.0%}" if self.found else ""

    @property
    def near_km(self) -> float:
        """Beyond it pairs that are more than chance are no gathering."""
        return GATHERING_READING["near_m"] / _KM

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
    run, found, damaged = _latest(book)
    if run is None or found is None:
        return GatheringPage(book, wanted, None, None, 0, False, (), 0, (), None, {}, definitions, damaged)
    grouped = next((one for one in found.groupings if one.id == wanted.by), found.groupings[0])
    sectors = {one.id: one for one in grouped.sectors}
    shown = [place for one, place in gathered_sheets.shown(found, book.reported_areas) if one.id == grouped.id]
    first = shown[0].sector_id if shown else next(iter(sectors), "")
    group = wanted.group if wanted.group in sectors else first
    groups = tuple(_group(book, grouped, one, found.settings) for one in grouped.sectors)
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
        definitions, damaged,
    )  # fmt: skip


def day_found(book: Firmbook) -> date:
    """The day of the snapshot that was counted, which may be an earlier one than the book's. Raises NothingYet."""
    return _told(book)[0].day


def gathering_workbook(book: Firmbook, *, created: datetime) -> bytes:
    """All groupings: the areas that the reader may see, every curve, definitions. Raises NothingYet."""
    found, told = _told(book)
    pages = gathered_sheets.pages(found, book.view.city, book.reported_areas)
    return firm_workbooks.written(pages, gathered_sheets.notes(found, told), created)


def gathering_csv(book: Firmbook) -> bytes:
    """The same, every value on a line. Raises NothingYet."""
    return gathered_sheets.csv(_told(book)[0], book.view.city, book.reported_areas)


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
    run, found, damaged = _latest(book)
    if run is None or found is None:
        why = f"第 {damaged} 号运行的结果文件已损坏" if damaged else "还没有按坐标计算过集聚"
        raise NothingYet(f"{why}；由市级经办人用 {COMMAND} 计算")
    told = [("运行", f"第 {run.pk} 号，城市资料夹摘要 {run.parameters['folder']}")]
    if book.areas is not None:
        told.append(("范围", "密集片区只含伸入本账号可以查看的区域的"))
    if damaged:
        told.append(("未采用", f"第 {damaged} 号运行的结果文件已损坏"))
    return found, told


def _latest(book: Firmbook) -> tuple[Run | None, Gathered | None, int]:
    """The run of the latest snapshot known by the day; of one snapshot that with the most draws, of these the last.

    With the number of one that would come before it, were its file not damaged.
    """
    every = book.register.snapshots()
    known = {m.digest for m in every if m.about.known_on <= book.view.on and m.about.day <= book.view.on}
    asked = {"parameters__register": register.MAIN, "parameters__form": gathered.FORM}
    runs = Run.objects.filter(kind=gathered.RUN, state=RunState.DONE, **asked)

    def rank(run: Run) -> tuple[str, int, int]:
        return run.parameters["snapshot_day"], run.parameters["settings"]["area_draws"], run.pk

    ordered = sorted(runs, key=rank, reverse=True)
    damaged, tried = 0, set()
    for run in ordered:
        file = book.register.folder.parent / run.result["file"]
        told = file, run.result["digest"]  # a run that was done again wrote the same
        if run.parameters["snapshot"] not in known or told in tried or not file.is_file():
            continue
        try:
            return run, _read(book, run, file), damaged
        except EnvironmentFailed:
            tried.add(told)
            damaged = damaged or run.pk
    return None, None, damaged


def _read(book: Firmbook, run: Run, file: Path) -> Gathered:
    def whole() -> Gathered:
        try:
            content = file.read_bytes()
        except OSError as wrong:
            raise EnvironmentFailed(f"{file.name} 读不了：{files.why(wrong)}") from wrong
        return gathered.whole(content, file.name, run.result["digest"])

    return kept(book.view, f"gathered {run.pk}", whole)


def _ref(book: Firmbook, grouped: Grouped, sector: Sector) -> Ref:
    """A cluster has a name of its own in English."""
    is_cluster = not grouped.id.isdecimal()
    return (book.view.names.cluster(sector.id) if is_cluster else None) or Ref(sector.id, sector.name)


def _group(book: Firmbook, grouped: Grouped, sector: Sector, settings: Settings) -> GroupRow:
    count = sum(one.sector_id == sector.id for one in grouped.places)
    kd, m = (
        _reading(line, gathered_sheets.curves_of(grouped, kind), settings)
        for kind, line in (("kd", sector.kd), ("m", sector.m))
    )
    return GroupRow(_ref(book, grouped, sector), sector.firms, kd, m, count)


def _reading(line: Line | None, curves: int, settings: Settings) -> Reading | None:
    if line is None:
        return None
    read = gathered.spans(line, curves, settings)
    return Reading(line, read.standing, *(gathered_sheets.kilometres(one) for one in (read.near, read.far, read.apart)))
