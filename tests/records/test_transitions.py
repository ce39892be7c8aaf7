"""The table of transitions, walked through: nothing waits without somebody whose turn it is, or a clock."""

from __future__ import annotations

import itertools

import pytest

from jiqun.model.errors import Conflict
from jiqun.records.models import ReturnState
from jiqun.records.transitions import TABLE, Owner, Step, next_level, out_of, transition

START, RESTING = ReturnState.DUE, {ReturnState.LOCKED, ReturnState.MISSING}
LEVELS = 3


def reached() -> set[tuple[str, int, bool]]:
    """(state, levels passed, has come through before) of everything that can happen, found by trying every step."""
    found, waiting = set(), [(START.value, 0, False)]
    while waiting:
        state, level, has_passed = waiting.pop()
        if (state, level, has_passed) in found:
            continue
        found.add((state, level, has_passed))
        for each in out_of(state):
            waiting.append(after(each.step, state, level, has_passed))
    return found


def after(step: Step, state: str, level: int, has_passed: bool) -> tuple[str, int, bool]:
    """The model of one return, written beside the verbs: they must do the same."""
    each = transition(step, state)
    if step is Step.ACCEPT and level + 1 == LEVELS:
        assert each.on_last is not None
        return each.on_last.value, LEVELS, True
    if step is Step.ACCEPT:
        return each.after.value, level + 1, has_passed
    if step is Step.RETURN and state == ReturnState.ACCEPTED:
        has_passed = False
    if has_passed and each.on_accepted is not None:
        return each.on_accepted.value, level, has_passed
    return each.after.value, 0, has_passed


def test_every_state_can_be_reached_and_left() -> None:
    assert {state for state, _, _ in reached()} == {state.value for state in ReturnState}
    for state in ReturnState:
        assert list(out_of(state)), f"nobody can do anything with what is {state}"


def test_no_state_is_without_an_owner_or_a_clock() -> None:
    for state in set(ReturnState) - RESTING:
        owners = {each.owner for each in out_of(state)}
        assert owners & {Owner.RESPONDENT, Owner.LEVEL, Owner.CLOCK}
        assert state == ReturnState.SUBMITTED or Owner.CLOCK in owners, f"{state} would wait for ever"
    submitted = {each.step for each in out_of(ReturnState.SUBMITTED) if each.owner is Owner.LEVEL}
    assert submitted == {Step.ACCEPT, Step.RETURN}, "a level has its own clock: `turn_until`"


def test_from_everywhere_there_is_a_way_to_rest() -> None:
    for found in reached():
        seen, waiting = set(), [found]
        while waiting:
            at = waiting.pop()
            if at not in seen:
                seen.add(at)
                waiting += [after(each.step, *at) for each in out_of(at[0])]
        assert {ReturnState.LOCKED} <= {state for state, _, _ in seen}


def test_only_the_respondent_makes_something_submitted_of_what_is_not() -> None:
    for each in TABLE:
        if each.after is ReturnState.SUBMITTED and each.before is not ReturnState.SUBMITTED:
            assert (each.step, each.owner) == (Step.SUBMIT, Owner.RESPONDENT)


def test_whoever_turns_something_back_says_why() -> None:
    assert all(each.needs_reason for each in TABLE if each.step in (Step.RETURN, Step.RECALL))


def test_what_the_table_does_not_have_is_refused_in_words() -> None:
    had = {(each.step, each.before) for each in TABLE}
    for step, state in itertools.product(Step, ReturnState):
        if (step, state) not in had:
            with pytest.raises(Conflict, match="现在不能"):
                transition(step, state)
    assert len(had) == len(TABLE), "one way for each step out of each state"


def test_what_came_through_once_is_never_missing() -> None:
    assert (ReturnState.MISSING.value, 0, True) not in reached()


def test_a_level_without_an_area_is_passed_over() -> None:
    assert next_level(["park", "district", "city"], 0) == 0
    assert next_level([None, "district", "city"], 0) == 1
    assert next_level(["park", None, "city"], 1) == 2
    assert next_level(["park", None, None], 1) == 3
