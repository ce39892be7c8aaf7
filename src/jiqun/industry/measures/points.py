"""Firms as points on a plane: degrees into metres, and back."""

from __future__ import annotations

import numpy as np

from jiqun.industry.measures.results import Floats

_A, _E2 = 6_378_137.0, 0.006_694_380_022_90  # ellipsoid of CGCS2000; that of WGS-84 differs by a tenth of a millimetre


def plane(longitude_deg: Floats, latitude_deg: Floats, centre: tuple[float, float] | None = None) -> Floats:
    """(n, 2) metres east and north of `centre` (longitude, latitude; None: the mean of the points).

    Azimuthal equidistant on the sphere (Snyder 1987, eq. 21-2, 25-2), stretched east and north to the ellipsoid's own
    radii of curvature at the centre. Distances between points within 100 km of the centre are off by less than one part
    in 2,000, tested against the geodesic (Vincenty 1975). NaN stays NaN.
    """
    middle = (np.nanmean(longitude_deg), np.nanmean(latitude_deg)) if centre is None else centre
    lon0, lat0 = np.radians(middle)
    lon, lat = np.radians(np.asarray(longitude_deg, np.float64)), np.radians(np.asarray(latitude_deg, np.float64))
    half = np.sin((lat - lat0) / 2) ** 2 + np.cos(lat0) * np.cos(lat) * np.sin((lon - lon0) / 2) ** 2
    angle = 2 * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    stretch = np.divide(angle, np.sin(angle), out=np.ones_like(angle), where=angle > 1e-9)
    east = np.cos(lat) * np.sin(lon - lon0)
    north = np.cos(lat0) * np.sin(lat) - np.sin(lat0) * np.cos(lat) * np.cos(lon - lon0)
    across, along = _radii_m(lat0)
    return np.stack([across * stretch * east, along * stretch * north], axis=1)


def degrees(points: Floats, centre: tuple[float, float]) -> Floats:
    """(n, 2) longitude and latitude of `points` (n, 2) on the plane around `centre`; Snyder 1987, eq. 20-14, 20-15."""
    lon0, lat0 = np.radians(centre)
    across, along = _radii_m(lat0)
    east, north = np.asarray(points, np.float64).T / np.array([[across], [along]])
    angle = np.hypot(east, north)
    shrink = np.divide(np.sin(angle), angle, out=np.ones_like(angle), where=angle > 1e-9)
    lat = np.arcsin(np.cos(angle) * np.sin(lat0) + north * shrink * np.cos(lat0))
    lon = lon0 + np.arctan2(east * shrink, np.cos(lat0) * np.cos(angle) - north * shrink * np.sin(lat0))
    return np.asarray(np.degrees(np.stack([lon, lat], axis=1)), np.float64)


def _radii_m(lat: float) -> tuple[float, float]:
    """Radii of curvature across and along the meridian."""
    squeezed = 1 - _E2 * np.sin(lat) ** 2
    return float(_A / np.sqrt(squeezed)), float(_A * (1 - _E2) / squeezed**1.5)
