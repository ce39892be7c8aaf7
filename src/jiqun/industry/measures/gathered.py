"""What a run says of where firms stand together, as it is kept beside the register; `gathering` works it out.

Nothing of it tells about a single firm: areas have many firms, a square or district with few of them is not told,
lengths are rounded up to 100 m, curves are sums over many pairs.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
from pydantic import TypeAdapter

from jiqun.industry.measures.results import GATHERING, GATHERING_READING, Floats
from jiqun.model.errors import EnvironmentFailed
from jiqun.model.purposes import Purpose

FORM = 1  # of the file: a run of another form is no answer
RUN = "gather_firms"  # the kind of run that writes it


@dataclass(frozen=True)
class Settings:
    """What a run takes; see `gathering` in definitions.yaml."""

    level: int
    reach_m: float
    least_firms: int
    area_draws: int
    fdr: float
    curve_draws: int
    alpha: float
    kd_most_m: float
    kd_step_m: float
    m_at_m: tuple[float, ...]
    square_m: float
    seed: int

    @property
    def kd_at_m(self) -> Floats:
        return np.asarray(np.arange(0, self.kd_most_m + 1, self.kd_step_m), np.float64)


SETTINGS = Settings(**{**GATHERING, "m_at_m": tuple(GATHERING["m_at_m"])})


@dataclass(frozen=True)
class Line:
    """A curve with its envelope at `at_m`; None where unknown. `q` among the curves of the same kind and grouping.

    `apart` and `together`: spans of distances (first, last) at which it is below or above the envelope.
    """

    at_m: tuple[float, ...]
    values: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    p: float
    q: float
    bandwidth_m: float | None
    together: tuple[tuple[float, float], ...]
    apart: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Sector:
    """A group's firms with a place; `kd` and `m` None where it is all firms, or all stand in one place."""

    id: str
    name: str
    firms: int
    kd: Line | None
    m: Line | None


@dataclass(frozen=True)
class Place:
    """A dense area. `centre` in degrees, `squares` (west, south metres of the plane) with enough of its firms to be
    shown; `districts`: where enough of its firms are reported, how many; elsewhere stand the rest.
    """

    sector_id: str
    firms: int
    all_firms: int
    expected: float
    ratio: float
    p: float
    q: float
    centre_deg: tuple[float, float]
    centre_m: tuple[float, float]
    radius_m: float
    squares: tuple[tuple[float, float], ...]
    districts: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Grouped:
    """One grouping of the same firms: an industry level (id "2") or a catalogue. `left_out`: groups with too few firms.

    `places`, the surest first, of `tested` areas; those of one sector are not counted against another grouping's.
    """

    id: str
    title: str
    sectors: tuple[Sector, ...]
    left_out: int
    places: tuple[Place, ...]
    tested: int


class Standing(StrEnum):
    """What may be said of a curve that is tested together with the others of its kind and grouping.

    Outside the global envelope anywhere is p ≤ alpha for the whole curve; of many curves some are there by chance, so
    only those whose q keeps the rate of false discoveries are told.
    """

    INSIDE = "inside"
    TOLD = "told"
    SHORT = "short"
    FEW_DRAWS = "few_draws"


@dataclass(frozen=True)
class Spans:
    """Distances in metres at which a curve is outside: above it near by, above it far apart, and below it."""

    standing: Standing
    near: tuple[tuple[float, float], ...]
    far: tuple[tuple[float, float], ...]
    apart: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Gathered:
    """All of a run. Of `firms` those without coordinates or with some outside the city are in none of it."""

    city_id: str
    day: date
    collected_for: Purpose
    is_invented: bool
    snapshot: str
    settings: Settings
    centre_deg: tuple[float, float]  # of the plane
    firms: int
    without: int
    outside: int
    assumed: int
    shifted: int
    groupings: tuple[Grouped, ...]

    @property
    def placed(self) -> int:
        return self.firms - self.without - self.outside


_FILE: TypeAdapter[Gathered] = TypeAdapter(Gathered)


def spans(line: Line, curves: int, settings: Settings, near_m: float = GATHERING_READING["near_m"]) -> Spans:
    """The curve read: one of `curves` of its kind. A span across `near_m` is parted there."""
    near = tuple((a, min(b, near_m)) for a, b in line.together if a < near_m)
    far = tuple((max(a, near_m), b) for a, b in line.together if b > near_m)
    return Spans(_standing(line, curves, settings), near, far, line.apart)


def _standing(line: Line, curves: int, settings: Settings) -> Standing:
    if not line.together and not line.apart:
        return Standing.INSIDE
    if line.q <= settings.fdr:
        return Standing.TOLD
    least = 1 / (settings.curve_draws + 1)
    lacks_draws = line.p <= least * (1 + 1e-9) and curves * least > settings.fdr
    return Standing.FEW_DRAWS if lacks_draws else Standing.SHORT


def to_json(gathered: Gathered) -> bytes:
    return _FILE.dump_json(gathered)


def from_json(content: bytes) -> Gathered:
    return _FILE.validate_json(content)


def digest(content: bytes) -> str:
    """As the run and its event keep it."""
    return hashlib.sha256(content).hexdigest()


def whole(content: bytes, name: str, expected: str) -> Gathered:
    """What a run left in its file `name`. Raises EnvironmentFailed where that is not what the run wrote."""
    if digest(content) != expected:
        raise EnvironmentFailed(f"{name} 已损坏，与运行时记下的摘要不符；请重新计算")
    return from_json(content)
