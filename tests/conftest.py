"""What every test may ask for: the real documents, read from beside the project, and a ledger on a real database.

Tests run on SQLite; with JIQUN_TEST_ENGINE=postgresql on the server that JIQUN_TEST_DATABASE_URL names. Each test
with `db` is rolled back. Do not ask for `transactional_db`: it empties tables, and the ledger refuses.
"""

from __future__ import annotations

import gc
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent

os.environ.pop("JIQUN_WORKSPACE", None)
os.environ["DJANGO_SETTINGS_MODULE"] = "jiqun.settings"


def pytest_configure() -> None:
    """Point Django at a database of this test run, before pytest-django sets it up."""
    from django.conf import settings

    from jiqun import workspace

    if os.environ.get("JIQUN_TEST_ENGINE") == "postgresql":
        described = workspace.database(ROOT, os.environ["JIQUN_TEST_DATABASE_URL"])
        described["TEST"] = {"NAME": f"test_jiqun_{os.getpid()}"}
    else:
        folder = Path(tempfile.mkdtemp(prefix="jiqun-test-"))
        described = workspace.database(folder, None)
        described["TEST"] = {"NAME": str(folder / "test.sqlite")}
    settings.DATABASES = {"default": described}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick; only here


def pytest_collection_finish() -> None:
    """What was imported stays: the collector need not walk over it again and again while the tests run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


def pytest_unconfigure() -> None:
    gc.unfreeze()  # else extension modules report all that they made as leaked


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes goes first (xdist keeps this order: see the Makefile), so that the processes end together."""
    items.sort(key=lambda item: item.path.name != "test_on_postgresql.py")


@pytest.fixture(scope="session")
def reference_dir() -> Path:
    """The folder with the real documents, gold answers and facts (`JIQUN_REFERENCE_DIR`, default ../shared)."""
    folder = Path(os.environ.get("JIQUN_REFERENCE_DIR", ROOT.parent / "shared"))
    if not (folder / "documents").is_dir():
        pytest.skip(f"reference documents not found in {folder}; set JIQUN_REFERENCE_DIR")
    return folder


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The folder of the demo, to be copied and never changed, and what its building told."""
    from tests import demos

    return demos.built_once(tmp_path_factory)
