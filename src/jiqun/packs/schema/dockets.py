"""Dockets (清单): lists of matters that each have an identity, an owner, a state and a deadline, kept over years.

A form is asked anew each period and adds up; an item of a docket is one thing, moved from state to state until it ends.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from jiqun.model.purposes import Purpose
from jiqun.packs.schema.concept import Concept, Sourced
from jiqun.packs.schema.forms import FieldId

Party = Literal["city", "owner", "opener"]
Opener = Literal["city", "department", "district"]
DocketKind = Literal[
    "text", "words", "choice", "number", "date", "node", "firms", "body", "bodies", "area", "passage"
]  # fmt: skip
BUILT_IN = ("number", "state", "owner", "since", "due", "opened")  # columns that every docket has, beside its fields


class DocketField(Sourced):
    """One thing asked of an item.

    `kind`: `text` one line, `words` several; `choice` one of `values` (id → label; English ones in `values_en`);
    `number` in `unit` with at most `digits` decimals, below 0 only with `may_be_negative`, at most `most`; `date`;
    `node` a link of a chain, as `chain/node`; `firms` firms by code, name or both; `body`, `bodies`, `area` of the
    folder; `passage` a task or claim of the ledger. `aliases` are head texts of offices' tables beside `name`.
    `shown_to` parties: hidden from readers who have nothing to do with the item. `help` is said beside the field.
    """

    id: str = Field(pattern=FieldId)
    name: str
    name_en: str = ""
    kind: DocketKind = "text"
    unit: str = ""
    digits: int = Field(0, ge=0, le=6)
    may_be_negative: bool = False
    most: int | None = None
    longest: int = Field(200, ge=1, le=4000)  # characters, of text and words
    values: dict[str, str] = Field(default_factory=dict)
    values_en: dict[str, str] = Field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    shown_to: Literal["readers", "parties"] = "readers"
    help: str = ""
    help_en: str = ""


class DocketState(Concept):
    """Where an item can stand; the first of a docket is where it begins.

    `requires`: fields without which it cannot stand there. `amended_by`: who may change its fields there; nobody else.
    It is overdue after `days` calendar days in the state, or after the day in the field `due_field`. `is_end`: nothing
    more is to be done.
    """

    id: str = Field(pattern=FieldId)
    name: str
    name_en: str = ""
    requires: tuple[str, ...] = ()
    amended_by: tuple[Party, ...] = ()
    days: int | None = Field(None, ge=1)
    due_field: str = ""
    is_end: bool = False


class DocketStep(Concept):
    """A transition: from one of `before` to `after`, taken by one of `by`; `asks` are fields that it fills.

    What `after` requires and is still empty is asked too. `name` is the word on the button. The first step declared out
    of a state is the way on: whoever may take it is told that the item waits for them.
    """

    id: str = Field(pattern=FieldId)
    name: str
    name_en: str = ""
    before: tuple[str, ...] = Field(min_length=1)
    after: str
    by: tuple[Party, ...] = Field(min_length=1)
    asks: tuple[str, ...] = ()
    needs_reason: bool = False


class DocketCheck(Sourced):
    """A relation between fields of one item, in the rule language; `on` is the day it is asked.

    `hard` bars, `soft` wants a reason. What is unknown bars nothing: `requires` says what must be filled.
    """

    id: str = Field(pattern=FieldId)
    rule: str
    level: Literal["hard", "soft"]
    message: str


class DocketFeed(Concept):
    """Where items can be opened from with one click: what fills which field.

    `chain_bottlenecks`: the list of bottlenecks computed from chains. Its words: `item`, `node`, `outside_pct` (bought
    outside, as a share of purchases), `source`.
    """

    kind: Literal["chain_bottlenecks"]
    fields: dict[str, Literal["item", "node", "outside_pct", "source"]] = Field(min_length=1)


class Numbering(Concept):
    """Items are numbered `prefix-year-001`, a series for each year; `digits` is the least width of the number."""

    prefix: str = Field(pattern=r"^[A-Z]{1,8}$")
    digits: int = Field(3, ge=1, le=6)


class Docket(Sourced):
    """One file of `dockets/`.

    `owner_field`: the field, a body or area, whose holder owns the item; only the city sets it, and what others open
    is their own where they are of its kind. Of one docket no two standing items agree in all of `identified_by`. The
    first of these is the item's title. `open_to`: who may open items. `read_by`: everybody with an account, or
    `offices` (all but reporting firms). `columns`: of the official list, in printed order.
    """

    id: str = Field(pattern=FieldId)
    name: str
    name_en: str = ""
    item_name: str
    item_name_en: str = ""
    description: str = ""
    description_en: str = ""
    purpose: Purpose
    numbering: Numbering
    identified_by: tuple[str, ...] = Field(min_length=1)
    owner_field: str
    open_to: tuple[Opener, ...] = Field(min_length=1)
    read_by: Literal["everybody", "offices"] = "offices"
    fields: tuple[DocketField, ...] = Field(min_length=1)
    states: tuple[DocketState, ...] = Field(min_length=2)
    steps: tuple[DocketStep, ...] = Field(min_length=1)
    checks: tuple[DocketCheck, ...] = ()
    columns: tuple[str, ...] = Field(min_length=1)
    fed_by: DocketFeed | None = None

    def field(self, field_id: str) -> DocketField:
        """The field of that id. Raises KeyError."""
        return {field.id: field for field in self.fields}[field_id]

    def state(self, state_id: str) -> DocketState:
        """The state of that id. Raises KeyError."""
        return {state.id: state for state in self.states}[state_id]

    @property
    def title_field(self) -> str:
        return self.identified_by[0]

    def steps_from(self, state_id: str) -> Iterator[DocketStep]:
        return (step for step in self.steps if state_id in step.before)


class InventedMove(Concept):
    """What happens to an invented item: a step on a day, by the city unless it is the owner's to take."""

    step: str
    on: datetime.date
    values: dict[str, Any] = Field(default_factory=dict)
    reason: str = ""


class InventedItem(Concept):
    """An item of the demo, which does not exist; its values as a person would type them."""

    docket_id: str
    on: datetime.date
    values: dict[str, Any] = Field(min_length=1)
    moves: tuple[InventedMove, ...] = ()
