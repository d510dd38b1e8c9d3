"""What the contract suite asks of a channel's test bench: the platform with people on it, and the channel beside it.

A new channel brings tests/contract/<name>.py with `make(folder) -> Harness`; the suite itself stays as it is.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PIL import Image

from bot.model import Inbound
from bot.ports import Capabilities, Channel
from tests.fakes.bridge import Bridge

RESIDENT, WORKER = "resident", "worker"


@dataclass(frozen=True, slots=True)
class Seen:
    """A message of the bot as a person sees it; `text` holds everything legible, a card's lines included."""

    id: str
    text: str
    quote: str | None = None  # id of the quoted message
    photos: tuple[bytes, ...] = ()
    buttons: tuple[tuple[str, str], ...] = ()  # (label, what it sends)


class Harness(Protocol):
    """`person` is RESIDENT or WORKER; both are in `group`. Ids are the platform's own, as text."""

    @property
    def channel(self) -> Channel: ...
    @property
    def bridge(self) -> Bridge: ...
    @property
    def group(self) -> str: ...
    @property
    def unknown_chat(self) -> str: ...

    @property
    def lacks(self) -> Mapping[str, str]:
        """Case -> why this platform cannot have it; beside what its capabilities already say."""
        ...

    async def start(self) -> None:
        """Platform and channel run, the channel is up."""
        ...

    async def stop(self) -> None: ...

    def native(self, person: str) -> str:
        """The platform's id of a person."""
        ...

    def private(self, person: str) -> str:
        """The platform's id of the person's chat with the bot."""
        ...

    async def say(
        self, person: str, text: str, *, chat: str = "", quote: str | None = None, photo: bytes | None = None
    ) -> str:
        """Say something, in the group unless told otherwise; the id."""
        ...

    async def mention(self, person: str, text: str) -> str:
        """Address the bot in the group."""
        ...

    async def edit(self, person: str, message_id: str, text: str) -> None: ...
    async def recall(self, person: str, message_id: str) -> None: ...

    async def press(self, person: str, message_id: str, data: str) -> str:
        """Press a button in the group; what the platform then shows on the spot."""
        ...

    async def posted(self, chat: str) -> list[Seen]:
        """What the bot has posted there, as a person sees it now, oldest first."""
        ...

    async def deliver_again(self) -> None:
        """The platform delivers its last event a second time, as after a lost acknowledgement."""
        ...

    async def cut(self) -> None:
        """The line between platform and channel breaks."""
        ...

    async def restore(self) -> None: ...

    async def say_while_cut(self, person: str, text: str) -> None:
        """Said in the group while the line is cut; the platform or the person's device keeps it."""
        ...


class Make(Protocol):
    def __call__(self, folder: Path) -> Harness: ...


def picture(colour: str = "green", size: tuple[int, int] = (40, 30)) -> bytes:
    """A small real photo."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue()


def units(text: str, capabilities: Capabilities) -> int:
    """The length of a text as the platform counts it."""
    match capabilities.text_unit:
        case "bytes":
            return len(text.encode())
        case "utf16":
            return len(text.encode("utf-16-le")) // 2
    return len(text)


def longest(capabilities: Capabilities) -> str:
    """A Chinese text that is exactly as long as the platform takes."""
    text = "字" * (capabilities.max_text // units("字", capabilities))
    return text + "x" * (capabilities.max_text - units(text, capabilities))


def facts(inbound: Inbound) -> tuple[str, str, str]:
    """Kind, message and words."""
    return inbound.kind.value, inbound.message_id or "", inbound.text
