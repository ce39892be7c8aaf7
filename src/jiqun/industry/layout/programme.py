"""Mixed-integer programmes solved by HiGHS, with a first answer worked out before where a programme is large.

A large one is first relaxed. Columns whose reduced cost is far from zero hardly ever leave the bound they have there,
so that what is left, the core (Balas & Zemel 1980), is soon solved with the others held; its answer is handed to the
whole programme, which then has only to prove it or to better it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

_LARGE = 5_000  # columns; below, HiGHS is as quick without a first answer
_CORE = 0.07  # of the columns
_HEURISTICS = ("rins", "rens", "root_reduced_cost", "feasibility_jump", "zi_round", "shifting")
_Vector = NDArray[np.float64]


class State(StrEnum):
    OPTIMAL = "optimal"
    STOPPED = "stopped"  # time ran out, or the solver gave up
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, eq=False)
class Programme:
    """The least `cost` @ x with `rows_low` ≤ `matrix` @ x ≤ `rows_high`, `low` ≤ x ≤ `high`, x whole where `whole`."""

    cost: _Vector
    matrix: csr_array
    rows_low: _Vector
    rows_high: _Vector
    low: _Vector
    high: _Vector
    whole: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Answer:
    """`values` are None where none were found; no x costs less than `bound`. `prices`: reduced costs, if relaxed."""

    state: State
    values: _Vector | None
    bound: float
    seconds: float
    prices: _Vector | None = None


def solved(programme: Programme, seconds: float) -> Answer:
    """The least cost, proved, or the best that was found in the time."""
    spent, first = 0.0, None
    if len(programme.cost) > _LARGE:
        relaxed = _run(replace(programme, whole=np.zeros_like(programme.whole)), seconds)
        spent = relaxed.seconds
        if relaxed.state is State.OPTIMAL and relaxed.values is not None and relaxed.prices is not None:
            first, core = _by_core(programme, relaxed.values, relaxed.prices, seconds - spent)
            spent += core
    found = _run(programme, seconds - spent, first)
    return replace(found, seconds=found.seconds + spent)


def _by_core(programme: Programme, values: _Vector, prices: _Vector, seconds: float) -> tuple[_Vector | None, float]:
    """An answer in which all but the core of the whole columns are as relaxed, None where there is none; seconds."""
    count = int(_CORE * len(prices))
    far = np.abs(prices) > np.partition(np.abs(prices), count)[count]
    held = far & programme.whole & (np.abs(values - np.round(values)) < 1e-9)
    taken = programme.matrix[:, held] @ np.round(values[held])
    part = Programme(
        programme.cost[~held], csr_array(programme.matrix[:, ~held]), programme.rows_low - taken,
        programme.rows_high - taken, programme.low[~held], programme.high[~held], programme.whole[~held],
    )  # fmt: skip
    found = _run(part, seconds)
    if found.values is None:
        return None, found.seconds
    whole = np.round(values)
    whole[~held] = found.values
    return whole, found.seconds


def _run(programme: Programme, seconds: float, first: _Vector | None = None) -> Answer:
    solver = highspy._Highs()  # type: ignore[attr-defined]  # the wrapper around it prints a banner
    options: dict[str, object] = {
        "output_flag": False, "time_limit": max(seconds, 0.0), "mip_rel_gap": 0.0, "parallel": "off",
    }  # fmt: skip
    if first is not None:  # what looks for a first answer takes longer than to prove it
        options |= {"mip_heuristic_effort": 0.0, **{f"mip_heuristic_run_{name}": False for name in _HEURISTICS}}
    for name, value in options.items():
        solver.setOptionValue(name, value)
    solver.passModel(_model(programme))
    if first is not None:
        start = highspy.HighsSolution()
        start.col_value = first.tolist()
        solver.setSolution(start)
    solver.run()
    return _read(solver, programme)


def _model(programme: Programme) -> highspy.HighsLp:
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(programme.cost), len(programme.rows_low)
    model.col_cost_, model.col_lower_, model.col_upper_ = programme.cost, programme.low, programme.high
    model.row_lower_, model.row_upper_ = programme.rows_low, programme.rows_high
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_ = programme.matrix.indptr, programme.matrix.indices
    model.a_matrix_.value_ = programme.matrix.data.astype(np.float64)
    if programme.whole.any():
        kinds = highspy.HighsVarType
        model.integrality_ = [kinds.kInteger if whole else kinds.kContinuous for whole in programme.whole]
    return model


def _read(solver: highspy._Highs, programme: Programme) -> Answer:  # type: ignore[name-defined]
    known, status, told = highspy.HighsModelStatus, solver.getModelStatus(), solver.getInfo()
    seconds = float(solver.getRunTime())
    if status in (known.kInfeasible, known.kUnboundedOrInfeasible):  # our programmes have no way without end
        return Answer(State.IMPOSSIBLE, None, np.inf, seconds)
    has_values = told.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    solution = solver.getSolution()
    values = np.array(solution.col_value, np.float64) if has_values else None
    is_whole = bool(programme.whole.any())
    bound = float(told.mip_dual_bound if is_whole else told.objective_function_value)
    prices = None if is_whole or not has_values else np.array(solution.col_dual, np.float64)
    return Answer(State.OPTIMAL if status == known.kOptimal else State.STOPPED, values, bound, seconds, prices)
