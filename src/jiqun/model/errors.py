"""Errors of the code's users; the faults of people's input are `Finding`s.

JiqunError
├── UsageError          the call's words are off                     exit 2  HTTP 400
├── InputRefused        the input has faults, all of them listed     exit 1  HTTP 422
├── NotFound            no such thing in this workspace or folder    exit 1  HTTP 404
│   └── NothingYet      the address is right, nothing there so far   exit 1  HTTP 404
├── Forbidden           this person may not do that                  exit 1  HTTP 403
├── Conflict            somebody else changed it first               exit 1  HTTP 409
└── EnvironmentFailed   port, disk, permission, missing program      exit 3  HTTP 503
"""

from __future__ import annotations

from collections.abc import Iterable

from jiqun.model.findings import Finding


class JiqunError(Exception):
    """Root of every error Jiqun raises on purpose; its text is one line a person can act on."""

    code = "jiqun"
    exit_code = 1
    http_status = 400


class UsageError(JiqunError):
    code = "usage"
    exit_code = 2
    http_status = 400


class InputRefused(JiqunError):
    """The input was refused whole; `findings` says everything that is wrong with it."""

    code = "input_refused"
    exit_code = 1
    http_status = 422

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        first = str(self.findings[0]) if self.findings else "输入未被接受"
        more = len(self.findings) - 1
        super().__init__(first if more < 1 else f"{first}（另有 {more} 处）")


class NotFound(JiqunError):
    code = "not_found"
    exit_code = 1
    http_status = 404


class NothingYet(NotFound):
    """The address is right, but nothing is there on the day: a page says what to do; a file to save is not found."""

    code = "nothing_yet"


class Forbidden(JiqunError):
    code = "forbidden"
    exit_code = 1
    http_status = 403


class Conflict(JiqunError):
    code = "conflict"
    exit_code = 1
    http_status = 409


class EnvironmentFailed(JiqunError):
    code = "environment"
    exit_code = 3
    http_status = 503
