"""Names and codes of dirty tables against the register: candidates with scores and evidence, for a person to choose.

Nothing is merged here. Candidates come from three looks (same code, same name, same core) and, for rows these leave
open, from the rarest characters and pairs of characters that two names share. A score is not a probability; how often
each verdict is right is measured in `benchmarks/matching.py`.
"""

from __future__ import annotations

from enum import StrEnum
from math import log

import polars as pl

from jiqun.enterprises import identity, names
from jiqun.enterprises.columns import KEY
from jiqun.enterprises.names import Places
from jiqun.enterprises.register import Firms
from jiqun.packs import City

_ROW = "row"
_RAREST = 7  # grams of a name by which candidates are looked up
_CANDIDATES = 250  # kept for scoring
_COMMON = 2_000  # a gram in more cores than this is looked up only where a name has none rarer
_TWIN_SCORE = 0.93  # registered names differ for a reason: a town within the city is another place
_TWINS = 20  # firms of one core above which the core says nothing


class Evidence(StrEnum):
    CODE = "code"
    NAME = "name"
    FORMER_NAME = "former_name"
    CORE = "core"
    SIMILAR = "similar"
    OTHER_CODE = "other_code"
    OTHER_PLACE = "other_place"
    OTHER_FORM = "other_form"
    BRANCH = "branch"
    OTHER_NAME = "other_name"

    @property
    def label(self) -> str:
        return _LABELS[self.value]


_LABELS = {
    "code": "统一社会信用代码相同",
    "name": "名称相同（不计全半角、括号和空格）",
    "former_name": "与曾用名相符",
    "core": "字号和行业相同",
    "similar": "字号和行业相近",
    "other_code": "代码不同",
    "other_place": "名称里的地名不同",
    "other_form": "组织形式不同",
    "branch": "一方是分支机构",
    "other_name": "代码相同而名称不同，可能已更名，也可能代码有误",
}


class Verdict(StrEnum):
    """`CERTAIN`: nothing speaks against it and no other comes near; `LIKELY`: to be looked at; `POSSIBLE`: a hint."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


def match(dirty: pl.DataFrame, firms: Firms, city: City, *, limit: int = 5) -> pl.DataFrame:
    """For each row of `dirty` (columns name, and uscc if it has one) up to `limit` firms, best first.

    Columns: row (number in `dirty` from 0), rank, uscc, name, score (0 to 1), verdict, evidence (list). Rows that
    nothing resembles do not appear.
    """
    known = names.places(city)
    asked = _parts(dirty.with_row_index(_ROW).lazy(), known).with_columns(_code(dirty)).collect()
    index = _index(firms, known)
    sure = _exact(asked, index)
    settled = _scored(sure, asked).filter(pl.col("score") >= 0.9)[_ROW].unique()
    open_ = asked.filter(~pl.col(_ROW).is_in(settled.implode()))
    pairs = pl.concat([sure, _resembling(open_, index)], how="diagonal_relaxed")
    best = _scored(pairs, asked).sort(_ROW, "score", KEY, descending=[False, True, False])
    best = best.unique([_ROW, KEY], keep="first", maintain_order=True).filter(pl.col("score") >= 0.4)
    ranked = best.with_columns(rank=pl.int_range(pl.len()).over(_ROW) + 1, second=pl.col("score").shift(-1).over(_ROW))
    top = pl.col("score").first().over(_ROW), pl.col("second").first().over(_ROW).fill_null(0.0)
    is_certain = (pl.col("rank") == 1) & (pl.col("score") >= 0.97) & (top[0] - top[1] >= 0.05)
    verdict = (
        pl.when(is_certain).then(pl.lit(Verdict.CERTAIN.value))
        .when(pl.col("score") >= 0.75).then(pl.lit(Verdict.LIKELY.value))
        .otherwise(pl.lit(Verdict.POSSIBLE.value))
    )  # fmt: skip
    shown = (_ROW, "rank", KEY, "name", pl.col("score").round(4), verdict.alias("verdict"), "evidence")
    return ranked.filter(pl.col("rank") <= limit).select(shown)


def duplicates(firms: Firms, city: City) -> pl.DataFrame:
    """Pairs of firms that may be one: uscc, name, other, other_name, score, evidence; best first. Proposals only."""
    index = _index(firms, names.places(city)).filter(~pl.col("is_former"))
    common = index.group_by("core").len().filter(pl.col("len").is_between(2, _TWINS)).select("core")
    some = index.join(common, on="core", how="semi").collect().with_row_index(_ROW)
    asked = some.rename({KEY: "other", "name": "other_name"}).with_columns(code=pl.lit(None, dtype=pl.String))
    pairs = some.drop(_ROW).join(asked.select(_ROW, "core", "other"), on="core").filter(pl.col(KEY) < pl.col("other"))
    scored = _scored(pairs.drop("other"), asked)
    found = scored.join(asked.select(_ROW, "other", "other_name"), on=_ROW).filter(pl.col("score") >= _TWIN_SCORE)
    return found.select(KEY, "name", "other", "other_name", pl.col("score").round(4), "evidence").sort(
        "score", KEY, "other", descending=[True, False, False]
    )


# --- what is compared


def _parts(rows: pl.LazyFrame, known: Places) -> pl.LazyFrame:
    normal = pl.col("normal")
    return rows.with_columns(normal=names.normal_form(pl.col("name"))).with_columns(
        core=names.core(normal, known),
        form=names.form(normal),
        place=names.place(normal, known),
        is_branch=names.is_branch(normal),
        above=names.place(normal, known).replace_strict(
            list(known.above), list(known.above.values()), default=None, return_dtype=pl.List(pl.String)
        ),
    )


def _code(dirty: pl.DataFrame) -> pl.Expr:
    """The row's code where it has one that is sound."""
    if KEY not in dirty.columns:
        return pl.lit(None, dtype=pl.String).alias("code")
    code = pl.col(KEY).str.normalize("NFKC").str.replace_all(r"[\s\-'`]+", "").str.to_uppercase()
    return pl.when(identity.is_valid(code)).then(code).alias("code")


def _index(firms: Firms, known: Places) -> pl.LazyFrame:
    """Every name that a firm bears or bore, with its parts."""
    now = firms.rows.select(KEY, "name", pl.lit(False).alias("is_former"))
    old = firms.rows.select(KEY, pl.col("former_names").alias("name"), pl.lit(True).alias("is_former")).explode("name")
    return _parts(pl.concat([now, old.filter(pl.col("name").is_not_null())]), known)


def _exact(asked: pl.DataFrame, index: pl.LazyFrame) -> pl.DataFrame:
    rows = asked.lazy()
    by_code = rows.filter(pl.col("code").is_not_null()).select(_ROW, pl.col("code").alias(KEY))
    by_name = rows.select(_ROW, "normal")
    by_core = rows.select(_ROW, "core")
    found = [
        index.join(by_code, on=KEY).collect(engine="streaming"),
        index.join(by_name, on="normal").collect(engine="streaming"),
        index.join(by_core, on="core").collect(engine="streaming"),
    ]
    return pl.concat(found, how="diagonal_relaxed").unique([_ROW, KEY, "normal"])


def _grams(rows: pl.DataFrame, key: str) -> pl.DataFrame:
    """key, gram: the characters of each core and its pairs of neighbours, each once, as 64-bit marks."""
    letters = rows.select(key, letter=pl.col("core").str.split("")).explode("letter")
    follows = pl.col(key).shift(-1) == pl.col(key)
    pairs = letters.select(key, letter=pl.when(follows).then(pl.col("letter") + pl.col("letter").shift(-1)))
    whole = pl.concat([letters, pairs]).filter(pl.col("letter").is_not_null())
    return whole.select(key, gram=pl.col("letter").hash()).unique()


def _resembling(open_: pl.DataFrame, index: pl.LazyFrame) -> pl.DataFrame:
    """The firms whose cores share the rarest grams with each open row, with `alike`: how much of both is shared.

    `alike` is Dice's coefficient with grams weighed by the logarithm of how rare they are among the firms.
    """
    if open_.is_empty():
        return pl.DataFrame(schema={_ROW: pl.UInt32, KEY: pl.String, "alike": pl.Float64})
    entries = index.collect(engine="streaming").with_row_index("entry")
    ours, theirs = _grams(open_, _ROW), _grams(entries, "entry")
    frequency = theirs.group_by("gram").agg(times=pl.len())
    weight = (pl.lit(log(entries.height + 1)) - pl.col("times").fill_null(0.5).log()).alias("weight")
    ours = ours.join(frequency, on="gram", how="left").with_columns(weight)
    keys = (
        ours.filter((pl.col("times") <= _COMMON) | (pl.col("times") == pl.col("times").min().over(_ROW)))
        .sort(_ROW, "times")
        .group_by(_ROW, maintain_order=True)
        .head(_RAREST)
    )
    hits = (
        keys.select(_ROW, "gram", "weight").join(theirs, on="gram").group_by(_ROW, "entry").agg(pl.col("weight").sum())
    )
    likely = (
        hits.sort(_ROW, "weight", "entry", descending=[False, True, False])
        .group_by(_ROW, maintain_order=True)
        .head(_CANDIDATES)
    )
    their = (
        theirs.join(likely.select("entry").unique(), on="entry", how="semi")
        .join(frequency, on="gram")
        .with_columns(weight)
    )
    shared = likely.select(_ROW, "entry").join(their, on="entry").join(ours.select(_ROW, "gram"), on=[_ROW, "gram"])
    both = shared.group_by(_ROW, "entry").agg(shared=pl.col("weight").sum())
    mine = ours.group_by(_ROW).agg(mine=pl.col("weight").sum())
    other = their.group_by("entry").agg(other=pl.col("weight").sum())
    pairs = both.join(mine, on=_ROW).join(other, on="entry")
    alike = (2 * pl.col("shared") / (pl.col("mine") + pl.col("other"))).alias("alike")
    return pairs.select(_ROW, "entry", alike).join(entries, on="entry").drop("entry")


# --- scores


# What speaks for a pair: the score it gives. What speaks against it: a factor. The weights are ours.
_FOR = {"same_name": 0.99, "same_core_and_place": 0.985, "same_core": 0.97}
_ALIKE = 0.95
_AGAINST = {
    Evidence.OTHER_PLACE: 0.6,
    Evidence.BRANCH: 0.6,
    Evidence.OTHER_CODE: 0.7,
    Evidence.OTHER_FORM: 0.985,
    Evidence.FORMER_NAME: 0.985,
}
_WITHIN = 0.93  # one name says the city, the other a town in it


def _scored(pairs: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """Each pair with `score` and `evidence`; the same code decides, unless the names have nothing in common."""
    if "alike" not in pairs.columns:
        pairs = pairs.with_columns(alike=pl.lit(None, dtype=pl.Float64))
    compared = ("normal", "core", "form", "place", "is_branch", "above")
    both = pairs.join(asked.select(_ROW, "code", *(pl.col(part).alias(f"{part}_") for part in compared)), on=_ROW)
    holds = _holds()
    same_place = (pl.col("place") == pl.col("place_")).fill_null(False)
    said = (
        pl.when(pl.col("normal") == pl.col("normal_")).then(_FOR["same_name"])
        .when((pl.col("core") == pl.col("core_")) & same_place).then(_FOR["same_core_and_place"])
        .when(pl.col("core") == pl.col("core_")).then(_FOR["same_core"])
        .otherwise(pl.col("alike").fill_null(0.0) * _ALIKE)
    )  # fmt: skip
    score = said * pl.when(_is_within() & (pl.col("normal") != pl.col("normal_"))).then(_WITHIN).otherwise(1.0)
    for against, factor in _AGAINST.items():
        score = score * pl.when(holds[against]).then(factor).otherwise(1.0)
    scored = both.with_columns(score=score)
    holds[Evidence.OTHER_NAME] = holds[Evidence.CODE] & (pl.col("score") < 0.5)
    evidence = pl.concat_list([pl.when(holds[each]).then(pl.lit(each.value)) for each in Evidence]).list.drop_nulls()
    by_code = pl.when(pl.col("score") >= 0.5).then(1.0).otherwise(0.9)
    return scored.with_columns(
        score=pl.when(holds[Evidence.CODE]).then(by_code).otherwise(pl.col("score")), evidence=evidence
    )


def _holds() -> dict[Evidence, pl.Expr]:
    """What of a pair is so, each null-free; but for `OTHER_NAME`, which follows from the score."""
    same_name = pl.col("normal") == pl.col("normal_")
    same_core = pl.col("core") == pl.col("core_")
    is_former = pl.col("is_former")
    both_places = pl.col("place").is_not_null() & pl.col("place_").is_not_null()
    return {
        Evidence.CODE: (pl.col("code") == pl.col(KEY)).fill_null(False),
        Evidence.NAME: same_name & ~is_former,
        Evidence.FORMER_NAME: (same_name | same_core) & is_former,
        Evidence.CORE: same_core & ~same_name & ~is_former,
        Evidence.SIMILAR: ~same_core & (pl.col("alike") > 0).fill_null(False),
        Evidence.OTHER_CODE: (pl.col("code") != pl.col(KEY)).fill_null(False),
        Evidence.OTHER_PLACE: both_places & (pl.col("place") != pl.col("place_")) & ~_is_within() & ~same_name,
        Evidence.OTHER_FORM: (pl.col("form") != pl.col("form_")).fill_null(False) & ~same_name,
        Evidence.BRANCH: pl.col("is_branch") != pl.col("is_branch_"),
    }


def _is_within() -> pl.Expr:
    """Whether one name's place lies in the other's."""
    one, other = pl.col("above").list.contains(pl.col("place_")), pl.col("above_").list.contains(pl.col("place"))
    return (one | other).fill_null(False)
