"""How far a link depends on outside: the three indicators of the European Commission, read for a city.

Source: European Commission, "Strategic dependencies and capacities", SWD(2021) 352 final, annex: a product is a
dependency where imports are concentrated (HHI of sources above 0.4), come mostly from outside (share of outside in all
imports above 0.5), and cannot be replaced by own output (outside imports ÷ own exports above 1). Here "outside" is
outside the city's own reach, purchases stand for imports, and what local makers sell stands for exports. Each
indicator is unknown where its figures are missing; the whole is met when all are, not met when one is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

CONCENTRATED, MOSTLY_OUTSIDE, NOT_REPLACED = 0.4, 0.5, 1.0


@dataclass(frozen=True)
class Purchases:
    """What was bought of a link's goods in a year, in yuan, by source; None and empty where nobody knows.

    outside_yuan: source → value. inside_yuan: bought from makers inside. sold_yuan: what local makers sold to anybody.
    """

    outside_yuan: Mapping[str, float]
    inside_yuan: float | None = None
    sold_yuan: float | None = None


@dataclass(frozen=True)
class Dependence:
    """Values of the three indicators, each None where unknown, and the answer: True, False or None."""

    concentration: float | None
    outside_share: float | None
    outside_to_sold: float | None
    is_dependent: bool | None

    @property
    def unknown(self) -> tuple[str, ...]:
        named = {
            "外部来源的集中度": self.concentration, "外购占全部采购": self.outside_share,
            "外购与本地产出之比": self.outside_to_sold,
        }  # fmt: skip
        return tuple(name for name, value in named.items() if value is None)


def dependence(bought: Purchases | None) -> Dependence:
    """The indicators of a link. Without purchases all are unknown; no purchases outside is no dependence."""
    if bought is None:
        return Dependence(None, None, None, None)
    outside = sum(bought.outside_yuan.values())
    if bought.outside_yuan and outside == 0:
        return Dependence(0.0, 0.0, 0.0, False)
    squares = sum(value * value for value in bought.outside_yuan.values())
    concentration = squares / outside**2 if outside > 0 else None
    whole = None if bought.inside_yuan is None else outside + bought.inside_yuan
    share = outside / whole if whole else None
    ratio = outside / bought.sold_yuan if bought.sold_yuan else None
    tests = [
        None if value is None else value > limit
        for value, limit in ((concentration, CONCENTRATED), (share, MOSTLY_OUTSIDE), (ratio, NOT_REPLACED))
    ]
    answer = False if False in tests else None if None in tests else True
    return Dependence(concentration, share, ratio, answer)
