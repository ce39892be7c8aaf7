"""Split keys on pages: every division of a line of catalogues, and one with its history and what a key would do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from jiqun.industry.catalogues import EVENT_LABELS
from jiqun.industry.correspondence import Link
from jiqun.industry.divisions import Division, divisions
from jiqun.industry.recasting import Bounded, parted
from jiqun.ledger import store
from jiqun.ledger.models import Standing, StatedSplit, Target
from jiqun.model.errors import InputRefused, NotFound
from jiqun.model.findings import Finding
from jiqun.model.shares import print_share
from jiqun.model.units import Unit
from jiqun.packs.schema.clusters import Catalogue
from jiqun.reports.recasts import ADDED_UP, RecastRow, amount_text, newest, recasts, way_between
from jiqun.reports.register import register
from jiqun.reports.split_keys import (
    OUTSIDE_NAME,
    InForce,
    Part,
    Stated,
    history,
    in_force,
    keys_on,
    parts_of,
    rows_on,
    shares_of,
)
from jiqun.reports.split_series import Basis, bases, line_of
from jiqun.reports.view import Ref, View


@dataclass(frozen=True, slots=True)
class DivisionRow:
    """A division as a list names it; `key` is the one in force, None where the city stated none."""

    from_id: str
    to_id: str
    from_edition: str
    to_edition: str
    cluster: Ref
    kind: str
    parts: tuple[Part, ...]
    free: str
    key: Stated | None


@dataclass(frozen=True, slots=True)
class Changed:
    """A recast figure before and with the key that is tried: of every series the newest that changes."""

    edition: str
    row: RecastRow
    before: str


@dataclass(frozen=True, slots=True)
class TargetPart:
    """What of a target falls to a cluster of the other edition, before and with the key that is tried."""

    cluster: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class TargetRow:
    key: str
    sentence: str
    parts: tuple[TargetPart, ...]  # none: a rate, share or rank is not divided


@dataclass(frozen=True)
class Trial:
    """What was typed, and what it would do; `shares` is None where it cannot be read, `findings` say why."""

    typed: Mapping[str, str]
    basis: str
    shares: tuple[Part, ...] | None
    figures: tuple[Changed, ...] = ()
    targets: tuple[TargetRow, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class SplitPage:
    division: DivisionRow
    series: str
    history: tuple[Stated, ...]
    bases: tuple[Basis, ...]
    trial: Trial | None
    version: int


def division_rows(view: View, line: Iterable[Catalogue]) -> tuple[DivisionRow, ...]:
    """The divisions of a line, those of the newest editions first."""
    ids = {one.id: at for at, one in enumerate(line)}
    own = [one for one in divisions(view.city.catalogues) if one.to_id in ids]
    held = rows_on(view.on)
    own.sort(key=lambda one: (-max(ids[one.from_id], ids[one.to_id]), ids[one.from_id] > ids[one.to_id]))
    return tuple(_row(view, one, held.get(one.key)) for one in own)


def split_page(view: View, division: Division, trial: Trial | None = None) -> SplitPage:
    told = history(view, division.key)
    return SplitPage(
        division=_row(view, division, rows_on(view.on).get(division.key)),
        series=line_of(view, division.to_id)[0].series,
        history=told,
        bases=bases(view, division),
        trial=trial,
        version=max((one.version for one in told), default=0),
    )


def refused(typed: Mapping[str, str], basis: str, error: InputRefused) -> Trial:
    """A trial whose shares cannot be read."""
    return Trial(typed, basis, None, findings=tuple(error.findings))


def tried(
    view: View, division: Division, shares: Mapping[str, Fraction], typed: Mapping[str, str], basis: str
) -> Trial:
    """What the shares would do to every recast figure of the line and every target of a cluster on the way."""
    indicator_id, _, period = basis.partition("@")
    row = StatedSplit(
        key=division.key, known_on=view.on, from_id=division.from_id, to_id=division.to_id,
        cluster_id=division.cluster_id, indicator_id=indicator_id, period=period,
    )  # fmt: skip
    now = keys_on(view)
    then = (*(one for one in now if not _is_of(one, division)), in_force(view, row, shares))
    line = line_of(view, division.to_id)
    figures: list[Changed] = []
    for edition in line:
        before = {_identity(one): one.said for one in recasts(view, edition.id, stated=now)[0]}
        after = recasts(view, edition.id, stated=then)[0]
        changed = newest(one for one in after if before.get(_identity(one)) != one.said)
        figures += [Changed(f"{edition.edition}版", one, before.get(_identity(one), "")) for one in changed]
    return Trial(typed, basis, parts_of(view, shares), tuple(figures), _targets(view, division, line, now, then))


def _is_of(one: InForce, division: Division) -> bool:
    used = one.used
    return (used.from_id, used.to_id, used.cluster_id) == (division.from_id, division.to_id, division.cluster_id)


def _identity(row: RecastRow) -> tuple[object, ...]:
    return row.indicator.id, row.area and row.area.id, row.cluster.id, row.period, row.from_edition


def _targets(
    view: View, division: Division, line: Iterable[Catalogue], now: tuple[InForce, ...], then: tuple[InForce, ...]
) -> tuple[TargetRow, ...]:
    """Targets of clusters whose way to the division's edition the key changes."""
    ways: dict[str, tuple[tuple[Link, ...], tuple[Link, ...]]] = {}
    for other in line:
        if other.id == division.to_id:
            continue
        try:
            before, after = (way_between(view, other.id, division.to_id, held) for held in (now, then))
        except (InputRefused, NotFound):
            continue
        for cluster in other.clusters:
            if _spread(before.of(cluster.id)) != _spread(after.of(cluster.id)):
                ways[cluster.id] = before.of(cluster.id), after.of(cluster.id)
    rows = store.as_of(Target, view.on).filter(state=Standing.ACTIVE.value, cluster_id__in=list(ways))
    told = register(view)
    return tuple(
        TargetRow(row.key, shown.sentence, _parts(view, row, *ways[row.cluster_id]))
        for row in rows.order_by("deadline", "key")
        if (shown := told.find(row.key)) is not None
    )


def _spread(links: Iterable[Link]) -> list[tuple[str, Fraction, Fraction]]:
    return [(link.after, link.low, link.high) for link in links]


def _parts(view: View, row: Target, before: tuple[Link, ...], after: tuple[Link, ...]) -> tuple[TargetPart, ...]:
    indicator = view.city.indicators.get(row.indicator_id)
    adds_up = indicator is None or indicator.aggregation.kind == "sum"
    if row.value_scaled is None or row.value_scaled < 0 or row.measure not in ADDED_UP or not adds_up:
        return ()
    then = dict(parted(row.value_scaled, after))
    return tuple(
        TargetPart(
            ref.name if (ref := view.names.cluster(id_)) else OUTSIDE_NAME,
            _between(bounds, row.parsed_unit, row.unit), _between(then[id_], row.parsed_unit, row.unit),
        )
        for id_, bounds in parted(row.value_scaled, before)
        if id_ in then
    )  # fmt: skip


def _between(bounds: Bounded, unit: Unit, printed: str) -> str:
    low, high = (None if one is None else amount_text(one, unit) for one in bounds)
    return f"{low}{printed}" if low == high else f"{low}—{high}{printed}"


def _row(view: View, division: Division, row: StatedSplit | None) -> DivisionRow:
    by_id = {one.id: one for one in view.city.catalogues}
    before, after = by_id[division.from_id], by_id[division.to_id]
    later = after if after.previous_id == before.id else before
    event = next((one for one in later.events if division.cluster_id in (*one.before_ids, *one.after_ids)), None)
    held = next((one for one in history(view, division.key) if one.is_in_force), None) if row is not None else None
    bare = tuple(Part(part, view.names.cluster(part), "") for part in division.parts)
    return DivisionRow(
        from_id=division.from_id, to_id=division.to_id, from_edition=before.edition, to_edition=after.edition,
        cluster=view.names.cluster(division.cluster_id) or Ref(division.cluster_id, division.cluster_id),
        kind=EVENT_LABELS[event.type] if event else "",
        parts=parts_of(view, shares_of(row)) if row is not None else bare,
        free="" if division.free == 1 else print_share(division.free), key=held,
    )  # fmt: skip
