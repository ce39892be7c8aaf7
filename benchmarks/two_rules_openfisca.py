"""The rules of `two_rules/` in OpenFisca-core (AGPL, a peer, never imported by Jiqun), as its authors write them.

Limits and points tables are parameters, the tables `single_amount` scales; each clause and each item of points is a
variable, so that what is asked for is computed once and kept. The step `by hand` looks points up by `searchsorted`
instead of by the scales. OpenFisca keeps float32 and knows no unknown: nulls are given as 0 or no.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import resource
import time
from collections.abc import Callable
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
MONEY = ("revenue_yuan", "assets_yuan", "rd_expense_yuan", "hightech_revenue_yuan")
COUNTS = ("employees", "tech_staff", "ip_class1", "ip_class2")
LATEST_FOUNDING = np.datetime64("2025-03-01")  # 365 days before the day of the answers
Reading = Callable[[str], np.ndarray]


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
    return above / np.maximum(below, 1)


def by_scale(law: Any, name: str, value: np.ndarray) -> np.ndarray:
    return getattr(law, name).calc(value)


def by_hand(law: Any, name: str, value: np.ndarray) -> np.ndarray:
    table = getattr(law, name)
    edges, points = np.array(table.thresholds[1:], np.float32), np.array(table.amounts, np.float32)
    return points[np.searchsorted(edges, value, side="right")]


Lookup = Callable[[Any, str, np.ndarray], np.ndarray]


def measures(look: Lookup) -> dict[str, Callable[[Reading, Any], np.ndarray]]:
    return {
        "staff_share": lambda of, law: share(of("tech_staff"), of("employees")),
        "rd_share": lambda of, law: share(of("rd_expense_yuan"), of("revenue_yuan")),
        "s1": lambda of, law: look(law, "staff", of("staff_share")),
        "s2": lambda of, law: look(law, "rd", of("rd_share")),
        "s3": lambda of, law: np.where(of("ip_class1") >= 1, 30, look(law, "rights", of("ip_class2"))),
        "points": lambda of, law: of("s1") + of("s2") + of("s3"),
    }


TESTS: dict[str, Callable[[Reading, Any], np.ndarray]] = {
    "tech_sme_short__c_employees": lambda of, law: of("employees") <= law.most_employees,
    "tech_sme_short__c_revenue": lambda of, law: of("revenue_yuan") <= law.most_yuan,
    "tech_sme_short__c_assets": lambda of, law: of("assets_yuan") <= law.most_yuan,
    "tech_sme_short__c_clean": lambda of, law: ~of("has_serious_violation"),
    "tech_sme_short__c_staff_nonzero": lambda of, law: of("s1") > 0,
    "tech_sme_short__t100": lambda of, law: of("points") >= law.least_points,
    "tech_sme_short": lambda of, law: (
        of("tech_sme_short__c_employees") & of("tech_sme_short__c_revenue") & of("tech_sme_short__c_assets")
        & of("tech_sme_short__c_clean") & of("tech_sme_short__c_staff_nonzero") & of("tech_sme_short__t100")
    ),
    "hnte_short__c_age": lambda of, law: of("founded_on") <= LATEST_FOUNDING,
    "hnte_short__c_rd_small": lambda of, law: (of("revenue_yuan") <= 5e7) & (of("rd_share") >= np.float32(0.05)),
    "hnte_short__c_rd_mid": lambda of, law: (
        (of("revenue_yuan") > 5e7) & (of("revenue_yuan") <= 2e8) & (of("rd_share") >= np.float32(0.04))
    ),
    "hnte_short__c_rd_large": lambda of, law: (of("revenue_yuan") > 2e8) & (of("rd_share") >= np.float32(0.03)),
    "hnte_short__c_staff": lambda of, law: of("staff_share") >= np.float32(law.least_staff),
    "hnte_short__c_ht_revenue": lambda of, law: (
        share(of("hightech_revenue_yuan"), of("revenue_yuan")) >= np.float32(law.least_hightech)
    ),
    "hnte_short": lambda of, law: (
        of("hnte_short__c_age")
        & (of("hnte_short__c_rd_small") | of("hnte_short__c_rd_mid") | of("hnte_short__c_rd_large"))
        & of("hnte_short__c_staff") & of("hnte_short__c_ht_revenue")
    ),
}  # fmt: skip


def variable(name: str, type_: type, answer: Callable[[Reading, Any], np.ndarray] | None = None) -> type[Variable]:
    parts = {"value_type": type_, "entity": Firm, "definition_period": DateUnit.YEAR, "label": name}
    if answer is not None:
        parts["formula"] = lambda firm, period, parameters: answer(
            lambda asked: firm(asked, period), parameters(period)
        )
    return type(name, (Variable,), parts)


def system(look: Lookup) -> TaxBenefitSystem:
    made = TaxBenefitSystem([Firm])
    made.parameters = ParameterNode("", data=PARAMETERS)
    given = [(MONEY, float), (COUNTS, int), (("has_serious_violation",), bool), (("founded_on",), datetime.date)]
    made.add_variables(*(variable(name, type_) for names, type_ in given for name in names))
    made.add_variables(*(variable(name, float, answer) for name, answer in measures(look).items()))
    made.add_variables(*(variable(name, bool, answer) for name, answer in TESTS.items()))
    return made


def arrays(table: pl.DataFrame):
    """(name, values as OpenFisca keeps them), without nulls; an unknown day is NaT, and fails."""
    for name in MONEY:
        yield name, table[name].fill_null(0).to_numpy().astype(np.float32)
    for name in COUNTS:
        yield name, table[name].fill_null(0).to_numpy()
    yield "has_serious_violation", table["has_serious_violation"].fill_null(False).to_numpy()
    yield "founded_on", table["founded_on"].to_numpy().astype("datetime64[D]")


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--step", choices=("answers", "by hand", "known"), required=True)
    words.add_argument("--register", type=Path, required=True)
    words.add_argument("--times", type=int, required=True)
    words.add_argument("--out", type=Path)
    asked = words.parse_args()
    made = system(by_hand if asked.step == "by hand" else by_scale)
    begun, spent = time.perf_counter(), os.times()
    table = pl.read_parquet(
        [asked.register] * asked.times, columns=[*MONEY, *COUNTS, "has_serious_violation", "founded_on"]
    )
    if asked.step == "known":
        table = table.drop_nulls()
    simulation = SimulationBuilder().build_default_simulation(made, count=table.height)
    for name, values in arrays(table):
        simulation.set_input(name, PERIOD, values)
    found = {name: simulation.calculate(name, PERIOD) for name in TESTS}
    points = simulation.calculate("points", PERIOD)
    met = {name: int(answer.sum()) for name, answer in found.items()}
    wall, ended = time.perf_counter() - begun, os.times()
    if asked.out:
        pl.DataFrame({**found, "tech_sme_short__t100__low": points}).write_parquet(asked.out)
    cpu = ended.user + ended.system - spent.user - spent.system
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"wall": wall, "cpu": cpu, "firms": table.height, "peak_mb": peak, "met": met}))


if __name__ == "__main__":
    main()
