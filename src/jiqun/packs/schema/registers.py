"""Registers of firms (企业名册): the attributes a firm may have, what each is called, counted in and collected for."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from jiqun.packs.schema.concept import Concept, Sourced


class Attribute(Sourced):
    """One thing a register says of a firm; a column of its snapshots, and `years` - 1 more for the years before.

    `unit` is that of the column. Numbers of a `unit` of things or people are whole. `group` is what comes from one
    source on one day as a rule: provenance is kept by group. `values` are the only texts allowed, as id → label.
    `aliases` are head texts of offices' tables beside `name`.
    """

    id: str
    name: str
    group: str
    kind: Literal["text", "number", "boolean", "date", "list"] = "number"
    unit: str = ""
    years: int = Field(default=1, ge=1, le=10)
    is_required: bool = False
    may_be_negative: bool = False
    values: dict[str, str] = Field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    definition: str = ""


class AttributeGroup(Concept):
    id: str
    name: str


class Register(Sourced):
    """One file of `registers/`. With `adds_to_id` its attributes are further ones of that register: a city's own."""

    id: str
    name: str
    name_en: str = ""
    adds_to_id: str | None = None
    groups: tuple[AttributeGroup, ...] = ()
    attributes: tuple[Attribute, ...] = Field(min_length=1)
