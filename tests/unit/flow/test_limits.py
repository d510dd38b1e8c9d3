"""Pacing as deadlines: the platform's numbers are never exceeded, and a wait is never cut short."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.flow.limits import MAX_CHATS, Bucket, Limits

EPSILON = 1e-6  # floats of times in the year 2026 are this exact
STEPS = st.lists(st.floats(0, 30), min_size=1, max_size=80)  # seconds between two tries


def sends(bucket: Bucket, waits: list[float], *, patient: bool) -> list[float]:
    """When something was sent by one who tries at these moments; the patient one sleeps until he may."""
    now, sent = 1_000_000.0, []
    for wait in waits:
        now += wait
        ready = bucket.ready_at(now)
        if ready > now and not patient:
            continue
        now = max(now, ready)
        bucket.take(now)
        sent.append(now)
    return sent


@given(st.floats(0.1, 50), st.integers(1, 20), STEPS, st.booleans())
def test_never_more_than_burst_and_rate(rate: float, burst: int, waits: list[float], patient: bool) -> None:
    """In any window of t seconds at most burst + rate·t."""
    sent = sends(Bucket(rate, burst), waits, patient=patient)
    for first, start in enumerate(sent):
        for last in range(first, len(sent)):
            assert last - first + 1 <= burst + rate * (sent[last] - start) + EPSILON * rate * 10 + 1e-3


@given(st.integers(1, 200), st.lists(st.floats(0, 3), min_size=1, max_size=300))
def test_never_more_in_a_minute_than_the_platform_allows(per_minute: int, waits: list[float]) -> None:
    """20 a minute means 20 in any sixty seconds, the full bucket at the start included."""
    limits = Limits(per_chat_per_minute=per_minute, per_account_per_second=1000)
    now, sent = 1_000_000.0, []
    for wait in waits:
        now = max(now + wait, limits.ready_at("g1", now + wait))
        limits.take("g1", now)
        sent.append(now)
    for start in sent:
        assert len([moment for moment in sent if start <= moment < start + 60 - 1e-3]) <= per_minute


@given(st.floats(1, 100), st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=300))
def test_never_more_in_a_second_than_the_account_may(per_second: float, chats: list[str]) -> None:
    """Whatever chats it goes to."""
    limits = Limits(per_chat_per_minute=10_000, per_account_per_second=per_second)
    now, sent = 1_000_000.0, []
    for chat in chats:
        now = max(now, limits.ready_at(chat, now))
        limits.take(chat, now)
        sent.append(now)
    for start in sent:
        assert len([moment for moment in sent if start <= moment < start + 1 - 1e-3]) <= per_second + 1


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100), st.booleans()), min_size=1, max_size=30))
def test_a_wait_is_never_cut_short(closings: list[tuple[float, float, bool]]) -> None:
    """Whatever the platform says later and whoever asks: not before the longest wait it named."""
    limits = Limits(per_chat_per_minute=60, per_account_per_second=100)
    now, chat_until, account_until = 0.0, 0.0, 0.0
    for wait, closed_for, whole_account in closings:
        now += wait
        if whole_account:
            limits.close_account(now + closed_for)
            account_until = max(account_until, now + closed_for)
        else:
            limits.close_chat("g1", now + closed_for)
            chat_until = max(chat_until, now + closed_for)
        assert limits.ready_at("g1", now) >= max(chat_until, account_until, now)
        assert limits.ready_at("g2", now) >= max(account_until, now)
        assert limits.ready_at("g2", now) == max(account_until, now)


def test_what_waits_is_told_apart() -> None:
    """Ten posts over the pace get ten moments, each as far from the last as the pace wants."""
    limits = Limits(per_chat_per_minute=60, per_account_per_second=100)
    for _ in range(15):
        limits.take("g1", 100.0)
    moments = [limits.ready_at("g1", 100.0, ahead=ahead) for ahead in range(10)]
    gaps = {round(later - sooner, 6) for sooner, later in pairwise(moments)}
    assert moments[0] > 100
    assert gaps == {round(60 / 46, 6)}


def test_a_clock_set_back_stops_nothing() -> None:
    """An hour back, and the bucket fills from there."""
    bucket = Bucket(rate=1, burst=2)
    for _ in range(2):
        bucket.take(10_000.0)
    assert bucket.ready_at(6_400.0) == 6_401.0
    assert bucket.ready_at(6_401.0) == 6_401.0


def test_full_buckets_are_dropped() -> None:
    """A city's groups need no memory of their own for ever; a closed one is kept."""
    limits = Limits(per_chat_per_minute=60, per_account_per_second=1e9)
    limits.close_chat("closed", 1e9)
    for number in range(MAX_CHATS + 50):
        limits.take(f"g{number}", float(number * 100))
    assert len(limits._chats) < 100
    assert limits.ready_at("closed", 1e6) == 1e9


def test_a_clock_set_back_keeps_nothing_shut() -> None:
    """The platform said a minute, and it is a minute, wherever the clock goes."""
    bucket = Bucket(rate=1, burst=2)
    bucket.take(10_000.0)
    bucket.close(10_060.0)
    assert bucket.ready_at(6_400.0) == 6_460.0
