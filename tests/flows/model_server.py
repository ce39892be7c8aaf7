"""A stand-in for a language model, on this machine: it says what a test tells it to, and remembers what it was asked.

    with Model(say(...)) as model: ...

An answer is a function of the request that writes the whole response, as badly as the test likes.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

LONGEST_WAIT = 20.0  # seconds a handler may hold on, should a test forget to let it go


class Handler(BaseHTTPRequestHandler):
    """One request; `asked` is its body read as JSON."""

    server: Any
    asked: dict[str, Any]

    def do_POST(self) -> None:
        self.asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((self.path, dict(self.headers), self.asked))
        try:
            self.server.answer(self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the product hung up, as it may

    def do_GET(self) -> None:
        self.server.requests.append((self.path, dict(self.headers), {}))
        self.send(b"{}")

    def send(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on standard error."""


Answer = Callable[[Handler], None]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = True

    def handle_error(self, *_: object) -> None:
        """A client that hangs up during a TLS greeting is no fault of the test."""


class Model:
    """The server while the block lasts; `requests` are (path, headers, body) in order."""

    def __init__(self, answer: Answer, tls: Any = None) -> None:
        self._server: Any = _Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = False  # joined when the block ends
        self._server.answer, self._server.requests = answer, []
        self._server.over = threading.Event()
        self._scheme = "http"
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
            self._scheme = "https"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def address(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}/v1"

    @property
    def requests(self) -> list[tuple[str, dict[str, str], dict[str, Any]]]:
        return self._server.requests

    def shown(self) -> list[str]:
        """The texts it was asked about."""
        return [asked["messages"][1]["content"] for _, _, asked in self.requests]

    def __enter__(self) -> Model:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


# ── answers ─────────────────────────────────────────────────────────────────────────────────────────────────


def completion(content: Any, **more: Any) -> bytes:
    """The body that an OpenAI-compatible endpoint sends."""
    message = {"role": "assistant", "content": content, **more}
    return json.dumps({"choices": [{"index": 0, "message": message}]}, ensure_ascii=False).encode()


def say(*pointers: dict[str, Any]) -> Answer:
    """The same pointers to every question."""
    return words(json.dumps({"suggestions": pointers}, ensure_ascii=False))


def words(content: Any, **more: Any) -> Answer:
    return lambda handler: handler.send(completion(content, **more))


def raw(body: bytes, status: int = 200, **headers: str) -> Answer:
    return lambda handler: handler.send(body, status, **headers)


def hold(first: bytes = b"") -> Answer:
    """Sends `first` and then nothing, for as long as the test lasts."""

    def answer(handler: Handler) -> None:
        handler.close_connection = True
        handler.wfile.write(first)
        handler.server.over.wait(LONGEST_WAIT)

    return answer


def drip(piece: bytes, times: int = 2_000) -> Answer:
    """An answer that goes on and on, a little at a time, and would never end."""

    def answer(handler: Handler) -> None:
        handler.close_connection = True
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        for _ in range(times):
            handler.wfile.write(piece)
            if handler.server.over.wait(0.01):
                return

    return answer


def in_turn(*answers: Answer) -> Answer:
    """The first to the first question and so on; the last to all that follow."""
    asked = iter(range(10_000))

    def answer(handler: Handler) -> None:
        answers[min(next(asked), len(answers) - 1)](handler)

    return answer
