"""Thresholds of the bundled tiers against the collected facts, clause by clause; needs `JIQUN_REFERENCE_DIR`.

What the folder says otherwise stands in `RESTATED` with the reason; a clause that differs and is not named there fails.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from jiqun import packs
from jiqun.model.units import Unit
from jiqun.packs.schema.concept import Confidence
from jiqun.packs.schema.tiers import Condition

FACTS = Path(os.environ.get("JIQUN_REFERENCE_DIR", Path(__file__).parents[3] / "shared")) / "facts" / "tiers"
CLUSTER = FACTS.parent / "cluster_rules" / "sme_specialty_cluster.yaml"
CALLED = {"gazelle_gb": "gazelle_general"}
IN_AREA = "区域写在层级的 area_id 里，条款只问是否在区域内"
RESTATED = {
    ("gazelle_js", "q1"): IN_AREA, ("unicorn_js", "u1"): IN_AREA, ("unicorn_cultivation_sz", "z1"): IN_AREA,
    ("unicorn_cultivation_sz", "y1"): IN_AREA,
    ("gazelle_sip", "p2"): "起止两天写作 between", ("gazelle_cultivation_sip", "k1"): "起止两天写作 between",
    ("gazelle_sip", "p6"): "销售收入或净利润，分作两条",
    ("gazelle_cultivation_sip", "k4"): "销售收入或净利润，分作两条",
    ("hnte", "c_age"): "一年以上指 365 个日历天以上",
    ("tech_sme", "c_staff_nonzero"): "得分不为 0 分，即科技人员占比在最低一档的 10% 以上",
}  # fmt: skip


def stated(node: Any, tier: str = "", version: str = "") -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Tier, edition and clause of everything that a file of facts says."""
    if isinstance(node, list):
        for each in node:
            yield from stated(each, tier, version)
    if not isinstance(node, dict):
        return
    described = node.get("tier")
    if isinstance(described, dict) and "schemes" not in node:
        tier = described["id"]
    if "versions" in node and "id" in node:
        tier = CALLED.get(node["id"], node["id"])
    version = str(node.get("version", version))
    for clause in node.get("conditions", ()):
        yield tier, version, clause
    for name, variant in node.get("variants", {}).items():
        yield from stated(variant, f"{name}_sip", version)
    for name, each in node.items():
        if name not in ("conditions", "variants"):
            yield from stated(each, tier, version)


def cases() -> list[Any]:
    files = [file for file in sorted(FACTS.glob("*.yaml")) if file.stem != "README_schema"]
    found = [each for file in files for each in stated(yaml.safe_load(file.read_text("utf-8")))]
    if CLUSTER.is_file():
        found += [("sme_specialty_cluster", v, c) for _, v, c in stated(yaml.safe_load(CLUSTER.read_text("utf-8")))]
    return [pytest.param(*each, id=f"{each[0]}-{each[1]}-{each[2]['id']}") for each in found]


def steps(node: Any, item: str = "") -> Iterator[tuple[str, Any]]:
    """Item and steps (min, max, points) of every points table of figures."""
    for each in node if isinstance(node, list) else []:
        yield from steps(each, item)
    if not isinstance(node, dict):
        return
    item = str(node.get("id", item))
    levels = node.get("levels", [])
    if levels and all("points" in level and ("min" in level or "max" in level) for level in levels):
        yield item, tuple((edge(level, "min"), edge(level, "max"), edge(level, "points")) for level in levels)
    for name, each in node.items():
        if name != "levels":
            yield from steps(each, item)


def edge(level: dict[str, Any], name: str) -> Any:
    value = level.get(name)
    if isinstance(value, list):
        return tuple(Decimal(str(each)) for each in value)
    return None if value is None else Decimal(str(value))


def ladders() -> list[Any]:
    found = []
    for file in sorted(FACTS.glob("*.yaml")):
        said = yaml.safe_load(file.read_text("utf-8"))
        for edition in said.get("versions", []):
            tables = edition.get("score_tables") or {}
            found += [(said["tier"]["id"], *each) for each in steps(tables)]
    return [pytest.param(*each, id=f"{each[0]}-{each[1]}-{at}") for at, each in enumerate(found)]


CASES = cases()
STEPS = ladders()
UNSURE = [case for case in CASES if case.values[2].get("confidence", "high") != "high"]
needs_facts = pytest.mark.skipif(not CASES, reason=f"no facts in {FACTS}; set JIQUN_REFERENCE_DIR")


@pytest.fixture(scope="module")
def city() -> packs.City:
    return packs.load("suzhou")


@needs_facts
@pytest.mark.parametrize(("tier", "version", "clause"), CASES)
def test_a_threshold_is_the_one_in_the_facts(city: packs.City, tier: str, version: str, clause: dict[str, Any]) -> None:
    ours = [each for edition in city.tiers[tier].versions for each in edition.conditions if each.id == clause["id"]]
    agrees = any(same(each, clause) for each in ours)
    assert agrees != ((tier, clause["id"]) in RESTATED), (clause, ours)


@needs_facts
@pytest.mark.parametrize(("tier", "item", "steps"), STEPS)
def test_a_points_table_has_the_steps_of_the_facts(city: packs.City, tier: str, item: str, steps: Any) -> None:
    ours = [
        tuple((level.min, level.max, level.points) for level in levels)
        for edition in city.tiers[tier].versions for table in edition.score_tables for each in table.items
        if each.id == item
        for levels in (each.levels, *(option.levels for option in each.options))
    ]  # fmt: skip
    assert steps in ours


@needs_facts
@pytest.mark.parametrize(("tier", "version", "clause"), UNSURE)
def test_what_is_unsure_in_the_facts_is_marked_in_the_folder(
    city: packs.City, tier: str, version: str, clause: dict[str, Any]
) -> None:
    found = [
        (edition.confidence, each.confidence)
        for edition in city.tiers[tier].versions for each in edition.conditions
        if each.id == clause["id"] and same(each, clause)
    ]  # fmt: skip
    assert any(set(marks) != {Confidence.HIGH} for marks in found), clause


def test_the_facts_are_many() -> None:
    assert not CASES or (len(CASES) >= 160 and len(STEPS) >= 15)


def same(ours: Condition, theirs: dict[str, Any]) -> bool:
    """One comparison with one number: units may differ, 5 亿元 is 50000 万元."""
    value = theirs.get("value")
    if ours.op != theirs.get("op"):
        return False
    if value is None:
        return ours.value is None
    if isinstance(value, bool) or isinstance(ours.value, bool):
        return ours.value is value
    if isinstance(value, int | float):
        return isinstance(ours.value, Decimal) and ours.value == converted(value, theirs.get("unit"), ours.unit)
    if isinstance(value, list):
        return isinstance(ours.value, tuple) and [str(each) for each in ours.value] == [str(each) for each in value]
    return str(ours.value) == str(value)


def converted(value: float, unit: str | None, to: str) -> Decimal:
    number = Decimal(str(value))
    if not unit or not to or unit == to:
        return number
    one, two = Unit.parse(unit), Unit.parse(to)
    return one.convert(number, two) if one.measures_like(two) else number
