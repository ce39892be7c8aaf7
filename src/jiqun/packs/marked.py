"""YAML and CSV read so that every value can say on which line it stands."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]
from yaml.resolver import BaseResolver

from jiqun.model.findings import Finding, Place
from jiqun.packs.faults import fault

Path = tuple[str | int, ...]


class Origin(Protocol):
    """Where a value and its parts stand."""

    def place(self, *path: str | int) -> Place: ...


@dataclass(frozen=True)
class Text:
    """A file decoded, under the name people are told."""

    name: str
    content: str

    def place(self, line: int = 0) -> Place:
        return Place(self.name, line)


def decode(name: str, content: bytes) -> Text | Finding:
    """The file's text, without byte-order mark; or the finding that says on which line it stops being UTF-8."""
    try:
        return Text(name, content.decode("utf-8-sig"))
    except UnicodeDecodeError as wrong:
        return fault("encoding", Place(name, content.count(b"\n", 0, wrong.start) + 1))


# --- YAML


class _Loader(CParser, BaseResolver):
    """Composes nodes only. Every scalar is text, or null: what a number or a day is, the schema knows."""

    def __init__(self, stream: str) -> None:
        CParser.__init__(self, stream)
        BaseResolver.__init__(self)

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> str:
        if kind is yaml.ScalarNode and implicit[0] and value in _NULLS:
            return _NULL
        return _PLAIN


_NULLS = frozenset({"", "~", "null"})
_NULL, _PLAIN = "null", "plain"


@dataclass
class Tree:
    """A YAML text as plain dicts, lists and strings (`value`) beside the nodes that know their lines."""

    text: Text
    root: yaml.Node | None
    value: Any
    findings: list[Finding] = field(default_factory=list)

    def place(self, *path: str | int) -> Place:
        """Line of the value at `path`; of its nearest container where the path leads nowhere."""
        node, line = self.root, 1
        if node is not None:
            line = node.start_mark.line + 1
        for step in path:
            found = _child(node, step)
            if found is not None:
                node, line = found
        return self.text.place(line)

    def drop(self, path: Path) -> None:
        """Take the value at `path` out of both trees, so that its neighbours can still be checked."""
        node, value = self.root, self.value
        for step in path[:-1]:
            found = _child(node, step)
            if found is None:
                return
            node, value = found[0], value[step]
        last = path[-1]
        if isinstance(node, yaml.MappingNode) and isinstance(value, dict):
            value.pop(last, None)
            node.value = [pair for pair in node.value if pair[0].value != last]
        elif isinstance(node, yaml.SequenceNode) and isinstance(last, int) and last < len(value):
            del value[last]
            del node.value[last]


@dataclass(frozen=True)
class Branch:
    """A part of a tree, as an origin of its own."""

    tree: Tree
    path: Path

    def place(self, *path: str | int) -> Place:
        return self.tree.place(*self.path, *path)


def read_yaml(text: Text) -> Tree:
    """The tree of a YAML text. Syntax faults leave it empty, duplicate keys keep the first; both are in `findings`."""
    try:
        root = _Loader(text.content).get_single_node()
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        why = "、".join(part for part in (wrong.context, wrong.problem) if part)
        place = text.place(mark.line + 1 if mark else 0)
        return Tree(text, None, None, [fault("syntax", place, why=why)])
    except yaml.YAMLError as wrong:  # a character no YAML text may hold
        position = getattr(wrong, "position", 0)
        line = text.content.count("\n", 0, position) + 1
        return Tree(text, None, None, [fault("syntax", text.place(line), why="含有不允许的控制字符")])
    tree = Tree(text, root, None)
    if root is not None:
        tree.value = _plain(root, tree, set())
    return tree


def _plain(node: yaml.Node, tree: Tree, seen: set[int]) -> Any:
    if id(node) in seen or (node.tag is not _PLAIN and node.tag is not _NULL):
        tree.findings.append(fault("alias", _at(node, tree)))  # a node met twice was reached by an alias
        return None
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        return None if node.tag is _NULL else node.value
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, tree, seen) for child in node.value]
    result: dict[str, Any] = {}
    for key, child in node.value:
        if not isinstance(key, yaml.ScalarNode):
            tree.findings.append(fault("syntax", _at(key, tree), why="键应为文字"))
        elif key.value in result:
            first = next(known for known, _ in node.value if known.value == key.value)
            line = first.start_mark.line + 1
            tree.findings.append(fault("duplicate_key", _at(key, tree), key=key.value, first=line))
        else:
            result[key.value] = _plain(child, tree, seen)
    return result


def _at(node: yaml.Node, tree: Tree) -> Place:
    return tree.text.place(node.start_mark.line + 1)


def _child(node: yaml.Node | None, step: str | int) -> tuple[yaml.Node, int] | None:
    """The node below and the line to show for it: for a mapping that of the key, so unfinished values are found."""
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        child = node.value[step]
        return child, child.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, child in node.value:
            if key.value == step:
                return child, key.start_mark.line + 1
    return None


# --- CSV


@dataclass(frozen=True)
class Row:
    """A row of a CSV: its cells by column, empty ones left out."""

    table: Text
    line: int
    cells: dict[str, str]

    def place(self, *path: str | int) -> Place:
        return self.table.place(self.line)


@dataclass(frozen=True)
class Sheet:
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...] = ()


def read_csv(text: Text, known: Sequence[str], required: Sequence[str]) -> Sheet:
    """The rows under the header; unknown, missing or doubled columns and rows of another width are findings."""
    findings: list[Finding] = []
    lines = _lines(text, findings)
    header = next(lines, None)
    if header is None:
        return Sheet((), (), (*findings, fault("no_header", text.place(1), known="、".join(known))))
    columns = tuple(name.strip() for name in header[1])
    findings += _header_findings(text, header[0], columns, known, required)
    rows: list[Row] = []
    for line, cells in lines:
        if len(cells) != len(columns):
            findings.append(fault("cells", text.place(line), count=len(cells), expected=len(columns)))
        pairs = zip(columns, cells, strict=False)
        rows.append(Row(text, line, {column: cell for column, cell in pairs if cell and column in known}))
    return Sheet(columns, tuple(rows), tuple(findings))


def _header_findings(
    text: Text, line: int, columns: Sequence[str], known: Sequence[str], required: Sequence[str]
) -> Iterator[Finding]:
    place = text.place(line)
    for index, column in enumerate(columns):
        if column in columns[:index]:
            yield fault("duplicate_column", place, key=column)
        elif column not in known:
            yield fault("unknown_column", place, key=column, known="、".join(known))
    for column in required:
        if column not in columns:
            yield fault("missing_column", place, key=column)


def _lines(text: Text, findings: list[Finding]) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, with the line it begins on."""
    reader = csv.reader(io.StringIO(text.content, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as wrong:
            findings.append(fault("syntax", text.place(line), why=str(wrong)))
            return
        if any(cell.strip() for cell in cells):
            yield line, [cell.strip() for cell in cells]
