"""The ladder of areas that a return climbs, and who owes one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from jiqun import rules
from jiqun.enterprises.columns import KEY, columns
from jiqun.enterprises.register import Firms
from jiqun.model.errors import UsageError
from jiqun.packs import City
from jiqun.packs.schema.forms import Form
from jiqun.rules import Sort, ValueType


@dataclass(frozen=True, slots=True)
class Respondent:
    """Who owes a return: `kind` firms, areas or bodies; `area_id` where it stands; `path` the areas that decide.

    `path` has one area a level of the form, from the lowest; None where no area of that level lies above it.
    """

    kind: str
    id: str
    name: str
    area_id: str
    path: tuple[str | None, ...]


def path(form: Form, city: City, area_id: str, *, above: bool = False) -> tuple[str | None, ...]:
    """For each level the nearest area at or above `area_id` that decides there; with `above` never the area itself."""
    if area_id not in city.areas:
        return tuple(city.area_id if city.area_id in _deciding(form, city, at) else None for at in _levels(form))
    own = city.areas[area_id]
    itself = city.areas[own.same_as_id] if own.same_as_id else own
    climbed = [area.id for area in (itself, *city.ancestors(itself.id))]
    if above:
        climbed = climbed[1:]
    return tuple(next((id_ for id_ in climbed if id_ in _deciding(form, city, at)), None) for at in _levels(form))


def _levels(form: Form) -> range:
    return range(len(form.levels))


def _deciding(form: Form, city: City, level: int) -> frozenset[str]:
    """The areas that decide at a level; few enough to be looked up each time."""
    said = form.levels[level]
    return frozenset(
        area.id
        for area in city.areas.values()
        if area.level in said.area_levels and (area.reports or not said.reporting_only) and area.same_as_id is None
    )


def respondents(form: Form, city: City, on: date, firms: Firms | None = None) -> list[Respondent]:
    """Who owes a return of the form on a day, each once, in the order of register or folder.

    `firms` are those of the register, read for the form's purpose. Raises UsageError for a form of firms without.
    """
    asked = form.respondents
    if asked.kind == "firms":
        if firms is None:
            raise UsageError(f"{form.name}由企业填报，需要企业名册")
        return _firms(form, city, firms)
    if asked.kind == "areas":
        inside = city.descendants(city.area_id) if city.area_id else tuple(city.areas.values())
        owing = [
            area
            for area in inside
            if area.level in asked.area_levels
            and area.same_as_id is None
            and (area.reports or not asked.reporting_only)
        ]
        return [Respondent("areas", a.id, a.name, a.id, path(form, city, a.id, above=True)) for a in owing]
    bodies = {
        body.id: body for id_ in asked.body_ids for part in city.expand_body(id_) for body in city.body_at(part.id, on)
    }
    at = {body.id: body.area_id or city.area_id or "" for body in bodies.values()}
    return [Respondent("bodies", b.id, b.name, at[b.id], path(form, city, at[b.id])) for b in bodies.values()]


def _firms(form: Form, city: City, firms: Firms) -> list[Respondent]:
    asked, known = form.respondents, columns(city)
    rows = firms.rows
    if asked.where:
        expression = rules.parse(asked.where)
        types = {
            name: ValueType(_SORTS[known[name].attribute.kind], known[name].attribute.unit)
            for name in rules.names(expression)
        }
        rows = rows.filter(rules.to_polars(expression, types).fill_null(False))
    found = rows.select(KEY, "name", pl.col(asked.place_column).alias("place")).sort(KEY).collect()
    paths: dict[str | None, tuple[str | None, ...]] = {
        place: path(form, city, place or "") for place in found["place"].unique()
    }
    return [
        Respondent("firms", code, name or code, place or "", paths[place]) for code, name, place in found.iter_rows()
    ]


_SORTS = {
    "number": Sort.NUMBER, "boolean": Sort.TRUTH, "text": Sort.TEXT, "list": Sort.TEXT, "date": Sort.DAY,
}  # fmt: skip
