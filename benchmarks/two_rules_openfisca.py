"""The rules of `two_rules/` in OpenFisca-core (AGPL, a peer, never imported by Jiqun), as its authors write them.

Limits and points tables are parameters, the tables `single_amount` scales; each clause and each item of points is a
variable, so that what is asked for is computed once and kept. The question is ours: three answers for every clause, a
range of points for what is not known. OpenFisca has no unknown, so a truth is two variables, `…__meets` and
`…__fails`, of which an unknown makes neither true, and points are a `…__low` and a `…__high`. The quickest we found to
carry it: an unknown figure is NaN, an unknown day NaT, of which every comparison is false, both ways; 且 of two truths
is 且 of their `meets` and 或 of their `fails`. So no figure needs a companion variable that says whether it is known.

Steps: `answers`, the same question by the scales; `by hand`, points looked up by `searchsorted` instead; `without
unknowns`, half the question, in the peer's favour: nulls are given as 0 or no, only `meets` and one total are asked,
points by hand. OpenFisca keeps float32: a figure within 1e-7 of a limit may fall on its other side.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import resource
import time
from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from openfisca_core.entities import build_entity
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

Firm = build_entity(key="firm", plural="firms", label="firm", is_person=True)
PERIOD, SINCE = "2026", "2016-01-01"
MEETS, FAILS = "__meets", "__fails"
FIGURES = (
    "revenue_yuan", "assets_yuan", "rd_expense_yuan", "hightech_revenue_yuan",
    "employees", "tech_staff", "ip_class1", "ip_class2",
)  # fmt: skip
BAD, BAD_KNOWN, FOUNDED = "has_serious_violation", "has_serious_violation_known", "founded_on"
LATEST_FOUNDING = np.datetime64("2025-03-01")  # 365 days before the day of the answers
Reading = Callable[[str], np.ndarray]
Formula = Callable[[Reading, Any], np.ndarray]


def fixed(value: float) -> dict[str, Any]:
    return {"values": {SINCE: {"value": value}}}


def scale(*brackets: tuple[float, float]) -> dict[str, Any]:
    found = [{"threshold": {SINCE: {"value": edge}}, "amount": {SINCE: {"value": points}}} for edge, points in brackets]
    return {"metadata": {"type": "single_amount"}, "brackets": found}


PARAMETERS = {
    "most_employees": fixed(500), "most_yuan": fixed(2e8), "least_staff": fixed(0.1), "least_points": fixed(60),
    "least_hightech": fixed(0.6),
    "staff": scale((0, 0), (0.1, 4), (0.15, 8), (0.2, 12), (0.25, 16), (0.3, 20)),
    "rd": scale((0, 0), (0.02, 10), (0.03, 20), (0.04, 30), (0.05, 40), (0.06, 50)),
    "rights": scale((0, 0), (1, 6), (2, 12), (3, 18), (4, 24)),
}  # fmt: skip


def share(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """NaN where either is, or where nothing stands below."""
    return above / np.where(below == 0, np.float32(np.nan), below)


def by_scale(law: Any, name: str, value: np.ndarray) -> np.ndarray:
    """0 points for NaN, which the scale takes to lie above all brackets."""
    return getattr(law, name).calc(value)


def by_hand(law: Any, name: str, value: np.ndarray) -> np.ndarray:
    """Likewise: NaN sorts behind every number."""
    table = getattr(law, name)
    edges, points = np.array([*table.thresholds[1:], np.nan], np.float32), np.array([*table.amounts, 0], np.float32)
    return points[np.searchsorted(edges, value, side="right")]


Lookup = Callable[[Any, str, np.ndarray], np.ndarray]


def measures(look: Lookup) -> dict[str, Formula]:
    """Shares, and the points that are sure (`low`) and possible (`high`)."""
    return {
        "staff_share": lambda of, law: share(of("tech_staff"), of("employees")),
        "rd_share": lambda of, law: share(of("rd_expense_yuan"), of("revenue_yuan")),
        "hightech_share": lambda of, law: share(of("hightech_revenue_yuan"), of("revenue_yuan")),
        "staff__low": lambda of, law: look(law, "staff", of("staff_share")),
        "rd__low": lambda of, law: look(law, "rd", of("rd_share")),
        "rights__low": lambda of, law: np.where(of("ip_class1") >= 1, 30, look(law, "rights", of("ip_class2"))),
        "t100__low": lambda of, law: of("staff__low") + of("rd__low") + of("rights__low"),
        "staff__high": lambda of, law: np.where(np.isnan(of("staff_share")), 20, of("staff__low")),
        "rd__high": lambda of, law: np.where(np.isnan(of("rd_share")), 50, of("rd__low")),
        "rights__high": lambda of, law: np.where(
            np.isnan(of("ip_class1")), 30,
            np.where((of("ip_class1") < 1) & np.isnan(of("ip_class2")), 24, of("rights__low")),
        ),
        "t100__high": lambda of, law: of("staff__high") + of("rd__high") + of("rights__high"),
    }  # fmt: skip


TRUTHS: dict[str, tuple[Formula, Formula]] = {  # clause → (meets, fails)
    "tech_sme_short__c_employees": (
        lambda of, law: of("employees") <= law.most_employees,
        lambda of, law: of("employees") > law.most_employees,
    ),
    "tech_sme_short__c_revenue": (
        lambda of, law: of("revenue_yuan") <= law.most_yuan,
        lambda of, law: of("revenue_yuan") > law.most_yuan,
    ),
    "tech_sme_short__c_assets": (
        lambda of, law: of("assets_yuan") <= law.most_yuan,
        lambda of, law: of("assets_yuan") > law.most_yuan,
    ),
    "tech_sme_short__c_clean": (lambda of, law: of(BAD_KNOWN) & ~of(BAD), lambda of, law: of(BAD)),
    "tech_sme_short__c_staff_nonzero": (
        lambda of, law: of("staff_share") >= np.float32(law.least_staff),
        lambda of, law: of("staff_share") < np.float32(law.least_staff),
    ),
    "tech_sme_short__t100": (
        lambda of, law: of("t100__low") >= law.least_points,
        lambda of, law: of("t100__high") < law.least_points,
    ),
    "hnte_short__c_age": (
        lambda of, law: of(FOUNDED) <= LATEST_FOUNDING,
        lambda of, law: of(FOUNDED) > LATEST_FOUNDING,
    ),
    "hnte_short__c_rd_small": (
        lambda of, law: (of("revenue_yuan") <= 5e7) & (of("rd_share") >= np.float32(0.05)),
        lambda of, law: (of("revenue_yuan") > 5e7) | (of("rd_share") < np.float32(0.05)),
    ),
    "hnte_short__c_rd_mid": (
        lambda of, law: (of("revenue_yuan") > 5e7) & (of("revenue_yuan") <= 2e8) & (of("rd_share") >= np.float32(0.04)),
        lambda of, law: (of("revenue_yuan") <= 5e7) | (of("revenue_yuan") > 2e8) | (of("rd_share") < np.float32(0.04)),
    ),
    "hnte_short__c_rd_large": (
        lambda of, law: (of("revenue_yuan") > 2e8) & (of("rd_share") >= np.float32(0.03)),
        lambda of, law: (of("revenue_yuan") <= 2e8) | (of("rd_share") < np.float32(0.03)),
    ),
    "hnte_short__c_staff": (
        lambda of, law: of("staff_share") >= np.float32(law.least_staff),
        lambda of, law: of("staff_share") < np.float32(law.least_staff),
    ),
    "hnte_short__c_ht_revenue": (
        lambda of, law: of("hightech_share") >= np.float32(law.least_hightech),
        lambda of, law: of("hightech_share") < np.float32(law.least_hightech),
    ),
}


def every(of: Reading, *names: str) -> np.ndarray:
    return reduce(np.logical_and, map(of, names))


def some(of: Reading, *names: str) -> np.ndarray:
    return reduce(np.logical_or, map(of, names))


TECH_SME = [name for name in TRUTHS if name.startswith("tech_sme_short")]
RATES = [f"hnte_short__c_rd_{size}" for size in ("small", "mid", "large")]
OTHERS = [f"hnte_short__c_{clause}" for clause in ("age", "staff", "ht_revenue")]
VERDICTS: dict[str, tuple[Formula, Formula]] = {
    "tech_sme_short": (
        lambda of, law: every(of, *ended(TECH_SME, MEETS)),
        lambda of, law: some(of, *ended(TECH_SME, FAILS)),
    ),
    "hnte_short": (
        lambda of, law: every(of, *ended(OTHERS, MEETS)) & some(of, *ended(RATES, MEETS)),
        lambda of, law: some(of, *ended(OTHERS, FAILS)) | every(of, *ended(RATES, FAILS)),
    ),
}
ANSWERS = TRUTHS | VERDICTS


def ended(names: Iterable[str], end: str) -> list[str]:
    return [name + end for name in names]


def variable(name: str, type_: type, answer: Formula | None = None) -> type[Variable]:
    parts = {"value_type": type_, "entity": Firm, "definition_period": DateUnit.YEAR, "label": name}
    if answer is not None:
        parts["formula"] = lambda firm, period, parameters: answer(
            lambda asked: firm(asked, period), parameters(period)
        )
    return type(name, (Variable,), parts)


def system(look: Lookup) -> TaxBenefitSystem:
    made = TaxBenefitSystem([Firm])
    made.parameters = ParameterNode("", data=PARAMETERS)
    made.add_variables(*(variable(name, float) for name in FIGURES), variable(FOUNDED, datetime.date))
    made.add_variables(variable(BAD, bool), variable(BAD_KNOWN, bool))
    made.add_variables(*(variable(name, float, answer) for name, answer in measures(look).items()))
    for name, ends in ANSWERS.items():
        made.add_variables(*(variable(name + end, bool, of) for end, of in zip((MEETS, FAILS), ends, strict=True)))
    return made


def arrays(table: pl.DataFrame, are_told: bool) -> Iterator[tuple[str, np.ndarray]]:
    """(name, values as OpenFisca keeps them); `are_told`: what is unknown is given as 0 or no."""
    for name in FIGURES:
        figures = table[name].cast(pl.Float32)
        yield name, (figures.fill_null(0) if are_told else figures).to_numpy()
    yield FOUNDED, table[FOUNDED].to_numpy().astype("datetime64[D]", copy=False)
    yield BAD, table[BAD].fill_null(False).to_numpy()
    yield BAD_KNOWN, np.ones(table.height, bool) if are_told else table[BAD].is_not_null().to_numpy()


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--step", choices=("answers", "by hand", "without unknowns"), required=True)
    words.add_argument("--register", type=Path, required=True)
    words.add_argument("--times", type=int, required=True)
    words.add_argument("--out", type=Path)
    asked = words.parse_args()
    are_told = asked.step == "without unknowns"
    made = system(by_scale if asked.step == "answers" else by_hand)
    names = ended(ANSWERS, MEETS) + ([] if are_told else ended(ANSWERS, FAILS))
    totals = ["t100__low"] if are_told else ["t100__low", "t100__high"]
    begun, spent = time.perf_counter(), os.times()
    table = pl.read_parquet([asked.register] * asked.times, columns=[*FIGURES, BAD, FOUNDED])
    simulation = SimulationBuilder().build_default_simulation(made, count=table.height)
    for name, values in arrays(table, are_told):
        simulation.set_input(name, PERIOD, values)
    found = {name: simulation.calculate(name, PERIOD) for name in names}
    points = {f"tech_sme_short__{name}": simulation.calculate(name, PERIOD) for name in totals}
    met = {name: int(answer.sum()) for name, answer in found.items()}
    wall, ended_ = time.perf_counter() - begun, os.times()
    if asked.out:
        pl.DataFrame({**found, **points}).write_parquet(asked.out)
    cpu = ended_.user + ended_.system - spent.user - spent.system
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"wall": wall, "cpu": cpu, "firms": table.height, "peak_mb": peak, "met": met}))


if __name__ == "__main__":
    main()
