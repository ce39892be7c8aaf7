"""Verdicts of tiers on the firms of a snapshot, kept as a file: the firms' own columns for lists beside every answer.

The file carries the purpose its firms were collected for, and is read through the same wall as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from jiqun.enterprises import snapshots, tiers
from jiqun.enterprises.columns import KEY
from jiqun.enterprises.register import Firms
from jiqun.model.purposes import Purpose
from jiqun.packs import City

RUN = "classify_firms"  # the kind of run that writes them
LISTED = (
    KEY, "name", "former_names", "area_id", "industry_code", "status", "founded_on", "revenue_yuan", "employees",
    "titles",
)  # fmt: skip


def write(firms: Firms, city: City, tier_ids: Sequence[str], on: date, path: Path) -> tuple[int, str]:
    """How many firms the file at `path` holds, and its SHA-256: the columns `LISTED` and the answers of `classify`.

    Raises Forbidden for firms read for statistics, NotFound for a tier without an edition on the day.
    """
    marks = {
        "purpose": firms.collected_for.value, "day": f"{firms.day}", "figures_year": f"{firms.figures_year}",
        "is_invented": f"{firms.is_invented}".lower(),
    }  # fmt: skip
    digest = snapshots.write_file(tiers.classify(firms, city, tier_ids, on, LISTED), path, marks)
    return snapshots.height(path), digest


def read(path: Path, use: Purpose) -> pl.LazyFrame:
    """What `write` wrote. Raises Forbidden where the firms were collected for a purpose that does not allow `use`."""
    return snapshots.scan_for(path, use)
