"""Industries; and the files that stand beside an index: documents, and crosswalk tables, which only `check` reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jiqun.model.findings import Finding
from jiqun.packs.faults import fault
from jiqun.packs.layout import NAMESPACES
from jiqun.packs.marked import decode, read_csv
from jiqun.packs.reading import Contents, Entry
from jiqun.packs.registry import Registry
from jiqun.packs.schema.industries import MATCHES, Crosswalk, Industry
from jiqun.packs.schema.sources import FolderDocument

_INDEX = "documents/index.yaml"


def document_findings(own: Contents) -> Iterator[Finding]:
    """Documents listed but not there, and there but not listed."""
    listed: set[str] = {_INDEX}
    for entry in own.of(FolderDocument):
        for _, file, within in entry.kind.ids(entry.raw):
            listed.add(f"documents/{file}")
            if f"documents/{file}" not in own.files:
                yield fault("no_document", entry.place(*within), file=file)
    for path in own.files:
        if path.startswith("documents/") and path not in listed:
            yield fault("unlisted_document", own.place(path))


def industry_findings(registry: Registry) -> Iterator[Finding]:
    levels = {industry.code: industry.level for _, industry in registry.of(Industry)}
    for entry, industry in registry.of(Industry):
        above = levels.get(industry.parent_code, 0) if industry.parent_code else 0
        is_dangling = industry.parent_code is not None and industry.parent_code not in levels
        if above != industry.level - 1 and not is_dangling:
            yield fault("industry_level", entry.place("parent_code"))


def table_findings(folders: Sequence[Contents], registry: Registry) -> Iterator[Finding]:
    """Faults of the crosswalk tables: columns other than declared, codes that are no industry."""
    for contents in folders:
        listed = {"crosswalks/index.yaml"}
        for entry in contents.of(Crosswalk):
            if isinstance(entry.value, Crosswalk):
                path = f"crosswalks/{entry.value.file}"
                listed.add(path)
                if path in contents.files:
                    yield from _crosswalk_findings(contents, path, entry, registry)
                else:
                    yield fault("no_document", entry.place("file"), file=entry.value.file)
        for path in contents.files:
            if path.startswith("crosswalks/") and path not in listed:
                yield fault("unknown_file", contents.place(path))


def _crosswalk_findings(contents: Contents, path: str, entry: Entry, registry: Registry) -> Iterator[Finding]:
    crosswalk = entry.value
    assert isinstance(crosswalk, Crosswalk)
    text = decode(f"{contents.name}/{path}", contents.files[path])
    if isinstance(text, Finding):
        yield text
        return
    sheet = read_csv(text, crosswalk.columns, crosswalk.columns)
    yield from sheet.findings
    for at, derived in enumerate(crosswalk.derives):
        needed = ("match", *derived.where, *filter(None, (derived.group_column, derived.group_name_column)))
        for name in needed:
            if name not in crosswalk.columns:
                yield fault("crosswalk_column", entry.place("derives", at), name=name, file=crosswalk.file)
    column = crosswalk.code_column
    for row in sheet.rows:
        code = row.cells.get(column, "")
        if code not in registry.ids["industry"]:
            words = {"field": column, "kind": NAMESPACES["industry"], "id": code, "near": ""}
            yield fault("dangling", row.place(), **words)
        if crosswalk.derives and (match := row.cells.get("match", "")) not in MATCHES:
            yield fault("no_match", row.place(), value=match)
