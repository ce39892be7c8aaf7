"""The chains of the city as pages see them: every link with its state and its firms, as much as the reader may know.

How a link stands is derived from all firms and shown to everybody. Numbers of firms are exact for who reads the firms
of the whole city; for others small numbers are withheld, and named firms are those of their own areas, or none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jiqun.enterprises import membership, register, snapshots
from jiqun.enterprises.snapshots import Manifest
from jiqun.industry.chains import placing
from jiqun.industry.chains.analysis import ChainGraph, states
from jiqun.industry.chains.candidates import FIRM_COLUMNS, group_of, groups
from jiqun.industry.chains.lists import Gap, gaps
from jiqun.industry.chains.states import LinkState, Placed, Rules, State, rules_on
from jiqun.ledger import access
from jiqun.ledger.models import Run, RunState
from jiqun.model.errors import Forbidden, NotFound
from jiqun.model.purposes import Purpose
from jiqun.packs.schema.chains import Chain
from jiqun.reports.kept import kept
from jiqun.reports.view import Ref, View

USE = Purpose.SERVICE
STATE_LABELS = {State.STRONG: "强", State.WEAK: "弱", State.MISSING: "缺", State.UNKNOWN: "未知"}
SEGMENT_LABELS = {"upstream": "上游", "midstream": "中游", "downstream": "下游", "support": "支撑"}
EDGE_LABELS = {
    "feeds": "供给", "part_of": "组成", "made_with": "所用装备", "needs_technology": "所需技术",
    "substitutes": "可替代",
}  # fmt: skip
NODE_LABELS = {"link": "环节", "product": "产品", "technology": "技术"}
_NO_RULES = Rules(0, 0, 0.0, 0.0, 0.0, 0, 0)  # of a city without chains: nothing is judged
Ends = NDArray[np.int64]
_AKIN = 20  # firms kept of each group of industry classes and area, the largest


@dataclass(frozen=True)
class Placings:
    """The file of placings of the register as of the view's day, and where its firms are."""

    manifest: Manifest
    rows: pl.DataFrame  # placing.PLACED_COLUMNS beside the firm's columns
    looked_at: int
    said_share: float
    by_code: Mapping[str | None, int]  # firms of each industry class
    akin: pl.DataFrame  # the largest firms of the groups that links belong to, whether placed or not

    @cached_property
    def by_node(self) -> Mapping[str, pl.DataFrame]:
        return {str(key): rows for (key,), rows in self.rows.partition_by("node_id", as_dict=True).items()}

    @property
    def is_invented(self) -> bool:
        return self.manifest.about.is_invented


@dataclass(frozen=True, eq=False)
class Charted:
    """One chain with its graph and how each link stands."""

    graph: ChainGraph
    states: Mapping[str, LinkState]
    gaps: tuple[Gap, ...]

    @property
    def chain(self) -> Chain:
        return self.graph.chain

    def count(self, state: State) -> int:
        return sum(found.state is state for found in self.states.values())

    def ref(self, node_id: str) -> Ref:
        node = self.chain.nodes[self.graph.number_of[node_id]]
        return Ref(node.id, node.name, node.name_en)

    @property
    def stale(self) -> int:
        return self.tally["stale"]

    @cached_property
    def tally(self) -> Mapping[str, int]:
        """How many links and edges there are, and of how many what is known."""
        found, edges = self.states.values(), self.chain.all_edges()
        return {
            "links": len(self.chain.nodes),
            "edges": len(edges),
            "dated": sum(one.freshness.as_of is not None for one in found),
            "ahead": sum(one.freshness.is_ahead for one in found),
            "stale": sum(one.freshness.is_stale for one in found),
            "sourced": sum(bool(node.source) for node in self.chain.nodes),
            "judged": sum(one.state is not State.UNKNOWN for one in found),
            "quantified": sum(edge.cost_share_pct is not None for edge in edges),
        }

    @cached_property
    def latest(self) -> date | None:
        """The day of the newest evidence."""
        return max((day for one in self.states.values() if (day := one.freshness.as_of)), default=None)

    @cached_property
    def ends(self) -> tuple[Ends, Ends]:
        """Numbers of the links where each edge begins and ends, substitutes last."""
        every = [edge[:2] for edge in self.graph.edges] + list(self.graph.substitutes)
        array = np.array(every, np.int64).reshape(-1, 2)
        return array[:, 0], array[:, 1]

    @cached_property
    def stages(self) -> Mapping[tuple[str, int], Mapping[State, int]]:
        """(segment, layer) → how many of its links stand how."""
        found: dict[tuple[str, int], dict[State, int]] = {}
        for node, layer in zip(self.chain.nodes, self.graph.layers, strict=True):
            key = (node.segment, 0 if node.segment == "support" else layer)
            found.setdefault(key, dict.fromkeys(State, 0))[self.states[node.id].state] += 1
        return found


@dataclass(frozen=True, eq=False)
class Chainbook:
    """`areas`: whose firms the reader may see by name; None all, empty none. `why`: why no placings are there.
    `to_place`: the day of the newest snapshot where its firms are not on links yet."""

    view: View
    placings: Placings | None
    why: str
    to_place: date | None
    rules: Rules
    areas: frozenset[str] | None
    charted: Mapping[str, Charted]

    @property
    def sees_counts(self) -> bool:
        return self.areas is None

    @property
    def sees_firms(self) -> bool:
        return self.areas is None or bool(self.areas)

    @property
    def ahead(self) -> int:
        """Links whose evidence is later than the page's day: the folder holds chains as they are now."""
        return sum(charted.tally["ahead"] for charted in self.charted.values())

    def one(self, chain_id: str) -> Charted:
        """Raises NotFound."""
        if chain_id not in self.charted:
            raise NotFound("资料夹中没有这条产业链")
        return self.charted[chain_id]

    def firms_on(self, node_id: str, *, is_placed: bool = True) -> pl.DataFrame:
        """The firms of the link that the reader may see, largest revenue first; with `is_placed` False those near."""
        if self.placings is None or not self.sees_firms:
            return pl.DataFrame()
        rows = self.within(self.placings.by_node.get(node_id, self.placings.rows.clear()))
        rows = rows.filter(pl.col("is_placed") == is_placed)
        by = ["revenue_yuan", "uscc"] if is_placed else ["score", "uscc"]
        return rows.sort(by, descending=[True, False], nulls_last=True)

    def within(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Those of the rows whose firms the reader may see by name."""
        return rows if self.areas is None else rows.filter(pl.col("area_id").is_in(sorted(self.areas)))

    def titles(self, ids: Iterable[str] | None) -> tuple[Ref, ...]:
        tiers = self.view.city.tiers
        return tuple(Ref(id_, tiers[id_].name, tiers[id_].name_en) for id_ in ids or () if id_ in tiers)

    def said(self, count: int) -> str:
        """A number of firms as the reader may know it."""
        if self.sees_counts or count == 0 or count >= self.rules.few:
            return f"{count}"
        return f"1—{self.rules.few - 1}"

    def reasons(self, state: LinkState) -> tuple[str, ...]:
        return tuple(reason.text if self.sees_counts else reason.plain for reason in state.reasons)

    def by_area(self, counts: Mapping[str | None, int]) -> tuple[tuple[str, str], ...]:
        """(area, number as the reader may know it), the most first. Where one small number is withheld a second is,
        so that none follows from the sum."""
        ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0] or ""))
        hidden = set() if self.sees_counts else withheld(dict(ordered), self.rules.few)
        names = self.view.names
        return tuple(
            ((area.name if (area := names.area(id_)) else "未知"), "不显示" if id_ in hidden else f"{count}")
            for id_, count in ordered
        )


def withheld(counts: Mapping[str | None, int], few: int) -> set[str | None]:
    """The cells that may not be shown: those from 1 to few - 1, and the smallest other where that is one alone."""
    small = {id_ for id_, count in counts.items() if 0 < count < few}
    others = sorted((count, id_ or "", id_) for id_, count in counts.items() if count >= few)
    if len(small) == 1 and others:
        small.add(others[0][2])
    return small


def opened(view: View, root: Path) -> Chainbook:
    """Every chain of the folder as of the view's day, with the placings that a run has left below `root`."""
    placings, why, to_place = _placings(view, root)
    mark = placings.manifest.digest if placings else why
    rules = rules_on(view.city, view.on) if view.city.chains else _NO_RULES

    def derive() -> Mapping[str, Charted]:
        placed = _added_up(view, placings)
        return {chain.id: _charted(view, chain, placed.get(chain.id, {}), rules) for chain in view.city.chains.values()}

    try:
        areas = access.firm_areas(view.user, view.city)
    except Forbidden:
        areas = frozenset()
    return Chainbook(view, placings, why, to_place, rules, areas, kept(view, f"chains {mark}", derive))


def _charted(view: View, chain: Chain, placed: Mapping[str, Placed], rules: Rules) -> Charted:
    graph = ChainGraph(chain)
    found = states(view.city, graph, placed, rules, view.on)
    critical = {node.id: most for node, (_, most) in zip(chain.nodes, graph.criticality, strict=False)}
    return Charted(graph, found, gaps(chain, found, critical))


def _placings(view: View, root: Path) -> tuple[Placings | None, str, date | None]:
    """The placings of the latest run whose snapshot was known by the day, else why there are none; and `to_place`."""
    if register.MAIN not in register.names(root):
        return None, "还没有企业名册", None
    book = register.open(root, register.MAIN)
    known = {m.digest: m for m in book.snapshots() if m.about.known_on <= view.on and m.about.day <= view.on}
    newest = max(known.values(), key=lambda m: m.about.day, default=None)
    links = kept(view, "links of chains", lambda: placing.digest_of(view.city))
    runs = Run.objects.filter(kind=placing.RUN, state=RunState.DONE, parameters__links=links)
    for run in sorted(runs, key=lambda run: (run.parameters["snapshot_day"], run.pk), reverse=True):
        manifest, file = known.get(run.parameters["snapshot"]), root / run.result.get("file", "")
        if manifest is not None and run.parameters.get("form") == placing.FORM and file.is_file():
            to_place = newest.about.day if newest is not None and newest.about.day > manifest.about.day else None
            try:
                found = kept(view, f"placings {run.pk}", lambda m=manifest, f=file: _read(view, book, m, f))  # type: ignore[misc]
            except Forbidden:
                return None, "名册是为统计收集的，不能用来归链", None
            return found, "", to_place
    return None, "企业还没有归到环节", newest.about.day if newest is not None else None


def _read(view: View, book: register.Register, manifest: Manifest, file: Path) -> Placings:
    firms = _titled(view, book, register.read_snapshot(book, manifest, view.city, purpose=USE).rows)
    rows = snapshots.scan_for(file, USE).join(firms.select(FIRM_COLUMNS), on="uscc", how="inner").collect()
    says = pl.col("business_scope").is_not_null() | pl.col("leading_product").is_not_null()
    told = firms.select(firms=pl.len(), said=says.sum()).collect()
    total = int(told["firms"][0])
    by_code = dict(firms.group_by("industry_code").len().collect().iter_rows())
    return Placings(manifest, rows, total, int(told["said"][0]) / total if total else 0.0, by_code, _akin(view, firms))


def _titled(view: View, book: register.Register, firms: pl.LazyFrame) -> pl.LazyFrame:
    """The firms with the titles that they hold on the view's day, as all other pages have it."""
    days = membership.days_known(book, view.on)
    dated = [
        (day, register.read(book, view.city, purpose=USE, day=day, known_on=view.on).rows
         .select("uscc", "ended_on", "merged_into_uscc").collect())
        for day in days
    ]  # fmt: skip
    lists = membership.read(book, purpose=USE, known_on=view.on)
    return membership.holding(firms, membership.titles_told(lists, view.on, membership.departures(dated)))


def _akin(view: View, firms: pl.LazyFrame) -> pl.DataFrame:
    wanted = {group for chain in view.city.chains.values() for node in chain.nodes for group in groups(node)}
    own = firms.filter(group_of().is_in(sorted(wanted))).select(FIRM_COLUMNS)
    ordered = own.sort(["revenue_yuan", "uscc"], descending=[True, False], nulls_last=True)
    of_each = ordered.group_by([group_of().alias("group"), "area_id"], maintain_order=True)
    return of_each.head(_AKIN).select(FIRM_COLUMNS).collect()


def _added_up(view: View, placings: Placings | None) -> dict[str, dict[str, Placed]]:
    """Chain id → node id → its firms added up; empty without placings."""
    if placings is None:
        return {}
    grouped = placings.rows.partition_by(["chain_id", "node_id"], as_dict=True)
    found: dict[str, dict[str, Placed]] = {}
    for chain in view.city.chains.values():
        found[chain.id] = {
            node.id: _placed(grouped.get((chain.id, node.id)), placings, node.gb_codes) for node in chain.nodes
        }
    return found


def _placed(rows: pl.DataFrame | None, placings: Placings, codes: Iterable[str]) -> Placed:
    looked_at, said_share = placings.looked_at, placings.said_share
    same_code = sum(placings.by_code.get(code, 0) for code in codes)
    if rows is None:
        return Placed(0, 0, same_code=same_code, looked_at=looked_at, said_share=said_share)
    on = rows.filter("is_placed")
    revenues = on["revenue_yuan"].drop_nulls()
    return Placed(
        firms=on.height,
        titled=int((on["titles"].list.len().fill_null(0) > 0).sum()),
        revenues=tuple(revenues.filter(revenues > 0).to_list()),
        near=rows.height - on.height,
        same_code=same_code,
        looked_at=looked_at,
        said_share=said_share,
        by_area=dict(on.group_by("area_id").len().iter_rows()),
    )


@dataclass(frozen=True)
class Coverage:
    """What the map itself is worth: shares, 0 to 1, of its links and edges; None where there are none."""

    links: int
    edges: int
    dated: float | None
    stale: float | None
    sourced: float | None
    judged: float | None
    quantified: float | None
    latest: date | None


def coverage(charted: Iterable[Charted]) -> Coverage:
    listed = list(charted)
    every = [one.tally for one in listed]

    def share(part: str, whole: str) -> float | None:
        parts, all_ = sum(tally[part] for tally in every), sum(tally[whole] for tally in every)
        return parts / all_ if all_ else None

    return Coverage(
        links=sum(tally["links"] for tally in every),
        edges=sum(tally["edges"] for tally in every),
        dated=share("dated", "links"),
        stale=share("stale", "links"),
        sourced=share("sourced", "links"),
        judged=share("judged", "links"),
        quantified=share("quantified", "edges"),
        latest=max((one.latest for one in listed if one.latest), default=None),
    )
