"""Targets grouped by body, cluster or area, with the lights of each group."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from jiqun.reports.register import LATE, LightCount, TargetRow, count_lights
from jiqun.reports.view import Ref


@dataclass(frozen=True, slots=True)
class Share:
    """A body, cluster or area with the lights of its targets."""

    ref: Ref
    total: int
    late: int
    lights: tuple[LightCount, ...]


def shares(rows: Iterable[TargetRow], of: Callable[[TargetRow], Iterable[Ref]]) -> tuple[Share, ...]:
    """Targets grouped by what `of` says they belong to, those with most late targets first."""
    groups: dict[str, tuple[Ref, list[TargetRow]]] = {}
    for row in rows:
        for ref in of(row):
            groups.setdefault(ref.id, (ref, []))[1].append(row)
    found = [
        Share(ref, len(members), sum(row.judged.light in LATE for row in members), count_lights(members))
        for ref, members in groups.values()
    ]
    return tuple(sorted(found, key=lambda share: (-share.late, -share.total, share.ref.name)))
