"""How sure the rules are of a claim: the probability that its record is right, by the doubts that its sentence gives.

`confidence.yaml` holds what each doubt costs, fitted on marked documents by `benchmarks/calibrate_confidence.py`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from math import exp

import yaml

from jiqun.extraction.frames import Draft
from jiqun.extraction.linking import settled
from jiqun.extraction.passages import squeezed
from jiqun.extraction.quantities import Form
from jiqun.extraction.surroundings import Timing, Whence
from jiqun.extraction.words import BARE_AMOUNTS, METRICS
from jiqun.model.claims import Candidate, ClaimKind

_SHORT_NAME, _BRIEF_NAME = 3, 4  # characters
_ODD_START = re.compile(
    r"的|了|和|与|及|等|并|而|其|将|要|以|在|为|是|有|达|到|由|从|对|把|使|让|已|也|又|还|共|约|近|超|实现|完成|累计"
)
_ODD_END = re.compile(
    r"(?:的|了|和|与|及|等|并|在|为|是|有|达|到|由|从|对|把|将|要|已|共|约|近|超过?|突破|分别|均|各|不|年|月|日)$"
)
_PAIRED = (("（(", "）)"), ("“", "”"), ("《", "》"))
_LISTED = re.compile(r"[,，;；。:：、]")
_PLACE = re.compile(r"[市区县州盟旗镇乡]$")
_FORECAST = re.compile(r"预计|有望|预期|预测")
_YEAR = re.compile(r"20\d\d(?=年)")


@dataclass(frozen=True)
class Scale:
    """`base` is the logit of a claim without doubts, `costs` what each doubt takes from it, `words` how it reads.

    `accept_from` is the confidence from which claims are offered for acceptance in bulk.
    """

    base: float
    costs: dict[str, float]
    words: dict[str, str]
    accept_from: float


def _read() -> Scale:
    data = yaml.safe_load(files(__package__).joinpath("confidence.yaml").read_text("utf-8"))
    doubts = data["doubts"]
    costs = {name: float(each["cost"]) for name, each in doubts.items()}
    return Scale(data["base"], costs, {name: each["words"] for name, each in doubts.items()}, data["accept_from"])


SCALE = _read()


def confidence(doubts: Collection[str]) -> float:
    """The probability in [0, 1] that a claim with these doubts is one, and of that kind, bound, period and name.

    Measure, area and link are not in it. A further doubt never makes it higher; names that the scale does not know
    cost nothing.
    """
    logit = SCALE.base - sum(SCALE.costs.get(name, 0.0) for name in doubts)
    return round(1 / (1 + exp(-logit)), 3)


def reasons(doubts: Collection[str]) -> tuple[str, ...]:
    """The doubts that cost something in Chinese words, the dearest first: 目标没有写明期限, 主语并列."""
    dear = sorted((name for name in doubts if SCALE.costs.get(name, 0.0) > 0), key=lambda name: -SCALE.costs[name])
    return tuple(SCALE.words[name] for name in dear)


def doubts_of(
    draft: Draft,
    indicator: str,
    timing: Timing,
    candidates: Sequence[Candidate],
    sentence: str = "",
    document: ClaimKind | None = None,
) -> tuple[str, ...]:
    """The names of what speaks against a claim, keys of `confidence.yaml`, each at most once.

    `sentence` is folded and empty for a cell of a table; `document` is what the document does as a whole.
    """
    return (
        *_of_name(draft, indicator, sentence),
        *_of_number(draft),
        *_of_time(timing, sentence, document),
        *_of_link(candidates),
    )


def _of_name(draft: Draft, name: str, sentence: str) -> Iterator[str]:
    if name in METRICS or name in BARE_AMOUNTS:
        yield "name_is_metric"
    elif len(name) <= _SHORT_NAME:
        yield "name_short"
    elif len(name) <= _BRIEF_NAME:
        yield "name_brief"
    if _ODD_START.match(name) or _ODD_END.search(name) or any(_count(name, a) != _count(name, b) for a, b in _PAIRED):
        yield "name_odd"
    if _LISTED.search(name):
        yield "name_listed"
    if _PLACE.search(name):
        yield "name_is_place"
    if sentence and squeezed(name) not in sentence:
        yield "name_composed"
    if draft.copy or draft.series[1] > 1:
        yield "subjects_shared"
    if draft.after.strip("的,、)”"):
        yield "noun_behind"


def _of_number(draft: Draft) -> Iterator[str]:
    form = draft.quantity.form
    if form is Form.RANK:
        yield "form_rank"
    elif draft.quantity.is_spoken:
        yield "number_spoken"
    if form is Form.FRACTION:
        yield "form_fraction"


def _of_time(timing: Timing, sentence: str, document: ClaimKind | None) -> Iterator[str]:
    if timing.period_from is Whence.NOWHERE:
        yield "target_undated" if timing.kind is ClaimKind.TARGET else "period_nowhere"
    elif timing.period_from is not Whence.SENTENCE:
        yield f"period_{timing.period_from}"
    if timing.kind_from is not Whence.SENTENCE:
        yield "kind_around"
    if document is not None and document is not timing.kind:
        yield "kind_against"
    if len(set(_YEAR.findall(sentence))) > 1:
        yield "years_several"
    if _FORECAST.search(sentence):
        yield "forecast"
    if sentence and not sentence.endswith(("。", ";", "!", "?")):
        yield "no_stop"


def _of_link(candidates: Sequence[Candidate]) -> Iterator[str]:
    if settled(candidates) is None:
        yield "link_none"


def _count(name: str, marks: str) -> int:
    return sum(map(name.count, marks))
