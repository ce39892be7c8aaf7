"""Measures by cluster: of a catalogue with what is counted twice, of one cluster by area, of one area by cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from jiqun.enterprises import register
from jiqun.enterprises.register import Firms
from jiqun.enterprises.snapshots import Manifest
from jiqun.industry.measures import clusters, disclosure
from jiqun.industry.measures.clusters import ClusterSurvey
from jiqun.industry.measures.results import DEFINITIONS, Definition, Estimate
from jiqun.industry.measures.surveys import FIRMS, Survey, counted
from jiqun.industry.members import Bounds
from jiqun.model.errors import NotFound
from jiqun.reports.firmbook import USE, Firmbook
from jiqun.reports.kept import kept
from jiqun.reports.view import Ref

MEASURES = (
    "size", "share", "location_quotient", "growth", "relatedness_density", "hhi", "gini", "concentration_ratio",
    "ellison_glaeser", "krugman_concentration", "krugman_specialisation", "eci", "pci", "moran",
    "local_moran",
)  # fmt: skip
_LISTED = ("ellison_glaeser", "hhi", "concentration_ratio", "gini")
_UNITS = {FIRMS: ("家", 1.0), "employees": ("人", 1.0), "revenue_yuan": ("亿元", 1e8)}
_LEAST = disclosure.LIMITS.least_firms


@dataclass(frozen=True, slots=True)
class Between:
    """A number at least `low`, at most `high`; None where it would tell about one firm."""

    low: float | None
    high: float | None

    @property
    def is_exact(self) -> bool:
        return self.low == self.high


@dataclass(frozen=True, slots=True)
class Readings:
    """A measure with the firms that surely belong, and with all that may. `is_one`: both say the same, or one nothing.

    The true value need not lie between.
    """

    least: Estimate
    most: Estimate

    @property
    def is_one(self) -> bool:
        return self.least.value is None or self.most.value is None or self.least.value == self.most.value


@dataclass(frozen=True, slots=True)
class ClusterLine:
    """`share_pct` of the city's size in all industries; `growth_pct` of all that may belong; `shared`: firms that
    belong to others of the catalogue too, None where so few are not shown."""

    ref: Ref
    firms: Between
    size: Between
    share_pct: Between
    growth_pct: float | None
    values: tuple[tuple[Definition, Readings], ...]
    shared: int | None


@dataclass(frozen=True)
class Gathered:
    """The clusters of a catalogue, the largest first, and what they come to together, each firm counted once."""

    lines: tuple[ClusterLine, ...]
    heads: tuple[Definition, ...]
    unit: str
    firms: int
    once: Between
    overlap: Between
    size_once: Between | None
    pairs: tuple[tuple[Ref, Ref, int], ...]


@dataclass(frozen=True, slots=True)
class Place:
    """One cluster in one area. `rank` 1 is the highest quotient of the areas shown; `stars` None: unknown."""

    area: Ref
    cluster: Ref
    firms: float | None
    size: Between
    share_pct: float | None
    quotient: Estimate
    growth_pct: float | None
    rank: int | None
    ranked: int
    stars: int | None


@dataclass(frozen=True)
class Places:
    """One cluster's areas, or one area's clusters, the highest quotient first; `line` of the one cluster."""

    places: tuple[Place, ...]
    hidden: int
    line: ClusterLine | None
    heads: tuple[Definition, ...]
    unit: str
    catalogue: Ref
    day: date
    compared: date | None
    is_invented: bool
    is_sure: bool  # nothing belongs in part only


def earlier(book: Firmbook) -> Manifest | None:
    """The last snapshot of an earlier day that could be known."""
    known = [m for m in book.register.snapshots() if m.about.known_on <= book.view.on]
    return next((m for m in reversed(known) if m.about.day < book.snapshot_day), None)


def surveyed(book: Firmbook, catalogue_id: str, size: str) -> ClusterSurvey:
    """Of every firm, also those out of the reader's scope: what is shown of them are sums that tell about none."""
    city, before = book.view.city, earlier(book)

    def whole(manifest: Manifest) -> Firms:
        return register.read_snapshot(book.register, manifest, city, purpose=USE)

    return kept(
        book.view,
        f"cluster measures {catalogue_id} {size} {book.manifest.digest}",
        lambda: clusters.survey_clusters(
            whole(book.manifest), city, catalogue_id, book.view.on, size=size,
            before=whole(before) if before else None, measures=MEASURES,
        ),
    )  # fmt: skip


def gathered(book: Firmbook, catalogue_id: str, size: str) -> Gathered:
    found = surveyed(book, catalogue_id, size)
    unit, scale = _UNITS.get(size, ("", 1.0))
    lines = [_line(book, found, g, scale) for g in range(len(found.most.group_ids))]
    shown = [line for line in lines if line.size.high != 0 or line.firms.high != 0]
    joint, refs = found.joint, {line.ref.id: line.ref for line in lines}
    pairs = [(refs[a], refs[b], n) for (a, b), n in joint.pairs.items() if n >= _LEAST]
    return Gathered(
        tuple(sorted(shown, key=lambda line: -(line.size.high or 0))), tuple(DEFINITIONS[id_] for id_ in _LISTED), unit,
        joint.firms, _between(joint.once), _between(joint.overlap),
        _between(found.sizes.once, scale) if found.sizes else None,
        tuple(sorted(pairs, key=lambda pair: -pair[2])),
    )  # fmt: skip


def of_cluster(book: Firmbook, key: str, size: str = "employees") -> Places | None:
    """The cluster in every area the reader may see; None where nobody says what belongs to it, or no firm does."""
    catalogue = book.view.city.catalogue_of_cluster[key]
    if not any(one.cluster_id == key for one in clusters.members_of(book.view.city, catalogue, book.view.on)):
        return None
    found = _if_any(book, catalogue.id, size)
    if found is None:
        return None
    g, own = found.most.group_ids.index(key), _own(book, found.most)
    return _places(book, found, [(a, g) for a in own], size, line=g)


def of_area(book: Firmbook, key: str, size: str = "employees") -> Places | None:
    """The clusters of the city's catalogue in force in one area; None out of the reader's scope, or without any."""
    city = book.view.city
    catalogue = clusters.main_catalogue(city, book.view.on)
    found = _if_any(book, catalogue.id, size) if catalogue else None
    if found is None or key not in found.most.area_ids:
        return None
    a = found.most.area_ids.index(key)
    if a not in _own(book, found.most):
        return None
    return _places(book, found, [(a, g) for g in range(len(found.most.group_ids))], size)


def _if_any(book: Firmbook, catalogue_id: str, size: str) -> ClusterSurvey | None:
    try:
        return surveyed(book, catalogue_id, size)
    except NotFound:  # no firm says where it is
        return None


def _own(book: Firmbook, found: Survey) -> list[int]:
    return [a for a, id_ in enumerate(found.area_ids) if book.reported_areas is None or id_ in book.reported_areas]


def _line(book: Firmbook, found: ClusterSurvey, g: int, scale: float) -> ClusterLine:
    most, least, id_ = found.most, found.least, found.most.group_ids[g]
    is_hidden = bool(most.hidden_industries[g])
    sizes = [float(one.cells.of_industries[g]) for one in (least, most)]
    count = found.joint.each.get(id_)
    size = Between(None, None) if is_hidden else Between(sizes[0] / scale, sizes[1] / scale)
    total = most.cells.total
    share = Between(None, None) if is_hidden or not total else Between(*(100 * one / total for one in sizes))
    shared = found.joint.shared.get(id_, 0)
    return ClusterLine(
        _cluster(book, id_),
        Between(None, None) if is_hidden else _between(count) if count else Between(0.0, 0.0),
        size, share, None if is_hidden else _growth_pct(most, g),
        tuple(
            (DEFINITIONS[one], Readings(least.by_industry[one].at(g), most.by_industry[one].at(g))) for one in _LISTED
        ),
        shared if shared >= _LEAST or not shared else None,
    )  # fmt: skip


def _growth_pct(found: Survey, g: int) -> float | None:
    if found.before is None or disclosure.hidden_industries(found.before)[g]:
        return None
    base = float(found.before.of_industries[g])
    return 100 * (float(found.cells.of_industries[g]) / base - 1) if base else None


def _places(
    book: Firmbook, found: ClusterSurvey, at: Sequence[tuple[int, int]], size: str, line: int | None = None
) -> Places:  # fmt: skip
    unit, scale = _UNITS.get(size, ("", 1.0))
    compared = earlier(book)
    rows = [_place(book, found, a, g, scale) for a, g in at if found.most.cells.firms[a, g]]  # type: ignore[index]
    shown = [row for row in rows if row.quotient.value is not None]
    catalogue = book.view.city.catalogue_of_cluster[found.most.group_ids[0]]
    return Places(
        tuple(sorted(shown, key=lambda row: -(row.quotient.value or 0))), len(rows) - len(shown),
        None if line is None else _line(book, found, line, scale), tuple(DEFINITIONS[id_] for id_ in _LISTED), unit,
        Ref(catalogue.id, f"{catalogue.name} {catalogue.edition}".strip()), book.snapshot_day,
        compared.about.day if compared else None, book.is_invented,
        all(row.size.is_exact for row in shown),
    )  # fmt: skip


def _place(book: Firmbook, found: ClusterSurvey, a: int, g: int, scale: float) -> Place:
    most = found.most
    quotient = most.by_cell["location_quotient"]
    known = quotient.is_known[:, g]
    rank = int((quotient.values[known, g] > quotient.values[a, g]).sum()) + 1 if known[a] else None
    low, high = (one.by_cell["size"].at(a, g).value for one in (found.least, most))
    share = most.by_cell["share"].at(a, g).value
    growth = most.by_cell["growth"].at(a, g).value if "growth" in most.by_cell else None
    stars = None if most.stars is None or most.stars.count[a, g] < 0 else int(most.stars.count[a, g])
    return Place(
        book.view.names.area(most.area_ids[a]) or Ref(most.area_ids[a], most.area_ids[a]),
        _cluster(book, most.group_ids[g]), counted(most).at(a, g).value,
        Between(*(None if one is None else one / scale for one in (low, high))),
        None if share is None else 100 * share, quotient.at(a, g), None if growth is None else 100 * growth,
        rank, int(known.sum()), stars,
    )  # fmt: skip


def _cluster(book: Firmbook, id_: str) -> Ref:
    return book.view.names.cluster(id_) or Ref(id_, id_)


def _between(bounds: Bounds, scale: float = 1.0) -> Between:
    return Between(float(bounds.low) / scale, float(bounds.high) / scale)
