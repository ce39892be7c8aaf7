"""Dockets from the command line: each verb, and faults in one line with their exit code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

JIQUN = Path(sys.executable).with_name("jiqun")
PREPARE = """
import sys
from jiqun import flows
ws = flows.create_workspace(sys.argv[1], "suzhou")
flows.add_user(ws, "wang", "city_editor", actor="test", password="only-for-tests-7")
flows.add_user(ws, "li", "department", actor="test", password="only-for-tests-7", body_id="sz_stb")
"""


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dockets") / "ws"
    subprocess.run([sys.executable, "-c", PREPARE, str(path)], check=True, timeout=120)
    return path


def dockets(*words: object) -> tuple[int, str]:
    done = subprocess.run(
        [JIQUN, "dockets", *map(str, words)], capture_output=True, text=True, timeout=120, check=False
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def test_an_item_goes_its_way_and_the_list_comes_out_and_in(ws: Path, tmp_path: Path) -> None:
    code, said = dockets("open", ws, "bottlenecks", "name=高精度光栅尺", "node=光栅与编码器", "--user", "wang")
    assert (code, "要填写“类型”" in said) == (1, True)
    code, said = dockets(
        "open", ws, "bottlenecks", "name=高精度光栅尺", "node=光栅与编码器", "kind=产品", "--user", "wang"
    )
    assert code == 0, said
    key = said.split(" ")[0]
    assert dockets("move", ws, key, "appraise", "--user", "li")[0] == 1, "the city's step"
    code, said = dockets("move", ws, key, "nothing", "--user", "wang")
    assert (code, "；可办的步骤：" in said, "（appraise）" in said) == (1, True, True), said
    code, said = dockets("move", ws, key, "appraise", "lead=市科技局", "--user", "wang")
    assert (code, "“论证”" in said) == (0, True)
    code, said = dockets("list", ws, "bottlenecks", "--user", "li")
    assert code == 0 and "高精度光栅尺：论证，市科技局" in said
    assert "论证 1" in dockets("list", ws, "--user", "li")[1]
    out = tmp_path / "清单.xlsx"
    assert dockets("export", ws, "bottlenecks", "--user", "li", "-o", out)[0] == 0
    book = openpyxl.load_workbook(out)
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[2]]
    sheet.cell(3, heads.index("主要来源地") + 1, "甲国")
    book.save(out)
    code, said = dockets("import", ws, "bottlenecks", out, "--user", "li", "--reason", "核对")
    assert (code, "修改 1 条" in said) == (0, True)
    assert dockets("withdraw", ws, key, "--user", "wang", "--reason", "试")[0] == 0
    assert dockets("amend", ws, key, "origins=乙国", "--user", "wang", "--reason", "试")[0] == 1


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("list", "WS", "--user", "nobody"), 2, "没有账号“nobody”"),
        (("list", "WS", "none", "--user", "li"), 1, "没有这份清单"),
        (("open", "WS", "bottlenecks", "光刻胶", "--user", "li"), 2, "不是 编号=内容"),
        (("open", "WS", "none", "name=x", "--user", "li"), 1, "没有清单“none”"),
        (("move", "WS", "bottlenecks|KBZ-1", "appraise", "--user", "li"), 1, "账本中没有"),
        (("import", "WS", "bottlenecks", "none.xlsx", "--user", "li", "--reason", "x"), 1, "none.xlsx"),
    ],
)
def test_faults_are_one_line(ws: Path, words: tuple[str, ...], code: int, said: str) -> None:
    found, text = dockets(*(ws if word == "WS" else word for word in words))
    assert (found, said in text) == (code, True), text
    assert len(text.strip().splitlines()) == 1
