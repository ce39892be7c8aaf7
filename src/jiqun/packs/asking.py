"""What the names in a form's checks mean: which cell, of which return, of which type; and those of a docket's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jiqun.packs.schema.dockets import Docket
from jiqun.packs.schema.forms import ITEMS, SOURCES, ColumnKind, Form, FormCheck, FormField
from jiqun.packs.schema.indicators import Indicator
from jiqun.rules import Expression, Sort, ValueType, names

OWN = ""
LAST, YEAR_AGO, UPPER = SOURCES
CELL_DIGITS, TOTAL_DIGITS = 13, 15  # in smallest steps: 20,000 cells add up within 64 bits, products within 128


@dataclass(frozen=True)
class Reference:
    """One name of a check in one column: a cell, or with `is_items` the sum of the field's parts that were given.

    `source` is whose figure it is: OWN, LAST, YEAR_AGO, UPPER, or the id of another form. With `is_total` it is one
    of many returns together.
    """

    name: str
    source: str
    field: FormField
    column: ColumnKind
    unit: str
    is_items: bool = False
    is_total: bool = False

    @property
    def type(self) -> ValueType:
        """The type of the figure, which is held as an integer of the field's last printed place."""
        if self.field.kind == "text":
            return ValueType(Sort.TEXT)
        most = TOTAL_DIGITS if self.is_items or self.is_total else CELL_DIGITS
        return ValueType(Sort.NUMBER, self.unit, self.field.digits, most)


def turns(check: FormCheck, form: Form) -> tuple[ColumnKind, ...]:
    """The columns that the check is held in, one after another; the form's first where it names none."""
    return check.columns or (form.columns[0].kind,)


def resolve(
    name: str, form: Form, forms: Mapping[str, Form], indicators: Mapping[str, Indicator], column: ColumnKind
) -> Reference | None:
    """What a name means in a check that is held in `column`; None where the form has nothing of that name."""
    first, _, rest = name.partition("__")
    source, asked = (first, form) if first in SOURCES and rest else (OWN, form)
    if source == OWN and rest and first in forms and first != form.id:
        source, asked = first, forms[first]
    inner = rest if source else name
    id_, *words = inner.split("__")
    field = next((field for field in asked.fields if field.id == id_), None)
    kinds = [word for word in words if word != ITEMS]
    is_items = ITEMS in words
    if field is None or len(kinds) > 1 or (is_items and field.breakdown is None):
        return None
    wanted = kinds[0] if kinds else column
    held = next((kind for kind in asked.columns_of(field) if kind == wanted), None)
    if held is None:
        return None
    is_total = source == UPPER or asked.respondents.kind != form.respondents.kind
    return Reference(name, source, field, held, field.printed_unit(indicators), is_items, is_total)


def types(
    expression: Expression,
    form: Form,
    forms: Mapping[str, Form],
    indicators: Mapping[str, Indicator],
    column: ColumnKind,
) -> dict[str, ValueType]:
    """The types of those names of a check that mean something."""
    found = {name: resolve(name, form, forms, indicators, column) for name in sorted(names(expression))}
    return {name: reference.type for name, reference in found.items() if reference is not None}


def known_names(form: Form) -> Iterator[str]:
    """Names a check may use of its own form, for who misspelt one."""
    for field in form.fields:
        yield field.id
        yield from (f"{field.id}__{kind}" for kind in form.columns_of(field))


_DOCKET_SORTS = {"number": Sort.NUMBER, "date": Sort.DAY, "text": Sort.TEXT, "choice": Sort.TEXT, "area": Sort.TEXT}
ON = "on"  # in a docket's checks: the day they are asked


def docket_types(docket: Docket) -> dict[str, ValueType]:
    """The names that a docket's checks may use, with their types: its fields that hold one value, and the day."""
    found = {
        field.id: ValueType(_DOCKET_SORTS[field.kind], field.unit, field.digits if field.kind == "number" else None)
        for field in docket.fields
        if field.kind in _DOCKET_SORTS
    }
    return {**found, ON: ValueType(Sort.DAY)}
