"""A platform on paper: rooms of messages with native ids, edits and quotes, and every way a send can end."""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bot.errors import MediaGone
from bot.model import Attachment, Card, Inbound, InboundKind, Photo, Post, Sender, SendResult, Sent
from bot.ports import Accept, Capabilities, ChannelState, Status

START = datetime(2026, 10, 9, 2, 30, tzinfo=UTC)  # Friday 10:30 in the city
CAPABILITIES = Capabilities(
    reads_all=True,
    buttons=True,
    quotes=True,
    edits=True,
    photos=True,
    per_chat_per_minute=600,
    per_account_per_second=1000.0,
    send_timeout=0.2,
)
PLAIN = replace(CAPABILITIES, buttons=False, edits=False)  # as WeChat-style platforms are


@dataclass(frozen=True, slots=True)
class PostedMessage:
    """What stands in a room now; `edits` counts how often it was replaced."""

    message_id: str
    post: Post
    edits: int = 0

    @property
    def text(self) -> str:
        return self.post.text

    @property
    def card(self) -> Card | None:
        return self.post.card

    @property
    def quote(self) -> str | None:
        return self.post.quote

    @property
    def photos(self) -> tuple[Photo, ...]:
        return self.post.photos

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(button.label for button in self.post.buttons)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a send ends; None: it hangs for ever. `arrives`: the message is posted all the same."""

    result: SendResult | BaseException | None
    arrives: bool = False


class PaperChannel:
    """Implements bot.ports.Channel. A private chat of a person is called `p:<native id>`."""

    def __init__(
        self,
        account: str = "paper:main",
        capabilities: Capabilities = CAPABILITIES,
        *,
        clock: Callable[[], datetime] = lambda: START,
    ) -> None:
        self.account, self.capabilities, self._clock = account, capabilities, clock
        self._status = Status(ChannelState.STOPPED)
        self._rooms: dict[str, dict[str, PostedMessage]] = {}
        self._keys: dict[str, str] = {}  # of posts -> message id
        self._ids = itertools.count(1)
        self._endings: deque[Ending] = deque()
        self.files: dict[str, bytes | BaseException] = {}
        self.acks: list[tuple[str, str]] = []  # event key, text
        self.tried: list[Post] = []  # every send, in order, whatever became of it
        self._accept: Accept | None = None

    # -- what a test reads and arranges

    def posts(self, chat: str) -> list[PostedMessage]:
        """The bot's messages in a room, in order."""
        return list(self._rooms.get(chat, {}).values())

    def end(self, *results: SendResult | BaseException, arrives: bool = False) -> None:
        """The next sends end like this, one each; afterwards everything is sent again."""
        self._endings += (Ending(result, arrives) for result in results)

    def hang(self, *, arrives: bool = False) -> None:
        """The next send never returns."""
        self._endings.append(Ending(None, arrives))

    def turn(self, state: ChannelState) -> None:
        """What it says of itself from now on."""
        self._status = Status(state)

    # -- what people do

    def say(self, chat: str, person: str, text: str = "", **fields: Any) -> Inbound:
        """A message with the next native id. `fields`: any of Inbound's, `name` of the speaker, `photo` a file's ref."""
        message_id = fields.pop("message_id", None) or str(next(self._ids))
        photo = fields.pop("photo", None)
        if photo is not None:
            fields["attachments"] = (Attachment("photo", photo),)
        return self._event(InboundKind.MESSAGE, chat, person, message_id, message_id=message_id, text=text, **fields)

    def edit(self, said: Inbound, text: str, **fields: Any) -> Inbound:
        changed = {"event_key": f"{said.message_id}:{text}", "text": text, "earlier": (), **fields}
        return replace(said, kind=InboundKind.EDIT, **changed)

    def recall(self, said: Inbound, **fields: Any) -> Inbound:
        changed = {"event_key": f"{said.message_id}:recalled", "text": "", "attachments": (), **fields}
        return replace(said, kind=InboundKind.RECALL, earlier=(), **changed)

    def press(self, chat: str, person: str, message_id: str, label: str, **fields: Any) -> Inbound:
        """A tap on a button of a posted message. Raises StopIteration if it has no such button."""
        posted = self._rooms[chat][message_id]
        data = next(button.data for button in posted.post.buttons if button.label == label)
        key = f"press:{next(self._ids)}"
        return self._event(InboundKind.BUTTON, chat, person, key, message_id=message_id, button=data, **fields)

    def _event(self, kind: InboundKind, chat: str, person: str, key: str, **fields: Any) -> Inbound:
        sender = Sender(person, fields.pop("name", person))
        about = {"private": chat.startswith("p:"), "sent_at": self._clock(), "sender": sender, **fields}
        return Inbound(account=self.account, event_key=key, kind=kind, chat=chat, **about)

    async def hear(self, *inbounds: Inbound) -> None:
        """Hand events to the program while `run` is on. Raises what `accept` raises."""
        assert self._accept is not None, "the channel does not run"
        await self._accept(inbounds)

    # -- bot.ports.Channel

    @property
    def status(self) -> Status:
        return self._status

    async def run(self, accept: Accept, stop: Callable[[], Awaitable[None]]) -> None:
        self._accept, self._status = accept, Status(ChannelState.UP)
        await stop()
        self._accept, self._status = None, Status(ChannelState.STOPPED)

    async def send(self, post: Post) -> SendResult:
        self.tried.append(post)
        ending = self._endings.popleft() if self._endings else None
        sent = self._put(post) if ending is None or ending.arrives else None
        if ending is None:
            assert sent is not None
            return sent
        if ending.result is None:
            await asyncio.Event().wait()
        if isinstance(ending.result, BaseException):
            raise ending.result
        assert ending.result is not None
        return ending.result

    def _put(self, post: Post) -> Sent:
        if self.capabilities.one_per_key and post.key in self._keys:
            return Sent(self._keys[post.key])
        room = self._rooms.setdefault(post.chat, {})
        old = room.get(post.edits or "")
        message_id = old.message_id if old else str(next(self._ids))
        room[message_id] = PostedMessage(message_id, post, old.edits + 1 if old else 0)
        self._keys[post.key] = message_id
        return Sent(message_id)

    async def fetch(self, attachment: Attachment) -> bytes:
        found = self.files.get(attachment.ref, MediaGone("no such file"))
        if isinstance(found, BaseException):
            raise found
        return found

    async def ack(self, inbound: Inbound, text: str) -> None:
        self.acks.append((inbound.event_key, text))

    def private_chat(self, person: str) -> str | None:
        return f"p:{person}" if self.capabilities.can_dm else None

    def routes(self) -> list[web.RouteDef]:
        return []
