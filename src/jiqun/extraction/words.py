"""Word lists of the language, read from `words.yaml` beside this module."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.resources import files

import yaml


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of the words, longest first, so that a short word never hides a long one."""
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


_DATA = yaml.safe_load(files(__package__).joinpath("words.yaml").read_text("utf-8"))


def _list(name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_DATA[name].split()))


MONEY = _list("money")
COUNTERS = _list("counters")
MEASURES = _list("measures")
TIME_UNITS = _list("time_units")
DENOMINATORS = _list("denominators")
CLASS_NOUNS = _list("class_nouns")
PARTS_OF_TEXT = _list("parts_of_text")
METRICS = _list("metrics")
BARE_AMOUNTS = _list("bare_amounts")
BUILD_VERBS = _list("build_verbs")
ZONES = _list("zones")
ZONE_KINDS = _list("zone_kinds")
OTHER_VERBS = _list("other_verbs")
KEPT_VERBS = _list("kept_verbs")
NOMINAL_VERBS = _list("nominal_verbs")
LEADING = _list("leading")
TRAILING = _list("trailing")
NOT_TRAILING = _list("not_trailing")
RISES = _list("rises")
FALLS = _list("falls")
MOVING_VERBS = _list("moving_verbs")
EVENT_VERBS = _list("event_verbs")
AT_LEAST = _list("at_least")
ABOVE = _list("above")
AT_MOST = _list("at_most")
BELOW = _list("below")
ABOUT = _list("about")
BOUND_BEHIND = _list("bound_behind")
RANK_VERBS = _list("rank_verbs")
RANK_SCOPES = _list("rank_scopes")
DUTY_HEADS = _list("duty_heads")
DUTY_TAILS = _list("duty_tails")
VERB_GUARDS: dict[str, tuple[str, ...]] = {verb: tuple(words.split()) for verb, words in _DATA["verb_guards"].items()}
