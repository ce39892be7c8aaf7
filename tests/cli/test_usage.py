"""Wrong words on the command line: Chinese, no traceback, and how the command is written."""

from __future__ import annotations

import pytest

from tests.cli.test_commands import jiqun


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nosuch"], "没有命令 nosuch"),
        (["ini"], "没有命令 ini；是不是 init？"),
        (["init"], "缺少参数 WORKSPACE"),
        (["init", "x"], "缺少选项 --city"),
        (["init", "x", "--citi", "y"], "没有选项 --citi；是不是 --city？"),
        (["init", "x", "y", "--city", "z"], "多出了 y；含空格的名称请加引号"),
        (["init", "x", "--city"], "选项 --city 后面要写一个值"),
        (["assess", "x", "--json=3"], "选项 --json 后面不写值"),
        (["serve", "x", "--port", "99999"], "--port 最大是 65535"),
        (["serve", "x", "--port", "0"], "--port 最小是 1"),
        (["serve", "x", "--port", "abc"], "--port 应是整数"),
        (["layout", "x", "--seconds", "abc"], "--seconds 应是数字"),
    ],
)
def test_wrong_words_are_told_in_chinese(words, said):
    told = jiqun(*words)
    assert (told.returncode, told.stdout) == (2, "")
    fault, *usage = told.stderr.splitlines()
    assert fault == f"错误：{said}"
    assert len(usage) <= 1
    assert not usage or usage[0].startswith("用法：jiqun ")


def test_no_words_are_answered_with_help():
    told = jiqun()
    assert told.returncode == 2
    assert "从产业集群政策文件到完成情况" in told.stderr
    assert "错误" not in told.stderr
