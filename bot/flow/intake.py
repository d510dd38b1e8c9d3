"""From a channel into the inbox: ask the gate, fetch photos, insert or ignore, and only then return (rule 3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.errors import NotAccepted
from bot.flow import codec, media
from bot.flow.book import Book
from bot.flow.gate import Gate
from bot.flow.loops import Bell
from bot.flow.media import Fetched
from bot.flow.photo import PhotoLimits
from bot.model import ChatKind, Inbound
from bot.ports import Channel
from storage import chats, inbox
from storage.engine import Database
from storage.errors import Unavailable
from storage.records import NewInbox

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
        woken: Bell,
    ) -> None:
        self._channel, self.gate, self._db, self._book = channel, gate, db, book
        self._clock, self._limits, self._woken = clock, limits, woken

    async def accept(self, inbounds: Sequence[Inbound]) -> None:
        """Take events in their order. Raises NotAccepted when the database is away; the channel tries again then."""
        passed = [admitted for inbound in inbounds if (admitted := self.gate.admit(inbound, self._kind(inbound)))]
        if not passed:
            return
        fetched = [await media.fetch_all(self._channel, inbound, self._limits) for inbound in passed]
        now = self._clock()
        try:
            await self._db.run(lambda conn: self._store(conn, fetched, now))
        except Unavailable as away:
            raise NotAccepted(str(away)) from away
        self._woken.ring()

    def _kind(self, inbound: Inbound) -> ChatKind:
        known = self._book.directory.chat_by_address(inbound.account, inbound.chat)
        if known is not None:
            return ChatKind(known.kind)
        return ChatKind.PRIVATE if inbound.private else ChatKind.UNKNOWN

    def _store(self, conn: Connection, fetched: Sequence[Fetched], now: datetime) -> None:
        media.keep(conn, fetched)
        rows = [self._row(conn, item.inbound, now) for item in fetched]
        ids = inbox.put(conn, rows)
        for row, new in zip(rows, ids, strict=True):
            if new is not None and row.group_key is not None:
                inbox.push_group(conn, row.account, row.chat_id, row.group_key, due_at=now + ALBUM_WAIT, cap=ALBUM_CAP)

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
