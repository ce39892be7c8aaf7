"""How invented returns of the folder's forms are drawn and played: areas' figures that add up to published totals."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from jiqun.packs.schema.concept import Concept, Sourced

HappeningKind = Literal[
    "unit_slip", "copied", "negative", "impossible", "explained", "late", "missing", "revised"
]  # fmt: skip


class InventedAmounts(Concept):
    """A field's total in the city: of a published indicator, or `share` of the field `share_of`.

    A flow's yearly totals are parted among the months by `months`, twelve weights; of a stock (`is_stock`) the
    published ends of periods are points of a line. A year or end that nothing was published of is interpolated, and
    told so. `spread` is how much an area's share differs from the city's, at most.
    """

    indicator_id: str | None = None
    share_of: str = ""
    share: float = Field(default=0, ge=0)
    is_stock: bool = False
    months: tuple[float, ...] = ()
    spread: float = Field(default=0, ge=0, lt=1)


class Happening(Concept):
    """What goes wrong, or needs words, in one area's return of one period.

    `unit_slip`: the fields are sent `factor` times too large, given back, sent right. `copied`: last period's are
    sent, given back, sent right. `negative`, `impossible`: sent with the wrong sign, or `factor` times too large, and
    refused. `explained`: what is unusual but true (this period's, times `factor`), with `words` to the questions.
    `late`: `days` after it was due. `missing`: never sent. `revised`: `factor` times the right ones stand until
    `days` after locking. `words` are the explanation or reason.
    """

    kind: HappeningKind
    period: str
    area_id: str
    fields: tuple[str, ...] = ()
    factor: float = 1
    days: int = Field(default=0, ge=0)
    words: str = Field(min_length=1)


class InventedRounds(Concept):
    """The rounds of one form: from `first` to `last`, the fields' amounts, and what happens.

    `shares` are the parts' shares of their field: cluster id → at most 1 together within an edition.
    """

    first: str
    last: str
    fields: dict[str, InventedAmounts] = Field(min_length=1)
    shares: dict[str, float] = Field(default_factory=dict)
    happenings: tuple[Happening, ...] = ()


class InventedFirmAmounts(Concept):
    """A field's figure of a firm: `share` of what the register says of it in `column`, of the field `share_of`, or of
    `amount`, in the field's unit.

    `spread` is how much a firm's share differs from it, at most. `empty_pct` of the firms leave it empty.
    """

    column: str = ""
    share_of: str = ""
    amount: float | None = Field(default=None, gt=0)
    share: float = Field(default=1, gt=0)
    spread: float = Field(default=0, ge=0, lt=1)
    empty_pct: float = Field(default=0, ge=0, lt=100)


class InventedFirmRounds(Concept):
    """The rounds of a form that firms file on another platform: from `first` to `last`, each delivered whole.

    `missing_pct` of the firms never answer. In the last round the fields of `jump` are `factor` times as large in
    `jump_pct` of the firms, half of which say `words` to what is asked about it.
    """

    first: str
    last: str
    fields: dict[str, InventedFirmAmounts] = Field(min_length=1)
    missing_pct: float = Field(default=0, ge=0, lt=100)
    jump: tuple[str, ...] = ()
    jump_pct: float = Field(default=0, ge=0, lt=100)
    factor: float = Field(default=1, gt=0)
    words: str = Field(min_length=1)


class InventedReturns(Sourced):
    """The file `invented_returns.yaml`. Areas share the city by the published figure `area_weights_id` of
    `area_weights_period`.

    `scope_pct`: how far last year's figures, as asked again this year, may differ from what was reported then (firms
    enter and leave). `words` answer a question that the drawn figures raise by chance.
    """

    seed: int = 0
    area_weights_id: str
    area_weights_period: str
    spread: float = Field(default=0.0, ge=0, lt=1)  # of an area's weight, from month to month
    scope_pct: float = Field(default=0, ge=0, lt=100)
    words: str = Field(min_length=1)
    rounds: dict[str, InventedRounds]  # form id →
    firms: dict[str, InventedFirmRounds] = Field(default_factory=dict)  # form id →
