"""What a check is asked with and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.cases.states import State
from storage.records import CaseRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """What an act brings along, as far as its row needs it."""

    text: str = ""
    reason: str = ""
    photos: tuple[str, ...] = ()  # blob hashes
    changes: Mapping[str, object] = field(default_factory=dict)
    area_id: int | None = None
    target: CaseRow | None = None
    unit_id: int | None = None
    until: datetime | None = None
    days: int = 0
    grade: int = 0
    agreed: bool = False
    reporter_ok: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the rules and the case's history say about this moment; the desk looks it up, the check decides."""

    now: datetime
    needs_photo: bool = False
    extension_limit: int = 0  # working days
    return_until: datetime | None = None
    reopen_until: datetime | None = None  # for reporter and supporters
    grades: int = 5
    arbiter: bool = False  # the actor decides for both areas of a disputed transfer
    waited: bool = False  # the clock has stood still for an answer before
    holds_others: bool = False  # others were merged into this case


@dataclass(frozen=True, slots=True)
class Allowed:
    to: State


@dataclass(frozen=True, slots=True)
class Refusal:
    """`key` is a sentence that says why and what is possible now."""

    key: str
    data: Mapping[str, object] = field(default_factory=dict)
