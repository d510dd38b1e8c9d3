"""The real program on a clock that is moved by hand: what takes a day in a town takes a moment here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.assembly import Parts, assemble
from bot.config import Config
from bot.flow.owner import Owner
from bot.flow.rules import Rules
from bot.model import Inbound
from bot.ports import Channel
from storage import agenda
from storage.agenda import Waiting
from storage.engine import Database

TICK = 10.0  # seconds; reminders that have become due by then go together
ROUNDS = 1000  # a bot that talks to itself never comes to rest


class NeverAtRest(Exception):  # noqa: N818 - says what it is
    """The bot goes on and on at one moment."""


@dataclass(frozen=True, slots=True)
class _Ahead:
    """Before `due` nothing becomes due; `stop` is when the program would look at it."""

    due: datetime
    stop: datetime


class Simulation:
    """One account on one database. `now` only moves by `advance`; `parts` are there after `start`."""

    parts: Parts

    def __init__(self, db: Database, channel: Channel, now: datetime) -> None:
        self.db, self.channel, self.now = db, channel, now.astimezone(UTC)
        self._listed_at: datetime | None = None
        self._ahead: _Ahead | None = None  # None: it has to be looked up

    async def start(self, config: Config, rules: Rules) -> None:
        """Put the parts together; the directory must be written before."""
        self.parts = await assemble(
            config, self.db, [self.channel], clock=lambda: self.now, holder="simulation", rules=rules
        )
        await self._owner.traces.rebuild()

    async def hear(self, events: Sequence[Inbound]) -> None:
        """The platform tells these events, all before the bot has dealt with any of them."""
        passed = self._passed
        for event in events:
            await self.parts.intakes[self.channel.account].accept([event])
        if self._passed != passed:  # what the gate dropped has changed nothing
            await self.settle()

    async def settle(self) -> None:
        """Until nothing is due at this moment."""
        for _ in range(ROUNDS):
            due = await self.db.read(lambda conn: agenda.waiting(conn, self.now))
            if not any(due) and not self._listed_now():
                self._ahead = None
                return
            await self._round(due)
        raise NeverAtRest(f"at {self.now:%Y-%m-%d %H:%M:%S}")

    async def advance(self, until: datetime) -> None:
        """Through every moment at which something is due."""
        while (moment := (await self._look_ahead()).stop) <= until:
            self.now = moment
            await self.settle()
        self.now = max(until, self.now)
        if (await self._look_ahead()).due <= self.now:
            await self.settle()

    async def _round(self, due: Waiting) -> None:
        if due.said:
            await self.parts.dispatch.step()
        await self.parts.refresh()
        if due.ticks or self._listed_now():
            await self.parts.remind()
            self._listed_at = self.now
        if any(due):
            await self._owner.delivery.step()
        await self._owner.traces.step()

    @property
    def _owner(self) -> Owner:
        return self.parts.owners[self.channel.account]

    @property
    def _passed(self) -> int:
        return self.parts.intakes[self.channel.account].gate.counters.passed

    def _listed_now(self) -> bool:
        """A list time has come, and the lists have not gone out yet."""
        local = self.now.astimezone(self._zone).strftime("%H:%M")
        return local in self.parts.config.manners.list_times and self._listed_at != self.now

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.parts.config.city.timezone)

    async def _look_ahead(self) -> _Ahead:
        """Kept until something happens: most of what people say changes nothing."""
        if self._ahead is None:
            row, tick = await self.db.read(lambda conn: agenda.upcoming(conn, self.now))
            due = [moment for moment in (row, tick, self._next_list()) if moment is not None]
            stops = [moment for moment in (row, _rounded(tick), self._next_list()) if moment is not None]
            self._ahead = _Ahead(min(due), min(stops))
        return self._ahead

    def _next_list(self) -> datetime:
        local = self.now.astimezone(self._zone)
        times = [time.fromisoformat(at) for at in self.parts.config.manners.list_times] or [time.min]
        days = (local.date() + timedelta(days=n) for n in (0, 1))
        moments = (datetime.combine(day, at, self._zone).astimezone(UTC) for day in days for at in times)
        return min(moment for moment in moments if moment > self.now)


def _rounded(moment: datetime | None) -> datetime | None:
    """Ticks come every ten seconds and gather what has become due by then."""
    return None if moment is None else datetime.fromtimestamp(math.ceil(moment.timestamp() / TICK) * TICK, UTC)
