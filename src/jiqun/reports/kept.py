"""Answers kept until the ledger, the day or the folder changes: for lists that are costly to derive."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import TypeVar, cast

from jiqun.ledger import chain
from jiqun.reports.view import View

Answer = TypeVar("Answer")

_AT_MOST = 200
_answers: OrderedDict[tuple[object, ...], object] = OrderedDict()
_lock = Lock()


def kept(view: View, name: str, derive: Callable[[], Answer]) -> Answer:
    """What `derive` answers, asked once per state of the ledger. It must not depend on who asks, nor be changed."""
    mark = (*chain.head(), view.on, view.city.digest, name)
    with _lock:
        if mark in _answers:
            _answers.move_to_end(mark)
            return cast(Answer, _answers[mark])
    fresh = derive()
    with _lock:
        _answers[mark] = fresh
        while len(_answers) > _AT_MOST:
            _answers.popitem(last=False)
    return fresh
