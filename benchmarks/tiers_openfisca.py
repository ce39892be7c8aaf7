"""科技型中小企业 and the fixed clauses of 高新技术企业 in OpenFisca-core (AGPL, a peer, never imported by Jiqun).

Run by `tiers.py --peer`, in a process of its own. Each clause, the points table and each verdict is a variable, as
OpenFisca's authors write reasons: what is asked for is computed once and kept. The days are those of
`tiers_steps.ON`. OpenFisca keeps float32, rounds 200,000,007 元 to 200,000,000, and knows no unknown: nulls are given
as 0 or no. NumPy's `searchsorted` stands in place of its scales (`SingleAmountTaxScale`), which ask more of a row.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import resource
import time
from collections.abc import Callable

import numpy as np
import polars as pl
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

Firm = build_entity(key="firm", plural="firms", label="firm", is_person=True)
PERIOD = "2025"
YEARLY = ("sales_revenue_yuan", "rd_expense_yuan", "rd_expense_domestic_yuan")
NUMBERS = (
    "assets_yuan", "total_cost_yuan", "revenue_yuan", "hightech_revenue_yuan",
    *(f"{name}{tail}" for name in YEARLY for tail in ("", "_prev1", "_prev2")),
)  # fmt: skip
COUNTS = ("employees", "tech_staff", "ip_class1", "ip_class2", "standards_led", "national_st_award_rank")
TRUTHS = (
    "is_registered_in_mainland", "has_prohibited_products", "has_serious_violation", "has_hnte_certificate",
    "has_national_st_award", "has_core_ip", "is_in_key_field",
)  # fmt: skip
DAYS = ("founded_on", "hnte_valid_to")
WORDS = ("rd_institution_level",)
Reading = Callable[[str], np.ndarray]


def steps(value: np.ndarray, edges: list[float], points: list[int]) -> np.ndarray:
    return np.array(points, dtype=np.float32)[np.searchsorted(np.array(edges, np.float32), value, side="right")]


def share(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return above / np.maximum(below, 1)


def total(of: Reading, name: str) -> np.ndarray:
    """Over three years, those left out that had ended before the firm was founded."""
    founded = of("founded_on")
    before = np.where(founded <= np.datetime64("2024-12-31"), of(f"{name}_prev1"), 0)
    return of(name) + before + np.where(founded <= np.datetime64("2023-12-31"), of(f"{name}_prev2"), 0)


def points(of: Reading) -> np.ndarray:
    by_sales = steps(of("rd_by_sales"), [0.02, 0.03, 0.04, 0.05, 0.06], [0, 10, 20, 30, 40, 50])
    rd_by_cost = share(of("rd_expense_yuan"), of("total_cost_yuan"))
    by_cost = steps(rd_by_cost, [0.1, 0.15, 0.2, 0.25, 0.3], [0, 10, 20, 30, 40, 50])
    rights = np.where(of("ip_class1") >= 1, 30, steps(of("ip_class2"), [1, 2, 3, 4], [0, 6, 12, 18, 24]))
    staff = steps(of("staff_share"), [0.1, 0.15, 0.2, 0.25, 0.3], [0, 4, 8, 12, 16, 20])
    return staff + np.maximum(by_sales, by_cost) + rights


MEASURES: dict[str, Callable[[Reading], np.ndarray]] = {
    "staff_share": lambda of: share(of("tech_staff"), of("employees")),
    "rd_by_sales": lambda of: share(of("rd_expense_yuan"), of("sales_revenue_yuan")),
    "rd_total": lambda of: total(of, "rd_expense_yuan"),
    "rd_by_sales_total": lambda of: share(of("rd_total"), total(of, "sales_revenue_yuan")),
    "tech_sme__t100__low": points,
}
TESTS: dict[str, Callable[[Reading], np.ndarray]] = {
    "tech_sme__c_resident": lambda of: of("is_registered_in_mainland"),
    "tech_sme__c_employees": lambda of: of("employees") <= 500,
    "tech_sme__c_sales": lambda of: of("sales_revenue_yuan") <= 2e8,
    "tech_sme__c_assets": lambda of: of("assets_yuan") <= 2e8,
    "tech_sme__c_catalogue": lambda of: ~of("has_prohibited_products"),
    "tech_sme__c_clean": lambda of: ~of("has_serious_violation"),
    "tech_sme__c_staff_nonzero": lambda of: of("staff_share") >= np.float32(0.1),
    "tech_sme__d_hnte": lambda of: of("has_hnte_certificate") & (of("hnte_valid_to") >= np.datetime64("2026-03-01")),
    "tech_sme__d_award": lambda of: of("has_national_st_award") & (of("national_st_award_rank") <= 3),
    "tech_sme__d_rd_org": lambda of: (of("rd_institution_level") == 2) | (of("rd_institution_level") == 1),
    "tech_sme__d_standard": lambda of: of("standards_led") >= 1,
    "tech_sme__t100": lambda of: of("tech_sme__t100__low") >= 60,
    "tech_sme": lambda of: (
        of("tech_sme__c_resident") & of("tech_sme__c_employees") & of("tech_sme__c_sales") & of("tech_sme__c_assets")
        & of("tech_sme__c_catalogue") & of("tech_sme__c_clean")
        & (
            (of("tech_sme__t100") & of("tech_sme__c_staff_nonzero"))
            | of("tech_sme__d_hnte") | of("tech_sme__d_award") | of("tech_sme__d_rd_org") | of("tech_sme__d_standard")
        )
    ),
    "hnte__c_age": lambda of: of("founded_on") <= np.datetime64("2025-03-01"),
    "hnte__c_core_ip": lambda of: of("has_core_ip"),
    "hnte__c_field": lambda of: of("is_in_key_field"),
    "hnte__c_staff": lambda of: of("staff_share") >= np.float32(0.1),
    "hnte__c_rd_small": lambda of: (of("sales_revenue_yuan") <= 5e7) & (of("rd_by_sales_total") >= np.float32(0.05)),
    "hnte__c_rd_mid": lambda of: (
        (of("sales_revenue_yuan") > 5e7) & (of("sales_revenue_yuan") <= 2e8)
        & (of("rd_by_sales_total") >= np.float32(0.04))
    ),
    "hnte__c_rd_large": lambda of: (of("sales_revenue_yuan") > 2e8) & (of("rd_by_sales_total") >= np.float32(0.03)),
    "hnte__c_rd_domestic": lambda of: (
        share(total(of, "rd_expense_domestic_yuan"), of("rd_total")) >= np.float32(0.6)
    ),
    "hnte__c_ht_revenue": lambda of: share(of("hightech_revenue_yuan"), of("revenue_yuan")) >= np.float32(0.6),
    "hnte__c_clean": lambda of: ~of("has_serious_violation"),
    "hnte": lambda of: (
        of("hnte__c_age") & of("hnte__c_core_ip") & of("hnte__c_field") & of("hnte__c_staff")
        & (of("hnte__c_rd_small") | of("hnte__c_rd_mid") | of("hnte__c_rd_large"))
        & of("hnte__c_rd_domestic") & of("hnte__c_ht_revenue") & of("hnte__c_clean")
    ),
}  # fmt: skip


def variable(name: str, type_: type, answer: Callable[[Reading], np.ndarray] | None = None) -> type[Variable]:
    parts = {"value_type": type_, "entity": Firm, "definition_period": DateUnit.YEAR, "label": name}
    if answer is not None:
        parts["formula"] = lambda firm, period: answer(lambda asked: firm(asked, period))
    return type(name, (Variable,), parts)


def variables() -> list[type[Variable]]:
    given = [(NUMBERS, float), (COUNTS, int), (TRUTHS, bool), (DAYS, datetime.date), (WORDS, int)]
    made = [variable(name, type_) for names, type_ in given for name in names]
    made += [variable(name, float, answer) for name, answer in MEASURES.items()]
    return made + [variable(name, bool, answer) for name, answer in TESTS.items()]


def arrays(table: pl.DataFrame):
    """(name, values as OpenFisca keeps them), without nulls."""
    for name in NUMBERS:
        yield name, table[name].fill_null(0).to_numpy().astype(np.float32)
    for name in COUNTS:
        yield name, table[name].fill_null(9999 if name == "national_st_award_rank" else 0).to_numpy()
    for name in TRUTHS:
        yield name, table[name].fill_null(False).to_numpy()
    for name in DAYS:
        yield name, table[name].to_numpy().astype("datetime64[D]")  # an unknown day is NaT, and fails
    for name in WORDS:
        national, provincial = (table[name] == level for level in ("national", "provincial"))
        yield name, (national.cast(pl.Int32) * 2 + provincial.cast(pl.Int32)).fill_null(0).to_numpy()


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--register")
    words.add_argument("--times", type=int)
    words.add_argument("--step", help="as the other steps are called; there is one")
    asked = words.parse_args()
    system = TaxBenefitSystem([Firm])
    system.add_variables(*variables())
    begun, spent = time.perf_counter(), os.times()
    table = pl.read_parquet([asked.register] * asked.times, columns=[*NUMBERS, *COUNTS, *TRUTHS, *DAYS, *WORDS])
    loaded = time.perf_counter() - begun
    simulation = SimulationBuilder().build_default_simulation(system, count=table.height)
    for name, values in arrays(table):
        simulation.set_input(name, PERIOD, values)
    inputs = time.perf_counter() - begun
    met = {name: int(simulation.calculate(name, PERIOD).sum()) for name in TESTS}
    wall, ended = time.perf_counter() - begun, os.times()
    cpu = ended.user + ended.system - spent.user - spent.system
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {"wall": wall, "cpu": cpu, "firms": table.height, "peak_mb": peak, "met": met}
    print(json.dumps(told | {"loaded": loaded, "inputs": inputs}))


if __name__ == "__main__":
    main()
