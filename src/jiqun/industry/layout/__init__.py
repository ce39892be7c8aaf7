"""Which districts for which clusters: the best plans proved, or the clauses that clash named; pure functions.

`examine` asks everything of a folder's layout at once; `building` makes a problem of it, `judging` defines what a
plan is worth and what it breaks, `solving`, `conflicts` and `sensitivity` answer, `words` says it.
"""

from jiqun.industry.layout.building import Adopted, Measured, Trial, build
from jiqun.industry.layout.examining import Examination, examine
from jiqun.industry.layout.problem import Problem

__all__ = ["Adopted", "Examination", "Measured", "Problem", "Trial", "build", "examine"]
