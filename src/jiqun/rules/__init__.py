"""One small language for thresholds, checks and formulas; its reference and the engines that agree with it."""

from jiqun.rules.checking import check
from jiqun.rules.dimensions import Sort, ValueType
from jiqun.rules.evaluation import evaluate
from jiqun.rules.explanation import Explanation, explain
from jiqun.rules.in_polars import to_polars
from jiqun.rules.in_sql import to_sqlglot
from jiqun.rules.parsing import parse
from jiqun.rules.printing import to_text
from jiqun.rules.tree import Expression, names

__all__ = [
    "Explanation",
    "Expression",
    "Sort",
    "ValueType",
    "check",
    "evaluate",
    "explain",
    "names",
    "parse",
    "to_polars",
    "to_sqlglot",
    "to_text",
]
