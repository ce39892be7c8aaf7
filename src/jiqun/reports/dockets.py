"""Pages of dockets: all of them with how many items stand where, and one as a list to filter, sort and hand out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from jiqun.ledger import access, store
from jiqun.ledger.access import Action
from jiqun.ledger.models import Standing
from jiqun.model.errors import Forbidden, NotFound
from jiqun.packs.schema.dockets import Docket
from jiqun.records import steps
from jiqun.records.models import DocketItem
from jiqun.reports import docket_values
from jiqun.reports.docket_values import Said, ref_of
from jiqun.reports.paging import Paging, cut
from jiqun.reports.targets import Option
from jiqun.reports.view import Ref, View

PAGE = 50
LATE = "late"


@dataclass(frozen=True, slots=True)
class StateCount:
    """A state of a docket and how many items stand in it, `late` of them longer than they may."""

    state: Ref
    count: int
    late: int
    is_end: bool


@dataclass(frozen=True, slots=True)
class DocketRow:
    ref: Ref
    description: str
    description_en: str
    states: tuple[StateCount, ...]
    total: int
    late: int
    mine: int


@dataclass(frozen=True)
class DocketsPage:
    """`mine`: items whose next step waits for the reader."""

    rows: tuple[DocketRow, ...]


@dataclass(frozen=True, slots=True)
class ItemRow:
    """`is_mine`: the next step is the reader's to take. `days_late`: since its last day in the state, 0 in time."""

    key: str
    number: str
    title: str
    state: Ref
    is_end: bool
    owner: Ref | None
    owner_kind: str
    opener: str
    since: date
    opened_on: date
    due_on: date | None
    days_late: int
    is_mine: bool
    is_invented: bool
    said: Mapping[str, Said]
    about: tuple[Said, ...]
    chain: str


@dataclass(frozen=True)
class ItemFilter:
    q: str = ""
    state: str = ""
    owner: str = ""
    chain: str = ""
    due: str = ""  # late, mine
    sort: str = ""


@dataclass(frozen=True)
class DocketPage:
    """`rows` of this page; `total` items stand in the docket, `fitting` of them fit the filter."""

    docket: Docket
    ref: Ref
    rows: tuple[ItemRow, ...]
    paging: Paging
    filter: ItemFilter
    states: tuple[StateCount, ...]
    owners: tuple[Option, ...]
    chains: tuple[Option, ...]
    total: int
    fitting: int
    late: int
    mine: int
    may_open: bool
    about: tuple[Ref, ...]
    source: str
    is_invented: bool


def docket_of(view: View, docket_id: str) -> Docket:
    """The docket, for who may read it. Raises NotFound, Forbidden."""
    docket = view.city.dockets.get(docket_id)
    if docket is None:
        raise NotFound("没有这份清单")
    decision = access.reads_docket(view.user, docket.read_by)
    if not decision:
        raise Forbidden(decision.reason)
    return docket


def readable(view: View) -> tuple[Docket, ...]:
    """The dockets that the reader may see."""
    return tuple(d for d in view.city.dockets.values() if access.reads_docket(view.user, d.read_by))


def dockets(view: View) -> DocketsPage:
    """Every docket that the reader may see, with its items by state."""
    found = []
    for docket in readable(view):
        rows = item_rows(view, docket)
        late = sum(row.days_late > 0 for row in rows)
        mine = sum(row.is_mine for row in rows)
        told = docket.description, docket.description_en
        found.append(DocketRow(ref_of(docket), *told, counted(docket, rows), len(rows), late, mine))
    return DocketsPage(tuple(found))


def docket(view: View, docket_id: str, wanted: ItemFilter, page: int = 1, size: int = PAGE) -> DocketPage:
    """A page of the docket's items known by the day, those longest overdue first unless another order is asked for."""
    found = docket_of(view, docket_id)
    everything = item_rows(view, found)
    fitting = _sorted([row for row in everything if _fits(row, wanted)], wanted.sort, found)
    shown, paging = cut(fitting, page, size)
    source = view.city.sources.get(found.source or "")
    return DocketPage(
        found, ref_of(found), tuple(shown), paging, wanted, counted(found, everything),
        _options((row.owner.id, row.owner.name) if row.owner else ("-", "待明确") for row in everything),
        _options((row.chain, _chain_name(view, row.chain)) for row in everything if row.chain),
        len(everything), len(fitting), sum(row.days_late > 0 for row in everything),
        sum(row.is_mine for row in everything), may_open(view, found),
        tuple(ref_of(found.field(id_)) for id_ in found.identified_by[1:]), source.title if source else "",
        any(row.is_invented for row in everything),
    )  # fmt: skip


def may_open(view: View, found: Docket) -> bool:
    if not access.may(view.user, Action.KEEP_ITEMS):
        return False
    try:
        return steps.may_open(found, access.opens_as(view.user)[0])
    except Forbidden:
        return False


def item_rows(view: View, found: Docket, among: Callable[[DocketItem], bool] | None = None) -> list[ItemRow]:
    """Every item of the docket known by the day, or those `among` them, in order of its number."""
    rows = [row for row in statements(view, found) if among is None or among(row)]
    opened = dict(DocketItem.objects.filter(docket_id=found.id, version=1).values_list("key", "known_on"))
    return [item_row(view, found, row, opened[row.key]) for row in rows]


def statements(view: View, found: Docket) -> QuerySet[DocketItem]:
    """What the ledger has of the docket's standing items, known by the day."""
    rows = store.as_of(DocketItem, view.on).filter(docket_id=found.id, standing=Standing.ACTIVE.value)
    return rows.order_by("number")


def item_row(view: View, found: Docket, row: DocketItem, opened_on: date) -> ItemRow:
    is_known = steps.fits(row, found)
    state = ref_of(found.state(row.state)) if is_known else Ref(row.state, row.state)
    is_end = is_known and found.state(row.state).is_end
    says = docket_values.said(view, found, row)
    late = days_late(view, row, is_end=is_end)
    node = next((says[field.id].parts for field in found.fields if field.kind == "node"), ())
    return ItemRow(
        row.key, row.number, says[found.title_field].text or row.number, state, is_end,
        owner_of(view, row.owner_kind, row.owner_id), row.owner_kind, opener_of(view, row), row.since, opened_on,
        row.due_on, late, is_mine(view, found, row), row.is_invented, says,
        tuple(says[id_] for id_ in found.identified_by[1:]), node[0].chain if node else "",
    )  # fmt: skip


def days_late(view: View, row: DocketItem, *, is_end: bool) -> int:
    return max((view.on - row.due_on).days, 0) if row.due_on and not is_end else 0


def is_mine(view: View, found: Docket, row: DocketItem) -> bool:
    """Whether the next step is the reader's to take."""
    return steps.fits(row, found) and steps.waits_for(found, row, docket_values.parties_of(view, row))


def owner_of(view: View, kind: str, id_: str) -> Ref | None:
    """The body or area that owns an item on the day: of a renamed body the one that answers for it now."""
    if kind == "body":
        answering = view.answering([id_])
        return answering[0] if len(answering) == 1 else view.names.body(id_)
    return view.names.area(id_) if kind == "area" else None


def opener_of(view: View, row: DocketItem) -> str:
    ref = owner_of(view, row.opener_kind, row.opener_id)
    return ref.name if ref else "市级"


def counted(found: Docket, rows: Iterable[ItemRow]) -> tuple[StateCount, ...]:
    """The docket's states in order; one that the folder no longer has, and items still stand in, comes last."""
    listed = list(rows)
    counts = Counter(row.state.id for row in listed)
    late = Counter(row.state.id for row in listed if row.days_late)
    known = [StateCount(ref_of(s), counts[s.id], late[s.id], s.is_end) for s in found.states]
    ids = {state.id for state in found.states}
    strange = {row.state.id: row.state for row in listed if row.state.id not in ids}
    return (*known, *(StateCount(ref, counts[id_], late[id_], False) for id_, ref in strange.items()))


def _fits(row: ItemRow, wanted: ItemFilter) -> bool:
    return (
        wanted.state in ("", row.state.id)
        and wanted.owner in ("", row.owner.id if row.owner else "-")
        and wanted.chain in ("", row.chain)
        and (wanted.due != LATE or row.days_late > 0)
        and (wanted.due != "mine" or row.is_mine)
        and (not wanted.q or wanted.q.lower() in searched(row))
    )


def searched(row: ItemRow) -> str:
    """The words of an item that its reader sees."""
    words = [row.number, row.opener, *(one.text for one in row.said.values() if not one.is_hidden)]
    codes = [part.id for one in row.said.values() for part in one.parts if part.kind == "firm"]
    return " ".join([*words, *codes]).lower()


def _sorted(rows: list[ItemRow], sort: str, found: Docket) -> list[ItemRow]:
    order = {state.id: at for at, state in enumerate(found.states)}
    far = date.max
    keys: dict[str, Any] = {
        "number": lambda row: row.number,
        "title": lambda row: row.title,
        "state": lambda row: (order.get(row.state.id, len(order)), row.number),
        "owner": lambda row: (row.owner is None, row.owner.name if row.owner else "", row.number),
        "since": lambda row: (row.since, row.number),
        "due": lambda row: (row.due_on or far, row.number),
    }
    name = sort.removeprefix("-")
    if name in keys:
        return sorted(rows, key=keys[name], reverse=sort.startswith("-"))
    return sorted(rows, key=pressing)


def pressing(row: ItemRow) -> tuple[Any, ...]:
    """The order of a list that nobody asked another of: longest overdue first, what is ended last."""
    return (-row.days_late, row.is_end, row.due_on or date.max, row.number)


def _options(pairs: Iterable[tuple[str, str]]) -> tuple[Option, ...]:
    listed = list(pairs)
    counts, names = Counter(id_ for id_, _ in listed), dict(listed)
    return tuple(Option(id_, names[id_], count) for id_, count in counts.most_common())


def _chain_name(view: View, chain_id: str) -> str:
    chain = view.city.chains.get(chain_id)
    return chain.name if chain else chain_id
