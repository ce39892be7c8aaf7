"""Sources: who published a figure or rule, when, and whether we saw the original."""

from __future__ import annotations

from datetime import date
from typing import Literal

from jiqun.packs.schema.concept import Concept, Confidence


class Source(Concept):
    """`issuer` is the original issuer; `seen_as` reprint means 据转载，未核对原文."""

    id: str
    title: str
    issuer: str = ""
    number: str = ""  # 文号
    published_on: date | None = None
    is_date_inferred: bool = False  # the day is the latest the source allows, not one it prints
    seen_as: Literal["original", "reprint", "not_seen"] = "original"
    url: str | None = None


class Figure(Concept):
    """One row of `data/*.csv`: a published value. The printed text of the number is kept.

    `cluster_id`: of the edition it was said of; pages recast it to others.
    """

    indicator_id: str
    area_id: str
    cluster_id: str | None = None
    period: str
    value: str
    unit: str
    value_kind: Literal["exact", "about", "at_least", "preliminary", "final"] = "exact"
    is_preferred: bool = True
    source_id: str
    confidence: Confidence = Confidence.HIGH
    note: str = ""


class FolderDocument(Concept):
    """A document that comes with the folder, in `documents/`, listed in `documents/index.yaml`."""

    file: str
    title: str
    is_restatement: bool = True  # 演示重述，非原文
    official_source: str = ""
    number: str = ""
    issuer: str = ""
    issued_on: date | None = None
