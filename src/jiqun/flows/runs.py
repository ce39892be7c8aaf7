"""Long work as rows: what was asked, what came of it, how it failed; and that it was cut short where its process died.

An open run is held by a lock on a file of its number, which the system lets go of when the process ends, however it
ends. An open run that nobody holds is interrupted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, BinaryIO

from django.db import transaction

from jiqun.ledger.models import Run, RunState
from jiqun.model import files
from jiqun.workspace import Workspace

OPEN = (RunState.QUEUED, RunState.RUNNING)
_FOLDER = ".running"  # hidden: no part of a backup
_held: dict[Path, BinaryIO] = {}
_taken: ContextVar[Run | None] = ContextVar("taken", default=None)


def begin(ws: Workspace, kind: str, actor: str, parameters: Mapping[str, Any]) -> Run:
    """A run that is being done, open as long as this process lives, or until `end`: the queued one that is `taken`."""
    run = _taken.get()
    if run is None or run.kind != kind or run.state != RunState.QUEUED:
        run = queue(ws, kind, actor, parameters)
    run.state, run.parameters, run.started_at = RunState.RUNNING, dict(parameters), ws.clock()
    run.save()
    return run


def queue(ws: Workspace, kind: str, actor: str, parameters: Mapping[str, Any]) -> Run:
    """A run that waits, open as `begin` says."""
    with transaction.atomic():  # nobody sees it before it is held
        run = Run.objects.create(
            kind=kind, actor=actor, folder_digest=ws.city.digest, parameters=dict(parameters), created_at=ws.clock()
        )
        file = _file(ws, run)
        file.parent.mkdir(exist_ok=True)
        held = files.hold(file)
        assert held is not None
        _held[file] = held
    return run


@contextmanager
def taken(run: Run) -> Iterator[None]:
    """What is begun of its kind in the block is this queued run."""
    token = _taken.set(run)
    try:
        yield
    finally:
        _taken.reset(token)


def tell(run: Run, stage: str, share: float) -> None:
    """How far it is, for whoever looks from outside."""
    Run.objects.filter(pk=run.pk, state__in=OPEN).update(progress=share, result={"stage": stage})


def end(ws: Workspace, run: Run, state: RunState, result: Mapping[str, Any]) -> None:
    run.state, run.result, run.progress, run.finished_at = state, dict(result), 1.0, ws.clock()
    run.save()
    _let_go(ws, run)


@contextmanager
def running(ws: Workspace, kind: str, actor: str, parameters: Mapping[str, Any]) -> Iterator[Run]:
    """A run while it lasts; what is put into its `result` is kept with it, also where an error ends it."""
    run = begin(ws, kind, actor, parameters)
    state = RunState.DONE
    try:
        yield run
    except BaseException as error:
        state, run.result["error"] = RunState.FAILED, str(error)
        raise
    finally:
        end(ws, run, state, run.result)


def earlier(kind: str, parameters: Mapping[str, Any]) -> Run | None:
    """The last run that ended well and was asked the very same."""
    done = Run.objects.filter(kind=kind, state=RunState.DONE, parameters=dict(parameters))
    return done.order_by("-id").first()


def close_interrupted(ws: Workspace) -> None:
    """Open runs whose process is gone are told as interrupted; when it went nobody knows."""
    for run in Run.objects.filter(state__in=OPEN):
        if not _is_held(ws, run):
            Run.objects.filter(pk=run.pk, state__in=OPEN).update(state=RunState.INTERRUPTED)


def _file(ws: Workspace, run: Run) -> Path:
    return ws.path / _FOLDER / f"{run.pk}"


def _is_held(ws: Workspace, run: Run) -> bool:
    file = _file(ws, run)
    if not file.exists():
        return False
    held = files.hold(file)
    if held is None:
        return True
    held.close()
    file.unlink(missing_ok=True)
    return False


def _let_go(ws: Workspace, run: Run) -> None:
    file = _file(ws, run)
    file.unlink(missing_ok=True)
    if held := _held.pop(file, None):
        held.close()
