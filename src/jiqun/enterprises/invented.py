"""Registers of firms that do not exist, for demonstration and for measuring: any number, in proportion to what was
published. A firm is a function of its number and the seed, so parts can be drawn apart and years agree with each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import log, log10
from statistics import NormalDist

import polars as pl

from jiqun.enterprises import chance, columns, invented_codes, invented_scopes
from jiqun.enterprises.invented_bounds import Bounds
from jiqun.enterprises.snapshots import About, Origin
from jiqun.model.errors import NotFound
from jiqun.model.purposes import Purpose
from jiqun.packs import City
from jiqun.packs.schema.invention import Drawn, InventedLine, Invention, Leaning

_YEARS = 4  # of yearly figures kept at most
_PART = 500_000
_SOURCE = "凭空生成的演示企业，不存在于现实"


@dataclass(frozen=True)
class Drawing:
    """How many firms, by which seed, as they are on `day` with the figures of `figures_year` and before.

    `years_back` 1 is the same register a year earlier: fewer firms, fewer titles, yearly figures a year older.
    """

    firms: int
    day: date
    figures_year: int
    seed: int = 0
    years_back: int = 0

    @property
    def on(self) -> date:
        return (
            self.day.replace(year=self.day.year - self.years_back, day=min(self.day.day, 28))
            if self.years_back
            else self.day
        )


def about(city: City, drawing: Drawing) -> About:
    """What the manifest of a drawn snapshot says: that its firms are invented, before all."""
    origin = Origin(_SOURCE, drawing.on, Purpose.ADMINISTRATIVE)
    year = drawing.figures_year - drawing.years_back
    return About(drawing.on, year, drawing.on, (origin,), True, city_id=city.id, folder_digest=city.digest)


def frames(city: City, drawing: Drawing, part: int = _PART) -> Iterator[pl.LazyFrame]:
    """The firms in parts, by code, with the columns of the city's register and null for what a firm does not say.

    Raises NotFound where the city's folder has no `invented.yaml` or a published count it refers to.
    """
    if city.invention is None:
        raise NotFound(f"城市文件夹“{city.id}”没有 invented.yaml，不能生成演示名册")
    draws = _Draws(city, city.invention, drawing)
    for first in range(0, drawing.firms, part):
        serial = pl.int_range(first, min(first + part, drawing.firms), dtype=pl.UInt64).alias("serial")
        yield draws.firms(pl.LazyFrame().select(serial))


class _Draws:
    """One register's draws; each step adds columns to the frame that the next steps read."""

    def __init__(self, city: City, invention: Invention, drawing: Drawing) -> None:
        self.city = city
        self.invention = invention
        self.drawing = drawing
        self.types = columns.schema(columns.columns(city))
        self.bounds = Bounds(invention, self.uniform, self.normal)

    # --- chance

    def uniform(self, what: str) -> pl.Expr:
        return chance.uniform(pl.col("serial"), what, self.drawing.seed)

    def normal(self, what: str) -> pl.Expr:
        return chance.normal(pl.col("serial"), what, self.drawing.seed)

    def said(self, value: pl.Expr, what: str, missing_pct: float) -> pl.Expr:
        """The value, but null for those who do not say; small firms keep silent more often, by up to a half."""
        if not missing_pct:
            return value
        return pl.when(self.uniform(f"{what}/said") * (1 + pl.col("z").clip(-2, 2) / 4) > missing_pct / 100).then(value)

    def amounts(self) -> dict[str, pl.Expr]:
        """Every amount that the folder describes, drawn once; `amount` names its column."""
        return {f"a_{name}": self.drawn(name, drawn) for name, drawn in self.invention.amounts.items()}

    def amount(self, name: str) -> pl.Expr:
        return pl.col(f"a_{name}")

    def drawn(self, name: str, drawn: Drawn) -> pl.Expr:
        exponent = pl.col("i") * drawn.innovation + pl.col("z") * drawn.size + pl.col("g") * drawn.growth
        if drawn.spread:
            exponent = exponent + self.normal(name) * drawn.spread
        value = exponent.exp() * drawn.median
        within = self.bounds.amount(name, value, self.said(value, name, drawn.missing_pct))
        return within if drawn.max is None else within.clip(upper_bound=drawn.max)

    def truth(self, name: str, leaning: Leaning, years_back: int | None = None) -> pl.Expr:
        """By the count of the drawing's year, or of another."""
        back = self.drawing.years_back if years_back is None else years_back
        pulls = (leaning.innovation, leaning.size, leaning.growth)
        whole = (sum(pull * pull for pull in pulls) + 1) ** 0.5
        score = (pl.col("i") * pulls[0] + pl.col("z") * pulls[1] + pl.col("g") * pulls[2] + self.normal(name)) / whole
        share = self.share(leaning) / (1 + leaning.yearly_growth_pct / 100) ** back
        is_true = score > NormalDist().inv_cdf(1 - min(max(share, 1e-9), 1 - 1e-9))
        return self.bounds.truth(name, self.said(is_true, name, leaning.missing_pct))

    def share(self, leaning: Leaning) -> float:
        if leaning.indicator_id is None:
            return (leaning.share_pct or 0) / 100
        return self.published(leaning.indicator_id, leaning.period) / self.invention.universe

    def published(self, indicator_id: str, period: str, area_id: str | None = None) -> float:
        area_id = area_id or self.city.area_id
        for figure in self.city.figures:
            said_of = (figure.indicator_id, figure.period, figure.area_id, figure.cluster_id)
            if said_of == (indicator_id, period, area_id, None):
                return float(figure.value)
        raise NotFound(f"没有公布数 {indicator_id} {area_id} {period}，invented.yaml 不能引用它")

    # --- the firm, step by step

    def firms(self, serials: pl.LazyFrame) -> pl.LazyFrame:
        steps: tuple[Callable[[], dict[str, pl.Expr]], ...] = (
            lambda: {"i": self.normal("innovation"), "z": self.normal("size"), "g": self.normal("growth")},
            self.bounded,
            lambda: self.kind() | self.amounts(),
            lambda: self.age() | invented_codes.digits(),
            lambda: {"uscc": invented_codes.code(self.invention.division_digits)} | self.incomes(),
            self.staff,
            self.accounts,
            lambda: self.research() | self.holders(),
            lambda: self.titles() | self.rights() | self.finance() | self.market(),
            lambda: self.identity() | self.conduct() | self.scope(),
        )
        drawn = serials
        for step in steps:
            drawn = drawn.with_columns(**step())
        made = set(drawn.collect_schema())
        there = drawn.filter(pl.col("founded_on") <= self.drawing.on)
        return there.select(self.stored(name, type_, name in made) for name, type_ in self.types.items())

    def stored(self, name: str, type_: pl.DataType, is_made: bool) -> pl.Expr:
        if not is_made:
            return pl.lit(None, dtype=type_).alias(name)
        value = pl.col(name)
        if name.partition("_prev")[0].endswith("_yuan"):
            value = _rounded(value, 100)  # offices report in 万元 with two places
        return value.cast(type_)

    def bounded(self) -> dict[str, pl.Expr]:
        """Who keeps within the bounds of a title: its holders of the latest year, so that years agree."""
        titles = self.invention.titles.items()
        return self.bounds.holders({id_: self.truth(id_, leaning, 0) for id_, leaning in titles})

    def kind(self) -> dict[str, pl.Expr]:
        """The line of business and the area, with the multipliers of the line."""
        lines: Mapping[str, InventedLine] = {line.industry_code: line for line in self.invention.lines}
        code = chance.one_of(self.uniform("line"), list(lines), [line.weight for line in lines.values()], pl.String())
        areas = {area.id: area for area in self.city.reporting_areas(self.city.area_id or "")}
        weights = [
            self.published(self.invention.area_weights_id, self.invention.area_weights_period, id_) for id_ in areas
        ]
        return {
            "industry_code": code,
            "area_id": chance.one_of(self.uniform("area"), list(areas), weights, pl.String()),
        }

    def of_line(self, field: str) -> pl.Expr:
        values = {line.industry_code: float(getattr(line, field)) for line in self.invention.lines}
        return pl.col("industry_code").replace_strict(list(values), list(values.values()), return_dtype=pl.Float64)

    def age(self) -> dict[str, pl.Expr]:
        days = (self.amount("age_years") * 365.25).cast(pl.Int32)
        return {"founded_on": (pl.lit(self.drawing.day) - pl.duration(days=days)).cast(pl.Date)}

    def incomes(self) -> dict[str, pl.Expr]:
        """Revenue year by year, back from the latest: its level by the published share of firms above scale."""
        plan = self.invention
        industry = [line for line in plan.lines if line.industry_code[0] in "123"]
        share_of_industry = sum(line.weight for line in industry) / sum(line.weight for line in plan.lines)
        above = self.published(plan.above_scale_id, plan.above_scale_period) / plan.universe / share_of_industry
        centre = log10(plan.above_scale_yuan) - NormalDist().inv_cdf(1 - above) * plan.revenue_spread
        level = pl.col("z") * (plan.revenue_spread * log(10)) + centre * log(10)
        level = self.bounds.amount("revenue_yuan", level.exp()).log()
        found: dict[str, pl.Expr] = {"latest": level.exp()}
        for back in range(self.drawing.years_back + _YEARS):
            if back >= self.drawing.years_back:
                year = self.drawing.figures_year - back
                was_there = pl.col("founded_on").dt.year() <= year
                found[columns.year_column("revenue_yuan", back - self.drawing.years_back)] = pl.when(was_there).then(
                    level.exp()
                )
            pace = pl.col("g") * 0.6 + self.normal(f"pace/{back}") * 0.8
            level = level - self.bounds.amount("growth", pace * plan.growth_spread + plan.growth_mean)
        return found

    def each_year(self, name: str, years: int, value: pl.Expr) -> dict[str, pl.Expr]:
        """`value` times the revenue of each year, with a little chance of its own every year."""
        made = {}
        for back in range(years):
            wobble = self.uniform(f"{name}/{back + self.drawing.years_back}") * 0.2 + 0.9
            made[columns.year_column(name, back)] = pl.col(columns.year_column("revenue_yuan", back)) * value * wobble
        return made

    def staff(self) -> dict[str, pl.Expr]:
        per_head = self.amount("per_head_yuan") * self.of_line("per_head")
        per_head = pl.col("latest") / self.bounds.amount("employees", pl.col("latest") / per_head)
        return {name: value.ceil() for name, value in self.each_year("employees", 4, 1 / per_head).items()}

    def accounts(self) -> dict[str, pl.Expr]:
        revenue = pl.col("revenue_yuan")
        own_share = 1 - self.amount("other_revenue_ratio")
        made = self.each_year("assets_yuan", 3, self.amount("assets_to_revenue"))
        margin = 1 - self.amount("cost_ratio")
        for back in range(4):
            now = pl.col(columns.year_column("revenue_yuan", back))
            made[columns.year_column("main_revenue_yuan", back)] = now * own_share
            made[columns.year_column("sales_revenue_yuan", back)] = now
            made[columns.year_column("net_profit_yuan", back)] = (
                now * (margin + (self.uniform(f"margin/{back + self.drawing.years_back}") - 0.5) * 0.07) * 0.8
            )
            if back < 3:
                made[columns.year_column("total_cost_yuan", back)] = now * (1 - margin)
        made |= self.each_year("tax_yuan", 3, self.amount("tax_ratio"))
        made |= self.each_year("hightech_revenue_yuan", 3, (self.amount("hightech_share") * 0.8).clip(upper_bound=0.85))
        made |= self.each_year("leading_product_revenue_yuan", 3, self.amount("leading_product_share") * 0.8)
        made["output_yuan"] = pl.when(pl.col("industry_code") < "4").then(revenue * 1.02)
        made["has_sharp_revenue_fall"] = self.said(revenue < pl.col("revenue_yuan_prev1") * 0.7, "fall", 5)
        made["land_mu"] = self.amount("land_mu_per_100m") * revenue / 1e8
        made["energy_tce"] = self.amount("energy_tce_per_100m") * revenue / 1e8
        return made

    def research(self) -> dict[str, pl.Expr]:
        ratio = self.bounds.amount("rd_to_revenue", self.amount("rd_ratio") * self.of_line("rd")).clip(upper_bound=1.5)
        made = self.each_year("rd_expense_yuan", 4, ratio)
        for back in range(3):
            total = pl.col(columns.year_column("assets_yuan", back))
            owed = total * self.amount("debt_ratio")
            made[columns.year_column("liabilities_yuan", back)] = owed
            made[columns.year_column("net_assets_yuan", back)] = total - owed
            made[columns.year_column("transformations", back)] = self.amount("transformations").floor()
        technical = self.amount("tech_staff_ratio") * (self.of_line("rd") + 1) / 2
        technical = self.bounds.amount("tech_to_staff", technical)
        for back in range(2):
            heads = pl.col(columns.year_column("employees", back))
            made[columns.year_column("tech_staff", back)] = (heads * technical.clip(upper_bound=0.95)).floor()
            made[columns.year_column("rd_staff", back)] = (
                heads * technical.clip(upper_bound=0.95) * self.amount("rd_staff_share")
            ).floor()
        return made

    def holders(self) -> dict[str, pl.Expr]:
        return {f"t_{id_}": self.truth(id_, leaning) for id_, leaning in self.invention.titles.items()}

    def titles(self) -> dict[str, pl.Expr]:
        """Who holds what, a title bringing those it implies; and the days until which certificates run."""
        own = {id_: pl.col(f"t_{id_}") for id_ in self.invention.titles}
        for id_, leaning in self.invention.titles.items():
            for implied in leaning.implies:
                own[implied] = own[implied] | pl.col(f"t_{id_}")
        listed = pl.concat_list([pl.when(holds).then(pl.lit(id_)) for id_, holds in own.items()]).list.drop_nulls()
        made = {"titles": listed, "has_hnte_certificate": own["hnte"]}
        year = self.drawing.on.year
        turn = (self.uniform("certificate") * 3).cast(pl.Int32)
        made["hnte_valid_to"] = pl.when(own["hnte"]).then(pl.date(year + (turn - year) % 3, 12, 31))
        domestic = self.amount("domestic_share")
        for back in range(3):
            spent = pl.col(columns.year_column("rd_expense_yuan", back))
            made[columns.year_column("rd_expense_domestic_yuan", back)] = spent * domestic
        for back in range(4):
            spent = pl.col(columns.year_column("rd_expense_yuan", back))
            made[columns.year_column("st_activity_expense_yuan", back)] = spent * self.amount("st_activity_to_rd")
        return made

    def rights(self) -> dict[str, pl.Expr]:
        first = self.amount("ip_class1").floor()
        return {
            "ip_class1": first,
            "ip_class2": self.amount("ip_class2").floor(),
            "ip_class1_own": (first * self.amount("ip_class1_own_share")).floor(),
            "ip_class1_high_value": (first * 0.2).floor(),
            "invention_patents": first,
            "standards_led": self.amount("standards_led").floor(),
            "is_in_key_field": self.bounds.truth(
                "is_in_key_field", self.uniform("field") * 100 < self.of_line("key_field_pct") + pl.col("i") * 10
            ),
        }

    def finance(self) -> dict[str, pl.Expr]:
        plan = self.invention.truths
        backed = self.truth("has_private_investment", plan["has_private_investment"])
        is_listed = self.truth("is_listed", plan["is_listed"])
        board = chance.one_of(
            self.uniform("board"), ["main", "gem", "star", "bse", "overseas"], [40, 22, 20, 8, 10], pl.String()
        )
        value = pl.when(backed).then(pl.col("revenue_yuan") * self.amount("valuation_to_revenue") / 7)
        raised = pl.when(backed).then(self.amount("equity_financing_yuan")).when(backed.is_not_null()).then(0.0)
        return {
            "has_private_investment": backed,
            "listing": pl.when(is_listed).then(board).otherwise(pl.lit("none")),
            "valuation_usd": _rounded(value, 1000),
            "cumulative_financing_usd": _rounded(value * 0.25, 1000),
            "equity_financing_yuan": raised,
            "equity_financing_yuan_prev1": raised * 0.4,
            "industrial_minority_investment_yuan": self.amount("minority_investment_yuan"),
        }

    def market(self) -> dict[str, pl.Expr]:
        years = (pl.lit(self.drawing.on) - pl.col("founded_on")).dt.total_days() / 365.25
        rank = self.amount("market_rank").ceil()
        return {
            "niche_years": (years * self.amount("niche_years_share")).floor(),
            "market_share_pct": self.amount("market_share_pct").round(1),
            "market_rank": rank,
            "global_market_rank": rank * 3,
            "it_supported_functions": self.amount("it_supported_functions").floor(),
            "digital_level": self.amount("digital_level").floor().clip(lower_bound=1),
            "srdi_eval_score": self.amount("srdi_eval_score").round(1),
        }

    def identity(self) -> dict[str, pl.Expr]:
        letters = list(dict.fromkeys(self.invention.trade_characters))
        trade = [
            chance.one_of(self.uniform(f"trade/{at}"), letters, [1] * len(letters), pl.String()) for at in range(3)
        ]
        areas = {area.id: area.short_name or area.name for area in self.city.reporting_areas(self.city.area_id or "")}
        place = pl.col("area_id").replace_strict(list(areas), list(areas.values()), return_dtype=pl.String)
        city = self.city.areas[self.city.area_id or ""]
        here = pl.when(self.uniform("prefix") < 0.6).then(pl.lit(city.short_name or city.name)).otherwise(place)
        words = {line.industry_code: line.words for line in self.invention.lines}
        business = pl.coalesce(
            pl.when((pl.col("industry_code") == code) & (self.uniform("word") * len(said) < at + 1)).then(pl.lit(word))
            for code, said in words.items()
            for at, word in enumerate(said)
        )
        is_joint = pl.col("listing") != "none"
        form = pl.when(is_joint).then(pl.lit("股份有限公司")).otherwise(pl.lit("有限公司"))
        return {
            "name": pl.concat_str(here, *trade, business, pl.lit(self.invention.name_mark), form),
            "legal_form": pl.when(is_joint).then(pl.lit("joint_stock")).otherwise(pl.lit("limited")),
            "ownership": chance.one_of(
                self.uniform("owner"), ["state", "private", "hmt", "foreign"], [3, 75, 8, 14], pl.String()
            ),
            "status": pl.lit("active"),
            "is_registered_in_mainland": pl.lit(True),
            "headquarters_area_id": pl.col("area_id"),
            "registered_capital_yuan": self.amount("registered_capital_yuan"),
        }

    def scope(self) -> dict[str, pl.Expr]:
        return {"business_scope": self.said(invented_scopes.scope(self.invention, self.uniform), "scope",
                                            self.invention.scope_missing_pct)}  # fmt: skip

    def conduct(self) -> dict[str, pl.Expr]:
        drawn_already = ("has_private_investment", "is_listed")
        made = {
            name: self.truth(name, leaning)
            for name, leaning in self.invention.truths.items()
            if name not in drawn_already
        }
        made["has_maker_china_top50"] = made["has_maker_china_top500"] & (self.uniform("top50") < 0.1)
        made["national_st_award_rank"] = pl.when(made["has_national_st_award"]).then(
            (self.uniform("award") * 6).cast(pl.Int32) + 1
        )
        made["has_construction_qualification"] = pl.col("industry_code").str.starts_with("48")
        made["has_real_estate_business"] = pl.lit(False)
        made["is_in_excluded_industry"] = pl.lit(False)
        return made


def _rounded(value: pl.Expr, step: int) -> pl.Expr:
    return (value / step).round() * step
