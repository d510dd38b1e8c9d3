"""How every long-running loop runs: step, rest until woken, survive an outage, stop between two steps (rule 12)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable

from bot.flow.outage import Outage
from bot.flow.retry import backoff
from storage.errors import Unavailable

log = logging.getLogger(__name__)
PATIENCE = 120.0  # seconds after which a loop that did not come round is taken for dead
SLOWEST = 5.0  # seconds between two tries while the database is away


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
    """When each loop last came round (monotonic seconds), and what is wrong with it.

    `failures`: how often each has failed, ever growing. `outage`: what all of them know of the database.
    """

    def __init__(self) -> None:
        self.beats: dict[str, float] = {}
        self.trouble: dict[str, str] = {}
        self.failures: Counter[str] = Counter()
        self.outage = Outage()
        self._patience: dict[str, float] = {}

    def begin(self, name: str, patience: float = PATIENCE) -> None:
        """A loop starts; one that does not come round for `patience` seconds hangs."""
        self._patience[name] = patience
        self.failures[name] += 0
        self.beats[name] = time.monotonic()

    def forget(self, name: str) -> None:
        """It has ended, as it should."""
        for known in (self.beats, self.trouble):
            known.pop(name, None)
        self.outage.forget(name)

    def beat(self, name: str) -> None:
        self.beats[name] = time.monotonic()
        self.trouble.pop(name, None)
        self.outage.over(name)

    def fail(self, name: str, why: str, *, away: bool = False) -> None:
        self.beats[name] = time.monotonic()
        self.failures[name] += 1
        self.trouble[name] = why
        if away:
            self.outage.found(name, why)
        else:
            self.outage.over(name)

    def age(self, name: str) -> float:
        return time.monotonic() - self.beats.get(name, 0.0)

    def hangs(self, name: str) -> bool:
        return self.age(name) > self._patience.get(name, PATIENCE)


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
    pulse.begin(name)
    pulse.outage.wakes(name, bell.ring)
    while not stop.is_set():
        try:
            busy = await step()
        except Unavailable as away:
            failures += 1
            pulse.fail(name, str(away), away=True)
            await bell.wait(backoff(failures, cap=SLOWEST), stop)
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
