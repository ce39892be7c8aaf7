"""Which totals of firms' returns may be published: those that no attack on the published ones leads back from.

A sum over areas (and parts of a breakdown) is one table for `disclosure`, beside the editions of it that are out
(`editions`); a ratio is shown where the sums it is made of are, and are of the same returns, a mean where its weights
are and the sums of what is weighed may be. Returns of areas and bodies are nobody's secret.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from jiqun.model.errors import InputRefused
from jiqun.statistics import disclosure, editions
from jiqun.statistics.disclosure import DisclosureRules, Key, Table
from jiqun.statistics.editions import Earlier
from jiqun.statistics.layout import Cell, Layout
from jiqun.statistics.rollup import KEY, NODE, PASSED, Total, partner

_WHOLE, _REST = "whole", "rest"  # the root of a breakdown's tree, and what no part accounts for
_OF_THIS_YEAR = ("current", "year_to_date")  # the later less the earlier sum of months is the month
_LARGEST = 2**53  # of what is added up and attacked
_ABOVE = "all above"  # the published areas of the highest level, where there are several


# why a total stays inside, in words for those who publish; outside a mark is all that shows
FEW, BESIDE = "可推算出个别单位", "为保护其他数"
WAITS, NEGATIVE = "下级审核先于上级", "有负数，只公布总数"
UNSAFE, PARTS = "怎样隐去都能推算", "所用的数有不公布的"
DIFFERS = "与以前公布的数相减可推出个别单位"
REASONS = (FEW, BESIDE, WAITS, NEGATIVE, UNSAFE, PARTS, DIFFERS)


Place = tuple[str, str, str | None]  # area, field, part


@dataclass(frozen=True)
class Edition:
    """What was shown of a form before: `rows` as they then were, areas and cells `shown` of them. With `is_known` false
    nobody can say any more what was not: `shown` is all that may have been."""

    rows: pl.DataFrame
    shown: frozenset[tuple[str, str]]
    is_known: bool = True


@dataclass(frozen=True)
class Released:
    """`shown` are the totals that may be shown together, in their order; `held` says why of each other known one, by
    area and cell."""

    shown: tuple[Total, ...]
    held: Mapping[tuple[str, str], str]


def release(
    layout: Layout,
    rows: pl.DataFrame,
    totals: Sequence[Total],
    levels: Sequence[int],
    rules: DisclosureRules,
    before: Sequence[Edition] = (),
    hidden: Iterable[Place] = (),
) -> Released:
    """Which of the totals at `levels` may be shown, to those who have the editions `before`, from the oldest on.

    `rows` as `rollup.roll_up` takes them. Where a table cannot be protected nothing of it is shown; so with figures
    below zero, of which only the total of the highest level is, where enough firms make it. An area that has
    accepted more than the highest level so far waits: the two would not be totals of the same returns.

    `hidden` was so in a table of an earlier period of the year. A sum of months less the sum before is the month's
    figure, so that all these hide the same: each month is then free where it must be, and the sums with it.
    """
    waits = waiting(rows, sorted(levels))
    known = [total for total in totals if total.level in levels and total.steps is not None]
    why: dict[tuple[str, str], str] = {}  # "" where it may be shown
    for field in layout.form.fields:
        if field.kind == "number" and field.roll_up.kind == "sum":
            alike = {(area, part): BESIDE for area, id_, part in hidden if id_ == field.id}
            for column in layout.form.columns_of(field):
                cells = [cell for cell in layout.numbers if cell.field is field and cell.column == column]
                keys = {cell.key: cell.part_id for cell in cells}
                wanted = [(total.area_id, total.cell.key) for total in known if total.cell.key in keys]
                also = frozenset(alike) if column in _OF_THIS_YEAR else frozenset()
                found, otherwise = _Sums(cells, sorted(levels), rules, before, also).hidden(rows)
                here = {place: found.get(place, otherwise) for place in wanted}
                if column in _OF_THIS_YEAR:
                    alike |= {(area, keys[key]): BESIDE for (area, key), reason in here.items() if reason}
                why |= here
            columns = [cell for cell in layout.numbers if cell.field is field and cell.column in _OF_THIS_YEAR]
            for area, key in [(area, cell.key) for cell in columns for area, part in alike if part == cell.part_id]:
                why[area, key] = why.get((area, key)) or BESIDE
    sums = dict(why)  # what waits is no part that is hidden: it is not the total of the same returns
    partial = _partial(layout, rows, levels)
    means = _means(layout, rows, sorted(levels), rules, before)
    for total in known:
        place = (total.area_id, total.cell.key)
        why.setdefault(place, PARTS if place in partial else means.get(place) or _of_parts(total, layout, sums))
        if total.area_id in waits:
            why[total.area_id, total.cell.key] = WAITS
    shown = tuple(total for total in known if not why[total.area_id, total.cell.key])
    return Released(shown, {place: reason for place, reason in why.items() if reason})


def waiting(rows: pl.DataFrame, levels: Sequence[int]) -> frozenset[str]:
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
        parts = [(total.area_id, partner(cell, layout, name)) for name in (rule.numerator, rule.denominator)]
        reasons = {why.get(place, PARTS) for place in parts} - {""}
    elif rule.kind == "mean":
        weights = {each.key for each in layout.numbers
                   if each.field.id == rule.weight and each.column == cell.column}  # fmt: skip
        reasons = {reason for (_, key), reason in why.items() if reason and key in weights}
    else:
        return UNSAFE
    return DIFFERS if reasons == {DIFFERS} else PARTS if reasons else ""


def _partial(layout: Layout, rows: pl.DataFrame, levels: Iterable[int]) -> set[tuple[str, str]]:
    """Ratios, by area and cell, for which some return gave the one of its two figures and not the other. They are of
    fewer returns than the sums that are shown, and with these tell of those returns, or of those left out."""
    found: set[tuple[str, str]] = set()
    for cell in layout.numbers:
        rule = cell.field.roll_up
        pair = [partner(cell, layout, name) for name in (rule.numerator, rule.denominator)]
        if rule.kind == "ratio" and set(pair) <= set(rows.columns):
            one, other = (pl.col(key) for key in pair)
            alone = ((one != 0) & other.is_null()) | ((other != 0) & one.is_null())
            for at in levels:
                some = rows.filter(alone & (pl.col(PASSED) > at))[NODE.format(at)].drop_nulls()
                found |= {(area, cell.key) for area in some}
    return found


def _means(
    layout: Layout, rows: pl.DataFrame, levels: Sequence[int], rules: DisclosureRules, before: Sequence[Edition]
) -> dict[tuple[str, str], str]:
    """Why a mean stays inside, by area and cell: with the sum of its weights it tells the sum of what is weighed, which
    is a table of its own."""
    found: dict[tuple[str, str], str] = {}
    for cell in layout.numbers:
        if cell.field.roll_up.kind == "mean":
            weight = partner(cell, layout, cell.field.roll_up.weight)
            editions_ = [replace(one, rows=_weighed(one.rows, cell, weight)) for one in before]
            told, otherwise = _Sums([cell], levels, rules, editions_).hidden(_weighed(rows, cell, weight))
            areas = {area for at in levels for area in rows[NODE.format(at)].drop_nulls()}
            found |= {(area, cell.key): told.get((area, cell.key), otherwise) for area in areas}
    return found


def _weighed(rows: pl.DataFrame, cell: Cell, weight: str) -> pl.DataFrame:
    """The rows with the cell times its weight in its place; without it where they cannot be multiplied."""
    if not {cell.key, weight} <= set(rows.columns):
        return rows.drop(cell.key, strict=False)
    product = pl.col(cell.key).cast(pl.Int128) * pl.col(weight).cast(pl.Int128)
    if (rows.select(product.abs().sum()).item() or 0) > _LARGEST:
        return rows.drop(cell.key)
    return rows.with_columns(product.cast(pl.Int64).alias(cell.key))


@dataclass(frozen=True)
class _Sums:
    """The sums of one field in one column, as a table for `disclosure`."""

    cells: Sequence[Cell]
    levels: Sequence[int]
    rules: DisclosureRules
    before: Sequence[Edition]
    also: frozenset[tuple[str, str | None]] = frozenset()  # areas and parts to be hidden in any case

    def hidden(self, rows: pl.DataFrame) -> tuple[dict[tuple[str, str], str], str]:
        """(area, cell) → why it is hidden, "" where it is not; and why those not named are."""
        if not self.levels or not any(cell.key in rows.columns for cell in self.cells):
            return {}, UNSAFE
        counted = self._counted(rows)
        if counted.is_empty():
            return {}, WAITS
        root = _root([rows, *(one.rows for one in self.before)], self.levels)
        given = _contributions(counted, self.cells, self.levels, root)
        if given is None:
            differs = any(not self._counted(one.rows).equals(counted) for one in self.before)
            why = DIFFERS if differs else "" if self._is_safe(counted) else UNSAFE
            return {(root, cell.key): why for cell in self.cells if cell.part_id is None}, NEGATIVE
        earlier = self._earlier(root)
        if earlier is None:
            return {}, DIFFERS
        try:
            table = self._table(counted, given, root)
            # What no part accounts for is nowhere printed: it is known where the whole is.
            also = {*self.also, *((area, _REST) for area, part in self.also if part is None)}
            keys = [_key(area, part, root) for area, part in also]
            table = replace(table, inner=table.inner | {table.index[key] for key in keys if key in table.index})
            done = editions.release(table, earlier, self.rules)
        except InputRefused:
            return {}, UNSAFE
        of_part = {cell.part_id: cell.key for cell in self.cells}
        found: dict[tuple[str, str], str] = {}
        for each in done.release.cells:
            at = dict(each.key)
            key = of_part.get(at.get("part"))
            if key is not None:
                why = DIFFERS if each.key in done.differing else FEW if each.is_unsafe else BESIDE
                found[at.get("area", root), key] = "" if each.value is not None else why
        return found, WAITS

    def _is_safe(self, counted: pl.DataFrame) -> bool:
        """Whether the whole may be shown by itself, what is below zero counting by its size."""
        whole = next((cell.key for cell in self.cells if cell.part_id is None), None)
        if whole not in counted.columns:
            return False
        given = counted.select(pl.col(KEY).alias("respondent_id"), pl.lit("").alias("area"), amount=pl.col(whole).abs())
        return not disclosure.unsafe(disclosure.table(given, {"area": {"": None}}, [("area",)]), self.rules)

    def _counted(self, rows: pl.DataFrame) -> pl.DataFrame:
        """What counts at the lowest published level counts above it too where it has come that far."""
        passed = pl.col(PASSED).fill_null(-1) > self.levels[-1]
        return rows.filter(passed & pl.col(NODE.format(self.levels[-1])).is_not_null())

    def _table(self, counted: pl.DataFrame, given: pl.DataFrame, root: str) -> Table:
        parts: disclosure.Tree = {_WHOLE: None, **dict.fromkeys(given["part"].unique().sort(), _WHOLE)}
        areas = _areas(counted, self.levels, root)
        made = disclosure.table(given, {"area": areas, "part": parts}, [("area", "part")])
        inner = (at for at, key in enumerate(made.keys) if root == _ABOVE and "area" not in dict(key))
        return replace(made, inner=frozenset(inner))

    def _earlier(self, root: str) -> tuple[Earlier, ...] | None:
        """The editions that showed something of these sums; None where one had figures below zero among them, or may
        have hidden any of several cells for another's sake: what shows now would undo what it hid."""
        found = []
        parts = {cell.key: cell.part_id for cell in self.cells}
        for one in self.before:
            shown = [(area, parts[cell]) for area, cell in one.shown if cell in parts]
            counted = self._counted(one.rows)
            if not shown or counted.is_empty():
                continue
            given = _contributions(counted, self.cells, self.levels, root)
            if given is None:
                return None
            table = self._table(counted, given, root)
            if not one.is_known and disclosure.unsafe(table, self.rules):
                return None
            found.append(Earlier(table, frozenset(_key(area, part, root) for area, part in shown)))
        return tuple(found)


def _key(area: str, part: str | None, root: str) -> Key:
    return (*((("area", area),) if area != root else ()), *((("part", part),) if part is not None else ()))


def _root(tables: Iterable[pl.DataFrame], levels: Sequence[int]) -> str:
    """The area of the highest level; where there are several, what stands above them and is nowhere published."""
    found = {area for rows in tables for area in rows[NODE.format(levels[-1])].drop_nulls().unique()}
    return found.pop() if len(found) == 1 else _ABOVE


def _areas(counted: pl.DataFrame, levels: Sequence[int], root: str) -> dict[str, str | None]:
    """The published areas as a tree, with a node for the returns of each that stand in none below it."""
    tree: dict[str, str | None] = {root: None} | ({} if root == _ABOVE else {_directly(root): root})
    for row in counted.select([NODE.format(at) for at in levels]).unique(maintain_order=True).iter_rows():
        path = [area for area in row if area is not None]
        tree.update(itertools.pairwise([*path, *([root] if path[-1] != root else [])]))
        tree |= {_directly(path[0]): path[0]} if row[0] is None else {}
    return tree


def _directly(area: str) -> str:
    return f"in {area}"


def _contributions(
    counted: pl.DataFrame, cells: Iterable[Cell], levels: Sequence[int], root: str
) -> pl.DataFrame | None:
    """What `disclosure.table` takes; None where a figure, or what its parts leave of it, is below zero."""
    lowest, *above = (pl.col(NODE.format(at)) for at in levels)
    directly = pl.lit(_directly("")) + pl.coalesce(*above, lowest)
    is_lowest = lowest.is_not_null() & (lowest != root)
    area = pl.when(is_lowest).then(lowest).otherwise(directly)
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
