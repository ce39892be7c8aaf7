"""Verdicts of tiers on the firms of a snapshot, kept as a file: the firms' own columns for lists beside every answer.

The file carries the purpose its firms were collected for, and is read through the same wall as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

from jiqun.enterprises import snapshots, tiers
from jiqun.enterprises.columns import KEY
from jiqun.enterprises.names import normal_form
from jiqun.enterprises.register import Firms
from jiqun.model.purposes import Purpose
from jiqun.packs import City

FORM = 3  # of the file: a run of another form is no answer
SEARCHED = "searched"  # the name and former names in normal form, with | between
RUN = "classify_firms"  # the kind of run that writes them
LISTED = (
    KEY, "name", "former_names", "area_id", "industry_code", "status", "founded_on", "revenue_yuan", "employees",
    "titles",
)  # fmt: skip


def write(firms: Firms, city: City, tier_ids: Sequence[str], on: date, path: Path) -> tuple[int, str]:
    """How many firms the file at `path` holds, and its SHA-256: what `listed` gives and the answers of `classify`.

    Raises Forbidden for firms read for statistics, NotFound for a tier without an edition on the day.
    """
    marks = {
        "purpose": firms.collected_for.value, "day": f"{firms.day}", "figures_year": f"{firms.figures_year}",
        "is_invented": f"{firms.is_invented}".lower(),
    }  # fmt: skip
    rows = replace(firms, rows=firms.rows.with_columns(_searched()))
    answers = tiers.filed(rows, city, tier_ids, on, (*LISTED, SEARCHED))
    digest = snapshots.write_file(answers, path, marks)
    return snapshots.height(path), digest


def listed(firms: Firms) -> pl.LazyFrame:
    """The columns `LISTED` and `SEARCHED`, of firms that were not judged."""
    return firms.rows.select(*LISTED, _searched())


def _searched() -> pl.Expr:
    former = normal_form(pl.col("former_names").list.join("|"))
    return pl.concat_str(normal_form(pl.col("name")), former, separator="|", ignore_nulls=True).alias(SEARCHED)


def read(path: Path, use: Purpose) -> pl.LazyFrame:
    """What `write` wrote, the answers as `classify` gives them.

    Raises Forbidden where the firms were collected for a purpose that does not allow `use`.
    """
    return tiers.read_classified(snapshots.scan_for(path, use))
