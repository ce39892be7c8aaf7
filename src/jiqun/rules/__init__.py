"""One small language for thresholds, checks and formulas; its reference and the engines that agree with it.

The engines' libraries are heavy; who only parses and checks does not wait for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jiqun.rules.checking import check
from jiqun.rules.dimensions import Sort, ValueType
from jiqun.rules.evaluation import evaluate
from jiqun.rules.explanation import Explanation, explain
from jiqun.rules.parsing import parse
from jiqun.rules.printing import to_text
from jiqun.rules.tree import Expression, names

if TYPE_CHECKING:
    from jiqun.rules.in_polars import to_polars
    from jiqun.rules.in_sql import to_sqlglot

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


def __getattr__(name: str) -> Any:
    if name == "to_polars":
        from jiqun.rules.in_polars import to_polars  # noqa: PLC0415 - see above

        return to_polars
    if name == "to_sqlglot":
        from jiqun.rules.in_sql import to_sqlglot  # noqa: PLC0415

        return to_sqlglot
    raise AttributeError(name)
