"""The tables of a chain in files: CSV files of a directory, the sheets of a workbook, or one GraphML."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import cast

from lxml import etree

from jiqun.industry.chains.exchange import TABLES, Row, Table, flattened
from jiqun.model import files
from jiqun.model.errors import InputRefused, NotFound, UsageError
from jiqun.model.findings import Finding, Place, Severity
from jiqun.packs.schema.chains import Chain
from jiqun.tables import Sheet, Value, delimited, read, xlsx
from jiqun.tables.workbook import shown

_NS = "http://graphml.graphdrawing.org/xmlns"
_MAX_BYTES = 200 * 1024**2
_LONGEST = 32_767  # characters that a cell of a workbook holds
_APOSTROPHE = ("=", "+", "-", "@", "\t", "\r", "'")
_ENDS = {"from_id": "source", "to_id": "target"}
_DRAWN = ("nodes", "edges")  # tables that GraphML has elements for; others are JSON of the graph


def csv_files(chain: Chain) -> dict[str, bytes]:
    """File name → content, one for each table, empty tables with their head. A text that a spreadsheet would run,
    or that begins with an apostrophe, has an apostrophe before it, which reading takes away."""
    found = {}
    for table, rows in _tables(chain):
        cells = [[_quoted(row.get(name)) for name in table.columns] for row in rows]
        found[f"{table.id}.csv"] = delimited.write(table.columns, cells)
    return found


def workbook(chain: Chain, *, created: datetime) -> bytes:
    """One sheet for each table. Raises UsageError for a text longer than a cell holds."""
    pages = []
    for table, rows in _tables(chain):
        if any(isinstance(value, str) and len(value) > _LONGEST for row in rows for value in row.values()):
            raise UsageError(f"“{table.label}”有超过 {_LONGEST} 字的文字，xlsx 放不下；请导出为 CSV 或 GraphML")
        columns = [xlsx.Column(name) for name in table.columns]
        cells = [[row.get(name) for name in table.columns] for row in rows]
        pages.append(xlsx.Page(f"{table.label} {table.id}", columns, cells))
    out = io.BytesIO()
    xlsx.write(out, pages, created=created)
    return out.getvalue()


def graphml(chain: Chain) -> bytes:
    """GraphML 1.0: nodes and edges with their cells as data, all as text; the other tables as data of the graph."""
    root = etree.Element(f"{{{_NS}}}graphml", nsmap={None: _NS})  # type: ignore[dict-item]
    tables = {table.id: (table, rows) for table, rows in _tables(chain)}
    for id_, (table, _) in tables.items():
        owner = {"nodes": "node", "edges": "edge"}.get(id_, "graph")
        for name in table.columns if id_ in ("chain", *_DRAWN) else (id_,):
            key = {"id": f"{owner}.{name}", "for": owner, "attr.name": name, "attr.type": "string"}
            if not ((id_ == "nodes" and name == "id") or (id_ == "edges" and name in _ENDS)):
                etree.SubElement(root, f"{{{_NS}}}key", key)
    graph = etree.SubElement(root, f"{{{_NS}}}graph", {"edgedefault": "directed"})
    _data(graph, "graph", tables["chain"][1][0])
    for id_, (_, rows) in tables.items():
        if id_ not in ("chain", *_DRAWN) and rows:
            said = [{name: shown(value) for name, value in row.items()} for row in rows]
            _data(graph, "graph", {id_: json.dumps(said, ensure_ascii=False)})
    for row in tables["nodes"][1]:
        node = etree.SubElement(graph, f"{{{_NS}}}node", {"id": shown(row["id"])})
        _data(node, "node", {name: value for name, value in row.items() if name != "id"})
    for row in tables["edges"][1]:
        ends = {end: shown(row[name]) for name, end in _ENDS.items()}
        edge = etree.SubElement(graph, f"{{{_NS}}}edge", ends)
        _data(edge, "edge", {name: value for name, value in row.items() if name not in _ENDS})
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def read_tables(source: Path) -> dict[str, list[Row]]:
    """The rows of each table in a directory of CSV files, an xlsx or a .graphml. Raises InputRefused, NotFound."""
    if not source.exists():
        raise NotFound(f"没有这个文件或目录：{source}")
    if source.suffix.lower() == ".graphml":
        content = files.read_within(source, _MAX_BYTES)
        if isinstance(content, int):
            raise _refused("too_large", "文件超过 200 MB", Place(source.name), "请拆分。")
        return read_graphml(content, source.name)
    if source.is_dir():
        found = {file_of(path.name): path for path in sorted(source.iterdir())}
        paths = {table.id: found[f"{table.id}.csv"] for table in TABLES if f"{table.id}.csv" in found}
        sheets = {id_: (path.name, read(path).sheets[0]) for id_, path in paths.items()}
        return {id_: list(_rows(sheet, Place(name), is_csv=True)) for id_, (name, sheet) in sheets.items()}
    book, tables = read(source), {}
    for table in TABLES:
        names = (table.id, table.label, f"{table.label} {table.id}")
        for sheet in book.sheets:
            if sheet.name.strip() in names:
                tables[table.id] = list(_rows(sheet, Place(book.name, sheet=sheet.name), is_csv=False))
    if "nodes" not in tables:
        raise _refused("no_nodes", "没有“环节 nodes”表", Place(book.name), "表名写 nodes 或 环节，第一行写列名。")
    return tables


def read_graphml(content: bytes, name: str) -> dict[str, list[Row]]:
    """The rows in a GraphML. Raises InputRefused for what is no GraphML, has a document type, or parts that have no
    place in a chain (hyperedges, ports, graphs within nodes)."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise _refused("doctype", "GraphML 带有文档类型声明", Place(name), "删去 <!DOCTYPE …> 后再导入。")
    try:
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except etree.XMLSyntaxError as error:
        raise _refused(
            "syntax", f"不是完整的 XML：{error.msg}", Place(name, error.lineno or 0), "请重新导出。"
        ) from None
    graphs = root.findall(f"{{{_NS}}}graph")
    if len(graphs) != 1:
        raise _refused(
            "graphs", f"GraphML 里应恰有一个图，这里有 {len(graphs)} 个", Place(name), "每条产业链一个文件。"
        )
    strange = list(root.iter(*(f"{{{_NS}}}{part}" for part in ("hyperedge", "port"))))
    strange += graphs[0].findall(f".//{{{_NS}}}graph")
    if strange:
        places = [_place(e, name) for e in strange]
        raise InputRefused(
            [_finding("graphml", "产业链里没有超边、端口和嵌套的图", p, "改为普通的节点和边。") for p in places]
        )
    keys = {key.get("id", ""): key.get("attr.name", key.get("id", "")) for key in root.findall(f"{{{_NS}}}key")}
    graph = graphs[0]
    tables: dict[str, list[Row]] = {table.id: [] for table in TABLES}
    own, place = _said(graph, keys, name), _place(graph, name)
    for table in TABLES:
        if table.id not in ("chain", *_DRAWN) and table.id in own:
            tables[table.id] = list(_listed(*own.pop(table.id), table))
    tables["chain"] = [Row(place, own)]
    for part, id_, ends in (("node", "nodes", {"id": "id"}), ("edge", "edges", _ENDS)):
        for element in graph.findall(f"{{{_NS}}}{part}"):
            where = _place(element, name)
            given = {name: (element.get(end, ""), where) for name, end in ends.items() if element.get(end)}
            tables[id_].append(Row(where, {**given, **_said(element, keys, name)}))
    return tables


def file_of(name: str) -> str:
    """The name that a CSV file of a table goes by: also 环节.csv is nodes.csv."""
    labels = {f"{table.label}.csv": f"{table.id}.csv" for table in TABLES}
    return labels.get(name, name)


def _tables(chain: Chain) -> Iterator[tuple[Table, list[dict[str, Value]]]]:
    flat = flattened(chain)
    return ((table, flat[table.id]) for table in TABLES)


def _quoted(value: Value) -> Value:
    return f"'{value}" if isinstance(value, str) and value.startswith(_APOSTROPHE) else value


def _rows(sheet: Sheet, place: Place, *, is_csv: bool) -> Iterator[Row]:
    heads = [cell.text.strip() for cell in sheet.row(1)] if sheet.height else []
    doubled = [head for head in dict.fromkeys(heads) if head and heads.count(head) > 1]
    if doubled:
        raise InputRefused([_finding("column", f"列“{head}”出现了两次", place, "留下一列。") for head in doubled])
    for number in range(2, sheet.height + 1):
        cells = {}
        for head, cell in zip(heads, sheet.row(number), strict=False):
            if cell.value is not None:
                text = cell.text.strip()
                said = text[1:] if is_csv and text.startswith("'") else text
                cells[head] = (said, Place(place.file, number if is_csv else 0, place.sheet, cell.address))
        if cells:
            yield Row(Place(place.file, number, place.sheet), cells)


def _data(element: etree._Element, owner: str, cells: Mapping[str, Value]) -> None:
    for name, value in cells.items():
        etree.SubElement(element, f"{{{_NS}}}data", {"key": f"{owner}.{name}"}).text = shown(value)


def _said(element: etree._Element, keys: Mapping[str, str], file: str) -> dict[str, tuple[str, Place]]:
    found = {}
    for data in element.findall(f"{{{_NS}}}data"):
        key, text = data.get("key", ""), (data.text or "").strip()
        if text:
            found[keys.get(key, key)] = (text, _place(data, file))
    return found


def _place(element: etree._Element, file: str) -> Place:
    line = cast("int | None", element.sourceline)  # the stubs say otherwise
    return Place(file, line or 0)


def _listed(text: str, place: Place, table: Table) -> Iterator[Row]:
    try:
        rows: Sequence[Mapping[str, str]] = json.loads(text)
        is_rows = isinstance(rows, list) and all(isinstance(row, dict) for row in rows)
    except ValueError:
        is_rows = False
    if not is_rows:
        raise _refused("json", f"“{table.id}”不是行的列表", place, "写成 JSON：[{列: 值, …}, …]。")
    for row in rows:
        yield Row(place, {name: (f"{value}", place) for name, value in row.items()})


def _finding(code: str, message: str, place: Place, remedy: str) -> Finding:
    return Finding(f"chain.{code}", Severity.ERROR, message, place, remedy)


def _refused(code: str, message: str, place: Place, remedy: str) -> InputRefused:
    return InputRefused([_finding(code, message, place, remedy)])
