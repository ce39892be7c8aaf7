"""Invented lists agree with the invented register: who holds a title there stands on a list that is still valid."""

from __future__ import annotations

import datetime

import polars as pl
import pytest

from jiqun.enterprises import invented, invented_lists
from jiqun.enterprises.invented import Drawing
from jiqun.enterprises.membership import TYPES
from jiqun.enterprises.spells import OPEN, Stage, granted, spells

DAY = datetime.date(2023, 7, 1)
DRAWING = Drawing(4_000, DAY, 2022, seed=7)


@pytest.fixture(scope="module")
def drawn(city):
    return list(invented_lists.batches(city, DRAWING))


@pytest.fixture(scope="module")
def entries(drawn):
    heads = [
        each.entries.with_columns(
            list_id=pl.lit(each.batch.list_id), stage=pl.lit(each.batch.stage.value), year=each.batch.year,
            number=each.batch.number,
        )
        for each in drawn
    ]  # fmt: skip
    return pl.concat(heads)


def test_lists_come_out_the_same_again(city, drawn):
    again = list(invented_lists.batches(city, DRAWING))
    assert [each.batch for each in again] == [each.batch for each in drawn]
    assert all(one.entries.equals(two.entries) for one, two in zip(drawn, again, strict=True))


@pytest.mark.parametrize("tier_id", ["hnte", "tech_sme", "innovative_sme", "srdi_sme", "little_giant", "gazelle_sz"])
def test_who_holds_a_title_in_the_register_holds_it_by_its_lists(city, entries, tier_id):
    firms = pl.concat(invented.frames(city, DRAWING)).select("uscc", "titles").collect()
    holders = set(firms.filter(pl.col("titles").list.contains(tier_id))["uscc"])
    held = spells(granted(entries.filter(list_id=tier_id)))
    now = held.filter((pl.col("held") == "recognised") & (pl.col("from") <= DAY) & (pl.col("to") > DAY))
    assert holders <= set(now["uscc"])
    assert len(set(now["uscc"]) - holders) < 0.2 * len(holders), "a few hold it that the register does not know of"


def test_no_firm_stands_twice_on_a_list_and_no_grant_ends_before_it_begins(drawn):
    for each in drawn:
        assert each.entries.schema == dict(TYPES)
        assert each.entries["uscc"].is_unique().all(), each.batch
        assert each.entries.filter(pl.col("valid_to") <= pl.col("valid_from")).is_empty(), each.batch
        assert each.published_on <= DAY, each.batch


def test_lists_lapse_are_renewed_and_revoked(entries):
    held = spells(granted(entries))
    assert {"lapsed", "revoked"} <= set(held.filter(pl.col("to") < OPEN)["ends"].drop_nulls())
    assert Stage.RECHECKED.value in set(entries["stage"])
    assert {"pooled", "cultivated"} <= set(held["held"])


def test_damaged_names_are_few_and_never_empty(city):
    names = pl.Series("name", [f"苏州甲{n}机械（演示）有限公司" for n in range(1000)])
    out = invented_lists.damaged(names, city, 10, 1)
    changed = (out != names).sum()
    assert 60 < changed < 140
    assert (out.str.len_chars() > 4).all()
    assert invented_lists.damaged(names, city, 0, 1).equals(names)
