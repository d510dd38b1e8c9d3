"""What an act on a case comes to, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.model import Notice
from storage.records import CaseRow, EventRow


@dataclass(frozen=True, slots=True)
class Done:
    """It happened. No notices: it had happened before by the same hand, or nothing changed (`event` is None then)."""

    case: CaseRow
    event: EventRow | None
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """It did not happen and nothing changed. `key` is a sentence that says why and what is possible now."""

    key: str
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Already:
    """Somebody else was faster: 「№128 已由王芳确认」."""

    case: CaseRow
    by_person_id: int | None
    by_name: str
    action: str


Outcome = Done | Refused | Already
