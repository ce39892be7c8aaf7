"""One folder → its entries, each a schema object with its origin; every fault of form is a finding."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from jiqun.model import files
from jiqun.model.errors import EnvironmentFailed
from jiqun.model.findings import Finding, Place
from jiqun.packs.faults import fault
from jiqun.packs.layout import DIRECTORIES, KINDS, Kind, is_known, kind_of
from jiqun.packs.marked import Branch, Origin, Path, Row, Text, Tree, decode, read_csv, read_yaml
from jiqun.packs.schema.concept import Concept

_ROUNDS = 4  # of taking faulty values out of an entry, so that the rest of it is checked too
_WHY = {
    "string_type": "应为文字", "decimal_parsing": "应为数", "decimal_type": "应为数", "int_parsing": "应为整数",
    "int_type": "应为整数", "float_parsing": "应为数", "float_type": "应为数", "finite_number": "应为数",
    "bool_parsing": "应为 true 或 false", "bool_type": "应为 true 或 false", "date_parsing": "应为日期，如 2018-12-18",
    "date_from_datetime_parsing": "应为日期，如 2018-12-18", "date_from_datetime_inexact": "应为日期，如 2018-12-18",
    "date_type": "应为日期，如 2018-12-18", "tuple_type": "应为列表", "dict_type": "应为若干键和值",
    "model_type": "应为若干键和值", "model_attributes_type": "应为若干键和值", "too_short": "项数太少",
    "too_long": "项数太多",
}  # fmt: skip


@dataclass
class Entry:
    """One thing that a file says. `value` is None where its faults leave nothing to check.

    `is_damaged`: faulty parts were taken out, so what is counted or completed from it would mislead.
    `is_header_faulty`: a column that every row needs is not there.
    """

    kind: Kind
    file: str
    raw: Any
    origin: Origin
    value: Concept | None = None
    is_damaged: bool = False
    is_header_faulty: bool = False

    def place(self, *path: str | int) -> Place:
        return self.origin.place(*path)


@dataclass
class Contents:
    """A folder as read: `files` by their path within it, `entries` in the order of the files."""

    name: str
    directory: pathlib.Path
    files: dict[str, bytes]
    entries: list[Entry] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def place(self, file: str, line: int = 0) -> Place:
        return Place(f"{self.name}/{file}", line)

    def of(self, model: type[Concept]) -> Iterator[Entry]:
        return (entry for entry in self.entries if entry.kind.model is model)


def read_folder(directory: pathlib.Path, name: str = "") -> Contents:
    """The folder's entries and its faults of form; references between entries are not looked at.

    Places begin with `name`, by default that of the directory. Raises EnvironmentFailed when a file cannot be read.
    """
    contents = Contents(name or directory.resolve().name, directory, {})
    try:
        for path in _list(directory):
            inner = path.relative_to(directory).as_posix()
            if path.is_file() and is_known(inner):
                contents.files[inner] = path.read_bytes()
            else:
                contents.findings.append(fault("unknown_file", contents.place(inner)))
    except OSError as wrong:
        raise EnvironmentFailed(f"城市文件夹读不了：{wrong.filename}（{files.why(wrong)}）") from wrong
    for required in (kind.pattern for kind in KINDS if kind.is_required):
        if required not in contents.files:
            contents.findings.append(fault("missing_file", contents.place(required), name=required))
    for file, data in contents.files.items():
        kind = kind_of(file)
        if kind is not None or file.startswith("schemes/"):
            _read_file(contents, file, data, kind)
    return contents


def _list(directory: pathlib.Path) -> list[pathlib.Path]:
    """What stands in the folder and its known sub-folders, sorted, without what editors and Excel leave lying about."""
    found: list[pathlib.Path] = []
    for path in directory.iterdir():
        found += path.iterdir() if path.is_dir() and path.name in DIRECTORIES else [path]
    return sorted(path for path in found if not path.name.startswith((".", "~$", "__")) and not path.name.endswith("~"))


def _read_file(contents: Contents, file: str, data: bytes, kind: Kind | None) -> None:
    text = decode(f"{contents.name}/{file}", data)
    if isinstance(text, Finding):
        contents.findings.append(text)
        return
    if kind is not None and kind.is_table:
        entries = _table_entries(kind, file, text, contents.findings)
    else:
        tree = read_yaml(text)
        contents.findings += tree.findings
        if kind is None or (tree.root is None and tree.findings):
            return
        entries = _tree_entries(kind, file, tree, contents.findings)
    for entry in entries:
        if not (isinstance(entry.origin, Row) and entry.origin.is_torn):
            _validate(entry, contents.findings)
        contents.entries.append(entry)


def _table_entries(kind: Kind, file: str, text: Text, findings: list[Finding]) -> Iterator[Entry]:
    sheet = read_csv(text, kind.columns, kind.required_columns)
    findings += sheet.findings
    has_all = all(column in sheet.columns for column in kind.required_columns)
    lists = kind.list_columns
    for row in sheet.rows:
        raw: dict[str, Any] = dict(row.cells)
        for column in lists:
            if column in raw:
                raw[column] = [item.strip() for item in raw[column].split("|") if item.strip()]
        yield Entry(kind, file, raw, row, is_header_faulty=not has_all)


def _tree_entries(kind: Kind, file: str, tree: Tree, findings: list[Finding]) -> Iterator[Entry]:
    if kind.key is None:
        yield Entry(kind, file, {} if tree.value is None else tree.value, Branch(tree, ()))
        return
    listed = tree.value
    if isinstance(listed, dict):
        for key in listed:
            if key != kind.key:
                findings.append(fault("unknown_key", tree.place(key), key=key, known=kind.key))
        listed = listed.get(kind.key)
    if not isinstance(listed, list):
        findings.append(fault("missing_key", tree.place(), key=kind.key))
        return
    root: tuple[str, ...] = (kind.key,) if isinstance(tree.value, dict) else ()
    for index, raw in enumerate(listed):
        yield Entry(kind, file, raw, Branch(tree, (*root, index)))


def _validate(entry: Entry, findings: list[Finding]) -> None:
    """Sets the entry's value; where parts are faulty, that of the sound rest."""
    told: set[Path] = set()
    for _ in range(_ROUNDS):
        try:
            entry.value = entry.kind.model.model_validate(entry.raw)
            return
        except ValidationError as wrong:
            errors = wrong.errors(include_url=False)
        drops: set[Path] = set()
        for error in errors:
            is_missing = error["type"] == "missing"
            path = _real_path(entry.raw, error["loc"], is_missing)
            # A key taken out in the round before is missing now; a column that is missing was told at the header.
            if path not in told and not (is_missing and entry.is_header_faulty):
                findings.append(_finding(entry, error, path))
            told.add(path)
            drops.add(path[:-1] if is_missing else path)
        told |= drops  # what goes with a faulty part is no further fault
        entry.is_damaged = True
        if () in drops:
            return
        for path in sorted(drops, key=_from_the_end):
            _drop(entry, path)


def form_findings(entry: Entry) -> list[Finding]:
    """Every fault of form of one entry, wherever it comes from; its value is set where there is none."""
    try:
        entry.value = entry.kind.model.model_validate(entry.raw)
    except ValidationError as wrong:
        errors = wrong.errors(include_url=False)
        return [_finding(entry, e, _real_path(entry.raw, e["loc"], e["type"] == "missing")) for e in errors]
    return []


def _from_the_end(path: Path) -> tuple[int, list[tuple[str, int]]]:
    """Deeper and later values first, so that taking one out does not shift the next."""
    return -len(path), [(part, 0) if isinstance(part, str) else ("", -part) for part in path]


def _drop(entry: Entry, path: Path) -> None:
    if isinstance(entry.origin, Branch):
        entry.origin.tree.drop((*entry.origin.path, *path))
    else:
        entry.raw.pop(path[0], None)


def _real_path(raw: Any, location: Path, is_missing: bool) -> Path:
    """The error's location without the names of union branches, which stand in no file."""
    path: list[str | int] = []
    for step in location:
        if not _leads_on(raw, step):
            break
        raw = raw[step]
        path.append(step)
    return (*path, location[-1]) if is_missing else tuple(path)


def _leads_on(raw: Any, step: str | int) -> bool:
    if isinstance(raw, dict):
        return step in raw
    return isinstance(raw, list) and isinstance(step, int) and step < len(raw)


def _finding(entry: Entry, error: ErrorDetails, path: Path) -> Finding:
    place = entry.place(*path)
    key = next((part for part in reversed(path) if isinstance(part, str)), entry.kind.pattern)
    if error["type"] == "missing":
        return fault("missing_key", entry.place(*path[:-1]), key=path[-1])
    if error["type"] == "extra_forbidden":
        return fault("unknown_key", place, key=key, known="、".join(_known_keys(entry, path)))
    context = error.get("ctx", {})
    if error["type"] in ("literal_error", "enum"):
        why = "应为 " + str(context.get("expected", "")).replace("'", "").replace(" or ", " 或 ").replace(", ", "、")
    elif error["type"].startswith(("greater", "less")):
        why = "应" + ("不小于" if "ge" in context else "不大于") + f" {next(iter(context.values()), '')}"
    else:
        why = _WHY.get(error["type"], "写法不对")
    value = "（空）" if error["input"] is None else f"“{_short(error['input'])}”"
    return fault("wrong_type", place, key=key, value=value, why=why)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:39] + "…"


def _known_keys(entry: Entry, path: Path) -> tuple[str, ...]:
    """The keys of the concept in which `path` ends, found by walking the models beside the path."""
    model: type[Concept] | None = entry.kind.model
    for step in path[:-1]:
        if model is not None and step in model.model_fields:  # other steps are indexes, or keys people chose
            model = _concept_in(model.model_fields[str(step)].annotation)
    return tuple(model.model_fields) if model is not None else ()


def _concept_in(annotation: Any) -> type[Concept] | None:
    if isinstance(annotation, type) and issubclass(annotation, Concept):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        found = _concept_in(part)
        if found is not None:
            return found
    return None
