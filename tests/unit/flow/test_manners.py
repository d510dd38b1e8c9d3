"""What a group sees and when: modes × kinds, the night, the ceiling, a round of posts."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.flow.limits import Limits
from bot.flow.manners import Night, ceiling_frees_at, due_at, group_sees
from bot.flow.pacing import Round
from bot.model import ChatKind, Mode, Priority
from tests.fakes.paper import START

CITY = ZoneInfo("Asia/Shanghai")
NIGHT = Night(time(21), time(7), CITY)
MOMENTS = st.integers(0, 366 * 86400).map(lambda seconds: START + timedelta(seconds=seconds))
CLOCKS = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30]))


def local(hour: int, minute: int = 0, day: int = 9) -> datetime:
    return datetime(2026, 10, day, hour, minute, tzinfo=CITY).astimezone(UTC)


# ---------------------------------------------------------------- modes


@pytest.mark.parametrize(
    ("kind", "modes"),
    [
        ("result", {Mode.RESULTS, Mode.FULL}),
        ("accepted", {Mode.RESULTS, Mode.FULL}),
        ("reopened", {Mode.RESULTS, Mode.FULL}),
        ("emergency", {Mode.RESULTS, Mode.FULL}),
        ("published", {Mode.RESULTS, Mode.FULL}),
        ("storm", {Mode.RESULTS, Mode.FULL}),
        ("intro", {Mode.FULL}),
        ("answer", {Mode.FULL}),
        ("acked", {Mode.FULL}),
        ("declined", {Mode.FULL}),
        ("never heard of", {Mode.FULL}),
    ],
)
def test_what_a_group_sees(kind: str, modes: set[Mode]) -> None:
    """A shadow group sees nothing at all; acceptances and results the next; everything else only the full one."""
    assert {mode for mode in Mode if group_sees(mode, kind)} == modes


def test_a_mode_nobody_knows_is_an_error() -> None:
    """A typing error in the directory must not open a group."""
    with pytest.raises(ValueError, match="loud"):
        group_sees("loud", "result")


# ---------------------------------------------------------------- the night


@pytest.mark.parametrize(
    ("hour", "minute", "covered"),
    [(20, 59, False), (21, 0, True), (23, 59, True), (0, 0, True), (6, 59, True), (7, 0, False), (12, 0, False)],
)
def test_a_night_over_midnight(hour: int, minute: int, covered: bool) -> None:
    """From nine to seven, the first minute included, the last not."""
    assert NIGHT.covers(local(hour, minute)) is covered


def test_a_night_within_a_day_and_none() -> None:
    """A rest at noon is possible; the same hour twice is no night."""
    noon = Night(time(12), time(14), CITY)
    assert [noon.covers(local(hour)) for hour in (11, 12, 13, 14)] == [False, True, True, False]
    none = Night(time(9), time(9), CITY)
    assert not any(none.covers(local(hour)) for hour in range(24))


@given(MOMENTS, CLOCKS, CLOCKS)
def test_the_morning_is_the_next_one(moment: datetime, start: time, end: time) -> None:
    """The end of the night lies after the moment, within a day, and outside the night."""
    night = Night(start, end, CITY)
    if not night.covers(moment):
        return
    morning = night.over_at(moment)
    assert moment < morning <= moment + timedelta(days=1)
    assert not night.covers(morning)
    assert night.covers(morning - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("kind", "chat_kind", "priority", "urgent", "waits"),
    [
        ("result", ChatKind.RESIDENTS, Priority.RESULT, False, True),
        ("accepted", ChatKind.RESIDENTS, Priority.NOTICE, True, True),
        ("emergency", ChatKind.RESIDENTS, Priority.EMERGENCY, True, False),
        ("reported", ChatKind.STAFF, Priority.CARD, False, True),
        ("reported", ChatKind.STAFF, Priority.CARD, True, False),
        ("reported", ChatKind.STAFF, Priority.EMERGENCY, True, False),
        ("overdue_red", ChatKind.PRIVATE, Priority.REMINDER, False, True),
        ("list", ChatKind.PRIVATE, Priority.DIGEST, False, True),
        ("answer", ChatKind.PRIVATE, Priority.ANSWER, False, False),
        ("accepted", ChatKind.PRIVATE, Priority.NOTICE, False, False),
        ("dispatched", ChatKind.UNIT, Priority.NOTICE, False, False),
    ],
)
def test_what_waits_for_the_morning(
    kind: str, chat_kind: ChatKind, priority: Priority, urgent: bool, waits: bool
) -> None:
    """At night a group hears emergencies only, staff no ordinary card and no reminder; who asks is answered."""

    def due(now: datetime) -> datetime:
        return due_at(
            now, kind=kind, chat_kind=chat_kind, priority=priority, night=NIGHT, wait=timedelta(), urgent=urgent
        )

    assert due(local(22)) == (local(7, day=10) if waits else local(22))
    assert due(local(3)) == (local(7) if waits else local(3))
    assert due(local(12)) == local(12)


def test_a_card_waits_for_its_pieces() -> None:
    """Eight seconds, into the night if need be; an emergency waits for nothing."""
    wait = timedelta(seconds=8)

    def due(now: datetime, priority: Priority) -> datetime:
        return due_at(now, kind="reported", chat_kind=ChatKind.STAFF, priority=priority, night=NIGHT, wait=wait)

    assert due(local(12), Priority.CARD) == local(12) + wait
    assert due(local(20, 59) + timedelta(seconds=55), Priority.CARD) == local(7, day=10)
    assert due(local(23), Priority.EMERGENCY) == local(23)


# ---------------------------------------------------------------- the ceiling


@given(st.lists(st.integers(0, 7200), max_size=30), st.integers(1, 10))
def test_the_ceiling_frees_when_enough_is_an_hour_old(ages: list[int], per_hour: int) -> None:
    """Before the moment it names the group is full, from then on it is not."""
    sent = sorted(START - timedelta(seconds=age) for age in ages)
    free = ceiling_frees_at(sent, START, kind="accepted", per_hour=per_hour)
    heard = len([moment for moment in sent if moment > START - timedelta(hours=1)])
    assert (free is None) == (heard < per_hour)
    if free is not None:
        assert START < free <= START + timedelta(hours=1)
        assert ceiling_frees_at(sent, free, kind="accepted", per_hour=per_hour) is None


@pytest.mark.parametrize("kind", ["result", "emergency", "storm"])
@pytest.mark.parametrize("per_hour", [0, 1])
def test_results_are_never_delayed(kind: str, per_hour: int) -> None:
    """The ceiling counts them, but they do not wait for it."""
    assert ceiling_frees_at([START] * 9, START, kind=kind, per_hour=per_hour) is None


def test_a_ceiling_of_nothing_never_frees() -> None:
    """Zero is a number."""
    assert ceiling_frees_at([], START, kind="accepted", per_hour=0) == START + timedelta(hours=1)


# ---------------------------------------------------------------- a round of posts


def a_round(per_hour: int = 3, per_minute: int = 600) -> Round:
    limits = Limits(per_chat_per_minute=per_minute, per_account_per_second=1000)
    return Round(limits, START, per_hour=per_hour)


def test_a_round_keeps_the_ceiling_among_its_own() -> None:
    """Ten acceptances claimed together: three go now, the others in an hour; the result goes; other groups hear all."""
    pace = a_round()
    put_off = [pace.put_off("g1", "accepted", []) for _ in range(10)]
    assert put_off[:3] == [None] * 3
    assert set(put_off[3:]) == {START + timedelta(hours=1)}
    assert pace.put_off("g1", "result", None) is None
    assert pace.put_off("g2", "accepted", []) is None


def test_a_round_spreads_what_is_too_much_for_the_platform() -> None:
    """Twenty a minute: five at once, the others each at a moment of its own, in their order."""
    pace = a_round(per_minute=20)
    put_off = [pace.put_off("g1", "result", None) for _ in range(20)]
    assert put_off[:5] == [None] * 5
    later = [moment for moment in put_off[5:] if moment is not None]
    assert len(later) == 15
    assert later == sorted(set(later))
    assert later[-1] <= START + timedelta(minutes=1)
