"""What every concept of a folder shares: frozen, closed to unknown keys, and with a stated confidence."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Confidence(StrEnum):
    """`HIGH`: seen in a source; `MEDIUM`: well known, not seen; `LOW`: unsure, never shown without a warning."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Concept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Sourced(Concept):
    source: str | None = None  # id in sources.yaml
    confidence: Confidence = Confidence.HIGH
    note: str = ""
