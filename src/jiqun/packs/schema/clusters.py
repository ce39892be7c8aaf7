"""Cluster catalogues by edition, and the events between editions."""

from __future__ import annotations

import datetime
from typing import Literal

from jiqun.packs.schema.concept import Sourced


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


class ClusterEvent(Sourced):
    """A change by decree from the edition before: which clusters became which."""

    type: Literal["added", "kept", "renamed", "merged", "split", "absorbed", "promoted", "regrouped", "removed"]
    before_ids: tuple[str, ...] = ()
    after_ids: tuple[str, ...] = ()
    date: datetime.date | None = None


class Catalogue(Sourced):
    """One file of `clusters/`: an edition of one catalogue. `series` names the catalogue its editions share.

    `effective_to` is the last day of the edition, as documents print it; None while no later one replaces it.
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
    expected_count: int | None = None  # the count the document states, checked
