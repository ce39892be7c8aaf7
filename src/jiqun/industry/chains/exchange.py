"""A chain as tables of nodes and edges, out and in: CSV, xlsx and GraphML hold the same cells, and nothing is lost.

`flattened` turns a chain into seven tables, `assembled` turns cells back; the formats only carry cells. Every edge is a
row: one that a node names in `feeds_ids` says `is_plain`. A list is one cell, parted by semicolons, or JSON where
an item has one. An empty cell says nothing, as a key left out of a chain file does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, get_origin

import yaml

from jiqun import packs
from jiqun.industry.chains import columns
from jiqun.model.errors import InputRefused
from jiqun.model.findings import Finding, Place, Severity
from jiqun.packs.city import City
from jiqun.packs.faults import fault
from jiqun.packs.layout import NAMESPACES, kind_of
from jiqun.packs.reading import Entry, form_findings
from jiqun.packs.registry import references
from jiqun.packs.schema.chains import (
    Chain,
    ChainEdge,
    ChainNode,
    Chokepoint,
    Dated,
    LocalFocus,
    NamedFirm,
    Purchase,
    Sale,
)
from jiqun.packs.schema.concept import Concept
from jiqun.tables import Value

_WEAKNESS = "chokepoint_"
_PLAIN = "is_plain"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]*")
_YES, _NO = {"true", "是", "1"}, {"false", "否", "0"}
Path = tuple[str | int, ...]
Cells = Mapping[str, Value]


def _own(model: type[Concept], *left: str) -> tuple[str, ...]:
    """The fields of a model but those `left`, what it says of its source last."""
    return tuple(sorted((name for name in model.model_fields if name not in left), key=Dated.model_fields.__contains__))


@dataclass(frozen=True)
class Table:
    """One of the seven: `id` in every format, `label` beside it in a workbook; `columns` in order, ids too."""

    id: str
    label: str
    model: type[Concept]
    columns: tuple[str, ...]


TABLES = (
    Table("chain", "产业链", Chain, _own(Chain, "layout", "nodes", "edges", "purchases", "sales")),
    Table("nodes", "环节", ChainNode, (
        *_own(ChainNode, "feeds_ids", "chokepoint", "firms"), *(_WEAKNESS + name for name in _own(Chokepoint)),
    )),
    Table("edges", "边", ChainEdge, (*_own(ChainEdge), _PLAIN)),
    Table("firms", "点名的企业", NamedFirm, ("node_id", *_own(NamedFirm))),
    Table("purchases", "采购", Purchase, _own(Purchase)),
    Table("sales", "销售", Sale, _own(Sale)),
    Table("layout", "本市布局", LocalFocus, _own(LocalFocus)),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A row as read: cells that say something, by column, each with its place."""

    place: Place
    cells: Mapping[str, tuple[str, Place]]


@dataclass
class _Raw:
    """What a chain file would say, with the place of every part: an `Origin` for the faults of its form."""

    said: dict[str, Any]
    places: dict[Path, Place] = field(default_factory=dict)
    strange: set[tuple[str, str]] = field(default_factory=set)  # columns of tables that were told as unknown

    def place(self, *path: str | int) -> Place:
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place())


# --- out


def flattened(chain: Chain) -> dict[str, list[dict[str, Value]]]:
    """The rows of each of `TABLES`, by its id; only cells that say something are there."""
    nodes = []
    for node in chain.nodes:
        row = _cells(node, ChainNode, "feeds_ids", "chokepoint", "firms")
        if node.chokepoint is not None:
            weak = _cells(node.chokepoint, Chokepoint) | {"items": _listed(node.chokepoint.items) or "[]"}
            row |= {_WEAKNESS + name: value for name, value in weak.items()}
        nodes.append(row)
    plain: list[dict[str, Value]] = [
        {"from_id": node.id, "to_id": to, _PLAIN: True} for node in chain.nodes for to in node.feeds_ids
    ]
    firms = [{"node_id": node.id, **_cells(firm, NamedFirm)} for node in chain.nodes for firm in node.firms]
    return {
        "chain": [_cells(chain, Chain, "layout", "nodes", "edges", "purchases", "sales")],
        "nodes": nodes,
        "edges": [*(_cells(edge, ChainEdge) for edge in chain.edges), *plain],
        "firms": firms,
        "purchases": [_cells(bought, Purchase) for bought in chain.purchases],
        "sales": [_cells(sold, Sale) for sold in chain.sales],
        "layout": [_cells(said, LocalFocus) for said in chain.layout],
    }


def _cells(said: Concept, model: type[Concept], *left: str) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name in _own(model, *left):
        value = getattr(said, name)
        if isinstance(value, tuple):
            value = _listed(value)
        elif isinstance(value, int) and not isinstance(value, bool):
            value = Decimal(value)
        elif not isinstance(value, Decimal | date | bool | None):
            value = f"{value}"
        if value is not None and value != "":
            found[name] = value
    return found


def _listed(items: Sequence[str]) -> str | None:
    if not items:
        return None
    text = "；".join(items)
    return text if _items(text) == list(items) else json.dumps(list(items), ensure_ascii=False)


def _items(text: str) -> list[str]:
    if text.startswith("["):
        try:
            items = json.loads(text)
        except ValueError:
            items = None
        if isinstance(items, list) and all(isinstance(item, str) for item in items):
            return items
    return [item.strip() for item in re.split("[;；]", text) if item.strip()]


def as_yaml(chain: Chain) -> str:
    """The text of a chain file that reads as this chain; what is not said is left out."""
    said = chain.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump(said, allow_unicode=True, sort_keys=False, width=10_000)


# --- in


def assembled(tables: Mapping[str, Sequence[Row]]) -> Chain:
    """The chain that the rows tell. Raises InputRefused with every fault of form and every end that is no node."""
    raw, findings = _raw(tables)
    entry = Entry(kind_of("chains/x.yaml"), "", raw.said, raw)  # type: ignore[arg-type]
    findings += form_findings(entry)
    findings += _strangers(raw)
    id_ = raw.said.get("id")
    if id_ is not None and not _ID.fullmatch(id_):  # it becomes the name of a file
        findings.append(fault("id", raw.place("id"), id=id_))
    if findings or not isinstance(entry.value, Chain):
        raise InputRefused(sorted(findings, key=lambda finding: finding.place))
    return entry.value


def within(chain: Chain, city: City, tables: Mapping[str, Sequence[Row]]) -> City:
    """The city with the chain in its file. Raises InputRefused; what the folder lacks is told at its cell."""
    raw, _ = _raw(tables)
    path = f"chains/{chain.id}.yaml"
    try:
        return packs.amended(city, {path: as_yaml(chain).encode()})
    except InputRefused as refused:
        said: dict[str, list[Path]] = {}
        for where, _, id_ in references(chain):
            said.setdefault(id_, []).append(where)
        findings = []
        for finding in refused.findings:
            id_ = next((id_ for id_ in said if f"“{id_}”不存在" in finding.message), "")
            place = raw.place(*said[id_].pop(0)) if said.get(id_) else finding.place
            findings.append(Finding(finding.code, finding.severity, finding.message, place, finding.remedy))
        raise InputRefused(findings) from None


def _raw(tables: Mapping[str, Sequence[Row]]) -> tuple[_Raw, list[Finding]]:
    """What the rows say in the shape of a chain file, with places; and what fits nowhere in it."""
    raw, findings = _Raw({}), []
    tables = _known(tables)
    heads = tables.get("chain", ())
    if not any({"id", "name"} & row.cells.keys() for row in heads[:1]):
        place = heads[0].place if heads else Place(_file_of(tables))
        told = "在“chain”表写 id 和 name 两列（CSV 为 chain.csv，GraphML 为图的数据），或在导入时另写。"
        findings.append(_wrong("no_chain", "没有写明是哪条产业链：缺编号和名称", place, told))
        raw.said.update(id="x", name="x")  # said once is enough
    for extra in heads[1:]:
        findings.append(_wrong("rows", "“chain”表多于一行", extra.place, "一次只导入一条产业链，删去多余的行。"))
    for row in heads[:1]:
        raw.places[()] = row.place
        raw.said.update(_read(row, TABLES[0], raw, (), findings))
    for table in TABLES[1:]:
        if table.id == "firms":
            continue
        listed = raw.said.setdefault(table.id, [])
        for row in tables.get(table.id, ()):
            if table.id == "edges" and _is_plain(row, findings):
                continue
            path: Path = (table.id, len(listed))
            raw.places[path] = row.place
            listed.append(_read(row, table, raw, path, findings))
    _nest(tables, raw, findings)
    return raw, findings


def _known(tables: Mapping[str, Sequence[Row]]) -> dict[str, list[Row]]:
    return {id_: [Row(row.place, columns.known(id_, row.cells)) for row in rows] for id_, rows in tables.items()}


def _file_of(tables: Mapping[str, Sequence[Row]]) -> str:
    return next((row.place.file for rows in tables.values() for row in rows), "")


def named(tables: Mapping[str, Sequence[Row]], id_: str, name: str) -> dict[str, list[Row]]:
    """The tables with the chain's id and name where they do not say them themselves."""
    found = _known(tables)
    first, *more = found.get("chain") or [Row(Place(_file_of(found)), {})]
    said = {key: (text.strip(), Place()) for key, text in (("id", id_), ("name", name)) if text.strip()}
    found["chain"] = [Row(first.place, {**said, **first.cells}), *more]
    return found


def _nest(tables: Mapping[str, Sequence[Row]], raw: _Raw, findings: list[Finding]) -> None:
    """Plain edges become `feeds_ids` of the nodes they leave, firms go into their nodes."""
    numbers: dict[str, int] = {}
    for number, node in enumerate(raw.said["nodes"]):
        numbers.setdefault(node.get("id", ""), number)
    for part, own, key in (("edges", "from_id", "feeds_ids"), ("firms", "node_id", "firms")):
        table = next(table for table in TABLES if table.id == part)
        for row in tables.get(part, ()):
            if part == "edges" and not _is_plain(row, []):
                continue
            id_, place = row.cells.get(own, ("", row.place))
            if not id_:
                findings.append(fault("missing_key", row.place, key=own))
            elif id_ not in numbers:
                findings.append(_stranger(own, id_, place))
            else:
                number = numbers[id_]
                listed = raw.said["nodes"][number].setdefault(key, [])
                path: Path = ("nodes", number, key, len(listed))
                raw.places[path] = row.place
                if part == "firms":
                    listed.append(_read(row, table, raw, path, findings))
                elif "to_id" in row.cells:
                    listed.append(row.cells["to_id"][0])
                else:
                    findings.append(fault("missing_key", row.place, key="to_id"))


def _is_plain(row: Row, findings: list[Finding]) -> bool:
    """Whether an edge says no more than that one feeds the other, and is marked so."""
    text, place = row.cells.get(_PLAIN, ("", row.place))
    if text.lower() not in _YES | _NO | {""}:
        findings.append(fault("wrong_type", place, key=_PLAIN, value=f"“{text}”", why="应为 true 或 false"))
    is_more = any(name not in ("from_id", "to_id", _PLAIN) for name in row.cells if name != "kind")
    return text.lower() in _YES and not is_more and row.cells.get("kind", ("feeds",))[0] == "feeds"


def _read(row: Row, table: Table, raw: _Raw, path: Path, findings: list[Finding]) -> dict[str, Any]:
    """The cells of a row under the keys of a chain file."""
    said: dict[str, Any] = {}
    for name, (text, place) in row.cells.items():
        if name not in table.columns:
            if (table.id, name) not in raw.strange:  # once, at its first cell
                raw.strange.add((table.id, name))
                findings.append(fault("unknown_column", place, key=name, known="、".join(table.columns)))
            continue
        if name == _PLAIN or (table.id == "firms" and name == "node_id"):
            continue
        model, key, at, into = table.model, name, path, said
        if name.startswith(_WEAKNESS):
            model, key, at = Chokepoint, name.removeprefix(_WEAKNESS), (*path, "chokepoint")
            into = said.setdefault("chokepoint", {})
            raw.places.setdefault(at, row.place)
        is_list = get_origin(model.model_fields[key].annotation) is tuple
        into[key] = _items(text) if is_list else text
        raw.places[(*at, key)] = place
    return said


def _strangers(raw: _Raw) -> list[Finding]:
    """Ids of nodes given twice, and ends of edges, goods bought and sold that are no node of the chain."""
    found, first = [], dict[str, Place]()
    for number, node in enumerate(raw.said["nodes"]):
        id_, place = node.get("id"), raw.place("nodes", number, "id")
        if id_ in first:
            found.append(fault("duplicate_id", place, kind=NAMESPACES["node"], id=id_, first=first[id_]))
        elif id_ is not None:
            first[id_] = place
    for part, names in (("edges", ("from_id", "to_id")), ("purchases", ("node_id",)), ("sales", ("node_id",))):
        for number, said in enumerate(raw.said[part]):
            for name in names:
                if name in said and said[name] not in first:
                    found.append(_stranger(name, said[name], raw.place(part, number, name)))
    for number, node in enumerate(raw.said["nodes"]):
        for at, id_ in enumerate(node.get("feeds_ids", ())):
            if id_ not in first:
                found.append(_stranger("to_id", id_, raw.place("nodes", number, "feeds_ids", at)))
    return found


def _stranger(name: str, id_: str, place: Place) -> Finding:
    return fault("dangling", place, field=name, kind=NAMESPACES["node"], id=id_, near="")


def _wrong(code: str, message: str, place: Place, remedy: str) -> Finding:
    return Finding(f"chain.{code}", Severity.ERROR, message, place, remedy)
