"""Every fault there is, by name: what `make crash` tries and prints. The tests run the same ones in their short form."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from tests.crash import database_outages, disorder, floods, kills, platform_outages, stopping, webchat
from tests.crash.poison import poison
from tests.crash.table import Row

SQLITE, POSTGRES = "sqlite", "postgresql"
BOTH = (SQLITE, POSTGRES)


@dataclass(frozen=True, slots=True)
class Experiment:
    """`run` gets the URL of a fresh migrated database, and whether the short form is wanted."""

    name: str
    run: Callable[[str, bool], Coroutine[Any, Any, Row]]
    databases: tuple[str, ...] = BOTH


EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment("SIGKILL at random moments", kills.random_moments),
    Experiment("SIGKILL at every named point", kills.named_points),
    Experiment("platform away for a day", platform_outages.away_for_a_day),
    Experiment("platform: 429 storm", platform_outages.flood),
    Experiment("platform: connections that hang", platform_outages.hanging),
    Experiment("platform: posted, never answered", platform_outages.mute),
    Experiment("platform: no JSON, lines cut", platform_outages.garbled),
    Experiment("platform: SIGKILL in bad weather", platform_outages.killed_meanwhile),
    Experiment("SIGKILL of the web chat", webchat.killed, (SQLITE,)),
    Experiment(disorder.TWICE, disorder.twice),
    Experiment(disorder.TWO_POLL, disorder.two_poll, (POSTGRES,)),
    Experiment(disorder.EDITS, disorder.edits_first),
    Experiment(disorder.BUTTONS, disorder.buttons),
    Experiment(disorder.REBORN, disorder.reborn),
    Experiment(disorder.CLOCKS, disorder.clocks),
    Experiment(stopping.UNDER_LOAD, stopping.under_load),
    Experiment(stopping.HANGING, stopping.hanging),
    Experiment(stopping.ROLLING, stopping.rolling, (POSTGRES,)),
    Experiment("database away", database_outages.away),
    Experiment("database locked", database_outages.locked),
    Experiment("database read-only", database_outages.read_only, (POSTGRES,)),
    Experiment("disk full", database_outages.full, (SQLITE,)),
    Experiment("a log that grows", database_outages.growing_log, (SQLITE,)),
    Experiment("poison", poison),
    Experiment("flood: one power cut", floods.power_cut),
    Experiment("flood: one sender", floods.one_sender),
    Experiment("flood: a million characters", floods.million),
    Experiment("flood: broken text", floods.broken),
    Experiment("flood: photos", floods.bombs),
)
