"""Subsidies (奖补): what firms of a tier are paid, at most how much, and how a budget is shared where it runs out."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Literal

from pydantic import Field

from jiqun.packs.schema.concept import Concept, Sourced
from jiqun.packs.schema.tiers import LegalBasis


class Payment(Sourced):
    """Paid to each firm of the tier: `amount`, or `rate_pct` of the register's column `of`; at most `cap`.

    `basis`: `granted`: firms recognised in the year; `holds`: those whose title is valid on the day; `meets`: those
    that meet the tier's rule. Of the payments with one `group` a firm gets the highest only (就高不重复). `amount` and
    `cap` are in `unit`.
    """

    id: str
    name: str
    tier_id: str
    basis: Literal["granted", "holds", "meets"] = "granted"
    amount: Decimal | None = Field(None, gt=0)
    rate_pct: Decimal | None = Field(None, gt=0, le=100)
    of: str = ""
    cap: Decimal | None = Field(None, gt=0)
    unit: str = "万元"
    group: str = ""
    article: str = ""


class Budget(Concept):
    year: int
    amount: Decimal = Field(ge=0)
    unit: str = "万元"


class SubsidyScheme(Sourced):
    """One file of `subsidies/`. `effective_to` is its last day. `is_pro_rata`: where the budget of a year is exceeded
    every firm is cut by the same ratio; else the excess is told and nobody cut. `is_invented`: made up for a demo;
    all others name their source.
    """

    id: str
    name: str
    level: Literal["national", "provincial", "municipal", "district", "zone"]
    issuer: str = ""
    area_id: str | None = None
    effective_from: datetime.date
    effective_to: datetime.date | None = None
    is_invented: bool = False
    is_pro_rata: bool = False
    legal_basis: tuple[LegalBasis, ...] = ()
    budgets: tuple[Budget, ...] = ()
    payments: tuple[Payment, ...] = Field(min_length=1)
