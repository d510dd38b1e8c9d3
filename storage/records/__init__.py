"""One row each, as frozen values: the one shape of a case in all layers. Imports nothing but the standard library."""

from __future__ import annotations

from storage.records.cases import (
    BlobRow,
    CaseRow,
    EventRow,
    LinkRow,
    MenuRow,
    QuestionRow,
    RatingRow,
    Spoken,
    SupporterRow,
    Trace,
)
from storage.records.directory import (
    AliasRow,
    AreaRow,
    ChatRow,
    DirectoryRows,
    DutyRow,
    IdentityRow,
    PersonRow,
    RoleRow,
    UnitRow,
)
from storage.records.queues import DeadLetter, InboxRow, NewInbox, NewPost, OutboxRow

__all__ = [
    "AliasRow",
    "AreaRow",
    "BlobRow",
    "CaseRow",
    "ChatRow",
    "DeadLetter",
    "DirectoryRows",
    "DutyRow",
    "EventRow",
    "IdentityRow",
    "InboxRow",
    "LinkRow",
    "MenuRow",
    "NewInbox",
    "NewPost",
    "OutboxRow",
    "PersonRow",
    "QuestionRow",
    "RatingRow",
    "RoleRow",
    "Spoken",
    "SupporterRow",
    "Trace",
    "UnitRow",
]
