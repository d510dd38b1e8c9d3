"""How every long-running loop runs: step, rest until woken, survive an outage, stop between two steps (rule 12)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from bot.flow.retry import backoff
from storage.errors import Unavailable

log = logging.getLogger(__name__)


class Bell:
    """Wakes a loop early. Ringing twice wakes once; polling stays authoritative."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()

    async def wait(self, seconds: float, stop: asyncio.Event) -> None:
        """Return when rung, when stopped, or after `seconds`."""
        waiters = [asyncio.ensure_future(self._event.wait()), asyncio.ensure_future(stop.wait())]
        try:
            await asyncio.wait(waiters, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiter in waiters:
                waiter.cancel()
            self._event.clear()


class Pulse:
    """When each loop last came round (monotonic seconds), and what is wrong with it; read by /healthz."""

    def __init__(self) -> None:
        self.beats: dict[str, float] = {}
        self.trouble: dict[str, str] = {}

    def beat(self, name: str) -> None:
        self.beats[name] = time.monotonic()
        self.trouble.pop(name, None)

    def fail(self, name: str, why: str) -> None:
        self.beats[name] = time.monotonic()
        self.trouble[name] = why

    def age(self, name: str) -> float:
        return time.monotonic() - self.beats.get(name, 0.0)


async def run_loop(
    name: str,
    step: Callable[[], Awaitable[int]],
    stop: asyncio.Event,
    *,
    bell: Bell,
    idle: float,
    pulse: Pulse,
) -> None:
    """Call `step` until `stop`; it returns how much it did, and 0 lets the loop rest `idle` seconds or until rung."""
    failures = 0
    while not stop.is_set():
        try:
            busy = await step()
        except Unavailable as away:
            failures += 1
            _tell_once(name, failures, str(away), pulse)
            await bell.wait(backoff(failures, cap=15.0), stop)
            continue
        except Exception as error:
            failures += 1
            log.exception("loop failed", extra={"action": "loop_failed", "loop": name})
            pulse.fail(name, type(error).__name__)
            await bell.wait(backoff(failures, cap=60.0), stop)
            continue
        failures = 0
        pulse.beat(name)
        if not busy:
            await bell.wait(idle, stop)


def _tell_once(name: str, failures: int, why: str, pulse: Pulse) -> None:
    pulse.fail(name, why)
    if failures == 1:
        log.error("database away", extra={"action": "database_away", "loop": name, "why": why})
