"""Lists, maps, registers, indexes, platforms and mechanisms that a document says will be made."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from jiqun import packs
from jiqun.documents import read
from jiqun.extraction import extract, system_record
from jiqun.extraction.systems import named_systems

CASES = yaml.safe_load(Path(__file__).with_name("systems.yaml").read_text("utf-8"))
PLAN = """某市产业集群行动方案（2024—2026年）
一、主要目标
到2026年，企业达到300家。
二、重点任务
（一）摸清家底。编制集群图谱，建立企业培育
- 1 -
库和项目清单。（责任部门：市工信局、市统计局）
（二）加强调度。完善月度会商机制，编制集群图谱。（责任单位：市发改委）
附件：重点工作清单
"""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:16])
def test_a_sentence_marked_by_hand_is_agreed_to(case: dict[str, object]) -> None:
    document = read(f"某市行动方案\n一、重点任务\n{case['text']}\n".encode())
    assert [f"{s.kind} {s.name} {s.verb}" for s in named_systems(document)] == case["systems"]


def test_a_system_knows_its_place_its_task_and_its_bodies() -> None:
    document = read(PLAN.encode())
    found = extract(document, packs.load("china")).systems
    assert [(s.name, s.task, s.bodies) for s in found] == [
        ("集群图谱", "二/(一)", ("市工信局", "市统计局")),
        ("企业培育库", "二/(一)", ("市工信局", "市统计局")),
        ("项目清单", "二/(一)", ("市工信局", "市统计局")),
        ("月度会商机制", "二/(二)", ("市发改委",)),
        ("集群图谱", "二/(二)", ("市发改委",)),
    ]
    for system in found:
        printed = system.name_span.of(document.original).replace("\n- 1 -\n", "")
        assert printed == system.name
        assert system.span.start <= system.name_span.start
    assert found[0].span.of(document.original) == found[0].quote == "编制集群图谱"


def test_a_record_has_the_places_in_the_original() -> None:
    document = read(PLAN.encode(), "plan.txt")
    record = system_record(named_systems(document)[0], document)
    start = PLAN.index("编制集群图谱")
    assert (record["document"], record["digest"]) == ("plan.txt", document.digest)
    assert (record["start"], record["end"], record["name_start"], record["name_end"]) == (
        start,
        start + 6,
        start + 2,
        start + 6,
    )
    assert (record["kind"], record["name"], record["verb"], record["task"]) == ("图谱", "集群图谱", "编制", "二/(一)")
