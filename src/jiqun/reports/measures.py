"""Where industries gather in the city, from its register of firms; nothing here tells about one firm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from jiqun.enterprises import register
from jiqun.enterprises.register import Firms
from jiqun.enterprises.snapshots import Manifest
from jiqun.industry.measures import cluster_sheets, groupings, sheets
from jiqun.industry.measures.clusters import measurable
from jiqun.industry.measures.groupings import LEVELS
from jiqun.industry.measures.results import DEFINITIONS, Definition, Estimate
from jiqun.industry.measures.surveys import FIRMS, Survey, counted, survey
from jiqun.reports import firm_workbooks
from jiqun.reports.cluster_measures import MEASURES, Gathered, earlier, gathered, surveyed
from jiqun.reports.firmbook import USE, Firmbook
from jiqun.reports.kept import kept
from jiqun.reports.resemblance import Neighbourly, neighbourly
from jiqun.reports.targets import Option
from jiqun.reports.view import Ref

SIZES = {"employees": "职工", FIRMS: "企业数", "revenue_yuan": "营业收入"}
_LISTED = ("ellison_glaeser", "krugman_concentration", "hhi", "concentration_ratio", "gini", "pci")
_SHOWN = 40  # rows of a list on the page; the workbook has all


@dataclass(frozen=True)
class MeasureFilter:
    """`by`: a level of the classification or a catalogue of clusters; `size`, of `SIZES`; `area` "" for all.

    `group`: the industry or cluster whose areas are compared with the ones beside them.
    """

    by: str = "2"
    size: str = "employees"
    area: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class CellRow:
    """One area × group. `stars` None: unknown."""

    area: Ref
    group: Ref
    firms: float | None
    share_pct: float | None
    quotient: Estimate
    related_pct: float | None
    stars: int | None


@dataclass(frozen=True, slots=True)
class GroupRow:
    group: Ref
    values: tuple[Estimate, ...]


@dataclass(frozen=True, slots=True)
class AreaRow:
    """`both`: how special its mix of industries is, and its complexity."""

    area: Ref
    both: tuple[Estimate, Estimate]


@dataclass(frozen=True, slots=True)
class CandidateRow:
    area: Ref
    group: Ref
    before: int
    after: int
    expected: float
    quotient: Estimate
    q: float


@dataclass(frozen=True)
class MeasuresPage:
    """`cells`, the surest above 1 first; `groups`, the most gathered first; `compared`: the earlier register's day."""

    book: Firmbook
    filter: MeasureFilter
    title: str
    cells: tuple[CellRow, ...]
    cells_in_all: int
    groups: tuple[GroupRow, ...]
    groups_in_all: int
    heads: tuple[Definition, ...]
    areas: tuple[AreaRow, ...]
    candidates: tuple[CandidateRow, ...]
    tested: int
    compared: date | None
    hidden: int
    unplaced: int
    options: Mapping[str, tuple[Option, ...]]
    clusters: Gathered | None  # of a catalogue
    neighbours: Neighbourly | None  # None: the folder does not say which areas lie side by side
    definitions: tuple[Definition, ...]


def measures(book: Firmbook, wanted: MeasureFilter) -> MeasuresPage:
    """The measures of the whole city; a reader of some areas sees the rows of these, compared with all.

    A grouping or size nobody knows is passed over for the usual one.
    """
    options = _options(book)
    by = wanted.by if wanted.by in {one.value for one in options["by"]} else MeasureFilter.by
    size = wanted.size if wanted.size in SIZES else MeasureFilter.size
    before = earlier(book)
    found = kept(book.view, f"measures {by} {size}", lambda: _surveyed(book, by, size, before))
    own = [a for a, id_ in enumerate(found.area_ids) if book.reported_areas is None or id_ in book.reported_areas]
    chosen = [a for a in own if found.area_ids[a] == wanted.area] or own
    cells = sorted(_cells(book, found, chosen), key=lambda row: -(row.quotient.low or 0))
    groups = _groups(found)
    rising = found.rising
    return MeasuresPage(
        book, MeasureFilter(by, size, wanted.area, wanted.group), found.grouping.title,
        tuple(cells[:_SHOWN]), len(cells), tuple(groups[:_SHOWN]), len(groups),
        tuple(DEFINITIONS[id_] for id_ in _LISTED), tuple(_areas(book, found, own)),
        _candidates(book, found, chosen), rising.tested if rising else 0, before.about.day if before else None,
        int(found.hidden[own].sum()), found.cells.unplaced,
        {**options, "area": tuple(Option(found.area_ids[a], _area(book, found.area_ids[a]).name, 0) for a in own)},
        None if by.isdecimal() else gathered(book, by, size),
        None if found.resemblance is None else neighbourly(
            book, found, wanted.group, (own, [row.group.id for row in groups])
        ),
        tuple(DEFINITIONS[id_] for id_ in (*MEASURES, "stars")),
    )  # fmt: skip


def measures_workbook(book: Firmbook, wanted: MeasureFilter, *, created: datetime) -> bytes:
    """Every value of the page's tables, for the areas the reader may see, with definitions and sources."""
    page = measures(book, wanted)
    by, size = page.filter.by, page.filter.size
    found = kept(book.view, f"measures {by} {size}", lambda: _surveyed(book, by, size, earlier(book)))
    pages = sheets.pages(found, book.view.city, book.reported_areas)
    if not by.isdecimal():
        pages.insert(0, cluster_sheets.page(surveyed(book, by, size)))
    told = sheets.notes(found, book.view.city, firm_workbooks.notes(book, 0, 0))
    return firm_workbooks.written(pages, told, created)


def _options(book: Firmbook) -> dict[str, tuple[Option, ...]]:
    city = book.view.city
    levels = [Option(str(level), name, 0) for level, name in LEVELS.items()]
    catalogues = [Option(one.id, f"{one.name} {one.edition}", 0) for one in measurable(city, book.view.on)]
    return {"by": (*levels, *catalogues), "size": tuple(Option(id_, name, 0) for id_, name in SIZES.items())}


def _surveyed(book: Firmbook, by: str, size: str, earlier: Manifest | None) -> Survey:
    """Of every firm, also those out of the reader's scope: what is shown of them are sums that tell about none.

    By cluster: with all firms that may belong.
    """
    if not by.isdecimal():
        return surveyed(book, by, size).most
    city = book.view.city

    def whole(manifest: Manifest) -> Firms:
        return register.read_snapshot(book.register, manifest, city, purpose=USE)

    before = None if earlier is None else whole(earlier)
    grouping = groupings.by_level(city, int(by))
    return survey(whole(book.manifest), city, grouping, size=size, before=before, measures=MEASURES)


def _area(book: Firmbook, id_: str) -> Ref:
    return book.view.names.area(id_) or Ref(id_, id_)


def _group(found: Survey, number: int) -> Ref:
    id_ = found.group_ids[number]
    return Ref(id_, found.grouping.names[id_])


def _cells(book: Firmbook, found: Survey, chosen: list[int]) -> list[CellRow]:
    """Cells whose quotient is known and not 0."""
    quotient, firms = found.by_cell["location_quotient"], counted(found)
    rows = []
    for a in chosen:
        for g in range(len(found.group_ids)):
            if not quotient.is_known[a, g] or not quotient.values[a, g]:
                continue
            share, related = found.by_cell["share"].at(a, g).value, found.by_cell["relatedness_density"].at(a, g).value
            stars = None if found.stars is None or found.stars.count[a, g] < 0 else int(found.stars.count[a, g])
            rows.append(CellRow(
                _area(book, found.area_ids[a]), _group(found, g), firms.at(a, g).value, _pct(share),
                quotient.at(a, g), _pct(related), stars,
            ))  # fmt: skip
    return rows


def _groups(found: Survey) -> list[GroupRow]:
    """Groups of which something is known, by the first measure of the list."""
    rows = [
        GroupRow(_group(found, g), tuple(found.by_industry[id_].at(g) for id_ in _LISTED))
        for g in range(len(found.group_ids))
    ]
    known = [row for row in rows if any(one.value is not None for one in row.values[:-1])]
    return sorted(known, key=lambda row: -(row.values[0].value if row.values[0].value is not None else -9.0))


def _areas(book: Firmbook, found: Survey, own: list[int]) -> list[AreaRow]:
    special, eci = found.by_area["krugman_specialisation"], found.by_area["eci"]
    return [AreaRow(_area(book, found.area_ids[a]), (special.at(a), eci.at(a))) for a in own]


def _candidates(book: Firmbook, found: Survey, chosen: list[int]) -> tuple[CandidateRow, ...]:
    shown, groups = {found.area_ids[a] for a in chosen}, {id_: g for g, id_ in enumerate(found.group_ids)}
    return tuple(
        CandidateRow(
            _area(book, one.area_id), _group(found, groups[one.industry_id]), one.before, one.after, one.expected,
            one.quotient, one.q,
        )
        for one in (found.rising.cells if found.rising else ())
        if one.area_id in shown
    )  # fmt: skip


def _pct(share: float | None) -> float | None:
    return None if share is None else 100 * share
