"""What other systems are given: the figures known on a day, and their structure, as SDMX messages."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from jiqun.model.errors import NotFound
from jiqun.reports.figures import known_figures
from jiqun.reports.view import View
from jiqun.statistics import sdmx

FILES = ("figures.csv", "figures.xml", "structure.json", "structure.xml")
_TYPES = {
    "figures.csv": "application/vnd.sdmx.data+csv; version=2.0.0; charset=utf-8",
    "figures.xml": "application/vnd.sdmx.genericdata+xml; version=2.1",
    "structure.json": "application/vnd.sdmx.structure+json; version=2.0.0",
    "structure.xml": "application/vnd.sdmx.structure+xml; version=2.1",
}


@dataclass(frozen=True)
class Message:
    """One file to hand out, with its media type."""

    name: str
    content: bytes
    media_type: str


def message(view: View, name: str) -> Message:
    """The file of `FILES`. Raises NotFound for another name, EnvironmentFailed where pysdmx is needed and missing."""
    if name not in FILES:
        raise NotFound(f"没有“{name}”，可取：{'、'.join(FILES)}")
    kind, _, ending = name.partition(".")
    if kind == "structure":
        text = sdmx.write_structure(view.city, "json" if ending == "json" else "xml")
    else:
        text = sdmx.write(known(view), view.city, "csv" if ending == "csv" else "xml")
    return Message(name, text.encode(), _TYPES[name])


def known(view: View) -> pl.DataFrame:
    """Figures known by the day, in the columns of `sdmx.FIGURES` and the order of their keys.

    A source outside the folder (a document, an office's table) has no code and is given as none. Of several figures
    that then have one key, the preferred one goes out, else the one known last: a receiver holds one number a key.
    """
    order = ("indicator_id", "area_id", "cluster_id", "period", "measure", "source_id", "value_kind")
    found: dict[tuple[str | None, ...], tuple[str | None, ...]] = {}
    for row in known_figures(view).order_by("is_preferred", "known_on", "pk"):
        source = row.source_id if row.source_id in view.city.sources else None
        key = (row.indicator_id, row.area_id, row.cluster_id, row.period, row.measure or None, source, row.value_kind)
        found[key] = (
            row.indicator_id, row.area_id, row.cluster_id, row.measure or None, source, row.period, row.value_text,
            row.unit, row.value_kind,
        )  # fmt: skip
    frame = pl.DataFrame(list(found.values()), schema=sdmx.FIGURES, orient="row")
    return frame.sort(order, nulls_last=False)
