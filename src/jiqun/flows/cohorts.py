"""Titles of firms counted: what the lists say is reconciled in a run, and the run's counts become figures.

Counting and recording are two steps, so that a person sees what does not agree before anything is recorded. Only lists
of recognition count: that a firm meets a rule is no title.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from jiqun.enterprises import counting, membership, register
from jiqun.enterprises.cohorts import Balance, Count, Kind
from jiqun.enterprises.columns import KEY
from jiqun.enterprises.membership import Lists
from jiqun.enterprises.register import Register
from jiqun.flows.claims import observation_key
from jiqun.flows.runs import earlier, running
from jiqun.flows.settling import writing
from jiqun.ledger import store
from jiqun.ledger.models import Observation, Run, RunState
from jiqun.model.errors import Conflict, NotFound, UsageError
from jiqun.model.periods import Period
from jiqun.model.purposes import Purpose
from jiqun.packs import City
from jiqun.reports import published
from jiqun.reports.published import SOURCE
from jiqun.workspace import Workspace, keep_folder

COUNTING = "count_cohorts"
USE = Purpose.ADMINISTRATIVE


@dataclass(frozen=True)
class CohortsRecorded:
    """How many figures are new or revised, how many stood already, how many counts have no indicator or no value."""

    run_id: int
    written: int
    unchanged: int
    left_out: int


def count_cohorts(
    ws: Workspace, *, actor: str, name: str = register.MAIN, years: Sequence[int] = (), known_on: date | None = None
) -> Run:
    """A run with every count and balance of the lists of the register for finished years (default: all there are),
    for the city and each district, and with every published figure that differs, as known on the day (default: today).

    Asked again with the same lists, snapshots and folder, the earlier run answers. Raises NotFound where there are no
    lists, UsageError for a year that has not ended, Forbidden where the register's purpose does not allow it.
    """
    on = min(known_on or ws.today, ws.today)
    book = register.open(ws.path / "registers", name)
    lists = membership.read(book, purpose=USE, known_on=on)
    first = min((each.batch.year for each in lists.kept), default=None)
    if first is None:
        raise NotFound(f"名册“{name}”还没有收录任何名单")
    wanted = sorted(set(years)) or list(range(first, on.year))
    unfinished = [year for year in wanted if year >= on.year]
    if unfinished or not wanted:
        raise UsageError(f"{unfinished[0] if unfinished else first} 年还没有结束，不能核算年末数")
    parameters = {
        "register": name, "years": wanted, "folder": ws.city.digest, "purpose": USE.value,
        **membership.inputs(book, lists, on), "figures": _figures_digest(ws.city, on),
    }  # fmt: skip
    done = earlier(COUNTING, parameters)
    if done is not None:
        return done
    with running(ws, COUNTING, actor, parameters) as run:
        keep_folder(ws.path, ws.city)
        run.result.update(_counted(ws, book, lists, wanted, on))
        run.result["is_invented"] = lists.is_invented
    return run


def record_cohorts(ws: Workspace, run: Run, *, actor: str, reason: str = "") -> CohortsRecorded:
    """The counts of the run are figures of the ledger, each under the indicator that its tier's data names for it.

    Every figure says which run made it, and so does the event. A count without an indicator is left out, and so is one
    for which lists are missing; one that rows of lists could still raise becomes a lower bound. Where another source
    has the preferred figure, that one stays preferred. Raises UsageError for a run of another kind or one that did not
    end well, Conflict for counts of invented firms and for a run of other lists than those known today.
    """
    if run.kind != COUNTING or run.state != RunState.DONE:
        raise UsageError(f"第 {run.pk} 次运行不是已完成的名单核算")
    if run.result["is_invented"]:
        raise Conflict("演示企业的计数不能记入台账")
    book, every = register.open(ws.path / "registers", run.parameters["register"]), run.result["counts"]
    # no list and no snapshot comes in, and no figure is written, between what is read here and the event
    with (
        writing(ws, book.name, actor=actor),
        store.recording("cohorts.recorded", actor=actor, reason=reason, clock=ws.clock,
                        subject=("run", str(run.pk))) as entry,
    ):  # fmt: skip
        inputs = membership.inputs(book, membership.read(book, purpose=USE, known_on=ws.today), ws.today)
        if any(run.parameters[what] != now for what, now in inputs.items()):
            raise Conflict(f"第 {run.pk} 次运行之后名单或名册有变动；请按今天所知的重新核算")
        taken = _preferred_elsewhere(ws, {count["indicator_id"] for count in every if count["indicator_id"]})
        rows = [_row(ws, run, count, taken) for count in every if count["indicator_id"] and _is_told(count)]
        entry.notes["run"] = run.pk
        written = entry.put(rows)
    return CohortsRecorded(run.pk, written, len(rows) - written, len(every) - len(rows))


# --- counting


def _counted(ws: Workspace, book: Register, lists: Lists, years: Sequence[int], on: date) -> dict[str, Any]:
    found = counting.counted(
        lists.entries, membership.waiting(book, lists), list(_snapshots(ws, book, on)), years,
        lists.coverage(ws.city.tiers),
    )  # fmt: skip
    differences = published.differences(ws.city, found.counts, on)
    return {
        "counts": [_count_record(ws, each) for each in found.counts],
        "balances": [_balance_record(each) for each in found.balances],
        "unexplained": [_balance_record(each) for each in found.balances if each.unexplained],
        "differences": [
            {
                "indicator_id": published.indicator_of(ws.city, each.ours),
                "area_id": each.ours.area_id or ws.city.area_id, "year": each.ours.year, "ours": each.ours.value,
                "least": each.ours.least, "most": each.ours.most, "stated": f"{each.stated.value}",
                "value_kind": each.stated.value_kind, "source": each.stated.source, "by": f"{each.by}",
                "contradicts": each.contradicts,
            }
            for each in differences
        ],
        "undecided": {each.batch.name: each.undecided for each in lists.kept if each.undecided},
    }  # fmt: skip


def _snapshots(ws: Workspace, book: Register, on: date) -> Iterator[tuple[date, pl.DataFrame]]:
    for day in membership.days_known(book, on):
        firms = register.read(book, ws.city, purpose=USE, day=day, known_on=on)
        yield day, firms.rows.select(KEY, "area_id", "ended_on", "merged_into_uscc").collect(engine="streaming")


def _count_record(ws: Workspace, count: Count) -> dict[str, Any]:
    return {
        "list_id": count.list_id, "kind": count.kind.value, "year": count.year,
        "area_id": count.area_id or ws.city.area_id, "indicator_id": published.indicator_of(ws.city, count),
        "value": count.value, "least": count.least, "most": count.most, "since": count.since,
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


# --- figures


def _figures_digest(city: City, on: date) -> str:
    rows = published.beside(city, on).order_by("key").values_list("key", "version")
    return hashlib.sha256(repr(list(rows)).encode()).hexdigest()


def _preferred_elsewhere(ws: Workspace, indicator_ids: set[str]) -> set[tuple[str, str, str]]:
    rows = published.beside(ws.city, ws.today, indicator_ids).filter(is_preferred=True)
    return set(rows.values_list("indicator_id", "area_id", "period"))


def _is_told(count: Mapping[str, Any]) -> bool:
    """Whether the count is a number, or lists are all there and rows that wait could only raise it."""
    is_change = Kind(count["kind"]) in (Kind.NET, Kind.ENTERED)
    return count["value"] is not None or (not count["missing"] and not is_change and count["least"] > 0)


def _row(ws: Workspace, run: Run, count: Mapping[str, Any], taken: set[tuple[str, str, str]]) -> Observation:
    period = Period(count["year"])
    place = count["indicator_id"], count["area_id"], str(period)
    name = run.parameters["register"]
    kind, value = Kind(count["kind"]), count["value"]
    is_exact = value is not None
    return Observation(
        key=observation_key(place[0], place[1], None, place[2], None, f"{SOURCE}|{name}"),
        known_on=ws.today,
        indicator_id=place[0],
        area_id=place[1],
        period=place[2],
        period_start=period.start,
        period_end=period.end,
        value_text=str(value if is_exact else count["least"]),
        unit=ws.city.indicators[place[0]].unit,
        value_kind="exact" if is_exact else "at_least",
        is_preferred=place not in taken,
        source_title=f"{SOURCE}（{name}）",
        note=_note(run.pk, kind, count),
    )


def _note(run_id: int, kind: Kind, count: Mapping[str, Any]) -> str:
    said = f"第 {run_id} 次运行：{kind.label}，"
    if kind is Kind.CUMULATIVE:
        said += f"自 {count['since']} 年（收录的第一份认定名单）起累计，每家只计一次；此前取得称号的不在内"
    else:
        said += f"据 {count['since']} 年以来的名单"
    if count["value"] is None:
        said += f"；名单里还有待定的行，实为 {count['least']}–{count['most']} 家"
    return said
