"""The register and its lists at the command line: what is said, where, and the exit code."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.test_commands import jiqun
from tests.enterprises.conftest import code


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of the bundled city with a register of two firms."""
    folder = tmp_path_factory.mktemp("firms")
    made = jiqun("init", folder / "ws", "--city", "suzhou")
    assert made.returncode == 0, made.stderr
    table = folder / "firms.csv"
    rows = [f"{code(n)},{name},昆山市" for n, name in ((1, "昆山甲精密机械有限公司"), (2, "昆山乙软件有限公司"))]
    table.write_text("\n".join(["统一社会信用代码,企业名称,所属区划", *rows]), "utf-8")
    done = jiqun("import-firms", folder / "ws", table, "--day", "2023-12-31", "--actor", "zhang")
    assert (done.returncode, done.stdout) == (0, f"{table}：2 家企业，0 行未收入（原样留存）（2023-12-31 的快照）\n")
    return folder / "ws"


def test_a_list_is_taken_in_counted_and_recorded(office: Path, tmp_path: Path) -> None:
    for year, name in ((2021, "昆山甲精密机械有限公司"), (2022, "昆山乙软件有限公司"), (2023, "丙")):
        table = tmp_path / f"{year}.csv"
        table.write_text(f"企业名称\n{name}\n", "utf-8")
        done = jiqun(
            "import-list", office, table, "--list", f"hnte.recognised.{year}.1", "--published-on", f"{year}-12-01",
            "--actor", "zhang",
        )  # fmt: skip
        said = "0 家企业，1 行待定" if year == 2023 else "1 家企业，0 行待定"
        assert (done.returncode, done.stdout) == (0, f"{table}：{said}（名单 hnte.recognised.{year}.1）\n"), done.stderr
    counted = jiqun("count-lists", office, "--actor", "zhang")
    assert counted.returncode == 0, counted.stderr
    assert "项平衡，0 项不平" in counted.stdout
    recorded = jiqun("count-lists", office, "--record", "--actor", "zhang", "--reason", "核算")
    assert "记入台账" in recorded.stdout
    assert "没有变化" in recorded.stdout


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (("--list", "hnte", "--published-on", "2023-12-01"), 2, "不是名单的代号"),
        (("--list", "hnte.nothing.2023.1", "--published-on", "2023-12-01"), 2, "不是名单的代号"),
        (("--list", "none.recognised.2023.1", "--published-on", "2023-12-01"), 2, "没有梯度层级“none”"),
        (("--list", "hnte.recognised.2024.1", "--published-on", "soon"), 2, "不是日期"),
        (("--list", "hnte.recognised.2024.1", "--published-on", "2999-01-01"), 1, "还没有到"),
    ],
)
def test_a_list_that_is_none_is_one_line(
    office: Path, tmp_path: Path, words: tuple[str, ...], code: int, why: str
) -> None:
    table = tmp_path / "list.csv"
    table.write_text("企业名称\n甲\n", "utf-8")
    done = jiqun("import-list", office, table, *words, "--actor", "zhang")
    assert (done.returncode, why in done.stderr, "Traceback" in done.stderr) == (code, True, False), done.stderr


def test_verify_names_each_file_that_is_no_longer_as_it_was_written(office: Path, tmp_path: Path) -> None:
    assert jiqun("verify", office).returncode == 0
    copy = Path(shutil.copytree(office, tmp_path / "ws"))
    original = copy / "files" / ("0" * 64)  # kept by the digest of what it held
    original.parent.mkdir(exist_ok=True)
    original.write_bytes(b"x")
    part = copy / "registers" / "firms" / "2023-12-31" / "part-00000.parquet"
    part.write_bytes(b"x")
    told = jiqun("verify", copy)
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.splitlines() == [
        f"files/{original.name}: 错误：内容与收录时不同　请从备份恢复",
        "registers/firms/2023-12-31/part-00000.parquet: 错误：内容与写入时不同　请从备份恢复",
    ]
    part.unlink()
    assert "part-00000.parquet: 错误：缺失" in jiqun("verify", copy).stderr
