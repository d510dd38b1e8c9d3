"""From a channel into the inbox: ask the gate, fetch photos, insert or ignore, and only then return (rule 3)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from bot.errors import NotAccepted
from bot.flow import codec, fit, media, stumble
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
_KINDS = frozenset(ChatKind)


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
        inbounds = list(map(self._fitting, inbounds))
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

    def _fitting(self, inbound: Inbound) -> Inbound:
        """One that is not even made as an event should be goes on as it is, and is parked where it does not fit."""
        try:
            return tidied(fit.fit(inbound, self._clock()), self._max_text)
        except Exception as error:
            log.exception("event out of shape", exc_info=stumble.told(error), extra=self._about("intake_unfit"))
            return inbound

    def _admit(self, inbound: Inbound) -> Inbound | None:
        """A message over which the gate stumbles goes in: dispatch parks it, and staff can look at it."""
        try:
            return self.gate.admit(inbound, self._kind(inbound))
        except Exception as error:
            log.exception("gate stumbles", exc_info=stumble.told(error), extra=self._about("gate_failed"))
            return inbound

    async def _fetch(self, inbound: Inbound) -> Fetched:
        """Without its photos where even looking for them fails."""
        try:
            async with self._fetching:
                return await media.fetch_all(self._channel, inbound, self._darkroom)
        except NotAccepted:
            raise
        except Exception as error:
            log.exception("photos not looked for", exc_info=stumble.told(error), extra=self._about("media_failed"))
            return Fetched(inbound)

    async def _keep(self, fetched: Sequence[Fetched], now: datetime) -> None:
        """All in one transaction; one that no database would take is parked, and stops no other."""
        try:
            self._stored(fetched, await self._db.run(lambda conn: self._store(conn, fetched, now)), now)
        except Unavailable:
            raise
        except Exception as error:
            log.exception("events refused together", exc_info=stumble.told(error), extra=self._about("intake_apart"))
            alone = [partial(self._store, fetched=[item], now=now) for item in fetched]
            for item, outcome in zip(fetched, await self._db.run_group(alone), strict=True):
                if isinstance(outcome, Exception):
                    await self._park(item, outcome, now)
                else:
                    self._stored([item], outcome, now)

    async def _park(self, item: Fetched, error: Exception, now: datetime) -> None:
        """A dead letter: the platform will not bring it again. Its photos are with it if they are not to blame."""
        log.error("event parked", exc_info=stumble.told(error), extra=self._about("intake_parked"))
        reason = stumble.why(stumble.KEEPING, error)
        for kept in (item, Fetched(item.inbound)):
            [outcome] = await self._db.run_group([partial(self._bury, kept=kept, reason=reason, now=now)])
            if not isinstance(outcome, Exception):
                self.heard.parked += outcome
                self.heard.repeated += not outcome
                return
            error = outcome
        self.heard.refused += 1
        log.error("event refused", exc_info=stumble.told(error), extra=self._about("intake_refused"))

    def _about(self, action: str) -> dict[str, str]:
        return {"action": action, "account": self._channel.account}

    def _bury(self, conn: Connection, *, kept: Fetched, reason: str, now: datetime) -> bool:
        """False: it had come before."""
        media.keep(conn, [kept], now)
        said = kept.inbound
        row = NewInbox(
            account=said.account,
            event_key=fit.ident(str(said.event_key), fit.KEY),
            chat_id=self._chat(conn, said, now),
            kind=str(said.kind)[:16],
            body=codec.rescue(said),
            group_key=said.group_key,
            sent_at=now,
            received_at=now,
            due_at=now,
        )
        return inbox.park(conn, row, reason=reason) is not None

    def _stored(self, fetched: Sequence[Fetched], new: Sequence[bool], now: datetime) -> None:
        """Count what is committed; what had come before says nothing about the platform's delay."""
        self.heard.stored += sum(new)
        self.heard.repeated += len(new) - sum(new)
        for item, fresh in zip(fetched, new, strict=True):
            if fresh:
                self.heard.delay.add((now - item.inbound.sent_at).total_seconds())

    def _chat(self, conn: Connection, inbound: Inbound, now: datetime) -> int:
        return chats.ensure_chat(conn, inbound.account, inbound.chat, kind=self._kind(inbound).value, now=now).id

    def _kind(self, inbound: Inbound) -> ChatKind:
        """A chat of a kind that only newer code knows is as good as unbound."""
        known = self._book.directory.chat_by_address(inbound.account, inbound.chat)
        if known is not None:
            return ChatKind(known.kind) if known.kind in _KINDS else ChatKind.UNKNOWN
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
        return NewInbox(
            account=inbound.account,
            event_key=inbound.event_key,
            chat_id=self._chat(conn, inbound, now),
            kind=inbound.kind.value,
            body=codec.dump(inbound),
            group_key=inbound.group_key,
            sent_at=inbound.sent_at,
            received_at=now,
            due_at=now + ALBUM_WAIT if inbound.group_key else now,
        )
