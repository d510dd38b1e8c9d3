"""Hands what is said in the rooms to the bridge, in each room's order, until it is accepted (architecture.md, rule 3).

The history is the queue: a cursor for each room says how far it is accepted. A crash between "in the history" and
"accepted" therefore loses nothing, and one between "accepted" and "cursor moved" repeats events under the same key.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from bot.channels.webchat.parse import BOT, Places, cursor_after, events_of, photos_of
from bot.errors import NotAccepted
from bot.flow.retry import backoff
from bot.ports import Accept, RoomLog
from bot.rooms import Unfed

log = logging.getLogger(__name__)

BATCH = 50  # events a room hands over at once
SLOWEST = 5.0  # seconds between two tries while nothing is accepted

Tell = Callable[[bool], None]
"""Told True once a revision is accepted; told False when a try failed and will be repeated."""


class Feeder:
    """One task for each room that has something to hand over, none for quiet ones."""

    def __init__(self, account: str, rooms: RoomLog, clock: Callable[[], datetime]) -> None:
        self._account, self._rooms, self._clock = account, rooms, clock
        self._accept: Accept | None = None
        self._stopping = asyncio.Event()
        self._dirty: set[str] = set()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._done: dict[str, int] = {}
        self._waiting: dict[str, list[tuple[int, Tell]]] = {}
        self._refused: set[str] = set()  # rooms whose last try was in vain

    async def start(self, accept: Accept) -> None:
        """Go on where the last run ended."""
        self._accept = accept
        self._stopping.clear()
        self._refused.clear()
        for room in [*self._dirty, *await self._rooms.unfed_rooms(BOT)]:
            self.nudge(room)

    async def stop(self) -> None:
        """Finish what is being handed over and take up nothing more."""
        self._stopping.set()
        await asyncio.gather(*self._tasks.values())
        self._accept = None

    def nudge(self, room: str) -> None:
        """Something new is in the history of this room."""
        self._dirty.add(room)
        if self._accept is not None and not self._stopping.is_set() and room not in self._tasks:
            self._tasks[room] = asyncio.create_task(self._feed(room, self._accept))

    def when_fed(self, room: str, rev: int, tell: Tell) -> None:
        """Call `tell` when this revision is accepted, at once if it already is."""
        if self._done.get(room, 0) >= rev:
            tell(True)
            return
        self._waiting.setdefault(room, []).append((rev, tell))
        self.nudge(room)

    async def _feed(self, room: str, accept: Accept) -> None:
        failures = 0
        while room in self._dirty and not self._stopping.is_set():
            self._dirty.discard(room)
            if await self._try(room, accept):
                failures = 0
            else:
                failures += 1
                self._dirty.add(room)
                await self._rest(backoff(failures, cap=SLOWEST))
        del self._tasks[room]

    async def _try(self, room: str, accept: Accept) -> bool:
        try:
            if await self._step(room, accept):
                self._dirty.add(room)
        except (NotAccepted, OSError) as away:
            if not self._refused:  # what keeps one room waiting keeps all
                facts = {"action": "webchat_not_accepted", "room": room, "why": str(away)}
                log.warning("not accepted yet", extra=facts)
            self._refused.add(room)
        except Exception:
            log.exception("feeding a room failed", extra={"action": "webchat_feed_failed", "room": room})
        else:
            self._refused.discard(room)
            return True
        for _, tell in self._waiting.get(room, []):
            tell(False)
        return False

    async def _step(self, room: str, accept: Accept) -> bool:
        """Hand over one batch; True if there may be more."""
        unfed = await self._rooms.unfed(room, BOT, BATCH)
        if unfed is None:
            return False
        events = events_of(self._account, unfed, await self._places(unfed), self._clock())
        done = cursor_after(unfed)
        if events:
            await accept(events)
        if done > unfed.fed:
            await self._rooms.mark_fed(room, done)
        self._settle(room, done)
        return len(unfed.messages) == BATCH or any(message.rev > done for message in unfed.messages)

    async def _places(self, unfed: Unfed) -> Places:
        photos = {one for message in unfed.messages for one in photos_of(message)}
        found = {photo: await self._rooms.photo_place(photo) for photo in photos}
        return {photo: place for photo, place in found.items() if place is not None}

    def _settle(self, room: str, done: int) -> None:
        self._done[room] = done
        waiting = self._waiting.pop(room, [])
        late = [(rev, tell) for rev, tell in waiting if rev > done]
        if late:
            self._waiting[room] = late
        for rev, tell in waiting:
            if rev <= done:
                tell(True)

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return
