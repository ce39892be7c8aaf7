"""A survey as sheets: areas × groups, groups, areas, candidates, and what each measure means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np

from jiqun.enterprises import columns as register_columns
from jiqun.industry.measures import resemblance_sheets
from jiqun.industry.measures.results import DEFINITIONS, Estimate, Measurement
from jiqun.industry.measures.surveys import FIRMS, Survey, counted
from jiqun.packs import City
from jiqun.tables import Value, delimited
from jiqun.tables.xlsx import Column, Kind, Page

_DIGITS = 6  # of a value in a table; more would be invented
_FACE = Kind.NUMBER, "0.000"
_BESIDE = ("moran", "local_moran")
_CSV = {
    "measure": "测度编号", "name": "测度", "area_id": "区域编号", "area": "区域", "group_id": "产业编号",
    "group": "产业", "value": "值", "low": "下限", "high": "上限", "p": "p", "reason_label": "原因", "q": "q",
    "verdict_label": "结论",
}  # fmt: skip


def records(survey: Survey, city: City) -> Iterator[dict[str, Any]]:
    """Every value, one by one: measure, area and group (None: all), value or None, ends, p, reason; q and verdict of
    areas compared with those beside them.
    """
    firms = counted(survey)
    cells = {"firms": firms, **survey.by_cell}
    for id_, found in cells.items():
        for a, area_id in enumerate(survey.area_ids):
            for g, group_id in enumerate(survey.group_ids):
                yield _record(id_, (area_id, group_id), found, (a, g), (city, survey))
    for id_, found in survey.by_industry.items():
        for g, group_id in enumerate(survey.group_ids):
            yield _record(id_, (None, group_id), found, (g,), (city, survey))
    for id_, found in survey.by_area.items():
        for a, area_id in enumerate(survey.area_ids):
            yield _record(id_, (area_id, None), found, (a,), (city, survey))
    if survey.resemblance is None:
        return
    for g, group_id in enumerate(survey.group_ids):
        yield _record("moran", (None, group_id), survey.resemblance.whole, (g,), (city, survey))
        for a, area_id in enumerate(survey.area_ids):
            told = _record("local_moran", (area_id, group_id), survey.resemblance.local, (a, g), (city, survey))
            yield told | resemblance_sheets.verdict_record(survey.resemblance, a, g)


def _record(
    id_: str, of: tuple[str | None, str | None], found: Measurement, place: tuple[int, ...], names: tuple[City, Survey]
) -> dict[str, Any]:
    told, (area_id, group_id) = found.at(*place), of
    p = None if found.p is None or told.value is None else float(found.p[place])
    return {
        "measure": id_, "name": "企业数" if id_ == FIRMS else found.definition.name,
        "area_id": area_id, "area": None if area_id is None else area_name(names[0], area_id),
        "group_id": group_id, "group": None if group_id is None else names[1].grouping.names[group_id],
        "value": _rounded(told.value), "low": _rounded(told.low), "high": _rounded(told.high), "p": p,
        "reason": told.reason.id if told.reason else None, "reason_label": told.reason.label if told.reason else None,
        "q": None, "verdict": None, "verdict_label": None,
    }  # fmt: skip


def pages(survey: Survey, city: City, areas: frozenset[str] | None = None) -> list[Page]:
    """The sheets of a workbook, with rows of `areas` alone (None: of all); groups are of the whole table always.

    An empty cell is unknown or hidden, never zero; the reason stands beside it.
    """
    own = [a for a, id_ in enumerate(survey.area_ids) if areas is None or id_ in areas]
    made = [_of_cells(survey, city, own), _of_groups(survey)]
    if survey.by_area:
        made.append(_of_areas(survey, city, own))
    if survey.resemblance is not None:
        made.append(_of_neighbours(survey, city, own))
    if survey.rising is not None:
        made.append(_of_candidates(survey, city, own))
    return made


def notes(survey: Survey, city: City, told: Sequence[tuple[str, str]] = ()) -> list[tuple[str, str]]:
    """What the reader of a table must know: size, what is hidden, and every definition with its source."""
    ids = [*survey.by_cell, *survey.by_industry, *survey.by_area, *(["stars"] if survey.stars else []), *_BESIDE]
    definitions = [DEFINITIONS[id_] for id_ in ids]
    found = [
        *told, ("分组", survey.grouping.title), ("规模", _size_name(survey.size, city)),
        ("未归入的企业", f"{survey.cells.unplaced} 家没有区划或行业代码，不在表中"),
        ("不予显示", f"{int(survey.hidden.sum())} 格：企业太少或一家独大，以及可由合计倒推的格子"),
        ("莫兰指数", resemblance_sheets.weights_said(survey.resemblance)),
        ("空格", "未知或不予显示，不是零；原因见“原因”列"),
    ]  # fmt: skip
    return [*found, *((f"{one.name}（{one.name_en}）", f"{one.formula}。出处：{one.source}") for one in definitions)]


def _size_name(size: str, city: City) -> str:
    column = register_columns.columns(city).get(size)
    return "企业数" if column is None else f"{column.attribute.name}（{size}）"


def csv(told: Iterable[Mapping[str, Any]]) -> bytes:
    """Every record on a line of its own."""
    rows = ([_plain(record[name]) for name in _CSV] for record in told)
    return delimited.write(list(_CSV.values()), rows)


def document(
    survey: Survey, told: Iterable[Mapping[str, Any]], about: Mapping[str, Any], made_at: datetime
) -> dict[str, Any]:
    """For machines: what it is of, the definitions, every value that is told, the candidates."""
    ids = [*survey.by_cell, *survey.by_industry, *survey.by_area, *(_BESIDE if survey.resemblance else ())]
    rising = survey.rising
    return {
        **about, "made_at": made_at.isoformat(), "grouping": survey.grouping.title, "size": survey.size,
        "unplaced": survey.cells.unplaced, "hidden_cells": int(survey.hidden.sum()),
        "definitions": {id_: vars(DEFINITIONS[id_]) for id_ in ids},
        "values": list(told),
        "neighbours": resemblance_sheets.document(survey.resemblance),
        "candidates": None if rising is None else {
            "tested": rising.tested, "fdr": rising.fdr, "dispersion": rising.dispersion,
            "cells": [
                {"area_id": one.area_id, "group_id": one.industry_id, "before": one.before, "after": one.after,
                 "expected": _rounded(one.expected), "p": one.p, "q": one.q}
                for one in rising.cells
            ],
        },
    }  # fmt: skip


def area_name(city: City, id_: str) -> str:
    area = city.areas.get(id_)
    return id_ if area is None else area.short_name or area.name


def _of_cells(survey: Survey, city: City, own: Sequence[int]) -> Page:
    ids = list(survey.by_cell)
    columns = [Column("区域"), Column("产业编号"), Column("产业", width=30), Column("企业数", Kind.INTEGER)]
    for id_ in ids:
        columns.append(Column(DEFINITIONS[id_].name, _FACE[0], _FACE[1]))
        columns += [Column("下限（95%）", *_FACE), Column("上限（95%）", *_FACE)] if id_ == "location_quotient" else []
    columns += [Column("星级", Kind.INTEGER)] if survey.stars else []
    columns.append(Column("原因", width=30))
    firms, rows = counted(survey), []
    assert survey.cells.firms is not None
    for a in own:
        area_id = survey.area_ids[a]
        for g, group_id in enumerate(survey.group_ids):
            if not survey.cells.firms[a, g]:
                continue
            told = [survey.by_cell[id_].at(a, g) for id_ in ids]
            row: list[Value] = [
                area_name(city, area_id),
                group_id,
                survey.grouping.names[group_id],
                _number(firms.at(a, g)),
            ]
            for id_, one in zip(ids, told, strict=True):
                row.append(_number(one))
                row += [_decimal(one.low), _decimal(one.high)] if id_ == "location_quotient" else []
            if survey.stars:
                stars = int(survey.stars.count[a, g])
                row.append(None if stars < 0 or survey.hidden[a, g] else Decimal(stars))
            rows.append([*row, _reasons([firms.at(a, g), *told])])
    return Page("区域×产业", columns, rows)


def _of_groups(survey: Survey) -> Page:
    ids = list(survey.by_industry)
    columns = [Column("产业编号"), Column("产业", width=30), *(Column(DEFINITIONS[id_].name, *_FACE) for id_ in ids),
               Column("原因", width=30)]  # fmt: skip
    rows = []
    assert survey.cells.firms is not None
    for g in np.flatnonzero(survey.cells.firms.sum(axis=0)):
        group_id, told = survey.group_ids[g], [survey.by_industry[id_].at(int(g)) for id_ in ids]
        rows.append([group_id, survey.grouping.names[group_id], *(_number(one) for one in told), _reasons(told)])
    return Page("产业", columns, rows)


def _of_areas(survey: Survey, city: City, own: Sequence[int]) -> Page:
    ids = list(survey.by_area)
    columns = [Column("区域"), *(Column(DEFINITIONS[id_].name, *_FACE) for id_ in ids), Column("原因", width=30)]
    rows = []
    for a in own:
        told = [survey.by_area[id_].at(a) for id_ in ids]
        rows.append([area_name(city, survey.area_ids[a]), *(_number(one) for one in told), _reasons(told)])
    return Page("区域", columns, rows)


def _of_neighbours(survey: Survey, city: City, own: Sequence[int]) -> Page:
    assert survey.resemblance is not None
    assert survey.cells.firms is not None
    there = np.flatnonzero(survey.cells.firms.sum(axis=0))
    groups = {int(g): (survey.group_ids[g], survey.grouping.names[survey.group_ids[g]]) for g in there}
    return resemblance_sheets.page(survey.resemblance, [area_name(city, id_) for id_ in survey.area_ids], groups, own)


def _of_candidates(survey: Survey, city: City, own: Sequence[int]) -> Page:
    assert survey.rising is not None
    shown = {survey.area_ids[a] for a in own}
    columns = [
        Column("区域"), Column("产业", width=30), Column("前期企业数", Kind.INTEGER),
        Column("本期企业数", Kind.INTEGER),
        Column("预期企业数", Kind.NUMBER, "0.0"), Column("区位商", *_FACE), Column("q", Kind.NUMBER, "0.0000"),
    ]  # fmt: skip
    rows: list[list[Value]] = [
        [area_name(city, one.area_id), survey.grouping.names[one.industry_id], Decimal(one.before), Decimal(one.after),
         _decimal(one.expected), _number(one.quotient), _decimal(one.q)]
        for one in survey.rising.cells
        if one.area_id in shown
    ]  # fmt: skip
    said = f"检验 {survey.rising.tested} 格，误报比例不超过 {survey.rising.fdr:.0%}"
    return Page("疑似新兴集群", columns, rows, title=said)


def _reasons(told: Sequence[Estimate]) -> str | None:
    return "；".join(dict.fromkeys(one.reason.label for one in told if one.reason)) or None


def _number(told: Estimate) -> Decimal | None:
    return _decimal(told.value)


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(f"{value:.{_DIGITS}f}")


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)


def _plain(value: Any) -> Value:
    return Decimal(repr(value)) if isinstance(value, float) else value
