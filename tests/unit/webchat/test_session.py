"""Cookies, tokens and windows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.webchat.session import Sessions, Window, new_token, token_hash, tokens_in
from storage.room_records import MemberRow

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LI = MemberRow("li", "李大爷", False, "seat-of-li", 1)
SESSIONS = Sessions("a-secret-for-tests", 180)


def test_a_cookie_holds_until_its_time_is_over() -> None:
    """And not a second longer."""
    cookie = SESSIONS.issue(LI, NOW)
    assert SESSIONS.holds(cookie, LI, NOW + timedelta(days=179))
    assert not SESSIONS.holds(cookie, LI, NOW + timedelta(days=180, seconds=1))


def test_a_cookie_holds_for_one_member_one_seat_one_epoch_and_one_secret() -> None:
    """Whatever of them changes, it is worth nothing."""
    cookie = SESSIONS.issue(LI, NOW)
    for other in (
        MemberRow("wang", "李大爷", False, "seat-of-li", 1),
        MemberRow("li", "李大爷", False, "another-seat", 1),
        MemberRow("li", "李大爷", False, "seat-of-li", 2),
    ):
        assert not SESSIONS.holds(cookie, other, NOW)
    assert not Sessions("another-secret-for-tests", 180).holds(cookie, LI, NOW)
    assert SESSIONS.holds(
        cookie, MemberRow("li", "李永福", True, "seat-of-li", 1), NOW
    )  # a new name is the same person


@given(st.text(max_size=90))
def test_no_made_up_cookie_holds(cookie: str) -> None:
    """And none makes the check fail."""
    assert not SESSIONS.holds(cookie, LI, NOW)


def test_tokens_are_long_and_different_and_found_in_talk() -> None:
    """At least fifty bits; the hash says nothing of the token."""
    tokens = {new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert min(len(token) for token in tokens) >= 22
    token = tokens.pop()
    assert tokens_in(f"点这个 https://example.org/chat/i/{token}，快") == [token]
    assert tokens_in("看 /chat/i/short 和 /chat/x") == []
    assert token not in token_hash(token)


@given(gaps=st.lists(st.floats(0, 8), max_size=80), most=st.integers(1, 6))
def test_a_window_never_lets_more_through_than_it_says(gaps: list[float], most: int) -> None:
    """In no span of ten seconds, however the events come."""
    window, now, passed = Window(most, timedelta(seconds=10)), NOW, []
    for gap in gaps:
        now += timedelta(seconds=gap)
        if window.allows("li", now):
            passed.append(now)
    for begin in passed:
        assert sum(1 for time in passed if begin <= time < begin + timedelta(seconds=10)) <= most


def test_a_window_keeps_people_apart_and_forgets() -> None:
    """One who is stopped stops nobody else; the table is bounded."""
    window = Window(1, timedelta(seconds=10), keys=3)
    assert window.allows("li", NOW)
    assert not window.allows("li", NOW)
    assert all(window.allows(key, NOW) for key in "abc")
    assert len(window._times) == 3
