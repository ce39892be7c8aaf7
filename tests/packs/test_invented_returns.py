"""What cannot be played as a demo's returns is told by file and line, as all else of a folder is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from jiqun import packs
from jiqun.model.findings import Severity

FOLDERS = Path(__file__).parent / "folders"
SAID = """\
source: gazette
seed: 1
area_weights_id: firms
area_weights_period: "2023"
words: 属实
rounds:
  yearly:
    first: "2022"
    last: "2023"
    fields:
      firms: {indicator_id: firms}
    happenings:
      - {kind: late, period: "2023", area_id: town_east, days: 3, words: 迟报}
firms:
  arriving:
    first: 2023M2
    last: 2023M3
    fields:
      output: {column: output_yuan, share: 0.1}
    jump: [output]
    words: 新线投产
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The town with a form that firms file elsewhere, a published count of each area, and returns of both forms."""
    shutil.copytree(FOLDERS, tmp_path, dirs_exist_ok=True)
    town = tmp_path / "town"
    form = (town / "forms/monthly.yaml").read_text("utf-8")
    head, _, rest = form.partition("fields:")
    head = head.replace("id: monthly", "id: arriving").replace(
        "where: staff > 20人", "intake: delivered, delivered_by: 平台"
    )
    checks = rest.partition("checks:")[2].partition("foot:")
    fields = '\n  - {id: output, code: "01", name: 转来的产值, unit: 万元, digits: 1}\n'
    (town / "forms/arriving.yaml").write_text(f"{head}fields:{fields}foot:{checks[2]}", "utf-8")
    published = town / "data/published.csv"
    rows = [f"firms,{area},2023,7,家,exact,true,gazette,high," for area in ("town_east", "town_west")]
    published.write_text("\n".join([published.read_text("utf-8").rstrip("\n"), *rows, ""]), "utf-8")
    (town / "invented_returns.yaml").write_text(SAID, "utf-8")
    return tmp_path


def told(root: Path) -> set[tuple[int, str]]:
    found = packs.check(root / "town")
    errors = [each for each in found if each.severity is Severity.ERROR]
    assert {each.place.file for each in errors} <= {"town/invented_returns.yaml"}
    return {(each.place.line or 0, each.code) for each in errors}


def test_a_sound_file_is_not_told_of(root: Path) -> None:
    assert told(root) == set()


@pytest.mark.parametrize(
    ("old", "new", "line", "code"),
    [
        ("yearly:", "yeraly:", 7, "dangling"),
        ('first: "2022"', "first: 2022M1", 8, "invented_returns"),
        ('last: "2023"', 'last: "2021"', 9, "dates"),
        ("firms: {indicator_id: firms}", "firmes: {indicator_id: firms}", 11, "invented_returns"),
        ("{indicator_id: firms}", "{indicator_id: fimrs}", 11, "dangling"),
        ("{indicator_id: firms}", "{indicator_id: firms, share_of: firms}", 11, "invented_returns"),
        ("{indicator_id: firms}", "{indicator_id: firms, months: [1, 2]}", 11, "invented_returns"),
        ('period: "2023", area', 'period: "2030", area', 13, "invented_returns"),
        ('period: "2023", area', "period: 去年, area", 13, "period"),
        ("area_id: town_east", "area_id: town", 13, "invented_returns"),
        ("days: 3, ", "", 13, "invented_returns"),
        ("days: 3", "days: 3, fields: [output]", 13, "invented_returns"),
        ("kind: late", "kind: lost", 13, "wrong_type"),
        ("arriving:", "yearly:", 15, "invented_returns"),
        ("arriving:", "monthly:", 15, "invented_returns"),
        ("first: 2023M2", "first: 2023M1", 16, "invented_returns"),
        ("output_yuan", "output_yaun", 19, "no_column"),
        ("{column: output_yuan, ", "{column: output_yuan, share_of: x, ", 19, "invented_returns"),
        ("jump: [output]", "jump: [ouput]", 20, "invented_returns"),
        ('area_weights_period: "2023"', 'area_weights_period: "2020"', 3, "invented_returns"),
        ('area_weights_period: "2023"', "area_weights_period: 某年", 4, "period"),
        ("seed: 1", "seed: 1\nsead: 2", 3, "unknown_key"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line(root: Path, old: str, new: str, line: int, code: str) -> None:
    assert SAID.count(old) == 1
    (root / "town/invented_returns.yaml").write_text(SAID.replace(old, new), "utf-8")
    assert (line, f"packs.{code}") in told(root)
