"""Rows that other rows need."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from storage import cases, directory, schema
from storage.records import CaseRow, NewInbox, NewPost

NOW = datetime(2026, 10, 9, 9, 30, tzinfo=UTC)
ACCOUNT = "webchat:main"
LEASE = timedelta(seconds=60)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def a_chat(conn: Connection, native_id: str = "g1", *, kind: str = "residents") -> int:
    return directory.ensure_chat(conn, ACCOUNT, native_id, kind=kind, now=NOW).id


def a_person(conn: Connection, native_id: str = "u1", name: str = "李阿姨") -> int:
    return directory.ensure_person(conn, "webchat", native_id, name, NOW).id


def a_case(conn: Connection, **values: Any) -> CaseRow:
    facts = {
        "state": "reported",
        "source": "group",
        "category": "streetlight",
        "urgency": "normal",
        "sensitive": "none",
        "reported_at": NOW,
        "updated_at": NOW,
    }
    return cases.insert(conn, {**facts, **values})


def message(chat_id: int, key: str, **values: Any) -> NewInbox:
    facts: dict[str, Any] = {"body": {"text": key}, "sent_at": NOW, "received_at": NOW, "due_at": NOW}
    return NewInbox(account=ACCOUNT, event_key=key, chat_id=chat_id, kind="message", **{**facts, **values})


def post(lane: str, **values: Any) -> NewPost:
    facts: dict[str, Any] = {"kind": "result", "priority": 2, "body": {}, "due_at": NOW, "account": ACCOUNT}
    return NewPost(lane=lane, **{**facts, **values})


def posts_waiting(conn: Connection, account: str) -> int:
    """How many posts of an account are neither sent nor settled."""
    waiting = select(func.count()).select_from(schema.outbox).where(schema.outbox.c.state == "pending")
    return int(conn.execute(waiting.where(schema.outbox.c.account == account)).scalar_one())
