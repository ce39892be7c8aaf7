"""Where firms stand: coordinates as offices give them, what is wrong with them, and all of them in one datum.

A snapshot keeps longitude, latitude and datum as they came, so that each leads back to its cell. Whoever measures
takes them from `located`, in CGCS2000; WGS-84 agrees with it within a metre. GCJ-02 and BD-09 are those two shifted by
some hundred metres, by formulas that were published by others than their makers: turned back here to less than a
decimetre of what these formulas say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jiqun.enterprises.columns import KEY
from jiqun.enterprises.register import Firms
from jiqun.model.numerals import fold
from jiqun.packs import City
from jiqun.packs.schema.extents import Extent

LONGITUDE, LATITUDE, DATUM = "longitude", "latitude", "coordinate_system"
ASSUMED = "cgcs2000"  # where nobody says: what the state asks of offices (自然资源部 2018: 7月1日起全面使用)
SHIFTED = ("gcj02", "bd09")
_SLACK_DEG = 0.01  # a kilometre: what datums differ by at most
_A, _E2 = 6_378_245.0, 0.006_693_421_622_965_943  # Krassovsky's ellipsoid, 1940
_BD = np.pi * 3000 / 180
_ROUNDS = 6  # each leaves some 1/50 of the error

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Located:
    """Firms with a place: `rows` has `columns` asked for beside `lon_deg` and `lat_deg` (CGCS2000).

    Of `firms`, `without` have no coordinates, `outside` have some outside the city and are left out; of those here
    `assumed` did not say their datum, `shifted` were turned back from GCJ-02 or BD-09.
    """

    rows: pl.DataFrame
    firms: int
    without: int
    outside: int
    assumed: int
    shifted: int


def located(firms: Firms, city: City, columns: tuple[str, ...] = ()) -> Located:
    """The firms whose coordinates lie within the city, in the register's order."""
    wanted = list(dict.fromkeys((KEY, *columns)))
    there = [name for name in (LONGITUDE, LATITUDE, DATUM) if name in firms.columns]
    if len(there) < 3:
        count = int(firms.rows.select(pl.len()).collect(engine="streaming").item())
        nothing = firms.rows.select(wanted).head(0).with_columns(lon_deg=pl.lit(0.0), lat_deg=pl.lit(0.0)).collect()
        return Located(nothing, count, count, 0, 0, 0)
    rows = firms.rows.select(*wanted, *(pl.col(name).alias(f"__{name}") for name in there)).collect(engine="streaming")
    has = pl.col(f"__{LONGITUDE}").is_finite() & pl.col(f"__{LATITUDE}").is_finite()
    given = rows.filter(has.fill_null(False))
    datum = given[f"__{DATUM}"].fill_null(ASSUMED).to_numpy()
    lon, lat = (given[f"__{name}"].to_numpy().astype(np.float64) for name in (LONGITUDE, LATITUDE))
    for name in SHIFTED:
        where = datum == name
        if where.any():
            lon[where], lat[where] = unshifted(lon[where], lat[where], name)
    placed = given.with_columns(lon_deg=pl.Series(lon), lat_deg=pl.Series(lat))
    inside = placed.filter(_within(pl.col("lon_deg"), pl.col("lat_deg"), _boxes(city)))
    said = inside[f"__{DATUM}"]
    return Located(
        inside.select(*wanted, "lon_deg", "lat_deg"), rows.height, rows.height - given.height,
        given.height - inside.height, said.null_count(), int(said.is_in(SHIFTED).sum()),
    )  # fmt: skip


def declared(text: str, labels: Mapping[str, str]) -> str | None:
    """The datum that a remark in a head names (GCJ-02, gcj02坐标系), of `labels` (id → label)."""
    plain = _plain(text)
    return next((id_ for id_, label in labels.items() if plain and _plain(label) in plain), None)


def _plain(text: str) -> str:
    return "".join(c for c in fold(text).lower() if c.isalnum())


def faults(lon: pl.Expr, lat: pl.Expr, area: pl.Expr | None, city: City) -> tuple[pl.Expr, pl.Expr]:
    """What is wrong with a pair of coordinates, a code of `cells.FAULTS`; and which of these leave no place at all.

    A pair in the country but outside the firm's own area keeps its values: either of the two may be the wrong one.
    """
    zero = (lon == 0) | (lat == 0)
    country = city.extents.get("cn")
    abroad = swapped = pl.lit(False)
    if country is not None:
        abroad = ~_within(lon, lat, [country])
        swapped = abroad & _within(lat, lon, [country])
    lost = (
        pl.when(lon.is_null() != lat.is_null()).then(pl.lit("half"))
        .when(zero).then(pl.lit("zero"))
        .when(swapped).then(pl.lit("swapped"))
        .when(abroad).then(pl.lit("abroad"))
    )  # fmt: skip
    if area is None:
        return lost, lost
    boxes = {id_: box for id_ in city.areas if (box := city.extent_of(id_)) is not None and box is not country}
    if not boxes:
        return lost, lost
    sides = {
        side: area.replace_strict(
            list(boxes), [getattr(box, side) for box in boxes.values()], default=None, return_dtype=pl.Float64
        )
        for side in ("west", "south", "east", "north")
    }
    is_in = (
        lon.is_between(sides["west"] - _SLACK_DEG, sides["east"] + _SLACK_DEG)
        & lat.is_between(sides["south"] - _SLACK_DEG, sides["north"] + _SLACK_DEG)
    )  # fmt: skip
    return pl.coalesce(lost, pl.when(~is_in).then(pl.lit("elsewhere"))), lost


def _boxes(city: City) -> list[Extent]:
    """The city and what reports in it; empty where nobody said how far they reach."""
    own = city.area_id or ""
    ids = [own, *(area.id for area in city.reporting_areas(own))]
    return [city.extents[id_] for id_ in ids if id_ in city.extents]


def _within(lon: pl.Expr, lat: pl.Expr, boxes: list[Extent]) -> pl.Expr:
    if not boxes:
        return pl.lit(True)
    return pl.any_horizontal(
        lon.is_between(box.west - _SLACK_DEG, box.east + _SLACK_DEG)
        & lat.is_between(box.south - _SLACK_DEG, box.north + _SLACK_DEG)
        for box in boxes
    )


def unshifted(lon: Floats, lat: Floats, datum: str) -> tuple[Floats, Floats]:
    """GCJ-02 or BD-09 → WGS-84, by fixed-point steps: the shift at the place found is taken off what was given."""
    if datum == "bd09":
        lon, lat = _from_bd(lon, lat)
    x, y = lon.copy(), lat.copy()
    for _ in range(_ROUNDS):
        east, north = shift(x, y)
        x, y = lon - east, lat - north
    return x, y


def _from_bd(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon - 0.0065, lat - 0.006
    z = np.hypot(x, y) - 0.00002 * np.sin(y * _BD)
    angle = np.arctan2(y, x) - 0.000003 * np.cos(x * _BD)
    return z * np.cos(angle), z * np.sin(angle)


def shift(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Degrees that GCJ-02 adds to a place given in WGS-84, as the public formula has it (googollee/eviltransform)."""
    x, y = lon - 105.0, lat - 35.0
    both = 20 * (np.sin(6 * np.pi * x) + np.sin(2 * np.pi * x))
    root = np.sqrt(np.abs(x))
    north_m = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north_m += (both + 20 * _sine(y, 1) + 40 * _sine(y, 3) + 160 * _sine(y, 12) + 320 * _sine(y, 30)) * 2 / 3
    east_m = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east_m += (both + 20 * _sine(x, 1) + 40 * _sine(x, 3) + 150 * _sine(x, 12) + 300 * _sine(x, 30)) * 2 / 3
    phi = np.radians(lat)
    magic = 1 - _E2 * np.sin(phi) ** 2
    north = np.degrees(north_m / (_A * (1 - _E2) / magic**1.5))
    east = np.degrees(east_m / (_A / np.sqrt(magic) * np.cos(phi)))
    return east, north


def _sine(value: Floats, period: int) -> Floats:
    return np.asarray(np.sin(np.pi * value / period))
