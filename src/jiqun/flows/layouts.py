"""Layouts solved for the command line: every problem of a folder, as records that a program can read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from jiqun.industry.layout import Adopted, Examination, examine, words
from jiqun.industry.layout.conflicts import Conflict
from jiqun.industry.layout.examining import SECONDS
from jiqun.industry.layout.judging import Plan
from jiqun.industry.layout.problem import HUNDREDTHS, Grounds, Problem, Rule
from jiqun.industry.layout.sensitivity import Sensitivity
from jiqun.industry.layout.solving import Solution
from jiqun.model.errors import NotFound
from jiqun.packs import City
from jiqun.packs.schema.layouts import Layout
from jiqun.reports.layout_firms import Measures, measures

Record = dict[str, Any]


def layouts_of(city: City, layout_id: str = "") -> tuple[Layout, ...]:
    """The folder's layout problems, or the one of that id. Raises NotFound where there is none."""
    if layout_id and layout_id not in city.layouts:
        raise NotFound(f"没有布局问题“{layout_id}”（已有：{'、'.join(city.layouts) or '无'}）")
    if not city.layouts:
        raise NotFound(f"城市文件夹“{city.id}”的 layouts/ 里没有布局问题")
    return tuple(one for one in city.layouts.values() if layout_id in ("", one.id))


def plan_layouts(
    city: City,
    on: date,
    *,
    layout_id: str = "",
    registers: Path | None = None,
    adopted: Mapping[str, Adopted] | None = None,
    seconds: float = SECONDS,
    step: Callable[[], None] = lambda: None,
) -> Iterator[tuple[Layout, Examination]]:
    """Every layout problem with its examination, `seconds` at most for each; `step` is called after each.

    Measured scores come from the register of firms below `registers`; without one they are left out, and told.
    `adopted`: by layout, the plan in force (`adopted_layouts`): the change is counted from it.
    """
    for layout in layouts_of(city, layout_id):
        told = measures(registers, city, layout, on) if registers is not None else Measures(None, "")
        today = (adopted or {}).get(layout.id)
        found = examine(city, layout, on, measured=told.figures, adopted=today, seconds=seconds)
        yield layout, told.told_in(found)
        step()


def layout_record(layout: Layout, found: Examination, on: date) -> Record:
    """One examination as plain data. Points are numbers, pairs are ids; texts are Chinese."""
    problem, first = found.problem, found.solutions[0]
    return {
        "layout": layout.id,
        "name": layout.name,
        "as_of": f"{on}",
        "status": found.proof.value,
        "proof": words.proof_words(first),
        "points": _points(first.plan),
        "bound": _float(first.bound),
        "gap": _float(first.gap),
        "seconds": round(found.seconds, 3),
        "clusters": [_party(one) for one in problem.clusters],
        "areas": [_party(one) for one in problem.areas],
        "is_area_list_assumed": layout.is_area_list_assumed,
        "places": {"least": found.window[0], "most": found.window[1]} if found.window else None,
        "rules": [_rule(rule) for rule in problem.rules],
        "exemptions": [
            {
                "id": one.group.id, "cluster_ids": [party.id for party in one.group.clusters], "is_on": one.is_on,
                "is_needed": one.is_needed, "finding": words.exemption_words(one), **_grounds(one.group.grounds),
            }
            for one in found.exemptions
        ],
        "today": _today(found),
        "plans": [_plan(problem, one) for one in found.plans],
        "conflict": _conflict(found.conflict) if found.conflict else None,
        "sensitivity": _sensitivity(found.sensitivity) if found.sensitivity else None,
        "notices": list(problem.notices),
    }  # fmt: skip


def layout_lines(layout: Layout, found: Examination) -> list[str]:
    """One examination in lines for a person."""
    problem = found.problem
    lines = [f"{layout.name}：{len(problem.clusters)} 个集群，{len(problem.areas)} 个区，{found.seconds:.1f} 秒"]
    lines += [f"  {words.exemption_words(one)}" for one in found.exemptions]
    if found.today is not None and problem.adopted_on is not None:
        points, broken = words.number(found.today.points), len(found.broken_today)
        lines.append(f"  已采用的方案（自 {problem.adopted_on} 起）：{points} 分，不合规定 {broken} 处；改动从它算起")
    for at, one in enumerate(found.plans, start=1):
        assert one.plan is not None
        places = f"{words.number(one.plan.points)} 分，{int(one.plan.chosen.sum())} 个落位"
        lines.append(f"  方案{at}：{places}；{words.proof_words(one)}")
        grid = problem.grid(one.plan.chosen)
        for row, cluster in zip(grid, problem.clusters, strict=True) if at == 1 else ():
            areas = [area.name for area, is_here in zip(problem.areas, row, strict=True) if is_here]
            lines.append(f"    {cluster.name}：{'、'.join(areas) or '（无）'}")
    if not found.plans:
        lines.append(f"  {words.PROOFS[found.proof]}")
    if found.conflict is not None:
        lines += [f"  抵触：{words.clash_words(clash)}" for clash in found.conflict.clashes]
        lines += [f"  {words.loosening_words(one)}" for one in found.conflict.loosenings]
    return [*lines, *(f"  {notice}" for notice in problem.notices)]


def _party(party: Any) -> Record:
    return {"id": party.id, "name": party.name} | ({"group": party.group} if party.group else {})


def _grounds(grounds: Grounds) -> Record:
    return {
        "words": grounds.words, "article": grounds.article, "source": grounds.source,
        "is_assumed": grounds.is_assumed, "confidence": grounds.confidence.value,
    }  # fmt: skip


def _rule(rule: Rule) -> Record:
    return {"id": rule.id, "kind": rule.kind.value, "says": words.clause(rule), **_grounds(rule.grounds)}


def _plan(problem: Problem, one: Solution) -> Record:
    assert one.plan is not None
    chosen = one.plan.chosen
    return {
        "status": one.proof.value,
        "points": _points(one.plan),
        "gap": _float(one.gap),
        "seconds": round(one.seconds, 3),
        "pairs": _pairs(problem, chosen.nonzero()[0]),
        "enters": _pairs(problem, (chosen & ~problem.today).nonzero()[0]),
        "leaves": _pairs(problem, (problem.today & ~chosen).nonzero()[0]),
        "terms": _terms(problem, one.plan),
    }


def _pairs(problem: Problem, pairs: Any) -> list[Record]:
    found = (problem.parties(pair) for pair in pairs)
    return [{"cluster_id": cluster.id, "area_id": area.id} for cluster, area in found]


def _terms(problem: Problem, plan: Plan) -> list[Record]:
    return [
        {
            "id": term.id, "name": term.name, "weight": float(term.weight),
            "amount": plan.amounts[term.id] / HUNDREDTHS,
            "points": float(term.weight * plan.amounts[term.id] / HUNDREDTHS),
            "unknown_pairs": int((plan.chosen & term.unknown).sum()) if term.unknown is not None else 0,
            "is_invented": term.is_invented,
        }
        for term in problem.terms
    ]  # fmt: skip


def _today(found: Examination) -> Record | None:
    if found.today is None:
        return None
    since = found.problem.adopted_on
    return {
        "adopted_on": f"{since}" if since else None,
        "points": _points(found.today),
        "pairs": _pairs(found.problem, found.today.chosen.nonzero()[0]),
        "breaches": [words.breach_words(one) for one in found.broken_today],
    }


def _conflict(found: Conflict) -> Record:
    return {
        "clashes": [
            {
                "rule_ids": [rule.id for rule in clash.rules],
                "says": words.clash_words(clash),
                "needed": clash.count.needed if clash.count else None,
                "room": clash.count.room + clash.count.spare if clash.count else None,
            }
            for clash in found.clashes
        ],
        "remedies": [[rule.id for rule in one] for one in found.remedies],
        "loosenings": [
            {"rule_id": one.rule.id, "limit": one.limit, "says": words.loosening_words(one)} for one in found.loosenings
        ],
        "is_complete": found.is_complete,
        "is_settled": found.is_settled,
    }


def _sensitivity(found: Sensitivity) -> Record:
    return {
        "weights": [
            {
                "id": one.term.id, "weight": float(one.term.weight), "low": float(one.low), "high": float(one.high),
                "is_replaced_below": one.below is not None, "is_replaced_above": one.above is not None,
                "says": words.weight_words(one),
            }
            for one in found.weights
        ],
        "bounds": [
            {
                "rule_id": one.rule.id, "limit": one.limit, "is_possible": one.plan is not None,
                "gain": _float(one.gain), "moved": one.moved, "says": words.bound_words(one),
            }
            for one in found.bounds
        ],
        "is_complete": found.is_complete,
    }  # fmt: skip


def _points(plan: Plan | None) -> float | None:
    return None if plan is None else float(plan.points)


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
