"""What every test may ask for: the real documents, read from beside the project and never copied into it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def reference_dir() -> Path:
    """The folder with the real documents, gold answers and facts (`JIQUN_REFERENCE_DIR`, default ../shared)."""
    folder = Path(os.environ.get("JIQUN_REFERENCE_DIR", ROOT.parent / "shared"))
    if not (folder / "documents").is_dir():
        pytest.skip(f"reference documents not found in {folder}; set JIQUN_REFERENCE_DIR")
    return folder
