"""Work beside a request: what its page says while it runs, once it is over, and after the server was started anew."""

from __future__ import annotations

import threading
from datetime import date
from typing import Any

import pytest
from django.test import Client

from jiqun.flows import runs
from jiqun.ledger.models import Run
from jiqun.model.errors import Conflict, InputRefused
from jiqun.web import forms, jobs
from jiqun.workspace import Workspace
from tests.web.test_firms import admin, sign_in, text
from tests.web.test_register import TABLE, upload

__all__ = ["admin", "sign_in"]


@pytest.fixture(autouse=True)
def blank() -> None:
    jobs._jobs.clear()


@pytest.fixture
def restarted(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The server's memory is gone, and with it what it held."""

    def restart() -> None:
        jobs._jobs.clear()
        for held in runs._held.values():
            held.close()
        runs._held.clear()

    return restart


def state_of(run: Run) -> str:
    return str(Run.objects.get(pk=run.pk).state)


def test_a_finished_import_is_still_told_after_a_restart(admin: Client, suzhou: Workspace, restarted: Any) -> None:
    address = upload(admin, TABLE, follow=False).url
    assert "收入 2 家企业" in text(admin.get(address))
    assert "逐处的问题" in text(admin.get(address))
    restarted()
    page = text(admin.get(address))
    assert "收入 2 家企业" in page
    assert "/firms/snapshots/2023-06-30/" in admin.get(address).content.decode()
    again = upload(admin, TABLE, follow=False).url
    restarted()
    assert "已经导入过" in text(admin.get(again))
    assert Run.objects.filter(state="done").count() == 2


def test_a_refused_import_says_after_a_restart_what_to_do(admin: Client, suzhou: Workspace, restarted: Any) -> None:
    address = upload(admin, "甲,乙\n1,2\n", follow=False).url
    assert "没有找到列" in text(admin.get(address))
    restarted()
    assert "再导入一次，会重新列出" in text(admin.get(address))


@pytest.mark.parametrize("kind", ["import_firms", "classify_firms", "place_firms"])
def test_work_cut_short_is_told_and_closed(admin: Client, suzhou: Workspace, restarted: Any, kind: str) -> None:
    asked = {"file": "名册.csv"} if kind == "import_firms" else {"on": "2023-08-08", "tiers": ["x"]}
    again = {"import_firms": "请重新导入同一份文件", "classify_firms": "请重新判定", "place_firms": "请重新归链"}
    run = runs.begin(suzhou, kind, "city_admin", asked)
    runs.tell(run, "逐格核对", 0.3)
    page = text(admin.get(f"/firms/work/{run.pk}/"))
    assert "逐格核对" in page
    assert "30%" in page
    restarted()
    page = text(admin.get(f"/firms/work/{run.pk}/"))
    assert "服务器停止或重新启动过" in page
    assert again[kind] in page
    assert state_of(run) == "interrupted"
    assert "中断" in text(admin.get("/runs/"))


def test_an_open_run_of_a_dead_process_is_closed_where_runs_are_listed(admin: Client, suzhou: Workspace) -> None:
    alive = runs.begin(suzhou, "reextract", "li", {})
    dead = Run.objects.create(kind="reextract", state="running", actor="li", created_at=suzhou.clock())
    page = text(admin.get("/runs/"))
    assert "进行中" in page
    assert "中断" in page
    assert (state_of(alive), state_of(dead)) == ("running", "interrupted")
    runs.end(suzhou, alive, "done", {})


def test_no_such_work_and_the_work_of_others_say_the_same(admin: Client, suzhou: Workspace) -> None:
    others = runs.begin(suzhou, "import_firms", "li", {"about": "秘密.csv"})
    for key in (f"{others.pk}", "9999", "e3b0c44298fc1c14", "９"):
        answer = admin.get(f"/firms/work/{key}/")
        assert answer.status_code == 200
        assert "找不到这项工作" in text(answer)
        assert "秘密" not in text(answer)
    runs.end(suzhou, others, "done", {})


def test_work_says_how_far_it_is_and_work_that_runs_is_never_forgotten(suzhou: Workspace) -> None:
    def at_once(progress: jobs.Progress, run: Run) -> None:
        progress("逐格核对", 0.3)
        assert jobs.page(suzhou, f"{run.pk}", "zhang").percent == 30

    waiting = runs.begin(suzhou, "import_firms", "zhang", {"about": "大表.xlsx"})
    jobs._jobs[waiting.pk] = jobs.Job(waiting)
    for _ in range(jobs._AT_MOST + 3):
        last = jobs.begin(suzhou, "zhang", "import_firms", "小表.csv", at_once, at_once=True)
    assert waiting.pk in jobs._jobs
    assert jobs.page(suzhou, f"{waiting.pk}", "zhang").is_open
    assert not jobs.page(suzhou, f"{last.pk}", "zhang").is_open
    assert len(jobs._jobs) <= jobs._AT_MOST + 2
    runs.end(suzhou, waiting, "done", {})


def test_work_that_fails_keeps_its_findings_and_a_bug_says_little(suzhou: Workspace) -> None:
    def refused(progress: jobs.Progress, run: Run) -> None:
        raise InputRefused([forms.fault("第 3 行不对")])

    def late(progress: jobs.Progress, run: Run) -> None:
        raise Conflict("已有快照")

    def broken(progress: jobs.Progress, run: Run) -> None:
        raise ZeroDivisionError("企业甲的数")

    begun = [
        jobs.begin(suzhou, "zhang", "import_firms", "表.csv", work, at_once=True) for work in (refused, late, broken)
    ]
    one, two, three = (jobs.page(suzhou, f"{run.pk}", "zhang") for run in begun)
    assert [finding.message for finding in one.job.findings] == ["第 3 行不对"]
    assert two.job.message == "已有快照"
    assert "企业甲" not in three.job.message
    assert {page.state for page in (one, two, three)} == {"failed"}
    assert not any("企业甲" in str(run.result) for run in Run.objects.all())


@pytest.mark.django_db(transaction=True)
def test_a_thread_beside_the_request_does_it(suzhou: Workspace) -> None:
    go, begun = threading.Event(), threading.Event()

    def work(progress: jobs.Progress, run: Run) -> str:
        begun.set()
        assert go.wait(10)
        return "done"

    run = jobs.begin(suzhou, "zhang", "classify_firms", f"{date(2023, 8, 8)}", work)
    assert begun.wait(10)
    assert jobs.page(suzhou, f"{run.pk}", "zhang").is_open
    go.set()
    jobs._crew.submit(lambda: None).result(10)
    page = jobs.page(suzhou, f"{run.pk}", "zhang")
    assert (page.is_open, page.job.result, page.state) == (False, "done", "done")
