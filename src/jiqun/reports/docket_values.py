"""What an item says, in words and links, as one reader may know it; and the fields of a form to fill it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar, cast

from jiqun.ledger import access
from jiqun.ledger.access import Action
from jiqun.model.findings import Finding
from jiqun.packs.schema.dockets import Docket, DocketField
from jiqun.records.models import DocketItem
from jiqun.reports.view import Ref, View

Answer = TypeVar("Answer")

HIDDEN = "仅有关单位可见"


@dataclass(frozen=True, slots=True)
class Part:
    """A word of a value and where it leads: `kind` is firm, node, body, area, task, claim, or "" for nowhere."""

    text: str
    kind: str = ""
    id: str = ""
    chain: str = ""
    text_en: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A field and what the item says in it; `parts` are empty where it says nothing, or `is_hidden` from the reader."""

    field: Ref
    kind: str
    parts: tuple[Part, ...]
    is_hidden: bool = False

    @property
    def text(self) -> str:
        return HIDDEN if self.is_hidden else "、".join(part.text for part in self.parts)


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a field; options of one `group` stand together."""

    value: str
    label: str
    group: str = ""
    label_en: str = ""


@dataclass(frozen=True, slots=True)
class Blank:
    """A field to fill: `value` as a person would type it, `errors` what is wrong with what was typed."""

    field: Ref
    kind: str
    value: str
    unit: str
    help: Ref
    longest: int
    is_required: bool
    is_fixed: bool
    choices: tuple[Choice, ...]
    errors: tuple[Finding, ...]

    @property
    def is_wide(self) -> bool:
        """Whether it wants a line of its own."""
        return self.kind in ("words", "firms", "bodies") or (self.kind == "text" and self.longest > 50)


def parties_of(view: View, row: DocketItem) -> frozenset[str]:
    """What the reader is to an item."""
    return _once(view, "parties", row, lambda: access.parties(view.user, row, view.city))


def _once(view: View, asked: str, row: DocketItem | None, ask: Callable[[], Answer]) -> Answer:
    """What access answers of items that have the same owner and opener, asked once for a list."""
    about = (row.owner_kind, row.owner_id, row.opener_kind, row.opener_id) if row is not None else ()
    key = (asked, *about)
    if key not in view.rights:
        view.rights[key] = ask()
    return cast(Answer, view.rights[key])


def ref_of(field: Any) -> Ref:
    """A declared field, state or step as pages name it."""
    return Ref(field.id, field.name, field.name_en)


def said(view: View, docket: Docket, row: DocketItem) -> dict[str, Said]:
    """Every field of the docket with what the item says, as much as the reader may see."""
    sees_all = _once(view, "sees_all_of", row, lambda: access.sees_all_of(view.user, row, view.city))
    found = {}
    for field in docket.fields:
        is_hidden = field.shown_to == "parties" and not sees_all
        parts = () if is_hidden else parts_of(view, field, row.values.get(field.id))
        found[field.id] = Said(ref_of(field), field.kind, parts, is_hidden and field.id in row.values)
    return found


def parts_of(view: View, field: DocketField, value: Any) -> tuple[Part, ...]:
    """A value in words; ids that the folder no longer knows are shown as themselves."""
    if value is None:
        return ()
    match field.kind:
        case "choice":
            return (Part(field.values.get(value, value), text_en=field.values_en.get(value, "")),)
        case "number":
            return (Part(f"{Decimal(value):,f}{field.unit}"),)
        case "node":
            return (_node(view, value),)
        case "body":
            return (Part(view.names.body(value).name, "body", value),)
        case "bodies":
            return tuple(Part(view.names.body(id_).name, "body", id_) for id_ in value)
        case "area":
            named = view.names.area(value)
            return (Part(named.name if named else value, "area", value),)
        case "firms":
            leads = _once(view, "reads_firms", None, lambda: bool(access.may(view.user, Action.READ_FIRMS)))
            return tuple(Part(name or code, "firm" if code and leads else "", code) for code, name in value)
        case "passage":
            kind, _, key = value.partition(":")
            return (Part("任务原文" if kind == "task" else "文件原文", kind, key),)
    return (Part(value),)


def _node(view: View, value: str) -> Part:
    chain_id, _, node_id = value.partition("/")
    chain = view.city.chains.get(chain_id)
    node = next((each for each in chain.nodes if each.id == node_id), None) if chain else None
    if chain is None or node is None:
        return Part(value)
    return Part(f"{chain.name}·{node.name}", "node", node_id, chain_id)


def typed_as(view: View, field: DocketField, value: Any) -> str:
    """A value as a person would type it, and as `records.filling` reads it."""
    if value is None:
        return ""
    if field.kind == "firms":
        return "\n".join(" ".join(filter(None, (code, name))) for code, name in value)
    if field.kind == "bodies":
        return "\n".join(view.names.body(id_).name for id_ in value)
    return str(value)


def blanks(
    view: View, docket: Docket, fields: Iterable[DocketField], values: Mapping[str, Any], *,
    typed: Mapping[str, str] | None = None, findings: Iterable[Finding] = (), required: Iterable[str] = (),
    fixed: Iterable[str] = (),
) -> tuple[Blank, ...]:  # fmt: skip
    """The fields to fill, with what stands there or what was typed, and what is wrong with it.

    `fixed` are shown and not to be changed by this reader.
    """
    told, wanted, closed = list(findings), set(required), set(fixed)
    found = []
    for field in fields:
        value = (typed or {}).get(field.id)
        shown = typed_as(view, field, values.get(field.id)) if value is None else value
        found.append(
            Blank(
                ref_of(field), field.kind, shown, field.unit, Ref("", field.help, field.help_en), field.longest,
                field.id in wanted, field.id in closed, _choices(view, field, shown),
                tuple(each for each in told if each.place.cell == field.id),
            )
        )  # fmt: skip
    return tuple(found)


def _choices(view: View, field: DocketField, shown: str) -> tuple[Choice, ...]:
    match field.kind:
        case "choice":
            in_english = field.values_en
            return tuple(Choice(id_, said, label_en=in_english.get(id_, "")) for id_, said in field.values.items())
        case "node":
            return tuple(
                Choice(f"{chain.id}/{node.id}", node.name, chain.name)
                for chain in view.city.chains.values()
                for node in chain.nodes
            )
        case "body" | "bodies":
            bodies = [b for b in view.city.bodies.values() if b.id == shown or _is_offered(view, b)]
            return tuple(Choice(body.id, body.short_name or body.name) for body in bodies)
        case "area":
            return tuple(Choice(area.id, area.short_name or area.name) for area in view.city.areas.values())
    return ()


def _is_offered(view: View, body: Any) -> bool:
    """Whether a body can be put in charge: one body, of the city, that bears its name on the day."""
    city = view.city.area_id
    own = body.area_id is None or city is None or body.area_id == city or _is_inside(view, body.area_id, city)
    return own and not body.expands_to_ids and view.is_in_force(body)


def _is_inside(view: View, area_id: str, city: str) -> bool:
    return area_id in view.city.areas and any(area.id == city for area in view.city.ancestors(area_id))
