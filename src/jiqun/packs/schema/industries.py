"""GB/T 4754 industries, and the tables that lead from them to other classifications."""

from __future__ import annotations

import datetime
from typing import Literal, get_args

from pydantic import Field

from jiqun.packs.schema.concept import Sourced

Share = Literal["full", "partial"]  # partial: only part of the class counts, never count all of it


class Industry(Sourced):
    """One row of `industries.csv`. Empty flag: the class does not belong there at all."""

    code: str  # A, 01, 011, 0111
    level: int = Field(ge=1, le=4)  # 门类、大类、中类、小类
    name: str
    parent_code: str | None = None
    hightech_mfg: Share | None = None  # 高技术产业（制造业）分类（2017）
    hightech_svc: Share | None = None  # 高技术产业（服务业）分类（2018）
    sei: Share | None = None  # 战略性新兴产业分类（2018）
    digital_core: Share | None = None  # 数字经济核心产业（2021）
    ip_intensive: Share | None = None  # 知识产权（专利）密集型产业（2019）


class Derived(Sourced):
    """An industry made of classes of GB/T 4754 (战略性新兴产业 …), as one edition of a classification has it.

    Editions share a `series`; each holds from `valid_from` until the next one begins. Rows of the crosswalk count where
    every column of `where` has its value. `group_column` and `group_name_column` part it into groups.
    """

    id: str
    series: str
    name: str
    name_en: str = ""
    valid_from: datetime.date | None = None
    where: dict[str, str] = Field(default_factory=dict)
    group_column: str = ""
    group_name_column: str = ""


class Crosswalk(Sourced):
    """One entry of `crosswalks/index.yaml`: a CSV beside it with columns of its own.

    `columns` are exactly those of the file, in order; `code_column` holds codes of `industries.csv`. A crosswalk that
    `derives` industries says in its column `match` whether a class counts whole (full) or in part (partial).
    """

    id: str
    file: str
    name: str
    columns: tuple[str, ...]
    code_column: str = "gb_code"
    derives: tuple[Derived, ...] = ()


MATCHES: tuple[str, ...] = get_args(Share)
