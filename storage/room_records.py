"""What the web chat's history hands out, as frozen values; bot.ports describes the same shapes to the channels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A person of the web chat. `seat`: the public handle in addresses; `epoch` grows when sessions are ended."""

    id: str
    name: str
    staff: bool
    seat: str
    epoch: int


@dataclass(frozen=True, slots=True)
class RoomRow:
    """A room as one member sees it; `preview` is the newest message's, None in an empty room."""

    id: str
    title: str
    kind: str
    members: int
    rev: int
    last: int
    read: int
    preview: MessageRow | None


@dataclass(frozen=True, slots=True)
class QuoteRow:
    """The quoted message as it is now: nothing of a recalled one is left."""

    n: int
    author: str
    name: str
    text: str
    photo: bool
    recalled: bool


@dataclass(frozen=True, slots=True)
class MessageRow:
    """`rev` of the newest change, `born` of the first; `body`: text, quote (number), photos (hashes), card, buttons."""

    room: str
    n: int
    rev: int
    born: int
    author: str
    name: str
    staff: bool
    at: datetime
    changed_at: datetime | None
    body: Mapping[str, Any]
    edited: bool
    recalled: bool
    quote: QuoteRow | None = None


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """`lat`, `lon`: where it was taken, WGS-84 degrees, where the camera told."""

    hash: str
    mime: str
    data: bytes
    lat: float | None
    lon: float | None


@dataclass(frozen=True, slots=True)
class Appended:
    """`fresh` False: it had been said before under the same cid or key, with this number."""

    n: int
    rev: int
    fresh: bool


@dataclass(frozen=True, slots=True)
class RoomPage:
    """Messages of one room, and the revision of the room they were read at."""

    messages: tuple[MessageRow, ...]
    rev: int


@dataclass(frozen=True, slots=True)
class Unfed:
    """What of a room is not accepted yet; `fed` is the cursor, -1 until somebody knows that the room exists."""

    room: str
    title: str
    kind: str
    members: tuple[str, ...]  # of a private room: its person
    fed: int
    messages: tuple[MessageRow, ...]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What a retention run removed."""

    messages: int
    photos: int
    invites: int


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody of a web chat: members' (name, staff) by id, rooms' (title, kind, members) by id."""

    members: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    rooms: Mapping[str, tuple[str, str, frozenset[str]]] = field(default_factory=dict)
