"""A body printed twice: the later copy is found whatever its line breaks, and left out of the reading text."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from jiqun.documents.lines import Line

_SEED = 24  # characters that must agree before a copy is suspected
_LEAST = 150  # characters of the shortest body that counts as printed twice
_SHARE = 0.3  # of all text before the copy
_GAP = 120  # characters of furniture that may stand between a cut-off print and the full one
_BLANK = re.compile(r"\s+")


@dataclass(frozen=True)
class Copy:
    """Lines `first` up to, not including, `last` repeat earlier text; `characters` of them, blanks not counted."""

    first: int
    last: int
    characters: int


def find(lines: list[Line]) -> list[Copy]:
    """The stretches of whole lines that print an earlier long stretch again, in order.

    Where the earlier print breaks off in mid-line and the later goes on, the earlier one is the copy.
    """
    texts = [_BLANK.sub("", line.text) for line in lines]
    starts, at = [], 0
    for text in texts:
        starts.append(at)
        at += len(text)
    starts.append(at)
    stream = "".join(texts)
    seen: dict[str, int] = {}
    copies: list[Copy] = []
    index = 0
    while index < len(texts):
        here = starts[index]
        seed = stream[here : here + _SEED]
        there = seen.setdefault(seed, here)
        length = 0 if there == here or len(seed) < _SEED else _agreement(stream, there, here)
        if length >= max(_LEAST, _SHARE * here):
            copy = _choose(starts, there, index, length)
            copies += [copy] if copy else []
            index = max(bisect_right(starts, here + length) - 1, index + 1)
        else:
            index += 1
    return copies


def _agreement(stream: str, first: int, second: int) -> int:
    """For how many characters the text at `first` repeats at `second`; never past where the copy begins."""
    limit = min(second - first, len(stream) - second)
    agreed, step = 0, 64
    while agreed < limit:
        step = min(step, limit - agreed)
        if stream[first + agreed : first + agreed + step] == stream[second + agreed : second + agreed + step]:
            agreed += step
            step *= 2
        elif step == 1:
            break
        else:
            step = max(step // 2, 1)
    return agreed


def _choose(starts: list[int], there: int, index: int, length: int) -> Copy | None:
    """The later print as the copy, or the earlier one where that was cut off in mid-line and the later goes on."""
    stop = starts[index] + length
    end = bisect_right(starts, stop) - 1
    cut = bisect_right(starts, there + length) - 1
    if starts[end] < stop and starts[cut] == there + length and starts[index] - starts[cut] <= _GAP:
        return Copy(bisect_right(starts, there) - 1, cut, length)
    return Copy(index, end, length) if end > index else None
