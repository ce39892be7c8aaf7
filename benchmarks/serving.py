"""A workspace served by `jiqun serve` in a process of its own, and people who ask it over HTTP. Loopback only."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

_SECRET = "c" * 32  # a browser's half of the pair that forms are sent with; any one will do that comes twice
PATIENCE = 120  # seconds that an answer may take


@dataclass(frozen=True)
class Answer:
    status: int
    body: str
    seconds: float
    location: str


@dataclass(frozen=True)
class Reader:
    """Somebody who has entered already; nothing is kept from one request to the next."""

    port: int
    session: str

    def ask(self, path: str, sent: dict[str, str] | None = None) -> Answer:
        """A page, or with `sent` the answer to a form. Raises OSError or HTTPException where no answer comes."""
        begun = time.perf_counter()
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            head = {"Cookie": f"sessionid={self.session}; csrftoken={_SECRET}", "Connection": "close"}
            if sent is None:
                line.request("GET", path, headers=head)
            else:
                body = urlencode({**sent, "csrfmiddlewaretoken": _SECRET})
                head["Content-Type"] = "application/x-www-form-urlencoded"
                line.request("POST", path, body, head)
            came = line.getresponse()
            text = came.read().decode("utf-8", "replace")
            return Answer(came.status, text, time.perf_counter() - begun, came.getheader("Location") or "")
        finally:
            line.close()


def entered(user: Any) -> str:
    """The key of a session of this user, as after entering with a password: hashing is not what is measured."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    kept = SessionStore()
    kept[SESSION_KEY] = str(user.pk)
    kept[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    kept[HASH_SESSION_KEY] = user.get_session_auth_hash()
    kept.create()
    return str(kept.session_key)


@contextmanager
def served(path: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The port and the process of a server of this workspace; ended with the block where it has not ended before."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "jiqun", "serve", str(path), "--port", str(port)],
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait(port, process)
        yield port, process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the server does not answer")
