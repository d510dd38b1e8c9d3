"""Places, chats, people and their duty."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRow:
    """A chat with the areas it serves and where it lives now."""

    id: int
    kind: str
    mode: str
    title: str = ""
    person_id: int | None = None
    reachable: bool = True
    muted_until: datetime | None = None
    areas: tuple[int, ...] = ()
    account: str = ""
    native_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaRow:
    id: int
    code: str
    name: str
    level: str
    parent_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasRow:
    area_id: int
    alias: str
    stands_for: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    id: int
    code: str
    name: str
    area_id: int | None
    chat_id: int | None
    is_default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    id: int
    name: str
    phone: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRow:
    channel: str
    native_id: str
    person_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRow:
    person_id: int
    role: str
    area_id: int | None = None
    unit_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyRow:
    id: int
    kind: str
    person_id: int
    substitute_id: int | None
    area_id: int | None
    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryRows:
    """The whole directory at one `version`: everything but residents and their private chats."""

    version: int
    areas: tuple[AreaRow, ...]
    aliases: tuple[AliasRow, ...]
    units: tuple[UnitRow, ...]
    persons: tuple[PersonRow, ...]  # those with a role or a duty
    roles: tuple[RoleRow, ...]
    duties: tuple[DutyRow, ...]
    chats: tuple[ChatRow, ...]  # groups, and the private chats of `persons`
    identities: tuple[IdentityRow, ...]  # of `persons`
