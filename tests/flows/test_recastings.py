"""Worked examples of a folder's catalogues are run, and what they get wrong is told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from jiqun import flows, packs


@pytest.mark.parametrize("city", ["shenzhen", "suzhou"])
def test_the_bundled_examples_come_out_as_their_folder_says(city: str) -> None:
    loaded = packs.load(city)
    assert len(loaded.recastings) == 3
    assert flows.run_examples(loaded) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("sh24-hequip: 195 ", "sh24-hequip: 196 ", "sh24-hequip 应为 196，换算得 195"),
        ("[20, 1020]", "[20, 1021]", "sh24-software 应为 20—1021，换算得 20—1020"),
        ("sh24-lowalt: [15, null]", "sh24-lowalt: 15", "sh24-lowalt 应为 15，换算得 不少于 15"),
        ("      sh24-robot: 90             # 更名\n", "", "多出 sh24-robot 90"),
        ("{sh24-software: 61, sh24-ai: 39}", "{sh24-software: 61}", "去向不符"),
        ("to_id: shenzhen-2024\n    values: {sh22-software: 1001", "to_id: shenzhen-2024\n    values: {sh24-ai: 1001",
         "没有集群“sh24-ai”"),
    ],
)  # fmt: skip
def test_an_example_that_does_not_come_out_is_told(tmp_path: Path, old: str, new: str, said: str) -> None:
    folder = tmp_path / "shenzhen"
    shutil.copytree(packs.folder("shenzhen"), folder)
    file = folder / "recastings.yaml"
    text = file.read_text("utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), "utf-8")
    assert [said in str(finding) for finding in flows.run_examples(packs.load(folder))] == [True]
