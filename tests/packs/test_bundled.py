"""The folders that come with the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from jiqun import packs
from jiqun.model.findings import Severity

CITIES = Path(packs.__file__).parent.parent / "cities"


@pytest.mark.parametrize("name", sorted(path.parent.name for path in CITIES.glob("*/city.yaml")))
def test_bundled_folder_has_no_errors(name: str) -> None:
    errors = [str(finding) for finding in packs.check(name) if finding.severity is Severity.ERROR]
    assert errors == []
    assert packs.load(name).id == name
