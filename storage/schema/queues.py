"""The way in and out, and what several processes share."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.schema.base import Id, metadata
from storage.types import Body, Utc

# Queues are read by their few pending rows, however many done ones lie behind them.
_PENDING: dict[str, Any] = {"sqlite_where": text("state='pending'"), "postgresql_where": text("state='pending'")}


inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account", String(64), nullable=False),
    Column("event_key", String(200), nullable=False),
    Column("chat_id", Id, ForeignKey("chat.id"), nullable=False),  # the lane
    Column("kind", String(16), nullable=False),
    Column("body", Body),  # bot.model.Inbound; None once it led to nothing
    Column("group_key", String(128)),  # an album's parts are claimed together
    Column("sent_at", Utc, nullable=False),
    Column("received_at", Utc, nullable=False),
    Column("state", String(8), nullable=False),  # pending | done | dead
    Column("attempts", Integer, nullable=False, server_default="0"),  # also the claim's fencing token
    Column("failures", Integer, nullable=False, server_default="0"),  # the row's own errors only
    Column("due_at", Utc, nullable=False),
    Column("locked_until", Utc),
    Column("reason", Text),
    Column("done_at", Utc),
    UniqueConstraint("account", "event_key"),  # a second delivery is no second message
    Index("ix_inbox_lane", "chat_id", "id", **_PENDING),
    Index("ix_inbox_due", "due_at", "id", **_PENDING),
)
outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("lane", String(80), nullable=False),  # destination + case: order holds inside it
    Column("account", String(64), nullable=False),  # channel account, or connector:<name>
    Column("chat_id", Id, ForeignKey("chat.id")),
    Column("case_id", Id, ForeignKey("cases.id"), index=True),
    Column("event_id", Id, index=True),  # the case event it tells of; an undo cancels it
    Column("kind", String(24), nullable=False),  # a notice's kind; decides what follows an Unknown
    Column("priority", SmallInteger, nullable=False),
    Column("body", Body, nullable=False),  # bot.flow.draft.Draft, rendered when claimed
    Column("dedupe", String(120), unique=True),  # e.g. result:128:1:7 — (case, closing, chat) of a result
    Column("state", String(10), nullable=False),  # pending | sent | dead | cancelled | expired | unknown
    Column("attempts", Integer, nullable=False, server_default="0"),  # also the claim's fencing token
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("unknowns", Integer, nullable=False, server_default="0"),  # sends that ended without an answer
    Column("created_at", Utc, nullable=False),
    Column("due_at", Utc, nullable=False),
    Column("expires_at", Utc),
    Column("locked_until", Utc),
    Column("native_id", String(128)),  # the message id it became
    Column("reason", Text),
    Column("done_at", Utc),
    Index("ix_outbox_lane", "lane", "id", **_PENDING),
    Index("ix_outbox_due", "account", "priority", "due_at", "id", **_PENDING),
    Index("ix_outbox_chat_id_done_at", "chat_id", "done_at"),  # how much a group has heard lately
)
reminder_log = Table(
    "reminder_log",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("kind", String(24), nullable=False),  # yellow | red | supervise | round | daily …
    Column("slot", String(40), nullable=False),  # "<generation>.<n>"
    Column("at", Utc, nullable=False),
    UniqueConstraint("case_id", "kind", "slot"),  # any number of processes may tick, one reminder goes out
)
lease = Table(
    "lease",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("holder", String(80), nullable=False),
    Column("epoch", Integer, nullable=False),  # fences a holder that woke up late
    Column("until", Utc, nullable=False),
)
blob = Table(
    "blob",
    metadata,
    Column("hash", String(64), primary_key=True),  # sha-256 of the bytes
    Column("mime", String(32), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("used", Boolean, nullable=False, server_default=text("false")),  # else it is small talk, and goes
    Column("created_at", Utc, nullable=False),
)
meta = Table(
    "meta",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)
