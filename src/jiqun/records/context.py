"""The figures that checks ask for beside a return's own: of other periods, upper areas, other forms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from jiqun.model.periods import Period
from jiqun.packs import City
from jiqun.packs.asking import LAST, UPPER, YEAR_AGO
from jiqun.packs.schema.forms import Form
from jiqun.records.models import Return, Round, stands
from jiqun.records.projection import Basis, layout_of, projected
from jiqun.statistics import calendar, checks
from jiqun.statistics.checks import Question
from jiqun.statistics.layout import Layout
from jiqun.statistics.rollup import KEY, NODE, Totals, roll_up


def figures(
    round_: Round, city: City, asked: tuple[Question, ...], respondent_ids: Sequence[str] | None = None
) -> pl.DataFrame:
    """KEY and, under `source|cell`, what the questions need of others, for the round's respondents or these of them.

    The period before, and last year's, count as sent, so that a firm is held against what it said; totals count
    as accepted. A round that was never held leaves its columns out: unknown of everybody.
    """
    form = city.forms[round_.form_id]
    period = Period.parse(round_.period)
    owing = stands(Return).filter(round_key=round_.key)
    if respondent_ids is not None:
        owing = owing.filter(respondent_id__in=list(respondent_ids))
    rows = list(owing.order_by("respondent_id").values_list("respondent_id", "path", "area_id"))
    found = pl.DataFrame(
        {KEY: [id_ for id_, _, _ in rows], "lowest": [next(filter(None, path), "") for _, path, _ in rows]},
        schema={KEY: pl.String, "lowest": pl.String},
    )
    for source, keys in checks.sources(asked).items():
        before = {LAST: calendar.period_before(form, period), YEAR_AGO: calendar.year_ago(period)}
        if source in before:
            told = _of_round(_round(form.id, before[source]), city, keys, respondent_ids)
        elif source == UPPER:
            told = _of_areas(_round(form.id, before[LAST]), city, keys, found, "lowest")
        elif source:
            told = _of_form(city.forms[source], form, round_, city, keys, found)
        else:
            continue
        if told is not None:
            renamed = told.rename({key: f"{source}|{key}" for key in keys if key in told.columns})
            found = found.join(renamed, on=KEY, how="left")
    return found.drop("lowest")


def _round(form_id: str, period: Period | None) -> Round | None:
    found: Round | None = stands(Round).filter(key=f"{form_id}|{period}").first() if period else None
    return found


def _of_round(
    round_: Round | None, city: City, keys: Sequence[str], respondent_ids: Sequence[str] | None
) -> pl.DataFrame | None:
    if round_ is None:
        return None
    rows = projected(round_, layout_of(round_, city), basis="submitted", respondent_ids=respondent_ids)
    return rows.select(KEY, *(key for key in keys if key in rows.columns))


def _of_areas(
    round_: Round | None, city: City, keys: Sequence[str], owing: pl.DataFrame, place: str
) -> pl.DataFrame | None:
    """The round's totals at the area that `place` names of each respondent."""
    if round_ is None:
        return None
    told = totals(round_, city)
    areas = owing[place].unique().to_list()
    table = pl.DataFrame(
        {place: areas, **{key: [_steps(told, area, key) for area in areas] for key in keys}},
        schema={place: pl.String, **dict.fromkeys(keys, pl.Int64)},
    )
    return owing.select(KEY, place).join(table, on=place, how="left").drop(place)


def _steps(told: Totals, area: str, key: str) -> int | None:
    total = told.by.get((area, key))
    return total.steps if total else None


def _of_form(
    other: Form, form: Form, round_: Round, city: City, keys: Sequence[str], owing: pl.DataFrame
) -> pl.DataFrame | None:
    """Another form's figures for the period that ends on the same day."""
    held: Round | None = stands(Round).filter(form_id=other.id, period_end=round_.period_end).first()
    if held is None:
        return None
    if other.respondents.kind == form.respondents.kind:
        rows = projected(held, layout_of(held, city), basis="submitted")
        return rows.select(KEY, *(key for key in keys if key in rows.columns))
    own = owing.with_columns(pl.col(KEY).alias("own"))  # an area that answers for what others filled in
    return _of_areas(held, city, keys, own, "own")


def totals(
    round_: Round, city: City, known_on: date | None = None, basis: Basis = "accepted", *, upto: int | None = None
) -> Totals:
    """The round's totals as each level has accepted its returns, as known on a day or after the event of a sequence;
    with weights of the period before.

    With the basis `submitted`, of whatever was sent: a first look that nobody has decided on. Kept until something of
    the round or the one before changes.
    """
    form, laid = city.forms[round_.form_id], layout_of(round_, city)
    before = _round(form.id, calendar.period_before(form, Period.parse(round_.period)))
    mark = (round_.key, city.digest, known_on, basis, upto, latest(round_.key), latest(before.key if before else ""))
    if mark not in _kept:
        while len(_kept) >= _AT_MOST:
            _kept.pop(next(iter(_kept)), None)
        rows = projected(round_, laid, known_on=known_on, basis=basis, upto=upto)
        _kept[mark] = roll_up(laid, rows, _last(before, laid, known_on, upto))
    return _kept[mark]


_AT_MOST = 40
_kept: dict[tuple[object, ...], Totals] = {}


def latest(round_key: str) -> str:
    """The hash of the last event that touched a return of the round; "" for no round."""
    found = Return.objects.filter(round_key=round_key).order_by("-event_id").values_list("event__hash", flat=True)
    return found.first() or ""


def _last(before: Round | None, laid: Layout, known_on: date | None, upto: int | None) -> pl.DataFrame | None:
    if before is None:
        return None
    rows = projected(before, laid, known_on=known_on, upto=upto)
    return rows.drop(*(NODE.format(at) for at in range(len(laid.form.levels))))


def single(frame: pl.DataFrame) -> dict[str, int]:
    """The one row of a frame as figures by label; what is unknown is left out."""
    row = frame.row(0, named=True) if frame.height else {}
    return {label: value for label, value in row.items() if isinstance(value, int)}
