"""The search for like indicators leaves names out early; it must find what looking at every name finds."""

from __future__ import annotations

import random
from math import log

import pytest

from jiqun import packs
from jiqun.extraction.likeness import Likeness
from jiqun.model.claims import Measure

RANK_FITS_ALL = Measure.RANK  # a rank can be one of any indicator, so that only the words decide
LEAST = 0.35


@pytest.fixture(scope="module")
def indicators():
    return packs.load("suzhou").indicators


@pytest.fixture(scope="module")
def likeness(indicators):
    return Likeness(indicators, {})


def pairs(text: str) -> set[str]:
    framed = f"^{text}$"
    return {framed[at : at + 2] for at in range(len(framed) - 1)}


def by_every_name(phrase: str, names: list[tuple[str, str]]) -> dict[str, float]:
    """Indicator → its best likeness, by the definition: shared rarity twice over the rarity of both."""
    count: dict[str, int] = {}
    for _, name in names:
        for pair in pairs(name):
            count[pair] = count.get(pair, 0) + 1

    def weigh(some: set[str]) -> float:
        return sum(log(1 + len(names) / count[pair]) if pair in count else log(1 + len(names)) for pair in some)

    found: dict[str, float] = {}
    for query, cost in ((phrase, 0.0), (phrase + "数", 0.02)):
        for id_, name in names:
            shared, both = pairs(query) & pairs(name), weigh(pairs(query)) + weigh(pairs(name))
            score = (1.0 if query == name else 0.98 * 2 * weigh(shared) / both) - cost
            if score >= LEAST:
                found[id_] = max(found.get(id_, 0.0), score)
    return found


def test_no_like_name_is_left_out(indicators, likeness):
    plain = likeness._plain
    names = [(i.id, plain(name)) for i in indicators.values() for name in dict.fromkeys((i.name, *i.aliases))]
    rng = random.Random(7)
    mixed = [
        "".join(rng.choice(names)[1][: rng.randrange(2, 7)] for _ in range(rng.randrange(1, 4))) for _ in range(60)
    ]
    for phrase in [*mixed, *(name for _, name in rng.sample(names, 40)), "天", "霡霂"]:
        if phrase.endswith("数"):
            continue
        found = likeness.ranked(phrase, "位", RANK_FITS_ALL)
        expected = sorted(by_every_name(phrase, names).values(), reverse=True)[:5]
        assert [c.score for c in found] == pytest.approx(expected, abs=6e-4), phrase


def test_a_synonym_counts_as_its_full_word(indicators):
    spoken = Likeness(indicators, {"地产": "地区生产"})
    found = spoken.ranked("地产总值", "位", RANK_FITS_ALL)
    assert (found[0].id, found[0].score) == ("gdp", 1.0)


def test_what_cannot_have_the_unit_is_left_out(indicators, likeness):
    name = next(i for i in indicators.values() if i.unit == "家")
    assert likeness.ranked(name.name, "家", Measure.LEVEL)[0].id == name.id
    assert name.id not in {c.id for c in likeness.ranked(name.name, "%", Measure.LEVEL)}
