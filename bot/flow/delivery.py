"""From the outbox to a channel: claim, render, send, mark. One account's deliveries run where its lease is held."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from bot.flow import fit, manners, marks, retry, stumble
from bot.flow.counts import Outcomes
from bot.flow.foreign import foreign
from bot.flow.limits import Limits
from bot.flow.pacing import Round
from bot.flow.post import Quiet
from bot.flow.render import Ready, Renderer, Settled
from bot.flow.terms import STANDARD, Terms
from bot.model import ChatKind, Dead, Post, Retry, Scope, SendResult, Sent, Unknown
from bot.ports import Channel, ChannelState
from storage import cases, chats, links, menus, outbox
from storage.engine import Database
from storage.errors import Unavailable
from storage.faults import unavailable
from storage.records import OutboxRow

log = logging.getLogger(__name__)
BATCH = 32
NOT_NOW = frozenset({ChannelState.CONNECTING, ChannelState.FAILED})
"""Nothing would come of it but doubt: while the platform cannot be read either, everything waits and costs nothing."""
_TOO_LATE = Retry(0, "the process stood still", Scope.ACCOUNT)
"""The outcome of what was not sent because another may have done it meanwhile."""
Work = Callable[[Connection], None]


@dataclass(frozen=True, slots=True)
class Look:
    """A rendered row. `heard`: when its group heard something lately; None where no ceiling holds.

    `morning`: the group sleeps until then; however the post came to be due now, it waits.
    """

    ready: Ready
    heard: Sequence[datetime] | None = None
    morning: datetime | None = None


class Delivery:
    """`step` claims what is due and sends it, lanes side by side, each lane in order."""

    def __init__(
        self,
        channel: Channel,
        db: Database,
        renderer: Renderer,
        quiet: Quiet,
        *,
        clock: Callable[[], datetime],
        posts_per_hour: int,
        terms: Terms = STANDARD,
    ) -> None:
        can = channel.capabilities
        self._channel, self._db, self._renderer, self._quiet, self._clock = channel, db, renderer, quiet, clock
        self._per_hour, self._lease = posts_per_hour, terms.outbox
        self._harmless = can.one_per_key
        self._limits = Limits(
            per_chat_per_minute=can.per_chat_per_minute, per_account_per_second=can.per_account_per_second
        )
        self._owed: list[Work] = []  # outcomes that could not be written while the database was away
        self.outcomes = Outcomes()

    async def step(self) -> int:
        """Send what is due once; the number of rows that were touched."""
        await self._write_owed()
        now, until = self._clock(), time.monotonic() + self._lease.total_seconds()
        for lapsed in await self._db.run(lambda conn: self._bury_lapsed(conn, now)):
            self._count(lapsed)
        if self._channel.status.state in NOT_NOW:
            return 0
        rows, expired = await self._db.run(
            lambda conn: outbox.claim(conn, now, accounts=[self._channel.account], limit=BATCH, lease=self._lease)
        )
        self.outcomes.expired += expired
        if rows:
            going = await self._prepare(await self._one_suspect(rows, now), now)
            await _all(*(self._one(row, ready, until) for row, ready in going))
        return len(rows)

    # -- before the send

    async def _one_suspect(self, rows: Sequence[OutboxRow], now: datetime) -> Sequence[OutboxRow]:
        """A post that has failed again and again, perhaps with the program, goes alone; the others wait for it."""
        first = next((row for row in rows if row.failures >= retry.SUSPECT), None)
        if first is None:
            return rows
        await self._write([partial(outbox.release, rows=[row for row in rows if row is not first], due_at=now)])
        return [first]

    async def _prepare(self, rows: Sequence[OutboxRow], now: datetime) -> list[tuple[OutboxRow, Ready]]:
        """Render all in one transaction, decide in the order of urgency which go now, put the others off."""
        try:
            looks = await self._db.run_group([partial(self._look, row=row, now=now) for row in rows])
        except Unavailable:
            self._owed.append(lambda conn: outbox.release(conn, rows, now))  # not one of them was tried
            raise
        pace = Round(self._limits, now, per_hour=self._per_hour)
        going: list[tuple[OutboxRow, Ready]] = []
        later: list[Work] = []
        for row, look in zip(rows, looks, strict=True):
            if isinstance(look, Exception):
                later.append(self._unrendered(row, look, now))
            elif look is None:
                self.outcomes.cancelled += 1
            else:
                free = look.morning or pace.put_off(look.ready.post.chat, row.kind, look.heard)
                if free is None:
                    going.append((row, look.ready))
                else:
                    later.append(partial(marks.put_off, row=row, until=free))
        await self._write(later)
        mine = await self._begin([row for row, _ in going], now)
        return [(row, ready) for row, ready in going if row.id in mine]

    async def _begin(self, rows: Sequence[OutboxRow], now: datetime) -> set[int]:
        """Written down before the first byte leaves: after a crash only these are in doubt. Which of them are ours."""
        try:
            return await self._db.run(lambda conn: outbox.begin(conn, rows, now))
        except Unavailable:
            self._owed.append(lambda conn: outbox.release(conn, rows, now))
            raise

    def _look(self, conn: Connection, *, row: OutboxRow, now: datetime) -> Look | None:
        """None: nothing is left to say, and the row is finished."""
        ready = self._renderer.render(conn, row, now)
        if isinstance(ready, Settled):
            outbox.finish(conn, row, "cancelled", now, reason=ready.reason)
            return None
        chat = chats.chat(conn, row.chat_id) if row.chat_id is not None else None
        if chat is None or chat.kind != ChatKind.RESIDENTS:
            return Look(ready)
        case = cases.get(conn, row.case_id) if row.case_id is not None else None
        due = self._quiet.due(chat, row.kind, row.priority, case, now)
        morning = due if due > now else None
        if row.kind in manners.NEVER_DELAYED:
            return Look(ready, morning=morning)
        if self._per_hour == 0:
            outbox.finish(conn, row, "cancelled", now, reason="this group hears results only")
            return None
        return Look(ready, outbox.sent_to(conn, chat.id, since=now - manners.HOUR, until=now), morning)

    def _unrendered(self, row: OutboxRow, error: Exception, now: datetime) -> Work:
        """Our own mistake: the row's failure, certainly not sent."""
        about = {"action": "post_not_rendered", "outbox": row.id}
        log.error("post not rendered", exc_info=stumble.told(error), extra=about)
        failed = Retry(0, stumble.why(stumble.RENDERING, error))
        step = retry.after_send(failed, kind=row.kind, priority=row.priority, failures=row.failures, now=now)
        self._count(step)
        return partial(marks.end, row=row, step=step, now=now)

    # -- the send

    async def _one(self, row: OutboxRow, ready: Ready, until: float) -> None:
        """`until`: when its lease runs out, in monotonic seconds."""
        result = await self._sent(row, ready.post) if time.monotonic() < until else _TOO_LATE
        done = self._clock()
        step = retry.after_send(
            result,
            kind=row.kind,
            priority=row.priority,
            failures=row.failures,
            unknowns=row.unknowns,
            now=done,
            harmless=self._harmless,
        )
        self._count(step)
        marks.tell(row, step)
        self._pause(ready.post.chat, step)
        await self._write([partial(self._mark, row=row, ready=ready, result=result, step=step, now=done)])

    async def _sent(self, row: OutboxRow, post: Post) -> SendResult:
        """What was sent before, and only not marked, is not sent again."""
        if row.native_id is not None:
            return Sent(row.native_id)
        try:
            return fit.answer(await self._send(post))
        except TimeoutError:
            return Unknown(stumble.NO_ANSWER)
        except Exception as error:
            about = {"action": "send_failed", "outbox": row.id, "kind": row.kind}
            log.exception("send failed", exc_info=stumble.told(error), extra=about)
            return Unknown(stumble.why(stumble.SENDING, error))

    async def _send(self, post: Post) -> SendResult:
        with foreign():
            async with asyncio.timeout(self._channel.capabilities.send_timeout):
                return await self._channel.send(post)

    # -- after the send

    def _mark(
        self, conn: Connection, *, row: OutboxRow, ready: Ready, result: SendResult, step: retry.Next, now: datetime
    ) -> None:
        """The outcome stands whatever happens to its effects: the post must not be sent again for them."""
        try:
            with conn.begin_nested():
                marks.end(conn, row=row, step=step, now=now)
                self._follow(conn, row, ready, result, step, now)
        except Exception as error:
            if unavailable(error) is not None:
                raise
            about = {"action": "mark_failed", "outbox": row.id}
            log.exception("outcome without its effects", exc_info=stumble.told(error), extra=about)
            marks.end(conn, row=row, step=marks.unmarked(step, error), now=now)

    def _follow(
        self, conn: Connection, row: OutboxRow, ready: Ready, result: SendResult, step: retry.Next, now: datetime
    ) -> None:
        if step.state == "sent" and step.native_id:
            self._link(conn, row, ready, step.native_id, now)
        elif isinstance(result, Dead):
            self._dead(conn, row, ready, result)

    def _link(self, conn: Connection, row: OutboxRow, ready: Ready, message_id: str, now: datetime) -> None:
        """A message that was edited is linked already and keeps its role; one that took its place is new."""
        draft = ready.draft
        if draft.link and row.case_id and row.chat_id:
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
            menus.bind_menu(conn, row.id, message_id, draft.menu)

    def _dead(self, conn: Connection, row: OutboxRow, ready: Ready, result: Dead) -> None:
        if row.chat_id is None:
            return
        if result.moved_to:
            chats.migrate(conn, row.account, ready.post.chat, result.moved_to)
            return
        if result.scope is Scope.DESTINATION:
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
        again = "unknown" if step.unknown else (step.pause or Scope.ROW).value
        outcome = step.state or f"retry_{again}"
        setattr(self.outcomes, outcome, getattr(self.outcomes, outcome) + 1)

    # -- what must be written whatever happens

    async def _write(self, works: Sequence[Work]) -> None:
        """In one transaction; when the database is away the next step writes them first."""
        if not works:
            return
        try:
            await self._db.run(lambda conn: [work(conn) for work in works])
        except Unavailable:
            self._owed += works
            raise

    async def _write_owed(self) -> None:
        owed, self._owed = self._owed, []
        await self._write(owed)

    def _bury_lapsed(self, conn: Connection, now: datetime) -> list[retry.Next]:
        """A lease that ran out while its post was on its way: somebody died between sending and marking."""
        steps = []
        for row in outbox.lapsed(conn, now, accounts=[self._channel.account]):
            if row.reason == outbox.GOING:
                step = retry.after_unknown(
                    kind=row.kind, priority=row.priority, unknowns=row.unknowns, now=now, reason=stumble.CUT_OFF,
                    ours=True, harmless=self._harmless,
                )  # fmt: skip
            else:
                step = retry.after_death(failures=row.failures, now=now, reason=stumble.KILLING)
            marks.tell(row, step)
            marks.end(conn, row=row, step=step, now=now)
            steps.append(step)
        return steps


async def _all(*sends: Awaitable[None]) -> None:
    """Wait for every one of them, then raise the first error: a send under way is never left alone."""
    for outcome in await asyncio.gather(*sends, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome
