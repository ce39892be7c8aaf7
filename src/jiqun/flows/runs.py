"""Long work as rows: a run that says what it was asked, what came of it, and how it failed where it did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from jiqun.ledger.models import Run, RunState
from jiqun.workspace import Workspace


@contextmanager
def running(ws: Workspace, kind: str, actor: str, parameters: Mapping[str, Any]) -> Iterator[Run]:
    """A run while it lasts; what is put into its `result` is kept with it, also where an error ends it."""
    run = Run.objects.create(
        kind=kind, actor=actor, folder_digest=ws.city.digest, parameters=dict(parameters), state=RunState.RUNNING,
        created_at=ws.clock(), started_at=ws.clock(),
    )  # fmt: skip
    try:
        yield run
        run.state = RunState.DONE
    except BaseException as error:
        run.state, run.result["error"] = RunState.FAILED, str(error)
        raise
    finally:
        run.progress, run.finished_at = 1.0, ws.clock()
        run.save()


def earlier(kind: str, parameters: Mapping[str, Any]) -> Run | None:
    """The last run that ended well and was asked the very same."""
    done = Run.objects.filter(kind=kind, state=RunState.DONE, parameters=dict(parameters))
    return done.order_by("-id").first()
