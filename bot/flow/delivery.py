"""From the outbox to a channel: claim, render, send, mark. One account's deliveries run where its lease is held."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.flow import manners, retry
from bot.flow.limits import Limits
from bot.flow.render import Ready, Renderer, Settled
from bot.model import ChatKind, Dead, Post, Scope, SendResult, Unknown
from bot.ports import Channel
from storage import chats, links, menus, outbox
from storage.engine import Database
from storage.records import OutboxRow

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=60)  # longer than any channel's send_timeout (rule 6)
BATCH = 32
CONFLICT_PAUSE = 5.0  # seconds an account rests after a failure of its own without a named wait


@dataclass(slots=True)
class Outcomes:
    """Counts of sends by outcome, for the metrics."""

    sent: int = 0
    retried: int = 0
    unknown: int = 0
    dead: int = 0


class Delivery:
    """`step` claims what is due and sends it, lanes side by side, each lane in order."""

    def __init__(
        self,
        channel: Channel,
        db: Database,
        renderer: Renderer,
        *,
        clock: Callable[[], datetime],
        posts_per_hour: int,
    ) -> None:
        can = channel.capabilities
        self._channel, self._db, self._renderer, self._clock = channel, db, renderer, clock
        self._per_hour = posts_per_hour
        self._limits = Limits(
            per_chat_per_minute=can.per_chat_per_minute, per_account_per_second=can.per_account_per_second
        )
        self.outcomes = Outcomes()

    async def step(self) -> int:
        """Send what is due once; the number of rows that were touched."""
        now = self._clock()
        await self._db.run(lambda conn: self._bury_lapsed(conn, now))
        rows = await self._db.run(
            lambda conn: outbox.claim(conn, now, accounts=[self._channel.account], limit=BATCH, lease=LEASE)
        )
        await asyncio.gather(*(self._one(row) for row in rows))
        return len(rows)

    async def _one(self, row: OutboxRow) -> None:
        now = self._clock()
        ready = await self._db.run(lambda conn: self._prepare(conn, row, now))
        if ready is None:
            return
        self._limits.take(ready.post.chat, now.timestamp())
        result = await self._send(ready.post)
        done = self._clock()
        step = retry.after_send(result, kind=row.kind, priority=row.priority, failures=row.failures, now=done)
        self._count(step)
        self._pause(ready.post.chat, step)
        await self._db.run(lambda conn: self._mark(conn, row, ready, result, step, done))

    def _prepare(self, conn: Connection, row: OutboxRow, now: datetime) -> Ready | None:
        """Render, or put the row off; None: nothing is to be sent now."""
        free = self._held_back(conn, row, now)
        if free is not None:
            outbox.postpone(conn, row, free, reason="pace", own_failure=False)
            return None
        ready = self._renderer.render(conn, row, now)
        if isinstance(ready, Settled):
            outbox.finish(conn, row, "cancelled", now, reason=ready.reason)
            return None
        wait = self._limits.ready_at(ready.post.chat, now.timestamp()) - now.timestamp()
        if wait > 0:
            outbox.postpone(conn, row, now + timedelta(seconds=wait), reason="pace", own_failure=False)
            return None
        return ready

    def _held_back(self, conn: Connection, row: OutboxRow, now: datetime) -> datetime | None:
        """The ceiling of posts per group and hour."""
        if row.chat_id is None or row.kind in manners.NEVER_DELAYED:
            return None
        chat = chats.chat(conn, row.chat_id)
        if chat is None or chat.kind != ChatKind.RESIDENTS:
            return None
        sent = outbox.sent_to(conn, row.chat_id, since=now - timedelta(hours=1))
        return manners.ceiling_frees_at(sent, now, kind=row.kind, per_hour=self._per_hour)

    async def _send(self, post: Post) -> SendResult:
        try:
            async with asyncio.timeout(self._channel.capabilities.send_timeout):
                return await self._channel.send(post)
        except TimeoutError:
            return Unknown("no answer in time")

    def _mark(
        self, conn: Connection, row: OutboxRow, ready: Ready, result: SendResult, step: retry.Next, now: datetime
    ) -> None:
        if step.state is None:
            assert step.due_at is not None
            outbox.postpone(conn, row, step.due_at, reason=step.reason, own_failure=step.own_failure)
            return
        outbox.finish(conn, row, step.state, now, native_id=step.native_id, reason=step.reason or None)
        if step.state == "sent" and step.native_id:
            self._link(conn, row, ready, step.native_id, now)
        elif step.state == "dead":
            self._dead(conn, row, result)

    def _link(self, conn: Connection, row: OutboxRow, ready: Ready, message_id: str, now: datetime) -> None:
        draft = ready.draft
        if draft.link and row.case_id and row.chat_id and draft.edits is None:
            links.add(
                conn,
                case_id=row.case_id,
                chat_id=row.chat_id,
                message_id=message_id,
                role=draft.link,
                person_id=None,
                said_at=now,
                closing=draft.closing,
            )
        if draft.menu:
            menus.bind_menu(conn, row.id, message_id)

    def _dead(self, conn: Connection, row: OutboxRow, result: SendResult) -> None:
        log.error("post is dead", extra={"action": "post_dead", "outbox": row.id, "kind": row.kind})
        if not isinstance(result, Dead) or row.chat_id is None:
            return
        chat = chats.chat(conn, row.chat_id)
        if chat is not None and result.moved_to:
            chats.migrate(conn, row.account, chat.native_id, result.moved_to)
        elif chat is not None and result.scope is Scope.DESTINATION:
            chats.set_reachable(conn, row.chat_id, reachable=False)

    def _pause(self, chat: str, step: retry.Next) -> None:
        if step.pause is None or step.due_at is None:
            return
        until = step.due_at.timestamp()
        if step.pause is Scope.ACCOUNT:
            self._limits.close_account(until)
        else:
            self._limits.close_chat(chat, until)

    def _count(self, step: retry.Next) -> None:
        match step.state:
            case "sent":
                self.outcomes.sent += 1
            case "dead":
                self.outcomes.dead += 1
            case "unknown":
                self.outcomes.unknown += 1
            case _:
                self.outcomes.retried += 1

    def _bury_lapsed(self, conn: Connection, now: datetime) -> None:
        """A lease that ran out without an outcome is Unknown: somebody died between sending and marking."""
        for row in outbox.lapsed(conn, now, accounts=[self._channel.account]):
            step = retry.after_unknown(
                kind=row.kind, priority=row.priority, failures=row.failures, now=now, reason="lease ran out"
            )
            if step.state is not None:
                outbox.finish(conn, row, step.state, now, reason=step.reason)
            elif step.due_at is not None:
                outbox.postpone(conn, row, step.due_at, reason=step.reason, own_failure=True)
