"""Titles of firms counted: what the lists say is reconciled in a run, and the run's counts become figures.

Counting and recording are two steps, so that a person sees what does not agree before anything is recorded. Only lists
of recognition count: that a firm meets a rule is no title.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from jiqun.enterprises import cohorts, membership, register, spells
from jiqun.enterprises.cohorts import RECOGNISED, Balance, Count, Kind, Stated
from jiqun.enterprises.columns import KEY
from jiqun.enterprises.membership import Lists
from jiqun.enterprises.register import Register
from jiqun.flows.claims import observation_key
from jiqun.flows.runs import earlier, running
from jiqun.ledger import store
from jiqun.ledger.models import Observation, Run, RunState, Standing
from jiqun.ledger.statement import number
from jiqun.model.errors import Conflict, NotFound, UsageError
from jiqun.model.periods import Period
from jiqun.model.purposes import Purpose
from jiqun.model.units import Unit
from jiqun.workspace import Workspace, keep_folder

COUNTING = "count_cohorts"
USE = Purpose.ADMINISTRATIVE
_ABOUT_PCT = "about_tolerance_pct"
_SOURCE = "企业名单核算"  # begins the source of every figure recorded here


@dataclass(frozen=True)
class CohortsRecorded:
    """How many figures are new or revised, how many stood already, how many counts have no indicator or no value."""

    run_id: int
    written: int
    unchanged: int
    left_out: int


def count_cohorts(ws: Workspace, *, actor: str, name: str = register.MAIN, years: Sequence[int] = ()) -> Run:
    """A run with every count and balance of the lists of the register for finished years (default: all there are),
    for the city and each district, and with every published figure that differs.

    Asked again with the same lists, snapshots and folder, the earlier run answers. Raises NotFound where there are no
    lists, UsageError for a year that has not ended, Forbidden where the register's purpose does not allow it.
    """
    book = register.open(ws.path / "registers", name)
    lists = membership.read(book, purpose=USE)
    first = min((each.batch.year for each in lists.kept), default=None)
    if first is None:
        raise NotFound(f"名册“{name}”还没有收录任何名单")
    wanted = sorted(set(years)) or list(range(first, ws.today.year))
    unfinished = [year for year in wanted if year >= ws.today.year]
    if unfinished or not wanted:
        raise UsageError(f"{unfinished[0] if unfinished else first} 年还没有结束，不能核算年末数")
    held = {manifest.about.day: manifest for manifest in book.snapshots()}
    parameters = {
        "register": name, "years": wanted, "folder": ws.city.digest, "purpose": USE.value,
        "lists": {each.batch.name: each.manifest.digest for each in lists.kept},
        "snapshots": {f"{day}": manifest.digest for day, manifest in held.items()},
        "figures": _figures_digest(ws),
    }  # fmt: skip
    done = earlier(COUNTING, parameters)
    if done is not None:
        return done
    with running(ws, COUNTING, actor, parameters) as run:
        keep_folder(ws.path, ws.city)
        run.result.update(_counted(ws, book, lists, wanted))
        marks = [each.manifest for each in lists.kept] + list(held.values())
        run.result["is_invented"] = any(manifest.about.is_invented for manifest in marks)
    return run


def record_cohorts(ws: Workspace, run: Run, *, actor: str, reason: str = "") -> CohortsRecorded:
    """The counts of the run are figures of the ledger, each under the indicator that its tier's data names for it.

    Every figure says which run made it, and so does the event. A count without a value (lists are missing) or without
    an indicator is left out. Where another source has the preferred figure, that one stays preferred. Raises UsageError
    for a run of another kind or one that did not end well, Conflict for counts of invented firms.
    """
    if run.kind != COUNTING or run.state != RunState.DONE:
        raise UsageError(f"第 {run.pk} 次运行不是已完成的名单核算")
    if run.result["is_invented"]:
        raise Conflict("演示企业的计数不能记入台账")
    every = run.result["counts"]
    taken = _preferred_elsewhere(count["indicator_id"] for count in every if count["indicator_id"])
    rows = [_row(ws, run, count, taken) for count in every if count["indicator_id"] and count["value"] is not None]
    with store.recording("cohorts.recorded", actor=actor, reason=reason, clock=ws.clock,
                         subject=("run", str(run.pk))) as entry:  # fmt: skip
        entry.notes["run"] = run.pk
        written = entry.put(rows)
    return CohortsRecorded(run.pk, written, len(rows) - written, len(every) - len(rows))


# --- counting


def _counted(ws: Workspace, book: Register, lists: Lists, years: Sequence[int]) -> dict[str, Any]:
    snapshots = list(_snapshots(ws, book))
    grants = spells.granted(lists.entries, membership.departures(snapshots)).filter(pl.col("held") == RECOGNISED)
    whole, coverage = spells.spells(grants), lists.coverage(ws.city.tiers)
    made: list[Balance] = []
    found: list[Count] = []
    for by in ((), ("area_id",)):
        where = spells.places(snapshots, by)
        parts = spells.pieces(whole, where, by), spells.placed(grants, where, by)
        balances = cohorts.balances(*parts, years, by, coverage)
        made += balances
        found += [each for each in cohorts.counts(balances, coverage) if each.area_id is not None or not by]
    differences = cohorts.compare(found, _stated(ws), ws.city.setting(_ABOUT_PCT, ws.today))
    return {
        "counts": [_count_record(ws, each) for each in found],
        "balances": [_balance_record(each) for each in made],
        "unexplained": [_balance_record(each) for each in made if each.unexplained],
        "differences": [
            {
                "indicator_id": _indicator(ws, each.ours), "area_id": each.ours.area_id or ws.city.area_id,
                "year": each.ours.year, "ours": each.ours.value, "stated": f"{each.stated.value}",
                "value_kind": each.stated.value_kind, "source": each.stated.source, "by": f"{each.by}",
                "contradicts": each.contradicts,
            }
            for each in differences if each.by
        ],
        "undecided": {each.batch.name: each.undecided for each in lists.kept if each.undecided},
    }  # fmt: skip


def _snapshots(ws: Workspace, book: Register) -> Iterator[tuple[date, pl.DataFrame]]:
    for day in dict.fromkeys(manifest.about.day for manifest in book.snapshots()):
        firms = register.read(book, ws.city, purpose=USE, day=day)
        yield day, firms.rows.select(KEY, "area_id", "ended_on", "merged_into_uscc").collect(engine="streaming")


def _indicator(ws: Workspace, count: Count) -> str | None:
    tier = ws.city.tiers.get(count.list_id)
    found = getattr(tier.counted, f"{count.kind.value}_id") if tier else None
    return None if found is None else str(found)


def _count_record(ws: Workspace, count: Count) -> dict[str, Any]:
    area_id = count.area_id or ws.city.area_id
    is_known = area_id in ws.city.areas
    return {
        "list_id": count.list_id, "kind": count.kind.value, "year": count.year, "area_id": area_id,
        "indicator_id": _indicator(ws, count) if is_known else None, "value": count.value, "since": count.since,
        "missing": list(count.missing),
    }  # fmt: skip


def _balance_record(balance: Balance) -> dict[str, Any]:
    return {
        "list_id": balance.list_id, "year": balance.year, "area_id": balance.area_id, "opening": balance.opening,
        **{f"gain_{name}": firms for name, firms in balance.gains.items()},
        **{f"loss_{name}": firms for name, firms in balance.losses.items()},
        "closing": balance.closing, "granted": balance.granted, "renewed": balance.renewed, "ever": balance.ever,
        "missing": list(balance.missing), "unexplained": balance.unexplained,
    }  # fmt: skip


# --- figures of others


def _beside(indicator_ids: Iterable[str]) -> Any:
    """Figures in use under these indicators that were not made here."""
    rows = Observation.objects.filter(superseded_at=None, state=Standing.ACTIVE, cluster_id=None)
    return rows.filter(indicator_id__in=set(indicator_ids)).exclude(source_title__startswith=_SOURCE)


def _indicators(ws: Workspace) -> dict[str, tuple[str, Kind]]:
    """Indicator → the list and kind of count that it is."""
    return {
        indicator_id: (tier.id, Kind(field.removesuffix("_id")))
        for tier in ws.city.tiers.values()
        for field, indicator_id in tier.counted
        if indicator_id is not None
    }


def _stated(ws: Workspace) -> list[Stated]:
    """Published yearly figures of the indicators, as the ledger has them."""
    known, found = _indicators(ws), []
    for row in _beside(known).filter(measure=None):
        value, period = number(row.value_text), Period.parse(row.period)
        unit, own = row.parsed_unit, Unit.parse(ws.city.indicators[row.indicator_id].unit)
        if value is None or period != Period(period.year) or not unit.measures_like(own):
            continue
        list_id, kind = known[row.indicator_id]
        area_id = None if row.area_id == ws.city.area_id else row.area_id
        source = row.source_title or row.source_id
        found.append(Stated(list_id, kind, period.year, area_id, unit.convert(value, own), row.value_kind, source))
    return found


def _figures_digest(ws: Workspace) -> str:
    rows = _beside(_indicators(ws)).order_by("key").values_list("key", "version")
    return hashlib.sha256(repr(list(rows)).encode()).hexdigest()


def _preferred_elsewhere(indicator_ids: Iterable[str]) -> set[tuple[str, str, str]]:
    rows = _beside(indicator_ids).filter(is_preferred=True)
    return set(rows.values_list("indicator_id", "area_id", "period"))


def _row(ws: Workspace, run: Run, count: Mapping[str, Any], taken: set[tuple[str, str, str]]) -> Observation:
    period = Period(count["year"])
    place = count["indicator_id"], count["area_id"], str(period)
    name = run.parameters["register"]
    kind = Kind(count["kind"])
    return Observation(
        key=observation_key(place[0], place[1], None, place[2], None, f"{_SOURCE}|{name}"),
        known_on=ws.today,
        indicator_id=place[0],
        area_id=place[1],
        period=place[2],
        period_start=period.start,
        period_end=period.end,
        value_text=str(count["value"]),
        unit=ws.city.indicators[place[0]].unit,
        value_kind="exact",
        is_preferred=place not in taken,
        source_title=f"{_SOURCE}（{name}）",
        note=f"第 {run.pk} 次运行：{kind.label}，据 {count['since']} 年以来的名单",
    )
