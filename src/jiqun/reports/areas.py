"""The pages of areas: the city's districts on a tile map, and one area with its figures and targets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from jiqun.ledger.statement import number
from jiqun.model.errors import NotFound
from jiqun.model.units import Unit
from jiqun.packs.schema.areas import Area
from jiqun.reports import docket_holdings
from jiqun.reports.docket_holdings import Holding
from jiqun.reports.figures import FigureRow, figure_rows, known_figures
from jiqun.reports.kept import kept
from jiqun.reports.layout_adopted import Placed, placed
from jiqun.reports.register import LATE, LightCount, Shortlist, count_lights, register
from jiqun.reports.shares import Share
from jiqun.reports.tilemap import TileMap, tile_map
from jiqun.reports.view import Ref, View
from jiqun.reports.wording import period_label

LEVELS = {
    "country": "国家", "province": "省级", "prefecture": "地级市", "district": "市辖区", "county_city": "县级市",
    "functional_zone": "功能区", "corridor": "产业带", "park": "园区", "town": "镇、街道",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AreaRow:
    share: Share
    full_name: str
    level_label: str
    code: str
    reports: bool
    headline: FigureRow | None


@dataclass(frozen=True)
class Areas:
    """`headline` is the indicator whose figures of one year stand beside the areas and on the map."""

    city: AreaRow | None
    rows: tuple[AreaRow, ...]
    headline: Ref | None
    headlines: tuple[Ref, ...]
    year_label: str
    map: TileMap


@dataclass(frozen=True, slots=True)
class Reading:
    """The newest preferred figure of one indicator in an area."""

    figure: FigureRow
    older: int


@dataclass(frozen=True)
class AreaPage:
    ref: Ref
    full_name: str
    level_label: str
    code: str
    parent: Ref | None
    same_as: Ref | None
    reports: bool
    aliases: tuple[str, ...]
    note: str
    children: tuple[AreaRow, ...]
    bodies: tuple[Ref, ...]
    readings: tuple[Reading, ...]
    targets: Shortlist
    lights: tuple[LightCount, ...]
    layouts: tuple[Placed, ...]
    dockets: tuple[Holding, ...]


def areas(view: View, headline: str = "") -> Areas:
    """The city and the areas that report to it."""
    return kept(view, f"areas {headline}", lambda: _areas(view, headline))


def _areas(view: View, headline: str) -> Areas:
    city = view.city.areas.get(view.city.area_id or "")
    children = view.city.reporting_areas(city.id) if city else tuple(a for a in view.city.areas.values() if a.reports)
    offered = _headlines(view, {area.id for area in children})
    chosen = headline if headline in offered else next(iter(offered), "")
    year, figures = _of_one_year(view, chosen, {area.id for area in children} | ({city.id} if city else set()))
    return Areas(
        city=_row(view, city, figures) if city else None,
        rows=tuple(_row(view, area, figures) for area in children),
        headline=view.names.indicator(chosen) if chosen else None,
        headlines=tuple(view.names.indicator(key) for key in offered),
        year_label=period_label(year),
        map=headline_map(view, children, figures, chosen),
    )


def area(view: View, key: str) -> AreaPage:
    """One area with the newest figure of each indicator. Raises NotFound."""
    found = view.city.areas.get(key)
    if found is None:
        raise NotFound("资料夹中没有这个区划")
    own = register(view).of_area(key)
    return AreaPage(
        ref=view.names.area(key) or Ref(key, found.name),
        full_name=found.name,
        level_label=LEVELS.get(found.level, found.level),
        code=found.code or "",
        parent=view.names.area(found.parent_id),
        same_as=view.names.area(found.same_as_id),
        reports=found.reports,
        aliases=found.aliases,
        note=found.note,
        children=tuple(_row(view, child, {}) for child in view.city.reporting_areas(key)),
        bodies=tuple(
            view.names.body(body.id)
            for body in view.city.bodies.values()
            if body.area_id == key and view.is_in_force(body)
        ),
        readings=_readings(view, key),
        targets=Shortlist.of(own),
        lights=count_lights(own),
        layouts=placed(view, area_id=key),
        dockets=docket_holdings.of_area(view, key),
    )


def headline_map(view: View, shown: Sequence[Area], figures: dict[str, FigureRow], indicator_id: str) -> TileMap:
    """The areas as tiles, classed by their figure in the indicator's unit; a floor (不少于) is no value to class by."""
    indicator = view.city.indicators.get(indicator_id)
    unit = Unit.parse(indicator.unit if indicator else "")
    values: dict[str, Decimal | None] = {}
    for area_id, figure in figures.items():
        value, own = number(figure.value_text), Unit.parse(figure.unit)
        is_plain = value is not None and own.measures_like(unit) and figure.kind != "at_least"
        values[area_id] = own.convert(value, unit) if value is not None and is_plain else None
    return tile_map(shown, values, unit.printed)


def _row(view: View, found: Area, figures: dict[str, FigureRow]) -> AreaRow:
    ref = view.names.area(found.id) or Ref(found.id, found.name)
    own = register(view).of_area(found.id)
    share = Share(ref, len(own), sum(row.judged.light in LATE for row in own), count_lights(own))
    return AreaRow(
        share, found.name, LEVELS.get(found.level, found.level), found.code or "", found.reports, figures.get(found.id)
    )


def _headlines(view: View, area_ids: set[str], most: int = 12) -> dict[str, int]:
    """Indicators with a figure in at least half of the areas, those in most areas first."""
    rows = known_figures(view).filter(area_id__in=area_ids).order_by().values_list("indicator_id", "area_id").distinct()
    seen: dict[str, int] = {}
    for indicator_id, _ in rows:
        seen[indicator_id] = seen.get(indicator_id, 0) + 1
    wide = {key: count for key, count in seen.items() if count * 2 >= len(area_ids)}
    return dict(sorted(wide.items(), key=lambda pair: (-pair[1], list(view.city.indicators).index(pair[0])))[:most])


def _of_one_year(view: View, indicator_id: str, area_ids: set[str]) -> tuple[str, dict[str, FigureRow]]:
    """The year that most areas have a figure for, the newest of these, and the preferred figure of each area then.

    Areas are compared within one year only: last year's total beside a half-year's says nothing.
    """
    rows = known_figures(view).filter(indicator_id=indicator_id, area_id__in=area_ids, cluster_id=None, measure=None)
    by_year: dict[str, dict[str, FigureRow]] = {}
    for figure in figure_rows(view, rows.order_by("is_preferred", "known_on")):
        if figure.area is not None and figure.period.isdecimal():
            by_year.setdefault(figure.period, {})[figure.area.id] = figure
    if not by_year:
        return "", {}
    year = max(by_year, key=lambda period: (len(by_year[period]), period))
    return year, by_year[year]


def _readings(view: View, key: str) -> tuple[Reading, ...]:
    rows = known_figures(view).filter(area_id=key).order_by("-period_end", "-is_preferred", "-known_on")[:2000]
    grouped: dict[tuple[str, str], list[FigureRow]] = {}
    for figure in figure_rows(view, rows):
        at = figure.indicator.id, figure.cluster.id if figure.cluster else ""
        grouped.setdefault(at, []).append(figure)
    order = {indicator_id: at for at, indicator_id in enumerate(view.city.indicators)}
    ordered = sorted(grouped.items(), key=lambda pair: order.get(pair[0][0], len(order)))
    return tuple(Reading(_best(figures), len(figures) - 1) for _, figures in ordered)


def _best(figures: Iterable[FigureRow]) -> FigureRow:
    return max(figures, key=lambda figure: (figure.period_end, figure.is_preferred, figure.known_on))
