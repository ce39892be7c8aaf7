"""Which areas resemble the ones beside them: as a sheet, and value by value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from jiqun.industry.measures.resemblance import Resemblance
from jiqun.industry.measures.results import DEFINITIONS
from jiqun.tables import Value
from jiqun.tables.xlsx import Column, Kind, Page

_DIGITS = 6


def weights_said(found: Resemblance | None) -> str:
    """By which areas are compared, in words."""
    if found is None:
        return "城市资料夹没有写明哪些区域相邻（neighbours.csv），未计算"
    return f"按城市资料夹写明的相邻区域（neighbours.csv），每个区域的相邻区域权重相等；{found.compared} 个区域参加比较"


def verdict_record(found: Resemblance, a: int, g: int) -> dict[str, Any]:
    """q and what is said, of one area and industry."""
    q = found.q[a, g]
    said = found.verdict(a, g)
    return {"q": None if np.isnan(q) else float(q), "verdict": said.value, "verdict_label": said.label}


def page(found: Resemblance, names: Sequence[str], groups: Mapping[int, tuple[str, str]], own: Sequence[int]) -> Page:
    """Rows of the areas `own` with what is known of them; `names` of all areas, `groups` (place → id, name) told."""
    columns = [
        Column("区域"), Column("产业编号"), Column("产业", width=30), Column("相邻区域数", Kind.INTEGER),
        Column(DEFINITIONS["local_moran"].name, Kind.NUMBER, "0.000"), Column("本区域"), Column("相邻区域"),
        Column("p（两侧）", Kind.NUMBER, "0.0000"), Column("q", Kind.NUMBER, "0.0000"),
        Column("q 最小可能", Kind.NUMBER, "0.0000"), Column("结论", width=22), Column("原因", width=30),
    ]  # fmt: skip
    rows = [_row(found, (names[a], *of), a, g) for g, of in groups.items() for a in own]
    return Page("局部莫兰指数", columns, rows, title=f"区位商与相邻区域相比；{weights_said(found)}")


def _row(found: Resemblance, head: tuple[str, str, str], a: int, g: int) -> list[Value]:
    one = found.local.at(a, g)
    high, high_around = quarter_words(int(found.quarter[a, g]))
    p = None if found.local.p is None else found.local.p[a, g]
    return [
        *head, Decimal(int(found.beside[a])), _number(one.value), high, high_around, _number(p),
        _number(found.q[a, g]), _number(found.least_q[a, g]), found.verdict(a, g).label,
        one.reason.label if one.reason else None,
    ]  # fmt: skip


def quarter_words(quarter: int) -> tuple[str | None, str | None]:
    """高 or 低, of the area and of those beside it; None where unknown."""
    return {1: ("高", "高"), 2: ("低", "高"), 3: ("低", "低"), 4: ("高", "低")}.get(quarter, (None, None))


def document(found: Resemblance | None) -> dict[str, Any] | None:
    """For machines: by which weights and how it was tested; values and verdicts stand among the others."""
    if found is None:
        return None
    return {
        "weights": "neighbours.csv", "compared": found.compared, "permutations": found.test.permutations,
        "fdr": found.test.fdr, "seed": found.test.seed,
    }  # fmt: skip


def _number(value: float | None) -> Decimal | None:
    return None if value is None or np.isnan(value) else Decimal(f"{value:.{_DIGITS}f}")
