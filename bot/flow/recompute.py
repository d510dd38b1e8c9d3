"""Deadlines after the calendar or the limits have changed: all open cases, in batches, beside the running program."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from bot.cases.clocks import Changes, Clocks
from bot.cases.notices import REMINDERS
from bot.cases.retiming import retimed
from storage import cases, outbox, reminders
from storage.engine import Database
from storage.records import CaseRow

BATCH = 100
PATIENCE = 50  # rounds in which a case that somebody works on may become free
PAUSE = 0.1  # seconds between two rounds


@dataclass(frozen=True, slots=True)
class Moved:
    """A deadline before and after."""

    case_id: int
    old: datetime
    new: datetime


@dataclass(slots=True)
class Tally:
    """`nudged`: only the next reminder comes at another time. `left`: without a limit now, or not to be explained."""

    looked: int = 0
    moved: list[Moved] = field(default_factory=list)
    nudged: int = 0
    left: list[int] = field(default_factory=list)
    busy: list[int] = field(default_factory=list)


async def recompute(
    db: Database, clocks: Clocks, ids: Sequence[int], now: datetime, *, dry: bool, advance: Callable[[int], None]
) -> Tally:  # fmt: skip
    """Each batch is one transaction that passes over cases somebody holds; those are tried again. Repeatable."""
    tally, todo = Tally(), list(ids)
    for _ in range(PATIENCE):
        busy: list[int] = []
        for batch in _batches(todo):
            part = await (db.read if dry else db.run)(
                lambda conn, batch=batch: _batch(conn, clocks, batch, now, dry=dry)  # type: ignore[misc]
            )
            _add(tally, part)
            busy += part.busy
            advance(len(batch) - len(part.busy))
        todo = busy
        if not todo:
            break
        await asyncio.sleep(PAUSE)
    tally.busy = todo
    return tally


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _add(tally: Tally, part: Tally) -> None:
    tally.looked += part.looked
    tally.moved += part.moved
    tally.nudged += part.nudged
    tally.left += part.left


def _batch(conn: Connection, clocks: Clocks, ids: Sequence[int], now: datetime, *, dry: bool) -> Tally:
    part = Tally()
    rows = cases.several(conn, ids) if dry else cases.hold(conn, ids, wait=False)
    histories, told = cases.events_of(conn, ids), reminders.told(conn, ids)
    for case in rows:
        if case.clock is None:  # settled since the list was made
            continue
        part.looked += 1
        changes = retimed(case, histories[case.id], told[case.id], clocks, now)
        _count(part, case, changes)
        if changes and not dry:
            _write(conn, case, changes, now)
    part.busy = sorted(set(ids) - {case.id for case in rows})
    return part


def _count(part: Tally, case: CaseRow, changes: Changes | None) -> None:
    if changes is None:
        part.left.append(case.id)
    elif "due_at" in changes and case.due_at is not None:
        part.moved.append(Moved(case.id, case.due_at, changes["due_at"]))
    elif changes:
        part.nudged += 1


def _write(conn: Connection, case: CaseRow, changes: Changes, now: datetime) -> None:
    """Bookkeeping of the clock, no act of anybody: the case keeps its version, so buttons and 「撤」 go on working.

    A reminder of a deadline that has been taken back is not sent any more.
    """
    cases.touch(conn, case.id, changes)
    if "generation" in changes:
        outbox.cancel(conn, now, case_id=case.id, kinds=REMINDERS, reason="recomputed")
