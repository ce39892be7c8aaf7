"""Phrases of a text tied to the things of a city folder: indicators by likeness, areas, bodies and clusters by name."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from math import log

from jiqun.extraction.passages import squeezed
from jiqun.model.claims import Candidate, Measure
from jiqun.model.units import Unit
from jiqun.packs.city import City
from jiqun.packs.schema.indicators import Indicator

ENOUGH = 0.62  # a likeness from which a phrase is taken for the indicator; below it a person chooses
_WORTH_SHOWING = 0.35
_MOST_SHOWN = 5
_NOT_THE_SAME = 0.98  # equal pairs of characters in another order are still another name
_FILLER = re.compile(r"[的了和与及、,;:。“”\"'‘’《》()\[\]<>【】「」/·—-]|达到|实现")
_GROWTH = re.compile(r"增速|增长率|增长|增幅|降幅|下降率")
_NEW = re.compile(r"新增|净增|新认定|新建|新培育|年认定|新引进")
_DECREED_BEFORE = timedelta(days=31)
_RATE_UNITS = frozenset(("%", "‰", "个百分点", "百分点", "成"))


@dataclass(frozen=True)
class _Name:
    indicator: Indicator
    text: str
    grams: frozenset[str]
    weight: float


class Links:
    """Look-ups of one city on one day."""

    def __init__(self, city: City, day: date | None) -> None:
        self._city = city
        self._day = day
        synonyms = {squeezed(short): squeezed(full) for short, full in city.lexicon.synonyms.items()}
        self._synonyms = synonyms
        ordered = sorted(synonyms, key=len, reverse=True)
        self._short = re.compile("|".join(re.escape(word) for word in ordered)) if ordered else None
        written = [
            (indicator, self._plain(name))
            for indicator in city.indicators.values()
            for name in dict.fromkeys((indicator.name, *indicator.aliases))
        ]
        counts = Counter(gram for _, text in written for gram in _grams(text))
        total = max(len(written), 1)
        self._rarity = {gram: log(1 + total / count) for gram, count in counts.items()}
        self._unseen = log(1 + total)
        self._names = [_Name(i, text, _grams(text), self._weigh(_grams(text))) for i, text in written if text]
        self._by_gram: dict[str, list[int]] = {}
        for at, name in enumerate(self._names):
            for gram in name.grams:
                self._by_gram.setdefault(gram, []).append(at)
        self._bodies = {_plain_body(name): ids for name, ids in city.names_of_bodies.items()}
        self._cluster_names = sorted(
            ((squeezed(name), ids) for name, ids in city.names_of_clusters.items() if len(name) > 1),
            key=lambda pair: -len(pair[0]),
        )
        self.indicators = lru_cache(maxsize=4096)(self._indicators)

    def _indicators(self, phrase: str, unit: str, measure: Measure) -> tuple[Candidate, ...]:
        """The likest indicators, best first; those whose unit or kind of number cannot fit are left out."""
        best: dict[str, Candidate] = {}
        for query, handicap in self._queries(phrase, measure):
            grams = _grams(query)
            weight = self._weigh(grams)
            overlap: dict[int, float] = {}
            for gram in grams:
                for at in self._by_gram.get(gram, ()):
                    overlap[at] = overlap.get(at, 0.0) + self._rarity[gram]
            for at, shared in overlap.items():
                name = self._names[at]
                score = 1.0 if name.text == query else 2 * shared / (weight + name.weight) * _NOT_THE_SAME
                score -= handicap + _misfit(name, query, measure)
                if score < _WORTH_SHOWING or not _fits(name.indicator, unit, measure):
                    continue
                known = best.get(name.indicator.id)
                if known is None or score > known.score:
                    best[name.indicator.id] = Candidate(
                        name.indicator.id, round(min(score, 1.0), 3), f"{query} ≈ {name.text}"
                    )
        ranked = sorted(best.values(), key=lambda c: (-c.score, c.id))
        return tuple(ranked[:_MOST_SHOWN])

    def bodies(self, names: tuple[str, ...]) -> tuple[str | None, ...]:
        """The body that each name meant on the day; None where the folder knows none."""
        return tuple(self._body(name) for name in names)

    def cluster(self, phrase: str) -> str | None:
        """The cluster that the phrase names, of the city's own edition in force on the day; None where none is."""
        text = squeezed(phrase)
        for name, ids in self._cluster_names:
            if name in text and (held := self._in_force(ids)):
                return held
        return None

    def _in_force(self, ids: tuple[str, ...]) -> str | None:
        """The newest of the clusters whose catalogue is the city's own and holds on the day; the newest for no day."""

        def begins(cluster_id: str) -> date:
            return self._city.catalogue_of_cluster[cluster_id].effective_from or date.min

        return max((cluster_id for cluster_id in ids if self._holds(cluster_id)), key=begins, default=None)

    def _holds(self, cluster_id: str) -> bool:
        catalogue = self._city.catalogue_of_cluster[cluster_id]
        if catalogue.area_id not in (None, self._city.area_id):
            return False  # a district's own list
        if self._day is None:
            return True
        begins, ends = catalogue.effective_from or date.min, catalogue.effective_to or date.max
        # the decree that makes an edition may be printed some days before it holds
        return begins <= self._day + _DECREED_BEFORE and self._day <= ends

    def _body(self, name: str) -> str | None:
        ids = self._bodies.get(_plain_body(name), ())
        held = [
            body_id
            for body_id in ids
            if self._day is None
            or (
                (self._city.bodies[body_id].valid_from or date.min) <= self._day
                and self._day < (self._city.bodies[body_id].valid_to or date.max)
            )
        ]
        return next(iter(held or ids), None)

    def _queries(self, phrase: str, measure: Measure) -> list[tuple[str, float]]:
        plain = self._plain(phrase)
        queries = [(plain, 0.0)]
        if measure is Measure.GROWTH:
            stem = re.sub(r"(?:年均|平均|同比|实际|名义)?(?:增速|增长率|增长速度|增长|增幅)$", "", plain)
            queries = [(plain, 0.0), (stem + "增长率", 0.0), (stem + "增速", 0.0), (stem + "增长", 0.0)]
        elif measure is Measure.ANNUAL:
            bare = re.sub(r"(?<=[\u4e00-\u9fff])年(?=认定|新增|评价)|^年度?", "", plain)
            queries += [("新增" + plain, 0.0), (bare, 0.02), ("年" + plain, 0.02)]
        elif measure is Measure.INCREMENT:
            queries = [("新增" + plain, 0.0), (plain, 0.03)]
        elif measure is Measure.CUMULATIVE:
            queries += [("累计" + plain, 0.0), ("新增" + plain, 0.03)]
        if plain.endswith(("数", "数量", "总数")):
            queries.append((re.sub(r"(?:总)?数量?$", "", plain), 0.02))
        else:
            queries.append((plain + "数", 0.02))
        return queries

    def _plain(self, name: str) -> str:
        text = squeezed(name).lower()
        if self._short is not None:
            text = self._short.sub(self._full, text)
        return _FILLER.sub("", text).lower()

    def _full(self, match: re.Match[str]) -> str:
        full = self._synonyms[match[0]]
        return match[0] if match.string.startswith(full, match.start()) else full

    def _weigh(self, grams: frozenset[str]) -> float:
        return sum(self._rarity.get(gram, self._unseen) for gram in grams)


def _fits(indicator: Indicator, unit: str, measure: Measure) -> bool:
    """Whether a number of this unit and measure can be a value of the indicator."""
    is_rate = indicator.unit in _RATE_UNITS
    if measure is Measure.RANK:
        return indicator.unit in ("位", "位次") or True
    if measure is Measure.GROWTH:
        return is_rate and _GROWTH.search(indicator.name + "".join(indicator.aliases)) is not None
    if unit in _RATE_UNITS or (not unit and measure is Measure.SHARE):
        return is_rate and (_GROWTH.search(indicator.name) is None or measure is Measure.INCREMENT)
    if not unit:
        return indicator.unit in ("", "分", "点")
    return Unit.parse(unit).measures_like(Unit.parse(indicator.unit))


def _misfit(name: _Name, query: str, measure: Measure) -> float:
    """What an indicator of new things costs a claim on a stock, and the other way round."""
    is_new = _NEW.search(name.text) is not None
    if is_new and measure in (Measure.LEVEL, Measure.CUMULATIVE) and _NEW.search(query) is None:
        return 0.1
    return 0.0


def _grams(text: str) -> frozenset[str]:
    padded = f"^{text}$" if text else ""
    return frozenset(padded[at : at + 2] for at in range(len(padded) - 1))


def _plain_body(name: str) -> str:
    return re.sub(r"[()\[\]<>〈〉《》\s]", "", squeezed(name)).replace(",", "、")
