"""How an invented register is drawn: firms that do not exist, in proportion to what was published of those that do."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from jiqun.packs.schema.concept import Concept, Sourced


class Drawn(Concept):
    """A positive amount: median × e^(spread × chance + innovation × I + size × Z + growth × G), at most `max`.

    I, Z and G are the firm's own, normally distributed; `missing_pct` of the firms do not say.
    """

    median: float = Field(gt=0)
    spread: float = Field(default=0, ge=0)
    innovation: float = 0
    size: float = 0
    growth: float = 0
    max: float | None = None
    missing_pct: float = Field(default=0, ge=0, le=100)


class Leaning(Concept):
    """A truth for a share of the firms, those before the others whose I, Z, G and chance weigh most.

    The share is `share_pct`, or a published count (`indicator_id`, `period`) over the universe. `implies`: further
    titles that go with it. `yearly_growth_pct`: how much faster than the register the count grew year by year.
    """

    share_pct: float | None = None
    indicator_id: str | None = None
    period: str = ""
    innovation: float = 0
    size: float = 0
    growth: float = 0
    implies: tuple[str, ...] = ()
    yearly_growth_pct: float = 0
    missing_pct: float = Field(default=0, ge=0, le=100)


BOUND = ("revenue_yuan", "employees", "growth", "rd_to_revenue", "tech_to_staff")  # besides `amounts`
BOUND_TRUTHS = ("is_in_key_field",)  # besides `truths`


class InventedTitle(Leaning):
    """Who holds a title, and what holders show: `amounts` from [least, most] (null: no bound) and `truths`, so that
    they meet the title's rule. `missed_pct` of them are not held to it: those are what a re-check finds.

    `amounts` are those of the file, and besides `revenue_yuan`, `employees`, `growth` (of a year, as a power of e),
    `rd_to_revenue`, `tech_to_staff`; what a figure wobbles from year to year comes on top (a tenth).
    """

    amounts: dict[str, tuple[float | None, float | None]] = Field(default_factory=dict)
    truths: dict[str, bool] = Field(default_factory=dict)
    missed_pct: float = Field(default=0, ge=0, le=100)


class DrawnLists(Concept):
    """The lists of a title, drawn from who holds it year by year: `published` is their month and day.

    `renewal`: what a list that grants again is called. `until`: a column with the last day of each firm's grant, where
    the register has it. `lapsed_pct`, `revoked_pct`: firms that held it once and no more, as a share of its holders.
    `pooled_pct`, `cultivated_pct`: of those recognised, how many stood in the pool two years, in cultivation one year
    before; as many again stand there and are not recognised yet. `damaged_pct`: names of the latest list that are not
    printed as the register has them.
    """

    published: str = Field(pattern=r"\d\d-\d\d")
    renewal: Literal["recognised", "rechecked"] = "recognised"
    until: str = ""
    lapsed_pct: float = Field(default=0, ge=0, le=100)
    revoked_pct: float = Field(default=0, ge=0, le=100)
    pooled_pct: float = Field(default=0, ge=0, le=100)
    cultivated_pct: float = Field(default=0, ge=0, le=100)
    damaged_pct: float = Field(default=0, ge=0, le=100)


class InventedLife(Concept):
    """What befell firms within a year: shares that moved, took a new name, or went into another firm; `doubled_pct` are
    entered in the latest year under another firm's name, district and line.

    `former_word` stands in the name that a renamed firm had.
    """

    moved_pct: float = Field(default=0, ge=0, le=100)
    renamed_pct: float = Field(default=0, ge=0, le=100)
    merged_pct: float = Field(default=0, ge=0, le=100)
    doubled_pct: float = Field(default=0, ge=0, le=100)
    former_word: str = Field(min_length=1)


class InventedLine(Concept):
    """A line of business: its share of the firms, words for names, and multipliers of what is usual elsewhere."""

    industry_code: str  # GB/T 4754
    weight: float = Field(gt=0)
    words: tuple[str, ...] = Field(min_length=1)
    rd: float = 1
    per_head: float = 1
    key_field_pct: float = Field(default=50, ge=0, le=100)
    scopes: tuple[str, ...] = ()  # clauses of business scopes, one or two for each firm; none: it does not say


class InventedPark(Concept):
    """A park that does not exist: `share_pct` of the firms of its area, of `industry_codes` alone where there are any,
    stand within `radius_m` of its middle, densest there.
    """

    name: str
    area_id: str
    longitude: float = Field(ge=-180, le=180)
    latitude: float = Field(ge=-90, le=90)
    radius_m: float = Field(gt=0)
    share_pct: float = Field(gt=0, le=100)
    industry_codes: tuple[str, ...] = ()


class InventedTown(Concept):
    """A box, in degrees, within which firms of an area stand that are in none of its parks."""

    area_id: str
    west: float
    south: float
    east: float
    north: float


class InventedPlaces(Concept):
    """Where invented firms stand: in parks, the first that takes a firm has it, else anywhere in a town of its area.

    `missing_pct` have no coordinates; `datum` is what the others are given in, an id of the attribute's values.
    """

    datum: str
    missing_pct: float = Field(default=0, ge=0, le=100)
    parks: tuple[InventedPark, ...] = ()
    towns: tuple[InventedTown, ...] = ()


class Invention(Sourced):
    """The file `invented.yaml`. `universe`: how many firms the register stands for; counts are scaled by it.

    `division_digits` stand in every code and must be of no division there is; `name_mark` stands in every name.
    Areas share the firms by the published figure `area_weights_id` of `area_weights_period`.
    """

    universe: int = Field(gt=0)
    division_digits: str = Field(pattern=r"\d{6}")
    name_mark: str = Field(min_length=1)
    trade_characters: str = Field(min_length=20)
    area_weights_id: str
    area_weights_period: str
    above_scale_id: str  # its count over the universe is the share of firms above `above_scale_yuan` of revenue
    above_scale_period: str
    above_scale_yuan: float
    revenue_spread: float  # of the decimal logarithm
    growth_mean: float
    growth_spread: float
    scope_mark: str = ""  # stands at the end of every invented business scope
    scope_missing_pct: float = Field(default=0, ge=0, le=100)
    lines: tuple[InventedLine, ...] = Field(min_length=1)
    titles: dict[str, InventedTitle]  # tier id → who holds it
    amounts: dict[str, Drawn]
    truths: dict[str, Leaning]  # column → for whom it is true
    life: InventedLife | None = None
    places: InventedPlaces | None = None
    lists: dict[str, DrawnLists] = Field(default_factory=dict)  # tier id, of `titles`
