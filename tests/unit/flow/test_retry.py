"""What follows an outcome: outcomes × kinds, and the waits."""

from __future__ import annotations

import random
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.flow.retry import (
    MAX_SEND_FAILURES,
    RESENDS,
    UNNAMED_WAIT,
    Next,
    after_death,
    after_send,
    after_unknown,
    backoff,
    inbox_retry,
)
from bot.model import Dead, Priority, Retry, Scope, SendResult, Sent, Unknown
from tests.fakes.paper import START

CARRY_A_NUMBER = [
    *("result", "reported", "accepted", "dispatched", "resolved", "reopened", "rework", "round", "answer"),
    *("declined", "undone", "withdrawn", "called_off", "supplement", "extended", "supervised"),
]
COVERED_BY_THE_NEXT = ["reminder", "overdue_yellow", "overdue_red", "overdue_supervise", "list", "acked"]


def after(
    result: SendResult,
    *,
    kind: str = "result",
    failures: int = 0,
    unknowns: int = 0,
    priority: Priority = Priority.NOTICE,
) -> Next:
    return after_send(result, kind=kind, priority=priority, failures=failures, unknowns=unknowns, now=START)


def seconds(step: Next) -> float:
    assert step.due_at is not None
    return (step.due_at - START).total_seconds()


@pytest.mark.parametrize("kind", [*CARRY_A_NUMBER, *COVERED_BY_THE_NEXT])
def test_sent_is_sent(kind: str) -> None:
    """With the native id, whatever went wrong before."""
    assert after(Sent("77"), kind=kind, failures=5) == Next(state="sent", native_id="77")


@pytest.mark.parametrize("kind", CARRY_A_NUMBER)
def test_unknown_what_asks_or_ends_is_sent_again(kind: str) -> None:
    """It carries its case number, so a double harms nobody; later each time, until a person has to look."""
    again = [after(Unknown("timeout"), kind=kind, unknowns=unknowns) for unknowns, _ in enumerate(RESENDS)]
    assert [seconds(step) for step in again] == [5, 60, 600, 3600]
    assert {(step.state, step.own_failure, step.unknown) for step in again} == {(None, False, True)}
    assert after(Unknown("timeout"), kind=kind, unknowns=len(RESENDS)) == Next(state="unknown", reason="timeout")
    assert after(Unknown("timeout"), kind=kind, failures=3).unknown, "a refused send before is no unknown one"


@pytest.mark.parametrize("kind", COVERED_BY_THE_NEXT)
def test_unknown_a_reminder_is_not_sent_again(kind: str) -> None:
    """Its next slot covers it."""
    assert after(Unknown("timeout"), kind=kind) == Next(state="unknown", reason="timeout")


def test_unknown_emergencies_and_edits_of_any_kind_are_repeated() -> None:
    """An emergency is worth a double; a card replaced twice is as if replaced once."""
    assert after(Unknown("timeout"), kind="acked", priority=Priority.EMERGENCY).state is None
    assert after(Unknown("timeout"), kind="edit:4711").state is None


@pytest.mark.parametrize("kind", [*CARRY_A_NUMBER, *COVERED_BY_THE_NEXT])
def test_where_a_second_delivery_is_dropped_everything_goes_again(kind: str) -> None:
    """Nobody sees it twice; still not for ever, for what always fails must come before a person."""
    again = partial(after_send, Unknown("timeout"), kind=kind, priority=Priority.REMINDER, failures=0, now=START)
    for unknowns, wait in enumerate(RESENDS):
        step = again(unknowns=unknowns, harmless=True)
        assert (step.unknown, seconds(step)) == (True, wait)
    assert again(unknowns=len(RESENDS), harmless=True).state == "unknown"
    lapsed = after_unknown(
        kind=kind, priority=Priority.REMINDER, unknowns=0, now=START, reason="lease ran out", ours=True, harmless=True
    )
    assert (lapsed.unknown, lapsed.due_at) == (True, START)


def test_a_lapsed_lease_is_unknown() -> None:
    """Somebody died between sending and marking: the same policy, but at once, for the platform is not to blame."""
    for kind, due in (("result", START), ("reminder", None)):
        step = after_unknown(kind=kind, priority=Priority.RESULT, unknowns=0, now=START, reason="timeout", ours=True)
        assert (step.due_at, step.state) == (due, after(Unknown("timeout"), kind=kind).state)


@pytest.mark.parametrize("scope", [Scope.ACCOUNT, Scope.DESTINATION])
@pytest.mark.parametrize("failures", [0, 7, 500])
def test_a_failure_of_more_than_the_row_costs_the_row_nothing(scope: Scope, failures: int) -> None:
    """An account that is down for a day is waited for; nobody's attempts are used up."""
    step = after(Retry(30, "flood", scope), failures=failures)
    assert step == Next(due_at=START + timedelta(seconds=30), reason="flood", pause=scope)
    assert seconds(after(Retry(0, "conflict", scope))) == UNNAMED_WAIT


def test_a_row_that_fails_waits_longer_and_dies() -> None:
    """Where the platform names no wait it doubles up to a minute; after eight failures the row is dead."""
    waits = [seconds(after(Retry(0, "500"), failures=failures)) for failures in range(MAX_SEND_FAILURES - 1)]
    assert waits == [1, 2, 4, 8, 16, 32, 60]
    assert seconds(after(Retry(17, "500"), failures=3)) == 17
    last = after(Retry(0, "500"), failures=MAX_SEND_FAILURES - 1)
    assert (last.state, "500" in last.reason) == ("dead", True)


@pytest.mark.parametrize("scope", list(Scope))
def test_dead_is_dead(scope: Scope) -> None:
    """It can never be sent like this."""
    assert after(Dead("kicked", scope)) == Next(state="dead", reason="kicked")


def test_a_chat_that_moved_is_followed() -> None:
    """The post goes to the new address, but not round in circles."""
    step = after(Dead("moved", moved_to="-100"))
    assert (step.state, seconds(step), step.own_failure) == (None, 0, True)
    assert after(Dead("moved", moved_to="-100"), failures=MAX_SEND_FAILURES - 1).state == "dead"


def test_a_row_of_the_inbox_is_tried_three_times() -> None:
    """At 0, 1 and 5 seconds, then it is a dead letter."""
    waits = [inbox_retry(failures, START) for failures in (1, 2, 3, 4)]
    assert waits == [START + timedelta(seconds=1), START + timedelta(seconds=5), None, None]


@given(st.integers(1, 10_000), st.integers())
def test_backoff_grows_to_its_cap(attempt: int, seed: int) -> None:
    """Between half of and the whole doubled wait, never more than the cap, never nothing."""
    wait = backoff(attempt, base=1, cap=60, jitter=random.Random(seed))
    whole = min(60, 2 ** min(attempt - 1, 6))
    assert whole / 2 <= wait <= whole


def test_a_post_over_which_the_program_dies_waits_longer_each_time() -> None:
    """At once while it may be chance; then 1, 2, 4, 8 and 16 seconds, so that others are sent between; then parked."""
    steps = [after_death(failures=failures, now=START, reason="died") for failures in range(8)]
    waits = [(step.due_at - START).total_seconds() if step.due_at else None for step in steps]
    assert waits == [0, 0, 1, 2, 4, 8, 16, None]
    assert steps[-1].state == "dead"
