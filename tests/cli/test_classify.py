"""`jiqun classify` from Parquet to Parquet, by hand-made firms."""

from __future__ import annotations

import polars as pl
import pytest

from tests.cli.test_commands import jiqun


@pytest.fixture
def register(tmp_path):
    firms = [
        {"uscc": "A", "industry_code": "3911", "employees": 19, "revenue_yuan": 1e6},
        {"uscc": "B", "industry_code": "3911", "employees": 300, "revenue_yuan": 2e7},
        {"uscc": "C", "industry_code": "3911", "employees": None, "revenue_yuan": 2e7},
    ]
    pl.DataFrame(firms).write_parquet(tmp_path / "firms.parquet")
    return tmp_path / "firms.parquet"


def test_classify_writes_the_answers_and_says_how_many(register, tmp_path):
    out = tmp_path / "out.parquet"
    told = jiqun("classify", register, "--tiers", "size_class,gyse", "--as-of", "2025-06-30", "-o", out)
    assert (told.returncode, told.stderr) == (0, "")
    assert "3 家企业，2 个层级，2025-06-30" in told.stdout
    got = pl.read_parquet(out)
    assert got["size_class"].to_list() == [1, 3, None]  # 19 people: micro; 300 with 2000万: medium
    assert got["size_class__low"].to_list() == [1, 3, 1]
    for answer in ("gyse__meets", "gyse__fails"):  # main revenue is not said
        assert got[answer].to_list() == [False, False, False]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--tiers", "size_clas"], 1, "没有梯度层级"),
        (["--tiers", "size_class", "--engine", "flink"], 2, "没有引擎"),
    ],
)
def test_classify_refuses_in_one_line(register, tmp_path, words, code, said):
    told = jiqun("classify", register, *words, "--as-of", "2025-06-30", "-o", tmp_path / "out.parquet")
    assert told.returncode == code
    assert said in told.stderr
    assert len(told.stderr.splitlines()) == 1


def test_classify_says_what_is_no_parquet(tmp_path):
    (tmp_path / "firms.parquet").write_text("uscc,name\n")
    told = jiqun("classify", tmp_path / "firms.parquet", "--tiers", "gyse", "-o", tmp_path / "out.parquet")
    assert (told.returncode, told.stderr.count("\n")) == (3, 1)
    assert "不是可读的 Parquet 文件" in told.stderr


def test_classify_never_writes_over_the_register_it_reads(register):
    before = register.read_bytes()
    for source, out in ((register, register), (register.parent, register.parent / "out.parquet")):
        told = jiqun("classify", source, "--tiers", "gyse", "-o", out)
        assert (told.returncode, told.stderr.count("\n")) == (2, 1)
        assert "请换一个地方" in told.stderr
    assert register.read_bytes() == before


def test_classify_says_where_there_is_nothing_to_read_and_no_place_to_write(register, tmp_path):
    (tmp_path / "empty").mkdir()
    for source, out, code, said in (
        (tmp_path / "none", "out.parquet", 1, "没有文件"),
        (tmp_path / "empty", "out.parquet", 1, "里没有 Parquet 文件"),
        (register, "empty", 3, "这是目录，不是文件"),
    ):
        told = jiqun("classify", source, "--tiers", "gyse", "-o", tmp_path / out)
        assert (told.returncode, told.stderr.count("\n")) == (code, 1)
        assert said in told.stderr


def test_a_day_of_the_wrong_form_is_told_with_an_example(register, tmp_path):
    for command in ("classify", "measure"):
        told = jiqun(command, register, "--as-of", "2025/6/30", "-o", tmp_path / "out.xlsx")
        assert (told.returncode, told.stderr) == (2, "错误：“2025/6/30”不是日期；例：2023-08-08\n")


def test_measure_says_that_there_is_no_such_register(tmp_path):
    told = jiqun("measure", tmp_path / "none.parquet", "-o", tmp_path / "out.xlsx")
    assert (told.returncode, told.stderr) == (1, f"错误：没有文件 {tmp_path / 'none.parquet'}\n")
