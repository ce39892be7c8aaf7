"""Totals of a round that become figures of the ledger, each with its coverage and the round it came from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jiqun.flows.claims import observation_key
from jiqun.flows.figures import has_preferred_beside
from jiqun.flows.rounds import round_of
from jiqun.ledger import store
from jiqun.ledger.models import Observation, Standing
from jiqun.model.periods import Period
from jiqun.packs.schema.forms import Form
from jiqun.records import releasing
from jiqun.records.models import Round, RoundState
from jiqun.statistics.layout import column_period
from jiqun.statistics.publishing import DIFFERS
from jiqun.statistics.rollup import Total
from jiqun.workspace import Workspace, keep_folder


@dataclass(frozen=True)
class Publication:
    """Figures written as new or changed, taken back because they are unknown now, and totals that stay inside."""

    written: int
    withdrawn: int
    unknown: int
    too_few: int


def publish_round(ws: Workspace, round_key: str, *, actor: str, reason: str = "") -> Publication:
    """The round's totals as accepted, in the ledger: preliminary while it is open, final when it is locked.

    A final figure that says something else afterwards is a revised one. What was published and is unknown now is
    withdrawn; where the new figure less the published one would tell about a firm, the published one stays. The
    figures of last year's columns stay inside: they belong to this year's scope.
    """
    round_ = round_of(round_key)
    form = ws.city.forms[round_.form_id]
    mark, found = releasing.mark(round_), releasing.release_of(round_, ws.city)
    keep_folder(ws.path, ws.city)
    with store.recording("round.published", actor=actor, reason=reason, clock=ws.clock, subject=round_) as entry:
        if releasing.mark(round_) != mark:  # others were quicker
            found = releasing.release_of(round_, ws.city)
        told, held = found.released.shown, found.released.held
        standing = {
            row.key: row
            for row in Observation.objects.filter(round_key=round_.key, superseded_at=None, state=Standing.ACTIVE)
        }
        rows = {row.key: row for row in _rows(ws, round_, form, told, standing)}
        kept = {_key(form, round_, total) for total in found.wanted
                if held.get((total.area_id, total.cell.key)) == DIFFERS}  # fmt: skip
        gone = [row for key, row in standing.items() if key not in rows and key not in kept]
        written = entry.put(rows.values())
        entry.change_all(gone, {"state": Standing.WITHDRAWN.value, "known_on": ws.today})
        entry.notes |= releasing.notes(found, ws.city)
    return Publication(written, len(gone), found.unknown, len(found.wanted) - found.unknown - len(told))


def _rows(
    ws: Workspace, round_: Round, form: Form, told: Sequence[Total], standing: dict[str, Observation]
) -> Iterator[Observation]:
    for total in told:
        period = column_period(Period.parse(round_.period), total.cell.column)
        indicator_id = total.cell.field.indicator_id
        assert indicator_id is not None
        key = _key(form, round_, total)
        counted = f"{total.covered.counted}/{total.covered.owed}"  # last period's weight would tell who is missing
        row = Observation(
            key=key, known_on=ws.today, indicator_id=indicator_id, area_id=total.area_id,
            cluster_id=total.cell.part_id, period=str(period), period_start=period.start, period_end=period.end,
            value_text=total.text or "", unit=total.cell.unit, source_title=f"{form.number} {form.name}汇总",
            note=f"覆盖面 {counted}", round_key=round_.key,
        )  # fmt: skip
        before = standing.get(key)
        row.value_kind = _kind(round_, row, before)
        row.is_preferred = before.is_preferred if before else not has_preferred_beside(row)
        yield row


def _key(form: Form, round_: Round, total: Total) -> str:
    period = column_period(Period.parse(round_.period), total.cell.column)
    return observation_key(
        total.cell.field.indicator_id or "", total.area_id, total.cell.part_id, str(period), None,
        f"form:{form.id}|{round_.period}",
    )  # fmt: skip


def _kind(round_: Round, row: Observation, before: Observation | None) -> str:
    if round_.state != RoundState.LOCKED:
        return "preliminary"
    if before is None or before.value_kind == "preliminary":
        return "final"
    return before.value_kind if before.value_text == row.value_text else "revised"
