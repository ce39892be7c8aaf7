"""All measures of a register at once: areas × groups of industries, with what may be shown of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from jiqun.enterprises.register import Firms
from jiqun.industry.measures import candidates, complexity, concentration, disclosure, quotients
from jiqun.industry.measures.candidates import Rising
from jiqun.industry.measures.cells import Cells, from_firms
from jiqun.industry.measures.groupings import Grouping
from jiqun.industry.measures.resemblance import Pairs, Resemblance, pairs_beside, resemblance
from jiqun.industry.measures.results import Booleans, Measurement, measured
from jiqun.industry.measures.stars import Stars, stars
from jiqun.model.errors import NotFound, UsageError
from jiqun.packs import City

FIRMS = "firms"  # as a size: every firm is one
CR = 3  # areas of the concentration ratio
_BY_CELL: Mapping[str, Callable[[Cells], Measurement]] = {
    "size": quotients.size, "share": quotients.share, "location_quotient": quotients.location_quotient,
}  # fmt: skip
_BY_INDUSTRY: Mapping[str, Callable[[Cells], Measurement]] = {
    "hhi": concentration.hhi, "firm_hhi": concentration.firm_hhi, "gini": concentration.gini,
    "concentration_ratio": lambda cells: concentration.concentration_ratio(cells, CR),
    "locational_gini": concentration.locational_gini, "theil": concentration.theil,
    "ellison_glaeser": concentration.ellison_glaeser, "krugman_concentration": concentration.krugman_concentration,
}  # fmt: skip
_BY_AREA: Mapping[str, Callable[[Cells], Measurement]] = {
    "krugman_specialisation": concentration.krugman_specialisation,
}  # fmt: skip
_RELATED = ("relatedness_density", "eci", "pci")
_BESIDE = ("moran", "local_moran")
MEASURES = (*_BY_CELL, "growth", *_BY_INDUSTRY, *_BY_AREA, *_RELATED, *_BESIDE)


@dataclass(frozen=True, eq=False)
class Survey:
    """Measures by id; all that would tell about one firm is taken out of them already, and marked in `hidden`.

    `cells` is what they were computed from and must not be shown. `stars` only of employees, `rising` only with an
    earlier register, `resemblance` only where the folder says which of the areas lie side by side.
    """

    grouping: Grouping
    area_ids: tuple[str, ...]
    size: str
    cells: Cells
    hidden: Booleans
    hidden_industries: Booleans
    by_cell: Mapping[str, Measurement]
    by_industry: Mapping[str, Measurement]
    by_area: Mapping[str, Measurement]
    stars: Stars | None = None
    rising: Rising | None = None
    before: Cells | None = None
    resemblance: Resemblance | None = None

    @property
    def group_ids(self) -> tuple[str, ...]:
        return self.cells.industry_ids


def survey(
    firms: Firms, city: City, grouping: Grouping, *, size: str = "employees", before: Firms | None = None,
    measures: Sequence[str] = MEASURES,
) -> Survey:  # fmt: skip
    """The measures asked for. `size` is a column of numbers, or FIRMS.

    Areas are those of the register in the folder's order; one that is reported in another is counted there. Raises
    UsageError for an unknown measure or size, NotFound for a register without a firm in any area.
    """
    check(firms, size, measures)
    area_ids = places_of([firms, before] if before else [firms], city)
    cells = _cells(firms, city, grouping, area_ids, size)
    earlier = None if before is None else _cells(before, city, grouping, area_ids, size)
    return survey_cells(
        cells, earlier, grouping, size=size, measures=measures, pairs=pairs_beside(city, area_ids)
    )  # fmt: skip


def check(firms: Firms, size: str, measures: Sequence[str]) -> None:
    """Raises UsageError for an unknown measure, and for a size that is no number of the register."""
    foreign = [id_ for id_ in measures if id_ not in MEASURES]
    if foreign:
        raise UsageError(f"没有测度“{'、'.join(foreign)}”（可用：{'、'.join(MEASURES)}）")
    type_ = firms.rows.collect_schema().get(size)
    if size != FIRMS and (size not in firms.columns or type_ is None or not type_.is_numeric()):
        raise UsageError(f"名册没有可作规模的数据项“{size}”；可写 firms（企业数）、employees、revenue_yuan 等数值项")


def survey_cells(
    cells: Cells, earlier: Cells | None, grouping: Grouping, *, size: str, measures: Sequence[str] = MEASURES,
    hidden: Booleans | None = None, hidden_industries: Booleans | None = None, pairs: Pairs | None = None,
) -> Survey:  # fmt: skip
    """The measures of a table; `hidden` and `hidden_industries` are hidden besides what the table itself would tell.

    `pairs`: areas that lie side by side.
    """
    area_ids = cells.area_ids
    hidden = disclosure.hidden(cells) | (False if hidden is None else hidden)
    if earlier is not None:
        hidden |= disclosure.hidden(earlier)
    kept_back = disclosure.hidden_industries(cells) | (False if hidden_industries is None else hidden_industries)
    wanted = set(measures)
    by_cell = {id_: make(cells) for id_, make in _BY_CELL.items() if id_ in wanted}
    if earlier is not None and "growth" in wanted:
        by_cell["growth"] = quotients.growth(earlier, cells)
    by_industry = {id_: make(cells) for id_, make in _BY_INDUSTRY.items() if id_ in wanted}
    by_area = {id_: make(cells) for id_, make in _BY_AREA.items() if id_ in wanted}
    _add_related(cells, wanted, by_cell, by_industry, by_area)
    masked = disclosure.masked
    told = _ratio_tells(cells, hidden)
    return Survey(
        grouping, area_ids, size, cells, hidden, kept_back,
        {id_: masked(found, hidden) for id_, found in by_cell.items()},
        {id_: masked(found, kept_back | (told if id_ == "concentration_ratio" else False))
         for id_, found in by_industry.items()},
        by_area,
        stars(cells) if size == "employees" else None,
        None if earlier is None else _shown(candidates.rising_cells(earlier, cells), area_ids, cells, hidden),
        earlier,
        _resemblance(cells, pairs, hidden | kept_back) if wanted & set(_BESIDE) else None,
    )  # fmt: skip


def _resemblance(cells: Cells, pairs: Pairs | None, hidden: Booleans) -> Resemblance | None:
    if pairs is None or not len(pairs):
        return None
    return resemblance(quotients.location_quotient(cells), pairs, hidden)


def places_of(registers: Sequence[Firms], city: City) -> tuple[str, ...]:
    """The areas of the registers' firms in the folder's order. Raises NotFound where there is none."""
    found: set[str] = set()
    for firms in registers:
        ids = firms.rows.select(pl.col("area_id").unique()).collect(engine="streaming").to_series()
        found |= {city.reported_in(id_) for id_ in ids.drop_nulls()}
    if not found:
        raise NotFound("名册里没有一家企业写明所属区划，无法按区域计算")
    known = {id_: number for number, id_ in enumerate(city.areas)}
    return tuple(sorted(found, key=lambda id_: (known.get(id_, len(known)), id_)))


def _cells(firms: Firms, city: City, grouping: Grouping, area_ids: tuple[str, ...], size: str) -> Cells:
    sized = None if size == FIRMS else size
    fine = from_firms(located(firms, city), area_ids, tuple(city.industries), size=sized, with_largest=True)
    if fine.largest is None or sized is None:
        fine = _of_ones(fine)
    return fine.regrouped(grouping.parts)


def located(firms: Firms, city: City) -> pl.LazyFrame:
    """The firms, each in the area that it is reported in."""
    moved = city.moved_areas
    return firms.rows.with_columns(pl.col("area_id").replace(moved)) if moved else firms.rows


def _of_ones(cells: Cells) -> Cells:
    """Firms as sizes: the largest of a cell is one of them."""
    assert cells.firms is not None
    ones = (cells.firms > 0).astype(np.float64)
    return Cells(
        cells.area_ids, cells.industry_ids, cells.sizes, cells.firms, cells.squares, cells.unsized, ones,
        cells.unplaced,
    )  # fmt: skip


def _add_related(
    cells: Cells, wanted: set[str], by_cell: dict[str, Measurement], by_industry: dict[str, Measurement],
    by_area: dict[str, Measurement],
) -> None:  # fmt: skip
    if not wanted & set(_RELATED):
        return
    has = complexity.advantages(cells)
    if "relatedness_density" in wanted:
        by_cell["relatedness_density"] = complexity.relatedness_density(has, complexity.proximity(has))
    found = complexity.complexity(has)
    by_area |= {"eci": found.eci} if "eci" in wanted else {}
    by_industry |= {"pci": found.pci} if "pci" in wanted else {}


def _ratio_tells(cells: Cells, hidden: Booleans) -> Booleans:
    """(I,): where one of the largest areas is hidden, whose share the ratio would tell."""
    order = np.argsort(-cells.sizes, axis=0)[:CR]
    return np.asarray(np.take_along_axis(hidden, order, axis=0).any(axis=0))


def _shown(rising: Rising, area_ids: tuple[str, ...], cells: Cells, hidden: Booleans) -> Rising:
    areas = {id_: number for number, id_ in enumerate(area_ids)}
    groups = {id_: number for number, id_ in enumerate(cells.industry_ids)}
    kept = tuple(one for one in rising.cells if not hidden[areas[one.area_id], groups[one.industry_id]])
    return Rising(kept, rising.tested, rising.dispersion, rising.fdr)


def counted(survey_: Survey) -> Measurement:
    """(A, I): how many firms each cell has, hidden where it would tell about one."""
    assert survey_.cells.firms is not None
    return disclosure.masked(measured("size", survey_.cells.firms.astype(np.float64), {}), survey_.hidden)
