"""However a folder is damaged, the answer is findings: never a traceback, never a city with a fault in it."""

from __future__ import annotations

import shutil
import tempfile
from datetime import date
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from jiqun import packs
from jiqun.model.errors import InputRefused
from jiqun.model.findings import Severity

FOLDERS = Path(__file__).parent / "folders"
FILES = sorted(path.relative_to(FOLDERS) for path in FOLDERS.rglob("*") if path.is_file())
PIECES = [
    "",
    "[]",
    "{}",
    "~",
    "- x",
    "a: b",
    '"',
    "|",
    "-1",
    "nan",
    "\t",
    "&a",
    "*a",
    "!!int",
    "<<",
    "---",
    "\0",
    "，",
    ",",
]

damage = st.tuples(st.sampled_from(FILES), st.floats(0, 1), st.integers(0, 12), st.sampled_from(PIECES))


def apply(root: Path, file: Path, where: float, width: int, piece: str) -> None:
    """Puts `piece` in place of `width` characters."""
    text = (root / file).read_text("utf-8")
    at = int(where * len(text))
    (root / file).write_text(text[:at] + piece + text[at + width :], "utf-8", newline="")


@settings(deadline=None, max_examples=80)
@given(st.lists(damage, min_size=1, max_size=4))
def test_a_damaged_folder_is_answered_with_findings(damages: list[tuple[Path, float, int, str]]) -> None:
    with tempfile.TemporaryDirectory() as place:
        root = Path(shutil.copytree(FOLDERS, Path(place) / "folders"))
        for file, where, width, piece in damages:
            apply(root, file, where, width, piece)
        findings = packs.check(root / "town")
        assert all(finding.message for finding in findings)
        try:
            city = packs.load(root / "town")
        except InputRefused as refused:
            assert any(finding.severity is Severity.ERROR for finding in refused.findings)
            return
        for area in city.areas:
            city.ancestors(area)
        for body in city.bodies.values():
            assert city.body_at(body.id, body.valid_to or date(2026, 1, 1))
            assert city.expand_body(body.id)
