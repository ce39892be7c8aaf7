"""Firms of one register that may be one firm under two codes: proposals by name, and what people decided of them.

    registers/<register>.twins/<number>.json   one decision each, in the order they were made; the last of a pair holds

Nothing is merged here: a decision is a mark, and the register's keeper merges with the next table or leaves it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import polars as pl

from jiqun.enterprises.columns import KEY
from jiqun.enterprises.names import core, normal_form
from jiqun.enterprises.register import Firms, Register
from jiqun.model import files
from jiqun.model.errors import EnvironmentFailed, UsageError

_SUFFIX = ".twins"
_MANY = 20  # firms of one name above which the name says nothing
_SHORTEST = 4  # characters of a core that says anything
SCORES = {"name": 0.99, "former_name": 0.95, "core": 0.85}
EVIDENCE = {"name": "名称相同，代码不同", "former_name": "一方的曾用名是另一方的名称", "core": "字号、行业和区域相同"}


class Verdict(StrEnum):
    """`OPEN` takes an earlier decision back."""

    SAME = "same"
    DIFFERENT = "different"
    OPEN = "open"

    @property
    def label(self) -> str:
        return {"same": "是同一家", "different": "不是同一家", "open": "待定"}[self.value]


@dataclass(frozen=True)
class Decision:
    """`one` < `other`, codes; `kept`: of a same pair the code to go by, "" otherwise."""

    one: str
    other: str
    verdict: Verdict
    kept: str
    actor: str
    reason: str
    decided_at: datetime

    def __post_init__(self) -> None:
        if not self.one < self.other:
            raise UsageError("两家企业的代码须不同，小的在前")
        if self.kept not in ((self.one, self.other) if self.verdict is Verdict.SAME else ("",)):
            raise UsageError("认定为同一家时，须选定以哪个代码为准")


def proposals(firms: Firms) -> pl.DataFrame:
    """Pairs that may be one firm, the surest first: one, other (codes, one < other), evidence, score.

    A pair of which one says that it went into another firm is no proposal: that is known.
    """
    rows = firms.rows.filter(pl.col("merged_into_uscc").is_null()).select(
        KEY, "area_id", normal=normal_form(pl.col("name")), former="former_names"
    )
    named = rows.with_columns(core=core(pl.col("normal"))).collect(engine="streaming")
    former = named.select(KEY, normal="former").explode("normal").drop_nulls()
    former = former.with_columns(normal_form(pl.col("normal")))
    long = named.filter((pl.col("core").str.len_chars() >= _SHORTEST) & pl.col("area_id").is_not_null())
    found = [
        _pairs(named, named, ["normal"], "name"),
        _pairs(former, named, ["normal"], "former_name"),
        _pairs(long, long, ["core", "area_id"], "core"),
    ]
    best = pl.concat(found).sort("score", descending=True).unique(["one", "other"], keep="first", maintain_order=True)
    return best.sort(pl.col("score"), "one", "other", descending=[True, False, False])


def _pairs(left: pl.DataFrame, right: pl.DataFrame, by: list[str], evidence: str) -> pl.DataFrame:
    few = right.filter(pl.len().over(by) <= _MANY)
    joined = left.select(KEY, *by).join(few.select(pl.col(KEY).alias("theirs"), *by), on=by)
    both = joined.filter(pl.col(KEY) != pl.col("theirs"))
    return both.select(
        one=pl.min_horizontal(KEY, "theirs"), other=pl.max_horizontal(KEY, "theirs"), evidence=pl.lit(evidence),
        score=pl.lit(SCORES[evidence]),
    ).unique()  # fmt: skip


def decisions(register: Register) -> dict[tuple[str, str], Decision]:
    """What holds of each pair that was ever decided. Raises EnvironmentFailed for a damaged decision."""
    held: dict[tuple[str, str], Decision] = {}
    for path in _files(register):
        try:
            said = json.loads(path.read_text("utf-8"))
            said |= {"verdict": Verdict(said["verdict"]), "decided_at": datetime.fromisoformat(said["decided_at"])}
            found = Decision(**said)
        except OSError as wrong:
            raise EnvironmentFailed(f"{path.name} 读不了：{files.why(wrong)}") from wrong
        except (ValueError, KeyError, TypeError) as wrong:
            raise EnvironmentFailed(f"{path.name} 已损坏；请从备份恢复") from wrong
        held[found.one, found.other] = found
    return held


def decide(register: Register, decision: Decision) -> tuple[int, str]:
    """The number of the decision and the digest of its file, which stands whole or not at all."""
    folder = _root(register)
    number = len(_files(register)) + 1
    fields = asdict(decision) | {"decided_at": decision.decided_at.isoformat()}
    content = json.dumps(fields, ensure_ascii=False, sort_keys=True).encode()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        half = folder / f".half-{number:06}.json"
        half.write_bytes(content)
        half.replace(folder / f"{number:06}.json")
    except OSError as wrong:
        raise EnvironmentFailed(f"决定写不了：{files.why(wrong)}") from wrong
    return number, hashlib.sha256(content).hexdigest()


def _root(register: Register) -> Path:
    return register.folder.with_name(register.name + _SUFFIX)


def _files(register: Register) -> list[Path]:
    root = _root(register)
    return sorted(path for path in root.glob("*.json") if path.name[0] != ".") if root.is_dir() else []
