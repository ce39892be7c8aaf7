"""Nothing about a city is in Python: no area, body, cluster or indicator of a folder is named outside `cities/`."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from jiqun import packs

SOURCE = Path(__file__).resolve().parents[2] / "src" / "jiqun"
MODULES = sorted(p for p in SOURCE.rglob("*.py") if "cities" not in p.relative_to(SOURCE).parts)


def literals(path: Path) -> list[tuple[int, str]]:
    """Every string of code, not docstrings or comments, with its line."""
    tree = ast.parse(path.read_text("utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    ]


@pytest.fixture(scope="module")
def local_names() -> set[str]:
    names: set[str] = set()
    for folder in ("suzhou", "shenzhen"):
        city = packs.load(folder)
        local = [a for a in city.areas.values() if a.level not in ("country", "province")]
        for thing in [*local, *city.bodies.values(), *city.clusters.values()]:
            names.update([thing.id, thing.name, *thing.aliases])
        for indicator in city.indicators.values():
            names.update([indicator.id, indicator.name])
    # Short everyday words are language, not content.
    offices = ("市", "区", "局", "委", "办")
    return {name for name in names if len(name) > 3 or (len(name) == 3 and name.endswith(offices))}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_no_name_of_a_city_stands_in_code(path, local_names):
    named = [f"{path.name}:{line} {name}" for line, text in literals(path) for name in local_names if name in text]
    assert not named
