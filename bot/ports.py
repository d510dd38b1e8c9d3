"""What a platform, a case system and a room's history look like to the rest of the program."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from aiohttp import web

from bot.model import Attachment, Inbound, Post, SendResult
from bot.rooms import RoomLog

__all__ = ["Accept", "Capabilities", "Channel", "ChannelState", "RoomLog", "Status"]

Accept = Callable[[Sequence[Inbound]], Awaitable[None]]
"""Takes events in their order and returns when what matters of them is on disk (architecture.md, rule 3).

Raises bot.errors.NotAccepted when the database is away: the channel must not acknowledge then.
"""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a platform can do, as data: no code outside a channel's folder asks for its name."""

    reads_all: bool  # sees messages that do not mention the bot
    can_push: bool = True
    can_dm: bool = True  # may open a private chat with a known person
    buttons: bool = False
    quotes: bool = False
    edits: bool = False  # may replace its own messages
    photos: bool = False
    one_per_key: bool = False  # drops a second post with the same key, so that whatever is in doubt may go again
    max_text: int = 4096
    text_unit: str = "chars"  # chars | bytes (UTF-8) | utf16
    per_chat_per_minute: int = 20
    per_account_per_second: float = 30.0
    send_timeout: float = 15.0  # seconds; shorter than the outbox lease


class ChannelState(StrEnum):
    """A channel is a state, not a crash (rule 11)."""

    CONNECTING = "connecting"
    UP = "up"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Status:
    state: ChannelState
    reason: str = ""


class Channel(Protocol):
    """One account on one platform. Constructing does no I/O; `run` never raises for an outage, it sets `status`."""

    account: str
    capabilities: Capabilities

    @property
    def status(self) -> Status: ...

    async def run(self, accept: Accept, stop: Callable[[], Awaitable[None]]) -> None:
        """Connect, and feed `accept` until `stop()` returns; reconnect for ever."""
        ...

    async def send(self, post: Post) -> SendResult:
        """Post once. Every outcome is a value; nothing is retried inside."""
        ...

    async def fetch(self, attachment: Attachment) -> bytes:
        """The bytes of an attachment.

        Raises bot.errors.MediaGone when it cannot be had any more, NotAccepted when it can be had a moment later.
        """
        ...

    async def ack(self, inbound: Inbound, text: str) -> None:
        """Answer a button press on the spot, best effort, after the commit."""
        ...

    def private_chat(self, person: str) -> str | None:
        """The native id of the private chat with a person, or None where the bot cannot open one. Pure."""
        ...

    def routes(self) -> list[web.RouteDef]:
        """HTTP routes this channel needs, mounted by bot.web.server under the process's one aiohttp server."""
        ...
