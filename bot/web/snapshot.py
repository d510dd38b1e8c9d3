"""How a process stands at one moment: what it has counted, what it sees. Without names of chats, people or cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.flow.counts import Handled, Heard, Outcomes, Tenure
from bot.flow.loops import Pulse
from storage.gauges import Counts, Queues


@dataclass(frozen=True, slots=True)
class Account:
    """One channel account, where this process runs channels. `state`: bot.ports.ChannelState."""

    state: str
    heard: Heard
    outcomes: Outcomes
    tenure: Tenure


@dataclass(frozen=True, slots=True)
class Disk:
    """Of the data folder, in bytes."""

    free: int
    size: int


@dataclass(frozen=True, slots=True)
class Emergencies:
    """Cases that are called up the levels until somebody accepts; `unanswered`: all rounds have gone out."""

    unaccepted: int
    unanswered: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What the database says."""

    queues: Queues
    counts: Counts
    emergencies: Emergencies


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """`handled` and `reminded` are None where another process does that; `seen` is None while nothing can be read.

    `disk` is None while the data folder is gone.
    """

    now: datetime
    build: Mapping[str, str]
    pulse: Pulse
    ready: bool
    warnings: int
    disk: Disk | None
    database_up: bool
    accounts: Mapping[str, Account] = field(default_factory=dict)
    handled: Handled | None = None
    reminded: Mapping[str, int] | None = None
    seen: Seen | None = None
