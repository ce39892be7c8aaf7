"""Processes of Jiqun that end themselves in the midst of their work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

# for scripts: `dies("module:Owner.name", n)`, and this process ends when that is called for the n-th time
DIES = """
import importlib, os
def dies(place, times):
    at, _, within = place.partition(":")
    *owner, name = within.split(".")
    thing = importlib.import_module(at)
    for part in owner:
        thing = getattr(thing, part)
    real, calls = getattr(thing, name), 0
    def deadly(*args, **kwargs):
        nonlocal calls
        calls += 1
        if calls == times:
            os._exit(77)
        return real(*args, **kwargs)
    setattr(thing, name, deadly)
"""


def python(*words: str) -> subprocess.Popen[str]:
    there = {k: v for k, v in os.environ.items() if k not in ("DJANGO_SETTINGS_MODULE", "JIQUN_WORKSPACE")}
    return subprocess.Popen(
        [sys.executable, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=there
    )


def said(process: subprocess.Popen[str]) -> list[Any]:
    out, wrong = process.communicate(timeout=240)
    assert process.returncode == 0, wrong
    return [json.loads(line) for line in out.splitlines()]
