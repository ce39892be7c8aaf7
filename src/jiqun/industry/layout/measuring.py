"""Points of cluster and area from firms: how strong a cluster is where, and how near to what is there already.

A cluster's industries are those of its own codes and of the links of its chains. Strength is the location quotient q of
firms counted, as 100 q / (1 + q): 50 where the area has its share, never 100. Relatedness is the mean relatedness
density of the cluster's industries, as a percentage. A cell of one or two firms is unknown: it would tell about them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jiqun.industry.layout.building import Measured, taking_part
from jiqun.industry.measures import complexity
from jiqun.industry.measures.cells import Cells, from_firms
from jiqun.industry.measures.quotients import location_quotient
from jiqun.packs import City
from jiqun.packs.schema.layouts import Layout

STRENGTH, RELATEDNESS = "location_quotient", "relatedness_density"
LEAST_FIRMS = 3  # in a cell that is shown; none at all is shown too
_CLASS_DIGITS = 4
_REST = ""


def is_asked(layout: Layout) -> bool:
    """Whether a criterion of the layout is measured from firms."""
    return any(said.kind == "measured" for said in layout.criteria)


def measured(city: City, layout: Layout, rows: pl.LazyFrame) -> Measured:
    """The measures of firms with columns `area_id` and `industry_code`; clusters without codes are in none."""
    classes = tuple(code for code in city.industries if len(code) == _CLASS_DIGITS and code.isdecimal())
    cells = from_firms(rows, layout.area_ids, classes)
    groups = {cluster: own for cluster in taking_part(city, layout) if (own := _classes(city, cluster.id, classes))}
    found: dict[str, dict[tuple[str, str], Decimal]] = {STRENGTH: {}, RELATEDNESS: {}}
    has = complexity.advantages(cells)
    density = complexity.relatedness_density(has, complexity.proximity(has))
    place = {code: at for at, code in enumerate(classes)}
    for cluster, own in groups.items():
        columns = np.array([place[code] for code in own])
        quotients, firms = _quotients(cells, own, classes)
        for at, area_id in enumerate(layout.area_ids):
            is_shown = firms[at] == 0 or firms[at] >= LEAST_FIRMS
            if is_shown and not np.isnan(quotients[at]):
                found[STRENGTH][cluster.id, area_id] = _points(quotients[at] / (1 + quotients[at]))
            known = density.values[at, columns][density.is_known[at, columns]]
            if known.size:
                found[RELATEDNESS][cluster.id, area_id] = _points(float(known.mean()))
    return found


def _quotients(
    cells: Cells, own: Iterable[str], classes: Iterable[str]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The cluster's quotient against everything, by area, and its firms; NaN where it is unknown."""
    inside = frozenset(own)
    groups: Mapping[str, Mapping[str, float]] = {
        "own": dict.fromkeys(inside, 1.0),
        _REST: {code: 1.0 for code in classes if code not in inside},
    }
    two = cells.regrouped(groups)
    quotient = location_quotient(two)
    assert two.firms is not None
    return np.where(quotient.is_known[:, 0], quotient.values[:, 0], np.nan), two.firms[:, 0]


def _classes(city: City, cluster_id: str, classes: Iterable[str]) -> tuple[str, ...]:
    """The classes under a cluster's codes; a code may be of a division, a group or a class."""
    codes = set(city.clusters[cluster_id].gb_codes)
    for chain in city.chains.values():
        if cluster_id in chain.cluster_ids:
            codes |= {code for node in chain.nodes for code in node.gb_codes}
    prefixes = tuple(codes)
    return tuple(code for code in classes if code.startswith(prefixes)) if prefixes else ()


def _points(share: float) -> Decimal:
    return Decimal(str(round(float(share) * 100, 2)))
