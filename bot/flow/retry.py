"""What follows an outcome: pure decisions about inbox rows and posts (architecture.md, rules 2 and 6)."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.cases.notices import Kind
from bot.flow.stumble import MOVED
from bot.model import Dead, Priority, Retry, Scope, SendResult, Sent, Unknown

INBOX_DELAYS = (1.0, 5.0)  # seconds after the first and second error of a row; after the third it is dead
MAX_SEND_FAILURES = 8
SUSPECT = 3  # failures of a post after which it goes alone: it may be what the program dies of
EDIT = "edit:"  # begins the kind of what replaces a message: done twice, it is as if done once
UNNAMED_WAIT = 5.0  # seconds an account or a chat rests when nobody said how long
RESENDS = (5.0, 60.0, 600.0, 3600.0)
"""Seconds before what may have been posted is posted again.

Spaced, because a platform that takes a line and never answers does so for a while: all tries at once would be as
doubtful as the first. After the last one it is a dead letter.
"""
# What asks somebody to act or tells how it ended: twice, it carries its case number and harms nobody; lost, it does.
# A reminder is not among them (the next slot covers it), nor is what only accompanies an act in the group.
RESENT_WHEN_UNKNOWN = frozenset(
    {
        *(Kind.RESULT, Kind.ROUND, Kind.PHONES, Kind.REPORTED, Kind.ACCEPTED, Kind.TRANSFERRED, Kind.DISPATCHED),
        *(Kind.RETURNED, Kind.RESOLVED, Kind.REWORK, Kind.REOPENED, Kind.UNMERGED, Kind.PUBLISHED),
        *(Kind.DECLINED, Kind.UNDONE, Kind.WITHDRAWN, Kind.CALLED_OFF, Kind.RECALLED, Kind.SUPPLEMENT, Kind.CORRECTED),
        *(Kind.SUSPENDED, Kind.RESUMED, Kind.EXTENDED, Kind.SUPERVISED, Kind.RATED_BAD, Kind.NOT_FIXED_LATE),
        *("emergency", "answer", "paste"),
    }
)


def inbox_retry(failures: int, now: datetime) -> datetime | None:
    """When to try a row again after its own error number `failures` (from 1), or None: it is dead now."""
    if failures > len(INBOX_DELAYS):
        return None
    return now + timedelta(seconds=INBOX_DELAYS[failures - 1])


def backoff(attempt: int, *, base: float = 1.0, cap: float = 60.0, jitter: random.Random | None = None) -> float:
    """Seconds to wait before attempt number `attempt` (from 1): doubling, capped, jittered over the upper half."""
    span = min(cap, base * 2 ** min(attempt - 1, 16))
    return (jitter or random).uniform(span / 2, span)


@dataclass(frozen=True, slots=True)
class Next:
    """What to do with an outbox row: a final state, or a new due time; `pause` holds back more than this row."""

    state: str | None = None  # sent | dead | unknown
    due_at: datetime | None = None
    own_failure: bool = False
    unknown: bool = False  # the bytes left, and it is sent again
    native_id: str | None = None
    reason: str = ""
    pause: Scope | None = None


def after_send(
    result: SendResult,
    *,
    kind: str,
    priority: int,
    failures: int,
    now: datetime,
    unknowns: int = 0,
    harmless: bool = False,
) -> Next:
    """The one policy for every outcome of a send. `harmless`: the platform drops a second delivery."""
    match result:
        case Sent(message_id):
            return Next(state="sent", native_id=message_id)
        case Retry(after, reason, scope):
            return _retry(after, reason, scope, failures, now)
        case Unknown(reason):
            return after_unknown(
                kind=kind, priority=priority, unknowns=unknowns, now=now, reason=reason, harmless=harmless
            )
        case Dead(moved_to=str()) if failures + 1 < MAX_SEND_FAILURES:
            return Next(due_at=now, own_failure=True, reason=MOVED)
        case Dead(reason):
            return Next(state="dead", reason=reason)


def after_unknown(
    *,
    kind: str,
    priority: int,
    unknowns: int,
    now: datetime,
    reason: str,
    ours: bool = False,
    harmless: bool = False,
) -> Next:
    """A timeout after the bytes left, or a lease that ran out while it was being sent.

    `ours`: this program died, nothing speaks against the platform, so it goes at once. `harmless`: the platform drops
    a second delivery, so it may go again whatever it is.
    """
    worth_it = kind in RESENT_WHEN_UNKNOWN or kind.startswith(EDIT) or priority == Priority.EMERGENCY
    if not (worth_it or harmless) or unknowns >= len(RESENDS):
        return Next(state="unknown", reason=reason)
    wait = timedelta() if ours else timedelta(seconds=RESENDS[unknowns])
    return Next(due_at=now + wait, unknown=True, reason=reason)


def after_death(*, failures: int, now: datetime, reason: str) -> Next:
    """The program died over a post that had certainly not left: again, but not for ever.

    A suspect waits longer each time: a post that kills lets the program live for others between, and one that is only
    there at each start of a program that dies of something else is not taken for the cause.
    """
    deaths = failures + 1
    if deaths >= MAX_SEND_FAILURES:
        return Next(state="dead", reason=reason)
    wait = 2.0 ** (deaths - SUSPECT) if deaths >= SUSPECT else 0.0
    return Next(due_at=now + timedelta(seconds=wait), own_failure=True, reason=reason)


def _retry(after: float, reason: str, scope: Scope, failures: int, now: datetime) -> Next:
    if scope is not Scope.ROW:
        return Next(due_at=now + timedelta(seconds=after if after > 0 else UNNAMED_WAIT), reason=reason, pause=scope)
    if failures + 1 >= MAX_SEND_FAILURES:
        return Next(state="dead", reason=f"{reason}（试了 {failures + 1} 次）")
    wait = after if after > 0 else min(60.0, 2.0**failures)
    return Next(due_at=now + timedelta(seconds=wait), own_failure=True, reason=reason)
