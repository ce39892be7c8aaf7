"""A small register of firms that do not exist, and the city they are in."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from jiqun import packs
from jiqun.enterprises import identity, register
from jiqun.enterprises.register import Register
from jiqun.enterprises.snapshots import About, Contents, Manifest, Origin
from jiqun.model.purposes import Purpose
from jiqun.packs import City

MORNING = datetime.datetime(2025, 3, 1, 9, 0, tzinfo=datetime.UTC)


@pytest.fixture(scope="session")
def city() -> City:
    return packs.load("suzhou")


def code(number: int) -> str:
    """A sound code of no firm: division 329900 does not exist."""
    body = f"MA{number:06}"
    head = "91329900" + body + identity.organisation_check(body)
    return head + identity.check_character(head)


def about(day: str, **changed: Any) -> About:
    at = datetime.date.fromisoformat(day)
    origin = Origin("市场监管登记", at, Purpose.ADMINISTRATIVE)
    given: dict[str, Any] = {"day": at, "figures_year": at.year - 1, "known_on": at, "origins": (origin,)}
    return About(**(given | changed))


def firms(**columns: list[object]) -> pl.LazyFrame:
    return pl.LazyFrame(columns, strict=False)


@pytest.fixture
def kept(tmp_path: Path) -> Register:
    return register.create(tmp_path / "registers", "city", "全市企业名册", Purpose.ADMINISTRATIVE)


@pytest.fixture
def append(kept: Register, city: City) -> Callable[..., Manifest]:
    def append(day: str, frame: pl.LazyFrame, **changed: object) -> Manifest:
        return register.append(kept, about(day, **changed), Contents([frame]), city=city, recorded_at=MORNING)

    return append
