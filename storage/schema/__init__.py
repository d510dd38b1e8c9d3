"""The tables. Every invariant is a constraint, with the failure it prevents beside it."""

from __future__ import annotations

from storage.schema.base import metadata
from storage.schema.cases import case, case_event, case_link, menu, question, rating, supporter
from storage.schema.directory import (
    area,
    area_alias,
    calendar_day,
    chat,
    chat_address,
    chat_area,
    duty,
    identity,
    person,
    role,
    unit,
)
from storage.schema.queues import blob, inbox, lease, meta, outbox, reminder_log

__all__ = [
    "area",
    "area_alias",
    "blob",
    "calendar_day",
    "case",
    "case_event",
    "case_link",
    "chat",
    "chat_address",
    "chat_area",
    "duty",
    "identity",
    "inbox",
    "lease",
    "menu",
    "meta",
    "metadata",
    "outbox",
    "person",
    "question",
    "rating",
    "reminder_log",
    "role",
    "supporter",
    "unit",
]
