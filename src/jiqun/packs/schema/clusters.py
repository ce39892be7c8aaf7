"""Cluster catalogues by edition, the events between editions, and what belongs to a cluster."""

from __future__ import annotations

import datetime
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from jiqun.model.shares import read_share
from jiqun.packs.schema.concept import Concept, Sourced

Share = Annotated[Fraction, BeforeValidator(read_share)]  # written 3/5, 0.6 or 60%


class Cluster(Sourced):
    id: str
    name: str
    name_en: str = ""
    aliases: tuple[str, ...] = ()
    group: str = ""  # 战略重点类 …
    kind: str = "cluster"  # cluster | future_industry | leading_industry
    subfields: tuple[str, ...] = ()
    lead_ids: tuple[str, ...] = ()
    gb_codes: tuple[str, ...] = ()


class Portion(Sourced):
    """How much of a cluster a change carried over: of the earlier one, or (`of: after`) of the later one.

    Without it a cluster that became several is divided in an unknown way.
    """

    before_id: str
    after_id: str
    share: Share
    of: Literal["before", "after"] = "before"


class ClusterEvent(Sourced):
    """A change by decree from the edition before: which clusters became which."""

    type: Literal["added", "kept", "renamed", "merged", "split", "absorbed", "promoted", "regrouped", "removed"]
    before_ids: tuple[str, ...] = ()
    after_ids: tuple[str, ...] = ()
    date: datetime.date | None = None
    portions: tuple[Portion, ...] = ()


class Catalogue(Sourced):
    """One file of `clusters/`: an edition of one catalogue. `series` names the catalogue its editions share.

    `effective_to` is the last day of the edition, as documents print it; None while no later one replaces it.
    `expected_groups` are the counts a document states for groups of clusters, by group; they and `expected_count`
    are checked against the list.
    """

    id: str
    series: str
    name: str
    edition: str
    area_id: str | None = None  # whose catalogue it is; None: the city's own
    effective_from: datetime.date | None = None
    effective_to: datetime.date | None = None
    legal_basis: str = ""
    previous_id: str | None = None
    clusters: tuple[Cluster, ...] = ()
    events: tuple[ClusterEvent, ...] = ()
    expected_count: int | None = None
    expected_groups: dict[str, int] = Field(default_factory=dict)


class Membership(Sourced):
    """One row of `members/*.csv`: firms of an industry class, makers of a product or one firm belong to a cluster.

    `share` is the part of what they make that counts; left empty, only part of it counts and how much is unknown.
    """

    cluster_id: str
    by: Literal["code", "product", "firm"]
    value: str  # GB/T 4754 code, word for a product, unified social credit code
    share: Annotated[Fraction | None, BeforeValidator(read_share)] = None
    valid_from: datetime.date | None = None
    valid_to: datetime.date | None = None  # the first day on which it no longer holds


class Divided(Concept):
    """A stated split key of an example: the cluster that is divided, and the parts in proportion."""

    cluster_id: str
    parts: dict[str, int]


class Recasting(Concept):
    """One entry of `recastings.yaml`: a worked example of one edition's figures recast to another, run by `check`.

    `gives` holds a number, [low, high] (null: without a bound) or null for what cannot be known.
    """

    name: str = ""
    from_id: str
    to_id: str
    values: dict[str, int]
    keys: tuple[Divided, ...] = ()
    gives: dict[str, int | tuple[int | None, int | None] | None]
    is_complete: bool = False  # then nothing else may come out
