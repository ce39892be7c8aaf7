"""Forms: a lawful head, rows that can be filled and added up, checks that make sense, and nothing asked twice."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence

from jiqun.model.findings import Finding, Place
from jiqun.model.numerals import fold
from jiqun.packs.checks.units import mismatch_findings, unit_findings
from jiqun.packs.faults import fault
from jiqun.packs.reading import Entry
from jiqun.packs.registry import Registry
from jiqun.packs.schema.areas import Area
from jiqun.packs.schema.clusters import Catalogue
from jiqun.packs.schema.forms import ITEMS, SOURCES, Form, FormField
from jiqun.packs.schema.indicators import Indicator
from jiqun.packs.schema.industries import Crosswalk
from jiqun.packs.schema.registers import Register
from jiqun.packs.schema.settings import Lexicon

_PERIODS = {"month": 12, "quarter": 4, "half": 2, "year": 1}
_MARKS = str.maketrans("", "", " \t\n　()（）“”\"'《》、，,。·:：-—–/")


def form_findings(registry: Registry, own: set[str]) -> Iterator[Finding]:
    """Whatever keeps a form from being sent, filled or added up; `own` are the ids that form columns may name."""
    indicators = {indicator.id: indicator for _, indicator in registry.of(Indicator)}
    for entry, form in registry.of(Form):
        yield from _head_findings(entry, form)
        yield from _respondent_findings(entry, form, registry)
        yield from _field_findings(entry, form, indicators, registry)
        yield from _twice(entry, "checks", [check.id for check in form.checks])
        yield from _twice(entry, "levels", [level.id for level in form.levels])
        for index, id_ in enumerate(form.published.levels):
            if id_ not in {level.id for level in form.levels}:
                yield fault("form_published", entry.place("published", "levels", index), id=id_)
    yield from _asked_twice(registry, indicators, own)


def lapsed_findings(registry: Registry, on: datetime.date) -> Iterator[Finding]:
    """A finding for every form whose last day is past on the day."""
    for entry, form in registry.of(Form):
        if form.valid_until < on:
            yield fault("form_lapsed", entry.place("valid_until"), name=form.name, day=form.valid_until)


def _head_findings(entry: Entry, form: Form) -> Iterator[Finding]:
    if form.valid_from is not None and form.valid_until < form.valid_from:
        yield fault("dates", entry.place("valid_until"), start=form.valid_from, end=form.valid_until)
    if not form.is_invented and not entry.is_damaged and not (form.approval_number and form.approved_by):
        yield fault("form_head", entry.place("id"), name=form.name)
    times = form.schedule
    if not times.opens <= times.due <= times.locks:
        yield fault("form_times", entry.place("schedule"), opens=times.opens, due=times.due, locks=times.locks)
    for index, number in enumerate(times.without):
        if not 1 <= number <= _PERIODS[form.grain]:
            yield fault("form_without", entry.place("schedule", "without", index), number=number)
    kinds = [column.kind for column in form.columns]
    yield from _twice(entry, "columns", kinds, "kind")


def _respondent_findings(entry: Entry, form: Form, registry: Registry) -> Iterator[Finding]:
    asked = form.respondents
    given = {"firms": bool(asked.register_id), "areas": bool(asked.area_levels), "bodies": bool(asked.body_ids)}
    for kind, is_given in given.items():
        if is_given != (kind == asked.kind) and not entry.is_damaged:
            yield fault("form_respondents", entry.place("respondents"), kind=asked.kind)
            break
    if (asked.intake == "delivered") != bool(asked.delivered_by):
        yield fault("form_intake", entry.place("respondents"))
    if asked.kind == "firms":
        columns = {
            attribute.id: attribute.kind
            for _, register in registry.of(Register)
            if asked.register_id in (register.id, register.adds_to_id)
            for attribute in register.attributes
        }
        if columns and columns.get(asked.place_column) != "text":
            yield fault("no_column", entry.place("respondents", "place_column"), column=asked.place_column, kind="text")
    levels = {area.level for _, area in registry.of(Area)}
    if asked.area_levels and not levels & set(asked.area_levels):
        yield fault("form_level", entry.place("respondents", "area_levels"), name="填报对象")
    for index, level in enumerate(form.levels):
        if not levels & set(level.area_levels):
            yield fault("form_level", entry.place("levels", index, "area_levels"), name=level.name)


def _field_findings(
    entry: Entry, form: Form, indicators: Mapping[str, Indicator], registry: Registry
) -> Iterator[Finding]:
    fields = {field.id: field for field in form.fields}
    yield from _twice(entry, "fields", [field.id for field in form.fields])
    yield from _twice(entry, "fields", [field.code for field in form.fields], "code")
    series = {catalogue.series for _, catalogue in registry.of(Catalogue)}
    derived = {each.series for _, walk in registry.of(Crosswalk) for each in walk.derives}
    kinds = {column.kind for column in form.columns}
    for index, field in enumerate(form.fields):
        place = entry.place("fields", index)
        if field.id in (*SOURCES, ITEMS):
            yield fault("form_word", entry.place("fields", index, "id"), id=field.id)
        yield from _unit_findings(entry, index, field, indicators)
        for at, kind in enumerate(field.columns):
            if kind not in kinds:
                yield fault("form_column", entry.place("fields", index, "columns", at), kind=kind)
        if why := _misfit(field, series) or _misfit_share(form, field, indicators, derived):
            yield fault("form_field", place, id=field.id, why=why)
        yield from _roll_up_findings(entry, index, field, fields)


def _unit_findings(
    entry: Entry, index: int, field: FormField, indicators: Mapping[str, Indicator]
) -> Iterator[Finding]:
    place = entry.place("fields", index, "unit")
    indicator = indicators.get(field.indicator_id or "")
    if field.unit and indicator is not None:
        yield from mismatch_findings(place, field.unit, indicator.unit, f"指标“{indicator.name}”")
    else:
        yield from unit_findings(place, field.unit)


def _misfit(field: FormField, series: set[str]) -> str:
    """What does not fit together in a field; empty when all does."""
    if not field.name and not field.indicator_id:
        return "既没有 name 也没有 indicator_id"
    if field.kind == "text" and (field.unit or field.digits or field.breakdown or field.indicator_id):
        return "文字项不写 unit、digits、breakdown、indicator_id"
    if field.kind == "text" and field.roll_up.kind != "none":
        return "文字项不汇总：roll_up 写 {kind: none}"
    if field.kind == "number" and field.values:
        return "只有文字项才写 values"
    parts = field.breakdown
    if parts is None:
        return ""
    if (parts.by == "cluster") != bool(parts.series):
        return "按集群分组要写 series，按行业分组不写"
    if parts.series and parts.series not in series:
        return f"没有集群目录系列“{parts.series}”（已有：{'、'.join(sorted(series))}）"
    if parts.by == "industry" and not parts.gb_codes:
        return "按行业分组要列出 gb_codes"
    if (parts.cluster_ids and parts.by != "cluster") or (parts.gb_codes and parts.by != "industry"):
        return "cluster_ids 只用于集群，gb_codes 只用于行业"
    return ""


def _misfit_share(form: Form, field: FormField, indicators: Mapping[str, Indicator], derived: set[str]) -> str:
    """What keeps a field from being a firm's own share of a derived industry; empty for other fields too."""
    if not field.share_of_series:
        return ""
    if field.share_of_series not in derived:
        return f"没有派生产业系列“{field.share_of_series}”（已有：{'、'.join(sorted(derived)) or '无'}）"
    if form.respondents.kind != "firms":
        return "只有企业填报的表才写 share_of_series"
    is_share = field.printed_unit(indicators) == "%" and field.roll_up.kind == "none" and not field.breakdown
    return "" if is_share else "share_of_series 的单位是 %，不分组，roll_up 写 {kind: none}"


def _roll_up_findings(entry: Entry, index: int, field: FormField, fields: Mapping[str, FormField]) -> Iterator[Finding]:
    rule = field.roll_up
    wanted = {"ratio": ("numerator", "denominator"), "mean": ("weight",)}.get(rule.kind, ())
    for name in ("numerator", "denominator", "weight"):
        said = getattr(rule, name)
        place = entry.place("fields", index, "roll_up")
        if (name in wanted) != bool(said):
            yield fault("form_roll_up", place, kind=rule.kind, needs="、".join(wanted) or "不写其他键")
            return
        other = fields.get(said)
        if said and (other is None or other.kind != "number" or other.roll_up.kind != "sum" or other is field):
            yield fault("form_part", entry.place("fields", index, "roll_up", name), id=said)


def _twice(entry: Entry, key: str, said: Sequence[str], named: str = "id") -> Iterator[Finding]:
    for index, word in enumerate(said):
        if said.index(word) != index:
            first = entry.place(key, said.index(word), named)
            yield fault(
                "duplicate_id", entry.place(key, index, named), kind="报表的" + _KEYS[key], id=word, first=first
            )


_KEYS = {"fields": "指标", "columns": "栏", "checks": "审核关系", "levels": "级次"}


# --- the same thing asked twice


def _asked_twice(registry: Registry, indicators: Mapping[str, Indicator], own: set[str]) -> Iterator[Finding]:
    """Fields of two forms that ask one kind of respondent for one thing, told at the later one.

    One thing is one indicator or, after folding, one meaning: the name, or a name or alias of the indicator. The same
    name again is a repetition; another name besides hides that it is one.
    """
    full = _full_words(registry)
    meanings = _meanings(full, indicators)
    seen: dict[tuple[str, ...], tuple[str, str, Place]] = {}
    for entry, form in registry.of(Form):
        for index, field in enumerate(form.fields):
            if field.kind == "text":
                continue
            name = field.printed_name(indicators)
            folded = _folded(name, full)
            meant = field.indicator_id or meanings.get(folded, folded)
            key = (meant, form.respondents.kind, field.breakdown.by if field.breakdown else "")
            first_form, other, first = seen.setdefault(key, (form.id, name, entry.place("fields", index)))
            if first_form == form.id or not {form.id, first_form} & own:
                continue
            code = "asked_twice" if _folded(other, full) == folded else "asked_under_two_names"
            yield fault(code, entry.place("fields", index), name=name, other=other, first=first)


def _full_words(registry: Registry) -> tuple[tuple[str, str], ...]:
    """The lexicons' short words with their full ones, the longest first."""
    pairs = {short: full for _, lexicon in registry.of(Lexicon) for short, full in lexicon.synonyms.items()}
    return tuple(sorted(pairs.items(), key=lambda pair: (-len(pair[0]), pair)))


def _meanings(full: tuple[tuple[str, str], ...], indicators: Mapping[str, Indicator]) -> dict[str, str]:
    """Folded name → the one indicator that bears it; names of several are left out."""
    found: dict[str, set[str]] = {}
    for indicator in indicators.values():
        for name in (indicator.name, *indicator.aliases):
            found.setdefault(_folded(name, full), set()).add(indicator.id)
    return {name: next(iter(ids)) for name, ids in found.items() if len(ids) == 1}


def _folded(name: str, full_words: tuple[tuple[str, str], ...]) -> str:
    """The name without marks, in half width and lower case, each word as the folder's lexicon says it in full."""
    text = fold(name).translate(_MARKS).lower()
    for short, full in full_words:
        if full not in text:
            text = text.replace(short.lower(), full)
    return text
