"""A workspace of an invented city: two districts, two parks in one of them, six firms, and who works there."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from jiqun import packs, workspace
from jiqun.enterprises import register
from jiqun.enterprises.snapshots import About, Contents, Origin
from jiqun.model.purposes import Purpose
from jiqun.workspace import Workspace

FOLDER = Path(__file__).parent / "folder" / "pingchuan"
# code, name, where it stands, revenue in yuan; F5 is too small for the monthly form
FIRMS = (
    ("F1", "一厂", "north_park", 9e7), ("F2", "二厂", "north_park", 8e7), ("F3", "三厂", "south_park", 7e7),
    ("F4", "四厂", "west", 6e7), ("F5", "五厂", "west", 1e7), ("F6", "六厂", "nowhere", 5e7),
)  # fmt: skip


class Day:
    """A clock that stands at nine in the morning in China on a day one can set; each reading is a second later."""

    def __init__(self, day: str) -> None:
        self.set(day)

    def set(self, day: str) -> None:
        self.moment = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC) + timedelta(hours=1)

    def __call__(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment


@pytest.fixture(scope="session")
def pingchuan() -> packs.City:
    return packs.load(FOLDER)


@pytest.fixture
def day() -> Day:
    return Day("2026-02-01")


@pytest.fixture
def ws(db: None, tmp_path: Path, pingchuan: packs.City, day: Day) -> Workspace:
    path = tmp_path / "ws"
    workspace.lay_out(path, pingchuan, FOLDER)
    origin = Origin("登记", date(2026, 1, 1), Purpose.ADMINISTRATIVE)
    about = About(date(2026, 1, 1), 2025, date(2026, 1, 1), (origin,), is_invented=True)
    book = register.create(path / "registers", register.MAIN, "企业名册", Purpose.ADMINISTRATIVE)
    columns = dict(zip(("uscc", "name", "area_id", "revenue_yuan"), zip(*FIRMS, strict=True), strict=True))
    register.append(book, about, Contents([pl.LazyFrame(columns)]), city=pingchuan, recorded_at=day())
    return Workspace(path, pingchuan.name, pingchuan, day)


@pytest.fixture
def people(ws: Workspace) -> Callable[[str], Any]:
    """The user of that name, made when first asked for: firms F1 … F6, areas by id, editor, admin, viewer, body."""
    from django.contrib.auth import get_user_model

    from jiqun import flows

    def user(name: str) -> Any:
        users = get_user_model().objects
        if not users.filter(username=name).exists():
            role, scope = {
                "admin": ("city_admin", {}), "editor": ("city_editor", {}), "viewer": ("viewer", {}),
                "auditor": ("auditor", {}), "body": ("department", {"body_id": "gxj"}),
                "kjj": ("department", {"body_id": "kjj"}),
            }.get(name, ("district", {"area_id": name}))  # fmt: skip
            if name.startswith("F"):
                role, scope = "respondent", {"respondent_id": name}
            flows.add_user(ws, name, role, actor="setup", password="correct-horse-9", **scope)
        return users.get(username=name)

    return user


def earlier(ws: Workspace, city: packs.City) -> Workspace:
    return dataclasses.replace(ws, city=city)
