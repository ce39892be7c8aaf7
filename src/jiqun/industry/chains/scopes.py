"""A business scope (经营范围) taken apart: which things it names, and whether they are made, served or only traded.

"工业机器人的研发、制造；数控机床销售（不含制造）" names 工业机器人 as made, 数控机床 as traded. What stands in
brackets with 不含 or 除外 is no thing of the firm, nor what "X用" is used for; that is kept as the use.
A service is its own thing: 机床维修 is not the making of 机床.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.resources import files

import polars as pl
import yaml

_WORDS = {
    name: tuple(words.split())
    for name, words in yaml.safe_load(files(__package__).joinpath("words.yaml").read_text("utf-8")).items()
}
NAMES_NOTHING = frozenset(_WORDS["names_nothing"])
ACTIVITIES = ("make", "serve", "trade")
_JOINTS = "、和及与或/"


def any_of(words: Sequence[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


_OUT = any_of(_WORDS["excluded_by"])
_BRACKETED_OUT = rf"\([^()]*(?:{_OUT})[^()]*\)"
_OUT_CLAUSE = rf"^(?:{_OUT})"
_VERBS = any_of([word for name in ACTIVITIES for word in _WORDS[name]])
_AND = rf"{any_of(_WORDS['tails'])}|[{_JOINTS}\s]"


def _ending(verbs: str) -> str:
    return rf"(?:{verbs}|{_AND})*(?:{verbs})[\s的等]*$"


_TAIL = _ending(_VERBS)
_HEAD = rf"^[^:,]*?((?:{_VERBS})+)[\s的等]*(?:\([^()]*\))?:"
_THIN_TAIL = _ending(any_of([*_WORDS["trade"], "服务"]))
_BEFORE_USE = "".join(sorted({word[-2] for word in _WORDS["not_a_use"]}))
_USE = rf"^(.{{1,11}}[^{_BEFORE_USE}的])用的?(.{{2,}})$"


def folded(text: pl.Expr) -> pl.Expr:
    """The text in one width and case: ＡＧＶ is agv, （ is (."""
    return text.str.normalize("NFKC").str.to_lowercase()


def things(scopes: pl.DataFrame) -> pl.DataFrame:
    """One row for each thing that a scope names, from rows `firm` (any integer) and `text` (null: nothing is said).

    Columns: firm; thing, without its verbs; use, what it is said to be for ("" where nothing); make, serve, trade:
    what is done with it, all False where no verb says.
    """
    clauses = (
        scopes.lazy()
        .drop_nulls("text")
        .with_columns(folded(pl.col("text")).str.replace_all(_BRACKETED_OUT, "").str.replace_all(r"[()\[\]]", ";"))
        .with_columns(sentence=pl.col("text").str.replace_all(r"[;。\n]+", ";").str.split(";"))
        .select("firm", "sentence")
        .explode("sentence")
        .with_columns(head=pl.col("sentence").str.extract(_HEAD, 1).fill_null(""))
        .with_columns(clause=pl.col("sentence").str.replace_all(r"[,:]+", ";").str.split(";"))
        .select("firm", "head", "clause")
        .explode("clause")
        .with_columns(pl.col("clause").str.strip_chars(" 、.“”\"'"))
        .filter((pl.col("clause").str.len_chars() > 1) & ~pl.col("clause").str.contains(_OUT_CLAUSE))
        .filter(~pl.col("clause").is_in(_WORDS["empty"]))
        .with_columns(tail=pl.col("clause").str.extract(rf"({_TAIL})").fill_null(""))
        # what a list before a colon does is done with what stands behind it: 模具制造：注塑模、压铸模
        .with_columns(tail=pl.when(pl.col("tail") == "").then("head").otherwise("tail"))
        .with_columns(pl.col("tail").str.contains(any_of(_WORDS[name])).alias(name) for name in ACTIVITIES)
        .with_columns(
            thing=pl.when("make")
            .then(pl.col("clause").str.replace(_TAIL, ""))
            .otherwise(pl.col("clause").str.replace(_THIN_TAIL, ""))
        )
        .with_columns(thing=pl.when(pl.col("thing") == "").then("clause").otherwise("thing"))
    )
    parts = pl.col("thing").str.replace_all(rf"[{_JOINTS}]", "、").str.split("、")
    return (
        clauses.with_columns(thing=parts)
        .explode("thing")
        .with_columns(pl.col("thing").str.strip_chars(" 的等“”"))
        .filter(pl.col("thing").str.len_chars() > 1)
        .with_columns(use=pl.col("thing").str.extract(_USE, 1).fill_null(""))
        .with_columns(thing=pl.coalesce(pl.col("thing").str.extract(_USE, 2), "thing"))
        .select("firm", "thing", "use", *ACTIVITIES)
        .collect()
    )
