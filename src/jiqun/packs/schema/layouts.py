"""Layout problems (错位布局): which clusters may stand in which areas, by which clauses, judged by which scores."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field

from jiqun.packs.schema.concept import Concept, Confidence, Sourced
from jiqun.packs.schema.settings import DatedValue


class Grounded(Sourced):
    """`words` are our own; `article` is its place in the source. `is_assumed`: no source says it, a person chose it."""

    words: str = ""
    article: str = ""
    is_assumed: bool = False


class LayoutZone(Grounded):
    """A corridor or belt (带、轴、环): an area that overlaps the districts it runs through."""

    zone_id: str
    member_ids: tuple[str, ...] = Field(min_length=1)


class LayoutRule(Grounded):
    """Bounds on counts, for each of the clusters and areas in its scope; an empty scope is all of the problem's.

    `areas_per_cluster`, `clusters_per_area`: as they say. `cluster_in_zone`, `cluster_outside_zone`: areas of each
    cluster within, or not within, the zone. `zone_total`: places of all clusters in the zone together.
    """

    id: str
    kind: Literal["areas_per_cluster", "clusters_per_area", "cluster_in_zone", "cluster_outside_zone", "zone_total"]
    least: int | None = Field(None, ge=0)
    most: int | None = Field(None, ge=0)
    groups: tuple[str, ...] = ()
    cluster_ids: tuple[str, ...] = ()
    area_ids: tuple[str, ...] = ()
    zone_id: str | None = None


class LayoutResource(Grounded):
    """What clusters use of an area (land, people): the needs of those placed there must not exceed the supply.

    A cluster without a need is not counted, an area without a supply not bounded; both are told.
    """

    id: str
    name: str
    unit: str
    needs: dict[str, Decimal]  # cluster id → for one place
    supplies: dict[str, Decimal]  # area id →


class LayoutExemption(Grounded):
    """Clusters that the city places itself: no clause counts them."""

    id: str
    groups: tuple[str, ...] = ()
    cluster_ids: tuple[str, ...] = ()


class LayoutPair(Grounded):
    """A pair that is settled either way; `words` is the reason."""

    kind: Literal["fixed", "forbidden"]
    cluster_id: str
    area_id: str


class LayoutSeat(Grounded):
    """Where a cluster stands today."""

    cluster_id: str
    area_id: str


class LayoutCriterion(Grounded):
    """Points that a pair earns, 0 to 100; a pair that nothing is known of earns `unknown_as`, and is counted as such.

    `table`: `scores` by cluster and area. `seats`: by how sure it is that the cluster stands there today. `measured`:
    the measure named by `measure`, from figures of the ledger or register.
    """

    id: str
    name: str
    kind: Literal["table", "seats", "measured"]
    weight: tuple[DatedValue, ...] = Field(min_length=1)
    unknown_as: Decimal | None = Field(None, ge=0, le=100)
    scores: dict[str, dict[str, Decimal]] = Field(default_factory=dict)
    by_confidence: dict[Confidence, Decimal] = Field(default_factory=dict)
    measure: Literal["", "location_quotient", "relatedness_density"] = ""
    is_invented: bool = False


class LayoutChange(Grounded):
    """Points lost for each pair that is new (`enter`) and each that is given up (`leave`)."""

    enter: tuple[DatedValue, ...] = Field(min_length=1)
    leave: tuple[DatedValue, ...] = Field(min_length=1)


class LayoutFairness(Grounded):
    """Points for each point of the worst-off area (`max_min`), or lost for each between best and worst (`spread`).

    An area has the points that its pairs earn by the criterion `of`, or, for `count`, one for each cluster.
    """

    kind: Literal["max_min", "spread"]
    of: str = "count"
    weight: tuple[DatedValue, ...] = Field(min_length=1)


class Alternatives(Concept):
    """How many plans are wanted, and in how many pairs each must differ from every better one."""

    count: int = Field(3, ge=1, le=20)
    least_difference: int = Field(1, ge=1)


class Layout(Grounded):
    """One file of `layouts/`. Clusters: those of the catalogue in `groups` and `cluster_ids`; all where both are empty.

    `today_from_chains`: chains of these clusters say in which areas each has its local focus. `is_area_list_assumed`:
    the source names no areas, or not all; `area_note` says why these.
    """

    id: str
    name: str
    name_en: str = ""
    catalogue_id: str
    groups: tuple[str, ...] = ()
    cluster_ids: tuple[str, ...] = ()
    area_ids: tuple[str, ...] = Field(min_length=1)
    is_area_list_assumed: bool = False
    area_note: str = ""
    zones: tuple[LayoutZone, ...] = ()
    rules: tuple[LayoutRule, ...] = ()
    resources: tuple[LayoutResource, ...] = ()
    exemptions: tuple[LayoutExemption, ...] = ()
    pairs: tuple[LayoutPair, ...] = ()
    today: tuple[LayoutSeat, ...] = ()
    today_from_chains: bool = False
    criteria: tuple[LayoutCriterion, ...] = ()
    change: LayoutChange | None = None
    fairness: LayoutFairness | None = None
    alternatives: Alternatives = Alternatives()
