"""How many promises show which light, altogether and by body, cluster or area; and what falls due next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from jiqun.assessment.promises import Light, Progress


@dataclass(frozen=True)
class Judged:
    """A promise that has been assessed, with what it is counted under. `body_ids` in printed order, the first leads."""

    key: str
    progress: Progress
    deadline: date | None = None
    body_ids: tuple[str, ...] = ()
    area_id: str | None = None
    cluster_id: str | None = None

    @property
    def lead_id(self) -> str | None:
        return self.body_ids[0] if self.body_ids else None


@dataclass(frozen=True)
class Tally:
    """Counts for one body, cluster or area; `id` None gathers what has none. Every light has a count, maybe 0."""

    id: str | None
    counts: Mapping[Light, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def judged(self) -> int:
        """How many have a verdict; the others had too little to judge and count neither way."""
        return sum(count for light, count in self.counts.items() if light.is_verdict)

    @property
    def met_share(self) -> Decimal | None:
        """Met among those judged, a ratio; None where nothing was judged."""
        return Decimal(self.counts[Light.MET]) / self.judged if self.judged else None

    @property
    def needs_attention(self) -> int:
        late = (Light.BEHIND, Light.FAR_BEHIND, Light.OVERDUE, Light.FELL_BACK)
        return sum(self.counts[light] for light in late)


def count(judged: Iterable[Judged]) -> Tally:
    """All of them together."""
    return _tally(None, judged)


def by_lead(judged: Iterable[Judged]) -> tuple[Tally, ...]:
    """By the body that leads; joint bodies are not counted, or one promise would count several times."""
    return _by(judged, lambda one: one.lead_id)


def by_cluster(judged: Iterable[Judged]) -> tuple[Tally, ...]:
    return _by(judged, lambda one: one.cluster_id)


def by_area(judged: Iterable[Judged]) -> tuple[Tally, ...]:
    return _by(judged, lambda one: one.area_id)


def _by(judged: Iterable[Judged], of: Callable[[Judged], str | None]) -> tuple[Tally, ...]:
    """Most in need of attention first, then the larger, then by id; what has no id comes last."""
    groups: dict[str | None, list[Judged]] = {}
    for one in judged:
        groups.setdefault(of(one), []).append(one)
    tallies = [_tally(id_, group) for id_, group in groups.items()]
    return tuple(sorted(tallies, key=lambda one: (one.id is None, -one.needs_attention, -one.total, one.id or "")))


def _tally(id_: str | None, judged: Iterable[Judged]) -> Tally:
    counts = dict.fromkeys(Light, 0)
    for one in judged:
        counts[one.progress.light] += 1
    return Tally(id_, counts)


def deadlines_ahead(judged: Iterable[Judged], on: date, days: int) -> tuple[Judged, ...]:
    """What falls due from `on` up to `days` later and is not yet met, the nearest first."""
    last = on + timedelta(days=days)
    due = [one for one in judged if one.deadline and on <= one.deadline <= last and one.progress.light is not Light.MET]
    return tuple(sorted(due, key=lambda one: (one.deadline or last, one.key)))
