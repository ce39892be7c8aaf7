"""Forms (报表): what is asked of whom and when, how answers are checked, and how they add up from level to level."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from pydantic import Field

from jiqun.model.purposes import Purpose
from jiqun.packs.schema.areas import AreaLevel
from jiqun.packs.schema.concept import Concept, Sourced
from jiqun.packs.schema.indicators import Indicator

ColumnKind = Literal["current", "year_to_date", "same_period", "same_period_ytd"]
FormGrain = Literal["month", "quarter", "half", "year"]
SOURCES = ("last", "year_ago", "upper")  # words in front of a name in a check
ITEMS = "items"  # and behind it: the sum of its parts
FieldId = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"  # no two underscores in a row: they part a name of the rule language


class Respondents(Concept):
    """Who reports: the firms of a register that `where` holds for, the areas of some levels, or named bodies.

    `where` is a rule over the register's columns; `place_column` is the column that says in which area a firm stands,
    the lowest that is known. `reporting_only`: of the areas only those that send figures of their own (`reports`).
    `intake` says how answers arrive: `direct`: each respondent files its own, and nobody
    else can; `delivered`: they file on another platform (`delivered_by`), whose export is taken over whole.
    """

    kind: Literal["firms", "areas", "bodies"]
    register_id: str | None = None
    where: str = ""
    place_column: str = "area_id"
    area_levels: tuple[AreaLevel, ...] = ()
    reporting_only: bool = False
    body_ids: tuple[str, ...] = ()
    intake: Literal["direct", "delivered"] = "direct"
    delivered_by: str = ""


class FormLevel(Concept):
    """A step of the ladder that returns climb: the areas of `area_levels` each decide on what comes from inside them.

    `reporting_only`: of these only areas that send figures of their own (`reports`). `review_days`: calendar days a
    step has for its decision; after them the return is told as waiting too long, and nothing else happens to it.
    """

    id: str = Field(pattern=FieldId)
    name: str
    name_en: str = ""
    area_levels: tuple[AreaLevel, ...] = Field(min_length=1)
    reporting_only: bool = False
    review_days: int = Field(3, ge=1)


class Schedule(Concept):
    """Calendar days after the last day of the period: when a round opens, is due, and locks; holidays move nothing.

    `opens` may be negative. `without` are numbers of periods within the year that have no round: 1 in a monthly form
    leaves January out.
    """

    opens: int = 1
    due: int
    locks: int
    without: tuple[int, ...] = ()


class FormColumn(Concept):
    """A column of the grid; `name` is its printed head (本月, 1—本月 …), `group` what neighbours share above it."""

    kind: ColumnKind
    name: str
    group: str = ""
    name_en: str = ""


class Breakdown(Concept):
    """The parts a field is asked for: clusters of `series`' edition in force at the end of the period, or industries.

    `cluster_ids` or `gb_codes` name some of them only. With `with_total` the field has a cell of its own above its
    parts. `may_overlap`: one respondent's parts may add up to more than its total. Parts are never required.
    """

    by: Literal["cluster", "industry"]
    series: str = ""
    cluster_ids: tuple[str, ...] = ()
    gb_codes: tuple[str, ...] = ()
    with_total: bool = True
    may_overlap: bool = False


class RollUp(Concept):
    """How an upper level follows from the returns below it.

    `sum`; `ratio`: sum of `numerator` over sum of `denominator`, times `scale`; `mean`: weighted by the field
    `weight`; `none`: no total is ever shown. The named ones are fields of the same form, in the same column.
    """

    kind: Literal["sum", "ratio", "mean", "none"] = "sum"
    numerator: str = ""
    denominator: str = ""
    scale: Decimal = Decimal(1)
    weight: str = ""


class FormField(Sourced):
    """A row of the grid: an indicator asked for in `unit` with at most `digits` decimal places.

    `name` is the printed one and `unit` the printed unit; both default to the indicator's. `code` is the printed row
    code (代号). `indent` sets it in under the row above (其中). `columns` are those that it is asked in; empty: all.
    Unless `may_be_negative` a value below 0 is refused. `share_of_series`: the percentage of the firm's figures that it
    says belongs to the derived industry of that series. `values` turns it into a choice: id → label, and `kind` text
    into words; neither is added up.
    """

    id: str = Field(pattern=FieldId)
    code: str
    name: str = ""
    name_en: str = ""
    indicator_id: str | None = None
    kind: Literal["number", "text"] = "number"
    unit: str = ""
    digits: int = Field(0, ge=0, le=6)
    indent: int = Field(0, ge=0, le=4)
    breakdown: Breakdown | None = None
    columns: tuple[ColumnKind, ...] = ()
    is_required: bool = True
    may_be_negative: bool = False
    share_of_series: str = ""
    values: dict[str, str] = Field(default_factory=dict)
    roll_up: RollUp = RollUp()

    def printed_name(self, indicators: Mapping[str, Indicator]) -> str:
        known = indicators.get(self.indicator_id or "")
        return self.name or (known.name if known else self.id)

    def printed_unit(self, indicators: Mapping[str, Indicator]) -> str:
        known = indicators.get(self.indicator_id or "")
        return self.unit or (known.unit if known else "")


class FormCheck(Sourced):
    """A relation that answers must satisfy (审核关系): a rule over cells that is true of a sound return.

    `hard` bars a return, `soft` wants a written explanation. Names in the rule: `output` is the field's cell in the
    first column, `output__year_to_date` in another, `output__items` the sum of the parts that were given. With
    `columns` the rule is held in each of them in turn, and a name without a column means the one it is held in; with
    `items_of`, a field, it is held in each part of that field, which its name then means. In front may stand `last__`
    (the same respondent, the period before), `year_ago__` (the same period of the year before), `upper__` (total of
    the lowest area that decides on the return, in the period before), or the id of another form and `__`: its figure
    for the period that ends on the same day, of the same respondent, or where an area answers for a form that others
    fill in, the total of that area.
    """

    id: str = Field(pattern=FieldId)
    rule: str
    level: Literal["hard", "soft"]
    message: str
    columns: tuple[ColumnKind, ...] = ()
    items_of: str = ""


class Coverage(Concept):
    """When a total is a number: at least `respondents_pct` of those who owe a return are in it.

    `weight_pct` decides instead where it is given and last period's figures are known: the share of last period's
    total that those in it had.
    """

    respondents_pct: Decimal = Field(Decimal(100), gt=0, le=100)
    weight_pct: Decimal | None = Field(None, gt=0, le=100)


class Published(Concept):
    """Which totals become figures of the ledger, which every reader sees: those of levels `levels`, of at least
    `least` returns, so that a figure does not lead back to one respondent. Without levels nothing is published.
    """

    levels: tuple[str, ...] = ()
    least: int = Field(3, ge=1)


class Form(Sourced):
    """One file of `forms/`. `number` to `valid_until` are the statutory head (表号、制定机关、批准/备案文号、有效期至).

    `valid_until` is the form's last day: after it no round can be opened. `is_invented`: made up for a demo; every
    other form has its approval's number. `levels` run from the lowest up. `foot` are the lines to sign (单位负责人 …).
    """

    id: str = Field(pattern=FieldId)
    name: str
    name_en: str = ""
    number: str
    issuer_id: str  # the body that made the form
    approval: Literal["approved", "filed"] = "approved"  # 批准 or 备案
    approved_by: str = ""
    approval_number: str = ""
    valid_from: datetime.date | None = None
    valid_until: datetime.date
    is_invented: bool = False
    purpose: Purpose
    legal_basis: str = ""
    grain: FormGrain
    respondents: Respondents
    levels: tuple[FormLevel, ...] = Field(min_length=1)
    schedule: Schedule
    columns: tuple[FormColumn, ...] = Field(min_length=1)
    fields: tuple[FormField, ...] = Field(min_length=1)
    checks: tuple[FormCheck, ...] = ()
    coverage: Coverage = Coverage()
    published: Published = Published()
    instructions: tuple[str, ...] = ()  # 填报说明
    foot: tuple[str, ...] = ()

    def columns_of(self, field: FormField) -> tuple[ColumnKind, ...]:
        """The columns that a field is asked in, in printed order."""
        return tuple(column.kind for column in self.columns if not field.columns or column.kind in field.columns)
