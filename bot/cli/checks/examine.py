"""All checks, in the order in which a start needs what they look at."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.cli.checks import content, people, places, watching
from bot.cli.checks.database import database
from bot.cli.checks.finding import Finding
from bot.config import Config


def examine(config: Config) -> list[Finding]:
    """Look at everything a start needs."""
    today = datetime.now(ZoneInfo(config.city.timezone)).date()
    running = places.running(config)
    return [
        places.data_dir(config),
        database(config),
        content.rules(config),
        *content.calendar(config, today),
        content.clocks(config),
        *content.channels(config),
        *content.duty_phones(config),
        *people.confidants(config),
        *places.secret_files(config),
        *places.public_address(config),
        *places.port(config, ours=running),
        *watching.figures(config, running=running),
    ]
