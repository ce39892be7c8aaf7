"""`jiqun suggest` as a script meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_commands import jiqun
from tests.flows.conftest import FOLDER
from tests.flows.model_server import Model, raw, say

TEXT = "云川市扶持办法\n\n对入选名录的企业，给予不低于8000万元奖励。\n"
POINTER = {"quote": "给予不低于8000万元奖励", "number": "8000万元", "indicator": "奖励"}
LIE = {"quote": "高新技术企业达到900家", "number": "900家"}


@pytest.fixture
def office(tmp_path: Path) -> Path:
    path = tmp_path / "ws"
    assert jiqun("init", path, "--city", FOLDER).returncode == 0
    plan = tmp_path / "办法.txt"
    plan.write_text(TEXT, "utf-8")
    assert jiqun("ingest", path, plan).returncode == 0
    return path


def configure(office: Path, address: str) -> None:
    with (office / "workspace.yaml").open("a", encoding="utf-8") as out:
        out.write(f"model:\n  endpoint: {address}\n  name: stand-in\n")


def test_suggestions_are_counted_and_refusals_told(office: Path) -> None:
    with Model(say(POINTER, LIE)) as model:
        configure(office, model.address)
        done = jiqun("suggest", office, "办法.txt", "--actor", "li")
        again = jiqun("suggest", office, "办法.txt")
    assert (done.returncode, done.stdout) == (0, "办法.txt：问了 1 段（共 1 段），新增 1 条建议待核，舍去 1 条\n")
    assert done.stderr == "警告：第 2 条建议：引文在所给段落中找不到　已舍去\n"
    assert again.stdout == "办法.txt：问了 0 段（共 0 段），新增 0 条建议待核，舍去 0 条\n"
    assert jiqun("verify", office).returncode == 0


def test_without_a_model_it_says_what_to_write(office: Path) -> None:
    done = jiqun("suggest", office, "办法.txt")
    assert (done.returncode, done.stdout) == (1, "")
    assert "没有配置模型" in done.stderr


def test_the_warning_comes_first_and_a_script_must_say_yes(office: Path) -> None:
    configure(office, "https://model.invalid/v1")
    done = jiqun("suggest", office, "办法.txt", input="y\n")
    assert (done.returncode, done.stdout) == (2, "")
    first, last = done.stderr.splitlines()
    assert first == "注意：文件中的文字将离开本机，发送到 model.invalid（模型 stand-in）"
    assert "同意后再运行" in last


def test_a_failing_model_is_the_environment(office: Path) -> None:
    with Model(raw(b"", 500)) as model:
        configure(office, model.address)
        done = jiqun("suggest", office, "办法.txt")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "错误：模型地址 127.0.0.1 拒绝了请求（500）\n"


@pytest.mark.parametrize("name", ["没有.txt", "abcdef012345", "办"])
def test_a_document_the_ledger_does_not_know_is_said(office: Path, name: str) -> None:
    configure(office, "http://127.0.0.1:9/v1")
    done = jiqun("suggest", office, name)
    assert (done.returncode, done.stderr) == (1, f"错误：账本中没有文件“{name}”\n")
