"""A form as the workbook offices know (官方表式): written, read back from whatever became of it, returned with marks.

`write` makes the grid of one respondent, `read` finds its cells again by their printed codes, names and heads, and
`mark` gives the same file back with the doubtful cells coloured and the reasons beside them. A cell that cannot be
told apart for certain is not read and is told: no number ever changes in silence.
"""

from jiqun.statistics.grid.marking import REASONS, mark
from jiqun.statistics.grid.reading import Stated, Taken, read
from jiqun.statistics.grid.writing import Heading, write

__all__ = ["REASONS", "Heading", "Stated", "Taken", "mark", "read", "write"]
