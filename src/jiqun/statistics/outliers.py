"""Which reported cells to ask about (trend, unit, sign, digits, copies), by effect on the total; nothing is changed.

A cell is held against the period before and the same period of the year before, in the group of respondents that is
like its own, and is asked about only where it stands out in every comparison that can be made: a season, a firm that
grew, or last period's mistake shows in one of them only. Where one past alone is known, the mistake may be in it: the
distance counts by how much likelier the number's size is the odd one, of the two, among the sizes of its group (log
sizes taken as normal with the group's median and median absolute deviation; one half where both are as usual).

The comparison is Hidiroglou and Berthelot's (Survey Methodology 12, 1986, 73-83): r = x/y; s = r/m - 1 above the
group's median m, 1 - m/r below it; E = s * max(x, y)**U; a distance is (E - median E) over its quartile's distance
from it. Slips of unit, sign and digits are told by what the cell would be without them. Cells without a past are
looked at for a gap in the group's logarithms (sigma-gap, with the median absolute deviation). The slow definition is
in tests/statistics."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from jiqun.model.findings import Finding, Place, Severity
from jiqun.packs.city import City

CELLS = {
    "respondent_id": pl.String, "series": pl.String, "group": pl.String,
    "value": pl.Int64, "last": pl.Int64, "year_ago": pl.Int64,
}  # fmt: skip
# What a wrong unit does to a number: powers of ten between 元, 千元, 万元 and 亿元, and of a point misplaced.
SLIPS = {1: "一位", 2: "两位", 3: "元与千元", 4: "元与万元、万元与亿元", 5: "千元与亿元", 8: "元与亿元"}
KINDS = {
    "slip": "计量单位或位数疑似有误", "sign": "正负号疑似有误", "copy": "与以前的数完全相同",
    "zero": "由有数变为零", "trend": "升降幅度异常", "gap": "远离同组其他单位",
}  # fmt: skip
_BASES = ("last", "year_ago")
_ALL = ("series",)
_OWN = ("series", "group")


@dataclass(frozen=True)
class EditRules:
    """Dated thresholds of editing (`edit_…` in city.yaml).

    `size_exponent` U in [0, 1]: how much more a large respondent's change counts. `distance`: how many quartile
    distances from the median are asked about; `slip_distance` the same where the cell would be usual but for a factor
    of ten. `least_pct`: a change relative to the group's median below which nothing is asked. `slip_within`: by which
    factor at most a cell without its slip may miss. `usual_pct`: what more of a group does (repeat, fall to zero,
    change sign) is not asked about. `copy_digits`: significant digits from which an equal number is no chance.
    `gap_deviations`: width of a gap. `least_group`: respondents a group needs for its own statistics; below, all of
    the series are taken, and where these are too few too, nothing is said."""

    size_exponent: float
    distance: float
    slip_distance: float
    least_pct: float
    slip_within: float
    usual_pct: float
    copy_digits: int
    gap_deviations: float
    least_group: int

    def __post_init__(self) -> None:
        if not (
            0 <= self.size_exponent <= 1 and 0 < self.slip_distance <= self.distance and 1 <= self.slip_within < 10**0.5
        ):
            raise ValueError(f"thresholds of editing contradict each other: {self}")

    @staticmethod
    def are_stated(city: City) -> bool:
        """Whether the folder has thresholds of editing at all; one without them asks about nothing."""
        return any(name.startswith("edit_") for name in city.settings)

    @classmethod
    def of(cls, city: City, on: datetime.date) -> EditRules:
        """The city's thresholds that held on the day. Raises NotFound for one that the folder lacks."""

        def setting(name: str) -> float:
            return float(city.setting(f"edit_{name}", on))

        return cls(
            setting("size_exponent"), setting("distance"), setting("slip_distance"), setting("least_pct"),
            setting("slip_within"), setting("usual_pct"), int(setting("copy_digits")), setting("gap_deviations"),
            int(setting("least_group")),
        )  # fmt: skip


def suspicious(cells: pl.DataFrame, rules: EditRules) -> pl.DataFrame:
    """The cells to ask about, the weightiest first.

    `cells` has the columns of `CELLS`, one row for a respondent and series; numbers are whole in the last printed
    place, null where unknown (a null value is never asked about here: it is missing, which checks tell). `group` may
    be null. Added: `kind` (of `KINDS`), `power` (of ten, for a slip), `distance` (signed; null without a past),
    `expected` (by the past nearest to the value and the group's median change), `would_be` (what the cell would be
    without the suspected mistake; null for a copy or gap), `effect_pct` (of the series' expected total), `certainty`
    in (0, 1], `priority` (effect times certainty), `covered_pct` (of all suspected effect, in the questions down to
    this one), `rank` from 1."""
    frame = cells.select(pl.col(name).cast(kind) for name, kind in CELLS.items()).with_row_index("row")
    frame = frame.with_columns(pl.col("group").fill_null(""), x=pl.col("value").cast(pl.Float64).abs())
    for base in _BASES:
        frame = _compared(frame, base, rules)
    frame = _combined(frame)
    frame = _gaps(frame, rules)
    frame = frame.with_columns(_kind(rules)).with_columns(_would_be(), _total())
    found = frame.filter(pl.col("kind").is_not_null()).with_columns(_effect(), _certainty(rules))
    return _ranked(found)


def unchecked(cells: pl.DataFrame, rules: EditRules) -> pl.DataFrame:
    """(series, known cells, of them those no comparison could be made for): what silence does not vouch for."""
    frame = cells.with_columns(pl.col("group").fill_null(""), x=pl.col("value").cast(pl.Float64).abs())
    for base in _BASES:
        frame = _compared(frame, base, rules)
    known = frame.filter(pl.col("value").is_not_null())
    without = pl.all_horizontal(pl.col(f"d_{base}").is_null() for base in _BASES)
    return known.group_by("series").agg(cells=pl.len(), unchecked=without.sum()).sort("series")


# --- one comparison


def _compared(frame: pl.DataFrame, base: str, rules: EditRules) -> pl.DataFrame:
    """With `d_…` (distance), `b_…` (blame: the part that the number has in it, not its past), `l_…` (log10 of r/m),
    `e_…` (expected value) and `f_…` (sign flipped), … being the base."""
    y, x = pl.col(base).cast(pl.Float64).abs(), pl.col("x")
    # The group's statistics come from amounts above zero; distances are measured for every pair that has a ratio.
    is_sound = ((pl.col("value") > 0) & (pl.col(base) > 0)).fill_null(False)
    frame = frame.with_columns(r=pl.when((x > 0) & (y > 0)).then(x / y), sound=is_sound)
    measured = [_distances(frame, base, over, rules) for over in (_OWN, _ALL)]
    frame = frame.with_columns(*measured[0], *measured[1])
    own = pl.col("n_own") >= rules.least_group
    enough = pl.col("n_all") >= rules.least_group
    chosen = {name: pl.when(own).then(pl.col(f"{name}_own")).when(enough).then(pl.col(f"{name}_all")) for name in "mdb"}
    frame = frame.with_columns(**{f"d_{base}": chosen["d"], f"b_{base}": chosen["b"], "m": chosen["m"]})
    return frame.with_columns(
        (pl.col("r") / pl.col("m")).log10().alias(f"l_{base}"),
        pl.when(y > 0).then(pl.col(base) * pl.col("m")).alias(f"e_{base}"),
        pl.when(pl.col("r").is_not_null()).then(pl.col("value").sign() != pl.col(base).sign()).alias(f"f_{base}"),
    ).drop("r", "sound", "m", *(f"{name}_{over}" for name in "nmdb" for over in ("own", "all")))


def _distances(frame: pl.DataFrame, base: str, over: tuple[str, ...], rules: EditRules) -> list[pl.Series]:
    """`n_…`, `m_…`, `d_…`, `b_…`: size, median ratio, distance, blame of every row, in its group or whole series."""
    name = "own" if over == _OWN else "all"
    sound = pl.col("sound")
    size = pl.max_horizontal(pl.col("x"), pl.col(base).cast(pl.Float64).abs()) ** rules.size_exponent
    steps = (
        frame.lazy()
        .with_columns(n=sound.sum().over(over), m=pl.col("r").filter(sound).median().over(over))
        .with_columns(
            s=pl.when(pl.col("r") >= pl.col("m"))
            .then(pl.col("r") / pl.col("m") - 1)
            .otherwise(1 - pl.col("m") / pl.col("r"))
        )
        .with_columns(e=pl.col("s") * size)
        .with_columns(
            middle=pl.col("e").filter(sound).median().over(over),
            low=pl.col("e").filter(sound).quantile(0.25, "linear").over(over),
            high=pl.col("e").filter(sound).quantile(0.75, "linear").over(over),
        )
    )
    off = pl.col("e") - pl.col("middle")
    width = pl.when(off >= 0).then(pl.col("high") - pl.col("middle")).otherwise(pl.col("middle") - pl.col("low"))
    # Where half a group reports one and the same ratio the quartiles fall together: any change is then infinitely far.
    far = pl.when(width > 0).then(off / width).otherwise(off.sign() * float("inf"))
    distance = pl.when(pl.col("s").abs() * 100 < rules.least_pct).then(0.0).otherwise(far)
    done = steps.select(
        pl.col("n").alias(f"n_{name}"), pl.col("m").alias(f"m_{name}"), distance.alias(f"d_{name}"),
        _blame(base, over).alias(f"b_{name}"),
    ).collect()  # fmt: skip
    return done.get_columns()


def _blame(base: str, over: tuple[str, ...]) -> pl.Expr:
    """In [0, 1]: how likely of the two the number, not its past, is the mistaken one, by their sizes alone."""
    odd = [_oddness(pl.col("x"), over), _oddness(pl.col(base).cast(pl.Float64).abs(), over)]
    # Beyond e**40 to one nothing is more certain.
    return (1 / (1 + ((odd[1] - odd[0]) / 2).clip(-40, 40).exp())).fill_null(0.5)


def _oddness(size: pl.Expr, over: tuple[str, ...]) -> pl.Expr:
    """Squared deviations of a size from its group's, in logarithms; null where the group's are all the same."""
    z, sound = pl.when(size > 0).then(size.log10()), pl.col("sound")
    off = z - z.filter(sound).median().over(over)
    spread = 1.4826 * off.abs().filter(sound).median().over(over)  # of a normal distribution, its standard deviation
    return pl.when(spread > 0).then((off / spread) ** 2)


def _combined(frame: pl.DataFrame) -> pl.DataFrame:
    """With `distance`, the smallest of those that agree in direction and 0 where they do not, and `expected`. A
    single distance counts by its blame."""
    low = pl.min_horizontal(f"d_{base}" for base in _BASES)
    high = pl.max_horizontal(f"d_{base}" for base in _BASES)
    blame = pl.when(pl.any_horizontal(pl.col(f"d_{base}").is_null() for base in _BASES)).then(
        pl.coalesce(pl.when(pl.col(f"d_{base}").is_not_null()).then(pl.col(f"b_{base}")) for base in _BASES)
    )
    distance = pl.when(low > 0).then(low).when(high < 0).then(high).when(low.is_not_null()).then(0.0)
    frame = frame.with_columns(distance=distance * blame.fill_null(1.0))
    last, year = pl.col("e_last"), pl.col("e_year_ago")
    nearer = pl.col("l_year_ago").abs() < pl.col("l_last").abs()
    smaller = year.abs() < last.abs()  # a zero has no ratio: the past that makes less of it
    is_year = last.is_null() | pl.coalesce(nearer, smaller, False)
    return frame.with_columns(expected=pl.when(is_year).then(year).otherwise(last))


# --- what kind of question


def _kind(rules: EditRules) -> list[pl.Expr]:
    low = pl.min_horizontal(f"l_{base}" for base in _BASES)
    high = pl.max_horizontal(f"l_{base}" for base in _BASES)
    slack = pl.lit(rules.slip_within).log10()
    power = pl.lit(None, pl.Int8)
    for k in (*SLIPS, *(-k for k in SLIPS)):
        power = pl.when((low >= k - slack) & (high <= k + slack)).then(pl.lit(k, pl.Int8)).otherwise(power)
    distance = pl.col("distance")
    flipped = pl.all_horizontal(pl.col(f"f_{base}").fill_null(True) for base in _BASES)
    has_past = pl.any_horizontal(pl.col(f"f_{base}").is_not_null() for base in _BASES)
    is_flipped = flipped & has_past
    is_slip = power.is_not_null() & (distance.abs() > rules.slip_distance) & ~is_flipped
    is_zero = (pl.col("value") == 0) & _rose_before()
    return [
        pl.when(is_flipped & (distance.abs() <= rules.distance) & _is_unusual(is_flipped, rules)).then(pl.lit("sign"))
        .when(is_slip).then(pl.lit("slip"))
        .when(_is_copy(rules)).then(pl.lit("copy"))
        .when(is_zero & _is_unusual(is_zero, rules)).then(pl.lit("zero"))
        .when((distance.abs() > rules.distance) & ~is_flipped).then(pl.lit("trend"))
        .when(pl.col("gap")).then(pl.lit("gap"))
        .alias("kind"),
        pl.when(is_slip).then(power).alias("power"),
    ]  # fmt: skip


def _rose_before() -> pl.Expr:
    """Whether there was something in every past period that is known, and one is."""
    past = [pl.col(base) != 0 for base in _BASES]
    return pl.all_horizontal(known.fill_null(True) for known in past) & pl.any_horizontal(p.is_not_null() for p in past)


def _is_unusual(what: pl.Expr, rules: EditRules) -> pl.Expr:
    """Whether at most `usual_pct` of the group's known cells do it, or the cell is the only one that does."""
    known, doing = pl.col("value").is_not_null().sum().over(_OWN), what.fill_null(False).sum().over(_OWN)
    return (doing * 100 <= known * rules.usual_pct) | (doing == 1)


def _is_copy(rules: EditRules) -> pl.Expr:
    digits = pl.col("value").abs().cast(pl.String).str.strip_chars_end("0").str.len_chars()
    equal = (pl.col("value") == pl.col("last")) & (digits >= rules.copy_digits)
    return equal & _is_unusual(equal, rules)


def _gaps(frame: pl.DataFrame, rules: EditRules) -> pl.DataFrame:
    """With `gap`: whether a cell without a past lies beyond a gap in its group's logarithms."""
    over = _OWN
    known = frame.lazy().filter(pl.col("value") > 0).select("row", *over, z=pl.col("x").log10()).sort(*over, "z")
    middle = pl.col("z").median().over(over)
    marked = (
        known.with_columns(
            n=pl.len().over(over), at=pl.int_range(pl.len()).over(over),
            deviation=(pl.col("z") - middle).abs().median().over(over),
        )
        .with_columns(wide=pl.col("z").diff().over(over) > rules.gap_deviations * pl.col("deviation"))
        # Banff's start: gaps count from the upper quartile up, and from the lower quartile down.
        .with_columns(
            top=pl.col("z").filter(pl.col("wide") & (pl.col("at") >= 0.75 * pl.col("n"))).min().over(over),
            below=pl.col("wide").shift(-1).over(over) & (pl.col("at") < 0.25 * pl.col("n")),
        )
        .with_columns(bottom=pl.col("z").filter(pl.col("below")).max().over(over))
        .with_columns(
            beyond=(pl.col("z") >= pl.col("top")).fill_null(False) | (pl.col("z") <= pl.col("bottom")).fill_null(False)
        )
        .select("row", gap=pl.col("beyond") & (pl.col("n") >= rules.least_group))
    )  # fmt: skip
    found = frame.join(marked.collect(), on="row", how="left")
    return found.with_columns(gap=pl.col("gap").fill_null(False) & pl.col("distance").is_null())


# --- how much it matters


def _would_be() -> pl.Expr:
    value, kind = pl.col("value").cast(pl.Float64), pl.col("kind")
    return (
        pl.when(kind == "slip").then(value / pl.lit(10.0).pow(pl.col("power").cast(pl.Float64)))
        .when(kind == "sign").then(-value)
        .when(kind.is_in(["trend", "zero"])).then(pl.col("expected"))
        .alias("would_be")
    )  # fmt: skip


def _total() -> pl.Expr:
    """The series' total as the past lets one expect it: a slip of 10,000 must not swell what it is measured by."""
    return pl.coalesce(pl.col("expected"), pl.col("value").cast(pl.Float64)).abs().sum().over("series").alias("total")


def _effect() -> pl.Expr:
    shift = (pl.col("value") - pl.coalesce(pl.col("would_be"), pl.col("expected"), pl.lit(0.0))).abs()
    return pl.when(pl.col("total") > 0).then(shift * 100 / pl.col("total")).otherwise(0.0).alias("effect_pct")


def _certainty(rules: EditRules) -> pl.Expr:
    """1 where one known mistake explains it; else distance/(distance + limit), one half at the limit or without one."""
    d = pl.col("distance").abs()
    part = pl.when(d.is_infinite()).then(1.0).otherwise(d / (d + rules.distance))
    is_named = pl.col("kind").is_in(["slip", "sign"])
    return pl.when(is_named).then(1.0).when(pl.col("kind") == "trend").then(part).otherwise(0.5).alias("certainty")


def _ranked(found: pl.DataFrame) -> pl.DataFrame:
    priority = pl.col("effect_pct") * pl.col("certainty")
    order = ["priority", "respondent_id", "series"]
    found = found.with_columns(priority=priority).sort(order, descending=[True, False, False])
    everything = pl.col("priority").sum()
    covered = pl.when(everything > 0).then(pl.col("priority").cum_sum() * 100 / everything).otherwise(100.0)
    kept = [*CELLS, "kind", "power", "distance", "expected", "would_be", "effect_pct", "certainty", "priority"]
    return found.select(*kept, covered_pct=covered, rank=pl.int_range(1, pl.len() + 1))


# --- in words


def questions(
    found: pl.DataFrame,
    name_of: Callable[[str], str],
    printed: Callable[[str, float], str],
    place_of: Callable[[str, str], Place],
) -> Iterator[Finding]:
    """A question for every row of `suspicious`, in its order; each is a warning, for the respondent to mend or explain.

    `name_of(series)` is what the cell is called; `printed(series, value)` a number of it with its unit;
    `place_of(respondent_id, series)` where it stands.
    """
    for row in found.iter_rows(named=True):
        say = lambda value, series=row["series"]: printed(series, value)  # noqa: E731
        message = f"{name_of(row['series'])}：{'；'.join(_sentence(row, say))}。"
        place = place_of(row["respondent_id"], row["series"])
        yield Finding(f"ask_{row['kind']}", Severity.WARNING, message, place, _REMEDIES[row["kind"]])


_REMEDIES = {
    "slip": "请核对计量单位和位数；无误请说明原因。", "sign": "请核对正负号；无误请说明原因。",
    "copy": "请确认本期数据是否已更新；确无变化请说明。", "zero": "请确认是停产、漏报还是确为零，并说明。",
    "trend": "请核实；无误请说明原因。", "gap": "请核对计量单位和数值；无误请说明原因。",
}  # fmt: skip


def _sentence(row: dict[str, object], say: Callable[[float], str]) -> Iterable[str]:
    kind, value, would_be = str(row["kind"]), _number(row["value"]), row["would_be"]
    yield f"本期填报 {say(value)}，{KINDS[kind]}"
    for base, word in (("last", "上期"), ("year_ago", "上年同期")):
        past = row[base]
        if past is not None:
            times = f"，为其 {_times(value / _number(past))} 倍" if past else ""
            yield f"{word} {say(_number(past))}{times}"
    if kind == "slip":
        power = int(_number(row["power"]))
        yield f"与常见的 {'10' if abs(power) == 1 else f'10^{abs(power)}'} 倍之差（{SLIPS[abs(power)]}）相符"
    if would_be is not None:
        yield f"{'若按此改正' if kind in ('slip', 'sign') else '按同组变化推算'}约为 {say(_number(would_be))}"
    if row["effect_pct"] is not None:
        effect = _number(row["effect_pct"])
        yield f"影响合计约 {_times(effect)}%" if effect >= 0.01 else "对合计几乎没有影响"


def _number(value: object) -> float:
    assert isinstance(value, int | float)
    return float(value)


def _times(value: float) -> str:
    """Three significant digits, without an exponent."""
    return f"{Decimal(f'{value:.3g}'):f}"
