"""Tables for the tests of measures."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from jiqun.industry.measures import cells
from jiqun.industry.measures.cells import Cells
from jiqun.industry.measures.results import Guards

OPEN = Guards(least_firms=0, least_areas=0)


def of_plants(plants: list[list[list[float]]]) -> Cells:
    """Cells of the plants' sizes by area and industry."""
    sizes = np.array([[sum(cell) for cell in row] for row in plants], float)
    firms = np.array([[len(cell) for cell in row] for row in plants])
    squares = np.array([sum(size**2 for row in plants for size in row[j]) for j in range(len(plants[0]))], float)
    return cells.from_table(
        [f"a{i}" for i in range(len(plants))],
        [f"i{j}" for j in range(len(plants[0]))],
        sizes,
        firms=firms,
        squares=squares,
    )


def of_sizes(rows: list[list[float]]) -> Cells:
    sizes = np.array(rows, float)
    return cells.from_table([f"a{i}" for i in range(len(sizes))], [f"i{j}" for j in range(sizes.shape[1])], sizes)


@st.composite
def plants(
    draw: st.DrawFn, areas: tuple[int, int] = (2, 5), industries: tuple[int, int] = (2, 4)
) -> list[list[list[float]]]:
    """Sizes of plants by area and industry; no industry and no area is empty."""
    a, i = draw(st.integers(*areas)), draw(st.integers(*industries))
    size = st.integers(1, 1000).map(float)
    made = [[draw(st.lists(size, max_size=4)) for _ in range(i)] for _ in range(a)]
    for row in made:
        if not any(row):
            row[0] = [draw(size)]
    for j in range(i):
        if not any(row[j] for row in made):
            made[0][j] = [draw(size)]
    return made
