"""From a path or a bundled name to a City, or to everything that is wrong with the folder."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from jiqun.model.errors import InputRefused, NotFound
from jiqun.model.findings import Finding, Place, Severity
from jiqun.packs.checks import semantic_findings, table_findings
from jiqun.packs.city import City
from jiqun.packs.faults import fault
from jiqun.packs.reading import Contents, read_folder
from jiqun.packs.registry import Registry, collect, dangling
from jiqun.packs.schema.areas import Area
from jiqun.packs.schema.bodies import Body
from jiqun.packs.schema.chains import Chain
from jiqun.packs.schema.clusters import Catalogue, Membership, Recasting
from jiqun.packs.schema.concept import Concept
from jiqun.packs.schema.dockets import Docket, InventedItem
from jiqun.packs.schema.examples import Example
from jiqun.packs.schema.extents import Extent
from jiqun.packs.schema.forms import Form
from jiqun.packs.schema.indicators import Indicator
from jiqun.packs.schema.industries import Crosswalk, Industry
from jiqun.packs.schema.invented_returns import InventedReturns
from jiqun.packs.schema.invention import Invention
from jiqun.packs.schema.layouts import Layout
from jiqun.packs.schema.neighbours import NeighbouringAreas
from jiqun.packs.schema.registers import Register
from jiqun.packs.schema.settings import CitySettings, DatedValue, Lexicon
from jiqun.packs.schema.sources import Figure, FolderDocument, Source
from jiqun.packs.schema.subsidies import SubsidyScheme
from jiqun.packs.schema.tiers import Ladder, Metric, Tier

BUNDLED = Path(__file__).resolve().parent.parent / "cities"


def folder(name: str) -> Path:
    """The bundled folder of that name. Raises NotFound with the names there are."""
    known = bundled_names()
    if name not in known:
        raise NotFound(f"没有名为“{name}”的城市文件夹；随程序提供的有：{'、'.join(known)}")
    return BUNDLED / name


def bundled_names() -> tuple[str, ...]:
    """Names of the folders that come with the program."""
    return tuple(path.parent.name for path in sorted(BUNDLED.glob("*/city.yaml")))


def is_bundled(directory: Path) -> bool:
    """Whether the directory is one of the folders that come with the program, by whatever path it is named."""
    return BUNDLED in directory.resolve().parents


def load(path_or_name: str | Path) -> City:
    """The city of a folder, which a path or the name of a bundled folder points to.

    Raises InputRefused with every finding, warnings too, when one of them is an error.
    """
    folders, registry, findings = _examine(path_or_name)
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise InputRefused(_sorted(findings))
    return _city(folders, registry)


def check(path_or_name: str | Path, on: date | None = None) -> list[Finding]:
    """Everything wrong with a folder, errors first, then by file and line; nothing for a clean one.

    What `load` leaves to its users is read too: crosswalk tables, the rules of tiers and forms, and given a day,
    which forms have lapsed by then. Of the folders that the folder extends only errors are told.
    """
    # these bring the rule engines; load stays quick
    from jiqun.packs.checks.docket_rules import docket_rule_findings  # noqa: PLC0415
    from jiqun.packs.checks.form_rules import form_rule_findings  # noqa: PLC0415
    from jiqun.packs.checks.forms import lapsed_findings  # noqa: PLC0415
    from jiqun.packs.checks.rules import rule_findings  # noqa: PLC0415

    folders, registry, findings = _examine(path_or_name)
    findings += table_findings(folders, registry)
    findings += rule_findings(registry)
    if not any(finding.code.startswith("packs.extends") for finding in findings):  # else every name would be told
        findings += form_rule_findings(registry)
        findings += docket_rule_findings(registry)
    findings += lapsed_findings(registry, on) if on else ()
    own = f"{folders[-1].name}/"
    return _sorted([f for f in findings if f.severity is Severity.ERROR or f.place.file.startswith(own)])


def snapshot_files(city: City) -> dict[str, bytes]:
    """The city's folder and those it extends, as `<folder id>/<path>`: written below one directory they load again."""
    return dict(city.files)


def amended(city: City, changes: Mapping[str, bytes | None]) -> City:
    """The city as its folder would be with these files, by path within it, added, replaced or (None) left out.

    Raises InputRefused with every finding as `load` does; nothing is written into the folder.
    """
    with tempfile.TemporaryDirectory() as directory:
        own = {f"{city.id}/{path}": content for path, content in changes.items()}
        for name, content in {**city.files, **own}.items():
            if content is None:
                continue
            file = Path(directory, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        return load_snapshot(Path(directory))


def load_snapshot(directory: Path) -> City:
    """The city of a directory written from `snapshot_files`: its folder is the one that no other extends.

    Raises NotFound when the directory holds no such folder.
    """
    extends = {path.parent.name: _said(read_folder(path.parent), "extends") for path in directory.glob("*/city.yaml")}
    tops = [name for name in extends if name not in extends.values()]
    if len(tops) != 1:
        raise NotFound(f"{directory} 不是城市文件夹的存档")
    return load(directory / tops[0])


# --- reading


def _examine(path_or_name: str | Path) -> tuple[list[Contents], Registry, list[Finding]]:
    folders, findings = _with_parents(_directory(path_or_name))
    is_whole = not findings  # else every reference into the folder that was not found would be told
    for contents in folders:
        findings += contents.findings
    registry = collect(folders)
    findings += registry.findings
    findings += dangling(registry) if is_whole else ()
    findings += semantic_findings(registry, folders[-1])
    return folders, registry, findings


def _directory(path_or_name: str | Path) -> Path:
    """A folder with a city.yaml there wins over a bundled folder of the same name."""
    path = Path(path_or_name)
    if (path / "city.yaml").is_file():
        return path
    is_name = isinstance(path_or_name, str) and len(path.parts) == 1
    if is_name and (path_or_name in bundled_names() or not path.exists()):
        return folder(str(path_or_name))
    if path.is_dir():
        return path
    why = "这是一个文件" if path.exists() else "路径不存在"
    raise InputRefused([fault("folder", Place(str(path)), why=why)])


def _with_parents(directory: Path) -> tuple[list[Contents], list[Finding]]:
    """The folder and those it extends, the furthest first, with what is wrong about `extends`."""
    folders = [read_folder(directory)]
    findings: list[Finding] = []
    while True:
        child = folders[0]
        entry = next(child.of(CitySettings), None)
        name = _said(child, "extends")
        if entry is None or name is None:
            return folders, findings
        place = entry.place("extends")
        parent = _parent(child.directory, name)
        if parent is None:
            findings.append(fault("extends", place, name=name, known="、".join(bundled_names())))
            return folders, findings
        if parent.resolve() in [known.directory.resolve() for known in folders]:
            chain = " → ".join([*(known.name for known in reversed(folders)), name])
            findings.append(fault("extends_cycle", place, chain=chain))
            return folders, findings
        is_namesake = parent.name in [known.name for known in folders]  # two folders must not share places
        folders.insert(0, read_folder(parent, f"cities/{parent.name}" if is_namesake else parent.name))
        id_ = _said(folders[0], "id")
        if id_ is not None and (id_ != name or id_ == _said(child, "id")):
            findings.append(fault("extends_id", place, name=name, id=id_))


def _parent(directory: Path, name: str) -> Path | None:
    """The folder to extend: beside the child (as in a snapshot), or bundled."""
    child = directory.resolve()
    beside = child.parent / name
    if beside != child and (beside / "city.yaml").is_file():
        return beside
    return BUNDLED / name if name in bundled_names() else None


def _said(contents: Contents, key: str) -> str | None:
    """What city.yaml says under a key, even where the file has other faults."""
    for entry in contents.of(CitySettings):
        said = entry.raw.get(key) if isinstance(entry.raw, dict) else None
        return said if isinstance(said, str) else None
    return None


def _sorted(findings: Sequence[Finding]) -> list[Finding]:
    rank = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
    return sorted(dict.fromkeys(findings), key=lambda f: (rank[f.severity], f.place, f.code, f.message))


# --- assembling


def _city(folders: Sequence[Contents], registry: Registry) -> City:
    """The City of folders in which nothing is wrong."""
    chain: list[CitySettings] = [settings for _, settings in registry.of(CitySettings)]
    own = chain[-1]
    files = _files(chain, folders)
    dated: dict[str, tuple[DatedValue, ...]] = {}
    for settings in chain:
        dated |= settings.settings
    return City(
        id=own.id,
        name=own.name,
        name_en=own.name_en,
        edition=own.edition,
        area_id=own.area_id,
        language=own.language,
        main_series=own.main_series,
        digest=_digest(files),
        folder_ids=tuple(settings.id for settings in reversed(chain)),
        settings=dated,
        areas=_by_id(registry, Area),
        extents={extent.area_id: extent for extent in _all(registry, Extent)},
        neighbours=_all(registry, NeighbouringAreas),
        bodies=_by_id(registry, Body),
        indicators=_by_id(registry, Indicator),
        sources=_by_id(registry, Source),
        catalogues=_all(registry, Catalogue),
        memberships=_all(registry, Membership),
        recastings=_all(registry, Recasting),
        chains=_by_id(registry, Chain),
        layouts=_by_id(registry, Layout),
        tiers=_by_id(registry, Tier),
        metrics=_by_id(registry, Metric),
        ladders=_by_id(registry, Ladder),
        registers=_by_id(registry, Register),
        subsidies=_by_id(registry, SubsidyScheme),
        forms=_by_id(registry, Form),
        dockets=_by_id(registry, Docket),
        invention=next(iter(reversed(_all(registry, Invention))), None),
        invented_returns=next(iter(reversed(_all(registry, InventedReturns))), None),
        invented_items=_all(registry, InventedItem),
        industries={industry.code: industry for industry in _all(registry, Industry)},
        crosswalks=_by_id(registry, Crosswalk),
        figures=_all(registry, Figure),
        documents=_all(registry, FolderDocument),
        examples=_all(registry, Example),
        lexicon=_lexicon(_all(registry, Lexicon)),
        files=files,
    )


def _files(chain: Sequence[CitySettings], folders: Sequence[Contents]) -> dict[str, bytes]:
    return {
        f"{settings.id}/{path}": content
        for settings, contents in zip(chain, folders, strict=True)
        for path, content in contents.files.items()
    }


def _all(registry: Registry, model: type[Concept]) -> tuple[Any, ...]:
    return tuple(value for _, value in registry.of(model))


def _by_id(registry: Registry, model: type[Concept]) -> dict[str, Any]:
    return {value.id: value for _, value in registry.of(model)}


def _lexicon(lexicons: Sequence[Lexicon]) -> Lexicon:
    """All words together; for a word that parent and child both explain, the child's meaning."""
    area_words: dict[str, str] = {}
    synonyms: dict[str, str] = {}
    for lexicon in lexicons:
        area_words |= lexicon.area_words
        synonyms |= lexicon.synonyms
    return Lexicon(
        area_words=area_words,
        synonyms=synonyms,
        names_with_numbers=tuple(dict.fromkeys(n for lexicon in lexicons for n in lexicon.names_with_numbers)),
        units=tuple(dict.fromkeys(unit for lexicon in lexicons for unit in lexicon.units)),
    )


def _digest(files: dict[str, bytes]) -> str:
    """SHA-256, in hex, over every path and the SHA-256 of its content, by path."""
    whole = hashlib.sha256()
    for path in sorted(files):
        whole.update(f"{path}\0{hashlib.sha256(files[path]).hexdigest()}\n".encode())
    return whole.hexdigest()
