"""city.yaml and lexicon.yaml: who the city is, and the settings that its judgements use."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import Field

from jiqun.packs.schema.concept import Concept


class DatedValue(Concept):
    """A threshold: its value, the day it holds from, its unit and source (law 11)."""

    value: Decimal
    valid_from: date | None = None
    unit: str = ""
    source: str | None = None
    note: str = ""


class CitySettings(Concept):
    """`city.yaml`. Dated settings are lists; the last whose `valid_from` is not after the day asked for holds."""

    id: str
    name: str
    name_en: str = ""
    extends: str | None = None
    edition: str = "1"
    area_id: str | None = None  # the area this folder is about
    language: str = "zh-hans"
    main_series: str | None = None  # the cluster catalogue that pages show unless asked for another
    settings: dict[str, tuple[DatedValue, ...]] = Field(default_factory=dict)
    # used: about_tolerance_pct (左右), behind_pct and far_behind_pct (fall short of the path), near_due_days


class Lexicon(Concept):
    """Words that extraction and linking need and that belong to the place, not to the language."""

    area_words: dict[str, str] = Field(default_factory=dict)  # 全市 → area id
    names_with_numbers: tuple[str, ...] = ()  # 1+3功能区, 千人计划: never claims
    units: tuple[str, ...] = ()  # extra counters, 灯塔
    synonyms: dict[str, str] = Field(default_factory=dict)  # 规上 → 规模以上
