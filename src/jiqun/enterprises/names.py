"""Names of firms as offices write them: a normal form, and the parts by which two names are compared.

    苏州瑞恒精密机械（集团）有限责任公司 → place 苏州, core 瑞恒精密机械, form 集团有限公司

Everything is an expression over a column, so that ten million names take seconds. Null stays null.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl
import yaml

from jiqun.packs import City

_SHORTEST_CORE = 2


@dataclass(frozen=True)
class Places:
    """The words for places that names begin with or carry in brackets: word → area id; and each area's ancestors."""

    areas: Mapping[str, str]
    above: Mapping[str, tuple[str, ...]]


def places(city: City) -> Places:
    """Names, short names and aliases of the city's areas; a word that several areas bear is left out."""
    words = {word: ids[0] for word, ids in city.names_of_areas.items() if len(ids) == 1 and len(word) > 1}
    return Places(words, {id_: tuple(area.id for area in city.ancestors(id_)) for id_ in city.areas})


def normal_form(name: pl.Expr) -> pl.Expr:
    """The name without what says nothing: width, case, spaces, quotes and points, and the kind of bracket."""
    words = _words()
    opening, closing = words["brackets"]
    wide = name.str.normalize("NFKC").str.replace_all(r"[\s\p{Cf}]+", "")
    bracketed = wide.str.replace_all(_any_of(opening), "(").str.replace_all(_any_of(closing), ")")
    return bracketed.str.replace_all(_any_of(words["ignored"]), "").str.to_uppercase()


def core(normal: pl.Expr, known: Places | None = None) -> pl.Expr:
    """Of a name in normal form the trade name and line of business: no place before it, none in brackets, no form.

    Where less than two characters would be left the place stays. 分公司 and its like stay: a branch is another body.
    """
    bare = pl.when(is_branch(normal)).then(normal).otherwise(normal.str.replace(_form_pattern(), ""))
    if known is not None:
        words = _place_words(known)
        short = bare.str.replace(rf"^(?:{words})+", "").str.replace(rf"\((?:{words})\)", "")
        bare = pl.when(short.str.len_chars() >= _SHORTEST_CORE).then(short).otherwise(bare)
    open_ = bare.str.replace_all(r"[()]", "")
    return pl.when(open_.str.len_chars() > 0).then(open_).when(normal.is_not_null()).then(normal)


def form(normal: pl.Expr) -> pl.Expr:
    """The legal form in its canonical writing, null where the name has none."""
    written = {variant: canonical for canonical, variants in _words()["legal_forms"].items() for variant in variants}
    found = pl.when(~is_branch(normal)).then(normal.str.extract(_form_pattern(), 1))
    return found.replace_strict(list(written), list(written.values()), default=None, return_dtype=pl.String)


def is_branch(normal: pl.Expr) -> pl.Expr:
    return normal.str.contains(rf"(?:{_alternatives(_words()['branches'])})$")


def place(normal: pl.Expr, known: Places) -> pl.Expr:
    """The id of the area a name begins with, the last of several (江苏苏州… is 苏州); else of one in brackets."""
    words = _place_words(known)
    before = normal.str.extract(rf"^((?:{words})+)", 1).str.extract(rf"({words})$", 1)
    word = pl.coalesce(before, normal.str.extract(rf"\(({words})\)", 1))
    upper = {_plain(written): id_ for written, id_ in known.areas.items()}
    return word.replace_strict(list(upper), list(upper.values()), default=None, return_dtype=pl.String)


@cache
def _words() -> dict[str, Any]:
    return dict(yaml.safe_load((files("jiqun.enterprises") / "names.yaml").read_text("utf-8")))


@cache
def _form_pattern() -> str:
    variants = [variant for variants in _words()["legal_forms"].values() for variant in variants]
    return rf"({_alternatives(variants)})$"


def _place_words(known: Places) -> str:
    return _alternatives(_plain(word) for word in known.areas)


def _plain(word: str) -> str:
    return re.sub(r"[\s()（）]", "", word).upper()


def _alternatives(words: Any) -> str:
    """Longest first, for the engine takes the first that fits."""
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda word: (-len(word), word)))


def _any_of(characters: str) -> str:
    return "[" + "".join(re.escape(character) for character in characters) + "]"
