"""What areas are good at together: advantage, proximity of industries, relatedness density, ECI and PCI.

ECI is an eigenvector of D⁻¹ M U⁻¹ Mᵀ, which is similar to the symmetric D^-½ M U⁻¹ Mᵀ D^-½. That one is solved, on the
shorter side of the table, exactly; the method of reflections with a fixed number of rounds is not an answer (with ten
districts twenty rounds are still far from it, and with hundreds they drown in rounding).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from jiqun.industry.measures.cells import Cells
from jiqun.industry.measures.quotients import few_firms
from jiqun.industry.measures.results import GUARDS, Booleans, Faults, Floats, Guards, Measurement, measured, ratio

THRESHOLD = 1.0  # Hidalgo et al. 2007: an area has an advantage where its share is at least that of all areas
_TIE = 1e-9  # two eigenvalues nearer than this have no order


@dataclass(frozen=True, eq=False)
class Complexity:
    """`eci` (A,) and `pci` (I,), each with mean 0 and standard deviation 1; `gap` between second and third eigenvalue.

    A small gap (below a few hundredths) means that the order of areas hangs on few cells.
    """

    eci: Measurement
    pci: Measurement
    gap: float | None


def rca(cells: Cells, guards: Guards = GUARDS) -> Measurement:
    """(A, I): revealed comparative advantage, 0 … ∞; the location quotient without its interval."""
    mix, all_mix = ratio(cells.sizes, cells.of_areas[:, None]), ratio(cells.of_industries, cells.total)
    faults = {
        "empty": (cells.of_areas == 0)[:, None] | (cells.of_industries == 0),
        "too_few_firms": few_firms(cells, guards),
    }
    return measured("rca", ratio(mix, all_mix), faults)


def advantages(cells: Cells, guards: Guards = GUARDS, threshold: float = THRESHOLD) -> Booleans:
    """(A, I): where an area has an advantage; False where the quotient is unknown."""
    known = rca(cells, guards)
    return known.is_known & (np.nan_to_num(known.values) >= threshold)


def proximity(has: Booleans) -> Measurement:
    """(I, I): how often areas have both industries, by the one that more areas have: 0 … 1, on the diagonal 1.

    `has` (A, I) is where areas have an advantage. Industries in which none has are unknown.
    """
    ones = has.astype(np.float32)  # counts are whole and far below 2²⁴: exact, at twice the speed
    together = (ones.T @ ones).astype(np.float64)
    ubiquity = has.sum(axis=0)
    nothing = ubiquity == 0
    # in place: the table of 1,380² is what costs here
    np.divide(together, np.maximum(np.maximum(ubiquity[:, None], ubiquity), 1), out=together)
    return measured("proximity", together, {"no_advantage": nothing[:, None] | nothing})


def relatedness_density(has: Booleans, near: Measurement) -> Measurement:
    """(A, I): which share of all that is near to an industry the area has already, 0 … 1, itself included.

    `near` is `proximity` of the same or of a wider `has` (a province, the country): with a dozen districts alone
    proximities have a dozen steps. Raises ValueError for another number of industries.
    """
    phi = np.nan_to_num(near.values)
    nothing = ~near.is_known.any(axis=1)
    return measured(
        "relatedness_density", ratio(has.astype(np.float64) @ phi, phi.sum(axis=0)), {"no_advantage": nothing}
    )


def complexity(has: Booleans, guards: Guards = GUARDS) -> Complexity:
    """ECI of areas and PCI of industries. Areas and industries without any advantage are left out of both and unknown.

    All are unknown where the table falls into parts that share no industry (an order across them means nothing),
    where the second and third eigenvalues are equal, and for fewer areas than the guards ask.
    """
    has_area, has_industry = has.any(axis=1), has.any(axis=0)
    core = has[np.ix_(has_area, has_industry)]
    fault, gap = _fault(core, guards), None
    eci, pci = np.zeros(has.shape[0]), np.zeros(has.shape[1])
    if not fault:
        eci[has_area], pci[has_industry], gap = _eigen(core)
        fault = "tied" if gap < _TIE else ""
    faults: Faults = {fault: True} if fault else {}
    return Complexity(
        measured("eci", eci, {"no_advantage": ~has_area, **faults}),
        measured("pci", pci, {"no_advantage": ~has_industry, **faults}),
        None if fault else gap,
    )


def _fault(core: Booleans, guards: Guards) -> str:
    areas, industries = core.shape
    if min(areas, industries) < max(3, guards.least_areas):
        return "too_few_areas"
    corner = csr_array(core)
    whole = csr_array((corner.data, corner.indices + areas, np.append(corner.indptr, [corner.nnz] * industries)),
                      shape=(areas + industries,) * 2)  # fmt: skip
    return "disconnected" if connected_components(whole, directed=False, return_labels=False) > 1 else ""


def _eigen(core: Booleans) -> tuple[Floats, Floats, float]:
    """ECI and PCI of a connected table in which every row and column has something."""
    ones = core.astype(np.float64)
    diversity, ubiquity = ones.sum(axis=1), ones.sum(axis=0)
    scaled = ones / np.sqrt(np.outer(diversity, ubiquity))
    is_wide = scaled.shape[0] <= scaled.shape[1]
    square = scaled @ scaled.T if is_wide else scaled.T @ scaled
    n = len(square)
    values, vectors = eigh(square, subset_by_index=[n - 3, n - 1], check_finite=False, overwrite_a=True)
    second = vectors[:, 1]
    if is_wide:
        of_areas = second / np.sqrt(diversity)
        of_industries = (of_areas @ ones) / ubiquity
    else:
        of_industries = second / np.sqrt(ubiquity)
        of_areas = (ones @ of_industries) / diversity
    eci, pci = _standard(of_areas), _standard(of_industries)
    sign = _sign(eci, diversity)
    return sign * eci, sign * pci, float(values[1] - values[0])


def _standard(values: Floats) -> Floats:
    spread = values.std()
    if spread == 0:  # all areas with the same advantages: `tied`, as the second and third eigenvalue are 0
        return np.zeros(values.shape)
    return np.asarray((values - values.mean()) / spread)


def _sign(eci: Floats, diversity: Floats) -> float:
    """+1 where complex areas are diverse ones; where that says nothing, by the first value, so that it is one sign."""
    with_diversity = float(eci @ (diversity - diversity.mean()))
    if abs(with_diversity) > 1e-9 * float(np.abs(diversity).sum()):
        return 1.0 if with_diversity > 0 else -1.0
    return 1.0 if eci[int(np.argmax(np.abs(eci)))] > 0 else -1.0


def diversity_and_ubiquity(has: Booleans) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(A,) how many advantages an area has, and (I,) how many areas have one in an industry."""
    return has.sum(axis=1), has.sum(axis=0)
