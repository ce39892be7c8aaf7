"""The auditors' page says every event, every kind of row and every run in words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import jiqun
from jiqun.enterprises import verdicts
from jiqun.flows.cohorts import COUNTING
from jiqun.flows.settling import IMPORTING
from jiqun.industry.chains import placing
from jiqun.industry.measures import gathered
from jiqun.ledger.models import Statement
from jiqun.records import models as records
from jiqun.reports import events

SOURCES = sorted(Path(jiqun.__file__).parent.rglob("*.py"))


def calls(*names: str) -> Iterator[ast.Call]:
    """Every call of a function or method so named in the program."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in names:
                yield node


def literal(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ""


def test_every_action_that_is_written_has_its_words():
    written = {literal(call.args[0]) for call in calls("recording") if call.args} - {""}
    assert len(written) > 30
    assert written - set(events.ACTION_LABELS) == set()


def test_every_kind_of_row_and_of_subject_has_its_words():
    rows = {kind._meta.model_name for kind in Statement.__subclasses__()}
    assert {records.Round._meta.model_name, records.Return._meta.model_name} < rows
    given = [word.value for call in calls("recording") for word in call.keywords if word.arg == "subject"]
    subjects = {literal(one.elts[0]) for one in given if isinstance(one, ast.Tuple)} - {""}
    assert len(subjects) > 8
    assert (rows | subjects) - set(events.KINDS) == set()


def test_every_kind_of_run_has_its_words():
    named = {literal(call.args[1]) for call in calls("begin", "running", "_running") if len(call.args) > 2} - {""}
    known = {verdicts.RUN, placing.RUN, gathered.RUN, COUNTING, IMPORTING}
    assert {"reextract", "suggest"} <= named
    assert (named | known) - set(events.RUN_LABELS) == set()
