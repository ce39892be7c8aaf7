"""Damaged workbooks: whatever happens to a grid, no figure changes in silence and nothing breaks."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from jiqun import tables
from jiqun.model.errors import InputRefused
from jiqun.model.findings import Finding, Severity
from jiqun.statistics import answers, grid
from jiqun.statistics.layout import Layout
from tests.statistics.damage import DAMAGES
from tests.statistics.sheets import CREATED, full_layout, printed_sheet

QUICK, THOROUGH = 150, 5000


@pytest.fixture(scope="module")
def asked() -> Layout:
    return full_layout()


def test_no_figure_changes_in_silence(asked):
    faults = [fault for seed in range(QUICK) for fault in faults_of(seed, asked)]
    assert faults == []


@pytest.mark.slow
def test_no_figure_changes_in_silence_in_five_thousand_workbooks(asked):
    faults = [fault for seed in range(QUICK, QUICK + THOROUGH) for fault in faults_of(seed, asked)]
    assert faults == []


def faults_of(seed: int, asked: Layout) -> list[str]:
    """What is wrong with how the workbook of `seed` was read: a figure that changed, or one lost without a word."""
    rng = random.Random(seed)
    sheet = printed_sheet(asked, filled(rng, asked))
    damages = rng.sample(DAMAGES, rng.randrange(1, 5))
    for damage in damages:
        damage(sheet, rng, asked)
    content = sheet.workbook()
    steps, told = read(content, asked)
    grid.mark(content, "表.xlsx", told, created=CREATED)
    is_told = any(found.severity is Severity.ERROR for found in told)
    faults = []
    for key, truth in sheet.truth.items():
        cell = asked.by_key[key]
        if not cell.is_number:
            continue
        said = Decimal(steps[key]).scaleb(-cell.digits) if key in steps else None
        if said is not None and said != truth and not (key in sheet.contested and is_told):
            faults.append(f"{seed} {names(damages)}: {key} was {truth}, read as {said}")
        if key in sheet.contested and not is_told:
            faults.append(f"{seed} {names(damages)}: {key} stands twice and nobody was told")
        if said is None and truth is not None and not is_told:
            faults.append(f"{seed} {names(damages)}: {key} = {truth} is lost without a word")
    return faults


def read(content: bytes, asked: Layout) -> tuple[dict[str, int], list[Finding]]:
    try:
        taken = grid.read(tables.read(content, "表.xlsx"), asked)
    except InputRefused as refused:
        return {}, list(refused.findings)
    answered = answers.read(asked, taken.filled)
    return dict(answered.steps), [*taken.findings, *taken.located(answered.findings)]


def filled(rng: random.Random, asked: Layout) -> dict[str, str]:
    """Answers of a respondent, all different; cells that need not be filled are left empty now and then."""
    values = rng.sample(range(1, 10_000_000), len(asked.cells))
    return {
        cell.key: str(Decimal(value).scaleb(-cell.digits)) if cell.is_number else next(iter(cell.field.values), "无")
        for cell, value in zip(asked.cells, values, strict=True)
        if cell.is_required or rng.random() < 0.8
    }


def names(damages: list[object]) -> str:
    return ", ".join(getattr(damage, "__name__", "?") for damage in damages)
