"""The platform of a replay: it tells what was said then and takes what the bot says, and that is all it does."""

from __future__ import annotations

import io
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web
from PIL import Image

from bot.errors import MediaGone
from bot.model import Attachment, Inbound, Post, SendResult, Sent
from bot.ports import Accept, Capabilities, ChannelState, Status

ACCOUNT = "replay:past"
CAPABILITIES = Capabilities(reads_all=True, buttons=True, quotes=True, edits=True, photos=True)
_PRIVATE = "private:"
_SIDE = 8  # pixels; what is on the photos does not matter, only that there are some


@dataclass(frozen=True, slots=True)
class Posted:
    at: datetime
    post: Post
    message_id: str


class ReplayChannel:
    """Implements bot.ports.Channel. `posted` is everything the bot has said."""

    account = ACCOUNT
    capabilities = CAPABILITIES

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._numbers = itertools.count(1)
        self.posted: list[Posted] = []

    @property
    def status(self) -> Status:
        return Status(ChannelState.UP)

    async def run(self, accept: Accept, stop: Callable[[], Awaitable[None]]) -> None:
        """Messages come from the replay itself."""
        await stop()

    async def send(self, post: Post) -> SendResult:
        message_id = post.edits or f"bot-{next(self._numbers)}"
        self.posted.append(Posted(self._clock(), post, message_id))
        return Sent(message_id)

    async def fetch(self, attachment: Attachment) -> bytes:
        """A small picture of its own for each photo. Raises MediaGone for anything else."""
        if attachment.kind != "photo":
            raise MediaGone("a replay has photos only")
        number = next(self._numbers)
        buffer = io.BytesIO()
        colour = (number % 256, number // 256 % 256, number // 65536 % 256)
        Image.new("RGB", (_SIDE, _SIDE), colour).save(buffer, "PNG")
        return buffer.getvalue()

    async def ack(self, inbound: Inbound, text: str) -> None:
        """Nobody presses a button in the past."""

    def private_chat(self, person: str) -> str | None:
        return f"{_PRIVATE}{person}"

    def routes(self) -> list[web.RouteDef]:
        return []


def person_of(chat: str) -> str | None:
    """Whose private chat it is; None: it is none."""
    return chat.removeprefix(_PRIVATE) if chat.startswith(_PRIVATE) else None
