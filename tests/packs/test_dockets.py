"""Faults of a docket are told all at once, each with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from jiqun import packs

SOUND = """\
id: matters
name: 事项清单
item_name: 事项
purpose: administrative
numbering: {prefix: SX}
identified_by: [name]
owner_field: lead
open_to: [city, department]
fields:
  - {id: name, name: 名称}
  - {id: kind, name: 类型, kind: choice, values: {a: 甲, b: 乙}}
  - {id: money, name: 金额, kind: number, unit: 万元, digits: 2}
  - {id: lead, name: 牵头, kind: body}
  - {id: begins_on, name: 开始, kind: date}
  - {id: ends_on, name: 期限, kind: date}
states:
  - {id: open, name: 登记, requires: [name], amended_by: [city, opener], days: 30}
  - {id: work, name: 办理, requires: [lead], amended_by: [owner], due_field: ends_on}
  - {id: done, name: 办结, is_end: true}
steps:
  - {id: start, name: 交办, before: [open], after: work, by: [city], asks: [lead, ends_on]}
  - {id: finish, name: 办结, before: [work], after: done, by: [owner]}
checks:
  - {id: order, rule: ends_on > begins_on, level: hard, message: 期限应晚于开始}
  - {id: small, rule: money <= 100万元, level: soft, message: 金额超过100万元}
columns: [number, name, lead, state, due]
"""
ITEMS = """\
items:
  - docket_id: matters
    on: 2024-01-05
    values: {name: 一}
    moves:
      - {step: start, on: 2024-02-01, values: {lead: 经信局}}
      - {step: finish, on: 2024-03-01}
"""


@pytest.fixture
def town(tmp_path: Path) -> Path:
    root = tmp_path / "town"
    (root / "dockets").mkdir(parents=True)
    (root / "city.yaml").write_text("id: town\nname: 镇\narea_id: town\n", "utf-8")
    (root / "areas.csv").write_text("id,name,level,parent_id\ntown,镇,prefecture,\n", "utf-8")
    return root


def told(town: Path, text: str = SOUND, items: str = "") -> list[tuple[str, int]]:
    (town / "dockets" / "matters.yaml").write_text(text, "utf-8")
    if items:
        (town / "invented_items.yaml").write_text(items, "utf-8")
    return [(finding.code.removeprefix("packs."), finding.place.line) for finding in packs.check(town)]


def test_a_sound_docket_has_no_findings(town: Path) -> None:
    assert told(town, items=ITEMS) == []
    docket = packs.load(town).dockets["matters"]
    assert [step.id for step in docket.steps_from("work")] == ["finish"]
    assert docket.title_field == "name"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("{id: kind, name: 类型, kind: choice, values: {a: 甲, b: 乙}}", "{id: kind, name: 类型, kind: choice}",
            [("docket_field", 11)]),
        ("kind: number, unit: 万元, digits: 2", "kind: date, digits: 2", [("docket_field", 12), ("rule.type", 25)]),
        ("unit: 万元, digits: 2", "unit: 9元, digits: 2", [("unit", 12), ("rule.unit", 25)]),
        ("id: kind,", "id: state,", [("docket_field", 11)]),
        ("id: kind,", "id: Kind,", [("wrong_type", 11)]),
        ("id: kind,", "id: name,", [("duplicate_id", 11)]),
        ("kind: body}", "kind: bodi}", [("wrong_type", 13)]),
        ("identified_by: [name]", "identified_by: [nmae]", [("docket_name", 6)]),
        ("owner_field: lead", "owner_field: name", [("docket_owner", 7)]),
        ("owner_field: lead", "owner_field: leed", [("docket_name", 7)]),
        ("requires: [name]", "requires: [nam]", [("docket_name", 17)]),
        ("asks: [lead, ends_on]", "asks: [lead, end_on]", [("docket_name", 21)]),
        ("before: [open]", "before: [opne]", [("docket_name", 21), ("docket_stuck", 17), ("docket_stuck", 18),
            ("docket_stuck", 19)]),
        ("after: done", "after: doen", [("docket_name", 22), ("docket_stuck", 19)]),
        ("days: 30", "days: 30, due_field: ends_on", [("docket_due", 17)]),
        ("due_field: ends_on", "due_field: money", [("docket_due", 18)]),
        ("is_end: true", "is_end: true, days: 3", [("docket_due", 19)]),
        ("name: 办结, is_end: true", "name: 办结", [("docket_stuck", 19)]),
        ("by: [owner]}", "by: [boss]}", [("wrong_type", 22), ("wrong_type", 22)]),
        ("by: [owner]}", "by: [owner]}\n  - {id: close, name: 办结, before: [work], after: done, by: [city]}",
            [("docket_step", 23)]),
        ("columns: [number,", "columns: [nubmer,", [("docket_name", 26)]),
        ("columns:", "fed_by: {kind: chain_bottlenecks, fields: {item: item}}\ncolumns:", [("docket_name", 26)]),
        ("ends_on > begins_on", "ends_on > begin_on", [("docket_rule_name", 24)]),
        ("ends_on > begins_on", "ends_on > lead", [("docket_rule_name", 24)]),
        ("ends_on > begins_on", "ends_on >", [("rule.syntax", 24)]),
        ("ends_on > begins_on", "money", [("formula_sort", 24)]),
        ("100万元, level", "100人, level", [("rule.unit", 25)]),
        ("{prefix: SX}", "{prefix: sx}", [("wrong_type", 5)]),
        ("name: 事项清单", "nmae: 事项清单", [("missing_key", 1), ("unknown_key", 2)]),
    ],
)  # fmt: skip
def test_a_planted_fault_is_told_with_its_line(town: Path, old: str, new: str, expected: list[tuple[str, int]]) -> None:
    assert SOUND.count(old) == 1
    assert sorted(told(town, SOUND.replace(old, new))) == sorted(expected)


def test_two_dockets_do_not_share_a_prefix(town: Path) -> None:
    (town / "dockets" / "other.yaml").write_text(SOUND.replace("id: matters", "id: other"), "utf-8")
    assert told(town) == [("docket_prefix", 5)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("docket_id: matters", "docket_id: mattres", [("dangling", 2)]),
        ("values: {name: 一}", "values: {nmae: 一}", [("docket_name", 4)]),
        ("{lead: 经信局}", "{leed: 经信局}", [("docket_name", 6)]),
        ("step: start", "step: finish", [("docket_move", 6)]),
        ("2024-03-01", "2024-01-31", [("docket_move", 7)]),
    ],
)
def test_an_invented_item_goes_the_ways_of_its_docket(
    town: Path, old: str, new: str, expected: list[tuple[str, int]]
) -> None:
    assert told(town, items=ITEMS.replace(old, new)) == expected
