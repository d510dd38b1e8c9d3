"""Claim, understand, act: an inbox row becomes its effects in one transaction (architecture.md, rule 2)."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from bot.flow import codec, retry, stumble, suspects
from bot.flow.acts import Acts
from bot.flow.book import Book
from bot.flow.context import Moment, find_person, gather
from bot.flow.counts import Handled
from bot.flow.loops import Bell
from bot.flow.rules import Rules
from bot.flow.standing import sent_by_staff, staff_here
from bot.flow.suspects import Sorted
from bot.flow.terms import STANDARD, Terms
from bot.model import ChatKind, Inbound, InboundKind
from bot.talk.verbs import Verb
from classifiers.verdict import Verdict
from storage import blobs, chats, inbox
from storage.engine import Database
from storage.errors import Unavailable
from storage.records import InboxRow

log = logging.getLogger(__name__)
BATCH = 64
TELLS = frozenset({Verb.REPORT, Verb.PATROL, Verb.FILE_FOR})
"""Words of staff that tell a trouble as a resident's do; all others are taken for notices."""


class Taken(Exception):  # noqa: N818 - a state: somebody else works on it
    """Only a part of what belongs together is ours."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What is handled together: one row, or all parts of an album. Understood before the transaction begins."""

    rows: tuple[InboxRow, ...]
    inbound: Inbound
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Ended:
    """`toast`: what a pressed button answers, None where the message led to nothing."""

    toast: str | None


class Dispatch:
    """`step` handles what is waiting; `bells` wake the deliveries after the commit."""

    def __init__(
        self,
        db: Database,
        book: Book,
        rules: Rules,
        acts: Acts,
        *,
        clock: Callable[[], datetime],
        late: timedelta,
        bells: Sequence[Bell],
        terms: Terms = STANDARD,
    ) -> None:
        self._db, self._book, self._rules, self._acts = db, book, rules, acts
        self._clock, self._late, self._bells = clock, late, bells
        self._lease = terms.inbox
        self.handled = Handled()

    async def step(self) -> int:
        """Handle up to a batch of rows; the number taken. Only a row's own error counts as its attempt."""
        now = self._clock()
        rows = await self._db.run(lambda conn: inbox.claim(conn, now, limit=BATCH, lease=self._lease))
        if not rows:
            return 0
        found = suspects.sort(rows)
        try:
            await self._set_aside(found, now)
            for together in found.rounds:
                await self._handle_all(together)
        except Unavailable:
            await self._db.run(lambda conn: inbox.release(conn, rows))
            raise
        for bell in self._bells:
            bell.ring()
        return len(rows)

    async def _set_aside(self, found: Sorted, now: datetime) -> None:
        """What kills the program again and again is parked; what may do so waits until it can be handled alone."""
        if not found.later and not found.deadly:
            return
        for row in found.deadly:
            log.error("message is deadly", extra={"action": "row_dead", "inbox": row.id, "kind": row.kind})
        await self._db.run(lambda conn: _give_up(conn, found, now))
        self.handled.dead += len(found.deadly)

    async def _handle_all(self, rows: Sequence[InboxRow]) -> None:
        await self._db.read(self._book.refresh)
        units = [unit for group in suspects.together(rows) if (unit := await self._understood(group)) is not None]
        outcomes = await self._db.run_group([self._work(unit) for unit in units])
        for unit, outcome in zip(units, outcomes, strict=True):
            if isinstance(outcome, Taken):
                continue  # its lease will run out, or whoever has the rest has ended it
            if isinstance(outcome, Exception):
                await self._failed(unit.rows, stumble.ACTING, outcome)
            elif outcome is not None:
                self._count(unit)
                if outcome.toast is not None:
                    await self._acts.after(unit.inbound, outcome.toast)

    def _count(self, unit: Unit) -> None:
        now = self._clock()
        self.handled.done += len(unit.rows)
        for row in unit.rows:
            self.handled.time.add((now - row.received_at).total_seconds())

    async def _understood(self, rows: tuple[InboxRow, ...]) -> Unit | None:
        """None: these rows make the program stumble; they wait for their next try and cost no other row anything."""
        stage = stumble.UNREADABLE
        try:
            inbound = _merged([codec.load(row.body) for row in rows if row.body is not None])
            stage = stumble.JUDGING
            return self._judged(rows, inbound)
        except Exception as error:  # noqa: BLE001 - the boundary of one message: whatever it provokes is its own
            await self._failed(rows, stage, error)
            return None

    def _judged(self, rows: tuple[InboxRow, ...], inbound: Inbound) -> Unit:
        spoken = inbound.kind in (InboundKind.MESSAGE, InboundKind.EDIT) and bool(inbound.text)
        # in private staff pass on what residents say
        notice = not inbound.private and sent_by_staff(self._book.directory, inbound)
        return Unit(rows, inbound, self._rules.verdict(inbound.text, staff=notice) if spoken else None)

    def _work(self, unit: Unit) -> Callable[[Connection], Ended | None]:
        return lambda conn: self._handle(conn, unit)

    def _handle(self, conn: Connection, unit: Unit) -> Ended | None:
        """The whole effect of one unit. The first statement makes sure that nobody else has had it; else None."""
        now = self._clock()
        mine = [inbox.finish(conn, row, now) for row in unit.rows]
        if not any(mine):
            return None
        if not all(mine):
            raise Taken("another process has a part of this album")  # and rolls back the parts that were ours
        moment = self._moment(conn, unit, now)
        toast = self._acts.perform(conn, moment) if moment is not None else None
        if toast is not None:
            blobs.use(conn, codec.photos_of(unit.inbound))
        return Ended(toast)

    def _moment(self, conn: Connection, unit: Unit, now: datetime) -> Moment | None:
        inbound, directory = unit.inbound, self._book.directory
        chat = chats.chat(conn, unit.rows[0].chat_id)
        if chat is None:
            return None
        if not chat.reachable and inbound.kind is not InboundKind.LEFT:
            chats.set_reachable(conn, chat.id, reachable=True)  # who speaks there can be answered there
            chat = dataclasses.replace(chat, reachable=True)
        person = find_person(conn, directory, inbound)
        if chat.kind == ChatKind.PRIVATE and person is not None and chat.person_id is None:
            chats.set_owner(conn, chat.id, person.id)
        mine = person.id if person else None
        staff = not inbound.private and staff_here(directory, mine, chat, inbound.sent_at)
        context = gather(
            conn,
            inbound,
            chat,
            person,
            directory,
            verdict=unit.verdict,
            understand=lambda text: self._rules.verdict(text, staff=staff),
        )
        if context.command is not None and context.command.verb in TELLS:
            told = dataclasses.replace(context, understand=lambda text: self._rules.verdict(text, staff=False))
            return Moment(inbound, chat, person, directory, told, now, self._is_late(inbound, now))
        return Moment(inbound, chat, person, directory, context, now, self._is_late(inbound, now))

    def _is_late(self, inbound: Inbound, now: datetime) -> bool:
        """Wherever it was kept waiting: on its way, in our queue, as a dead letter. The group has long moved on."""
        return now - inbound.sent_at > self._late

    async def _failed(self, rows: Sequence[InboxRow], stage: str, error: Exception) -> None:
        """The row's own error: again after 1 and 5 seconds, then it is a dead letter and staff can look at it."""
        now, reason = self._clock(), stumble.why(stage, error)
        for row in rows:
            retry_at = retry.inbox_retry(row.failures + 1, now)
            log.error(
                "row failed",
                exc_info=stumble.told(error),
                extra={"action": "row_failed" if retry_at else "row_dead", "inbox": row.id, "kind": row.kind},
            )
            await self._db.run(partial(inbox.fail, row=row, now=now, retry_at=retry_at, reason=reason))
            self.handled.failed += retry_at is not None
            self.handled.dead += retry_at is None


def _give_up(conn: Connection, found: Sorted, now: datetime) -> None:
    inbox.release(conn, found.later)
    for row in found.deadly:
        inbox.fail(conn, row, now, retry_at=None, reason=stumble.KILLING)


def _merged(parts: Sequence[Inbound]) -> Inbound:
    """An album as one message: the caption stands on one part only."""
    first = parts[0]
    if len(parts) == 1:
        return first
    return dataclasses.replace(
        first,
        text="\n".join(part.text for part in parts if part.text),
        attachments=tuple(file for part in parts for file in part.attachments),
        earlier=_once(parts),
        reply_to=next((part.reply_to for part in parts if part.reply_to), None),
    )


def _once(parts: Sequence[Inbound]) -> tuple[Inbound, ...]:
    """What was said before an album, without repeats and without the album's own parts."""
    own = {part.event_key for part in parts}
    found = {piece.event_key: piece for part in parts for piece in part.earlier if piece.event_key not in own}
    return tuple(found.values())
