"""Indicators whose names are like a phrase: pairs of characters in common, rare pairs weighing more than usual ones.

The index is made once for a city. Only names that share a telling pair with the phrase are looked at (prefix
filtering, Chaudhuri, Ganti, Kaushik 2006): the others cannot reach the least likeness that is worth showing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import log

from jiqun.extraction.passages import squeezed
from jiqun.model.claims import Candidate, Measure
from jiqun.model.units import Unit
from jiqun.packs.schema.indicators import Indicator

_WORTH_SHOWING = 0.35
_MOST_SHOWN = 5
_NOT_THE_SAME = 0.98  # equal pairs of characters in another order are still another name
_WRONG_SORT = 0.1  # what an indicator of new things costs a claim on a stock
_REMEMBERED = 4096  # phrases: documents of one city say much alike
_FILLER = re.compile(r"[的了和与及、,;:。“”\"'‘’《》()\[\]<>【】「」/·—-]|达到|实现")
_GROWTH = re.compile(r"增速|增长率|增长|增幅|降幅|下降率")
_GROWTH_END = re.compile(r"(?:年均|平均|同比|实际|名义)?(?:增速|增长率|增长速度|增长|增幅|降幅|下降|减少|降低|回落)$")
_MOVED = re.compile(r"(?:下降|减少|降低|回落|放缓|收窄|提高|提升)$")  # 增速回落: of what is told by the words before it
_NEW = re.compile(r"新增|净增|新认定|新建|新培育|年认定|新引进")
_YEARLY = re.compile(r"(?<=[\u4e00-\u9fff])年(?=认定|新增|评价)|^年度?")
_NUMBER_OF = re.compile(r"(?:总)?数量?$")
_RATE_UNITS = frozenset(("%", "‰", "个百分点", "百分点", "成"))


@dataclass(frozen=True)
class _Name:
    """One name of an indicator, as compared; `weight` is the sum of its pairs' rarities."""

    indicator: Indicator
    text: str
    pairs: frozenset[str]
    weight: float
    is_new: bool


class Likeness:
    """The names of `indicators`, ready to be compared; `synonyms` are short → full words of the city."""

    def __init__(self, indicators: Mapping[str, Indicator], synonyms: Mapping[str, str]) -> None:
        self._full = {squeezed(short): squeezed(full) for short, full in synonyms.items()}
        ordered = sorted(self._full, key=len, reverse=True)
        self._short = re.compile("|".join(re.escape(word) for word in ordered)) if ordered else None
        written = [
            (indicator, text, _pairs(text))
            for indicator in indicators.values()
            for text in map(self._plain, dict.fromkeys((indicator.name, *indicator.aliases)))
        ]
        counts = Counter(pair for _, _, pairs in written for pair in pairs)
        total = max(len(written), 1)
        self._rarity = {pair: log(1 + total / count) for pair, count in counts.items()}
        self._unseen = log(1 + total)
        self._names = [
            _Name(indicator, text, pairs, self._weigh(pairs), _NEW.search(text) is not None)
            for indicator, text, pairs in written
            if text
        ]
        self._with_pair: dict[str, list[int]] = {}
        for at, name in enumerate(self._names):
            for pair in name.pairs:
                self._with_pair.setdefault(pair, []).append(at)
        self.ranked = lru_cache(maxsize=_REMEMBERED)(self._ranked)
        self._fitting = lru_cache(maxsize=512)(self._that_fit)
        self._indicators = tuple(indicators.values())

    def _ranked(self, phrase: str, unit: str, measure: Measure) -> tuple[Candidate, ...]:
        """The likest indicators, best first; those whose unit or kind of number cannot fit are left out."""
        best: dict[str, Candidate] = {}
        fitting = self._fitting(unit, measure)
        for query, handicap in _queries(self._plain(phrase), measure):
            of_stock = measure in (Measure.LEVEL, Measure.CUMULATIVE) and _NEW.search(query) is None
            for name, likeness in self._alike(query, fitting):
                score = likeness - handicap - (_WRONG_SORT if of_stock and name.is_new else 0)
                known = best.get(name.indicator.id)
                if score >= _WORTH_SHOWING and (known is None or score > known.score):
                    why = f"{query} ≈ {name.text}"
                    best[name.indicator.id] = Candidate(name.indicator.id, round(min(score, 1.0), 3), why)
        return tuple(sorted(best.values(), key=lambda c: (-c.score, c.id))[:_MOST_SHOWN])

    def _alike(self, query: str, fitting: frozenset[int]) -> Iterator[tuple[_Name, float]]:
        """Names of `fitting` that may be worth showing, in their order, each with its likeness up to 1."""
        pairs = _pairs(query)
        weight = self._weigh(pairs)
        near = {at for pair in self._telling(pairs, weight) for at in self._with_pair.get(pair, ())}
        for at in sorted(near & fitting):
            name = self._names[at]
            if name.text == query:
                yield name, 1.0
            else:
                shared = sum(map(self._rarity.__getitem__, pairs & name.pairs))
                yield name, 2 * shared / (weight + name.weight) * _NOT_THE_SAME

    def _telling(self, pairs: frozenset[str], weight: float) -> list[str]:
        """The pairs of which a name worth showing has one at least; the most usual ones are left out.

        A name that has none of these shares less than `least` with the phrase. As it weighs what it shares or more,
        2 × shared / (weight + shared) stays below what is worth showing.
        """
        least = weight * _WORTH_SHOWING / (2 * _NOT_THE_SAME - _WORTH_SHOWING) * (1 - 1e-9)
        usual_first = sorted(pairs, key=self._rarity_of)
        shared = 0.0
        for at, pair in enumerate(usual_first):
            shared += self._rarity_of(pair)
            if shared >= least:
                return usual_first[at:]
        return usual_first

    def _that_fit(self, unit: str, measure: Measure) -> frozenset[int]:
        """The names of indicators that can have a number of this unit and measure."""
        fitting = {indicator.id for indicator in self._indicators if _fits(indicator, unit, measure)}
        return frozenset(at for at, name in enumerate(self._names) if name.indicator.id in fitting)

    def _plain(self, name: str) -> str:
        text = squeezed(name).lower()
        if self._short is not None:
            text = self._short.sub(self._spelt_out, text)
        return _FILLER.sub("", text).lower()

    def _spelt_out(self, match: re.Match[str]) -> str:
        full = self._full[match[0]]
        return match[0] if match.string.startswith(full, match.start()) else full

    def _weigh(self, pairs: frozenset[str]) -> float:
        return sum(map(self._rarity_of, pairs))

    def _rarity_of(self, pair: str) -> float:
        return self._rarity.get(pair, self._unseen)


def _queries(plain: str, measure: Measure) -> list[tuple[str, float]]:
    """What the phrase may be called among the indicators, each with what the guess costs."""
    queries = [(plain, 0.0)]
    if measure is Measure.GROWTH:
        stem = _GROWTH_END.sub("", plain)
        queries += [(stem + "增长率", 0.0), (stem + "增速", 0.0), (stem + "增长", 0.0)]
    elif measure is Measure.ANNUAL:
        queries += [("新增" + plain, 0.0), (_YEARLY.sub("", plain), 0.02), ("年" + plain, 0.02)]
    elif measure is Measure.INCREMENT:
        queries = [("新增" + plain, 0.0), (plain, 0.03), (_MOVED.sub("", plain), 0.03)]
    elif measure is Measure.CUMULATIVE:
        queries += [("累计" + plain, 0.0), ("新增" + plain, 0.03)]
    if plain.endswith(("数", "数量", "总数")):
        queries.append((_NUMBER_OF.sub("", plain), 0.02))
    else:
        queries.append((plain + "数", 0.02))
    return queries


def _fits(indicator: Indicator, unit: str, measure: Measure) -> bool:
    """Whether a number of this unit and measure can be a value of the indicator."""
    is_rate = indicator.unit in _RATE_UNITS
    if measure is Measure.RANK:
        return True
    if measure is Measure.GROWTH:
        return is_rate and _GROWTH.search(indicator.name + "".join(indicator.aliases)) is not None
    if unit in _RATE_UNITS or (not unit and measure is Measure.SHARE):
        return is_rate and (_GROWTH.search(indicator.name) is None or measure is Measure.INCREMENT)
    if not unit:
        return indicator.unit in ("", "分", "点")
    return Unit.parse(unit).measures_like(Unit.parse(indicator.unit))


def _pairs(text: str) -> frozenset[str]:
    padded = f"^{text}$" if text else ""
    return frozenset(map("".join, pairwise(padded)))
