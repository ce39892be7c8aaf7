"""Degrees become metres on a plane: held against geodesics of the ellipsoid, by Vincenty's inverse formula."""

from __future__ import annotations

from math import atan, atan2, cos, radians, sin, sqrt, tan

import numpy as np
import pytest

from jiqun.industry.measures.points import degrees, plane

A, F = 6_378_137.0, 1 / 298.257_222_101  # CGCS2000


def geodesic_m(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Vincenty, Survey Review 23 (1975) 88–93, inverse formula; for points that are neither one nor antipodal."""
    (lon1, lat1), (lon2, lat2) = first, second
    b = (1 - F) * A
    u1, u2 = atan((1 - F) * tan(radians(lat1))), atan((1 - F) * tan(radians(lat2)))
    difference = lam = radians(lon2 - lon1)
    for _ in range(50):
        x, y = cos(u2) * sin(lam), cos(u1) * sin(u2) - sin(u1) * cos(u2) * cos(lam)
        sin_s, cos_s = sqrt(x * x + y * y), sin(u1) * sin(u2) + cos(u1) * cos(u2) * cos(lam)
        s = atan2(sin_s, cos_s)
        sin_a = cos(u1) * cos(u2) * sin(lam) / sin_s
        cos2 = 1 - sin_a**2
        mid = cos_s - 2 * sin(u1) * sin(u2) / cos2
        c = F / 16 * cos2 * (4 + F * (4 - 3 * cos2))
        lam = difference + (1 - c) * F * sin_a * (s + c * sin_s * (mid + c * cos_s * (2 * mid**2 - 1)))
    w = cos2 * (A * A - b * b) / (b * b)
    big_a = 1 + w / 16384 * (4096 + w * (-768 + w * (320 - 175 * w)))
    big_b = w / 1024 * (256 + w * (-128 + w * (74 - 47 * w)))
    off = mid + big_b / 4 * (cos_s * (2 * mid**2 - 1) - big_b / 6 * mid * (4 * sin_s**2 - 3) * (4 * mid**2 - 3))
    return b * big_a * (s - big_b * sin_s * off)


def test_the_oracle_knows_a_degree_of_the_equator_and_of_the_meridian():
    assert geodesic_m((120.0, 0.001), (121.0, 0.001)) == pytest.approx(111_319.49, abs=0.05)  # 2 π a / 360
    assert geodesic_m((120.0, 30.5), (120.0, 31.5)) == pytest.approx(110_869.4, abs=0.2)  # M(31°) π / 180


@pytest.mark.parametrize("centre", [(120.62, 31.3), (114.1, 22.6), (126.6, 45.8)])
def test_distances_are_those_of_the_ellipsoid_to_one_part_in_two_thousand(centre):
    rng = np.random.default_rng(0)
    away = rng.uniform(-100_000, 100_000, (400, 2)) / np.sqrt(2)
    lon, lat = degrees(away, centre).T
    on_plane = plane(lon, lat, centre)
    off = []
    for k in range(0, 400, 2):
        true = geodesic_m((lon[k], lat[k]), (lon[k + 1], lat[k + 1]))
        off.append(abs(np.hypot(*(on_plane[k] - on_plane[k + 1])) / true - 1))
    assert max(off) < 1 / 2000
    assert np.median(off) < 1 / 8000


def test_degrees_and_metres_turn_into_each_other():
    points = np.array([[0.0, 0.0], [12_345.6, -54_321.0], [-80_000.0, 60_000.0]])
    lon, lat = degrees(points, (120.62, 31.3)).T
    assert np.allclose(plane(lon, lat, (120.62, 31.3)), points, rtol=0, atol=1e-6)


def test_a_firm_without_coordinates_has_no_place():
    found = plane(np.array([120.6, np.nan]), np.array([31.3, 31.3]))
    assert np.isnan(found[1]).all()
    assert not np.isnan(found[0]).any()
