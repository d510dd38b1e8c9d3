"""What comes in and goes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInbox:
    """What becomes an inbox row. `due_at` is later than now only for a part of an album."""

    account: str
    event_key: str
    chat_id: int
    kind: str
    body: Mapping[str, Any] | None
    sent_at: datetime
    received_at: datetime
    due_at: datetime
    group_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """A claimed inbox row; `attempts` is the fencing token of this claim."""

    id: int
    account: str
    event_key: str
    chat_id: int
    kind: str
    body: Mapping[str, Any] | None
    group_key: str | None
    sent_at: datetime
    received_at: datetime
    attempts: int
    failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPost:
    """What becomes an outbox row."""

    lane: str
    account: str
    kind: str
    priority: int
    body: Mapping[str, Any]
    due_at: datetime
    chat_id: int | None = None
    case_id: int | None = None
    event_id: int | None = None
    dedupe: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """A claimed outbox row; `attempts` is the fencing token of this claim. With a `native_id` it was sent before."""

    id: int
    lane: str
    account: str
    chat_id: int | None
    case_id: int | None
    event_id: int | None
    kind: str
    priority: int
    body: Mapping[str, Any]
    dedupe: str | None
    attempts: int
    failures: int
    unknowns: int
    created_at: datetime
    due_at: datetime
    expires_at: datetime | None
    reason: str | None  # what became of it the last time
    native_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A row of either box. `box`: in or out; `began_at`: when it was received or put; `native_id`: it was sent."""

    box: str
    id: int
    account: str
    chat_id: int | None
    case_id: int | None
    kind: str
    state: str
    body: Mapping[str, Any] | None
    failures: int
    reason: str | None
    native_id: str | None
    began_at: datetime
    done_at: datetime | None

    @property
    def name(self) -> str:
        """How people call it: in-17, out-23."""
        return f"{self.box}-{self.id}"
