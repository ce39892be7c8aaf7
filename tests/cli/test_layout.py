"""`jiqun layout`: a folder without a workspace, JSON that a program reads, faults in one line."""

from __future__ import annotations

import json
import subprocess
import sys


def jiqun(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "jiqun", *words], capture_output=True, text=True, check=False)


def test_a_folder_is_planned_without_a_workspace() -> None:
    done = jiqun("layout", "shenzhen", "--json", "--as-of", "2026-01-01")
    assert (done.returncode, done.stderr) == (0, "")
    [found] = json.loads(done.stdout)["layouts"]
    assert (found["layout"], found["status"], found["gap"], found["as_of"]) == (
        "shenzhen-2024",
        "proved",
        0,
        "2026-01-01",
    )
    assert found["places"] == {"least": 39, "most": 55}
    assert found["is_area_list_assumed"] is True
    assert [plan["points"] for plan in found["plans"]] == sorted((p["points"] for p in found["plans"]), reverse=True)
    assert len({json.dumps(plan["pairs"]) for plan in found["plans"]}) == 3
    [exemption] = found["exemptions"]
    assert exemption["is_needed"] is True
    assert "60 > 55" in exemption["finding"]
    assert all(rule["source"] == "doc003" for rule in found["rules"])
    assert found["plans"][0]["terms"][0]["is_invented"] is True


def test_without_json_a_person_reads_it() -> None:
    done = jiqun("layout", "suzhou", "--layout", "suzhou-2018-leading")
    assert done.returncode == 0
    assert "先导产业布局（2018 年）：4 个集群，10 个区" in done.stdout
    assert "已证明最优" in done.stdout


def test_faults_are_one_line() -> None:
    done = jiqun("layout", "suzhou", "--layout", "none")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "错误：没有布局问题“none”（已有：suzhou-2018-leading、suzhou-2026-clusters）\n"
    done = jiqun("layout", "china")
    assert (done.returncode, done.stderr) == (1, "错误：城市文件夹“china”的 layouts/ 里没有布局问题\n")
