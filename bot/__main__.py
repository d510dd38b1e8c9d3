"""The command `gridbridge`; `python -m bot` is the same."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bot.config import Config
from bot.model import Mode

if TYPE_CHECKING:
    from bot.cli.replay.conversation import Conversation
    from bot.cli.replay.outcome import Outcome

# Everything else is imported when it is needed: --help or a refusal need not wait for the programs, and the processes
# that `classify -j` starts import this file again.


async def _serve(config: Config, only: Sequence[str], stop: asyncio.Event) -> None:
    from bot.app import App, NotStarted  # noqa: PLC0415

    with suppress(NotStarted):
        async with App.open(config, only=only, stop=stop) as app:
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
    # A machine that shuts down ends a command as Ctrl-C does: it tidies up. `run` and `demo` listen themselves.
    if threading.current_thread() is threading.main_thread():  # no other may listen to signals
        signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        from bot.cli.main import main as run_command  # noqa: PLC0415
        from bot.cli.programs import Programs  # noqa: PLC0415
    except KeyboardInterrupt:  # loading takes half a second, and some think better of it
        return 130
    return run_command(argv, Programs(serve=_serve, demo=_demo, replay=_replay))


if __name__ == "__main__":
    sys.exit(main())
