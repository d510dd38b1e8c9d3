"""What the program lends every channel, besides its own table of settings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.flow.photo import PhotoLimits
from bot.ports import Channel, RoomLog


@dataclass(frozen=True, slots=True)
class Needs:
    """`data_dir`: where a channel's own files lie; `public_url`: how people outside reach the server, may be empty."""

    data_dir: Path
    clock: Callable[[], datetime]
    open_rooms: Callable[[Path], Awaitable[RoomLog]]
    public_url: str = ""
    photos: PhotoLimits = field(default_factory=PhotoLimits)


Factory = Callable[[str, Mapping[str, Any], Needs], Channel]
"""Builds a channel without any I/O from (account, its table of settings, what it is lent). Raises ConfigError."""
