"""The demo: a small town in one process, on the same program that runs in a city."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.demo.house import occupied
from bot.demo.show import Show, must_be_free

__all__ = ["run"]


async def run(stop: asyncio.Event, *, port: int, fresh: bool, speed: float, folder: Path) -> None:
    """Serve until `stop`. `fresh` forgets the last showing. Raises ConfigError: busy port, folder in use."""
    must_be_free(port)
    with occupied(folder, fresh=fresh):
        await Show(folder, port=port, speed=speed).run(stop)
