"""Layout problems solved by OR-tools' CP-SAT: run by `benchmarks/layout.py --peer PYTHON` in a Python that has it.

Reads a problem as JSON from standard input and writes what it found as JSON: value, bound, whether proved, seconds. The
model is made from the rules and terms as they are defined, not from what Jiqun hands to its own solver.
"""

from __future__ import annotations

import json
import sys
import time

from ortools.sat.python import cp_model


def main() -> None:
    told = json.load(sys.stdin)
    model = cp_model.CpModel()
    chosen = [model.new_bool_var(f"x{at}") for at in range(told["size"])]
    for row in told["rows"]:
        total = cp_model.LinearExpr.weighted_sum([chosen[at] for at in row["pairs"]], row["uses"])
        model.add(total >= row["limit"] if row["is_least"] else total <= row["limit"])
    model.maximize(sum(worth(model, chosen, term, told) for term in told["terms"]))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = told["seconds"]
    solver.parameters.num_workers = told["workers"]
    start = time.perf_counter()
    status = solver.solve(model)
    found = {
        "status": solver.status_name(status), "value": round(solver.objective_value),
        "bound": round(solver.best_objective_bound), "seconds": time.perf_counter() - start,
    }  # fmt: skip
    json.dump(found, sys.stdout)


def worth(model: cp_model.CpModel, chosen: list, term: dict, told: dict):
    """A term's whole weight times its value: a sum over all pairs, the worst area's, or the worst's less the best's."""
    every = range(told["size"])
    if term["shape"] == "sum":
        return cp_model.LinearExpr.weighted_sum(chosen, [term["weight"] * term["values"][at] for at in every])
    sums = []
    for area in range(told["areas"]):
        own = range(area, told["size"], told["areas"])
        sums.append(cp_model.LinearExpr.weighted_sum([chosen[at] for at in own], [term["values"][at] for at in own]))
    most = sum(abs(value) for value in term["values"])
    worst, best = (model.new_int_var(-most, most, name) for name in ("worst", "best"))
    for own in sums:
        model.add(worst <= own)
        model.add(best >= own)
    return term["weight"] * (worst if term["shape"] == "worst_area" else worst - best)


if __name__ == "__main__":
    main()
