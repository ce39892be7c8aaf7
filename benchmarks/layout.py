"""Layout problems solved to a proved optimum, and clashing clauses verified: `make bench-layout`.

Problems are drawn at random with bounds both ways, settled pairs, today's layout with its change cost, land, a belt and
fairness; every plan is judged again by the definition. Marks: 20 × 12 proved in 2 s, 100 × 340 in 60 s. Every clash of
problems that cannot be solved is verified: impossible as it is, possible with any one of its clauses left out.
`--peer PYTHON`: the same problems by OR-tools' CP-SAT (`layout_cpsat.py`, `pip install ortools` there), which must find
the same optimum.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import time
from fractions import Fraction
from math import lcm
from pathlib import Path

import numpy as np

from jiqun.industry.layout.conflicts import explain
from jiqun.industry.layout.judging import breaches, judge
from jiqun.industry.layout.problem import HUNDREDTHS, Grounds, Party, Problem, Row, Rule, RuleKind, Shape, Term
from jiqun.industry.layout.sensitivity import sensitivity
from jiqun.industry.layout.solving import Budget, Proof, best_plans, is_possible, solve

SIZES = {
    "20 × 12": (20, 12, (3, 5), (3, 7), 2.0),
    "100 × 340": (100, 340, (3, 12), (1, 5), 60.0),
}
_LONGEST = 300.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=5, help="problems of each size")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--peer", metavar="PYTHON", help="a Python that has OR-tools")
    parser.add_argument("--peer-draws", type=int, default=1, help="problems of each size that the peer solves too")
    parser.add_argument("--peer-seconds", type=float, default=120.0, help="the longest that the peer may take for one")
    asked = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for name, (clusters, areas, per_cluster, per_area, mark) in SIZES.items():
        for fairness in (None, Shape.SPREAD, Shape.WORST_AREA):
            measure(name, clusters, areas, (per_cluster, per_area), mark, fairness, asked)
    further(asked.seed)
    clashes(asked.draws, asked.seed)
    print(f"load {os.getloadavg()[0]:.1f}")


def measure(
    name: str, clusters: int, areas: int, bounds: tuple[tuple[int, int], tuple[int, int]], mark: float,
    fairness: Shape | None, asked: argparse.Namespace,
) -> None:  # fmt: skip
    taken, busy, gaps, peers = [], [], [], []
    for draw in range(asked.draws):
        problem = drawn(clusters, areas, bounds, fairness, np.random.default_rng([asked.seed, draw, clusters]))
        start, used = time.perf_counter(), time.process_time()
        found = solve(problem, Budget(_LONGEST))
        taken.append(time.perf_counter() - start)
        busy.append(time.process_time() - used)
        assert found.plan is not None, found.proof
        assert not breaches(problem, found.plan.chosen)
        assert judge(problem, found.plan.chosen).points == found.plan.points
        gaps.append(0.0 if found.proof is Proof.PROVED else float(found.gap or 0) / float(found.plan.points))
        if asked.peer and draw < asked.peer_draws:
            peers.append(beside(problem, found.plan.points, taken[-1], asked))
    what = {None: "no fairness", Shape.SPREAD: "spread", Shape.WORST_AREA: "max-min"}[fairness]
    said = f"median {statistics.median(taken):6.2f} s, longest {max(taken):6.2f} s (mark {mark:g} s)"
    cpu = f"CPU median {statistics.median(busy):.2f} s, most {max(busy):.2f} s"
    print(
        f"{name:10} {what:12} {asked.draws} draws: {said}, {cpu}, proved {gaps.count(0.0)}, widest gap {max(gaps):.2%}"
    )
    for line in peers:
        print(f"           {line}")


def beside(problem: Problem, points: Fraction, seconds: float, asked: argparse.Namespace) -> str:
    """What CP-SAT makes of the same problem on as many threads as there are cores; its optimum must be ours."""
    scale = lcm(*(term.weight.denominator for term in problem.terms))
    rows = [
        {"pairs": row.pairs.tolist(), "uses": [1] * len(row.pairs) if row.uses is None else row.uses.tolist(),
         "limit": row.limit, "is_least": rule.is_least or rule.kind is RuleKind.FIXED}
        for rule in problem.rules for row in rule.rows
    ]  # fmt: skip
    terms = [
        {"shape": term.shape.value, "weight": int(term.weight * scale), "values": term.values.tolist()}
        for term in problem.terms
    ]
    told = {"size": problem.size, "areas": len(problem.areas), "rows": rows, "terms": terms,
            "seconds": asked.peer_seconds, "workers": os.cpu_count()}  # fmt: skip
    script = Path(__file__).with_name("layout_cpsat.py")
    done = subprocess.run([asked.peer, script], input=json.dumps(told), capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    constant = sum((term.weight * term.constant for term in problem.terms), Fraction(0))
    ours = (points * HUNDREDTHS - constant) * scale
    if found["status"] == "OPTIMAL":
        assert found["value"] == ours, (found, ours)
        return f"CP-SAT: the same optimum in {found['seconds']:.2f} s, {found['seconds'] / seconds:.1f} times as long"
    assert found["value"] <= ours <= found["bound"], (found, ours)
    below, above = (float(abs(found[name] - ours) / ours) for name in ("value", "bound"))
    best = f"best {below:.2%} below ours" if found["status"] == "FEASIBLE" else "no plan"
    return f"CP-SAT: not proved in {found['seconds']:.0f} s: {best}, bound {above:.2%} above"


def further(seed: int) -> None:
    """The five best plans of one problem, and on what the best rests."""
    clusters, areas, per_cluster, per_area, _ = SIZES["20 × 12"]
    problem = drawn(clusters, areas, (per_cluster, per_area), Shape.SPREAD, np.random.default_rng([seed, 0, clusters]))
    start = time.perf_counter()
    plans = [one.plan for one in best_plans(problem, Budget(_LONGEST), count=5, difference=2) if one.plan]
    print(f"20 × 12    five best, two pairs apart: {time.perf_counter() - start:.2f} s")
    start = time.perf_counter()
    found = sensitivity(problem, plans[0], Budget(_LONGEST))
    said = f"{len(found.weights)} weights, {len(found.bounds)} steps of bounds"
    print(f"20 × 12    sensitivity ({said}, complete: {found.is_complete}): {time.perf_counter() - start:.2f} s")


def clashes(draws: int, seed: int) -> None:
    """Problems of several faults; every clash is taken apart again."""
    verified, taken, with_sum, total = 0, [], 0, 0
    for draw in range(draws):
        rng = np.random.default_rng([seed, draw])
        problem = broken(rng)
        start = time.perf_counter()
        found = explain(problem, Budget(_LONGEST))
        taken.append(time.perf_counter() - start)
        for clash in found.clashes:
            total += 1
            with_sum += clash.count is not None
            assert is_possible(problem, clash.rules, Budget(_LONGEST)) is False
            for rule in clash.rules:
                assert is_possible(problem, [one for one in clash.rules if one is not rule], Budget(_LONGEST))
            verified += 1
    said = f"{total} clashes, {verified} verified by deletion, {with_sum} with a sum"
    print(f"20 × 11    impossible, {draws} draws: {said}; all found in median {statistics.median(taken):.2f} s")


# --- problems


def drawn(
    clusters: int, areas: int, bounds: tuple[tuple[int, int], tuple[int, int]], fairness: Shape | None,
    rng: np.random.Generator,
) -> Problem:  # fmt: skip
    """A problem that has a plan: scores that agree within areas, today's layout drawn by score."""
    size = clusters * areas
    base = rng.beta(2, 4, (clusters, areas)) * 60 + rng.beta(2, 2, areas) * 40
    fit = np.round(base * HUNDREDTHS).astype(np.int64).ravel()
    other = rng.integers(0, 100 * HUNDREDTHS, size)
    today = np.zeros(size, dtype=bool)
    for cluster in range(clusters):
        best = np.argsort(-fit[cluster * areas : (cluster + 1) * areas] + rng.integers(0, 2000, areas))[:3]
        today[cluster * areas + best] = True
    new = np.where(today, 0, -HUNDREDTHS)
    kept = np.where(today, HUNDREDTHS, 0)
    terms = [
        Term("fit", "现有基础", Fraction(1), fit),
        Term("other", "关联", Fraction(1, 2), other),
        Term("enter", "新增", Fraction(15), new),
        Term("leave", "退出", Fraction(25), kept, constant=-int(kept.sum())),
    ]
    if fairness is not None:
        terms.append(Term("fairness", "均衡", Fraction(1, 2), fit, shape=fairness))
    rules = bounded(clusters, areas, *bounds)
    settled = rng.choice(size, size=clusters, replace=False)
    rules += [pair(int(one), is_fixed=at < clusters // 10) for at, one in enumerate(settled)]
    uses = rng.integers(1, 10, clusters)
    land = tuple(
        Row(f"区{area}", np.arange(area, size, areas), int(uses.mean() * bounds[1][1] * 1.1), uses)
        for area in range(areas)
    )
    rules.append(Rule("land.most", "land", RuleKind.RESOURCE, False, None, land, Grounds(), "用地", "亩"))
    belt = np.arange(size).reshape(clusters, areas)[:, : areas // 4].ravel()
    wanted = clusters // 2
    rules.append(Rule("belt", "belt", RuleKind.ZONE_TOTAL, True, wanted, (Row("带", belt, wanted),), Grounds(), "带"))
    return board(clusters, areas, rules, terms)


def broken(rng: np.random.Generator) -> Problem:
    """The layout rule of document 003 without its exemption, a cluster with too few areas left, a seat both ways."""
    clusters, areas = 20, 11
    rules = bounded(clusters, areas, (3, 5), (3, 5))
    shut = int(rng.integers(clusters))
    rules += [pair(shut * areas + int(area), is_fixed=False) for area in rng.permutation(areas)[: areas - 2]]
    seat = ((shut + 1) % clusters) * areas
    rules += [pair(seat, is_fixed=True), pair(seat, is_fixed=False)]
    return board(clusters, areas, rules, [])


def bounded(clusters: int, areas: int, per_cluster: tuple[int, int], per_area: tuple[int, int]) -> list[Rule]:
    every = np.arange(clusters * areas).reshape(clusters, areas)
    found = []
    for kind, lines, limits in (
        (RuleKind.AREAS_PER_CLUSTER, every, per_cluster), (RuleKind.CLUSTERS_PER_AREA, every.T, per_area),
    ):  # fmt: skip
        for limit, is_least in zip(limits, (True, False), strict=True):
            rows = tuple(Row(f"{at}", np.ascontiguousarray(line), limit) for at, line in enumerate(lines))
            found.append(Rule(f"{kind}.{is_least}", kind, kind, is_least, limit, rows, Grounds()))
    return found


def pair(at: int, *, is_fixed: bool) -> Rule:
    kind = RuleKind.FIXED if is_fixed else RuleKind.FORBIDDEN
    rows = (Row(f"{at}", np.array([at]), int(is_fixed)),)
    return Rule(f"{kind}.{at}", f"{kind}.{at}", kind, is_fixed, int(is_fixed), rows, Grounds())


def board(clusters: int, areas: int, rules: list[Rule], terms: list[Term]) -> Problem:
    return Problem(
        "drawn", "drawn", tuple(Party(f"c{at}", f"集群{at}") for at in range(clusters)),
        tuple(Party(f"a{at}", f"区{at}") for at in range(areas)), tuple(rules), tuple(terms),
        today=np.zeros(clusters * areas, dtype=bool),
    )  # fmt: skip


if __name__ == "__main__":
    main()
