"""Industrial chains (产业链): nodes, what feeds what, the weak points, and where in the city each part is done."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from jiqun.packs.schema.concept import Confidence, Sourced


class Chokepoint(Sourced):
    """Products of a node that public texts name as weak (短板); it is not a rate of domestic supply."""

    items: tuple[str, ...]


class ChainNode(Sourced):
    """`feeds_ids`: the nodes of the same chain that this one mainly supplies."""

    id: str
    segment: Literal["upstream", "midstream", "downstream", "support"]
    name: str
    name_en: str = ""
    products: tuple[str, ...] = ()
    gb_codes: tuple[str, ...] = ()  # candidates for placing firms, not the only ones
    gb_confidence: Confidence | None = None
    feeds_ids: tuple[str, ...] = ()
    chokepoint: Chokepoint | None = None


class LocalFocus(Sourced):
    area_id: str
    focus: str


class Chain(Sourced):
    """One file of `chains/`."""

    id: str
    name: str
    name_en: str = ""
    description: str = ""
    cluster_ids: tuple[str, ...] = ()
    layout: tuple[LocalFocus, ...] = ()
    nodes: tuple[ChainNode, ...] = Field(min_length=1)
