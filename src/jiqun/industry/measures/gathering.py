"""Where the firms of each industry and cluster stand together: dense areas, and at which distances they gather.

Every group draws by a seed of its own, so that the same snapshot gives the same, whatever other groups there are.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jiqun.enterprises.coordinates import located
from jiqun.enterprises.register import Firms
from jiqun.industry.measures import candidates, envelopes, groupings, neighbourhoods, scanning
from jiqun.industry.measures.candidates import DenseArea, false_discovery
from jiqun.industry.measures.clusters import main_catalogue, members_of
from jiqun.industry.measures.disclosure import LIMITS
from jiqun.industry.measures.envelopes import Envelope
from jiqun.industry.measures.gathered import SETTINGS, Gathered, Grouped, Line, Place, Sector, Settings
from jiqun.industry.measures.neighbourhoods import Neighbours
from jiqun.industry.measures.points import degrees, plane
from jiqun.industry.measures.results import GUARDS, Floats
from jiqun.industry.members import CLUSTER, KEY, belonging
from jiqun.model.errors import NotFound
from jiqun.packs import City

_PRODUCTS, _AREA, _CODE = "leading_product", "area_id", "industry_code"
_ROUND_M = 100.0  # lengths that are told
_CENTRE_DIGITS = 2  # of a degree: squares stay where they are when one more firm is located
Ints = NDArray[np.int64]
Tell = Callable[[str, float], None]


def gather(
    firms: Firms, city: City, settings: Settings = SETTINGS, tell: Tell = lambda stage, share: None
) -> Gathered:  # fmt: skip
    """Everything of a snapshot. Clusters are those of the city's catalogue, with all firms that may belong to them.

    Raises NotFound where too few firms have coordinates, UsageError for draws that are too few.
    """
    columns = tuple(one for one in (_AREA, _CODE, _PRODUCTS) if one in firms.columns)
    found = located(firms, city, columns)
    if found.rows.height <= settings.least_firms:
        raise NotFound(
            f"名册里有坐标的企业只有 {found.rows.height} 家，不能按位置计算；请在名册里加上经度、纬度和坐标系再导入"
        )
    lon, lat = (found.rows[name].to_numpy() for name in ("lon_deg", "lat_deg"))
    centre = round(float(lon.mean()), _CENTRE_DIGITS), round(float(lat.mean()), _CENTRE_DIGITS)
    points = plane(lon, lat, centre)
    tell("查找邻近企业", 0.0)
    ground = _Ground(
        scanning.sites(points, settings.reach_m), neighbourhoods.neighbours(points, np.array(settings.m_at_m)),
        _reported(found.rows, city), centre, settings,
    )  # fmt: skip
    splits = list(_splits(found.rows, city, settings, firms.day))
    if not splits:
        raise NotFound(f"名册没有行业代码（{_CODE}），不能按产业或集群计算；请在城市文件夹的企业名册里加上这一项再导入")
    steps = _Steps(tell, sum(2 * len(one.members) for one in splits))
    return Gathered(
        city.id, firms.day, firms.collected_for, firms.is_invented, firms.digest, settings, centre, found.firms,
        found.without, found.outside, found.assumed, found.shifted,
        tuple(_grouped(ground, one, steps) for one in splits),
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Ground:
    """What all groups stand on."""

    sites: scanning.Sites
    near: Neighbours
    districts: NDArray[np.object_]
    centre_deg: tuple[float, float]
    settings: Settings

    @property
    def points(self) -> Floats:
        return self.sites.points


@dataclass(frozen=True)
class _Split:
    """`members`: group → places of its firms among those located; only groups with enough of them."""

    id: str
    title: str
    names: Mapping[str, str]
    members: Mapping[str, Ints]
    left_out: int


class _Steps:
    def __init__(self, tell: Tell, total: int) -> None:
        self._tell, self._total, self._done = tell, max(total, 1), 0

    def __call__(self, stage: str) -> None:
        self._tell(stage, self._done / self._total)
        self._done += 1


def _reported(rows: pl.DataFrame, city: City) -> NDArray[np.object_]:
    """(n,): the area each firm is reported in, None where nobody says."""
    if _AREA not in rows.columns:
        return np.full(rows.height, None, np.object_)
    return np.asarray(rows[_AREA].replace(city.moved_areas).to_numpy(), np.object_)


def _splits(rows: pl.DataFrame, city: City, settings: Settings, on: date) -> Iterator[_Split]:
    if _CODE not in rows.columns:
        return
    level = groupings.by_level(city, settings.level)
    group_of = {code: id_ for id_, codes in level.parts.items() for code in codes}
    code = rows[_CODE].replace_strict(group_of, default=None, return_dtype=pl.String)
    yield _split(f"{settings.level}", level.title, level.names, pl.DataFrame({"group": code}).with_row_index("place"))
    catalogue = main_catalogue(city, on)
    if catalogue is None:
        return
    products = _PRODUCTS if _PRODUCTS in rows.columns else None
    asked = [KEY, _CODE, *([products] if products else [])]
    held = belonging(rows.select(asked), members_of(city, catalogue, on), on, products=products).rows
    may = held.filter(pl.col("high") > 0).select(KEY, pl.col(CLUSTER).alias("group"))
    placed = rows.select(KEY).with_row_index("place").join(may, on=KEY, how="inner")
    names = {one.id: one.name for one in catalogue.clusters}
    yield _split(catalogue.id, f"{catalogue.name} {catalogue.edition}".strip(), names, placed)


def _split(id_: str, title: str, names: Mapping[str, str], placed: pl.DataFrame) -> _Split:
    """placed: group, place."""
    groups = placed.drop_nulls("group").group_by("group").agg(pl.col("place").sort()).sort("group")
    members = {group: np.asarray(places, np.int64) for group, places in groups.iter_rows()}
    enough = {group: members[group] for group in names if len(members.get(group, ())) >= GUARDS.least_firms}
    return _Split(id_, title, names, enough, len(members) - len(enough))


def _grouped(ground: _Ground, split: _Split, steps: _Steps) -> Grouped:
    settings = ground.settings

    def told(group: str) -> None:
        steps(f"{split.names[group]}：密集片区")

    dense = candidates.dense_candidates(
        ground.sites, split.members, _rng(settings, split.id), least=settings.least_firms, draws=settings.area_draws,
        fdr=settings.fdr, tell=told,
    )  # fmt: skip
    sectors = []
    for id_, own in split.members.items():
        steps(f"{split.names[id_]}：集聚距离")
        sectors.append(_sector(ground, split, id_, own))
    return Grouped(
        split.id, split.title, _among_each_other(sectors), split.left_out,
        tuple(_place(ground, one) for one in dense.areas), dense.tested,
    )  # fmt: skip


def _rng(settings: Settings, *names: str) -> np.random.Generator:
    return np.random.default_rng([settings.seed, *(zlib.crc32(name.encode()) for name in names)])


def _sector(ground: _Ground, split: _Split, id_: str, own: Ints) -> Sector:
    settings, name = ground.settings, split.names[id_]
    if len(own) == len(ground.points):
        return Sector(id_, name, len(own), None, None)
    is_own = np.zeros(len(ground.points), np.bool_)
    is_own[own] = True
    draws, alpha = settings.curve_draws, settings.alpha
    kd = envelopes.of_k_density(
        ground.points, is_own, settings.kd_at_m, _rng(settings, split.id, id_, "kd"), draws=draws, alpha=alpha
    )
    m = envelopes.of_marcon_puech(ground.near, is_own, _rng(settings, split.id, id_, "m"), draws=draws, alpha=alpha)
    return Sector(id_, name, len(own), _line(kd), _line(m))


def _line(found: Envelope | None) -> Line | None:
    if found is None:
        return None
    at, curve = found.curve.at, found.curve
    return Line(
        tuple(at.tolist()), _plain(curve.found.values), _plain(found.low), _plain(found.high), found.p, found.p,
        curve.bandwidth_m, _spans(at, found.above), _spans(at, found.below),
    )  # fmt: skip


def _plain(values: Floats) -> tuple[float | None, ...]:
    return tuple(float(one) if np.isfinite(one) else None for one in values)


def _spans(at: Floats, out: Floats) -> tuple[tuple[float, float], ...]:
    """First and last distance of each run at which the curve is outside."""
    is_out = np.concatenate([[False], np.nan_to_num(out) > 0, [False]])
    starts, ends = np.flatnonzero(is_out[1:] & ~is_out[:-1]), np.flatnonzero(~is_out[1:] & is_out[:-1])
    return tuple((float(at[a]), float(at[b - 1])) for a, b in zip(starts, ends, strict=True))


def _among_each_other(sectors: list[Sector]) -> tuple[Sector, ...]:
    """The sectors with q of their curves, of each kind over all."""
    told = []
    for kind in ("kd", "m"):
        p = np.array([np.nan if (line := getattr(one, kind)) is None else line.p for one in sectors])
        told.append(false_discovery(p))
    return tuple(
        replace(
            one,
            kd=None if one.kd is None else replace(one.kd, q=float(told[0][number])),
            m=None if one.m is None else replace(one.m, q=float(told[1][number])),
        )
        for number, one in enumerate(sectors)
    )


def _place(ground: _Ground, area: DenseArea) -> Place:
    members = np.array(area.members)
    centre = np.round(np.array(area.centre_m) / _ROUND_M) * _ROUND_M
    lon, lat = degrees(centre[None], ground.centre_deg)[0]
    side, least = ground.settings.square_m, LIMITS.least_firms
    corners, count = np.unique(np.floor(ground.points[members] / side), axis=0, return_counts=True)
    squares = corners[count >= least] * side
    ids, firms = np.unique(ground.districts[members].astype(str), return_counts=True)
    order = np.argsort(-firms, kind="stable")
    return Place(
        area.industry_id, area.firms, area.all_firms, area.expected, area.ratio, area.p, area.q,
        (round(float(lon), 3), round(float(lat), 3)), (float(centre[0]), float(centre[1])),
        float(np.ceil(area.radius_m / _ROUND_M) * _ROUND_M),
        tuple((float(west), float(south)) for west, south in squares),
        _told_districts(ids[order].tolist(), firms[order].tolist(), least),
    )  # fmt: skip


def _told_districts(ids: list[str], firms: list[int], least: int) -> tuple[tuple[str, int], ...]:
    """Districts with enough firms, of `ids` with the most first. The smallest told goes too where what is left out
    could else be told from the whole: 15 firms, of which 14 in one district, say where the last one stands.
    """
    told = [(id_, n) for id_, n in zip(ids, firms, strict=True) if n >= least and id_ != "None"]
    while told and 0 < sum(firms) - sum(n for _, n in told) < least:
        told.pop()
    return tuple(told)
