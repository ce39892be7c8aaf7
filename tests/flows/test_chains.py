"""Firms placed on chains in a workspace: once for the same inputs, told by one event, never for statistics."""

from __future__ import annotations

import json
from dataclasses import replace
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


def test_a_placing_holds_while_the_links_do_whatever_else_the_folder_changes(suzhou: Workspace) -> None:
    flows.draw_firms(suzhou, [Drawing(60, DAY, 2022)], actor="zhang")
    first = flows.place_firms(suzhou, DAY, actor="zhang")
    file = "indicators.yaml"
    text = suzhou.city.read(file).decode()
    other = replace(suzhou, city=packs.amended(suzhou.city, {file: f"# 改一句注释\n{text}".encode()}))
    assert other.city.digest != suzhou.city.digest
    assert flows.place_firms(other, DAY, actor="zhang").run_id == first.run_id
    path = "chains/robot.yaml"
    chain = suzhou.city.read(path).decode().replace("谐波减速器", "谐波减速机")
    changed = replace(suzhou, city=packs.amended(suzhou.city, {path: chain.encode()}))
    assert flows.place_firms(changed, DAY, actor="zhang").is_new
