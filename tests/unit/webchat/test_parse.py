"""From the history to the bridge: the recorded events, and a property over all histories."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine

from bot.channels.webchat.parse import BOT, cursor_after, events_of, press_event
from bot.model import Inbound, InboundKind
from storage import room_messages, room_people
from storage.room_records import MemberRow, MessageRow, QuoteRow, Unfed
from storage.room_schema import metadata

ACCOUNT = "webchat:main"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CORPUS = json.loads((Path(__file__).parents[2] / "data" / "webchat" / "events.json").read_text(encoding="utf-8"))


def message_row(room: str, given: Mapping[str, Any]) -> MessageRow:
    quote = given.get("quote")
    changed = given.get("changed_at")
    return MessageRow(
        room=room,
        n=given["n"],
        rev=given["rev"],
        born=given["born"],
        author=given["author"],
        name=given["name"],
        staff=False,
        at=datetime.fromisoformat(given["at"]) if "at" in given else NOW,
        changed_at=datetime.fromisoformat(changed) if changed else None,
        body=given["body"],
        edited=given.get("edited", False),
        recalled=given.get("recalled", False),
        quote=QuoteRow(**quote, photo=False, recalled=False) if quote else None,
    )


def unfed_of(event: Mapping[str, Any]) -> Unfed:
    return Unfed(
        room=event["room"],
        title=event.get("title", ""),
        kind=event.get("kind", "residents"),
        members=tuple(event.get("members", ())),
        fed=event["fed"],
        messages=tuple(message_row(event["room"], one) for one in event["messages"]),
    )


def plain(inbound: Inbound) -> dict[str, Any]:
    location = inbound.location
    return {
        "event_key": inbound.event_key,
        "kind": inbound.kind.value,
        "chat": inbound.chat,
        "private": inbound.private,
        "sent_at": inbound.sent_at.isoformat(),
        "sender": inbound.sender.native_id,
        "message_id": inbound.message_id,
        "text": inbound.text,
        "reply_to": inbound.reply_to,
        "reply_to_bot": inbound.reply_to_bot,
        "mentions_bot": inbound.mentions_bot,
        "attachments": [[one.kind, one.ref] for one in inbound.attachments],
        "location": [location.lat, location.lon] if location else None,
    }


DEFAULTS: dict[str, Any] = {
    "sent_at": NOW.isoformat(),
    "reply_to": None,
    "reply_to_bot": False,
    "mentions_bot": False,
    "attachments": [],
    "location": None,
}


@pytest.mark.parametrize("case", CORPUS, ids=[case["name"] for case in CORPUS])
def test_recorded_events(case: dict[str, Any]) -> None:
    """Each event of the corpus becomes exactly the Inbounds written beside it."""
    event = case["event"]
    places = {photo: (lat, lon) for photo, (lat, lon) in event.get("places", {}).items()}
    inbounds = events_of(ACCOUNT, unfed_of(event), places, NOW)
    assert [plain(one) for one in inbounds] == [{**DEFAULTS, **one} for one in case["expected"]]
    assert {one.account for one in inbounds} == {ACCOUNT}


def test_a_press_names_the_message_and_the_presser() -> None:
    """Two people with the same cid are two presses."""
    card = message_row("east", {"n": 7, "rev": 7, "born": 7, "author": BOT, "name": "网格小助手", "body": {"text": ""}})
    wang, li = (MemberRow(one, one, False, one, 1) for one in ("wang", "li"))
    event = press_event(ACCOUNT, card, wang, "accept:1:1", "c", NOW)
    assert (event.kind, event.button, event.message_id, event.private) == (InboundKind.BUTTON, "accept:1:1", "7", False)
    assert event.event_key != press_event(ACCOUNT, card, li, "accept:1:1", "c", NOW).event_key


class Room:
    """A room on the real statements, and a bridge that hears of it batch by batch."""

    def __init__(self, conn: Connection, batch: int) -> None:
        self.conn, self.batch = conn, batch
        self.heard: dict[str, Inbound] = {}
        self.order: list[Inbound] = []
        for member in (BOT, "li"):
            room_people.ensure_member(conn, member, member, staff=False)
        room_people.ensure_room(conn, "r", title="r", kind="residents", members=["li"], now=NOW)

    def act(self, what: str, n: int, step: int) -> None:
        now = NOW + timedelta(seconds=step)
        if what in {"say", "post"}:
            author = "li" if what == "say" else BOT
            room_messages.append(self.conn, "r", author, {"text": f"{step}"}, now=now)
        elif what == "edit":
            room_messages.change(self.conn, "r", n, "li", {"text": f"{step}"}, now=now)
        elif what == "recall":
            room_messages.recall(self.conn, "r", n, "li", now=now)
        else:
            self.feed(moved=what == "feed")

    def feed(self, *, moved: bool) -> bool:
        """One batch; `moved` False: the program dies before the cursor moves."""
        unfed = room_messages.unfed(self.conn, "r", BOT, self.batch)
        assert unfed is not None
        events = events_of(ACCOUNT, unfed, {}, NOW)
        for one in events:
            if one.event_key not in self.heard:
                self.order.append(one)
            self.heard.setdefault(one.event_key, one)
        if moved:
            room_messages.mark_fed(self.conn, "r", cursor_after(unfed))
        return bool(unfed.messages)

    def known(self) -> Iterator[tuple[int, str]]:
        """What the bridge believes each message to say."""
        texts: dict[int, str] = {}
        for one in self.order:
            if one.kind is InboundKind.JOINED:
                continue
            n = int(one.message_id or 0)
            if one.kind is InboundKind.RECALL:
                texts.pop(n, None)
            elif one.kind is InboundKind.MESSAGE or n in texts:
                texts[n] = one.text
        yield from sorted(texts.items())


ACTS = st.tuples(st.sampled_from(["say", "say", "post", "edit", "recall", "feed", "die"]), st.integers(1, 12))


@settings(max_examples=120, deadline=None)
@given(acts=st.lists(ACTS, max_size=40), batch=st.integers(1, 4))
def test_whatever_happens_the_bridge_ends_up_knowing_what_the_room_says(
    acts: list[tuple[str, int]], batch: int
) -> None:
    """Any order of talk, edits, recalls, batches and deaths: everything is heard, in order, with its last words."""
    engine = create_engine("sqlite://")
    with engine.connect() as conn:
        metadata.create_all(conn)
        room = Room(conn, batch)
        for step, (what, n) in enumerate(acts):
            room.act(what, n, step)
        while room.feed(moved=True):
            pass
        there = room_messages.latest(conn, "r", 1000).messages
        says = sorted((one.n, one.body["text"]) for one in there if one.author != BOT and not one.recalled)
        assert list(room.known()) == says
        first = [int(one.message_id or 0) for one in room.order if one.kind is InboundKind.MESSAGE]
        assert first == sorted(first)
        assert room_messages.unfed_rooms(conn, BOT) == []
    engine.dispose()
