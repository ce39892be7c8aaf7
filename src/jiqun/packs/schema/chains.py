"""Industrial chains (产业链): nodes, what feeds what, the weak points, and where in the city each part is done."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from jiqun.packs.schema.concept import Confidence, Sourced

Percent = Annotated[Decimal, Field(ge=0, le=100)]
# settings of city.yaml that a folder with chains must have: how links are judged (industry/chains/states.py)
JUDGED_BY = tuple(
    f"chain_{name}"
    for name in ("strong_firms", "strong_titled", "single_source_pct", "concentrated_hhi", "least_known_pct",
                 "review_months", "few_firms")
)  # fmt: skip
EdgeKind = Literal["feeds", "part_of", "made_with", "needs_technology", "substitutes"]


class Dated(Sourced):
    """`as_of`: the day of which it speaks, else that of its source; `review_by`: when it should be looked at again,
    else the city's setting `chain_review_months` later."""

    as_of: date | None = None
    review_by: date | None = None


class Chokepoint(Dated):
    """Products of a node that public texts name as weak (短板); it is not a rate of domestic supply."""

    items: tuple[str, ...]


class NamedFirm(Dated):
    """A firm that a text names as doing this, by its code; `name` as the text prints it."""

    uscc: str
    name: str = ""


class ChainNode(Dated):
    """A link of the chain, or a product or technology that links need. `feeds_ids`: the nodes of the same chain that
    this one mainly supplies, each an edge of kind `feeds` without quantity."""

    id: str
    kind: Literal["link", "product", "technology"] = "link"
    segment: Literal["upstream", "midstream", "downstream", "support"]
    name: str
    name_en: str = ""
    products: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()  # how business scopes say it, beside name and products
    gb_codes: tuple[str, ...] = ()  # candidates for placing firms, not the only ones
    gb_confidence: Confidence | None = None
    feeds_ids: tuple[str, ...] = ()
    chokepoint: Chokepoint | None = None
    firms: tuple[NamedFirm, ...] = ()


class ChainEdge(Dated):
    """One edge, from what is supplied to what uses it; `substitutes` goes both ways. Shares are None where unknown.

    `cost_share_pct`: part of `to_id`'s cost that is `from_id`; `main_business_share_pct`: part of the sales of
    `from_id` that goes to `to_id`.
    """

    from_id: str
    to_id: str
    kind: EdgeKind = "feeds"
    cost_share_pct: Percent | None = None
    main_business_share_pct: Percent | None = None


class Purchase(Dated):
    """What was bought of a node's goods in a year from one source, outside the city's reach or inside."""

    node_id: str
    year: int
    origin: str
    is_outside: bool
    value_yuan: int = Field(ge=0)


class Sale(Dated):
    """What local makers of a node's goods sold in a year, to anybody."""

    node_id: str
    year: int
    value_yuan: int = Field(ge=0)


class LocalFocus(Sourced):
    area_id: str
    focus: str


class Chain(Dated):
    """One file of `chains/`."""

    id: str
    name: str
    name_en: str = ""
    description: str = ""
    cluster_ids: tuple[str, ...] = ()
    layout: tuple[LocalFocus, ...] = ()
    nodes: tuple[ChainNode, ...] = Field(min_length=1)
    edges: tuple[ChainEdge, ...] = ()
    purchases: tuple[Purchase, ...] = ()
    sales: tuple[Sale, ...] = ()

    def all_edges(self) -> tuple[ChainEdge, ...]:
        """The edges with their quantities and, after them, those that nodes name in `feeds_ids` and no edge repeats."""
        said = {(edge.from_id, edge.to_id) for edge in self.edges if edge.kind == "feeds"}
        plain = (
            ChainEdge(from_id=node.id, to_id=to, source=node.source, confidence=node.confidence, as_of=node.as_of,
                      review_by=node.review_by)
            for node in self.nodes
            for to in dict.fromkeys(node.feeds_ids)
            if (node.id, to) not in said
        )  # fmt: skip
        return (*self.edges, *plain)
