"""Damage that grids suffer in offices: each changes a sheet and says what its cells truly say afterwards.

A cell that is no clean number any more is `doubtful` and left alone by later damage; one of a row that stands twice
with different figures is `contested`: whatever is read, it must be told.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from jiqun.statistics.layout import Layout
from tests.statistics.sheets import Sheet, Slot

Damage = Callable[[Sheet, random.Random, Layout], None]
_WIDE = str.maketrans("0123456789.,-", "０１２３４５６７８９．，－")


def _number(sheet: Sheet, rng: random.Random, asked: Layout) -> tuple[str, Slot] | None:
    """A filled number that no damage has touched, or None."""
    numbers = [
        (slot.key, slot)
        for row in sheet.rows
        for slot in row
        if slot.key and isinstance(slot.value, int | float) and not isinstance(slot.value, bool)
        and isinstance(sheet.truth[slot.key], Decimal) and slot.key not in sheet.doubtful
    ]  # fmt: skip
    return rng.choice(numbers) if numbers else None


def _in_place(change: Callable[[Decimal, str, random.Random], object], *, is_lost: bool = False) -> Damage:
    """Damage to one number: `change` gives what stands there; with `is_lost` it is no number any more."""

    def damage(sheet: Sheet, rng: random.Random, asked: Layout) -> None:
        found = _number(sheet, rng, asked)
        if found is None:
            return
        key, slot = found
        truth = sheet.truth[key]
        assert isinstance(truth, Decimal)
        slot.value = change(truth, asked.by_key[key].unit, rng)
        if is_lost:
            sheet.doubtful.add(key)

    return damage


def _grouped(truth: Decimal, unit: str, rng: random.Random) -> object:
    return f"{truth:,f}"


def _spaced(truth: Decimal, unit: str, rng: random.Random) -> object:
    blank = rng.choice([" ", "\u3000", "\u00a0", "\n", "\t"])
    return f"{blank}{truth:f}{blank * 2}"


def emptied(sheet: Sheet, rng: random.Random, asked: Layout) -> None:
    found = _number(sheet, rng, asked)
    if found:
        found[1].value = rng.choice(["–", "—", "……", "/", "-", "", None])
        sheet.truth[found[0]] = None


def mistyped(sheet: Sheet, rng: random.Random, asked: Layout) -> None:
    """A number with its unit behind it, which stays the same figure."""
    found = _number(sheet, rng, asked)
    if found and asked.by_key[found[0]].unit == "万元":
        found[1].value = f"{sheet.truth[found[0]]:f}万元"


def _grid_rows(sheet: Sheet) -> list[int]:
    return [index for index, row in enumerate(sheet.rows) if any(slot.key for slot in row)]


def swapped_rows(sheet: Sheet, rng: random.Random, asked: Layout) -> None:
    rows = _grid_rows(sheet)
    if len(rows) > 1:
        one, other = rng.sample(rows, 2)
        sheet.rows[one], sheet.rows[other] = sheet.rows[other], sheet.rows[one]


def sorted_rows(sheet: Sheet, rng: random.Random, asked: Layout) -> None:
    rows = _grid_rows(sheet)
    shuffled = [sheet.rows[index] for index in rows]
    rng.shuffle(shuffled)
    for index, row in zip(rows, shuffled, strict=True):
        sheet.rows[index] = row


def added_row(sheet: Sheet, rng: random.Random, asked: Layout) -> None:
    sheet.merges.clear()
    row = [Slot() for _ in sheet.rows[0]]
    if rng.random() < 0.4:
        row[0].value = rng.choice(["小计", "其他", "（以下空白）"])
    sheet.rows.insert(rng.randrange(len(sheet.rows) + 1), row)


def added_column(sheet: Sheet, rng: random.Random, asked: Layout) -> None:
    sheet.merges.clear()
    at = rng.randrange(len(sheet.rows[0]) + 1)
    word = rng.choice(["", "备注", "核对", "同比"])
    for index, row in enumerate(sheet.rows):
        row.insert(at, Slot(word if index == 6 and word else None))


def moved_column(sheet: Sheet, rng: random.Random, asked: Layout) -> None:
    """A column with its whole head to another place; heads of groups stand on each of their columns then."""
    if any(len(row) != len(sheet.rows[0]) for row in sheet.rows):
        return
    for merge in sheet.merges:
        first, _, last = merge.partition(":")
        if first[0] in "DEFG" and first[1:] == last[1:] == "6":
            row = sheet.rows[5]
            for column in range(ord(first[0]) - 65, ord(last[0]) - 64):
                row[column].value = row[ord(first[0]) - 65].value
    sheet.merges.clear()
    width = len(sheet.rows[0])
    here, there = rng.randrange(width), rng.randrange(width)
    for row in sheet.rows:
        row.insert(there, row.pop(here))


def lost_row(sheet: Sheet, rng: random.Random, asked: Layout) -> None:
    rows = _grid_rows(sheet)
    if not rows or sheet.contested:  # losing one of two rows settles which one counts
        return
    sheet.merges.clear()
    for slot in sheet.rows.pop(rng.choice(rows)):
        if slot.key and sheet.truth[slot.key] is not None:
            sheet.doubtful.add(slot.key)


def lost_column(sheet: Sheet, rng: random.Random, asked: Layout) -> None:
    sheet.merges.clear()
    at = rng.randrange(len(sheet.rows[0]))
    for row in sheet.rows:
        if at < len(row):
            slot = row.pop(at)
            if slot.key and sheet.truth[slot.key] is not None:
                sheet.doubtful.add(slot.key)


def doubled_row(sheet: Sheet, rng: random.Random, asked: Layout) -> None:
    rows = _grid_rows(sheet)
    if not rows:
        return
    sheet.merges.clear()
    at = rng.choice(rows)
    copied = [Slot(slot.value) for slot in sheet.rows[at]]
    filled = [index for index, slot in enumerate(sheet.rows[at]) if slot.key and slot.value not in (None, "")]
    if filled and rng.random() < 0.5:
        copied[rng.choice(filled)].value = rng.randrange(10_000)
        sheet.contested |= {sheet.rows[at][index].key or "" for index in filled}
    sheet.rows.insert(rng.choice(rows) + 1, copied)


def another_label(sheet: Sheet, rng: random.Random, asked: Layout) -> None:
    """Another name, unit or code in a row: it is not sure any more which row it is."""
    rows = _grid_rows(sheet)
    if not rows:
        return
    row = sheet.rows[rng.choice(rows)]
    labels = [slot for slot in row if isinstance(slot.value, str) and not slot.key]
    if labels:
        rng.choice(labels).value = rng.choice(["营业收入", "元", "99", "千元", "", "07", date(2001, 2, 1)])
        sheet.doubtful |= {slot.key for slot in row if slot.key}


def spaced_labels(sheet: Sheet, rng: random.Random, asked: Layout) -> None:
    for row in sheet.rows:
        for slot in row:
            if isinstance(slot.value, str) and not slot.key and slot.value and rng.random() < 0.5:
                slot.value = rng.choice([f" {slot.value} ", slot.value.replace("指标", "指 标"), slot.value + "\n"])


def coded_as_numbers(sheet: Sheet, rng: random.Random, asked: Layout) -> None:
    for row in sheet.rows:
        for slot in row:
            if isinstance(slot.value, str) and not slot.key and slot.value.isdigit():
                slot.value = int(slot.value)


def lost_heading(sheet: Sheet, rng: random.Random, asked: Layout) -> None:
    sheet.merges.clear()
    del sheet.rows[: rng.randrange(1, 6)]


def lost_marks(sheet: Sheet, rng: random.Random, asked: Layout) -> None:
    at = next((i for i, row in enumerate(sheet.rows) if any(slot.value == "甲" for slot in row)), None)
    if at is not None:
        sheet.merges.clear()
        del sheet.rows[at]


def unmerged(sheet: Sheet, rng: random.Random, asked: Layout) -> None:
    sheet.merges.clear()


def merged_figures(sheet: Sheet, rng: random.Random, asked: Layout) -> None:
    rows = _grid_rows(sheet)
    if not rows or not sheet.merges:
        return
    at = rng.choice(rows)
    columns = [index for index, slot in enumerate(sheet.rows[at]) if slot.key]
    pairs = [(one, one + 1) for one in columns if one + 1 in columns]
    if pairs:
        one, other = rng.choice(pairs)
        sheet.merges.append(f"{chr(65 + one)}{at + 1}:{chr(65 + other)}{at + 1}")
        sheet.doubtful |= {sheet.rows[at][one].key or "", sheet.rows[at][other].key or ""}


def unasked_figure(sheet: Sheet, rng: random.Random, asked: Layout) -> None:
    slots = [slot for row in sheet.rows for slot in row if slot.value == "×"]
    if slots:
        rng.choice(slots).value = rng.randrange(1, 999)


def formula(sheet: Sheet, rng: random.Random, asked: Layout) -> None:
    found = _number(sheet, rng, asked)
    if found:
        found[1].value, found[1].is_formula = "=1+1", True
        sheet.doubtful.add(found[0])


def other_sheet(sheet: Sheet, rng: random.Random, asked: Layout) -> None:
    sheet.others["底稿"] = [["随手记", rng.randrange(100)], ["本月", rng.randrange(100)]]


def renamed_sheet(sheet: Sheet, rng: random.Random, asked: Layout) -> None:
    sheet.name = rng.choice(["Sheet1", "6月", "厂商月报 (2)"])


DAMAGES: tuple[Damage, ...] = (
    _in_place(lambda truth, unit, rng: f"{truth:f}".translate(_WIDE)),
    _in_place(lambda truth, unit, rng: f"{truth:f}"),
    _in_place(_grouped), _in_place(_spaced),
    _in_place(lambda truth, unit, rng: date(2024, 3, rng.randrange(1, 28)), is_lost=True),
    _in_place(lambda truth, unit, rng: rng.choice(["#DIV/0!", "#REF!", "约500", "5-8", "1,23", True]), is_lost=True),
    _in_place(lambda truth, unit, rng: "12.3456789", is_lost=True),
    emptied, mistyped, swapped_rows, sorted_rows, added_row, added_column, moved_column, lost_row, lost_column,
    doubled_row, another_label, spaced_labels, coded_as_numbers, lost_heading, lost_marks, unmerged, merged_figures,
    unasked_figure, formula, other_sheet, renamed_sheet,
)  # fmt: skip
