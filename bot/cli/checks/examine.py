"""All checks, in the order in which a start needs what they look at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.cli.checks import channels, content, machine, people, places, watching
from bot.cli.checks.database import Seen, clocks_agree, database, letters
from bot.cli.checks.finding import Finding
from bot.config import Config


def examine(config: Config) -> list[Finding]:
    """Look at everything a start needs."""
    today = datetime.now(ZoneInfo(config.city.timezone)).date()
    running = places.running(config)
    reached, seen = database(config)
    return [
        places.data_dir(config),
        machine.disk(config),
        machine.event_loop(),
        reached,
        *(_inside(seen) if seen is not None else ()),
        content.rules(config),
        *content.calendar(config, today),
        content.clocks(config),
        *channels.channels(config),
        channels.connectors(),
        *content.duty_phones(config),
        *places.secret_files(config),
        *places.public_address(config),
        *places.port(config, ours=running),
        *watching.figures(config, running=running),
    ]


def _inside(seen: Seen) -> Iterator[Finding]:
    yield from clocks_agree(seen)
    yield letters(seen)
    yield from people.town(seen.directory, datetime.now(UTC))
