"""One event loop until a signal: the first asks to stop, the second leaves at once."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Awaitable, Callable

Main = Callable[[asyncio.Event], Awaitable[None]]
"""Serves until the event is set, then finishes what it has claimed and returns."""

INTERRUPTED = 128 + signal.SIGINT
STUCK = 1
LAST_SECONDS = 29.0
"""After the signal: what is claimed has its time (bot.flow.terms), closing the rest, then the process goes."""


def serve(main: Main) -> int:
    """Run `main` on a new loop. The exit status: 0 after its own end or SIGTERM, 130 after Ctrl-C."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_until_signal(main))


async def _until_signal(main: Main) -> int:
    stop = asyncio.Event()
    seen: list[int] = []
    loop = asyncio.get_running_loop()

    def asked(number: int) -> None:
        if seen:
            # Quick exit: what is committed is safe, what is not will be claimed again.
            os._exit(128 + number)
        seen.append(number)
        stop.set()
        _end_anyway()

    for number in (signal.SIGINT, signal.SIGTERM):
        _listen(loop, number, asked)
    await main(stop)
    return INTERRUPTED if signal.SIGINT in seen else 0


def _end_anyway() -> None:
    """Where even closing hangs: a thread of its own, for the loop may be what hangs."""
    timer = threading.Timer(LAST_SECONDS, os._exit, [STUCK])
    timer.daemon = True
    timer.start()


def _listen(loop: asyncio.AbstractEventLoop, number: int, asked: Callable[[int], None]) -> None:
    try:
        loop.add_signal_handler(number, asked, number)
    except NotImplementedError:  # Windows
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(asked, number))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Uvloop where it is installed (the extra `speed`), else the standard loop."""
    try:
        import uvloop  # noqa: PLC0415 - optional
    except ImportError:
        return None
    return uvloop.new_event_loop
