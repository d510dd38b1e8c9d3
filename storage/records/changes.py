"""Many changes of the directory at once, for storage.bulk.

`id` names what exists, None is new. Everything else is named as people name it: by code, address or identity.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

Address = tuple[str, str]
"""(account, native id) of a chat, (channel, native id) of a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaChange:
    id: int | None
    code: str
    name: str
    level: str
    parent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasChange:
    area: str
    alias: str
    stands_for: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatChange:
    """`areas`: those to add."""

    id: int | None
    address: Address
    kind: str
    mode: str
    title: str
    areas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitChange:
    id: int | None
    code: str
    name: str
    area: str | None
    chat: Address | None
    is_default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChange:
    """A new person speaks with `identity`."""

    id: int | None
    identity: Address
    name: str
    phone: str
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChange:
    """A grant that is not there yet; without an area it holds everywhere."""

    identity: Address
    role: str
    area: str | None
    unit: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Written in this order, so that each may name those before it."""

    areas: tuple[AreaChange, ...] = ()
    aliases: tuple[AliasChange, ...] = ()
    chats: tuple[ChatChange, ...] = ()
    units: tuple[UnitChange, ...] = ()
    people: tuple[PersonChange, ...] = ()
    roles: tuple[RoleChange, ...] = ()

    def __len__(self) -> int:
        return sum(len(getattr(self, field.name)) for field in fields(self))
