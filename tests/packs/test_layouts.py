"""Faults of a layout problem are told all at once, each with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from jiqun import packs

SOUND = """\
id: town-layout
name: 布局
catalogue_id: town-1
groups: [甲类]
area_ids: [east, west]
zones:
  - { zone_id: belt, member_ids: [west], is_assumed: true }
rules:
  - { id: both, kind: areas_per_cluster, least: 1, most: 2, source: plan }
  - { id: by_river, kind: cluster_in_zone, zone_id: belt, least: 1, cluster_ids: [c1], is_assumed: true }
exemptions:
  - { id: city, cluster_ids: [c2], source: plan }
pairs:
  - { kind: fixed, cluster_id: c1, area_id: east, source: plan }
criteria:
  - id: base
    name: 基础
    kind: table
    is_invented: true
    weight: [{ value: 1 }, { value: 2, valid_from: 2024-01-01 }]
    scores:
      c1: { east: 80, west: 12.5 }
      c2: { east: 0, west: 100 }
fairness: { kind: max_min, of: base, weight: [{ value: 1 }], is_assumed: true }
"""


@pytest.fixture
def town(tmp_path: Path) -> Path:
    root = tmp_path / "town"
    (root / "clusters").mkdir(parents=True)
    (root / "layouts").mkdir()
    (root / "city.yaml").write_text("id: town\nname: 镇\narea_id: town\n", "utf-8")
    (root / "areas.csv").write_text(
        "id,name,level,parent_id\ntown,镇,prefecture,\neast,东,district,town\nwest,西,district,town\n"
        "south,南,district,town\nbelt,沿江带,corridor,town\n",
        "utf-8",
    )
    (root / "sources.yaml").write_text("sources:\n  - { id: plan, title: 方案 }\n", "utf-8")
    (root / "clusters" / "1.yaml").write_text(
        'id: town-1\nseries: town\nname: 目录\nedition: "1"\nclusters:\n'
        "  - { id: c1, name: 一, group: 甲类 }\n  - { id: c2, name: 二, group: 甲类 }\n"
        "  - { id: c3, name: 三, group: 乙类 }\n",
        "utf-8",
    )
    return root


def told(town: Path, text: str) -> list[tuple[str, int]]:
    (town / "layouts" / "one.yaml").write_text(text, "utf-8")
    return [(finding.code.removeprefix("packs."), finding.place.line) for finding in packs.check(town)]


def test_a_sound_problem_has_no_findings(town: Path) -> None:
    assert told(town, SOUND) == []
    assert packs.load(town).layouts["town-layout"].rules[1].zone_id == "belt"


@pytest.mark.parametrize(
    ("old", "new", "line", "code"),
    [
        ("groups: [甲类]", "groups: [丙类]", 4, "no_group"),
        ("least: 1, most: 2", "least: 3, most: 2", 9, "bounds"),
        ("least: 1, most: 2, ", "", 9, "no_bounds"),
        ("zone_id: belt, least: 1", "least: 1", 10, "zone"),
        ("areas_per_cluster, least", "areas_per_cluster, zone_id: belt, least", 9, "zone"),
        ("zone_id: belt, member_ids: [west]", "zone_id: south, member_ids: [west]", 10, "zone"),
        ("cluster_ids: [c1]", "cluster_ids: [c3]", 10, "outside"),
        ("cluster_ids: [c2]", "cluster_ids: [c9]", 12, "dangling"),
        ("area_id: east, source", "area_id: south, source", 14, "outside"),
        ("area_id: east, source: plan", "area_id: east", 14, "ungrounded"),
        ("is_invented: true", "is_invented: false", 16, "ungrounded"),
        ("valid_from: 2024-01-01", "note: 同日", 20, "order"),
        ("west: 12.5", "west: 12.555", 22, "score"),
        ("west: 100", "west: 101", 23, "score"),
        ("c2: { east: 0, west: 100 }", "c2: { east: 0 }", 16, "no_score"),
        ("kind: table", "kind: seats", 16, "criterion"),
        ("of: base", "of: bas", 24, "fair_of"),
        ("id: by_river", "id: both", 10, "pair_twice"),
        ("catalogue_id: town-1", "catalogue_id: town-2", 3, "dangling"),
        ("member_ids: [west]", "member_ids: [wets]", 7, "dangling"),
    ],
)
def test_a_fault_is_told_with_its_line(town: Path, old: str, new: str, line: int, code: str) -> None:
    assert old in SOUND
    assert (code, line) in told(town, SOUND.replace(old, new, 1))


def test_faults_are_told_together(town: Path) -> None:
    text = SOUND.replace("least: 1, most: 2", "least: 3, most: 2").replace("west: 100", "west: 101")
    assert {code for code, _ in told(town, text.replace("of: base", "of: bas"))} == {"bounds", "score", "fair_of"}
