"""The figures of the pages' day leave as SDMX and are the ledger's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from jiqun import flows
from jiqun.ledger.models import Observation
from jiqun.statistics import sdmx
from tests.web.test_access_matrix import enter, things

__all__ = ["enter", "things"]


@pytest.mark.parametrize("name", ["figures.csv", "figures.xml"])
def test_a_reader_gets_the_figures(accepted: Any, enter: Callable[[str], Client], name: str) -> None:
    flows.import_folder_figures(accepted, actor="zhang")
    answer = enter("reader").get(f"/sdmx/{name}")
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    found, findings = sdmx.read(answer.content, accepted.city)
    assert findings == ()
    rows = Observation.objects.filter(superseded_at=None)
    assert sorted(found["value"]) == sorted(row.value_text for row in rows)
    assert rows.count() > 0


def test_no_figure_is_given_before_its_day(accepted: Any, enter: Callable[[str], Client]) -> None:
    flows.import_folder_figures(accepted, actor="zhang")
    answer = enter("reader").get("/sdmx/figures.csv?as_of=1990-01-01")
    assert answer.content.decode().count("\n") == 1


def test_a_file_of_another_name_is_missing(enter: Callable[[str], Client]) -> None:
    assert enter("reader").get("/sdmx/figures.xlsx").status_code == 404
