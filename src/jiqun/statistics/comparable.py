"""Growth on comparable scope beside growth of what was published, and what lies between them, exactly.

Who reports changes from year to year: firms pass the threshold or fall below it, open, close, move. So the National
Bureau of Statistics has last year's figure recomputed for this year's respondents, and growth is this value over that
*same-period figure*, never over what was published a year ago. With C the current total, S the same-period figures of
those in scope now, and P the total published a year ago of those in scope then:

    C - P = (C - S) + (S - P)
    C - S = growth of stayers, arrivals and entrants
    S - P = what entrants and arrivals bring + what stayers restated - what left with leavers and departures
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import polars as pl

RETURNS = {
    "respondent_id": pl.String, "now": pl.String, "then": pl.String,
    "current": pl.Int64, "same_period": pl.Int64, "published": pl.Int64,
}  # fmt: skip
ROLES = ("stayer", "arrival", "entrant", "departure", "leaver")  # 连续在库、区间转入、新进、区间转出、退出


@dataclass(frozen=True, slots=True)
class Part:
    """Respondents of one role: how many, and their known amounts. `unknown` of them lack a figure their role needs."""

    count: int = 0
    current: int = 0
    same_period: int = 0
    published: int = 0
    unknown: int = 0
    restated: int = 0  # how many gave another figure for last year than was published then

    def __add__(self, other: Part) -> Part:
        return Part(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


@dataclass(frozen=True)
class Growth:
    """`amount` over `base`, minus one; not a number where either is unknown or the base is not above zero."""

    amount: int | None
    base: int | None

    @property
    def rate(self) -> Fraction | None:
        if self.amount is None or self.base is None or self.base <= 0:
            return None
        return Fraction(self.amount, self.base) - 1

    def pct(self, digits: int = 1) -> Decimal | None:
        """In percent, half away from zero, as communiqués print it."""
        return None if self.rate is None else rounded(self.rate * 100, digits)


@dataclass(frozen=True)
class Comparison:
    """One group, or all (`group` None). Amounts are whole numbers in the unit of the input.

    A stayer or arrival needs all three figures, an entrant the current and same-period one (0 where it did not
    exist), a leaver or departure the published one. `is_whole` says that none is missing; else published growth and
    bridge are unknown. `matched` stands for those of whom current and same-period figure are known; where these are
    all in scope now it is the comparable growth, whatever is known of last year's publication."""

    group: str | None
    parts: dict[str, Part]
    matched: Growth
    matched_count: int

    def of(self, role: str) -> Part:
        return self.parts.get(role, Part())

    @property
    def unknown(self) -> int:
        return sum(part.unknown for part in self.parts.values())

    @property
    def is_whole(self) -> bool:
        return self.unknown == 0

    @property
    def present(self) -> Part:
        """Everybody in scope now."""
        return self.of("stayer") + self.of("arrival") + self.of("entrant")

    @property
    def past(self) -> int:
        """The total published a year ago, of those in scope then."""
        return sum(self.of(role).published for role in ("stayer", "departure", "leaver"))

    @property
    def comparable(self) -> Growth:
        """可比口径增速."""
        return self.matched if self.matched_count == self.present.count else Growth(None, None)

    @property
    def published(self) -> Growth:
        """This total over the one published a year ago: what a reader of two communiqués computes."""
        return Growth(self.present.current, self.past) if self.is_whole else Growth(None, None)

    def bridge(self) -> tuple[Step, ...] | None:
        """From last year's published total to this year's; the steps add up to the difference. None where one is
        missing."""
        if not self.is_whole:
            return None
        stayer, arrival, entrant = (self.of(role) for role in ("stayer", "arrival", "entrant"))
        departure, leaver = self.of("departure"), self.of("leaver")
        return (
            Step("restated", stayer.restated, stayer.same_period - stayer.published),
            Step("leavers", leaver.count, -leaver.published),
            Step("departures", departure.count, -departure.published),
            Step("entrants_base", entrant.count, entrant.same_period),
            Step("arrivals_base", arrival.count, arrival.same_period),
            Step("stayers_growth", stayer.count, stayer.current - stayer.same_period),
            Step("entrants_growth", entrant.count, entrant.current - entrant.same_period),
            Step("arrivals_growth", arrival.count, arrival.current - arrival.same_period),
        )

    def points(self) -> dict[str, Fraction] | None:
        """Each step in percent of last year's published total: they add up to the published growth. None if unknown."""
        steps = self.bridge()
        if steps is None or self.past <= 0:
            return None
        return {step.kind: Fraction(step.amount * 100, self.past) for step in steps}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the bridge. `kind` of `WORDS`; `count` respondents move the total by `amount`."""

    kind: str
    count: int
    amount: int


WORDS = {
    "restated": ("上年同期数修订", "last year restated"), "leavers": ("退出单位带走", "left with leavers"),
    "departures": ("转出单位带走", "left with departures"), "entrants_base": ("新进单位同期数", "brought by entrants"),
    "arrivals_base": ("转入单位同期数", "brought by arrivals"),
    "stayers_growth": ("连续在库单位增长", "growth of stayers"),
    "entrants_growth": ("新进单位增长", "growth of entrants"),
    "arrivals_growth": ("转入单位增长", "growth of arrivals"),
}  # fmt: skip


def compare(returns: pl.DataFrame) -> tuple[Comparison, ...]:
    """All respondents together, then every group in the order of its name.

    `returns` has the columns of `RETURNS`, one row for a respondent of either year: `now` and `then` are the group it
    is counted in (a district, an industry), null where it is out of scope; `current` is this period's figure,
    `same_period` what it says now of the same period of last year, `published` what was published of it then; null:
    unknown. A firm that changes its group departs from one and arrives in the other, and stays in the whole. Raises
    ValueError where a respondent has two rows."""
    frame = returns.select(pl.col(name).cast(kind) for name, kind in RETURNS.items())
    if frame["respondent_id"].is_duplicated().any():
        raise ValueError("a respondent has two rows")
    frame = frame.filter(pl.col("now").is_not_null() | pl.col("then").is_not_null())
    both = pl.col("now").is_not_null() & pl.col("then").is_not_null()
    whole = frame.with_columns(group=pl.lit(None, pl.String), role=_role(both))
    moved = both & (pl.col("now") != pl.col("then"))
    here = frame.filter(pl.col("now").is_not_null()).with_columns(
        group=pl.col("now"), role=pl.when(moved).then(pl.lit("arrival")).otherwise(_role(both))
    )
    gone = frame.filter(pl.col("then").is_not_null() & (moved | pl.col("now").is_null())).with_columns(
        group=pl.col("then"), role=pl.when(moved).then(pl.lit("departure")).otherwise(_role(both))
    )
    return tuple(_comparisons(pl.concat([whole, here, gone])))


def _role(both: pl.Expr) -> pl.Expr:
    only_now = pl.when(pl.col("now").is_not_null()).then(pl.lit("entrant")).otherwise(pl.lit("leaver"))
    return pl.when(both).then(pl.lit("stayer")).otherwise(only_now)


def _comparisons(rows: pl.DataFrame) -> Iterator[Comparison]:
    is_here = pl.col("role").is_in(["stayer", "arrival", "entrant"])
    was_here = pl.col("role").is_in(["stayer", "departure", "leaver"])
    now_known = pl.col("current").is_not_null() & pl.col("same_period").is_not_null()
    missing = (is_here & ~now_known) | (was_here & pl.col("published").is_null())
    matched = is_here & now_known
    restated = (pl.col("role") == "stayer") & (pl.col("same_period") != pl.col("published"))
    sums = rows.group_by("group", "role").agg(
        pl.len().alias("count"),
        pl.col("current").filter(is_here).sum(), pl.col("same_period").filter(is_here).sum(),
        pl.col("published").filter(was_here).sum(), missing.sum().alias("unknown"), restated.sum().alias("restated"),
        pl.col("current").filter(matched).sum().alias("m_current"),
        pl.col("same_period").filter(matched).sum().alias("m_base"),
        matched.sum().alias("m_count"),
    )  # fmt: skip
    by_group: dict[str | None, list[dict[str, int]]] = {None: []}
    for row in sums.iter_rows(named=True):
        by_group.setdefault(row["group"], []).append(row)
    for group in sorted(by_group, key=lambda name: (name is not None, name)):
        found = by_group[group]
        parts = {str(row["role"]): Part(*(int(row[name]) for name in Part.__slots__)) for row in found}
        count = sum(row["m_count"] for row in found)
        matched_growth = Growth(sum(row["m_current"] for row in found), sum(row["m_base"] for row in found))
        yield Comparison(group, parts, matched_growth, count)


@dataclass(frozen=True)
class Implied:
    """What a printed growth rate says of its base: S in [`base_low`, `base_high`], and of S less the published
    total."""

    base_low: Fraction
    base_high: Fraction
    published: int

    @property
    def scope_low(self) -> Fraction:
        return self.base_low - self.published

    @property
    def scope_high(self) -> Fraction:
        return self.base_high - self.published

    @property
    def is_other_scope(self) -> bool:
        """Whether rounding alone cannot explain the difference from last year's published total."""
        return self.scope_low > 0 or self.scope_high < 0


def implied(current: int, growth_pct: Decimal, published: int, rounded_to: int = 1) -> Implied | None:
    """The same-period figure behind a published growth, as an interval: its last place was rounded, and so was
    `current`.

    `rounded_to` is the smallest step in which `current` was printed. None where the growth is -100 % or less.
    """
    exponent = growth_pct.as_tuple().exponent
    assert isinstance(exponent, int)
    half = Fraction(1, 2) / 10 ** max(-exponent, 0) / 100
    rate = Fraction(growth_pct) / 100
    if 1 + rate - half <= 0:
        return None
    slack = Fraction(rounded_to, 2)
    edges = [(current + a) / (1 + rate + b) for a in (-slack, slack) for b in (-half, half)]
    return Implied(min(edges), max(edges), published)


def rounded(value: Fraction, digits: int) -> Decimal:
    """Half away from zero at `digits` places."""
    steps = (2 * abs(value) * 10**digits + 1) // 2
    return Decimal(steps if value >= 0 else -steps).scaleb(-digits)
