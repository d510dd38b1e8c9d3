"""The command `gridbridge`; `python -m bot` is the same."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from pathlib import Path

from bot.cli.main import main as run_command
from bot.cli.programs import Programs
from bot.cli.replay.conversation import Conversation
from bot.cli.replay.outcome import Outcome
from bot.config import Config
from bot.model import Mode

# The programs are imported when they start: they load everything, and --help or a refusal need not wait for that.


async def _serve(config: Config, only: Sequence[str], stop: asyncio.Event) -> None:
    from bot.app import App  # noqa: PLC0415

    async with App.open(config, only=only) as app:
        await app.serve(stop)


async def _demo(stop: asyncio.Event, *, port: int, fresh: bool, speed: float, folder: Path) -> None:
    from bot import demo  # noqa: PLC0415

    await demo.run(stop, port=port, fresh=fresh, speed=speed, folder=folder)


def _replay(
    config: Config, conversations: Iterable[Conversation], *, mode: Mode, heard: Callable[[int], None]
) -> AsyncIterator[Outcome]:
    from bot.replay.play import replay  # noqa: PLC0415

    return replay(config, conversations, mode=mode, heard=heard)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns its exit status."""
    return run_command(argv, Programs(serve=_serve, demo=_demo, replay=_replay))


if __name__ == "__main__":
    sys.exit(main())
