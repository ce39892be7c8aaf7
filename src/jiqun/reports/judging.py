"""Targets and figures of the ledger, handed to the assessment: what a page knows about pace."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from jiqun.assessment.progress import assess
from jiqun.assessment.promises import Datum, PaceRules, Progress, Promise, Reading, ValueKind
from jiqun.ledger.models import Claim, Observation, Standing, Target
from jiqun.ledger.statement import number
from jiqun.ledger.store import as_of
from jiqun.model.claims import Measure
from jiqun.model.periods import Period
from jiqun.packs import City
from jiqun.reports.view import View

Subject = tuple[str, str | None, str | None]  # indicator, area, cluster

_YEARLY = (Measure.ANNUAL.value, Measure.GROWTH.value)
_FIGURE_COLUMNS = (
    "key", "indicator_id", "area_id", "cluster_id", "period", "value_text", "unit", "known_on", "value_kind",
    "is_preferred", "measure", "source_title",
)  # fmt: skip


@dataclass(frozen=True)
class Judge:
    """The rules of one day, the figures known by then, and the words of yearly promises."""

    city: City
    on: date
    rules: PaceRules
    figures: Mapping[Subject, Sequence[Datum]]
    quotes: Mapping[str, str]

    def progress(self, target: Target, promise: Promise | None) -> Progress | None:
        """How the target stands; None without a promise to hold figures against."""
        if promise is None:
            return None
        return assess(promise, self.figures.get(subject_of(self.city, target), ()), self.on, self.rules)

    def promise(self, target: Target, issued_on: date | None) -> Promise | None:
        """What the target commits to; None where its number is not one that can be compared."""
        bound = target.bound
        if bound is None:
            return None
        extra: dict[str, Any] = {}
        if indicator := self.city.indicators.get(target.indicator_id):
            extra = {"polarity": indicator.polarity, "time_kind": indicator.time_kind}
        words = f"{target.title} {target.indicator} {self.quotes.get(target.claim_key or '', '')}"
        return Promise(
            bound=bound,
            unit=target.unit,
            measure=Measure(target.measure),
            deadline=target.deadline,
            issued_on=issued_on,
            base_value=number(target.base_value),
            base_period=_period(target.base_period),
            reading=Reading.of(words) if target.measure in _YEARLY else None,
            **extra,
        )


def subject(city: City, indicator_id: str, area_id: str | None, cluster_id: str | None) -> Subject:
    """What a number is about. An indicator that names its cluster (生物医药产业产值) says so already: figures of it
    come without one, and editions of the catalogue know the cluster under several ids."""
    indicator = city.indicators.get(indicator_id)
    return indicator_id, area_id, None if indicator is not None and indicator.cluster else cluster_id


def subject_of(city: City, target: Target) -> Subject:
    return subject(city, target.indicator_id, target.area_id, target.cluster_id)


def judge(view: View, targets: Iterable[Target]) -> Judge:
    """A judge who has seen every figure about the targets' subjects, fetched in one query."""
    wanted, claim_keys = set(), []
    for target in targets:
        wanted.add(subject_of(view.city, target))
        if target.measure in _YEARLY and target.claim_key:
            claim_keys.append(target.claim_key)
    rules = PaceRules.read(lambda name: view.city.setting(name, view.on))
    return Judge(view.city, view.on, rules, figures(view, wanted), _quotes(claim_keys))


def figures(view: View, wanted: set[Subject]) -> dict[Subject, list[Datum]]:
    """What was known by the day about each subject asked for."""
    found: dict[Subject, list[Datum]] = defaultdict(list)
    indicators = {subject[0] for subject in wanted}
    rows = as_of(Observation, known_on=view.on).filter(state=Standing.ACTIVE)
    if len(indicators) <= 500:  # old builds of SQLite take 999 parameters
        rows = rows.filter(indicator_id__in=indicators)
    for row in rows.values_list(*_FIGURE_COLUMNS).iterator(chunk_size=5000):
        about = subject(view.city, row[1], row[2], row[3])
        if about in wanted and (datum := _datum(row)) is not None:
            found[about].append(datum)
    return found


def _datum(row: tuple[Any, ...]) -> Datum | None:
    key, _, _, _, period, text, unit, known_on, kind, is_preferred, measure, source = row
    value, when = number(text), _period(period)
    if value is None or when is None:
        return None
    return Datum(
        key=key,
        period=when,
        value=value,
        unit=unit,
        known_on=known_on,
        kind=ValueKind(kind),
        is_preferred=is_preferred,
        measure=Measure(measure) if measure else None,
        source=source,
    )


def _quotes(claim_keys: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(claim_keys), 500):
        rows = Claim.objects.filter(key__in=claim_keys[start : start + 500], superseded_at__isnull=True)
        found.update(rows.values_list("key", "quote"))
    return found


def _period(text: str) -> Period | None:
    try:
        return Period.parse(text)
    except ValueError:
        return None
