"""Cases, and what belongs to one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """A case (columns of storage.schema.case; the comments there say what each means)."""

    id: int
    version: int
    state: str
    source: str
    category: str
    urgency: str
    sensitive: str
    reported_at: datetime
    updated_at: datetime
    suspended_from: str | None = None
    area_id: int | None = None
    place: str = ""
    lat: float | None = None
    lon: float | None = None
    text: str = ""
    matched: str = ""
    photos: tuple[str, ...] = ()
    result_text: str = ""
    result_photos: tuple[str, ...] = ()
    reporter_id: int | None = None
    reporter_name: str = ""
    anonymous: bool = False
    filed_by_id: int | None = None
    quiet: bool = False
    worker_id: int | None = None
    unit_id: int | None = None
    merged_into: int | None = None
    transfers: int = 0
    returns: int = 0
    closings: int = 0
    supervised: int = 0
    repeat: bool = False
    extended_days: int = 0
    accepted_at: datetime | None = None
    dispatched_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    clock: str | None = None
    clock_started_at: datetime | None = None
    due_at: datetime | None = None
    yellow_at: datetime | None = None
    paused_at: datetime | None = None
    resume_at: datetime | None = None
    generation: int = 0
    reminders: int = 0
    next_tick_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One line of a case's history; never changed, never deleted."""

    id: int
    case_id: int
    version: int
    at: datetime
    recorded_at: datetime
    action: str
    actor_id: int | None
    from_state: str | None
    to_state: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """A message and the case it belongs to."""

    id: int
    case_id: int
    chat_id: int
    message_id: str
    role: str
    person_id: int | None
    closing: int | None
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Spoken:
    """The last word about a case in a chat, in one role. `own`: of the person who was asked about."""

    case_id: int
    role: str
    own: bool
    said_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A link as the gate of one account needs it: native ids. `sender` is None for the bot's own messages."""

    link_id: int
    chat: str
    message_id: str
    role: str
    sender: str | None
    said_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SupporterRow:
    case_id: int
    person_id: int
    name: str
    chat_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingRow:
    id: int
    case_id: int
    closing: int
    person_id: int
    grade: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobRow:
    """A photo as it was stored: checked, turned, stripped."""

    hash: str  # sha-256 of `data`, hexadecimal
    mime: str
    width: int
    height: int
    data: bytes
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuRow:
    id: int
    chat_id: int
    person_id: int
    message_id: str | None
    items: tuple[int, ...]
    shown_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRow:
    id: int
    chat_id: int
    person_id: int
    case_id: int
    kind: str
    asked_at: datetime
    until: datetime
