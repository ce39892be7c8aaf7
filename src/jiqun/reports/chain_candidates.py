"""Whom to ask about a link that is weak or missing: firms the reader may see, local first, each with its tie."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from jiqun.industry.chains.candidates import Side, Tie, candidates, strangers
from jiqun.packs.schema.chains import ChainNode
from jiqun.reports.chainbook import Chainbook, Charted
from jiqun.reports.view import Ref

SIDE_LABELS = {Side.SUPPLIER: "上游", Side.CUSTOMER: "下游", Side.SUBSTITUTE: "可替代的"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A firm and its tie to the link. `on`: (what it is to the link, the link beside that the firm is on).

    `tie` is "named" for a firm from outside, which a text names and the register does not have: `code` leads nowhere.
    """

    code: str
    name: str
    area: str
    titles: tuple[Ref, ...]
    tie: str
    on: tuple[tuple[str, Ref], ...] = ()
    thing: str = ""
    term: str = ""
    industry: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """The first candidates of a link, and how many more there are."""

    firms: tuple[Candidate, ...]
    more: int


def asked(book: Chainbook, chain_id: str, node_id: str, most: int, *, with_near: bool = True) -> Asked:
    """The candidates of a link. Empty without placings; without the right to see firms only what texts name.
    `with_near` False leaves out those that a page lists by themselves as near."""
    charted = book.one(chain_id)
    node, sides = charted.chain.nodes[charted.graph.number_of[node_id]], charted.graph.beside[node_id]
    local, on_it = _local(book, node, sides)
    if not (with_near or local.is_empty()):
        local = local.filter(pl.col("tie") != Tie.NEAR.value)
    from_outside = strangers(node, on_it) if book.placings else ()
    firms = [_candidate(book, charted, sides, row) for row in local.head(most).iter_rows(named=True)]
    firms += [Candidate(firm.uscc, firm.name, "", (), "named") for firm in from_outside][: most - len(firms)]
    return Asked(tuple(firms), local.height + len(from_outside) - len(firms))


def told(firm: Candidate) -> str:
    """A candidate in a cell of a workbook: its name and what speaks for it."""
    if firm.tie == "named":
        return f"{firm.name}（材料点名，名册里没有）"
    if firm.tie == Tie.NEAR:
        why = f"“{firm.thing}”与“{firm.term}”相近，待核对"
    elif firm.tie == Tie.BESIDE:
        why = "、".join(f"现做{side}“{ref.name}”" for side, ref in firm.on)
    else:
        why = f"行业中类相同：{firm.industry}"
    return f"{firm.name}（{why}）"


def _local(book: Chainbook, node: ChainNode, sides: Collection[str]) -> tuple[pl.DataFrame, set[str]]:
    """The candidates of the register that the reader may see, and the codes of all firms on the link."""
    placings = book.placings
    if placings is None:
        return pl.DataFrame(), set()
    there = placings.by_node
    own = there.get(node.id, placings.rows.clear())
    on_it = set(own.filter("is_placed")["uscc"])
    if not book.sees_firms:
        return pl.DataFrame(), on_it
    rows = pl.concat([own, *(there[id_] for id_ in sides if id_ in there)])
    return candidates(node, sides, book.within(rows), book.within(placings.akin), on_it), on_it


def _candidate(book: Chainbook, charted: Charted, sides: Mapping[str, Side], row: Mapping[str, Any]) -> Candidate:
    area = book.view.names.area(row["area_id"])
    industry = book.view.city.industries.get(row["industry_code"] or "")
    return Candidate(
        row["uscc"], row["name"], area.name if area else "", book.titles(row["titles"]), row["tie"],
        tuple((SIDE_LABELS[side], charted.ref(id_)) for id_, side in sides.items() if id_ in row["beside"]),
        row["thing"], row["term"], industry.name if industry else row["industry_code"] or "",
    )  # fmt: skip
