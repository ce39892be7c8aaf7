"""Firms that could do what a link lacks: whom to ask first where a link is to be strengthened, filled or extended.

A missing link has by definition no firm that does it or nearly says so. What is left to look at are the firms beside
it: of the links that supply it, use it or stand in for it, and those of the same group of GB/T 4754; and, last, firms
that a text names and the register does not have. Each stands under its nearest tie, once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

import polars as pl

from jiqun.packs.schema.chains import Chain, ChainNode, NamedFirm


class Tie(StrEnum):
    """`NEAR`: its scope nearly names the link. `BESIDE`: it is on a link beside. `GROUP`: only its class is akin."""

    NEAR = "near"
    BESIDE = "beside"
    GROUP = "group"


class Side(StrEnum):
    """What a link beside is to the one that lacks."""

    SUPPLIER = "supplier"
    CUSTOMER = "customer"
    SUBSTITUTE = "substitute"


_GROUP = 3  # digits of a group (中类) of GB/T 4754
_ORDER = {tie.value: number for number, tie in enumerate(Tie)}
FIRM_COLUMNS = ("uscc", "name", "area_id", "industry_code", "revenue_yuan", "titles")
COLUMNS = (*FIRM_COLUMNS, "tie", "beside", "thing", "term")


def beside(chain: Chain) -> Mapping[str, Mapping[str, Side]]:
    """Node id → the nodes beside it by a single edge, each with what it is to the node; the first edge that says so."""
    found: dict[str, dict[str, Side]] = {node.id: {} for node in chain.nodes}
    for edge in chain.all_edges():
        if edge.from_id == edge.to_id:
            continue
        is_swap = edge.kind == "substitutes"
        found[edge.to_id].setdefault(edge.from_id, Side.SUBSTITUTE if is_swap else Side.SUPPLIER)
        found[edge.from_id].setdefault(edge.to_id, Side.SUBSTITUTE if is_swap else Side.CUSTOMER)
    return found


def groups(node: ChainNode) -> frozenset[str]:
    """The groups that the node's industry classes belong to."""
    return frozenset(code[:_GROUP] for code in node.gb_codes if len(code) >= _GROUP)


def group_of(column: str = "industry_code") -> pl.Expr:
    return pl.col(column).str.slice(0, _GROUP)


def candidates(
    node: ChainNode, sides: Collection[str], rows: pl.DataFrame, akin: pl.DataFrame, on_it: Collection[str]
) -> pl.DataFrame:
    """Firms in the order to ask them, `COLUMNS`; `beside` names the links beside that a firm is on.

    rows: placings (`node_id`, `is_placed`, `score`, `thing`, `term` beside `FIRM_COLUMNS`) of the node and of those at
    its `sides`. akin: other firms, `FIRM_COLUMNS`, of which those of the node's groups count. on_it: codes of firms on
    the link already, never among the answers. Nearest tie first; then the better score, the more links beside, an
    industry class of the same group, the larger revenue.
    """
    none = pl.lit([], pl.List(pl.String)).alias("beside")
    unsaid = (pl.lit(0.0).alias("score"), pl.lit("").alias("thing"), pl.lit("").alias("term"))
    near = rows.filter((pl.col("node_id") == node.id) & ~pl.col("is_placed"))
    there = rows.filter(pl.col("is_placed") & pl.col("node_id").is_in(list(sides)))
    parts = [
        near.with_columns(none, tie=pl.lit(Tie.NEAR.value)),
        there.group_by("uscc", maintain_order=True)
        .agg(pl.col(*FIRM_COLUMNS[1:]).first(), beside=pl.col("node_id"))
        .with_columns(*unsaid, tie=pl.lit(Tie.BESIDE.value)),
        akin.filter(group_of().is_in(sorted(groups(node)))).with_columns(none, *unsaid, tie=pl.lit(Tie.GROUP.value)),
    ]
    every = pl.concat([part.select(*COLUMNS, "score") for part in parts])
    return (
        every.filter(~pl.col("uscc").is_in(list(on_it)))
        .with_columns(
            order=pl.col("tie").replace_strict(_ORDER, return_dtype=pl.Int8), many=pl.col("beside").list.len(),
            same=group_of().is_in(sorted(groups(node))).fill_null(value=False),
        )
        .sort(
            ["order", "score", "many", "same", "revenue_yuan", "uscc"],
            descending=[False, True, True, True, True, False], nulls_last=True,
        )
        .unique("uscc", keep="first", maintain_order=True)
        .select(COLUMNS)
    )  # fmt: skip


def strangers(node: ChainNode, on_it: Collection[str]) -> tuple[NamedFirm, ...]:
    """Firms that a text names as doing this and that the register does not have: to be won from outside."""
    return tuple(firm for firm in node.firms if firm.uscc not in on_it)
