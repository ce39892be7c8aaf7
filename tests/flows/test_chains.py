"""Firms placed on chains in a workspace: once for the same inputs, told by one event, never for statistics."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from jiqun import flows, packs, workspace
from jiqun.enterprises.invented import Drawing
from jiqun.ledger.models import Event, Run
from jiqun.model.errors import NotFound
from jiqun.workspace import Workspace
from tests.flows.conftest import Ticking

DAY = date(2023, 7, 1)


@pytest.fixture
def suzhou(db: None, tmp_path: Path) -> Workspace:
    city = packs.load("suzhou")
    workspace.lay_out(tmp_path / "ws", city, "suzhou")
    return Workspace(tmp_path / "ws", city.name, city, Ticking(), opens_on=DAY)


def test_invented_firms_say_what_they_do_and_are_placed_once(suzhou: Workspace) -> None:
    flows.draw_firms(suzhou, [Drawing(400, DAY, 2022)], actor="zhang")
    first = flows.place_firms(suzhou, DAY, actor="zhang", reason="测试")
    assert first.is_new and first.firms == 400 and 100 < first.placed < 400
    file = suzhou.path / "registers" / Run.objects.get(pk=first.run_id).result["file"]
    rows = pl.read_parquet(file)
    assert rows.filter("is_placed")["score"].min() > rows.filter(~pl.col("is_placed"))["score"].max()
    event = Event.objects.order_by("-sequence").first()
    assert event is not None and event.action == "firms.placed"
    told: Any = json.loads(event.payload)
    assert told["placed"] == first.placed
    assert not any(code in event.payload for code in rows["uscc"].unique())
    again = flows.place_firms(suzhou, DAY, actor="li")
    assert not again.is_new and again.run_id == first.run_id
    assert Event.objects.count() == event.sequence


def test_a_city_without_chains_is_told(ws: Workspace) -> None:
    with pytest.raises(NotFound, match="没有产业链"):
        flows.place_firms(ws, DAY, actor="zhang")
