"""The pages of indicators: what is counted, in which unit, and every published figure with its source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max

from jiqun.model.errors import NotFound
from jiqun.packs.schema.indicators import Indicator, Polarity
from jiqun.reports import charts
from jiqun.reports.figures import FigureRow, figure_rows, known_figures
from jiqun.reports.kept import kept
from jiqun.reports.recasts import RecastRow, newest, recasts
from jiqun.reports.register import LightCount, Shortlist, count_lights, register
from jiqun.reports.view import Ref, View
from jiqun.reports.wording import period_label

POLARITIES = {Polarity.HIGHER_BETTER: "越高越好", Polarity.LOWER_BETTER: "越低越好", Polarity.NEUTRAL: "不论高低"}
TIME_KINDS = {"flow": "期间数", "stock": "期末数", "rate": "比率"}
AGGREGATIONS = {"sum": "下级相加", "ratio": "分子合计÷分母合计", "not_additive": "不可由下级推算"}


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    ref: Ref
    unit: str
    polarity_label: str
    figures: int
    newest: str
    targets: int
    lights: tuple[LightCount, ...]


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    rows: tuple[IndicatorRow, ...]


@dataclass(frozen=True)
class Indicators:
    """Indicators by the folder's groups; `only` narrows to those with figures or targets."""

    groups: tuple[Group, ...]
    query: str
    only: str
    total: int
    shown: int


@dataclass(frozen=True, slots=True)
class Grid:
    """Preferred figures of one indicator: a row for each area or cluster, a column for each period."""

    periods: tuple[str, ...]
    period_labels: tuple[str, ...]
    rows: tuple[tuple[Ref, tuple[FigureRow | None, ...]], ...]


@dataclass(frozen=True)
class IndicatorPage:
    ref: Ref
    unit: str
    definition: str
    polarity_label: str
    time_label: str
    aggregation_label: str
    parts: tuple[Ref, ...]
    frequency: tuple[str, ...]
    group: str
    aliases: tuple[str, ...]
    source: str
    note: str
    area: Ref | None
    areas: tuple[Ref, ...]
    grid: Grid
    figures: tuple[FigureRow, ...]
    more_figures: int
    recasts: tuple[RecastRow, ...]  # worked out, not printed: from other editions to the catalogue in force
    targets: Shortlist
    lights: tuple[LightCount, ...]
    chart: str


def indicators(view: View, query: str = "", only: str = "used") -> Indicators:
    counts = kept(view, "figures by indicator", lambda: _counts(view))
    book = register(view)
    groups: dict[str, list[IndicatorRow]] = {}
    for found in view.city.indicators.values():
        own = book.of_indicator(found.id)
        is_used = bool(own) or found.id in counts
        if (only == "used" and not is_used) or not _fits(found, query):
            continue
        number, newest = counts.get(found.id, (0, ""))
        groups.setdefault(found.group or "其他", []).append(
            IndicatorRow(
                ref=view.names.indicator(found.id),
                unit=found.unit,
                polarity_label=POLARITIES[found.polarity],
                figures=number,
                newest=period_label(newest),
                targets=len(own),
                lights=count_lights(own),
            )
        )
    return Indicators(
        groups=tuple(Group(name, tuple(rows)) for name, rows in groups.items()),
        query=query,
        only=only,
        total=len(view.city.indicators),
        shown=sum(len(rows) for rows in groups.values()),
    )


def indicator(view: View, key: str, area_id: str = "", *, every_period: bool = True) -> IndicatorPage:
    """One indicator with its figures; the chart shows `area_id`, by default the city. Raises NotFound.

    `every_period`: recast figures of all periods, else the newest of each series.
    """
    found = view.city.indicators.get(key)
    if found is None:
        raise NotFound("资料夹中没有这个指标")
    rows = known_figures(view).filter(indicator_id=key)
    figures = figure_rows(view, rows.order_by("-period_end", "area_id", "-is_preferred")[:400])
    targets = register(view).of_indicator(key)
    area = view.names.area(area_id or view.city.area_id)
    parts = (found.aggregation.numerator_id, found.aggregation.denominator_id)
    return IndicatorPage(
        ref=view.names.indicator(key),
        unit=found.unit,
        definition=found.definition,
        polarity_label=POLARITIES[found.polarity],
        time_label=TIME_KINDS[found.time_kind],
        aggregation_label=AGGREGATIONS[found.aggregation.kind],
        parts=tuple(view.names.indicator(part) for part in parts if part),
        frequency=found.frequency,
        group=found.group,
        aliases=found.aliases,
        source=_source_title(view, found),
        note=found.note,
        area=area,
        areas=tuple({f.area.id: f.area for f in figures if f.area}.values()),
        grid=grid(figures),
        figures=figures,
        more_figures=max(0, rows.count() - len(figures)),
        recasts=_recasts(view, key, every_period=every_period) if any(figure.cluster for figure in figures) else (),
        targets=Shortlist.of(targets),
        lights=count_lights(targets),
        chart=_chart(found, [f for f in figures if f.area == area and f.cluster is None]),
    )


def _recasts(view: View, key: str, *, every_period: bool) -> tuple[RecastRow, ...]:
    """For every line of catalogues the indicator's figures in the clusters of the edition in force on the day."""
    found: list[RecastRow] = []
    for catalogue in view.city.catalogues:
        if (catalogue.effective_from or date.min) <= view.on <= (catalogue.effective_to or date.max):
            found += recasts(view, catalogue.id, indicator_id=key)[0]
    return tuple(found) if every_period else newest(found)


def grid(figures: Iterable[FigureRow], columns: int = 8) -> Grid:
    """The preferred figure of each place and period, for the newest periods."""
    best: dict[tuple[str, str], FigureRow] = {}
    places: dict[str, Ref] = {}
    ends: dict[str, tuple[object, str]] = {}
    for figure in figures:
        place = figure.cluster or figure.area
        if place is None:
            continue
        at = (place.id, figure.period)
        if at not in best or (figure.is_preferred, figure.known_on) > (best[at].is_preferred, best[at].known_on):
            best[at] = figure
        places[place.id] = place
        ends[figure.period] = (figure.period_end, figure.period)
    periods = [period for _, period in sorted(ends.values(), key=str, reverse=True)][:columns][::-1]
    rows = tuple((place, tuple(best.get((place_id, p)) for p in periods)) for place_id, place in places.items())
    shown = tuple(row for row in rows if any(row[1]))
    return Grid(tuple(periods), tuple(period_label(p) for p in periods), shown)


def _counts(view: View) -> dict[str, tuple[int, str]]:
    """Figures and newest period by indicator."""
    rows = known_figures(view).order_by().values("indicator_id").annotate(n=Count("id"), newest=Max("period_end"))
    counted = {row["indicator_id"]: (row["n"], row["newest"]) for row in rows}
    return {key: (n, str(newest.year) if newest else "") for key, (n, newest) in counted.items()}


def _fits(found: Indicator, query: str) -> bool:
    return not query or any(
        query.lower() in word.lower() for word in (found.name, found.name_en, found.id, *found.aliases)
    )


def _source_title(view: View, found: Indicator) -> str:
    source = view.city.sources.get(found.source or "")
    return source.title if source else ""


def _chart(found: Indicator, figures: Sequence[FigureRow]) -> str:
    return charts.series_chart(found.name, found.unit, figures) if figures else ""
