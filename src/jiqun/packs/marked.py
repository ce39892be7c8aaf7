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


_SYNTAX = {
    "mapping values are not allowed in this context": "冒号放错了位置，或上一行缩进不对",
    "did not find expected key": "这里应是一个键；多半是缩进不对，或上一行的引号、括号没有写全",
    "could not find expected ':'": "键后面缺少冒号",
    "found character that cannot start any token": "用了制表符（Tab），或以特殊符号开头的文字没有加引号",
    "did not find expected ',' or ']'": "方括号里缺少逗号，或方括号没有写全",
    "did not find expected ',' or '}'": "花括号里缺少逗号，或花括号没有写全",
    "did not find expected '-' indicator": "列表项的短横没有对齐",
    "found unexpected end of stream": "文件到头了，引号却没有写全",
    "did not find expected alphabetic or numeric character": "以 & 或 * 开头的文字要加引号",
    "but found another document": "一个文件里只能有一份内容，去掉多余的 ---",
}
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
        why = _SYNTAX.get(str(wrong.problem), str(wrong.problem))
        place = text.place(mark.line + 1 if mark else 0)
        return Tree(text, None, None, [fault("syntax", place, why=why)])
    except yaml.YAMLError as wrong:  # a character no YAML text may hold
        position = getattr(wrong, "position", 0)
        line = text.content.count("\n", 0, position) + 1
        return Tree(text, None, None, [fault("syntax", text.place(line), why="含有不允许的控制字符")])
    tree = Tree(text, root, None)
    if root is not None:
        tree.value = _plain(root, tree, {}, root.start_mark.line + 1)
    return tree


def _plain(node: yaml.Node, tree: Tree, done: dict[int, Any], line: int) -> Any:
    """The value of a node; `line` is where it is written, which an alias's own mark does not tell."""
    if id(node) in done:
        tree.findings.append(fault("alias", tree.text.place(line)))
        return done[id(node)]
    if node.tag is not _PLAIN and node.tag is not _NULL:
        tree.findings.append(fault("alias", tree.text.place(line)))
    done[id(node)] = None  # what an alias to a container not yet complete gets
    if isinstance(node, yaml.ScalarNode):
        value: Any = None if node.tag is _NULL else node.value
    elif isinstance(node, yaml.SequenceNode):
        value = [_plain(child, tree, done, child.start_mark.line + 1) for child in node.value]
    else:
        value = _mapping(node, tree, done)
    done[id(node)] = value
    return value


def _mapping(node: yaml.Node, tree: Tree, done: dict[int, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for key, child in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            tree.findings.append(fault("syntax", tree.text.place(line), why="键应为文字"))
        elif key.value in lines:
            words = {"key": key.value, "first": lines[key.value]}
            tree.findings.append(fault("duplicate_key", tree.text.place(line), **words))
        else:
            lines[key.value] = line
            result[key.value] = _plain(child, tree, done, line)
    return result


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
    """A row of a CSV: its cells by column, empty ones left out. `is_torn`: wider or narrower than the header."""

    table: Text
    line: int
    cells: dict[str, str]
    is_torn: bool = False

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
        by_column = {column: cell for column, cell in pairs if cell and column in known}
        rows.append(Row(text, line, by_column, is_torn=len(cells) != len(columns)))
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
        except csv.Error:
            why = "含有空字符" if "\0" in text.content else "双引号没有成对"
            findings.append(fault("syntax", text.place(line), why=why))
            return
        if any(cell.strip() for cell in cells):
            yield line, [cell.strip() for cell in cells]
