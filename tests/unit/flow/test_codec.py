"""Inbound -> JSON -> Inbound."""

from __future__ import annotations

import json
from datetime import UTC, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from bot.flow import codec
from bot.model import Attachment, Inbound, InboundKind, Location, Sender
from tests.fakes.paper import START

WORDS = st.text(max_size=12).map(codec.whole)
IDS = st.text(st.characters(codec="ascii", exclude_characters="\0"), min_size=1, max_size=8)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=8))])


def inbounds(earlier: st.SearchStrategy[tuple[Inbound, ...]]) -> st.SearchStrategy[Inbound]:
    return st.builds(
        Inbound,
        account=IDS,
        event_key=IDS,
        kind=st.sampled_from(InboundKind),
        chat=IDS,
        private=st.booleans(),
        sent_at=st.datetimes(timezones=ZONES),
        sender=st.builds(Sender, IDS, WORDS, is_bot=st.booleans(), anonymous=st.booleans()),
        message_id=st.none() | IDS,
        text=WORDS,
        reply_to=st.none() | IDS,
        reply_to_bot=st.booleans(),
        mentions_bot=st.booleans(),
        attachments=st.lists(
            st.builds(Attachment, IDS, IDS, st.none() | IDS, st.none() | st.integers(0, 10**9)), max_size=3
        ).map(tuple),
        location=st.none() | st.builds(Location, st.floats(-90, 90), st.floats(-180, 180), WORDS),
        group_key=st.none() | IDS,
        button=st.none() | IDS,
        earlier=earlier,
    )


PIECES = st.lists(inbounds(st.just(())), max_size=3).map(tuple)


@given(inbounds(PIECES))
def test_nothing_is_lost_on_the_way_through_the_inbox(said: Inbound) -> None:
    """Every field of every event, pieces included, survives JSON."""
    assert codec.load(json.loads(json.dumps(codec.dump(said)))) == said


@given(st.text(st.characters()))
def test_what_no_database_takes_is_left_out(text: str) -> None:
    """Halves of characters and NULs go; all else stays, and a second time changes nothing."""
    kept = codec.whole(text)
    assert kept.encode().decode() == kept
    assert codec.whole(kept) == kept
    assert kept == "".join(char for char in text if char != "\0" and not "\ud800" <= char <= "\udfff")


def test_a_plain_message_is_small() -> None:
    """Defaults are not written: 400,000 messages a day pass through here."""
    said = Inbound("paper:main", "7", InboundKind.MESSAGE, "g1", False, START, Sender("u1", "李阿姨"), "7", "路灯坏了")
    assert set(codec.dump(said)) == {"account", "key", "kind", "chat", "at", "from", "id", "text"}


def test_half_a_character_reaches_no_database() -> None:
    """A text cut by a careless client is stored without its broken end."""
    said = Inbound(
        "paper:main", "7", InboundKind.MESSAGE, "g1", False, START, Sender("u1", "\ud83d"), "7", "坏\0了\ud83d"
    )
    loaded = codec.load(codec.dump(said))
    assert (loaded.text, loaded.sender.name) == ("坏了", "")
