"""Which firms belong to which clusters, wholly or in part, on a day; and what they add up to, each counted once.

A firm may belong to several clusters. Its number stands whole in each of them as far as its share goes, so that the
clusters together may come to more than the firms: the difference is told as the overlap, and the firms together
count each one once, min(1, sum of shares) of it. A class of which an unstated part counts gives bounds, 0 to all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import lcm

import polars as pl

from jiqun.industry.correspondence import OUTSIDE, Correspondence
from jiqun.packs.schema.clusters import Membership

_SPECIFIC = {"firm": 3, "product": 2, "code": 1}
KEY, CLUSTER = "uscc", "cluster_id"


@dataclass(frozen=True)
class Belonging:
    """`rows`: `uscc`, `cluster_id`, `low`, `high` (shares in units of 1/`scale`), `by`, `value`; one for each pair."""

    rows: pl.DataFrame
    scale: int


@dataclass(frozen=True)
class Bounds:
    """An exact number between `low` and `high`, equal where it is known."""

    low: Fraction
    high: Fraction


@dataclass(frozen=True)
class Together:
    """`each`: cluster → its firms' numbers by share; `once`: of all firms, each counted once; `overlap`: the rest.

    `pairs`: two clusters → how many firms belong to both. `shared`: cluster → how many of its firms belong to others
    too. `firms`: how many belong to any.
    """

    each: dict[str, Bounds]
    once: Bounds
    overlap: Bounds
    pairs: dict[tuple[str, str], int]
    shared: dict[str, int]
    firms: int


def in_force(memberships: Iterable[Membership], on: date) -> tuple[Membership, ...]:
    """Those that hold on the day: from their first day, until before the day on which they end."""
    return tuple(one for one in memberships if (one.valid_from or date.min) <= on < (one.valid_to or date.max))


def belonging(
    firms: pl.DataFrame | pl.LazyFrame, memberships: Iterable[Membership], on: date, *,
    code: str = "industry_code", products: str | None = None,
) -> Belonging:  # fmt: skip
    """Every firm in every cluster it belongs to on the day, by the most specific of what speaks for it.

    `firms` have `uscc` and `code` (GB/T 4754, any level; a class belongs where any of its groups does) and, if named,
    `products` (text, searched for each product's word). For one firm and cluster a named firm goes before a product, a
    product before a code, a longer code before a shorter one; equal ones: the larger share.
    """
    held = in_force(memberships, on)
    scale = lcm(1, *(one.share.denominator for one in held if one.share is not None))
    frame = firms.lazy()
    parts = [_by_code(frame, [one for one in held if one.by == "code"], code, scale)]
    parts.append(_by_firm(frame, [one for one in held if one.by == "firm"], scale))
    if products is not None:
        parts += [_by_product(frame, one, products, scale) for one in held if one.by == "product"]
    found = pl.concat(parts).collect(engine="streaming")
    rank = pl.col("rank") * 64 + pl.col("value").str.len_chars().clip(0, 63) * (pl.col("by") == "code")
    rows = (
        found.with_columns(rank.alias("rank"))
        .sort(KEY, CLUSTER, "rank", "low", "high", "value", descending=[False, False, True, True, True, False])
        .unique([KEY, CLUSTER], keep="first", maintain_order=True)
        .drop("rank")
    )
    return Belonging(rows, scale)


def together(belong: Belonging, numbers: pl.DataFrame | None = None) -> Together:
    """What the firms add up to: how many they are, or the sum of `numbers` (`uscc`, `value`: integers ≥ 0).

    A firm without a number, or with an unknown one, is left out of the sums; how many firms belong is told apart.
    """
    rows, scale = belong.rows, belong.scale
    if numbers is None:
        rows = rows.with_columns(pl.lit(1, pl.Int64).alias("number"))
    else:
        rows = rows.join(numbers.select(KEY, pl.col("value").alias("number")), on=KEY, how="inner").drop_nulls("number")
    wide = rows.with_columns(pl.col("low", "high", "number").cast(pl.Int128))
    by_cluster = wide.group_by(CLUSTER, maintain_order=True).agg(
        (pl.col("low") * pl.col("number")).sum(), (pl.col("high") * pl.col("number")).sum()
    )
    each = {row[0]: Bounds(Fraction(row[1], scale), Fraction(row[2], scale)) for row in by_cluster.iter_rows()}
    by_firm = wide.group_by(KEY).agg(pl.col("low").sum(), pl.col("high").sum(), pl.col("number").first())
    capped = by_firm.select(
        (pl.min_horizontal("low", pl.lit(scale, pl.Int128)) * pl.col("number")).sum().alias("low"),
        (pl.min_horizontal("high", pl.lit(scale, pl.Int128)) * pl.col("number")).sum().alias("high"),
        (pl.max_horizontal(pl.col("low") - scale, pl.lit(0, pl.Int128)) * pl.col("number")).sum().alias("over_low"),
        (pl.max_horizontal(pl.col("high") - scale, pl.lit(0, pl.Int128)) * pl.col("number")).sum().alias("over_high"),
    ).row(0)  # fmt: skip
    low, high, over_low, over_high = (Fraction(int(part or 0), scale) for part in capped)
    several = rows.filter(pl.len().over(KEY) > 1)
    shared = dict(several.group_by(CLUSTER).len().iter_rows())
    return Together(each, Bounds(low, high), Bounds(over_low, over_high), _pairs(several), shared, rows[KEY].n_unique())


def recast_belonging(belong: Belonging, way: Correspondence) -> Belonging:
    """Firms of one edition's clusters in those of another.

    A firm follows its cluster whole; one of a divided cluster is in each part between nothing and its share. A firm of
    two clusters that join is in the joined one once, with no more than the whole of it, which no sum of figures knows.
    """
    links = [link for link in way.links if link.after != OUTSIDE]
    scale = lcm(belong.scale, *(part.denominator for link in links for part in (link.low, link.high)))
    steps = pl.DataFrame(
        {
            CLUSTER: [link.before for link in links], "after": [link.after for link in links],
            "least": [int(link.low == 1) for link in links],
        },
        {CLUSTER: pl.String, "after": pl.String, "least": pl.Int64},
    )  # fmt: skip
    factor = scale // belong.scale
    rows = (
        belong.rows.join(steps, on=CLUSTER, how="inner")
        .group_by(KEY, pl.col("after").alias(CLUSTER), maintain_order=True)
        .agg(
            (pl.col("low") * factor * pl.col("least")).sum().clip(0, scale),
            (pl.col("high") * factor).sum().clip(0, scale),
            pl.col("by").first(), pl.col("value").first(),
        )
    )  # fmt: skip
    return Belonging(rows.select(KEY, CLUSTER, "low", "high", "by", "value"), scale)


def key_by_firms(
    before: Belonging, cluster_id: str, after: Belonging, parts: Sequence[str], numbers: pl.DataFrame | None = None
) -> dict[str, Fraction] | None:
    """The firms of a divided cluster that belong to each of its parts, or their numbers: amounts of a split key.

    None where a share is unknown, or a firm of the cluster belongs to none of the parts or more than wholly to several:
    then the firms do not say how it is divided.
    """
    own = before.rows.filter(pl.col(CLUSTER) == cluster_id)
    rows = after.rows.filter(pl.col(CLUSTER).is_in(list(parts))).join(own.select(KEY), on=KEY, how="semi")
    whole = rows.group_by(KEY).agg(pl.col("low").sum(), (pl.col("low") == pl.col("high")).all().alias("is_known"))
    is_said = whole.height == own.height and bool((whole["low"] == after.scale).all()) and bool(whole["is_known"].all())
    if not is_said or not own.height:
        return None
    found = together(Belonging(rows, after.scale), numbers).each
    return {part: found[part].low if part in found else Fraction(0) for part in parts}


def _rows(frame: pl.LazyFrame, by: str) -> pl.LazyFrame:
    return frame.select(
        KEY, CLUSTER, pl.col("low").cast(pl.Int64), pl.col("high").cast(pl.Int64), pl.lit(by).alias("by"),
        pl.col("value").cast(pl.String), pl.lit(_SPECIFIC[by], pl.Int64).alias("rank"),
    )  # fmt: skip


def _table(held: Sequence[Membership], scale: int) -> pl.LazyFrame:
    return pl.LazyFrame(
        {
            CLUSTER: [one.cluster_id for one in held], "value": [one.value for one in held],
            "low": [0 if one.share is None else int(one.share * scale) for one in held],
            "high": [scale if one.share is None else int(one.share * scale) for one in held],
        },
        {CLUSTER: pl.String, "value": pl.String, "low": pl.Int64, "high": pl.Int64},
    )  # fmt: skip


def _by_code(frame: pl.LazyFrame, held: Sequence[Membership], code: str, scale: int) -> pl.LazyFrame:
    """Firms whose class begins with the code; sections (letters) stand for no digits and match only themselves."""
    lengths = sorted({len(one.value) for one in held})
    if not lengths:
        return _rows(frame.select(KEY).head(0).with_columns(_nothing()), "code")
    found = [
        frame.select(KEY, pl.col(code).cast(pl.String).str.slice(0, length).alias("value"))
        .join(_table([one for one in held if len(one.value) == length], scale), on="value", how="inner")
        for length in lengths
    ]  # fmt: skip
    return _rows(pl.concat([one.select(KEY, "value", CLUSTER, "low", "high") for one in found]), "code")


def _by_firm(frame: pl.LazyFrame, held: Sequence[Membership], scale: int) -> pl.LazyFrame:
    return _rows(
        frame.select(KEY, pl.col(KEY).alias("value")).join(_table(held, scale), on="value", how="inner"), "firm"
    )


def _by_product(frame: pl.LazyFrame, one: Membership, products: str, scale: int) -> pl.LazyFrame:
    named = frame.filter(pl.col(products).str.contains(one.value, literal=True)).select(KEY)
    return _rows(named.join(_table([one], scale), how="cross"), "product")


def _nothing() -> list[pl.Expr]:
    return [pl.lit("").alias(name) for name in (CLUSTER, "value")] + [pl.lit(0).alias(name) for name in ("low", "high")]


def _pairs(rows: pl.DataFrame) -> dict[tuple[str, str], int]:
    several = rows.select(KEY, CLUSTER)
    both = several.join(several, on=KEY, suffix="_2").filter(pl.col(CLUSTER) < pl.col(f"{CLUSTER}_2"))
    counts = both.group_by(CLUSTER, f"{CLUSTER}_2").len().sort(CLUSTER, f"{CLUSTER}_2")
    return {(one, two): count for one, two, count in counts.iter_rows()}
