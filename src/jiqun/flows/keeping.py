"""Rounds opened and locked on their days while a server runs: looked at when it starts and every hour after.

Several servers of one workspace may look at once: one of them does it, held by a lock on a file that the system lets go
of when its process ends. `calendar: false` in workspace.yaml leaves it to people, or to `jiqun rounds due --do`; a demo
stays at the day it opens on, unless it says `calendar: true`. Forms made up for a demo are never opened so.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import DatabaseError, connection

from jiqun import workspace
from jiqun.flows.rounds import Kept, keep_calendar
from jiqun.model import files
from jiqun.model.errors import JiqunError
from jiqun.workspace import Workspace

ACTOR = "日历"
EVERY = 3600.0  # seconds
_LOCK = ".calendar"
_log = logging.getLogger(__name__)


def is_kept(path: Path) -> bool:
    """Whether servers of the workspace at `path` keep its calendar."""
    described = workspace.describe(path)
    return bool(described.get("calendar", "opens_on" not in described))


def look(ws: Workspace) -> Kept | None:
    """What the calendar asked for today, done; None while another process is at it."""
    held = files.hold(ws.path / _LOCK)
    if held is None:
        return None
    with held:
        return keep_calendar(ws, actor=ACTOR, with_invented=False)


@contextmanager
def keeping(path: Path) -> Iterator[None]:
    """The block with the calendar kept beside it."""
    if not is_kept(path):
        yield
        return
    stop = threading.Event()
    watch = threading.Thread(target=_watch, args=(stop,), name="jiqun-calendar", daemon=True)
    watch.start()
    try:
        yield
    finally:
        stop.set()
        watch.join(timeout=10)


def _watch(stop: threading.Event) -> None:
    while True:
        try:
            done = look(workspace.current())
            for key, why in done.failed if done else ():
                _log.warning("calendar: %s: %s", key, why)
        except (JiqunError, DatabaseError, OSError) as error:  # the next hour is another chance
            _log.warning("calendar: %s", error)
        except (LookupError, ValueError, ArithmeticError):  # a fault of ours must not end the watch: pages go on
            _log.exception("calendar")
        finally:
            connection.close()  # the thread's own
        if stop.wait(EVERY):
            return
