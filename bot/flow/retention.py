"""What is forgotten by itself, in one list: the hourly tick and `gridbridge retention run` go through the same steps.

Cases that were taken up and their history are no part of it; the web chat's history has a retention of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from bot.config import RetentionConfig
from storage import blobs, cases, inbox, outbox
from storage.engine import Database

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """`forget` deletes what is older than a moment and counts it."""

    name: str
    keep: timedelta
    forget: Callable[[Connection, datetime], int]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """`before`: what was older than that is gone."""

    name: str
    before: datetime
    count: int


def steps(keep: RetentionConfig) -> tuple[Step, ...]:
    """In their order: the photos of a forgotten perhaps go with the loose ones."""
    traffic = timedelta(days=keep.traffic_days)
    return (
        Step("perhapses", timedelta(days=keep.perhaps_days), _perhapses),
        Step("photos", timedelta(hours=keep.loose_photo_hours), _loose_photos),
        Step("inbox", traffic, inbox.prune),
        Step("outbox", traffic, outbox.prune),
    )


async def forget(db: Database, todo: Sequence[Step], now: datetime) -> list[Forgotten]:
    """Each step in a transaction of its own: one that fails is raised when all others have done theirs."""
    outcomes = [(await db.run_group([partial(_take, step=step, now=now)]))[0] for step in todo]
    done = [one for one in outcomes if isinstance(one, Forgotten)]
    if any(one.count for one in done):
        log.info("forgotten", extra={"action": "forgotten", **{one.name: one.count for one in done}})
    for one in outcomes:
        if isinstance(one, Exception):
            raise one
    return done


async def rehearse(db: Database, todo: Sequence[Step], now: datetime) -> list[Forgotten]:
    """What `forget` would do now: done in one transaction and taken back, so that the figures cannot differ."""
    return await db.rehearse(lambda conn: [_take(conn, step, now) for step in todo])


def _take(conn: Connection, step: Step, now: datetime) -> Forgotten:
    before = now - step.keep
    return Forgotten(step.name, before, step.forget(conn, before))


def _perhapses(conn: Connection, before: datetime) -> int:
    """A perhaps nobody took up in time, and nobody else has said, was none: its words and photos go."""
    old = [case for case in cases.perhapses(conn) if case.reported_at < before]
    lone = [case for case in old if not cases.count_supporters(conn, case.id)]
    for case in lone:
        cases.forget(conn, case)
        blobs.release(conn, case.photos)
    return len(lone)


def _loose_photos(conn: Connection, before: datetime) -> int:
    """Those that came beside a report and led to nothing, and that no message still waits with."""
    return blobs.prune(conn, before, inbox.unsettled_photos(conn))
