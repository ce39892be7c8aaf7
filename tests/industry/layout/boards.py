"""Small layout problems by hand or by draw, and the slow way to solve them: look at every plan there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product

import numpy as np
from hypothesis import strategies as st

from jiqun.industry.layout.judging import Plan, breaches, judge
from jiqun.industry.layout.problem import Grounds, Party, Problem, Row, Rule, RuleKind, Shape, Term


def bound(kind: RuleKind, limit: int, clusters: int, areas: int, *, is_least: bool, of: Sequence[int] = ()) -> Rule:
    """`limit` on every cluster's areas, or on every area's clusters; `of` leaves the others out."""
    every = np.arange(clusters * areas).reshape(clusters, areas)
    lines = every if kind is RuleKind.AREAS_PER_CLUSTER else every.T
    rows = tuple(Row(f"{at}", lines[at], limit) for at in (of or range(len(lines))))
    clause = "per_cluster" if kind is RuleKind.AREAS_PER_CLUSTER else "per_area"
    return Rule(f"{clause}.{'least' if is_least else 'most'}", clause, kind, is_least, limit, rows, Grounds())


def both_ways(clusters: int, areas: int, per_cluster: tuple[int, int], per_area: tuple[int, int]) -> list[Rule]:
    """The four sides of a rule like 每集群3—5个区, 每区3—5个集群."""
    kinds = ((RuleKind.AREAS_PER_CLUSTER, per_cluster), (RuleKind.CLUSTERS_PER_AREA, per_area))
    return [
        bound(kind, limits[not is_least], clusters, areas, is_least=is_least)
        for kind, limits in kinds
        for is_least in (True, False)
    ]


def settled(pair: int, *, is_fixed: bool) -> Rule:
    kind = RuleKind.FIXED if is_fixed else RuleKind.FORBIDDEN
    rows = (Row(f"{pair}", np.array([pair]), int(is_fixed)),)
    return Rule(f"{kind}.{pair}", f"{kind}.{pair}", kind, is_fixed, int(is_fixed), rows, Grounds())


def term(id_: str, values: Sequence[int], weight: Fraction = Fraction(1), shape: Shape = Shape.SUM) -> Term:
    return Term(id_, id_, weight, np.array(values, dtype=np.int64), shape=shape)


def board(clusters: int, areas: int, rules: Sequence[Rule], terms: Sequence[Term] = ()) -> Problem:
    return Problem(
        "p", "p", tuple(Party(f"c{at}", f"集群{at}") for at in range(clusters)),
        tuple(Party(f"a{at}", f"区{at}") for at in range(areas)), tuple(rules), tuple(terms),
        today=np.zeros(clusters * areas, dtype=bool),
    )  # fmt: skip


def every_plan(problem: Problem) -> Iterator[Plan]:
    """All plans that keep all rules, the best first; of equal points in no order that counts."""
    found = []
    for bits in product((False, True), repeat=problem.size):
        chosen = np.array(bits)
        if not breaches(problem, chosen):
            found.append(judge(problem, chosen))
    return iter(sorted(found, key=lambda plan: plan.points, reverse=True))


def with_rules(problem: Problem, rules: Sequence[Rule]) -> Problem:
    return Problem(problem.id, problem.name, problem.clusters, problem.areas, tuple(rules), problem.terms)


def rules_by_id(problem: Problem) -> Mapping[str, Rule]:
    return {rule.id: rule for rule in problem.rules}


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Up to 3 × 3, with bounds that are now wide, now impossible, settled pairs, a belt, land, and fairness."""
    clusters, areas = draw(st.integers(2, 3)), draw(st.integers(2, 3))
    size = clusters * areas
    small = st.integers(0, 3)
    rules = both_ways(clusters, areas, draw(st.tuples(small, small)), draw(st.tuples(small, small)))
    rules = [rule for rule in rules if draw(st.booleans())]
    for pair, is_fixed in draw(st.dictionaries(st.integers(0, size - 1), st.booleans(), max_size=2)).items():
        rules.append(settled(pair, is_fixed=is_fixed))
    if draw(st.booleans()):
        inside = np.array([c * areas for c in range(clusters)] + [c * areas + 1 for c in range(clusters)])
        row = Row("带", np.sort(inside), draw(st.integers(0, 5)))
        rules.append(Rule("belt.least", "belt", RuleKind.ZONE_TOTAL, True, row.limit, (row,), Grounds(), "带"))
    if draw(st.booleans()):
        uses = np.array(draw(st.lists(st.integers(1, 5), min_size=clusters, max_size=clusters)))
        rows = tuple(Row(f"{a}", np.arange(a, size, areas), draw(st.integers(0, 9)), uses) for a in range(areas))
        rules.append(Rule("land.most", "land", RuleKind.RESOURCE, False, None, rows, Grounds(), "用地", "亩"))
    values = st.lists(st.integers(-300, 300), min_size=size, max_size=size)
    weights = st.fractions(0, 3, max_denominator=8)
    terms = [term("fit", draw(values), draw(weights)), term("cost", draw(values), draw(weights))]
    shape = draw(st.sampled_from(Shape))
    terms.append(term("fair", [abs(value) for value in draw(values)], draw(weights), shape))
    return board(clusters, areas, rules, terms)
