"""Who is in which room: what a command line or the demo does with a web chat, and how it plays a member."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from bot.channels.webchat.parse import BOT, PRIVATE_PREFIX, private_room
from bot.channels.webchat.parts import Parts
from bot.channels.webchat.pictures import Album
from bot.channels.webchat.session import new_token, token_hash
from bot.channels.webchat.words import BOT_NAME
from bot.model import ChatKind
from bot.rooms import Member, NewMember, NewRoom, Page

_ID = re.compile(r"[A-Za-z0-9_.-]{1,60}")


def is_member_id(text: str) -> bool:
    return bool(_ID.fullmatch(text)) and text != BOT


def is_room_id(text: str) -> bool:
    return bool(_ID.fullmatch(text)) and not text.startswith(PRIVATE_PREFIX)


def _fit_member(member_id: str) -> None:
    if not is_member_id(member_id):
        raise ValueError(f"a member's id is 1 to 60 of A-Z a-z 0-9 _ . - and not {BOT!r}: {member_id!r}")


def _fit_room(room_id: str) -> None:
    if not is_room_id(room_id):
        raise ValueError(f"a room's id is 1 to 60 of A-Z a-z 0-9 _ . -, not starting with p-: {room_id!r}")


class People:
    """Works while the channel runs and while it does not."""

    def __init__(self, parts: Callable[[], Awaitable[Parts]], album: Album, clock: Callable[[], datetime]) -> None:
        self._parts, self._album, self._clock = parts, album, clock

    async def ensure_member(self, member_id: str, name: str, *, staff: bool = False) -> Member:
        """Insert or rename, with the private room of the member and the bot. Raises ValueError for an unfit id."""
        _fit_member(member_id)
        member = await (await self._parts()).rooms.ensure_member(member_id, name, staff=staff)
        await self.ensure_private(member_id)
        return member

    async def ensure_room(self, room_id: str, title: str, kind: ChatKind | str, members: Iterable[str] = ()) -> None:
        """Insert or retitle; `members` are added. Raises ValueError for an unknown member or an unfit id."""
        _fit_room(room_id)
        await self._put(room_id, title, ChatKind(kind), tuple(members))

    async def settle(self, members: Sequence[NewMember], rooms: Sequence[NewRoom]) -> None:
        """Many members, each with his private room, and many rooms: all or none. Raises ValueError for an unfit id."""
        for one in members:
            _fit_member(one.id)
        for room in rooms:
            _fit_room(room.id)
        private = [NewRoom(private_room(one.id), BOT_NAME, ChatKind.PRIVATE.value, (one.id,)) for one in members]
        parts = await self._parts()
        await parts.rooms.settle(members, [*private, *rooms], now=self._clock())
        for room in (*private, *rooms):
            parts.hub.entered(room.id, room.members)
            parts.feeder.nudge(room.id)

    async def ensure_private(self, member_id: str) -> str:
        """The id of the room of a member and the bot."""
        room = private_room(member_id)
        await self._put(room, BOT_NAME, ChatKind.PRIVATE, (member_id,))
        return room

    async def leave(self, room_id: str, member_id: str) -> None:
        parts = await self._parts()
        await parts.rooms.leave(room_id, member_id)
        parts.hub.dismissed(member_id)

    async def end_sessions(self, member_id: str) -> None:
        """A lost phone: every cookie of the member is worth nothing from now on."""
        parts = await self._parts()
        await parts.rooms.end_sessions(member_id)
        parts.hub.dismissed(member_id)

    async def invite(self, member_id: str, hours: float = 24) -> str:
        """The path of a link that lets whoever opens it first be this member. Raises ValueError if there is none."""
        parts = await self._parts()
        await self._known(parts, member_id)
        token = new_token()
        await parts.rooms.put_invite(token_hash(token), member_id, expires_at=self._clock() + timedelta(hours=hours))
        return f"/chat/i/{token}"

    async def upload(self, member_id: str, data: bytes) -> str:
        """The hash of a photo to say something with. Raises MediaRefused."""
        return str((await self._album.keep(member_id, data))["photo"])

    async def say(
        self, member_id: str, room: str, text: str, *, quote: int | None = None, photos: Sequence[str] = ()
    ) -> int:
        """Say something as this member -> its number. Raises Refused with a sentence."""
        parts = await self._parts()
        member = await self._known(parts, member_id)
        said = await parts.speech.say(member, room, text, cid=uuid4().hex, quote=quote, photos=photos)
        return said.n

    async def edit(self, member_id: str, room: str, n: int, text: str) -> None:
        parts = await self._parts()
        await parts.speech.edit(await self._known(parts, member_id), room, n, text)

    async def recall(self, member_id: str, room: str, n: int) -> None:
        parts = await self._parts()
        await parts.speech.recall(await self._known(parts, member_id), room, n)

    async def press(self, member_id: str, room: str, n: int, data: str) -> str:
        """Press a button as this member -> the bridge's word on the spot. Raises Refused with a sentence."""
        parts = await self._parts()
        return await parts.speech.press(await self._known(parts, member_id), room, n, data, cid=uuid4().hex)

    async def page(self, room: str, rev: int, limit: int = 200) -> Page:
        """What is new or changed in a room after a revision, by whomever, in order of revision."""
        return await (await self._parts()).rooms.since(room, rev, limit)

    async def count(self, room: str) -> int:
        """How many messages were ever said in a room: they are numbered without a gap."""
        newest = (await (await self._parts()).rooms.latest(room, 1)).messages
        return newest[-1].n if newest else 0

    async def _put(self, room_id: str, title: str, kind: ChatKind, members: Sequence[str]) -> None:
        parts = await self._parts()
        for member in members:
            await self._known(parts, member)
        await parts.rooms.ensure_room(room_id, title=title, kind=kind.value, members=members, now=self._clock())
        parts.hub.entered(room_id, await parts.rooms.members_of(room_id))
        parts.feeder.nudge(room_id)

    @staticmethod
    async def _known(parts: Parts, member_id: str) -> Member:
        member = await parts.rooms.member(member_id)
        if member is None:
            raise ValueError(f"no such member: {member_id!r}")
        return member
