"""Tiers of firms (梯度): which clauses a firm must meet, by edition, with the points tables some editions use."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from jiqun.packs.schema.concept import Concept, Confidence, Sourced


def _typed(value: object) -> object:
    """A scalar of a file, which is text until now, as the truth value or number it spells."""
    if isinstance(value, str) and value in ("true", "false"):
        return value == "true"
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Decimal(value)
    return value


_NUMBER = re.compile(r"-?\d+(\.\d+)?")
Value = Annotated[bool | Decimal | str, BeforeValidator(_typed)]
Points = Decimal | Annotated[tuple[Decimal, ...], Field(min_length=2, max_length=2)]  # [low, high]: an expert chooses


class Metric(Sourced):
    """One entry of `metrics.yaml`: a datum of a firm that clauses speak of; `unit` is the one people print it in.

    How it comes from the register's columns is said by one of these; a metric with none is a column of its own name:
    `formula`, a rule over columns of the last finished year (`on` is the day of judging, `tier_area` the areas of the
    tier's own); `since`, a date column from which whole years are counted; `year_of`, a date column whose year it is;
    `list_column`, a column of lists; `smaller_than`, a size class that the firm does not reach by the tier whose bands
    are in force on the day (unknown of a firm in whose line of business there are no classes).
    """

    id: str
    name: str
    kind: Literal["number", "boolean", "text", "date", "list"] = "number"
    unit: str = ""
    definition: str = ""
    formula: str = ""
    since: str = ""
    year_of: str = ""
    list_column: str = ""
    smaller_than: Literal["", "medium", "large"] = ""


class LegalBasis(Concept):
    title: str
    number: str | None = None  # 文号
    date: datetime.date | None = None
    issuers: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    confidence: Confidence = Confidence.HIGH
    note: str = ""


class Over(Concept):
    """The years a clause looks at, the last finished one first.

    `each`: it holds in each of them; `total`, `average`: of the sum (of a ratio: sum by sum), of the mean;
    `compound`: growth a year, compounded, against the figure so many years back; `before`: of the year so many back.
    `since`, for totals: a date column; years that had ended before that day do not count (按实际经营年限计算).
    """

    how: Literal["each", "total", "average", "compound", "before"]
    years: int = Field(ge=1, le=9)
    since: str = ""


class Condition(Sourced):
    """A clause: `metric op value`, for firms of `gb_prefixes` (all firms when empty) and only where `when` holds.

    A firm outside of these does not meet the clause. `op` `between` has both ends in; `in` takes a list; `text` is a
    clause that a person must judge, worded in `text`. `window` is for people, `over` says the same to the machine.
    """

    id: str
    name: str = ""
    metric: str
    op: Literal[">=", ">", "<=", "<", "==", "!=", "in", "between", "text"]
    value: Value | tuple[Value, ...] | None = None
    unit: str = ""
    window: str = ""  # 上年度、近2年每年 …
    over: Over | None = None
    when: str = ""  # a rule over metrics: revenue < 1000万元
    when_text: str = ""  # the same for a person, where no rule can say it
    text: str = ""
    article: str = ""
    group: str = ""  # 专、精、特、新 …
    gb_prefixes: tuple[str, ...] = ()  # A section letter or the first digits of a code


class Node(Concept):
    """A node of the rule tree: exactly one of `all`, `any`, `cond`, `score`.

    `score` names a points table that must reach `min` (or exceed `min_exclusive`), and in its parts `min_parts`.
    """

    all: tuple[Node, ...] | None = None
    any: tuple[Node, ...] | None = None
    cond: str | None = None
    score: str | None = None
    min: Decimal | None = None
    min_exclusive: Decimal | None = None
    min_parts: dict[str, Decimal] = Field(default_factory=dict)


class Level(Concept):
    """A step of a points table: `min` is in (unless exclusive), `max` is out; or a `when` rule; or `text` to judge."""

    points: Points
    min: Decimal | None = None
    min_exclusive: Decimal | None = None
    max: Decimal | None = None
    when: str = ""
    text: str = ""


class ScoreOption(Concept):
    metric: str
    unit: str = ""
    levels: tuple[Level, ...]


class ScoreItem(Concept):
    """A line of a points table. `levels` are tried in order; `options`: the best of several metrics counts."""

    id: str
    name: str
    max: Decimal
    part: str | None = None
    metric: str | None = None
    unit: str = ""
    levels: tuple[Level, ...] = ()
    options: tuple[ScoreOption, ...] = ()
    choices: tuple[str, ...] = ()  # `per_choice` points for each that a person ticks
    per_choice: Decimal | None = None
    is_local: bool = False  # set by the province
    text: str = ""
    confidence: Confidence = Confidence.HIGH
    note: str = ""


class ScorePart(Concept):
    id: str
    name: str
    max: Decimal


class ScoreTable(Concept):
    id: str
    max: Decimal
    parts: tuple[ScorePart, ...] = ()
    items: tuple[ScoreItem, ...] = Field(min_length=1)
    text: str = ""


class SizeBand(Sourced):
    """Lower limits of large, medium and small for one line of business; `limits` maps metric → class → limit."""

    name: str
    gb_prefixes: tuple[str, ...]
    limits: dict[str, dict[Literal["large", "medium", "small"], Decimal]]


class TierVersion(Sourced):
    """One edition. `effective_to` is its last day, as documents print it; None: in force, or start not known.

    `rule` None: the thresholds are not known and no firm can be judged. `bands` serve size classes only.
    """

    version: str
    effective_from: datetime.date | None = None
    effective_to: datetime.date | None = None
    legal_basis: tuple[LegalBasis, ...] = ()
    rule: Node | None = None
    conditions: tuple[Condition, ...] = ()
    score_tables: tuple[ScoreTable, ...] = ()
    bands: tuple[SizeBand, ...] = ()
    units: dict[str, str] = Field(default_factory=dict)  # of the bands' metrics
    definitions: dict[str, str] = Field(default_factory=dict)
    changes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Counted(Concept):
    """The indicators that count a tier's firms. Each kind of count is an indicator of its own, and so is each tier's.

    `stock_id`: valid at the end of the year; `granted_id`: recognised in the year, recognised again included;
    `entered_id`: of these who did not hold it before; `net_id`: change of the stock; `cumulative_id`: all ever, once.
    """

    stock_id: str | None = None
    granted_id: str | None = None
    entered_id: str | None = None
    net_id: str | None = None
    cumulative_id: str | None = None


class Tier(Sourced):
    """One file of `tiers/`. Schemes of different issuers are tiers of their own: their counts never add up.

    What is granted lasts `validity_years`, to the day before its anniversary or to the end of the last year
    (`validity_ends`); without end where no years are given.
    """

    id: str
    name: str
    name_en: str = ""
    level: Literal["national", "provincial", "municipal", "zone", "market"]
    issuer: str = ""
    subject: Literal["firm", "cluster"] = "firm"  # what is judged
    area_id: str | None = None
    prerequisite_ids: tuple[str, ...] = ()
    validity_years: int | None = Field(None, ge=1)
    validity_ends: Literal["anniversary", "year_end"] = "anniversary"
    validity_text: str = ""
    counted: Counted = Counted()
    versions: tuple[TierVersion, ...] = Field(min_length=1)


class Ladder(Sourced):
    """One entry of `ladders.yaml`: tiers from the lowest step up; tiers of one step stand side by side."""

    id: str
    name: str
    steps: tuple[tuple[str, ...], ...]  # tier ids
    legal_basis: tuple[LegalBasis, ...] = ()
