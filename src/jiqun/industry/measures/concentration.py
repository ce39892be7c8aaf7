"""How an industry is spread over areas and firms, and how special an area's mix of industries is."""

from __future__ import annotations

import numpy as np

from jiqun.industry.measures.cells import Cells
from jiqun.industry.measures.quotients import few_firms, mostly_unsized
from jiqun.industry.measures.results import GUARDS, Booleans, Floats, Guards, Measurement, measured, ratio


def hhi(cells: Cells, guards: Guards = GUARDS) -> Measurement:
    """(I,): Σ of the squared shares of areas, 1 / A … 1."""
    return _of_industries("hhi", (_shares(cells) ** 2).sum(axis=0), cells, guards)


def firm_hhi(cells: Cells, guards: Guards = GUARDS) -> Measurement:
    """(I,): Σ of the squared shares of firms, 0 … 1; unknown where the firms' squares are."""
    values, missing = plant_herfindahl(cells)
    faults = _faults(cells, guards) | {"firms_unknown": missing, "too_few_areas": False}
    return measured("firm_hhi", values, faults)


def concentration_ratio(cells: Cells, n: int, guards: Guards = GUARDS) -> Measurement:
    """(I,): the share of the n largest areas, n / A … 1."""
    largest = np.sort(_shares(cells), axis=0)[::-1][:n]
    return _of_industries("concentration_ratio", largest.sum(axis=0), cells, guards)


def gini(cells: Cells, guards: Guards = GUARDS) -> Measurement:
    """(I,): how unequal the areas are, whatever their own size: 0 (all alike) … 1 − 1 / A (all in one)."""
    n = len(cells.area_ids)
    ordered = np.sort(cells.sizes, axis=0)
    ranks = 2.0 * np.arange(1, n + 1) - n - 1
    return _of_industries("gini", ratio(ranks @ ordered, n * cells.of_industries), cells, guards)


def locational_gini(cells: Cells, guards: Guards = GUARDS) -> Measurement:
    """(I,): how unequal the areas are against their share of everything: 0 (as everything) … 1.

    Twice the area between the Lorenz curve of the industry over all industries, areas by rising quotient, and the
    diagonal. Areas without anything are of no width and do not count.
    """
    x, s = _weights(cells)[:, None], _shares(cells)
    order = np.argsort(ratio(s, x), axis=0, kind="stable")
    width, height = np.take_along_axis(np.broadcast_to(x, s.shape), order, 0), np.take_along_axis(s, order, 0)
    reached = np.cumsum(height, axis=0)
    values = 1 - (width * (2 * reached - height)).sum(axis=0)
    return _of_industries("locational_gini", np.maximum(values, 0), cells, guards)


def theil(cells: Cells, guards: Guards = GUARDS) -> Measurement:
    """(I,): the relative entropy of the industry's areas against all industries', 0 … ∞, in nats."""
    s = _shares(cells)
    quotient = ratio(s, _weights(cells)[:, None])
    logs = np.log(quotient, out=np.zeros_like(quotient), where=quotient > 0)
    return _of_industries("theil", np.maximum((s * logs).sum(axis=0), 0), cells, guards)


def ellison_glaeser(cells: Cells, guards: Guards = GUARDS) -> Measurement:
    """(I,): the excess of geographic over plant concentration: 0 by chance alone, above 0 agglomeration, 1 in one area.

    Ellison & Glaeser (1997) call it slight under 0.02 and high over 0.05. Unknown without the firms' squares, for an
    industry of one firm, and where all that there is lies in one area.
    """
    x, s = _weights(cells), _shares(cells)
    h, missing = plant_herfindahl(cells)
    spread = 1 - (x**2).sum()
    # G = Σs² − 2Σsx + Σx²: no table of differences is made
    g = (s**2).sum(axis=0) - 2 * (x @ s) + (x**2).sum()
    faults = _faults(cells, guards) | {
        "firms_unknown": missing,
        "one_firm": ~missing & (h >= 1 - 1e-12),
        "one_area": bool(spread <= 1e-12),
    }
    return measured("ellison_glaeser", ratio(g - spread * h, spread * (1 - h)), faults)


def krugman_concentration(cells: Cells, guards: Guards = GUARDS) -> Measurement:
    """(I,): how far the industry's areas are from everything's, 0 … 2."""
    values = np.abs(_shares(cells) - _weights(cells)[:, None]).sum(axis=0)
    return _of_industries("krugman_concentration", values, cells, guards)


def krugman_specialisation(cells: Cells, guards: Guards = GUARDS) -> Measurement:
    """(A,): how far the area's industries are from those of all areas together, 0 … 2.

    Unknown for an area of too few firms.
    """
    mix, all_mix = ratio(cells.sizes, cells.of_areas[:, None]), ratio(cells.of_industries, cells.total)
    few = False if cells.firms is None else cells.firms.sum(axis=1) < guards.least_firms
    faults = {
        "empty": cells.of_areas == 0,
        "too_few_firms": few,
        "too_few_areas": len(cells.area_ids) < 2,
    }
    return measured("krugman_specialisation", np.abs(mix - all_mix).sum(axis=1), faults)


def plant_herfindahl(cells: Cells) -> tuple[Floats, Booleans]:
    """(I,): Σ z² over an industry's firms, NaN where it is unknown; and where it is."""
    if cells.squares is None:
        none = np.full(len(cells.industry_ids), np.nan)
        return none, np.isnan(none)
    return ratio(cells.squares, cells.of_industries**2), np.zeros(len(cells.industry_ids), np.bool_)


def _shares(cells: Cells) -> Floats:
    return ratio(cells.sizes, cells.of_industries)


def _weights(cells: Cells) -> Floats:
    return ratio(cells.of_areas, cells.total)


def _faults(cells: Cells, guards: Guards) -> dict[str, Booleans | bool]:
    return {
        "empty": cells.of_industries == 0,
        "too_few_firms": few_firms(cells, guards),
        "too_few_areas": len(cells.area_ids) < guards.least_areas,
        "sizes_unknown": mostly_unsized(cells, guards),
    }


def _of_industries(id_: str, values: Floats, cells: Cells, guards: Guards) -> Measurement:
    return measured(id_, values, _faults(cells, guards))
