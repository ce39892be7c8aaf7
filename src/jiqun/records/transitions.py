"""What may happen to a return: one table. Whatever is not in it cannot happen on any path.

    due ── submit ──► submitted ── accept, level by level ──► accepted ── lock ──► locked
     ▲                  │    │                                    │                  │  │
     └──── recall ──────┘    └── return ──► returned ◄── return ──┴───── return ─────┘  │
                                               │                                        │
                               submitted ◄─────┴── submit            submit (revised) ──┴──► submitted

`missing` is where `lock` leaves what never came; it may still come, late. What had come through all levels once is
locked again instead, as it then was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from jiqun.model.errors import Conflict
from jiqun.records.models import ReturnState


class Step(StrEnum):
    SUBMIT = "submit"
    RECALL = "recall"
    ACCEPT = "accept"
    RETURN = "return"
    LOCK = "lock"


class Owner(StrEnum):
    """Who takes a step, and so whose turn it is in the states the step leads out of."""

    RESPONDENT = "respondent"
    LEVEL = "level"  # the area whose turn it is; of an accepted return the highest level
    CLOCK = "clock"  # the round's day of locking, by whoever runs rounds


@dataclass(frozen=True, slots=True)
class Transition:
    """`step` leads from `before` to `after`, taken by `owner`.

    `on_last`: where it leads when the highest level takes it; `on_accepted`: where a return is led that has a
    submission which came through all levels before.
    """

    step: Step
    before: ReturnState
    after: ReturnState
    owner: Owner
    needs_reason: bool = False
    on_last: ReturnState | None = None
    on_accepted: ReturnState | None = None


_S = ReturnState
TABLE = (
    Transition(Step.SUBMIT, _S.DUE, _S.SUBMITTED, Owner.RESPONDENT),
    Transition(Step.SUBMIT, _S.RETURNED, _S.SUBMITTED, Owner.RESPONDENT),
    Transition(Step.SUBMIT, _S.LOCKED, _S.SUBMITTED, Owner.RESPONDENT, needs_reason=True),
    Transition(Step.SUBMIT, _S.MISSING, _S.SUBMITTED, Owner.RESPONDENT, needs_reason=True),
    Transition(Step.RECALL, _S.SUBMITTED, _S.DUE, Owner.RESPONDENT, needs_reason=True),
    Transition(Step.ACCEPT, _S.SUBMITTED, _S.SUBMITTED, Owner.LEVEL, on_last=_S.ACCEPTED),
    Transition(Step.RETURN, _S.SUBMITTED, _S.RETURNED, Owner.LEVEL, needs_reason=True),
    Transition(Step.RETURN, _S.ACCEPTED, _S.RETURNED, Owner.LEVEL, needs_reason=True),
    Transition(Step.RETURN, _S.LOCKED, _S.RETURNED, Owner.LEVEL, needs_reason=True),
    Transition(Step.LOCK, _S.ACCEPTED, _S.LOCKED, Owner.CLOCK),
    Transition(Step.LOCK, _S.DUE, _S.MISSING, Owner.CLOCK, on_accepted=_S.LOCKED),
    Transition(Step.LOCK, _S.RETURNED, _S.MISSING, Owner.CLOCK, on_accepted=_S.LOCKED),
)
_BY_STEP = {(each.step, each.before): each for each in TABLE}


def transition(step: Step, state: str) -> Transition:
    """The table's row for a step out of a state. Raises Conflict, in words, for a step that is not in it."""
    found = _BY_STEP.get((step, ReturnState(state)))
    if found is None:
        raise Conflict(f"这份报表{ReturnState(state).label}，现在不能{_LABELS[step]}")
    return found


def out_of(state: str) -> Iterator[Transition]:
    """What may happen next to a return of that state."""
    return (each for each in TABLE if each.before == state)


_LABELS = {
    Step.SUBMIT: "报送", Step.RECALL: "撤回", Step.ACCEPT: "通过", Step.RETURN: "退回", Step.LOCK: "锁定",
}  # fmt: skip


def next_level(path: list[str | None], level: int) -> int:
    """The first level from `level` on that has an area to decide; the number of levels when there is none left."""
    return next((at for at in range(level, len(path)) if path[at]), len(path))
