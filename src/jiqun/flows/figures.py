"""Figures: entered by those who answer for them, and taken over from the city's folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from jiqun.flows.claims import observation_key
from jiqun.flows.faults import fault, field_faults, refuse, required
from jiqun.ledger import store
from jiqun.ledger.models import Observation, Standing
from jiqun.model.errors import Conflict, Forbidden
from jiqun.model.findings import Finding, Place
from jiqun.model.periods import Period
from jiqun.model.units import Unit
from jiqun.packs.schema.sources import Figure
from jiqun.workspace import Workspace, keep_folder

FIGURE_FIELDS = (
    "indicator_id", "area_id", "cluster_id", "period", "measure", "value_text", "unit", "value_kind", "source_id",
    "source_title", "note", "body_id",
)  # fmt: skip
_OF_RESPONDENT = "填报:"  # begins the source of what a respondent says; no source named by a person begins so


def add_observation(
    ws: Workspace, fields: Mapping[str, Any], *, actor: str, reason: str = "", known_on: date | None = None,
    respondent: str = "",
) -> Observation:  # fmt: skip
    """The figure as its source says it now, known from `known_on` (default: today).

    The same source saying another number for the same thing is a new version, and needs a reason. What a
    `respondent` (a body or area) says stands beside what others say, whatever source it names: it never becomes
    the next version of theirs, and is not preferred where one of theirs is. Raises Forbidden for a figure that
    another respondent entered (nobody types over another), InputRefused with every fault.
    """
    refuse(figure_faults(ws, fields))
    row = figure_row(ws, fields, known_on or ws.today, respondent)
    if respondent:
        row.is_preferred = not has_preferred_beside(row)
    before = store.current_by_key(Observation, [row.key]).get(row.key)
    if before is not None:
        if before.body_id and before.body_id != row.body_id:
            raise Forbidden("该数由填报单位负责，只能退回由其修改")
        if before.value_text != row.value_text and not reason.strip():
            refuse([fault("reason", f"已有数 {before.value_text}{before.unit}，修改需要写明理由", "请填写理由")])
    with store.recording("figure.entered", actor=actor, reason=reason, clock=ws.clock, subject=row) as entry:
        entry.put([row])
    return row if row.pk else store.current(Observation, row.key)


def has_preferred_beside(row: Observation) -> bool:
    """Whether a preferred figure of somebody else stands for the same thing."""
    return (
        Observation.objects.filter(
            superseded_at=None, state=Standing.ACTIVE, is_preferred=True, indicator_id=row.indicator_id,
            area_id=row.area_id, cluster_id=row.cluster_id, period=row.period,
        )
        .exclude(key=row.key)
        .exists()
    )  # fmt: skip


def withdraw_observation(
    ws: Workspace, key: str, *, actor: str, reason: str, version: int | None = None
) -> Observation:
    """The figure no longer in use from today on."""
    row = store.current(Observation, key)
    if version is not None and row.version != version:
        raise Conflict("该数刚被他人修改，请刷新后重试")
    if not reason.strip():
        refuse([fault("reason", "需要写明理由", "请填写理由")])
    changes = {"state": Standing.WITHDRAWN.value, "known_on": max(ws.today, row.known_on)}
    with store.recording("figure.withdrawn", actor=actor, reason=reason, clock=ws.clock, subject=row) as entry:
        fresh: Observation = entry.change(row, changes)
    return fresh


@dataclass(frozen=True)
class Taken:
    """How many figures the ledger took over as new or revised, and how many it had already."""

    written: int
    unchanged: int


def import_folder_figures(ws: Workspace, *, actor: str, reason: str = "城市文件夹所附公布数") -> Taken:
    """Every figure of the city's folder is in the ledger, known from the day its source was published."""
    rows: dict[str, Observation] = {}
    for figure in ws.city.figures:
        row = _folder_row(ws, figure)
        rows[row.key] = row
    keep_folder(ws.path, ws.city)
    with store.recording("figures.taken_from_folder", actor=actor, reason=reason, clock=ws.clock,
                         subject=("folder", ws.city.digest)) as entry:  # fmt: skip
        written = entry.put(rows.values())
    return Taken(written, len(rows) - written)


def _folder_row(ws: Workspace, figure: Figure) -> Observation:
    source = ws.city.sources.get(figure.source_id)
    measure = getattr(figure, "measure", None)
    period = Period.parse(figure.period)
    published = source.published_on if source else None
    source_key = f"{figure.source_id}|{figure.value_kind}"  # one yearbook prints the preliminary and the final
    return Observation(
        key=observation_key(figure.indicator_id, figure.area_id, figure.cluster_id, str(period), measure, source_key),
        known_on=published or ws.today,
        indicator_id=figure.indicator_id,
        area_id=figure.area_id,
        cluster_id=figure.cluster_id,
        period=str(period),
        period_start=period.start,
        period_end=period.end,
        measure=measure,
        value_text=figure.value,
        unit=figure.unit,
        value_kind=figure.value_kind,
        is_preferred=figure.is_preferred,
        source_id=figure.source_id,
        source_title=source.title if source else figure.source_id,
        confidence=str(figure.confidence),
        note=figure.note,
    )


def figure_faults(ws: Workspace, fields: Mapping[str, Any], place: Place | None = None) -> list[Finding]:
    """Everything that keeps the fields from being a figure."""
    found = field_faults(ws.city, fields, FIGURE_FIELDS)
    found += required(fields, ("indicator_id", "area_id", "period", "value_text"))
    indicator = ws.city.indicators.get(str(fields.get("indicator_id") or ""))
    unit = fields.get("unit")
    if indicator is not None and unit and not fields.get("measure"):
        wanted, given = Unit.parse(indicator.unit), Unit.parse(str(unit))
        if not given.measures_like(wanted):
            message = f"单位“{unit}”与指标“{indicator.name}”的单位“{indicator.unit}”不能换算"
            found.append(fault("unit", message, "请核对单位或指标"))
    if str(fields.get("source_title") or "").startswith(_OF_RESPONDENT):
        found.append(fault("source", f"来源不能以“{_OF_RESPONDENT}”开头", "请写文件或表的名称"))
    return [Finding(f.code, f.severity, f.message, place or f.place, f.remedy) for f in found]


def figure_row(ws: Workspace, fields: Mapping[str, Any], known_on: date, respondent: str = "") -> Observation:
    """The row of fields in which nothing is wrong; its source is the respondent where none is named."""
    given: dict[str, Any] = {name: fields.get(name) or None for name in FIGURE_FIELDS}
    period = Period.parse(str(given["period"]))
    unit = given["unit"] or ws.city.indicators[str(given["indicator_id"])].unit
    source = given["source_id"] or given["source_title"] or f"{_OF_RESPONDENT}{given['body_id'] or given['area_id']}"
    if respondent:
        source = f"{_OF_RESPONDENT}{respondent}|{given['source_title'] or ''}"
    return Observation(
        key=observation_key(given["indicator_id"], given["area_id"], given["cluster_id"], str(period),
                            given["measure"], str(source)),
        known_on=known_on,
        indicator_id=given["indicator_id"],
        area_id=given["area_id"],
        cluster_id=given["cluster_id"],
        period=str(period),
        period_start=period.start,
        period_end=period.end,
        measure=given["measure"],
        value_text=str(given["value_text"]),
        unit=unit,
        value_kind=given["value_kind"] or "exact",
        source_id=given["source_id"] or "",
        source_title=given["source_title"] or "",
        body_id=given["body_id"],
        note=given["note"] or "",
    )  # fmt: skip
