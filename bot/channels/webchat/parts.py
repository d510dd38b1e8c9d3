"""The parts of an open web chat, put together once its history is open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.channels.webchat.config import WebchatConfig
from bot.channels.webchat.feeder import Feeder
from bot.channels.webchat.hub import Hub
from bot.channels.webchat.protocol import Protocol
from bot.channels.webchat.speech import Speech
from bot.ports import RoomLog


@dataclass(frozen=True, slots=True)
class Parts:
    rooms: RoomLog
    hub: Hub
    feeder: Feeder
    speech: Speech
    protocol: Protocol


def assemble(account: str, config: WebchatConfig, rooms: RoomLog, clock: Callable[[], datetime]) -> Parts:
    hub = Hub()
    feeder = Feeder(account, rooms, clock)
    speech = Speech(account, rooms, hub, feeder, clock)
    protocol = Protocol(speech, rooms, hub, clock, says_per_ten_seconds=config.says_per_ten_seconds)
    return Parts(rooms, hub, feeder, speech, protocol)
