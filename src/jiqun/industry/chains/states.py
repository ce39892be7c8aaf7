"""How a link stands locally: strong, weak, missing or unknown, with every reason; and how fresh what it says is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from jiqun.industry.chains.dependence import Dependence
from jiqun.packs import City
from jiqun.packs.schema.chains import JUDGED_BY, ChainNode, Dated


class State(StrEnum):
    STRONG = "strong"
    WEAK = "weak"
    MISSING = "missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Rules:
    """The city's thresholds on a day; `rules_on` reads them from its settings."""

    strong_firms: int
    strong_titled: int
    single_share: float
    concentrated_hhi: float
    least_known: float
    review_months: int
    few: int


@dataclass(frozen=True)
class Placed:
    """The firms on a link, added up. `revenues`: of those that say. `near`: firms nearly placed, to be looked at.
    `same_code`: firms of the link's industry classes, whether placed or not.

    `looked_at`: how many firms of the register name what they do at all; 0 where there is no register.
    """

    firms: int
    titled: int
    revenues: tuple[float, ...] = ()
    near: int = 0
    same_code: int = 0
    looked_at: int = 0
    said_share: float = 0.0
    by_area: Mapping[str | None, int] = field(default_factory=dict)

    @property
    def top_share(self) -> float | None:
        """Share of the largest in the revenue that is known; None where nothing is."""
        whole = sum(self.revenues)
        return max(self.revenues) / whole if whole > 0 else None

    @property
    def hhi(self) -> float | None:
        """Sum of squared revenue shares, 0 to 1."""
        whole = sum(self.revenues)
        return sum((value / whole) ** 2 for value in self.revenues) if whole > 0 else None


@dataclass(frozen=True)
class Reason:
    """One reason. `code` is stable; `leans` is the state it speaks for. `counts` tells that it names a number of firms
    or shares, which not everybody may read; `plain` says the same without."""

    code: str
    leans: State
    text: str
    plain: str
    counts: bool = False


@dataclass(frozen=True)
class Freshness:
    """`as_of`: the day of the evidence, None where no date is known; `due`: when it should be looked at again.
    `is_ahead`: it became known only after the day that is asked about."""

    as_of: date | None
    due: date | None
    is_stale: bool
    is_ahead: bool = False


@dataclass(frozen=True)
class LinkState:
    state: State
    reasons: tuple[Reason, ...]
    placed: Placed
    is_single_source: bool | None
    dependence: Dependence
    freshness: Freshness


def rules_on(city: City, on: date) -> Rules:
    """Raises NotFound where the folder has no such setting on the day."""

    firms, titled, single_pct, hhi, known_pct, months, few = (float(city.setting(name, on)) for name in JUDGED_BY)
    return Rules(int(firms), int(titled), single_pct / 100, hhi, known_pct / 100, int(months), int(few))


def judge(
    node: ChainNode, placed: Placed, rules: Rules, *, freshness: Freshness, depends: Dependence,
    substitutes: Sequence[str] = (),
) -> LinkState:  # fmt: skip
    """How the link stands. `substitutes`: names of what could stand in for it.

    Unknown where there is no register, where too few of its firms say what they do, or where nothing of the link could
    be looked for. Missing where none of the firms does it or is of
    its classes. Strong where firms and title holders are many enough and
    nothing speaks against it: one source, concentration, a weakness that a public text names, dependence on outside.
    """
    reasons = [*_unknowns(node, placed, rules)]
    if reasons:
        return LinkState(State.UNKNOWN, tuple(reasons), placed, None, depends, freshness)
    single = _is_single(placed, rules)
    reasons += _about_firms(placed, rules)
    reasons += _against(node, placed, rules, substitutes, depends, is_single=single)
    if not placed.firms:
        state = State.MISSING
    elif any(reason.leans is State.WEAK for reason in reasons):
        state = State.WEAK
    else:
        state = State.STRONG
    return LinkState(state, tuple(reasons), placed, single, depends, freshness)


def freshness_of(dated: Dated, source_day: date | None, rules: Rules, on: date) -> Freshness:
    """Evidence without any day is stale: nobody can tell how old it is."""
    as_of = dated.as_of or source_day
    due = dated.review_by or (months_after(as_of, rules.review_months) if as_of else None)
    return Freshness(as_of, due, due is None or due < on, as_of is not None and as_of > on)


def months_after(day: date, months: int) -> date:
    """The same day of a later month, the month's last where it is shorter."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def _unknowns(node: ChainNode, placed: Placed, rules: Rules) -> list[Reason]:
    if not placed.looked_at:
        text = "没有可以查找的企业名册"
        return [Reason("no_register", State.UNKNOWN, text, text)]
    if not placed.firms and placed.said_share < rules.least_known:
        text = f"名册里写明经营范围或主导产品的企业只占 {placed.said_share:.0%}，没有找到不等于没有"
        return [Reason("few_say", State.UNKNOWN, text, text)]
    if not placed.firms and placed.near:
        text = f"没有认定的企业，但有 {placed.near} 家近似，待人核对"
        return [Reason("near_only", State.UNKNOWN, text, "没有认定的企业，但有近似的企业待核对", True)]
    if not placed.firms and placed.same_code:
        text = f"没有认定的企业，但行业小类相同的有 {placed.same_code} 家，经营范围没有写到，待人核对"
        plain = "没有认定的企业，但有行业小类相同的企业待核对"
        return [Reason("same_code_only", State.UNKNOWN, text, plain, True)]
    if not node.gb_codes and not node.terms and not placed.firms:
        text = "环节没有写行业代码和检索词，无从查找"
        return [Reason("not_searchable", State.UNKNOWN, text, text)]
    return []


def _about_firms(placed: Placed, rules: Rules) -> list[Reason]:
    if not placed.firms:
        text = "名册里没有做这一环节的企业"
        return [Reason("no_firms", State.MISSING, text, text)]
    enough = placed.firms >= rules.strong_firms
    titled = placed.titled >= rules.strong_titled
    said = (
        Reason(
            "firms" if enough else "few_firms", State.STRONG if enough else State.WEAK,
            f"{placed.firms} 家企业，{'达到' if enough else '不足'} {rules.strong_firms} 家",
            f"企业{'达到' if enough else '不足'} {rules.strong_firms} 家", True,
        ),
        Reason(
            "titled" if titled else "few_titled", State.STRONG if titled else State.WEAK,
            f"其中 {placed.titled} 家有梯度称号，{'达到' if titled else '不足'} {rules.strong_titled} 家",
            f"有梯度称号的企业{'达到' if titled else '不足'} {rules.strong_titled} 家", True,
        ),
    )  # fmt: skip
    return list(said)


def _is_single(placed: Placed, rules: Rules) -> bool | None:
    """Whether one firm is the only one or nearly so; None where revenues are not known well enough."""
    if placed.firms == 1:
        return True
    top = placed.top_share
    if placed.firms == 0 or top is None or len(placed.revenues) < placed.firms * rules.least_known:
        return None
    return top >= rules.single_share


def _against(
    node: ChainNode, placed: Placed, rules: Rules, substitutes: Sequence[str], depends: Dependence, *,
    is_single: bool | None,
) -> list[Reason]:  # fmt: skip
    found = []
    if placed.firms and is_single:
        found.append(_single(placed, substitutes))
    elif placed.firms > 1 and placed.hhi is not None and placed.hhi > rules.concentrated_hhi:
        text = f"营业收入集中：赫芬达尔指数 {placed.hhi:.2f}，高于 {rules.concentrated_hhi:g}"
        found.append(Reason("concentrated", State.WEAK, text, "营业收入集中在少数企业", True))
    if node.chokepoint is not None:
        text = f"公开材料点名的短板：{'、'.join(node.chokepoint.items)}"
        found.append(Reason("chokepoint", State.WEAK, text, text))
    if depends.is_dependent:
        text = "依赖外部：来源集中、多数外购、本地产出抵不上（欧盟三项指标都达到）"
        found.append(Reason("dependent", State.WEAK, text, text))
    return found


def _single(placed: Placed, substitutes: Sequence[str]) -> Reason:
    instead = f"；可以替代的有：{'、'.join(substitutes)}" if substitutes else "；没有写明替代"
    if placed.firms == 1:
        return Reason("single_source", State.WEAK, f"只有一家企业{instead}", f"来源单一{instead}", True)
    top = placed.top_share or 0.0
    return Reason(
        "single_source", State.WEAK, f"最大一家占已知营业收入的 {top:.0%}{instead}", f"来源单一{instead}", True
    )
