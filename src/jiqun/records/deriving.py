"""A cell of firms' returns added up by derived industry or cluster: who is in the total, and what of it counts where.

The classes of firms come out of the register for statistics, and nothing of a return goes into it: what is found here
is shown and handed on as sums, never to a tier, a list or a visit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import polars as pl

from jiqun.enterprises import register
from jiqun.enterprises.columns import KEY as FIRM
from jiqun.industry.members import CLUSTER, Belonging, belonging
from jiqun.model.errors import NotFound
from jiqun.model.purposes import Purpose
from jiqun.packs import City
from jiqun.packs.schema.industries import Crosswalk, Derived
from jiqun.records.models import Round
from jiqun.records.projection import counts_at, layout_of, projected
from jiqun.statistics import derived
from jiqun.statistics.derived import WHOLE, Overlap, Sum
from jiqun.statistics.layout import Cell, Layout
from jiqun.statistics.rollup import KEY

CLASSIFICATIONS, CLUSTERS = "", "clusters"  # ways to sort beside the series of one classification, by its groups
USE = Purpose.STATISTICAL
_CODE = "industry_code"


@dataclass(frozen=True, slots=True)
class Target:
    """What firms are sorted into: a derived industry, a group of one, or a cluster."""

    id: str
    name: str
    name_en: str = ""


@dataclass(frozen=True)
class Derivation:
    """`lines`: `firm_id`, `industry_code`, `amount` in steps of the cell (null: left empty) of each return that is in
    the total; `found`: of them what `derived.parts` finds. `targets` in the folder's order, also those without firms.
    """

    targets: tuple[Target, ...]
    lines: pl.DataFrame
    found: pl.DataFrame

    @cached_property
    def sums(self) -> dict[str, Sum]:
        return {each.target: each for each in derived.sums(self.found)}

    @cached_property
    def whole(self) -> Sum:
        return derived.union(self.found)

    @cached_property
    def overlaps(self) -> tuple[Overlap, ...]:
        return derived.overlaps(self.found)

    @property
    def classless(self) -> tuple[int, int]:
        """How many of the firms the register has no class of, and what they come to."""
        rows = self.lines.filter(pl.col(_CODE).is_null())
        return rows.height, int(rows["amount"].sum() or 0)


def is_derivable(round_: Round, city: City) -> bool:
    """Whether firms answer the round's form, whose figures may serve statistics, and there are industries to derive."""
    form = city.forms[round_.form_id]
    return form.respondents.kind == "firms" and form.purpose.may_serve(USE) and bool(_editions(city, round_.period_end))


def derivable_cells(laid: Layout) -> tuple[Cell, ...]:
    """The cells that add up over firms, as a whole."""
    return tuple(each for each in laid.numbers if each.field.roll_up.kind == "sum" and each.part_id is None)


def ways(city: City, on: date) -> tuple[Target, ...]:
    """The ways in which firms can be sorted on a day: by classification, by the groups of each, by cluster."""
    grouped = [Target(d.series, d.name, d.name_en) for _, d in _editions(city, on) if d.group_column]
    catalogue = city.catalogue_on(on)
    clusters = [Target(CLUSTERS, catalogue.name or catalogue.id)] if catalogue and catalogue.clusters else []
    return (Target(CLASSIFICATIONS, ""), *grouped, *clusters)


def derive(
    round_: Round, city: City, registers: Path, *, cell: Cell, area_id: str, way: str, known_on: date | None = None,
    upto: int | None = None,
) -> Derivation:  # fmt: skip
    """The returns in the total of a cell at an area, as known on a day, sorted in one of the `ways`.

    A firm's class is that of the register as it stood when the round was opened, by what is known of that day since;
    with `upto`, as after the event of that sequence, by what was known on the day of the opening: this never changes.
    Raises NotFound for no such way or no register, Forbidden where register or form do not serve statistics.
    """
    laid = layout_of(round_, city)
    rows = projected(round_, laid, known_on=known_on, upto=upto)
    amount = pl.col(cell.key) if cell.key in rows.columns else pl.lit(None, pl.Int64)
    counted = rows.filter(counts_at(laid, area_id)).select(pl.col(KEY).alias("firm_id"), amount.alias("amount"))
    firms = _classes(round_, city, registers, known_on if upto is None else date.min)
    lines = counted.join(firms, left_on="firm_id", right_on=FIRM, how="left").select(derived.LINES.keys())
    if way == CLUSTERS:
        targets, found = _by_cluster(city, round_.period_end, lines, firms)
    else:
        said = _said(laid, cell, rows) if way == CLASSIFICATIONS else {}
        targets, found = _by_class(city, way, round_.period_end, lines, said)
    return Derivation(targets, lines, found)


def _classes(round_: Round, city: City, registers: Path, known_on: date | None) -> pl.DataFrame:
    """What the register said of the firms on the day of the round's opening, by what is known of that day."""
    opened = Round.objects.filter(key=round_.key).order_by("version").values_list("known_on", flat=True)[0]
    book = register.open(registers, register.MAIN)
    firms = register.read(book, city, purpose=USE, day=opened, known_on=max(known_on or date.max, opened))
    return firms.rows.select(FIRM, _CODE, "leading_product").collect()


def _said(laid: Layout, cell: Cell, rows: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Series → `firm_id`, `share_ppm` of the firms that say which share of theirs belongs to it."""
    found = {}
    for field in laid.form.fields:
        asked = laid.cell(field.id, cell.column) or laid.cell(field.id, "current")
        if field.share_of_series and asked is not None and asked.key in rows.columns:
            share = pl.col(asked.key) * WHOLE // (100 * 10**asked.digits)
            told = rows.select(pl.col(KEY).alias("firm_id"), share_ppm=share)
            found[field.share_of_series] = told.filter(pl.col("share_ppm").is_between(0, WHOLE))
    return found


def _by_class(
    city: City, way: str, on: date, lines: pl.DataFrame, said: Mapping[str, pl.DataFrame]
) -> tuple[tuple[Target, ...], pl.DataFrame]:
    editions = _editions(city, on)
    if way == CLASSIFICATIONS:
        classes = pl.concat([derived.members(city, walk.id, each) for walk, each in editions])
        targets = tuple(Target(each.id, each.name, each.name_en) for _, each in editions)
    else:
        walk, each = next(((walk, each) for walk, each in editions if each.series == way), (None, None))
        if walk is None or each is None:
            raise NotFound(f"{on} 没有有效的“{way}”统计分类")
        classes, targets = derived.members(city, walk.id, each, by_group=True), _groups(city, walk, each)
    own = [
        lines.select("firm_id", _CODE).unique().join(said[each.series], on="firm_id").select(
            "firm_id", _CODE, pl.lit(each.id).alias("target"), "share_ppm")
        for _, each in editions if each.series in said
    ]  # fmt: skip
    return targets, derived.parts(lines, derived.with_coarse(city, classes), pl.concat(own) if own else None)


def _editions(city: City, on: date) -> list[tuple[Crosswalk, Derived]]:
    """Of each series the edition in force, in the folder's order."""
    found = []
    for series in dict.fromkeys(each.series for walk in city.crosswalks.values() for each in walk.derives):
        try:
            walk_id, each = derived.edition(city, series, on)
        except NotFound:
            continue
        found.append((city.crosswalks[walk_id], each))
    return found


def _groups(city: City, walk: Crosswalk, each: Derived) -> tuple[Target, ...]:
    rows = [row for row in city.crosswalk(walk.id) if all(row[k] == v for k, v in each.where.items())]
    names = {row[each.group_column]: row[each.group_name_column or each.group_column] for row in rows}
    return tuple(Target(id_, name) for id_, name in names.items())


def _by_cluster(
    city: City, on: date, lines: pl.DataFrame, firms: pl.DataFrame
) -> tuple[tuple[Target, ...], pl.DataFrame]:
    catalogue = city.catalogue_on(on)
    clusters = catalogue.clusters if catalogue else ()
    own = {each.id for each in clusters}
    held = [one for one in city.memberships if one.cluster_id in own]
    asked = firms.join(lines, left_on=FIRM, right_on="firm_id", how="semi")
    found = _in_millionths(belonging(asked, held, on, products="leading_product"))
    targets = tuple(Target(each.id, each.name, each.name_en) for each in clusters)
    return targets, derived.parts_of_firms(lines, found)


def _in_millionths(belong: Belonging) -> pl.DataFrame:
    """Shares in millionths, what does not divide told as the bounds around it."""
    scale = belong.scale
    low, high = pl.col("low") * WHOLE, pl.col("high") * WHOLE
    return belong.rows.select(
        pl.col(FIRM).alias("firm_id"), pl.col(CLUSTER).alias("target"), low_ppm=low.floordiv(scale),
        high_ppm=-(-high).floordiv(scale),
    )  # fmt: skip
