"""The tables of a chain as a page: what each holds, what was adopted, and what a proposed chain would change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jiqun.industry.chains.differences import Difference
from jiqun.industry.chains.exchange import TABLES, flattened
from jiqun.ledger import adopted_chains
from jiqun.model.errors import NotFound
from jiqun.packs.schema.chains import Chain
from jiqun.reports.view import Ref, View
from jiqun.tables.workbook import shown

WAYS = {"added": "新增", "changed": "改动", "removed": "删去"}
MOST_SHOWN = 400  # differences on a page; all of them count


@dataclass(frozen=True, slots=True)
class TableRow:
    """One of the seven tables: its name in files, what to call it, its columns, how many rows the chain has."""

    id: str
    label: str
    columns: tuple[str, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class AdoptionRow:
    sequence: int
    actor: str
    reason: str
    recorded_at: datetime
    is_last: bool


@dataclass(frozen=True)
class TablesPage:
    ref: Ref
    tables: tuple[TableRow, ...]
    adoptions: tuple[AdoptionRow, ...]
    is_overruled: bool  # the folder's own file has changed since, and holds


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    table: str
    way: str
    label: str
    key: str
    cells: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class ProposalPage:
    """`is_new`: no chain of this id is in use. `tallies`: way, label, how many rows."""

    ref: Ref
    digest: str
    path: str
    is_new: bool
    links: int
    edges: int
    tallies: tuple[tuple[str, str, int], ...]
    rows: tuple[DifferenceRow, ...]
    total: int


def tables_page(view: View, chain_id: str) -> TablesPage:
    """Raises NotFound."""
    chain = view.city.chains.get(chain_id)
    if chain is None:
        raise NotFound("资料夹中没有这条产业链")
    rows = flattened(chain)
    held = adopted_chains.adopted().get(chain_id, ())
    return TablesPage(
        Ref(chain.id, chain.name, chain.name_en),
        tuple(TableRow(table.id, table.label, table.columns, len(rows[table.id])) for table in TABLES),
        tuple(
            AdoptionRow(one.sequence, one.actor, one.reason, one.recorded_at, one is held[-1]) for one in reversed(held)
        ),
        bool(held) and adopted_chains.digest_of(view.city, chain_id) != held[-1].digest,
    )


def proposal_page(digest: str, chain: Chain, found: Sequence[Difference], *, is_new: bool) -> ProposalPage:
    labels = {table.id: table.label for table in TABLES}
    count: Counter[str] = Counter(one.way for one in found)
    rows = tuple(
        DifferenceRow(
            labels[one.table], one.way, WAYS[one.way], one.key,
            tuple((column, _said(then), _said(now)) for column, then, now in one.cells),
        )
        for one in found[:MOST_SHOWN]
    )  # fmt: skip
    return ProposalPage(
        Ref(chain.id, chain.name, chain.name_en), digest, adopted_chains.path_of(chain.id), is_new, len(chain.nodes),
        len(chain.all_edges()), tuple((way, label, count[way]) for way, label in WAYS.items()), rows, len(found),
    )  # fmt: skip


def _said(value: object) -> str:
    return "" if value is None else shown(value)  # type: ignore[arg-type]
