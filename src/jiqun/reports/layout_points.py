"""What a plan of a layout earns, term by term, as a page prints it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from jiqun.industry.layout import Examination, words
from jiqun.industry.layout.judging import Plan
from jiqun.industry.layout.problem import HUNDREDTHS, Term
from jiqun.reports.layout_clauses import Basis, basis
from jiqun.reports.view import View


@dataclass(frozen=True, slots=True)
class TermRow:
    name: str
    weight: str
    amount: str
    points: str
    today: str
    unknown: int
    is_invented: bool
    basis: Basis


def terms(view: View, found: Examination, plan: Plan | None) -> tuple[TermRow, ...]:
    """What the plan shown earns by every term, beside today's; empty without a plan."""
    if plan is None:
        return ()
    return tuple(
        TermRow(
            term.name, words.number(term.weight), _amount(plan.amounts[term.id]), _earned(term, plan),
            _earned(term, found.today) if found.today else "",
            int((plan.chosen & term.unknown).sum()) if term.unknown is not None else 0, term.is_invented,
            basis(view, term.grounds),
        )
        for term in found.problem.terms
    )  # fmt: skip


def _amount(amount: int) -> str:
    return words.number(Fraction(amount, HUNDREDTHS))


def _earned(term: Term, plan: Plan) -> str:
    return words.number(term.weight * plan.amounts[term.id] / HUNDREDTHS)
