"""科技型中小企业 and the fixed clauses of 高新技术企业 in OpenFisca-core (AGPL, a peer, never imported by Jiqun).

Run by `tiers.py --peer`. OpenFisca keeps float32 and knows no unknown: nulls are given as 0.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time

import numpy as np
import polars as pl
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

Firm = build_entity(key="firm", plural="firms", label="firm", is_person=True)
PERIOD = "2025"
NUMBERS = (
    "employees", "tech_staff", "assets_yuan", "total_cost_yuan", "ip_class1", "ip_class2", "standards_led",
    "revenue_yuan", "hightech_revenue_yuan",
    *(f"{name}{tail}" for name in ("sales_revenue_yuan", "rd_expense_yuan", "rd_expense_domestic_yuan")
      for tail in ("", "_prev1", "_prev2")),
)  # fmt: skip
TRUTHS = (
    "is_registered_in_mainland", "has_prohibited_products", "has_serious_violation", "has_hnte_certificate",
    "has_core_ip", "is_in_key_field",
)  # fmt: skip


def given(name: str, type_: type) -> type[Variable]:
    parts = {"value_type": type_, "entity": Firm, "definition_period": DateUnit.YEAR, "label": name}
    return type(name, (Variable,), parts)


def ladder(value: np.ndarray, edges: list[float], points: list[int]) -> np.ndarray:
    return np.array(points)[np.searchsorted(edges, value, side="right")]


class tech_sme(Variable):  # noqa: N801
    value_type, entity, definition_period, label = bool, Firm, DateUnit.YEAR, "科技型中小企业"

    def formula(firm, period):  # noqa: N805
        def of(name):
            return firm(name, period)

        staff = of("tech_staff") / np.maximum(of("employees"), 1)
        rd, sales, cost = of("rd_expense_yuan"), of("sales_revenue_yuan"), of("total_cost_yuan")
        by_sales = ladder(rd / np.maximum(sales, 1), [0.02, 0.03, 0.04, 0.05, 0.06], [0, 10, 20, 30, 40, 50])
        by_cost = ladder(rd / np.maximum(cost, 1), [0.1, 0.15, 0.2, 0.25, 0.3], [0, 10, 20, 30, 40, 50])
        rights = np.where(of("ip_class1") >= 1, 30, ladder(of("ip_class2"), [1, 2, 3, 4], [0, 6, 12, 18, 24]))
        points = (
            ladder(staff, [0.1, 0.15, 0.2, 0.25, 0.3], [0, 4, 8, 12, 16, 20]) + np.maximum(by_sales, by_cost) + rights
        )
        fixed = (
            of("is_registered_in_mainland") & ~of("has_prohibited_products") & ~of("has_serious_violation")
            & (of("employees") <= 500) & (sales <= 2e8) & (of("assets_yuan") <= 2e8)
        )  # fmt: skip
        straight = of("has_hnte_certificate") | (of("standards_led") >= 1)
        return fixed & (((points >= 60) & (staff >= 0.1)) | straight)


class hnte(Variable):  # noqa: N801
    value_type, entity, definition_period, label = bool, Firm, DateUnit.YEAR, "高新技术企业（专家打分除外）"

    def formula(firm, period):  # noqa: N805
        def of(name):
            return firm(name, period)

        def total(name):
            return of(name) + of(f"{name}_prev1") + of(f"{name}_prev2")

        sales = of("sales_revenue_yuan")
        share = total("rd_expense_yuan") / np.maximum(total("sales_revenue_yuan"), 1)
        least = np.select([sales <= 5e7, sales <= 2e8], [0.05, 0.04], 0.03)
        domestic = total("rd_expense_domestic_yuan") / np.maximum(total("rd_expense_yuan"), 1)
        return (
            of("has_core_ip") & of("is_in_key_field") & ~of("has_serious_violation") & (share >= least)
            & (domestic >= 0.6) & (of("tech_staff") >= 0.1 * of("employees"))
            & (of("hightech_revenue_yuan") >= 0.6 * of("revenue_yuan"))
        )  # fmt: skip


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--register")
    words.add_argument("--times", type=int)
    asked = words.parse_args()
    system = TaxBenefitSystem([Firm])
    system.add_variables(
        *(given(name, float) for name in NUMBERS), *(given(name, bool) for name in TRUTHS), tech_sme, hnte
    )
    begun, spent = time.perf_counter(), os.times()
    table = pl.read_parquet([asked.register] * asked.times, columns=[*NUMBERS, *TRUTHS])
    simulation = SimulationBuilder().build_default_simulation(system, count=table.height)
    for name in NUMBERS:
        simulation.set_input(name, PERIOD, table[name].fill_null(0).to_numpy().astype(np.float32))
    for name in TRUTHS:
        simulation.set_input(name, PERIOD, table[name].fill_null(False).to_numpy())
    for name in ("tech_sme", "hnte"):
        simulation.calculate(name, PERIOD).sum()
    ended = os.times()
    cpu = ended.user + ended.system - spent.user - spent.system
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"wall": time.perf_counter() - begun, "cpu": cpu, "firms": table.height, "peak_mb": peak}))


if __name__ == "__main__":
    main()
