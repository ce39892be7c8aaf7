"""How sure the rules are of a claim: one minus what each doubt costs."""

from __future__ import annotations

from jiqun.extraction.frames import Draft
from jiqun.extraction.surroundings import Timing
from jiqun.model.claims import Candidate

_ALWAYS = 0.02  # no rule is certain
_INHERITED = 0.15  # the subject stands elsewhere in the sentence
_UNDATED = 0.08
_UNLINKED = 0.15
_SPOKEN = 0.10  # 三个: Chinese numerals more often only speak
_ODD_NAME = 0.15
_LEAST = 0.05


def confidence(draft: Draft, indicator: str, timing: Timing, linked: Candidate | None) -> float:
    """A number in [0.05, 0.98] by which people sort claims to look at first; it is no probability."""
    doubts = _ALWAYS
    doubts += _INHERITED if draft.is_inherited else 0
    doubts += _UNDATED if timing.period is None else 0
    doubts += _UNLINKED if linked is None else (1 - linked.score) * 0.3
    doubts += _SPOKEN if draft.quantity.is_spoken else 0
    doubts += _ODD_NAME if not 3 <= len(indicator) <= 40 else 0
    return round(max(_LEAST, 1 - doubts), 3)
