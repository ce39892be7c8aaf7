"""What holders of a title show in the demo is told where it cannot be drawn."""

from __future__ import annotations

import shutil
from pathlib import Path

from jiqun import packs

FOLDERS = Path(__file__).parent / "folders"
SAID = """\
source: gazette
universe: 1000
division_digits: "999900"
name_mark: （演示）
trade_characters: 瑞恒达嘉诚信安泰华锐科创联盛鼎元博远智汇新
area_weights_id: firms
area_weights_period: "2023"
above_scale_id: firms
above_scale_period: "2023"
above_scale_yuan: 20000000
revenue_spread: 0.8
growth_mean: 0.06
growth_spread: 0.18
lines:
  - {industry_code: "C", weight: 1, words: [米]}
amounts:
  rd_ratio: {median: 0.03}
truths:
  has_core_ip: {share_pct: 50}
titles:
  good:
    share_pct: 5
    amounts:
      rd_ratio: [0.03, null]
      revenue_yuan: [1, 2]
      rd_rate: [0.03, null]
      employees: [30, 20]
    truths:
      has_core_ip: true
      is_in_key_field: true
      has_core: true
"""


def test_bounds_that_nothing_keeps_or_that_leave_no_room_are_told(tmp_path: Path) -> None:
    shutil.copytree(FOLDERS, tmp_path, dirs_exist_ok=True)
    (tmp_path / "town/invented.yaml").write_text(SAID, "utf-8")
    found = {(f.place.line, f.code) for f in packs.check(tmp_path / "town") if f.place.file.endswith("invented.yaml")}
    assert found == {(26, "packs.not_drawn"), (27, "packs.no_room"), (31, "packs.not_drawn")}
