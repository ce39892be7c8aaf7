"""The demo: built once, found again, and honest about where its sentences come from."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests import demos

pytestmark = pytest.mark.skipif(
    os.environ.get("JIQUN_TEST_ENGINE") == "postgresql", reason="makes SQLite workspaces of its own"
)


def test_the_demo_is_built_once_and_found_again(demo: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    built, first = demo
    again = demos.build(Path(shutil.copytree(built, tmp_path / "ws")))
    documents, targets, figures = first["counts"]
    assert documents >= 4
    assert targets > 50
    assert figures > 600
    assert first["firms"] == 20_000
    assert first["lights"]
    assert (first["is_new"], again["is_new"], first["whole"]) == (True, False, True)
    assert (first["restated"], first["sources"]) == ([True], True)
    assert [actor for actor in first["actors"] if not actor.startswith("demo_")] == ["演示导入"]
    assert first["rounds"] == 24 + 8 + 2, "two years of months and of quarters, two quarters of firms"
    forms = first["forms"]
    assert forms["states"] == ["due", "locked", "missing", "submitted"]
    assert forms["year"][-2:] == [["43665.38", "final"], ["43600.00", "revised"]], "published: 4.36万亿元"
    assert forms["times"] == 2, "given back once for its unit"
    assert (forms["late"], forms["first"], forms["marked"], forms["signed"]) == (3, "2021-09-01", True, True)
    assert again == first | {"is_new": False}, "the second building wrote nothing"
