"""Old traffic goes, what still has a duty stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from storage import chats, inbox, outbox
from storage.engine import Database
from storage.records import NewInbox, NewPost
from storage.schema import inbox as inbox_table
from storage.schema import outbox as outbox_table

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
LEASE = timedelta(minutes=1)


def _row(chat_id: int, key: str) -> NewInbox:
    return NewInbox(
        account="paper:main", event_key=key, chat_id=chat_id, kind="message", body={"text": key}, group_key=None,
        sent_at=NOW, received_at=NOW, due_at=NOW,
    )  # fmt: skip


async def test_done_messages_go_and_waiting_ones_stay(db: Database) -> None:
    """Of two old messages the handled one is deleted, the pending one is not."""

    def work(conn):  # type: ignore[no-untyped-def]
        chat = chats.ensure_chat(conn, "paper:main", "g", kind="residents", now=NOW)
        inbox.put(conn, [_row(chat.id, "done"), _row(chat.id, "waits")])
        (head,) = inbox.claim(conn, NOW, limit=1, lease=LEASE)
        inbox.finish(conn, head, NOW)
        assert inbox.prune(conn, NOW) == 0
        assert inbox.prune(conn, NOW + LEASE) == 1
        return conn.execute(select(inbox_table.c.event_key)).scalars().all()

    assert await db.run(work) == ["waits"]


@pytest.mark.parametrize("rows", [3, 4, 5])
async def test_much_goes_in_portions(db: Database, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    """A statement that deletes a season of traffic at once would take longer than PostgreSQL is given for one."""
    monkeypatch.setattr("storage.portions.PORTION", 2)

    def work(conn):  # type: ignore[no-untyped-def]
        chat = chats.ensure_chat(conn, "paper:main", "g", kind="residents", now=NOW)
        inbox.put(conn, [_row(chat.id, f"old {number}") for number in range(rows)])
        for _ in range(rows):
            (head,) = inbox.claim(conn, NOW, limit=1, lease=LEASE)
            inbox.finish(conn, head, NOW)
        inbox.put(conn, [_row(chat.id, "waits")])
        assert inbox.prune(conn, NOW + LEASE) == rows
        return conn.execute(select(inbox_table.c.event_key)).scalars().all()

    assert await db.run(work) == ["waits"]


async def test_a_sent_result_keeps_its_key(db: Database) -> None:
    """A deduplicated post stays, so that its result can never be posted again; an ordinary one goes."""

    def work(conn):  # type: ignore[no-untyped-def]
        chat = chats.ensure_chat(conn, "paper:main", "g", kind="residents", now=NOW)
        posts = [
            NewPost(lane=lane, account="paper:main", kind="result", priority=2, body={}, due_at=NOW, chat_id=chat.id,
                    dedupe=dedupe)
            for lane, dedupe in (("a", "result:1:1:1"), ("b", None))
        ]  # fmt: skip
        outbox.put(conn, posts, NOW)
        for row in outbox.claim(conn, NOW, accounts=["paper:main"], limit=5, lease=LEASE).rows:
            outbox.finish(conn, row, "sent", NOW, native_id="1")
        outbox.prune(conn, NOW + LEASE)
        return conn.execute(select(outbox_table.c.dedupe)).scalars().all()

    assert await db.run(work) == ["result:1:1:1"]


async def test_an_old_key_keeps_no_words(db: Database) -> None:
    """A result of which nobody knows whether it arrived: after the season its key stays, its words and its retry go."""

    def work(conn):  # type: ignore[no-untyped-def]
        chat = chats.ensure_chat(conn, "paper:main", "g", kind="residents", now=NOW)
        post = NewPost(lane="a", account="paper:main", kind="result", priority=2, body={"text": "修好了"}, due_at=NOW,
                       chat_id=chat.id, dedupe="result:1:1:1")  # fmt: skip
        outbox.put(conn, [post], NOW)
        (row,), _ = outbox.claim(conn, NOW, accounts=["paper:main"], limit=5, lease=LEASE)
        outbox.finish(conn, row, "unknown", NOW, reason="no answer")
        before = conn.execute(select(outbox_table.c.body)).scalar_one()
        outbox.prune(conn, NOW + LEASE)
        after = conn.execute(select(outbox_table.c.body, outbox_table.c.dedupe)).one()
        return before, tuple(after), outbox.retry(conn, row.id, NOW)

    assert await db.run(work) == ({"text": "修好了"}, ({}, "result:1:1:1"), False)
