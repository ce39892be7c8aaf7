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


def _scored(pairs: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """Each pair with `score` and `evidence`. What is compared is said in `Evidence`; the weights are ours."""
    if "alike" not in pairs.columns:
        pairs = pairs.with_columns(alike=pl.lit(None, dtype=pl.Float64))
    own = asked.select(
        _ROW,
        "code",
        *(pl.col(part).alias(f"{part}_") for part in ("normal", "core", "form", "place", "is_branch", "above")),
    )
    both = pairs.join(own, on=_ROW)
    same_code = (pl.col("code") == pl.col(KEY)).fill_null(False)
    other_code = (pl.col("code") != pl.col(KEY)).fill_null(False)
    same_name = pl.col("normal") == pl.col("normal_")
    same_core = pl.col("core") == pl.col("core_")
    same_place = (pl.col("place") == pl.col("place_")).fill_null(False)
    within = (
        pl.col("above").list.contains(pl.col("place_")) | pl.col("above_").list.contains(pl.col("place"))
    ).fill_null(False)
    other_place = pl.col("place").is_not_null() & pl.col("place_").is_not_null() & ~same_place & ~within
    other_form = (pl.col("form") != pl.col("form_")).fill_null(False)
    branch = pl.col("is_branch") != pl.col("is_branch_")
    said = (
        pl.when(same_name)
        .then(0.99)
        .when(same_core & same_place)
        .then(0.985)
        .when(same_core)
        .then(0.97)
        .otherwise(pl.col("alike").fill_null(0.0) * 0.95)
    )
    score = said * pl.when(other_place & ~same_name).then(0.6).when(within & ~same_name).then(0.93).otherwise(1.0)
    score = (
        score * pl.when(other_form & ~same_name).then(0.985).otherwise(1.0) * pl.when(branch).then(0.6).otherwise(1.0)
    )
    score = (
        score * pl.when(pl.col("is_former")).then(0.985).otherwise(1.0) * pl.when(other_code).then(0.7).otherwise(1.0)
    )
    by_code = pl.when(score >= 0.5).then(1.0).otherwise(0.9)
    told = {
        Evidence.CODE: same_code,
        Evidence.NAME: same_name & ~pl.col("is_former"),
        Evidence.FORMER_NAME: (same_name | same_core) & pl.col("is_former"),
        Evidence.CORE: same_core & ~same_name & ~pl.col("is_former"),
        Evidence.SIMILAR: ~same_core & (pl.col("alike") > 0).fill_null(False),
        Evidence.OTHER_NAME: same_code & (score < 0.5),
        Evidence.OTHER_CODE: other_code,
        Evidence.OTHER_PLACE: other_place & ~same_name,
        Evidence.OTHER_FORM: other_form & ~same_name,
        Evidence.BRANCH: branch,
    }
    evidence = pl.concat_list(
        [pl.when(holds).then(pl.lit(each.value)) for each, holds in told.items()]
    ).list.drop_nulls()
    return both.with_columns(score=pl.when(same_code).then(by_code).otherwise(score), evidence=evidence)
