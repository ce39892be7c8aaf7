"""What was returned for statistics serves statistics alone, by whatever way somebody reaches for it."""

from __future__ import annotations

import ast
import datetime
from pathlib import Path

import polars as pl
import pytest

import jiqun
from jiqun.enterprises import register, tiers
from jiqun.enterprises.register import Firms
from jiqun.enterprises.snapshots import Contents, Origin
from jiqun.model.errors import Forbidden, UsageError
from jiqun.model.purposes import Purpose
from tests.enterprises.conftest import MORNING, about, code, firms

STATISTICAL, ADMINISTRATIVE, SERVICE = Purpose
TODAY = datetime.date(2025, 6, 30)


@pytest.fixture
def returns(tmp_path, city):
    """Statistical returns of one firm."""
    made = register.create(tmp_path / "registers", "returns", "一套表", STATISTICAL)
    origin = Origin("一套表", TODAY, STATISTICAL)
    frame = firms(uscc=[code(1)], name=["甲"], revenue_yuan=[1.0])
    register.append(made, about("2025-01-31", origins=(origin,)), Contents([frame]), city=city, recorded_at=MORNING)
    return made


@pytest.mark.parametrize(
    ("collected_for", "uses"),
    [(STATISTICAL, {STATISTICAL}), (ADMINISTRATIVE, set(Purpose)), (SERVICE, {SERVICE})],
)
def test_each_purpose_allows_its_uses_and_no_others(tmp_path, city, collected_for, uses):
    made = register.create(tmp_path, "firms", "名册", collected_for)
    origin = Origin("来源", TODAY, collected_for)
    register.append(
        made, about("2025-01-31", origins=(origin,)), Contents([firms(uscc=[code(1)])]), city=city, recorded_at=MORNING
    )
    allowed = set()
    for use in Purpose:
        try:
            register.read(made, city, purpose=use)
        except Forbidden as refused:
            assert collected_for.label in str(refused)
            assert use.label in str(refused)
        else:
            allowed.add(use)
    assert allowed == uses


@pytest.mark.parametrize("use", [ADMINISTRATIVE, SERVICE])
def test_a_part_copied_away_still_says_what_it_was_collected_for(returns, city, tmp_path, use):
    part = next(returns.folder.glob("*/part-*.parquet"))
    copy = tmp_path / "firms.parquet"
    copy.write_bytes(part.read_bytes())
    with pytest.raises(Forbidden):
        register.read_file(copy, city, purpose=use, day=TODAY)
    with pytest.raises(Forbidden):  # declaring it away does not help
        register.read_file(copy, city, purpose=use, day=TODAY, declared=ADMINISTRATIVE)
    read = register.read_file(copy, city, purpose=STATISTICAL, day=TODAY)
    assert (read.day, read.figures_year, read.rows.collect().height) == (datetime.date(2025, 1, 31), 2024, 1)


def test_a_file_that_does_not_say_must_be_declared(city, tmp_path):
    bare = tmp_path / "firms.parquet"
    firms(uscc=[code(1)], employees=[3]).sink_parquet(bare)
    with pytest.raises(UsageError, match="用途"):
        register.read_file(bare, city, purpose=ADMINISTRATIVE, day=TODAY)
    read = register.read_file(bare, city, purpose=ADMINISTRATIVE, day=TODAY, declared=ADMINISTRATIVE)
    assert (read.day, read.figures_year) == (TODAY, 2024)
    assert read.rows.select("employees").collect().item() == 3
    with pytest.raises(Forbidden):
        register.read_file(bare, city, purpose=ADMINISTRATIVE, day=TODAY, declared=STATISTICAL)


def test_returns_cannot_be_smuggled_into_another_register(kept, city):
    """One column of a statistical return would open the wall for all who read the register."""
    origins = (Origin("市场监管登记", TODAY, ADMINISTRATIVE), Origin("一套表", TODAY, STATISTICAL))
    frame = firms(uscc=[code(1)], revenue_yuan=[1.0])
    with pytest.raises(Forbidden, match="一套表"):
        register.append(kept, about("2025-01-31", origins=origins), Contents([frame]), city=city, recorded_at=MORNING)
    assert kept.snapshots() == ()


def test_firms_cannot_be_made_by_hand_for_a_forbidden_use():
    with pytest.raises(Forbidden):
        Firms(pl.LazyFrame(), {}, TODAY, 2024, STATISTICAL, ADMINISTRATIVE)


def test_no_firm_is_judged_by_its_statistical_return(returns, city):
    part = next(returns.folder.glob("*/part-*.parquet"))
    for source in (part, part.parent):
        with pytest.raises(Forbidden):
            tiers.classify(source, city, ["hnte"], TODAY)
    with pytest.raises(Forbidden):
        tiers.classify(register.read(returns, city, purpose=STATISTICAL), city, ["hnte"], TODAY)


def test_no_other_module_reads_parquet():
    """The wall has one door: a second reader would be a second door."""
    source = Path(jiqun.__file__).parent
    readers = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("scan_parquet", "read_parquet", "read_parquet_metadata")
    }
    assert readers == {"enterprises/snapshots.py"}
