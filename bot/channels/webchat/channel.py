"""The web chat as a channel: a group chat of our own, its history in a file of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.away import why
from bot.channels.needs import Needs
from bot.channels.webchat.config import WebchatConfig, from_table
from bot.channels.webchat.door import Door
from bot.channels.webchat.parse import BOT, PRIVATE_PREFIX, private_room
from bot.channels.webchat.parts import Parts, assemble
from bot.channels.webchat.people import People
from bot.channels.webchat.pictures import Album
from bot.channels.webchat.render import body_of, hash_of
from bot.channels.webchat.routes import Site
from bot.channels.webchat.session import Sessions
from bot.channels.webchat.words import BOT_NAME
from bot.errors import MediaGone, NotAccepted
from bot.flow.retry import backoff
from bot.model import Attachment, ChatKind, Dead, Inbound, Post, Retry, Scope, SendResult, Sent
from bot.ports import Accept, Capabilities, ChannelState, Status
from bot.rooms import Member

log = logging.getLogger(__name__)

CAPABILITIES = Capabilities(
    reads_all=True,
    buttons=True,
    quotes=True,
    edits=True,
    photos=True,
    max_text=4000,
    per_chat_per_minute=600,  # our own server: only a run-away is to be stopped
    per_account_per_second=200.0,
    send_timeout=10.0,
)
TEND_EVERY = 6 * 3600.0  # seconds between two runs of retention
_NO_ROOM = Dead("没有这个群", Scope.DESTINATION)


def build(account: str, table: Mapping[str, Any], needs: Needs) -> WebchatChannel:
    """Raises ConfigError."""
    return WebchatChannel(account, from_table(table, f"channels.{account.replace(':', '.')}"), needs)


class WebchatChannel:
    """`people` holds what a command line or the demo does with the rooms."""

    def __init__(self, account: str, config: WebchatConfig, needs: Needs) -> None:
        self.account, self.capabilities = account, CAPABILITIES
        self._config, self._needs = config, needs
        self._status = Status(ChannelState.STOPPED)
        self._opened: Parts | None = None
        self._opening = asyncio.Lock()
        self._ended = False
        public_url = config.public_url or needs.public_url
        sessions = Sessions(config.secret, config.session_days)
        door = Door(self._parts, self._is_up, sessions, needs.clock, public_url)
        album = Album(self._parts, needs.photos, needs.clock)
        self._site = Site(door, album, config)
        self.people = People(self._parts, album, needs.clock)

    @property
    def history(self) -> Path:
        """The file of its own; it may not be there yet."""
        return self._config.history_path(self._needs.data_dir)

    @property
    def status(self) -> Status:
        return self._status

    def private_chat(self, person: str) -> str | None:
        return private_room(person)

    def routes(self) -> list[web.RouteDef]:
        return self._site.routes()

    async def run(self, accept: Accept, stop: Callable[[], Awaitable[None]]) -> None:
        """Open the history, hand over what is owed, serve until `stop()` returns, close the history."""
        self._status = Status(ChannelState.CONNECTING)
        self._ended = False
        stopping = asyncio.ensure_future(stop())
        try:
            parts = await self._open_in_the_end(stopping)
            if parts is not None:
                await self._serve(parts, accept, stopping)
        finally:
            stopping.cancel()
            self._ended = True
            await self.close()
            self._status = Status(ChannelState.STOPPED)

    async def send(self, post: Post) -> SendResult:
        if len(post.text) > self.capabilities.max_text:
            return Dead(f"超过{self.capabilities.max_text}字")
        try:
            return await self._send(await self._parts(), post)
        except OSError as away:
            return Retry(5.0, f"聊天记录{why(away)}", Scope.ACCOUNT)

    async def fetch(self, attachment: Attachment) -> bytes:
        try:
            photo = await (await self._parts()).rooms.photo(attachment.ref)
        except OSError as away:
            raise NotAccepted("聊天记录暂时读不了") from away
        if photo is None:
            raise MediaGone("照片已过期")
        return photo.data

    async def ack(self, inbound: Inbound, text: str) -> None:
        if self._opened is not None:
            self._opened.speech.answer_press(inbound.event_key, text)

    async def close(self) -> None:
        """Close the history; the next use opens it again, unless it was `run` that ended."""
        opened, self._opened = self._opened, None
        if opened is not None:
            await opened.rooms.close()

    async def ensure_member(self, member_id: str, name: str, *, staff: bool = False) -> Member:
        return await self.people.ensure_member(member_id, name, staff=staff)

    async def ensure_room(self, room_id: str, title: str, kind: ChatKind | str, members: Iterable[str] = ()) -> None:
        await self.people.ensure_room(room_id, title, kind, members)

    async def invite(self, member_id: str, hours: float = 24) -> str:
        """The path of a link that works once."""
        return await self.people.invite(member_id, hours)

    def _is_up(self) -> bool:
        return self._status.state is ChannelState.UP

    async def _parts(self) -> Parts:
        """Raises OSError when the history cannot be opened, and after the end: a late post must not open it again."""
        if self._ended:
            raise ConnectionAbortedError("the web chat has stopped")
        async with self._opening:
            if self._opened is None:
                rooms = await self._needs.open_rooms(self.history)
                await rooms.ensure_member(BOT, BOT_NAME, staff=False)
                self._opened = assemble(self.account, self._config, rooms, self._needs.clock)
            return self._opened

    async def _open_in_the_end(self, stopping: asyncio.Future[None]) -> Parts | None:
        """Try until the history opens or we are told to stop."""
        failures = 0
        while not stopping.done():
            try:
                return await self._parts()
            except OSError as away:
                failures += 1
                self._status = Status(ChannelState.FAILED, f"聊天记录{why(away)}")
                facts = {"action": "webchat_closed", "account": self.account, "why": str(away)}
                log.warning("history does not open", extra=facts)
                await asyncio.wait([stopping], timeout=backoff(failures))
        return None

    async def _serve(self, parts: Parts, accept: Accept, stopping: asyncio.Future[None]) -> None:
        await parts.feeder.start(accept)
        parts.speech.accept = accept
        self._status = Status(ChannelState.UP)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._tend(parts, stopping))
                await asyncio.wait([stopping])
        finally:
            self._status = Status(ChannelState.STOPPED)
            parts.speech.accept = None
            await parts.hub.close()
            await parts.feeder.stop()

    async def _tend(self, parts: Parts, stopping: asyncio.Future[None]) -> None:
        """Forget what is old, now and every few hours."""
        while not stopping.done():
            try:
                gone = await parts.rooms.forget(self._needs.clock(), self._config.retention_days)
            except OSError as away:
                log.warning("retention put off", extra={"action": "webchat_forget_failed", "why": str(away)})
            else:
                log.info("old chat forgotten", extra={"action": "webchat_forgotten", "messages": gone.messages})
            await asyncio.wait([stopping], timeout=TEND_EVERY)

    async def _send(self, parts: Parts, post: Post) -> SendResult:
        if not await self._is_open(parts, post.chat):
            return _NO_ROOM
        for photo in post.photos:
            await parts.rooms.put_photo(BOT, hash_of(photo.data), photo.mime, photo.data, now=self._needs.clock())
        if post.edits is not None:
            return await self._edit(parts, post, post.edits)
        said = await parts.rooms.append(post.chat, BOT, body_of(post), now=self._needs.clock(), key=post.key)
        if said is None:
            return _NO_ROOM
        parts.hub.ahead(post.chat)
        return Sent(str(said.n))

    async def _edit(self, parts: Parts, post: Post, native_id: str) -> SendResult:
        n = int(native_id) if native_id.isascii() and native_id.isdigit() and len(native_id) < 16 else 0
        rev = await parts.rooms.change(post.chat, n, BOT, body_of(post), now=self._needs.clock())
        if rev is None:
            return Dead("要改的那条消息不在了")
        parts.hub.ahead(post.chat)
        return Sent(native_id)

    async def _is_open(self, parts: Parts, chat: str) -> bool:
        """True if the room is there; a member's private one is made when it is first needed."""
        if await parts.rooms.room_kind(chat) is not None:
            return True
        member = chat.removeprefix(PRIVATE_PREFIX)
        if member == chat or await parts.rooms.member(member) is None:
            return False
        await self.people.ensure_private(member)
        return True
