"""Measures of the clusters of a catalogue, from the firms that belong to them: at least, at most, and counted once.

A firm stands in each of its clusters as far as its share goes. Where only part of a class counts and nobody says how
much, `least` leaves it out and `most` takes it whole: sizes and shares of the city lie between both. A quotient or a
concentration need not lie between its two readings; each is what it would be if all those firms belonged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from jiqun.enterprises.register import Firms
from jiqun.industry.measures import disclosure
from jiqun.industry.measures.cells import Cells, from_firms
from jiqun.industry.measures.groupings import Grouping
from jiqun.industry.measures.resemblance import pairs_beside
from jiqun.industry.measures.surveys import (
    FIRMS,
    MEASURES,
    Survey,
    check,
    located,
    places_of,
    survey_cells,
)
from jiqun.industry.members import CLUSTER, KEY, Belonging, Together, belonging, in_force, together
from jiqun.model.errors import NotFound
from jiqun.packs import City
from jiqun.packs.schema.clusters import Catalogue, Membership

_PRODUCTS = "leading_product"


@dataclass(frozen=True, eq=False)
class ClusterSurvey:
    """`least` and `most` are of the same areas and clusters; what tells about one firm is hidden in both.

    `joint`: how many firms belong to which clusters, each counted once. `sizes`: what their sizes come to together, and
    how much of that is counted twice; None where firms are the size, or a size is no whole number.
    """

    least: Survey
    most: Survey
    joint: Together
    sizes: Together | None


def catalogue_of(city: City, id_: str) -> Catalogue:
    """Raises NotFound."""
    found = next((one for one in city.catalogues if one.id == id_), None)
    if found is None:
        raise NotFound(f"没有集群目录“{id_}”（已有：{'、'.join(one.id for one in city.catalogues) or '无'}）")
    return found


def members_of(city: City, catalogue: Catalogue, on: date) -> tuple[Membership, ...]:
    """What belongs to the catalogue's clusters on the day; classes named in the catalogue itself belong whole."""
    own = {cluster.id for cluster in catalogue.clusters}
    named = [
        Membership(cluster_id=cluster.id, by="code", value=code, share=1)
        for cluster in catalogue.clusters
        for code in cluster.gb_codes
    ]
    return (*named, *(one for one in in_force(city.memberships, on) if one.cluster_id in own))


def measurable(city: City, on: date) -> tuple[Catalogue, ...]:
    """Catalogues of whose clusters somebody has said what belongs to them."""
    return tuple(one for one in city.catalogues if members_of(city, one, on))


def main_catalogue(city: City, on: date) -> Catalogue | None:
    """The city's own catalogue that can be measured, of its main series where there are several."""
    offered = [one for one in measurable(city, on) if one.area_id is None]
    return next((one for one in offered if one.series == city.main_series), offered[0] if offered else None)


def survey_clusters(
    firms: Firms, city: City, catalogue_id: str, on: date, *, size: str = "employees", before: Firms | None = None,
    measures: Sequence[str] = MEASURES,
) -> ClusterSurvey:  # fmt: skip
    """The measures asked for of every cluster, by the memberships of one day for both registers.

    Raises NotFound for an unknown catalogue, one of whose clusters nobody knows what belongs to them, and a register
    without a firm in any area; UsageError for an unknown measure or size.
    """
    catalogue = catalogue_of(city, catalogue_id)
    held = members_of(city, catalogue, on)
    if not held:
        raise NotFound(
            f"集群目录“{catalogue_id}”没有写明各集群包含哪些行业，不能按集群计算；请补充 members/ 或 gb_codes"
        )
    check(firms, size, measures)
    ids, names = tuple(one.id for one in catalogue.clusters), {one.id: one.name for one in catalogue.clusters}
    grouping = Grouping(catalogue.name, names, {id_: {} for id_ in ids})
    areas = places_of([firms, before] if before else [firms], city)
    now = _Members(firms, city, held, on, size)
    then = None if before is None else _Members(before, city, held, on, size)
    pairs = [(now.cells(areas, ids, part), then.cells(areas, ids, part) if then else None) for part in ("low", "high")]
    unsure = now.cells(areas, ids, "unsure")
    closed = np.logical_or.reduce([disclosure.hidden(one) for one in (pairs[0][0], pairs[1][0], unsure)])
    whole = [disclosure.hidden_industries(one) for one in (pairs[0][0], pairs[1][0], unsure)]
    least, most = (
        survey_cells(cells, earlier, grouping, size=size, measures=measures, hidden=closed,
                     hidden_industries=np.logical_or.reduce(whole), pairs=pairs_beside(city, areas))
        for cells, earlier in pairs
    )  # fmt: skip
    return ClusterSurvey(least, most, together(now.belong), now.sizes())


class _Members:
    """The firms of a register with the clusters they belong to."""

    def __init__(self, firms: Firms, city: City, held: Iterable[Membership], on: date, size: str) -> None:
        products = _PRODUCTS if _PRODUCTS in firms.rows.collect_schema() else None
        asked = [KEY, "industry_code", *([products] if products else [])]
        self.belong: Belonging = belonging(firms.rows.select(asked), held, on, products=products)
        sized = pl.lit(1.0) if size == FIRMS else pl.col(size)
        self.size = size
        self.rows = located(firms, city).select(KEY, "area_id", sized.alias("number"))

    def sizes(self) -> Together | None:
        type_ = self.rows.collect_schema()["number"]
        if self.size == FIRMS or not type_.is_integer():
            return None
        numbers = self.rows.select(KEY, pl.col("number").alias("value")).collect(engine="streaming")
        return together(self.belong, numbers)

    def cells(self, area_ids: tuple[str, ...], cluster_ids: tuple[str, ...], part: str) -> Cells:
        """Areas × clusters: each firm with its share, `low`, `high`, or what lies between (`unsure`)."""
        share = pl.col("high") - pl.col("low") if part == "unsure" else pl.col(part)
        shares = self.belong.rows.lazy().select(KEY, CLUSTER, share=share / self.belong.scale).filter(
            pl.col("share") > 0
        )  # fmt: skip
        rows = shares.join(self.rows, on=KEY, how="inner").with_columns(number=pl.col("number") * pl.col("share"))
        made = from_firms(
            rows, area_ids, cluster_ids, size="number", columns=("area_id", CLUSTER), with_largest=True
        )  # fmt: skip
        every = from_firms(
            self.rows.with_columns(all=pl.lit(0)), area_ids, ("*",), size="number", columns=("area_id", "all")
        )  # fmt: skip
        assert every.firms is not None
        return replace(made, unplaced=every.unplaced, everything=every.sizes[:, 0], every_firm=every.firms[:, 0])
