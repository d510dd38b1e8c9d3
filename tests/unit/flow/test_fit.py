"""Whatever a platform sends fits the columns afterwards, and what fits already stays as it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, String

from bot.flow.codec import whole
from bot.flow.fit import ID, KEY, NAME, OLDEST, answer, fit, ident
from bot.model import Attachment, Dead, Inbound, InboundKind, Location, Sender, Sent
from storage.schema import case_link, chat_address, identity, inbox, outbox
from tests.fakes.paper import START

ANY = st.text(st.characters(), max_size=300) | st.text(st.sampled_from("a\0\ud83d"), max_size=300)
MAYBE = st.none() | ANY
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-8))])
INBOUNDS = st.builds(
    Inbound,
    account=st.just("paper:main"),
    event_key=ANY,
    kind=st.sampled_from(InboundKind),
    chat=ANY,
    private=st.booleans(),
    sent_at=st.datetimes(timezones=ZONES),
    sender=st.builds(Sender, ANY, ANY),
    message_id=MAYBE,
    text=ANY,
    reply_to=MAYBE,
    attachments=st.lists(st.builds(Attachment, ANY, ANY), max_size=2).map(tuple),
    location=st.none() | st.builds(Location, st.floats(), st.floats(), ANY),
    group_key=MAYBE,
    button=MAYBE,
)


def fits(text: str | None, limit: int | None) -> bool:
    return text is None or (whole(text) == text and (limit is None or len(text) <= limit))


@given(INBOUNDS)
def test_whatever_comes_fits(said: Inbound) -> None:
    """Every id its column, every word the database, the moment between 1970 and now; once more changes nothing."""
    made = fit(said, START)
    assert fits(made.event_key, KEY)
    for one in (made.chat, made.sender.native_id, made.message_id, made.reply_to, made.group_key):
        assert fits(one, ID)
    assert fits(made.sender.name, NAME)
    assert fits(made.button, KEY)
    assert fits(made.text, ID if made.kind is InboundKind.MIGRATED else None)
    assert all(fits(file.ref, None) and fits(file.kind, None) for file in made.attachments)
    assert made.location is None or abs(made.location.lat) <= 90
    assert OLDEST <= made.sent_at <= START
    assert fit(made, START) == made


@given(st.lists(ANY, unique=True, min_size=2, max_size=6))
def test_ids_that_differ_stay_different(ids: list[str]) -> None:
    assert len({ident(one) for one in ids}) == len(ids)


def test_the_limits_are_those_of_the_columns() -> None:
    assert length(inbox.c.event_key) == KEY
    for column in (chat_address.c.native_id, identity.c.native_id, inbox.c.group_key, case_link.c.message_id):
        assert length(column) == ID
    assert length(outbox.c.native_id) == ID


def length(column: Column[Any]) -> int | None:
    assert isinstance(column.type, String)
    return column.type.length


def test_what_fits_is_not_touched() -> None:
    """400,000 messages a day pass through here, nearly all of them whole."""
    said = Inbound("paper:main", "7", InboundKind.MESSAGE, "g1", False, START, Sender("u1", "李阿姨"), "7", "路灯坏了")
    assert fit(said, START) is said
    assert fit(replace(said, sent_at=START + timedelta(days=1)), START) == said


def test_an_answer_fits_as_well() -> None:
    """As what comes in with the same id does."""
    assert answer(Sent("9" * 300)) == Sent(ident("9" * 300))
    assert answer(Dead("为什么\0" * 500, moved_to="a\0")) == Dead(("为什么" * 500)[:500], moved_to=ident("a\0"))
