"""References: every field that names something is followed."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from jiqun import packs
from jiqun.packs.layout import KINDS, NAMESPACES
from jiqun.packs.loading import _with_parents
from jiqun.packs.registry import LOCAL_REFERENCES, REFERENCES, collect, references
from jiqun.packs.schema.concept import Concept

FOLDERS = Path(__file__).parent / "folders"


def _models(model: type[Concept]) -> set[type[Concept]]:
    found = {model}
    for about in model.model_fields.values():
        parts = [about.annotation]
        while parts:
            part = parts.pop()
            parts += getattr(part, "__args__", ())
            if isinstance(part, type) and issubclass(part, Concept) and part is not model:
                found |= _models(part)
    return found


def test_every_field_that_ends_in_id_is_followed() -> None:
    fields = {name for kind in KINDS for model in _models(kind.model) for name in model.model_fields}
    naming = {name for name in fields if name.endswith(("_id", "_ids", "_code")) or name.startswith("gb_")}
    assert naming - set(REFERENCES) - set(LOCAL_REFERENCES) == {"gb_confidence"}
    assert set(REFERENCES.values()) <= set(NAMESPACES)


def _referenced() -> list[tuple[str, str]]:
    registry = collect(_with_parents(FOLDERS / "town")[0])
    pairs = {
        (namespace, id_) for entry in registry.entries if entry.value for _, namespace, id_ in references(entry.value)
    }
    return sorted(pairs)


@settings(deadline=None, max_examples=60)
@given(referenced=st.sampled_from(_referenced()), letters=st.text("abcxyz", min_size=3, max_size=8))
def test_renaming_anything_that_is_referred_to_leaves_a_dangling_reference(
    referenced: tuple[str, str], letters: str
) -> None:
    namespace, id_ = referenced
    with tempfile.TemporaryDirectory() as place:
        root = Path(shutil.copytree(FOLDERS, Path(place) / "folders"))
        _rename(root, namespace, id_, f"{id_}-{letters}")
        told = [f for f in packs.check(root / "town") if f.code == "packs.dangling"]
        assert any(f"“{id_}”" in finding.message and NAMESPACES[namespace] in finding.message for finding in told)
        assert all(finding.place.line > 0 for finding in told)


def _rename(root: Path, namespace: str, old: str, new: str) -> None:
    """Changes the id where it is defined, and nowhere else."""
    for kind in KINDS:
        if kind.namespace != namespace and not (namespace == "cluster" and kind.pattern == "clusters/*.yaml"):
            continue
        for path in [*root.glob(f"*/{kind.pattern}")]:
            if kind.is_table:
                lines = path.read_text("utf-8").split("\n")
                lines = [new + line[len(old) :] if line.startswith(f"{old},") else line for line in lines]
                path.write_text("\n".join(lines), "utf-8")
                continue
            content = yaml.safe_load(path.read_text("utf-8"))
            defined = content["clusters"] if namespace == "cluster" else content[kind.key] if kind.key else [content]
            for one in defined:
                if one["id"] == old:
                    one["id"] = new
            path.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
