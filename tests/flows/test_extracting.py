"""Many files extracted: results in order, one that fails or kills its process costs only itself, nothing is left running."""

# ruff: noqa: E501 -- the sentences of the field are long

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jiqun import flows
from jiqun.flows import crew
from jiqun.model.errors import EnvironmentFailed
from tests.flows.conftest import FOLDER


@pytest.fixture
def plans(tmp_path: Path) -> list[Path]:
    """Plans whose number of claims tells them apart: one in the first, two in the second …"""
    found = []
    for number in range(1, 8):
        said = "".join(f"到2025年，第{'一二三四五六七'[at]}园区企业达到{at + 10}家。" for at in range(number))
        found.append(tmp_path / f"plan-{number}.txt")
        found[-1].write_text(f"某市园区方案\n一、目标\n{said}\n", "utf-8")
    return found


def test_several_processes_say_what_one_says_in_the_same_order(plans: list[Path]) -> None:
    alone = list(flows.extract_files(plans, str(FOLDER)))
    assert [found.file for found in alone] == plans
    assert [found.claims.count("\n") for found in alone] == [1, 2, 3, 4, 5, 6, 7]
    assert list(flows.extract_files(plans, str(FOLDER), jobs=3)) == alone


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_file_that_cannot_be_read_costs_only_itself(plans: list[Path], jobs: int) -> None:
    plans[2].write_bytes(b"%PDF-1.7\nnothing of the kind")
    found = list(flows.extract_files(plans, str(FOLDER), jobs=jobs))
    assert [bool(one.refused) for one in found] == [False, False, True, False, False, False, False]
    assert found[2].refused[0].code == "damaged"
    assert found[6].claims.count("\n") == 7


def _half(given: int) -> Callable[[int], int]:
    return lambda thing: _exit_at(thing, given)


def _exit_at(thing: int, fatal: int) -> int:
    if thing == fatal:
        os._exit(7)  # as a fault in a C library would
    return thing * 2


def test_a_worker_that_dies_is_known_by_its_thing_and_replaced() -> None:
    found = list(crew.in_order(range(20), _half, (5,), 2))
    assert found[5] == crew.Died(7)
    assert found[:5] + found[6:] == [thing * 2 for thing in range(20) if thing != 5]


def test_things_are_taken_a_few_at_a_time() -> None:
    taken: list[int] = []

    def things() -> Iterator[int]:
        for thing in range(1000):
            taken.append(thing)
            yield thing

    results = crew.in_order(things(), _half, (-1,), 2)
    assert next(results) == 0
    assert len(taken) < 30
    results.close()


def _children(pid: int) -> set[int]:
    return {int(word) for path in Path(f"/proc/{pid}/task").glob("*/children") for word in path.read_text().split()}


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="processes are counted in /proc")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_worker_outlives_its_parent(tmp_path: Path, end: signal.Signals) -> None:
    plan = tmp_path / "plan.txt"
    plan.write_text("某市方案\n" + "到2025年，全市企业达到30家，产值超过500亿元。" * 2000, "utf-8")
    out = tmp_path / "claims.jsonl"
    words = [sys.executable, "-m", "jiqun", "extract", *[str(plan)] * 200, "--city", str(FOLDER), "--claims", str(out)]
    running = subprocess.Popen([*words, "--jobs", "2"], stderr=subprocess.PIPE, start_new_session=True)
    _wait(lambda: len(_children(running.pid)) >= 2)
    workers = _children(running.pid)
    os.killpg(running.pid, end) if end is signal.SIGINT else running.send_signal(end)
    running.communicate(timeout=30)
    assert running.returncode != 0
    _wait(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))
    left = [path.name for path in tmp_path.iterdir() if path != plan]
    assert left == ([] if end is not signal.SIGKILL else [".claims.jsonl.half"])


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_place_holds_all_or_is_as_it_was(tmp_path: Path) -> None:
    place = tmp_path / "claims.jsonl"
    place.write_text("before", "utf-8")
    with pytest.raises(KeyboardInterrupt), flows.delivery(str(place)) as write:
        write("half")
        raise KeyboardInterrupt
    assert (place.read_text("utf-8"), [p.name for p in tmp_path.iterdir()]) == ("before", ["claims.jsonl"])
    with flows.delivery(str(place)) as write:
        write("一")
        write("二")
    assert place.read_text("utf-8") == "一二"


def test_a_place_that_cannot_be_written_is_said_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailed, match="没有这个文件或目录"), flows.delivery(str(tmp_path / "no" / "x")):
        pytest.fail("began to work")
