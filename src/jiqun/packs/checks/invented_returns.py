"""Invented returns: each of a form that there is, of its fields and respondents, in periods that its calendar holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from jiqun.model.findings import Finding
from jiqun.model.periods import Period
from jiqun.packs.checks.entries import is_period
from jiqun.packs.faults import fault
from jiqun.packs.reading import Entry
from jiqun.packs.registry import Registry
from jiqun.packs.schema.areas import Area
from jiqun.packs.schema.clusters import Catalogue
from jiqun.packs.schema.forms import Form
from jiqun.packs.schema.invented_returns import Happening, InventedReturns, InventedRounds
from jiqun.packs.schema.registers import Register
from jiqun.packs.schema.sources import Figure

_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_YEAR = 12
_NEEDS = {
    "unit_slip": ("fields", "factor"), "negative": ("fields",), "impossible": ("fields", "factor"),
    "explained": ("fields", "factor"), "late": ("days",), "revised": ("fields", "factor", "days"),
}  # fmt: skip
Path = tuple[str | int, ...]


def invented_return_findings(registry: Registry) -> Iterator[Finding]:
    """Whatever would keep the demo's returns from being drawn and played, or be drawn of nothing."""
    forms = {form.id: form for _, form in registry.of(Form)}
    for entry, said in registry.of(InventedReturns):
        if not is_period(said.area_weights_period):
            yield fault("period", entry.place("area_weights_period"), period=said.area_weights_period)
        for id_, rounds in said.rounds.items():
            if (form := forms.get(id_)) is not None:
                at = ("rounds", id_)
                yield from _plan_findings(entry, at, form, rounds, "areas")
                yield from _area_findings(entry, at, form, rounds, registry)
        for id_, rounds in said.firms.items():
            if (form := forms.get(id_)) is not None:
                at = ("firms", id_)
                yield from _plan_findings(entry, at, form, rounds, "firms")
                if form.respondents.kind == "firms" and form.respondents.intake != "delivered":
                    yield _wrong(entry, at, f"“{form.name}”由企业在本系统填报，演示只能整表转入")
                yield from _column_findings(entry, at, rounds.fields, registry)
                for index, field_id in enumerate(rounds.jump):
                    if field_id not in rounds.fields:
                        yield _wrong(entry, (*at, "jump", index), f"“{field_id}”不在 fields 里")
        yield from _weight_findings(entry, said, registry, forms)


def _plan_findings(entry: Entry, at: Path, form: Form, rounds: Any, kind: str) -> Iterator[Finding]:
    """What rounds of areas and of firms have in common: who answers, when, and what."""
    if form.respondents.kind != kind:
        yield _wrong(entry, at, f"“{form.name}”的填报对象不是{'区域' if kind == 'areas' else '企业'}")
    yield from _when_findings(entry, at, form, rounds)
    fields = {field.id: field for field in form.fields}
    seen: set[str] = set()
    for id_, amounts in rounds.fields.items():
        place = (*at, "fields", id_)
        if id_ not in fields or fields[id_].kind != "number":
            yield _wrong(entry, place, f"“{form.name}”没有数值项“{id_}”")
        if amounts.share_of and amounts.share_of not in seen:
            yield _wrong(entry, (*place, "share_of"), f"“{amounts.share_of}”应写在“{id_}”前面")
        seen.add(id_)


def _when_findings(entry: Entry, at: Path, form: Form, rounds: Any) -> Iterator[Finding]:
    ends = []
    for key in ("first", "last"):
        text = getattr(rounds, key)
        if not is_period(text):
            yield fault("period", entry.place(*at, key), period=text)
            continue
        ends.append(Period.parse(text))
        if not _has_round(form, ends[-1]):
            yield _wrong(entry, (*at, key), f"“{form.name}”没有 {text} 这一期")
    for first, last in pairwise(ends):
        if last.end < first.end:
            yield fault("dates", entry.place(*at, "last"), start=rounds.first, end=rounds.last)


def _has_round(form: Form, period: Period) -> bool:
    months = _MONTHS[form.grain]
    is_grain = period.last - period.first + 1 == months and period.last % months == 0
    return is_grain and period.last // months not in form.schedule.without


def _area_findings(entry: Entry, at: Path, form: Form, rounds: InventedRounds, registry: Registry) -> Iterator[Finding]:
    for id_, amounts in rounds.fields.items():
        place = (*at, "fields", id_)
        if bool(amounts.indicator_id) == bool(amounts.share_of):
            yield _wrong(entry, place, "indicator_id 和 share_of 写且只写一个")
        if amounts.months and len(amounts.months) != _YEAR:
            yield _wrong(entry, (*place, "months"), f"months 应有 12 个数，这里有 {len(amounts.months)} 个")
    for _, catalogue in registry.of(Catalogue):
        own = {cluster.id for cluster in catalogue.clusters}
        if (total := sum(share for id_, share in rounds.shares.items() if id_ in own)) > 1 + 1e-9:
            yield _wrong(entry, (*at, "shares"), f"目录“{catalogue.name}”各集群的份额合计 {total:g}，大于 1")
    areas = {area.id: area for _, area in registry.of(Area)}
    for index, happens in enumerate(rounds.happenings):
        yield from _happening_findings(entry, (*at, "happenings", index), form, rounds, happens)
        area = areas.get(happens.area_id)
        if area is not None and area.level not in form.respondents.area_levels:
            yield _wrong(entry, (*at, "happenings", index, "area_id"), f"“{area.name}”不填报“{form.name}”")


def _happening_findings(
    entry: Entry, place: Path, form: Form, rounds: InventedRounds, happens: Happening
) -> Iterator[Finding]:
    if not is_period(happens.period):
        yield fault("period", entry.place(*place, "period"), period=happens.period)
    elif is_period(rounds.first) and is_period(rounds.last):
        at = Period.parse(happens.period)
        if not (Period.parse(rounds.first).end <= at.end <= Period.parse(rounds.last).end and _has_round(form, at)):
            yield _wrong(entry, (*place, "period"), f"{happens.period} 不在 {rounds.first} 至 {rounds.last} 各期之中")
    for index, id_ in enumerate(happens.fields):
        if id_ not in rounds.fields:
            yield _wrong(entry, (*place, "fields", index), f"“{id_}”不在 fields 里")
    absent = [key for key in _NEEDS.get(happens.kind, ()) if key not in happens.model_fields_set]
    if absent and not entry.is_damaged:
        yield _wrong(entry, place, f"{happens.kind} 还要写 {'、'.join(absent)}")


def _column_findings(entry: Entry, at: Path, fields: Mapping[str, Any], registry: Registry) -> Iterator[Finding]:
    kinds = {attribute.id: attribute.kind for _, register in registry.of(Register) for attribute in register.attributes}
    for id_, amounts in fields.items():
        place = (*at, "fields", id_)
        if bool(amounts.column) + bool(amounts.share_of) + (amounts.amount is not None) != 1:
            yield _wrong(entry, place, "column、share_of、amount 写且只写一个")
        elif amounts.column and kinds.get(amounts.column) != "number":
            yield fault("no_column", entry.place(*place, "column"), column=amounts.column, kind="number")


def _weight_findings(
    entry: Entry, said: InventedReturns, registry: Registry, forms: Mapping[str, Form]
) -> Iterator[Finding]:
    """Areas that report but have no published figure to weigh them by."""
    if not any(id_ in forms for id_ in said.rounds):
        return
    weighed = {
        figure.area_id for _, figure in registry.of(Figure)
        if (figure.indicator_id, figure.period) == (said.area_weights_id, said.area_weights_period)
    }  # fmt: skip
    levels = {level for id_ in said.rounds if id_ in forms for level in forms[id_].respondents.area_levels}
    absent = [area.name for _, area in registry.of(Area)
              if area.reports and area.same_as_id is None and area.level in levels
              and area.id not in weighed]  # fmt: skip
    if absent and is_period(said.area_weights_period):
        told = f"{said.area_weights_id} 在 {said.area_weights_period} 没有公布数：{'、'.join(absent[:5])}"
        yield _wrong(entry, ("area_weights_id",), told)


def _wrong(entry: Entry, path: Path, what: str) -> Finding:
    return fault("invented_returns", entry.place(*path), what=what)
