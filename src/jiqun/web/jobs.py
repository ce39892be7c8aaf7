"""Work that would keep a request waiting: done beside it on one thread, followed by a page that asks how far it is.

What a piece of work is, how far it is and how it ended stands in its run in the ledger, and so outlives the server.
Findings and words, which may quote a firm, live only as long as the server does.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from jiqun.enterprises import verdicts
from jiqun.flows import runs
from jiqun.flows.settling import IMPORTING
from jiqun.industry.chains import placing
from jiqun.ledger.models import Run, RunState
from jiqun.model.errors import InputRefused, JiqunError
from jiqun.model.findings import Finding
from jiqun.workspace import Workspace

Progress = Callable[[str, float], None]
Work = Callable[[Progress, Run], Any]
KINDS = {
    IMPORTING: _("导入名册 %(name)s"),
    verdicts.RUN: _("判定梯度（%(name)s）"),
    placing.RUN: _("企业归链（%(name)s）"),
}
_AT_MOST = 50  # of those that are over
_crew = ThreadPoolExecutor(max_workers=1, thread_name_prefix="jiqun-work")
_jobs: OrderedDict[int, Job] = OrderedDict()
_lock = Lock()


@dataclass
class Job:
    """A piece of work of this process. `result` once done, `message` and `findings` where it failed."""

    run: Run
    is_over: bool = False
    result: Any = None
    message: str = ""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class WorkPage:
    """A piece of work as its page tells it. `state` is that of its run, "" where there is no such work.

    `share` of it is behind, 0 to 1. `job` while the server that did it lives, `kept` is what the ledger keeps of the
    result. `snapshot`: the directory of the snapshot that an import made, "" where none stands.
    """

    id: str
    kind: str = ""
    title: str = ""
    state: str = ""
    stage: str = ""
    share: float = 0.0
    job: Job | None = None
    kept: dict[str, Any] = field(default_factory=dict)
    tiers: int = 0
    on: date | None = None
    snapshot: str = ""

    @property
    def percent(self) -> int:
        return round(self.share * 100)

    @property
    def is_import(self) -> bool:
        return self.kind == IMPORTING

    @property
    def is_placing(self) -> bool:
        return self.kind == placing.RUN

    @property
    def is_open(self) -> bool:
        return self.state in runs.OPEN or (self.job is not None and not self.job.is_over)


def begin(ws: Workspace, actor: str, kind: str, name: str, work: Work, *, at_once: bool = False) -> Run:
    """The run of a piece of work, queued; `work` is told how to say how far it is; what it
    begins of that kind is this run. What it puts into the run's result is kept where nothing was begun.

    `name` says what it is about. `at_once`: over before this returns, for small work.
    """
    job = Job(runs.queue(ws, kind, actor, {"about": name}))
    with _lock:
        _jobs[job.run.pk] = job
        over = [id_ for id_, each in _jobs.items() if each.is_over]
        for id_ in over[: max(0, len(over) - _AT_MOST)]:
            del _jobs[id_]
    if at_once:
        _done(ws, job, work)
    else:
        _crew.submit(_beside, ws, job, work)
    return job.run


def page(ws: Workspace, key: str, actor: str) -> WorkPage:
    """The piece of work, for the person who began it; without a state for everybody else, and where there is none."""
    runs.close_interrupted(ws)
    run = Run.objects.filter(pk=int(key), actor=actor, kind__in=KINDS).first() if key.isdecimal() else None
    if run is None:
        return WorkPage(key)
    told, asked = run.result, run.parameters
    about = asked.get("about") or asked.get("file") or asked.get("on") or asked.get("snapshot_day", "")
    return WorkPage(
        key, run.kind, KINDS[run.kind] % {"name": about}, run.state,
        told.get("stage", ""), run.progress, _jobs.get(run.pk), told, len(asked.get("tiers", ())),
        date.fromisoformat(asked["on"]) if "on" in asked else None,
        told.get("snapshot", "") if run.kind == IMPORTING else "",
    )  # fmt: skip


def _beside(ws: Workspace, job: Job, work: Work) -> None:
    try:
        _done(ws, job, work)
    finally:
        connection.close()  # the thread's own


def _done(ws: Workspace, job: Job, work: Work) -> None:
    try:
        with runs.taken(job.run):
            job.result = work(lambda stage, share: runs.tell(job.run, stage, share), job.run)
    except InputRefused as refused:
        job.message, job.findings = str(refused), refused.findings
    except JiqunError as error:
        job.message = str(error)
    except Exception:
        logging.getLogger(__name__).exception("work beside a request failed")
        job.message = "程序出错，未完成；请把运行记录告诉维护人员"
    finally:
        if job.run.state == RunState.QUEUED:  # answered, or refused, before there was anything to do
            state = RunState.FAILED if job.message else RunState.DONE
            runs.end(ws, job.run, state, {"refused": True} if job.message else job.run.result)
        job.is_over = True
