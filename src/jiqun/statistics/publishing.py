"""Which totals of firms' returns may be published: those that no attack on the published ones leads back from.

A sum over areas (and parts of a breakdown) is one table for `disclosure`; a ratio or mean is shown where the sums it
is made of are. Returns of areas and bodies are nobody's secret.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from jiqun.model.errors import InputRefused
from jiqun.packs.schema.forms import FormField
from jiqun.statistics import disclosure
from jiqun.statistics.disclosure import DisclosureRules
from jiqun.statistics.layout import Cell, Layout
from jiqun.statistics.rollup import KEY, NODE, PASSED, Total, partner

_WHOLE, _REST = "whole", "rest"  # the root of a breakdown's tree, and what no part accounts for
_AT_ROOT = "at root"  # returns that no area below the root decides on


# why a total stays inside, in words for those who publish; outside a mark is all that shows
FEW, BESIDE = "可推算出个别单位", "为保护其他数"
WAITS, NEGATIVE = "下级审核先于上级", "有负数，只公布总数"
UNSAFE, PARTS = "怎样隐去都能推算", "所用的数有不公布的"


@dataclass(frozen=True)
class Released:
    """`shown` are the totals that may be shown together, in their order; `held` says why of each other known one, by
    area and cell."""

    shown: tuple[Total, ...]
    held: Mapping[tuple[str, str], str]


def release(
    layout: Layout, rows: pl.DataFrame, totals: Sequence[Total], levels: Sequence[int], rules: DisclosureRules
) -> Released:
    """Which of the totals at `levels` may be shown.

    `rows` as `rollup.roll_up` takes them. Where a table cannot be protected nothing of it is shown; so with figures
    below zero, of which only the total of the highest level is. An area that has accepted more than the highest level
    so far waits: the two would not be totals of the same returns.
    """
    waits = _waiting(rows, sorted(levels))
    known = [total for total in totals if total.level in levels and total.steps is not None]
    why: dict[tuple[str, str], str] = {}  # "" where it may be shown
    for field in layout.form.fields:
        if field.kind == "number" and field.roll_up.kind == "sum":
            for column in layout.form.columns_of(field):
                cells = [cell for cell in layout.numbers if cell.field is field and cell.column == column]
                keys = {cell.key for cell in cells}
                wanted = [(total.area_id, total.cell.key) for total in known if total.cell.key in keys]
                found, otherwise = _hidden(rows, cells, field, sorted(levels), rules)
                why |= {place: found.get(place, otherwise) for place in wanted}
    sums = dict(why)  # what waits is no part that is hidden: it is not the total of the same returns
    for total in known:
        why.setdefault((total.area_id, total.cell.key), _of_parts(total, layout, sums))
        if total.area_id in waits:
            why[total.area_id, total.cell.key] = WAITS
    shown = tuple(total for total in known if not why[total.area_id, total.cell.key])
    return Released(shown, {place: reason for place, reason in why.items() if reason})


def _waiting(rows: pl.DataFrame, levels: Sequence[int]) -> frozenset[str]:
    """Areas whose total has returns in it that the highest of the levels has not accepted."""
    found: set[str] = set()
    for at in levels[:-1]:
        ahead = pl.col(PASSED).is_between(at + 1, levels[-1])
        found |= set(rows.filter(ahead)[NODE.format(at)].drop_nulls())
    return frozenset(found)


def _of_parts(total: Total, layout: Layout, why: Mapping[tuple[str, str], str]) -> str:
    """Why a ratio or mean stays inside: the sums that it is made of do."""
    rule, cell = total.cell.field.roll_up, total.cell
    if rule.kind == "ratio":
        made_of = [(total.area_id, partner(cell, layout, name)) for name in (rule.numerator, rule.denominator)]
        return PARTS if any(why.get(place, PARTS) for place in made_of) else ""
    if rule.kind == "mean":
        weights = {each.key for each in layout.numbers
                   if each.field.id == rule.weight and each.column == cell.column}  # fmt: skip
        return PARTS if any(reason and key in weights for (_, key), reason in why.items()) else ""
    return UNSAFE


def _hidden(
    rows: pl.DataFrame, cells: Sequence[Cell], field: FormField, levels: Sequence[int], rules: DisclosureRules
) -> tuple[dict[tuple[str, str], str], str]:
    """(area, cell) of one field in one column → why it is hidden, "" where it is not; and why those not named are."""
    if not levels or not any(cell.key in rows.columns for cell in cells):
        return {}, UNSAFE
    root = NODE.format(levels[-1])
    # what counts at the lowest published level counts above it too where it has come that far
    counted = rows.filter((pl.col(PASSED).fill_null(-1) > levels[-1]) & pl.col(root).is_not_null())
    if counted.is_empty():
        return {}, WAITS
    areas = _areas(counted, levels)
    table = _contributions(counted, cells, levels)
    if table is None:
        return {(counted[root][0], cell.key): "" for cell in cells if cell.part_id is None}, NEGATIVE
    parts: disclosure.Tree = {_WHOLE: None, **dict.fromkeys(table["part"].unique().sort(), _WHOLE)}
    try:
        made = disclosure.table(table, {"area": areas, "part": parts}, [("area", "part")])
        done = disclosure.release(made, rules)
    except InputRefused:
        return {}, UNSAFE
    whole = next((cell.key for cell in cells if cell.part_id is None), None)
    keys = {cell.part_id: cell.key for cell in cells}
    top = counted[root][0]
    found: dict[tuple[str, str], str] = {}
    for each in done.cells:
        at = dict(each.key)
        key = keys.get(at["part"]) if "part" in at else whole
        if key is not None and at.get("area") != _AT_ROOT:
            found[at.get("area", top), key] = "" if each.value is not None else FEW if each.is_unsafe else BESIDE
    return found, WAITS


def _areas(counted: pl.DataFrame, levels: Sequence[int]) -> dict[str, str | None]:
    """The published areas as a tree, with a node for returns that stand in none below the root."""
    root = counted[NODE.format(levels[-1])][0]
    tree: dict[str, str | None] = {root: None, _AT_ROOT: root}
    for row in counted.select([NODE.format(at) for at in levels]).unique(maintain_order=True).iter_rows():
        tree.update(dict(itertools.pairwise(area for area in row if area is not None)))
    return tree


def _contributions(counted: pl.DataFrame, cells: Iterable[Cell], levels: Sequence[int]) -> pl.DataFrame | None:
    """What `disclosure.table` takes; None where a figure, or what its parts leave of it, is below zero."""
    below = [pl.col(NODE.format(at)) for at in levels[:-1]]
    area = pl.coalesce(*below, pl.lit(_AT_ROOT)) if below else pl.lit(_AT_ROOT)
    whole = next((cell.key for cell in cells if cell.part_id is None), None)
    parts = [cell for cell in cells if cell.part_id is not None and cell.key in counted.columns]
    given = pl.sum_horizontal([pl.col(cell.key).fill_null(0) for cell in parts]) if parts else pl.lit(0, pl.Int64)
    rest = (pl.col(whole).fill_null(0) - given) if whole in counted.columns else pl.lit(0, pl.Int64)
    wide = counted.select(
        pl.col(KEY).alias("respondent_id"), area.alias("area"), *(pl.col(c.key).alias(str(c.part_id)) for c in parts),
        rest.alias(_REST),
    )  # fmt: skip
    long = wide.unpivot(index=["respondent_id", "area"], variable_name="part", value_name="amount").drop_nulls("amount")
    return None if long.filter(pl.col("amount") < 0).height else long
