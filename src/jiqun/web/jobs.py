"""Work that would keep a request waiting: done beside it on one thread, followed by a page that asks how far it is.

A job lives as long as the server: what it wrote stands in the ledger and its run, a job itself is nowhere kept.
"""

from __future__ import annotations

import logging
import secrets
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from django.db import connection

from jiqun.model.errors import InputRefused, JiqunError, NotFound
from jiqun.model.findings import Finding

Progress = Callable[[str, float], None]
_AT_MOST = 50
_crew = ThreadPoolExecutor(max_workers=1, thread_name_prefix="jiqun-work")
_jobs: OrderedDict[str, Job] = OrderedDict()
_lock = Lock()


@dataclass
class Job:
    """`share` of the work that is behind, 0 to 1; `result` once done, `message` and `findings` where it failed."""

    id: str
    actor: str
    title: str
    stage: str = ""
    share: float = 0.0
    is_over: bool = False
    result: Any = None
    message: str = ""
    findings: tuple[Finding, ...] = ()
    marks: dict[str, Any] = field(default_factory=dict)

    @property
    def percent(self) -> int:
        return round(self.share * 100)

    @property
    def has_failed(self) -> bool:
        return self.is_over and bool(self.message)


def begin(actor: str, title: str, work: Callable[[Progress], Any], *, at_once: bool = False, **marks: Any) -> Job:
    """The job, begun; `work` is told how to say how far it is. `at_once`: over before this returns, for small work."""
    job = Job(secrets.token_hex(8), actor, title, marks=marks)
    with _lock:
        _jobs[job.id] = job
        while len(_jobs) > _AT_MOST:
            _jobs.popitem(last=False)
    if at_once:
        _done(job, work)
    else:
        _crew.submit(_beside, job, work)
    return job


def job(id_: str, actor: str) -> Job:
    """The job, for the person who began it. Raises NotFound, also after the server was started anew."""
    found = _jobs.get(id_)
    if found is None or found.actor != actor:
        raise NotFound("没有这项工作，或服务器重新启动过；结果见运行记录")
    return found


def _beside(job: Job, work: Callable[[Progress], Any]) -> None:
    try:
        _done(job, work)
    finally:
        connection.close()  # the thread's own


def _done(job: Job, work: Callable[[Progress], Any]) -> None:
    def told(stage: str, share: float) -> None:
        job.stage, job.share = stage, share

    try:
        job.result = work(told)
        job.share = 1.0
    except InputRefused as refused:
        job.message, job.findings = str(refused), refused.findings
    except JiqunError as error:
        job.message = str(error)
    except Exception:
        logging.getLogger(__name__).exception("work beside a request failed")
        job.message = "程序出错，未完成；请把运行记录告诉维护人员"
    finally:
        job.is_over = True
