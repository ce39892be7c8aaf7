"""One page of a long list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import QuerySet

Item = TypeVar("Item")


@dataclass(frozen=True)
class Paging:
    """Which page of how many; `first` to `last` are the places of its items, counted from 1; 0 when there are none."""

    number: int
    pages: int
    total: int
    first: int
    last: int

    @property
    def near(self) -> tuple[int, ...]:
        """Page numbers worth a link: the first, the last, and those around this one; 0 where some are left out."""
        around = range(max(1, self.number - 2), min(self.pages, self.number + 2) + 1)
        found: list[int] = []
        for number in sorted({1, self.pages, *around}):
            if found and number > found[-1] + 1:
                found.append(0)
            found.append(number)
        return tuple(found)

    @property
    def before(self) -> int:
        """The page before this one; 0 for none."""
        return self.number - 1

    @property
    def after(self) -> int:
        """The page after this one; 0 for none."""
        return self.number + 1 if self.number < self.pages else 0


def cut(
    items: Sequence[Item] | QuerySet[Any], number: int, size: int = 50, total: int | None = None
) -> tuple[list[Any], Paging]:
    """The items of page `number`, or of the nearest page that exists. `total`: how many there are, where that is known
    already; counting many rows takes longer than reading a page of them."""
    if total is None:
        total = items.count() if isinstance(items, QuerySet) else len(items)
    pages = max(1, -(-total // size))
    number = min(max(1, number), pages)
    start = (number - 1) * size
    shown = list(items[start : start + size])
    return shown, Paging(number, pages, total, start + 1 if shown else 0, start + len(shown))
