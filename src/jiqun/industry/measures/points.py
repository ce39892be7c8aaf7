"""Firms as points on a plane: degrees into metres."""

from __future__ import annotations

import numpy as np

from jiqun.industry.measures.results import Floats

EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG


def plane(longitude_deg: Floats, latitude_deg: Floats, centre: tuple[float, float] | None = None) -> Floats:
    """(n, 2) metres east and north of `centre` (longitude, latitude; None: the mean of the points).

    Azimuthal equidistant on the sphere: distances from the centre are true, those between two points at d from it are
    too long by at most (d / R)² / 6: one part in 10,000 at 150 km. Source: Snyder 1987, eq. 21-2, 25-2. NaN stays NaN.
    """
    middle = (np.nanmean(longitude_deg), np.nanmean(latitude_deg)) if centre is None else centre
    lon0, lat0 = np.radians(middle)
    lon, lat = np.radians(np.asarray(longitude_deg, np.float64)), np.radians(np.asarray(latitude_deg, np.float64))
    half = np.sin((lat - lat0) / 2) ** 2 + np.cos(lat0) * np.cos(lat) * np.sin((lon - lon0) / 2) ** 2
    angle = 2 * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    stretch = np.divide(angle, np.sin(angle), out=np.ones_like(angle), where=angle > 1e-9)
    east = np.cos(lat) * np.sin(lon - lon0)
    north = np.cos(lat0) * np.sin(lat) - np.sin(lat0) * np.cos(lat) * np.cos(lon - lon0)
    return EARTH_RADIUS_M * np.stack([stretch * east, stretch * north], axis=1)
