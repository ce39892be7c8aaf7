"""Work on many things handed to several processes: results in the order of the things, only a few held at a time.

Processes are spawned, never forked: a fork beside threads (Polars, pdfium) may hang. Each worker gets one thing at a
time, so that one that dies over a file is known to have died over that file, and is replaced.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from multiprocessing import connection, get_context, parent_process
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

Thing = TypeVar("Thing")
Result = TypeVar("Result")

_AHEAD = 4  # for each worker, how many results may wait for an earlier one
_PATIENCE = 3.0  # seconds a worker is given to stop by itself


@dataclass(frozen=True)
class Died:
    """In place of a result: the worker ended over this thing, with that exit code."""

    exit_code: int | None


def cores() -> int:
    """How many processors this process may use."""
    with contextlib.suppress(AttributeError):  # not on every system
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_order(
    things: Iterable[Thing], begin: Callable[..., Callable[[Thing], Result]], given: tuple[Any, ...], jobs: int
) -> Generator[Result | Died, None, None]:
    """The result of each thing, in the order of the things.

    Args:
        begin: called once in every worker with `given`; what it returns does the work. Both must be importable.
        jobs: how many workers, at least one.

    Closing the iterator, or any exception while it runs (Ctrl-C), ends every worker.
    """
    crew = [_Worker[Thing](begin, given) for _ in range(max(jobs, 1))]
    waiting = enumerate(things)
    done: dict[int, Result | Died] = {}
    handed = told = 0
    try:
        while True:
            for worker in crew:
                if worker.at is None and handed - told < _AHEAD * len(crew):
                    at, thing = next(waiting, (-1, None))
                    if at < 0:
                        break
                    worker.hand(at, thing)  # type: ignore[arg-type]
                    handed += 1
            busy = {worker.line: worker for worker in crew if worker.at is not None}
            if not busy:
                return
            for line in connection.wait(list(busy)):
                worker = busy[line]  # type: ignore[index]
                assert worker.at is not None
                at = worker.at
                done[at] = worker.result()
            while told in done:
                yield done.pop(told)
                told += 1
    finally:
        for worker in crew:
            worker.dismiss()
        for worker in crew:
            worker.leave()


class _Worker(Generic[Thing]):
    """One process and the line to it; `at` is the place of the thing it has in hand."""

    def __init__(self, begin: Callable[..., Any], given: tuple[Any, ...]) -> None:
        self._begin, self._given = begin, given
        self._start()

    def _start(self) -> None:
        spawning = get_context("spawn")
        self.line, theirs = spawning.Pipe()
        self.at: int | None = None
        self.process: BaseProcess = spawning.Process(target=_work, args=(theirs, self._begin, self._given), daemon=True)
        self.process.start()
        theirs.close()

    def hand(self, at: int, thing: Thing) -> None:
        self.at = at
        with contextlib.suppress(OSError):  # it died while idle: its line is at an end, and `result` says so
            self.line.send(thing)

    def result(self) -> Any:
        """What came back; a worker that died is replaced."""
        self.at = None
        try:
            return self.line.recv()
        except (EOFError, OSError):
            self.process.join(_PATIENCE)
            exit_code = self.process.exitcode
            self.dismiss()
            self.leave()
            self._start()
            return Died(exit_code)

    def dismiss(self) -> None:
        self.line.close()
        if self.at is not None:
            self.process.terminate()

    def leave(self) -> None:
        self.process.join(_PATIENCE)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def _work(line: Connection, begin: Callable[..., Callable[[Any], Any]], given: tuple[Any, ...]) -> None:
    """A worker's life: it ends when told, and when its parent is gone, in either case by way of its `finally`s."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    threading.Thread(target=_follow, daemon=True).start()
    work = begin(*given)
    with contextlib.suppress(EOFError, OSError):
        while True:
            line.send(work(line.recv()))


def _follow() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
