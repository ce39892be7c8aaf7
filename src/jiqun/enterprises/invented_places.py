"""Where invented firms stand: in parks that do not exist, and here and there in the towns of their area."""

from __future__ import annotations

from math import cos, pi, radians

import polars as pl

from jiqun.enterprises import chance
from jiqun.enterprises.coordinates import DATUM, LATITUDE, LONGITUDE
from jiqun.enterprises.invented import Drawing
from jiqun.enterprises.invented_life import serial
from jiqun.packs import City

_DEGREE_M = 111_195.0  # of a great circle
_DIGITS = 6  # of a degree: a decimetre


def placed(frame: pl.LazyFrame, city: City, drawing: Drawing) -> pl.LazyFrame:
    """The firms with coordinates in the area and line that they have now, so that who moved stands elsewhere."""
    plan = city.invention.places if city.invention else None
    if plan is None:
        return frame

    def uniform(what: str) -> pl.Expr:
        return chance.uniform(serial(), f"place/{what}", drawing.seed)

    frame = frame.with_columns(
        __park=uniform("park"), __r=uniform("r"), __angle=uniform("angle") * 2 * pi, __said=uniform("said"),
        __east=uniform("east"), __north=uniform("north"),
    )  # fmt: skip
    lon, lat = [], []
    for number, park in enumerate(plan.parks):
        # a chance of its own for each park, from one draw: a firm passed over by one is as likely as any for the next
        turn = (pl.col("__park") * (7919.0 * (number + 1))) % 1.0
        is_here = (pl.col("area_id") == park.area_id) & (turn * 100 < park.share_pct)
        if park.industry_codes:
            is_here &= pl.col("industry_code").is_in(park.industry_codes)
        away = pl.col("__r") * park.radius_m / _DEGREE_M  # r uniform: density falls as 1/r from the middle
        lon.append(pl.when(is_here).then(park.longitude + away * pl.col("__angle").cos() / cos(radians(park.latitude))))
        lat.append(pl.when(is_here).then(park.latitude + away * pl.col("__angle").sin()))
    for town in plan.towns:
        is_here = pl.col("area_id") == town.area_id
        lon.append(pl.when(is_here).then(town.west + pl.col("__east") * (town.east - town.west)))
        lat.append(pl.when(is_here).then(town.south + pl.col("__north") * (town.north - town.south)))
    if not lon:
        return frame.drop(pl.selectors.starts_with("__"))
    is_said = pl.col("__said") * 100 >= plan.missing_pct
    made = frame.with_columns(
        pl.when(is_said).then(pl.coalesce(lon).round(_DIGITS)).alias(LONGITUDE),
        pl.when(is_said).then(pl.coalesce(lat).round(_DIGITS)).alias(LATITUDE),
    )
    told = pl.when(pl.col(LONGITUDE).is_not_null()).then(pl.lit(plan.datum)).alias(DATUM)
    return made.with_columns(told).drop("__park", "__r", "__angle", "__said", "__east", "__north")
