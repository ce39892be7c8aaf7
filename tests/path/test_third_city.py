"""A city nobody has heard of goes the whole path from a folder of data alone: no code, no bundled name."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

JIQUN = Path(sys.executable).with_name("jiqun")

AREAS = """\
id,name,short_name,level,code,parent_id,aliases,reports,same_as_id,tile_column,tile_row,source,confidence,note
linhai,林海市,林海,prefecture,,,全市|林海,false,,,,,medium,
linhai_port,林海市港区,港区,district,,linhai,港区,true,,1,0,,medium,
linhai_hill,林海市山区,山区,district,,linhai,山区,true,,0,0,,medium,
"""
BODIES = """id,name,short_name,aliases,area_id,valid_from,valid_to,successor_ids,expands_to_ids,source,confidence,note
lh_ship,林海市船舶工业办公室,市船舶办,,linhai,,,,,,medium,
lh_trade,林海市商务局,市商务局,,linhai,,,,,,medium,
"""
INDICATORS = """indicators:
  - {id: lh_ship_output, name: 船舶产业产值, aliases: [造船产业产值], unit: 亿元, aggregation: {kind: sum},
     time_kind: flow, group: 船舶}
  - {id: lh_yards, name: 绿色船厂, unit: 家, aggregation: {kind: sum}, time_kind: stock, group: 船舶}
"""
SOURCES = """sources:
  - {id: lh-2025, title: 林海市2025年统计公报, issuer: 林海市统计局, published_on: 2026-02-10, seen_as: original}
"""
FIGURES = """indicator_id,area_id,period,value,unit,value_kind,is_preferred,source_id,confidence,note
lh_ship_output,linhai,2025,640,亿元,exact,true,lh-2025,high,
lh_yards,linhai,2025,9,家,exact,true,lh-2025,high,
"""
PLAN = """林海市船舶产业集群行动计划（2024—2027年）

林政发〔2024〕7号

2024年3月1日

一、发展目标

到2027年，全市船舶产业产值达到900亿元。

二、重点任务

1.建设绿色船厂。鼓励船厂改造。到2025年，全市建成绿色船厂12家以上。（责任部门：市船舶办、市商务局）
"""

REVIEW = """
import sys
from jiqun import flows, workspace
ws = workspace.open(sys.argv[1])
flows.decide_claims_above(ws, 0.0, actor="officer", reason="逐条看过")
flows.import_folder_figures(ws, actor="officer")
"""


def jiqun(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([JIQUN, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "linhai"
    assert jiqun("new-city", made, "--extends", "china").returncode == 0
    written = {
        "areas.csv": AREAS,
        "bodies.csv": BODIES,
        "indicators.yaml": INDICATORS,
        "sources.yaml": SOURCES,
        "data/published.csv": FIGURES,
        "city.yaml": "id: linhai\nname: 林海市\nextends: china\nedition: '1'\narea_id: linhai\n",
        "lexicon.yaml": "area_words: {全市: linhai}\n",
    }
    for name, text in written.items():
        (made / name).write_text(text, "utf-8")
    return made


def test_a_new_city_needs_no_code(folder: Path, tmp_path: Path):
    checked = jiqun("check", folder)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    ws, plan = tmp_path / "ws", tmp_path / "plan.txt"
    plan.write_text(PLAN, "utf-8")
    assert jiqun("init", ws, "--city", folder).returncode == 0
    assert jiqun("ingest", ws, plan).returncode == 0
    reviewed = subprocess.run([sys.executable, "-c", REVIEW, str(ws)], capture_output=True, text=True, check=False)
    assert reviewed.returncode == 0, reviewed.stderr

    told = jiqun("assess", ws, "--as-of", "2026-11-22", "--json")
    assert told.returncode == 0, told.stderr
    progress = {record["indicator_id"]: record for record in map(json.loads, told.stdout.splitlines())}
    assert set(progress) == {"lh_ship_output", "lh_yards"}
    # 900 亿元 by 2027 from no stated base and one figure: nothing invented, nothing judged too early
    assert progress["lh_ship_output"]["light"] in {"尚早", "early"}
    # 9 of 12 yards when 2025 is over
    assert progress["lh_yards"]["light"] in {"到期未达", "overdue"}
    # the day before the figures were published nobody could know
    before = jiqun("assess", ws, "--as-of", "2026-02-09", "--json")
    assert all("9家" not in line and "640" not in line for line in before.stdout.splitlines())
