"""From a channel into the inbox: ask the gate, fetch photos, insert or ignore, and only then return (rule 3)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from bot.errors import NotAccepted
from bot.flow import codec, media
from bot.flow.book import Book
from bot.flow.counts import STUMBLED, Heard
from bot.flow.gate import Gate
from bot.flow.loops import Bell
from bot.flow.media import Darkroom, Fetched
from bot.flow.photo import PhotoLimits
from bot.flow.tidy import tidied
from bot.model import ChatKind, Inbound
from bot.ports import Channel
from storage import chats, inbox
from storage.engine import Database
from storage.errors import Unavailable
from storage.records import NewInbox

log = logging.getLogger(__name__)
FETCHES = 4  # messages whose photos are in memory at a time
ALBUM_WAIT = timedelta(seconds=2)  # no platform marks an album's end (pitfall 20)
ALBUM_CAP = timedelta(seconds=10)


class Intake:
    """The door of one account. `woken` rings after each commit, so that dispatch need not poll."""

    def __init__(
        self,
        channel: Channel,
        gate: Gate,
        db: Database,
        book: Book,
        *,
        clock: Callable[[], datetime],
        limits: PhotoLimits,
        max_text: int,
        woken: Bell,
    ) -> None:
        self._channel, self.gate, self._db, self._book = channel, gate, db, book
        self._clock, self._max_text, self._woken = clock, max_text, woken
        self._darkroom = Darkroom(limits)
        self._fetching = asyncio.Semaphore(FETCHES)
        self.heard = Heard()

    async def accept(self, inbounds: Sequence[Inbound]) -> None:
        """Take events in their order. Raises NotAccepted when the database is away; the channel tries again then."""
        inbounds = [tidied(inbound, self._max_text) for inbound in inbounds]
        if any(self._kind(inbound) is ChatKind.UNKNOWN for inbound in inbounds):
            await self._look_again(len(inbounds))
        before = self.gate.counters.by_reason.copy()
        passed = [admitted for inbound in inbounds if (admitted := self._admit(inbound)) is not None]
        if not passed:
            self.heard.settle(inbounds, len(inbounds), {})
            return
        reasons = self._reasons(before, len(passed))  # at once: while photos are fetched the gate goes on
        try:
            for portion in media.portions(passed):
                await self._keep(await asyncio.gather(*map(self._fetch, portion)), self._clock())
        except Unavailable as away:
            self.heard.away += len(inbounds)
            raise NotAccepted(str(away)) from away
        self.heard.settle(inbounds, len(inbounds) - len(passed), reasons)
        self._woken.ring()

    async def _look_again(self, events: int) -> None:
        """Somebody may have bound the group a moment ago, in another process: its first words must not be lost."""
        try:
            await self._book.open(self._db)
        except Unavailable as away:
            self.heard.away += events
            raise NotAccepted(str(away)) from away

    def _reasons(self, before: Mapping[str, int], passed: int) -> dict[str, int]:
        """Why the gate let these pass: what it has counted since `before`; over the others it stumbled."""
        now = self.gate.counters.by_reason
        reasons = {reason: more for reason, count in now.items() if (more := count - before.get(reason, 0))}
        return reasons | {STUMBLED: passed - sum(reasons.values())}

    def _admit(self, inbound: Inbound) -> Inbound | None:
        """A message over which the gate stumbles goes in: dispatch parks it, and staff can look at it."""
        try:
            return self.gate.admit(inbound, self._kind(inbound))
        except Exception:
            log.exception("gate stumbles", extra={"action": "gate_failed", "account": inbound.account})
            return inbound

    async def _fetch(self, inbound: Inbound) -> Fetched:
        async with self._fetching:
            return await media.fetch_all(self._channel, inbound, self._darkroom)

    async def _keep(self, fetched: Sequence[Fetched], now: datetime) -> None:
        """All in one transaction; one that no database would ever take must not stop the others for ever."""
        try:
            self._stored(fetched, await self._db.run(lambda conn: self._store(conn, fetched, now)), now)
        except Unavailable:
            raise
        except Exception:
            log.exception("events refused together", extra={"action": "intake_apart", "events": len(fetched)})
            alone = [partial(self._store, fetched=[item], now=now) for item in fetched]
            for item, outcome in zip(fetched, await self._db.run_group(alone), strict=True):
                if isinstance(outcome, Exception):
                    self.heard.refused += 1
                    about = {"action": "intake_refused", "account": item.inbound.account, "kind": item.inbound.kind}
                    log.error("event refused", exc_info=outcome, extra=about)  # noqa: TRY400 - its own error, not the batch's
                else:
                    self._stored([item], outcome, now)

    def _stored(self, fetched: Sequence[Fetched], new: Sequence[bool], now: datetime) -> None:
        """Count what is committed; what had come before says nothing about the platform's delay."""
        self.heard.stored += sum(new)
        self.heard.repeated += len(new) - sum(new)
        for item, fresh in zip(fetched, new, strict=True):
            if fresh:
                self.heard.delay.add((now - item.inbound.sent_at).total_seconds())

    def _kind(self, inbound: Inbound) -> ChatKind:
        known = self._book.directory.chat_by_address(inbound.account, inbound.chat)
        if known is not None:
            return ChatKind(known.kind)
        return ChatKind.PRIVATE if inbound.private else ChatKind.UNKNOWN

    def _store(self, conn: Connection, fetched: Sequence[Fetched], now: datetime) -> list[bool]:
        """Which of them are new."""
        media.keep(conn, fetched, now)
        rows = [self._row(conn, item.inbound, now) for item in fetched]
        ids = inbox.put(conn, rows)
        for row, new in zip(rows, ids, strict=True):
            if new is not None and row.group_key is not None:
                inbox.push_group(conn, row.account, row.chat_id, row.group_key, due_at=now + ALBUM_WAIT, cap=ALBUM_CAP)
        return [id_ is not None for id_ in ids]

    def _row(self, conn: Connection, inbound: Inbound, now: datetime) -> NewInbox:
        chat = chats.ensure_chat(conn, inbound.account, inbound.chat, kind=self._kind(inbound).value, now=now, title="")
        return NewInbox(
            account=inbound.account,
            event_key=inbound.event_key,
            chat_id=chat.id,
            kind=inbound.kind.value,
            body=codec.dump(inbound),
            group_key=inbound.group_key,
            sent_at=inbound.sent_at,
            received_at=now,
            due_at=now + ALBUM_WAIT if inbound.group_key else now,
        )
