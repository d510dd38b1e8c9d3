"""The ticks: APScheduler wakes them, the database says what is due (pitfalls.md, "APScheduler 3.x facts").

A memory job store and interval jobs only: nothing is scheduled per case, so nothing can be missed for ever.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.flow.clockwatch import ClockWatch
from bot.flow.loops import PATIENCE, Bell, Pulse
from bot.flow.outage import TICK
from storage.errors import Unavailable

log = logging.getLogger(__name__)
PATIENT = 3  # intervals without a tick after which the clock is taken for dead


@dataclass(frozen=True, slots=True)
class Tick:
    """`run` turns due rows into outbox rows; `every` and `jitter` in seconds."""

    name: str
    run: Callable[[], Awaitable[object]]
    every: float
    jitter: float = 0.0


class Ticks:
    """`look_every`: seconds between two looks whether the clock was set back."""

    def __init__(
        self, ticks: list[Tick], pulse: Pulse, *, watch: ClockWatch | None = None, look_every: float = 5.0
    ) -> None:
        self._ticks, self._pulse = ticks, pulse
        self._watch, self._look_every = watch or ClockWatch(), look_every
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; a tick that is under way is waited for, because `shutdown` would cancel it."""
        scheduler = AsyncIOScheduler(job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None})
        for tick in self._ticks:
            self._pulse.begin(f"{TICK}{tick.name}", patience=max(PATIENCE, PATIENT * tick.every))
            scheduler.add_job(
                self._once, "interval", args=[tick], seconds=tick.every, jitter=tick.jitter or None, id=tick.name
            )
        scheduler.start()
        try:
            await self._until(stop, scheduler)
        finally:
            scheduler.pause()
            await self._idle.wait()
            scheduler.shutdown(wait=False)

    async def _until(self, stop: asyncio.Event, scheduler: AsyncIOScheduler) -> None:
        """Plans lie on the machine's clock: where that is set back they would wait until it has caught up."""
        rest = Bell()
        while not stop.is_set():
            await rest.wait(self._look_every, stop)
            if self._watch.set_back() > timedelta(seconds=1):
                for job in scheduler.get_jobs():
                    job.modify(next_run_time=datetime.now(UTC))

    async def _once(self, tick: Tick) -> None:
        self._running += 1
        self._idle.clear()
        try:
            await tick.run()
        except Unavailable as away:
            self._pulse.fail(f"{TICK}{tick.name}", str(away), away=True)
        except Exception as error:
            log.exception("tick failed", extra={"action": "tick_failed", "tick": tick.name})
            self._pulse.fail(f"{TICK}{tick.name}", type(error).__name__)
        else:
            self._pulse.beat(f"{TICK}{tick.name}")
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()
