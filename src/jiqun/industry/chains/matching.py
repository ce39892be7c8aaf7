"""Firms placed on links by what their business scope says they make, offline, with the words that speak for it.

A link is known by terms: the parts of its name, its products, further words. A thing that a scope names is compared
with each term by the pairs of characters they share, rare pairs weighing more (after Robertson and Spärck Jones 1976,
"Relevance weighting of search terms", JASIS 27). What only trades or serves counts less than what makes, unless the
link itself is a service; the firm's industry code and the other words of its scope speak for or against.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_array

from jiqun.industry.chains import scopes

_PART = 20_000  # firms compared at once
_SEPARATOR = 0x1F  # stands in no text that was folded
_LEAST_COVER = 0.5
_WHOLE, _LONG, _WHOLE_SAYS = 1 - 1e-9, 4, 0.85
_LATIN_WORTH = 2.0  # AGV says as much as two pairs of characters


@dataclass(frozen=True)
class LinkTerms:
    """What a link is known by. `codes`: GB/T 4754 classes that speak for it; `group`: links of one chain share it."""

    id: str
    group: str
    terms: tuple[str, ...]
    codes: tuple[str, ...] = ()
    is_service: bool = False


@dataclass(frozen=True)
class Weights:
    """How much each sign counts; fitted by benchmarks/chain_matching.py on the half of the sample that is for it."""

    threshold: float = 0.47
    not_last: float = 0.62  # the term stands before the thing's last word: it may only describe it
    explained: float = 0.48  # part of the score that falls with what of the thing the term leaves unexplained
    traded: float = 0.3  # only traded, where the link makes goods
    served: float = 0.8  # only served; a service that ends the clause stands in the thing and so speaks for itself
    unsaid: float = 0.82  # no verb says what is done
    code_class: float = 0.4
    code_group: float = 0.1
    code_division: float = -0.11
    code_other: float = -0.26
    context: float = 0.1  # the rest of the scope speaks of the same chain
    common: float = 1.05  # rarity at which a term counts half, 1 for a pair of one link only: 系统 names nothing
    rival: float = 0.95  # links that claim a thing less well than this part of the best claim are left out


@dataclass(frozen=True, eq=False)
class Matcher:
    """Links ready to be looked for. Build once with `of`, ask many times."""

    links: tuple[LinkTerms, ...]
    terms: tuple[str, ...]
    link_of: NDArray[np.int64]  # of each term
    rarity: NDArray[np.float64]  # of each term: what its tokens weigh together
    tokens: _Tokens
    covers: csr_array  # token × term: share of the term's weight
    weights: Weights

    @classmethod
    def of(cls, links: Sequence[LinkTerms], weights: Weights = Weights()) -> Matcher:
        """Terms of less than two characters are left out: one character says too little. Parts of a term joined by
        与, 和, 及 count as terms of their own."""
        rows: dict[tuple[int, str], None] = {}
        for number, link in enumerate(links):
            for term in link.terms:
                rows.update(((number, part), None) for part in parts_of(term))
        terms = [term for _, term in rows]
        link_of = np.array([number for number, _ in rows], np.int64)
        tokens = _Tokens.of(terms)
        held = tokens.of_texts(terms)
        rarity = np.log(1 + len(links) / _links_with(held, link_of)) / np.log(1 + max(len(links), 1))
        rarity[tokens.pairs.size :] *= _LATIN_WORTH
        weighted = csr_array(held.multiply(rarity[None, :]))
        sums = weighted.sum(axis=1)
        covers = csr_array(weighted.multiply((1 / np.where(sums > 0, sums, 1))[:, None]).T)
        return cls(tuple(links), tuple(terms), link_of, np.asarray(sums), tokens, covers, weights)

    def match(self, firms: pl.DataFrame, *, least: float | None = None) -> pl.DataFrame:
        """The links each firm is placed on, best first, from columns `code`, `industry_code` and `text` of one row a
        firm (nulls where unknown).

        Columns: firm (row number), link (number in `links`), score 0 to 1, term and thing (the words that speak for
        it), does (make, serve, trade, or "" where no verb says), code_fit (class, group, division, other, or "" where
        no code is known). Links below the threshold are left out, or below `least`.
        """
        floor = self.weights.threshold if least is None else least
        found = [
            self._part(firms.slice(begin, _PART), floor).with_columns(firm=pl.col("firm") + begin)
            for begin in range(0, max(firms.height, 1), _PART)
        ]
        return pl.concat(found)

    def _part(self, firms: pl.DataFrame, floor: float) -> pl.DataFrame:
        scoped = firms.select(firm=pl.int_range(pl.len(), dtype=pl.Int64), text="text")
        things = scopes.things(scoped)
        held = self.tokens.of_texts(things["thing"].to_list())
        cover = (held @ self.covers).tocoo()
        kept = cover.data >= _LEAST_COVER
        thing, term, share = cover.row[kept], cover.col[kept], cover.data[kept]
        weights = self.weights
        score = share * self._form(things, thing, term) * self._deed(things, thing, term)
        score *= self._telling(term, share, things["thing"].str.len_chars().to_numpy()[thing])
        claims = pl.DataFrame(
            {"firm": things["firm"].to_numpy()[thing], "link": self.link_of[term], "form": score, "thing_at": thing,
             "term_at": term}
        )  # fmt: skip
        best = claims.sort("form", descending=True).unique(["thing_at", "link"], keep="first", maintain_order=True)
        firm, link = best["firm"].to_numpy(), best["link"].to_numpy()
        fit = self._code_fit(firms["industry_code"].cast(pl.String).to_list(), firm, link)
        worth = np.array([0.0, weights.code_other, weights.code_division, weights.code_group, weights.code_class])
        signs = 1 + worth[fit] + weights.context * self._context(firms, firm, link)
        claimed = (
            best.with_columns(score=pl.col("form") * signs, fit=pl.Series(fit))
            .filter(
                (pl.col("score") >= weights.rival * pl.col("score").max().over("thing_at")) & (pl.col("score") >= floor)
            )
            .sort(["firm", "score", "link"], descending=[False, True, False])
            .unique(["firm", "link"], keep="first", maintain_order=True)
        )
        return self._told(claimed, things)

    def _telling(
        self, term: NDArray[np.int32], share: NDArray[np.float64], length: NDArray[np.uint32]
    ) -> NDArray[np.float64]:
        """How much a term says: the rarer its tokens the more; a whole thing of some length says enough."""
        said = self.rarity[term] / (self.rarity[term] + self.weights.common)
        is_whole = (share > _WHOLE) & (self._lengths[term] + 1 == length) & (length >= _LONG)
        return np.where(is_whole, np.maximum(said, _WHOLE_SAYS), said)

    def _form(self, things: pl.DataFrame, thing: NDArray[np.int32], term: NDArray[np.int32]) -> NDArray[np.float64]:
        """How well thing and term have the same form: whether the term ends the thing, and explains it."""
        texts = things["thing"].to_list()
        last = self.tokens.last_of(texts)[thing]
        ends = (last >= 0) & self._holds(term, last)
        length = np.array([max(len(text) - 1, 1) for text in texts], np.float64)[thing]
        shared = np.asarray(self._lengths[term] * 1.0)
        explained = np.minimum(shared / length, 1)
        weights = self.weights
        return np.where(ends, 1.0, weights.not_last) * (1 - weights.explained * (1 - explained))

    def _deed(self, things: pl.DataFrame, thing: NDArray[np.int32], term: NDArray[np.int32]) -> NDArray[np.float64]:
        does = {name: things[name].to_numpy()[thing] for name in scopes.ACTIVITIES}
        is_service = self._services[self.link_of[term]]
        unsaid = ~(does["make"] | does["serve"] | does["trade"])
        weights = self.weights
        other = np.where(does["trade"], weights.traded, np.where(does["serve"], weights.served, weights.unsaid))
        goods = np.where(does["make"], 1.0, other)
        return np.where(is_service, np.where(unsaid, weights.unsaid, 1.0), goods)

    def _told(self, claimed: pl.DataFrame, things: pl.DataFrame) -> pl.DataFrame:
        does = pl.coalesce(*(pl.when(name).then(pl.lit(name)) for name in scopes.ACTIVITIES), pl.lit(""))
        words = things.select("thing", does=does)[claimed["thing_at"]]
        terms = [self.terms[at] for at in claimed["term_at"]]
        fits = [_FITS[fit] for fit in claimed["fit"]]
        return claimed.select(
            "firm", "link", pl.col("score").clip(0, 1), term=pl.Series(terms, dtype=pl.String), thing=words["thing"],
            does=words["does"], code_fit=pl.Series(fits, dtype=pl.String),
        )  # fmt: skip

    def _code_fit(
        self, codes: Sequence[str | None], firm: NDArray[np.int64], link: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """0 unknown, 1 of no division of the link, 2 of its division, 3 group, 4 class; for each (firm, link)."""
        fits = np.zeros(firm.size, np.int64)
        told: dict[tuple[str, int], int] = {}
        for at, (f, number) in enumerate(zip(firm.tolist(), link.tolist(), strict=True)):
            code, own = codes[f], self.links[number].codes
            if code and own:
                key = (code, number)
                if key not in told:
                    depth = max(next((d for d in (4, 3, 2) if code[:d] == other[:d]), 1) for other in own)
                    told[key] = depth
                fits[at] = told[key]
        return fits

    def _context(self, firms: pl.DataFrame, firm: NDArray[np.int64], link: NDArray[np.int64]) -> NDArray[np.float64]:
        """How far the whole scope speaks the language of the link's group, 1 for the group it speaks most."""
        if not firm.size:
            return np.zeros(0)
        texts = firms.select(scopes.folded(pl.col("text").fill_null("")))["text"].to_list()
        spoken = (self.tokens.of_texts(texts) @ self._group_words).toarray()
        most = spoken.max(axis=1)
        return np.asarray(spoken[firm, self._groups[link]] / np.where(most > 0, most, 1)[firm])

    def _holds(self, term: NDArray[np.int32], token: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each term has the token beside it."""
        width = len(self.tokens.known)
        keys = term.astype(np.int64) * width + token
        return np.isin(keys, self._keys)

    @cached_property
    def _keys(self) -> NDArray[np.int64]:
        held = self.covers.T.tocoo()
        return np.asarray(held.row.astype(np.int64) * len(self.tokens.known) + held.col)

    @cached_property
    def _lengths(self) -> NDArray[np.int64]:
        return np.array([max(len(term) - 1, 1) for term in self.terms], np.int64)

    @cached_property
    def _services(self) -> NDArray[np.bool_]:
        return np.array([link.is_service for link in self.links], bool)

    @cached_property
    def _groups(self) -> NDArray[np.int64]:
        names = {name: at for at, name in enumerate(dict.fromkeys(link.group for link in self.links))}
        return np.array([names[link.group] for link in self.links], np.int64)

    @cached_property
    def _group_words(self) -> csr_array:
        """token × group: how rare among groups a token is, where the group has it."""
        count = int(self._groups.max(initial=-1)) + 1
        held = self.covers.T.tocoo()
        has = csr_array((np.ones(held.nnz), (held.col, self._groups[self.link_of[held.row]])),
                        shape=(len(self.tokens.known), count))  # fmt: skip
        has.data[:] = 1
        rarity = np.log(1 + count / np.maximum(has.sum(axis=1), 1)) - np.log(2)
        return csr_array(has.multiply(rarity[:, None]))


_FITS = ("", "other", "division", "group", "class")


def parts_of(term: str) -> Iterator[str]:
    """The parts of a term that stand for themselves, folded: 伺服驱动与电机 → 伺服驱动, 电机."""
    folded = pl.select(scopes.folded(pl.lit(term))).item()
    for joint in "与和及、，,/":
        folded = folded.replace(joint, " ")
    yield from (part for part in folded.split() if len(part) > 1 and part not in scopes.NAMES_NOTHING)


@dataclass(frozen=True, eq=False)
class _Tokens:
    """Pairs of characters that terms have, and their words of Latin letters and digits, each with a number."""

    pairs: NDArray[np.int64]  # sorted; number of a pair is its place
    words: dict[str, int]

    @classmethod
    def of(cls, texts: Iterable[str]) -> _Tokens:
        listed = list(texts)
        pairs = np.unique(_pairs(listed)[1])
        words = pl.Series(listed, dtype=pl.String).str.extract_all(_LATIN).explode(empty_as_null=True).drop_nulls()
        return cls(pairs, {word: pairs.size + at for at, word in enumerate(words.unique().sort())})

    @property
    def known(self) -> range:
        return range(self.pairs.size + len(self.words))

    def of_texts(self, texts: list[str]) -> csr_array:
        """text × token: 1 where the text has the token."""
        rows, pairs = _pairs(texts)
        numbers = self._numbers(pairs)
        latin = (
            pl.DataFrame({"row": np.arange(len(texts)), "word": pl.Series(texts, dtype=pl.String)})
            .with_columns(pl.col("word").str.extract_all(_LATIN))
            .explode("word")
            .drop_nulls()
            .filter(pl.col("word").is_in(list(self.words)))
        )
        word_numbers = [self.words[word] for word in latin["word"]]
        is_known = numbers >= 0
        row = np.concatenate([rows[is_known], latin["row"].to_numpy().astype(np.int64)])
        column = np.concatenate([numbers[is_known], np.array(word_numbers, np.int64)])
        keys = np.unique(row * len(self.known) + column)
        shape = (len(texts), len(self.known))
        return csr_array((np.ones(keys.size), (keys // max(shape[1], 1), keys % max(shape[1], 1))), shape=shape)

    def last_of(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """The number of each text's last pair, or word; -1 where terms do not have it."""
        found = np.full(len(texts), -1, np.int64)
        ends = [text[-2:] for text in texts]
        chinese = [at for at, end in enumerate(ends) if len(end) == 2 and not end.isascii()]
        codes = np.array([(ord(ends[at][0]) << 21) | ord(ends[at][1]) for at in chinese], np.int64)
        found[chinese] = self._numbers(codes)
        for at, text in enumerate(texts):
            if text[-1:].isascii():
                found[at] = self.words.get(_last_word(text), -1)
        return found

    def _numbers(self, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
        if not self.pairs.size:
            return np.full(pairs.size, -1, np.int64)
        place = np.minimum(np.searchsorted(self.pairs, pairs), self.pairs.size - 1)
        return np.where(self.pairs[place] == pairs, place, -1)


_LATIN = r"[a-z0-9][a-z0-9.\-]+"


def _last_word(text: str) -> str:
    at = len(text)
    while at and text[at - 1].isascii() and (text[at - 1].isalnum() or text[at - 1] in ".-"):
        at -= 1
    return text[at:]


def _pairs(texts: list[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(row, pair) of each two neighbouring characters of which not both are ASCII."""
    joined = chr(_SEPARATOR).join(texts).encode("utf-32-le", "surrogatepass")
    codes = np.frombuffer(joined, np.uint32).astype(np.int64)
    if codes.size < 2:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    is_break = codes == _SEPARATOR
    rows = np.cumsum(is_break)
    kept = ~(is_break[:-1] | is_break[1:]) & ~((codes[:-1] < 128) & (codes[1:] < 128))
    return rows[:-1][kept], ((codes[:-1] << 21) | codes[1:])[kept]


def _links_with(held: csr_array, link_of: NDArray[np.int64]) -> NDArray[np.float64]:
    """In how many links each token occurs, at least 1."""
    cells = held.tocoo()
    keys = np.unique(link_of[cells.row] * held.shape[1] + cells.col)
    return np.maximum(np.bincount(keys % held.shape[1], minlength=held.shape[1]), 1).astype(np.float64)
