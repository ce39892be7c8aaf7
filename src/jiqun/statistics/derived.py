"""Derived industries: sums over classes of GB/T 4754, over parts of classes, and over clusters that share firms.

A class that counts only in part (marked * in the classification of strategic emerging industries) has no share of its
own. Where one is stated, for a firm or for the class, it is used; else the class gives an interval, from nothing to
all of it, never a guess. So every sum is an interval, exact in integers: shares are held in millionths.

One firm may belong to several targets (clusters, groups of a classification). Sums of single targets each count it;
the sum over all of them counts it once, and the overlap of every two is told. Where shares leave it open how far two
parts of one amount overlap, all that is possible is between max(0, a + b - 1) and min(a, b) (Fréchet)."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl

from jiqun.model.errors import NotFound
from jiqun.model.findings import Finding, Place, Severity
from jiqun.packs.city import City
from jiqun.packs.schema.industries import Derived

WHOLE = 1_000_000
LINES = {"firm_id": pl.String, "industry_code": pl.String, "amount": pl.Int64}
SHARES = {"firm_id": pl.String, "industry_code": pl.String, "target": pl.String, "share_ppm": pl.Int64}
MEMBERS = {"target": pl.String, "industry_code": pl.String, "match": pl.String}
WHY = {
    "full": "整类计入", "partial": "只有一部分计入，比例未知",
    "stated": "按公布的比例计入", "own": "按企业自报的比例计入",
}  # fmt: skip


@dataclass(frozen=True)
class Sum:
    """What belongs to a target: between `low` and `high`, in the unit of the amounts, fractions of it included.

    `firms` and `lines` are those with a class or share of the target; of them `firms_in_part` count in part or by a
    share, `open_lines` have no share stated, and `unknown` lines lack an amount: what these are is in neither end.
    """

    target: str
    firms: int
    lines: int
    firms_in_part: int
    open_lines: int
    unknown: int
    low: Fraction
    high: Fraction

    @property
    def is_exact(self) -> bool:
        return self.low == self.high and not self.unknown


@dataclass(frozen=True)
class Overlap:
    """What two targets have in common: firms in both, and between `low` and `high` of their amounts."""

    one: str
    other: str
    firms: int
    low: Fraction
    high: Fraction


def edition(city: City, series: str, on: datetime.date) -> tuple[str, Derived]:
    """(id of the crosswalk, derived industry) in force on the day. Raises NotFound before the first edition."""
    of_series = [(c.id, d) for c in city.crosswalks.values() for d in c.derives if d.series == series]
    held = [(id_, d) for id_, d in of_series if d.valid_from is None or d.valid_from <= on]
    if not held:
        known = "、".join(sorted({d.series for c in city.crosswalks.values() for d in c.derives})) or "无"
        raise NotFound(f"{on} 没有有效的“{series}”统计分类（已有：{known}）")
    return max(held, key=lambda one: one[1].valid_from or datetime.date.min)


def members(city: City, crosswalk_id: str, derived: Derived, by_group: bool = False) -> pl.DataFrame:
    """The classes of a derived industry, with the columns of `MEMBERS`; the target is its id, or the code of its group.

    A class that several rows name is full in a target where one of them is full.
    """
    column = city.crosswalks[crosswalk_id].code_column
    match: dict[tuple[str, str], str] = {}
    for row in city.crosswalk(crosswalk_id):
        if all(row[name] == value for name, value in derived.where.items()):
            key = (row[derived.group_column] if by_group and derived.group_column else derived.id, row[column])
            match[key] = "full" if "full" in (row["match"], match.get(key)) else "partial"
    return _expanded(city, ((target, code, kind) for (target, code), kind in match.items()))


def cluster_members(city: City, cluster_ids: Iterable[str]) -> pl.DataFrame:
    """The classes of clusters, as the folder lists them: candidates, each partial unless a firm's share is stated."""
    pairs = ((id_, code, "partial") for id_ in cluster_ids for code in city.clusters[id_].gb_codes)
    return _expanded(city, pairs)


def with_coarse(city: City, classes: pl.DataFrame) -> pl.DataFrame:
    """The classes, and the groups and divisions above them for firms that no finer code is known of: whole where every
    class below is, in part where any is."""
    above = [(each.code, up) for each in city.industries.values() if each.level == 4 for up in _above(city, each.code)]
    ladder = pl.DataFrame(above, schema={"industry_code": pl.String, "above": pl.String}, orient="row")
    below = ladder.group_by("above").len("below")
    named = classes.join(ladder, on="industry_code").group_by("target", "above").agg(
        full=(pl.col("match") == "full").sum()
    )  # fmt: skip
    is_whole = pl.col("full") == pl.col("below")
    coarse = named.join(below, on="above").select(
        "target", pl.col("above").alias("industry_code"),
        match=pl.when(is_whole).then(pl.lit("full")).otherwise(pl.lit("partial")),
    )  # fmt: skip
    return pl.concat([classes, coarse]).unique(["target", "industry_code"], keep="first", maintain_order=True)


def _above(city: City, code: str) -> Iterator[str]:
    above = city.industries[code].parent_code
    while above is not None:
        yield above
        above = city.industries[above].parent_code


def _expanded(city: City, named: Iterable[tuple[str, str, str]]) -> pl.DataFrame:
    """Divisions and groups of classes written out to their four-digit classes; the nearest statement about a class
    holds."""
    below: dict[str, list[str]] = {}
    for industry in city.industries.values():
        above: str | None = industry.code
        while industry.level == 4 and above is not None:
            below.setdefault(above, []).append(industry.code)
            above = city.industries[above].parent_code
    found: dict[tuple[str, str], tuple[int, str]] = {}
    for target, code, kind in named:
        for class_code in below.get(code, [code]):
            found[target, class_code] = max(found.get((target, class_code), (0, "")), (len(code), kind))
    rows = [(target, code, kind) for (target, code), (_, kind) in found.items()]
    return pl.DataFrame(rows, schema=MEMBERS, orient="row")


def share_faults(shares: pl.DataFrame, classes: pl.DataFrame) -> Iterator[Finding]:
    """What is wrong with stated shares: out of range, said twice, of a target or class that the classification
    lacks."""
    partial = set(classes.filter(pl.col("match") == "partial").select("target", "industry_code").iter_rows())
    targets = set(classes["target"])
    seen: set[tuple[object, ...]] = set()
    for at, row in enumerate(shares.iter_rows(named=True), 1):
        place = Place(line=at)
        key = (row["firm_id"], row["industry_code"], row["target"])
        if row["share_ppm"] is None or not 0 <= row["share_ppm"] <= WHOLE:
            yield _wrong("share_range", f"比例 {row['share_ppm']} 不在 0 到 {WHOLE} 之间（百万分数）", place)
        if row["target"] not in targets:
            yield _wrong("share_target", f"没有“{row['target']}”这一产业", place)
        elif row["firm_id"] is None and (row["target"], row["industry_code"]) not in partial:
            yield _wrong("share_class", f"{row['industry_code']} 在“{row['target']}”中不是部分计入的小类", place)
        if key in seen:
            yield _wrong(
                "share_twice", f"同一比例给了两次：{row['firm_id'] or '全部企业'} {row['industry_code']}", place
            )
        seen.add(key)


def _wrong(code: str, message: str, place: Place) -> Finding:
    return Finding(code, Severity.ERROR, message, place, "核对来源后改正；没有比例的不必填。")


def parts(lines: pl.DataFrame, classes: pl.DataFrame, shares: pl.DataFrame | None = None) -> pl.DataFrame:
    """Each line of each target it has a part in: `line`, `firm_id`, `industry_code`, `amount`, `target`, `low_ppm`,
    `high_ppm` (of the line's amount) and `why` (of `WHY`).

    `lines` (columns of `LINES`) are the firms' amounts, split by product line where that is known, else one line
    under the firm's own class; amounts may be null or negative, a code may be null. `classes` are of `members`.
    `shares` (columns of `SHARES`): a firm's own share of a line's class in a target goes before one for the class
    (`firm_id` null), which only means classes that are partial. A firm's own share holds even for a class outside the
    target: its products are in it."""
    numbered = _numbered(lines)
    stated = (shares if shares is not None else pl.DataFrame(schema=SHARES)).cast(dict(SHARES))  # type: ignore[arg-type]
    own = stated.filter(pl.col("firm_id").is_not_null())
    general = stated.filter(pl.col("firm_id").is_null()).drop("firm_id")
    of_class = numbered.join(
        classes.join(general, on=["target", "industry_code"], how="left"), on="industry_code", how="inner"
    )
    named = numbered.join(own, on=["firm_id", "industry_code"], how="inner", nulls_equal=True)
    named = named.with_columns(low_ppm=pl.col("share_ppm"), high_ppm=pl.col("share_ppm"), why=pl.lit("own"))
    if not named.is_empty():
        of_class = of_class.join(named.select("line", "target"), on=["line", "target"], how="anti")
    is_full, is_stated = pl.col("match") == "full", pl.col("share_ppm").is_not_null()
    of_class = of_class.with_columns(
        low_ppm=pl.when(is_full).then(WHOLE).otherwise(pl.col("share_ppm").fill_null(0)).cast(pl.Int64),
        high_ppm=pl.when(is_full).then(WHOLE).otherwise(pl.col("share_ppm").fill_null(WHOLE)).cast(pl.Int64),
        why=pl.when(is_full).then(pl.lit("full")).when(is_stated).then(pl.lit("stated")).otherwise(pl.lit("partial")),
    )
    columns = ["line", *LINES, "is_only", "target", "low_ppm", "high_ppm", "why"]
    found = pl.concat([of_class.select(columns), named.select(columns)])
    by_itself = pl.col("line").is_in(named["line"].unique().implode())
    return found.with_columns(own_line=pl.when(by_itself).then("line"))


def parts_of_firms(lines: pl.DataFrame, belonging: pl.DataFrame) -> pl.DataFrame:
    """As `parts`, where firms belong as a whole: `belonging` has `firm_id`, `target`, `low_ppm`, `high_ppm`."""
    low, high = pl.col("low_ppm"), pl.col("high_ppm")
    why = pl.when(low == WHOLE).then(pl.lit("full")).when(low == high).then(pl.lit("stated")).otherwise(
        pl.lit("partial")
    )  # fmt: skip
    found = _numbered(lines).join(belonging, on="firm_id", how="inner").with_columns(why=why, own_line=pl.col("line"))
    return found.select("line", *LINES, "is_only", "target", "low_ppm", "high_ppm", "why", "own_line")


def _numbered(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines with their number, and whether it is the only one of its firm."""
    numbered = lines.select(pl.col(name).cast(kind) for name, kind in LINES.items()).with_row_index("line")
    is_each = numbered["firm_id"].n_unique() == numbered.height
    return numbered.with_columns(is_only=pl.lit(True) if is_each else pl.len().over("firm_id") == 1)


def sums(found: pl.DataFrame) -> tuple[Sum, ...]:
    """Each target by itself, of what `parts` found, in the order of their names."""
    return _sums(_kinds(found), found)


def union(found: pl.DataFrame, name: str = "") -> Sum:
    """All targets together, no part of a line counted twice."""
    whole = _kinds(found).group_by(_KIND).agg(
        pl.col("firms", "lines", "unknown", "above", "below").first(), pl.col("low_ppm").max(),
        pl.col("high_ppm").sum().clip(upper_bound=WHOLE), why=_together(),
    )  # fmt: skip
    several = found.filter(~pl.col("is_only")).group_by("line").agg(pl.col("firm_id").first(), why=_together())
    named = pl.lit(name).alias("target")
    told = _sums(whole.with_columns(named), several.with_columns(named, is_only=pl.lit(False)))
    return told[0] if told else Sum(name, 0, 0, 0, 0, 0, Fraction(0), Fraction(0))


def overlaps(found: pl.DataFrame) -> tuple[Overlap, ...]:
    """Every two targets that share a line, the names of each pair and then the pairs in order; pairs without are left
    out."""
    kinds = _kinds(found)
    pairs = _paired(kinds, _KIND).with_columns(
        low_ppm=(pl.col("low_ppm") + pl.col("low_ppm_2") - WHOLE).clip(lower_bound=0),
        high_ppm=pl.min_horizontal("high_ppm", "high_ppm_2"),
    )
    pair = ["target", "target_2"]
    rows = pairs.group_by(pair).agg(pl.col("firms").sum(), *_ends())
    several = found.filter(~pl.col("is_only")).select("line", "firm_id", "target")
    more = _paired(several, ["line"]).group_by(pair).agg(pl.col("firm_id").n_unique().alias("more"))
    rows = rows.join(more, on=pair, how="left").with_columns(pl.col("firms") + pl.col("more").fill_null(0))
    return tuple(
        Overlap(row["target"], row["target_2"], row["firms"], Fraction(row["low"], WHOLE), Fraction(row["high"], WHOLE))
        for row in rows.sort(pair).iter_rows(named=True)
    )


def explain(found: pl.DataFrame, firm_id: str) -> list[dict[str, object]]:
    """A firm's lines in its targets, with `low`, `high` (null without an amount) and `words` why."""
    rows = found.filter(pl.col("firm_id") == firm_id).sort("line", "target")
    told: list[dict[str, object]] = []
    for row in rows.iter_rows(named=True):
        ends = ends_of(row)
        told.append(row | {"low": ends and ends[0], "high": ends and ends[1], "words": WHY[row["why"]]})
    return told


def ends_of(row: Mapping[str, Any]) -> tuple[Fraction, Fraction] | None:
    """At least and at most what counts of a line of `parts`; None without an amount."""
    if row["amount"] is None:
        return None
    low, high = sorted(Fraction(row["amount"] * row[name], WHOLE) for name in ("low_ppm", "high_ppm"))
    return low, high


_KIND = ["industry_code", "own_line"]


def _kinds(found: pl.DataFrame) -> pl.DataFrame:
    """Lines that count alike, together: those of a class in a target, each line with a share of its own by itself.

    A register has a million lines and some hundred classes, so that all sums, unions and pairs are of these. `above`
    and `below` are the sums of their amounts above and below zero; `firms` are those with one line, which add up.
    """
    amount = pl.col("amount").cast(pl.Int128)
    return found.group_by([*_KIND, "target"]).agg(
        pl.col("low_ppm", "high_ppm", "why").first(), pl.col("is_only").sum().cast(pl.Int64).alias("firms"),
        pl.len().cast(pl.Int64).alias("lines"), pl.col("amount").is_null().sum().cast(pl.Int64).alias("unknown"),
        amount.clip(lower_bound=0).sum().alias("above"), amount.clip(upper_bound=0).sum().alias("below"),
    )  # fmt: skip


def _together() -> pl.Expr:
    """Why a line counts in several targets at once: several shares may still fill it between them, so that only a full
    class settles it."""
    why = pl.col("why")
    return pl.when((why == "full").any()).then(pl.lit("full")).when(pl.len() > 1).then(pl.lit("partial")).otherwise(
        why.first()
    )  # fmt: skip


def _paired(rows: pl.DataFrame, on: list[str]) -> pl.DataFrame:
    return rows.join(rows, on=on, suffix="_2", nulls_equal=True).filter(pl.col("target") < pl.col("target_2"))


def _sums(kinds: pl.DataFrame, lines: pl.DataFrame) -> tuple[Sum, ...]:
    """The sums of each target over `kinds`; `lines` are asked for firms that have several."""
    in_part = pl.col("why") != "full"
    rows = kinds.group_by("target").agg(
        pl.col("firms", "lines", "unknown").sum(), pl.col("firms").filter(in_part).sum().alias("in_part"),
        pl.col("lines").filter(pl.col("why") == "partial").sum().alias("open"), *_ends(),
    )  # fmt: skip
    firm = pl.col("firm_id")
    more = lines.filter(~pl.col("is_only")).group_by("target").agg(
        firm.n_unique().alias("more"), firm.filter(in_part).n_unique().alias("more_in_part")
    )  # fmt: skip
    rows = rows.join(more, on="target", how="left").with_columns(
        pl.col("firms") + pl.col("more").fill_null(0), pl.col("in_part") + pl.col("more_in_part").fill_null(0)
    )
    return tuple(_sum(row) for row in rows.sort("target").iter_rows(named=True))


def _ends() -> tuple[pl.Expr, pl.Expr]:
    """Sums in millionths of the unit; a part of a loss is between the loss and nothing."""
    above, below, low, high = (pl.col(name) for name in ("above", "below", "low_ppm", "high_ppm"))
    return (above * low + below * high).sum().alias("low"), (above * high + below * low).sum().alias("high")


def _sum(row: dict[str, int]) -> Sum:
    ends = Fraction(row["low"] or 0, WHOLE), Fraction(row["high"] or 0, WHOLE)
    return Sum(
        str(row["target"]), row["firms"], row["lines"], row["in_part"], row["open"], row["unknown"], *ends
    )  # fmt: skip
