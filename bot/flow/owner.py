"""One owner per channel account: who holds the lease polls, gates and delivers (architecture.md, rule 9)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from bot.errors import NotAccepted
from bot.flow.counts import Tenure
from bot.flow.delivery import Delivery
from bot.flow.foreign import foreign
from bot.flow.intake import Intake
from bot.flow.loops import Bell, Pulse, run_loop
from bot.flow.terms import STANDARD, Terms
from bot.flow.traces import Traces
from bot.flow.watch import News, Watch
from bot.model import Inbound
from bot.ports import Channel
from storage import leases
from storage.engine import Database
from storage.errors import Unavailable

log = logging.getLogger(__name__)
TRIED_AGAIN = 60.0  # seconds after which an event that was turned away went elsewhere, or its platform gave up


class Owner:
    """Tries for the account's lease, and while it holds it runs the channel with its gate and deliveries."""

    def __init__(  # noqa: PLR0913 - the parts of one account
        self,
        channel: Channel,
        intake: Intake,
        delivery: Delivery,
        traces: Traces,
        db: Database,
        *,
        holder: str,
        clock: Callable[[], datetime],
        bell: Bell,
        pulse: Pulse,
        terms: Terms = STANDARD,
    ) -> None:
        self.channel, self._intake, self.delivery, self.traces = channel, intake, delivery, traces
        self._db, self._holder, self._clock, self._bell, self._pulse = db, holder, clock, bell, pulse
        self._ttl = terms.account
        self._name = f"account:{channel.account}"
        self._keeping, self._taking = f"lease:{channel.account}", f"intake:{channel.account}"
        self._refused = 0.0  # when an event was turned away last, monotonic
        self.tenure = Tenure()
        self._watch = Watch()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`: take the lease as soon as it is free, work while it is ours, rest before another try."""
        resting, fraction = Bell(), self._ttl.total_seconds() / 30
        while not stop.is_set():
            epoch = await self._acquire()
            well = True
            if epoch is not None:
                log.info("account is ours", extra={"action": "lease_taken", "account": self.channel.account})
                well = await self._hold(epoch, stop)
            await resting.wait(fraction if well else 10 * fraction, stop)

    async def _acquire(self) -> int | None:
        """Looked at often, written only where there is something to be had."""
        try:
            held = await self._db.read(lambda conn: leases.holder(conn, self._name, self._clock()))
            if held not in {None, self._holder}:
                self._pulse.outage.over(self._keeping)
                return None
            epoch = await self._db.run(
                lambda conn: leases.acquire(conn, self._name, self._holder, self._clock(), self._ttl)
            )
        except Unavailable as away:
            self._pulse.outage.found(self._keeping, str(away))
            return None
        self._pulse.outage.over(self._keeping)
        return epoch

    async def _hold(self, epoch: int, stop: asyncio.Event) -> bool:
        """False: it did not go well, and would not at once."""
        self.tenure.taken += 1
        self.tenure.held = True
        well = await self._remember() and await self._work(epoch, stop)
        self.tenure.held = False
        self._pulse.outage.forget(self._taking)
        await self._release(epoch)
        return well

    async def _work(self, epoch: int, stop: asyncio.Event) -> bool:
        """False: the channel broke."""
        inner, quiet = asyncio.Event(), asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._until(stop, inner))
            tasks.create_task(self._renew(epoch, inner))
            listening = tasks.create_task(self._listen(inner, quiet))
            tasks.create_task(self._deliver(inner, quiet))
            for name, step in (("traces", self.traces.step), ("watch", self._look)):
                tasks.create_task(self._loop(name, step, inner, Bell(), 1.0))
        return listening.result()

    async def _deliver(self, inner: asyncio.Event, quiet: asyncio.Event) -> None:
        """What is on its way needs the channel for its answer: only then it may close."""
        await self._loop("delivery", self.delivery.step, inner, self._bell, 0.5)
        quiet.set()

    async def _loop(
        self, name: str, step: Callable[[], Awaitable[int]], inner: asyncio.Event, bell: Bell, idle: float
    ) -> None:
        """One that ends because the account went elsewhere does not hang, and must not look like it."""
        full = f"{name}:{self.channel.account}"
        await run_loop(full, step, inner, bell=bell, idle=idle, pulse=self._pulse)
        self._pulse.forget(full)

    async def _remember(self) -> bool:
        """Before the first message: what the gate must know of the last weeks. False: it could not be had.

        Whatever the reason: this account is tried again, and the others of this process go on.
        """
        try:
            await self.traces.rebuild()
        except Unavailable as away:
            log.warning("gate not filled", extra={"action": "gate_not_filled", "why": str(away)})
        except Exception:
            log.exception("gate not filled", extra={"action": "gate_not_filled", "account": self.channel.account})
        else:
            return True
        return False

    async def _look(self) -> int:
        """Say it once when the platform goes away or comes back; the channel itself tries on and on."""
        status = self.channel.status
        match self._watch.look(status.state, self._clock()):
            case News.AWAY:
                facts = {"action": "platform_away", "account": self.channel.account, "why": status.reason}
                log.warning("platform away", extra=facts)
            case News.BACK:
                log.info("platform back", extra={"action": "platform_back", "account": self.channel.account})
        return 0

    async def _accept(self, inbounds: Sequence[Inbound]) -> None:
        """Raises NotAccepted. What the gate drops says nothing of the database, what is written does."""
        before = self._intake.heard.written
        try:
            await self._intake.accept(inbounds)
        except NotAccepted as away:
            self._refused = time.monotonic()
            self._pulse.outage.found(self._taking, str(away))
            raise
        if self._intake.heard.written > before:
            self._pulse.outage.over(self._taking)

    async def _listen(self, inner: asyncio.Event, quiet: asyncio.Event) -> bool:
        async def until_stopped() -> None:
            await quiet.wait()

        try:
            with foreign():
                await self.channel.run(self._accept, until_stopped)
            return True
        except Exception:
            # A channel is a state, not a crash: the account rests and is tried again, the others go on.
            log.exception("channel failed", extra={"action": "channel_failed", "account": self.channel.account})
            return False
        finally:
            inner.set()

    @staticmethod
    async def _until(stop: asyncio.Event, inner: asyncio.Event) -> None:
        waits = [asyncio.ensure_future(stop.wait()), asyncio.ensure_future(inner.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        inner.set()

    async def _renew(self, epoch: int, inner: asyncio.Event) -> None:
        """Keep the lease; one that could not be renewed in time is given up before another may take it.

        This writes whatever else there is to do, so it is where a database that takes nothing shows.
        """
        rest, ttl = Bell(), self._ttl.total_seconds()
        good_until, pause = time.monotonic() + ttl, ttl / 3
        while not inner.is_set():
            await rest.wait(pause, inner)
            asked = time.monotonic()
            try:
                async with asyncio.timeout(min(ttl / 5, max(good_until - ttl / 6 - asked, 0.0))):
                    kept = await self._db.run(
                        lambda conn: leases.renew(conn, self._name, self._holder, epoch, self._clock(), self._ttl)
                    )
            except (Unavailable, TimeoutError) as away:
                self._pulse.outage.found(self._keeping, str(away) or "database answers not in time")
                kept, pause = time.monotonic() < good_until - ttl / 6, ttl / 15
            else:
                self._pulse.outage.over(self._keeping)
                good_until, pause = asked + ttl, ttl / 3
                if asked > self._refused + TRIED_AGAIN:
                    self._pulse.outage.over(self._taking)
            if not kept:
                log.warning("account lost", extra={"action": "lease_lost", "account": self.channel.account})
                self.tenure.lost += 1
                self.tenure.held = False  # from now on another process may take it
                inner.set()

    async def _release(self, epoch: int) -> None:
        try:
            await self._db.run(lambda conn: leases.release(conn, self._name, self._holder, epoch))
        except Unavailable:
            log.warning("lease left to run out", extra={"action": "lease_left", "account": self.channel.account})
