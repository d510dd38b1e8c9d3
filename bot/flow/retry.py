"""What follows an outcome: pure decisions about inbox rows and posts (architecture.md, rules 2 and 6)."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import Dead, Priority, Retry, Scope, SendResult, Sent, Unknown

INBOX_DELAYS = (1.0, 5.0)  # seconds after the first and second error of a row; after the third it is dead
MAX_SEND_FAILURES = 8
# A doubled result carries its case number and harms nobody; a lost one does. A reminder's next slot covers it.
RESENT_WHEN_UNKNOWN = frozenset({"result", "round", "emergency", "card", "accepted", "answer"})


def inbox_retry(failures: int, now: datetime) -> datetime | None:
    """When to try a row again after its own error number `failures` (from 1), or None: it is dead now."""
    if failures > len(INBOX_DELAYS):
        return None
    return now + timedelta(seconds=INBOX_DELAYS[failures - 1])


def backoff(attempt: int, *, base: float = 1.0, cap: float = 60.0, jitter: random.Random | None = None) -> float:
    """Seconds to wait before attempt number `attempt` (from 1): doubling, capped, with full jitter."""
    span = min(cap, base * 2 ** min(attempt - 1, 16))
    return (jitter or random).uniform(span / 2, span)


@dataclass(frozen=True, slots=True)
class Next:
    """What to do with an outbox row: a final state, or a new due time; `pause` holds back more than this row."""

    state: str | None = None  # sent | dead | unknown
    due_at: datetime | None = None
    own_failure: bool = False
    native_id: str | None = None
    reason: str = ""
    pause: Scope | None = None


def after_send(result: SendResult, *, kind: str, priority: int, failures: int, now: datetime) -> Next:
    """The one policy for every outcome of a send."""
    match result:
        case Sent(message_id):
            return Next(state="sent", native_id=message_id)
        case Retry(after, reason, scope):
            return _retry(after, reason, scope, failures, now)
        case Unknown(reason):
            return after_unknown(kind=kind, priority=priority, failures=failures, now=now, reason=reason)
        case Dead(reason):
            return Next(state="dead", reason=reason)


def after_unknown(*, kind: str, priority: int, failures: int, now: datetime, reason: str) -> Next:
    """A timeout after the bytes left, or a lease that ran out without an outcome."""
    again = kind in RESENT_WHEN_UNKNOWN or priority == Priority.EMERGENCY
    if again and failures == 0:
        return Next(due_at=now, own_failure=True, reason=reason)
    return Next(state="unknown", reason=reason)


def _retry(after: float, reason: str, scope: Scope, failures: int, now: datetime) -> Next:
    due_at = now + timedelta(seconds=max(0.0, after))
    if scope is not Scope.ROW:
        return Next(due_at=due_at, reason=reason, pause=scope)
    if failures + 1 >= MAX_SEND_FAILURES:
        return Next(state="dead", reason=f"{reason}（已试 {failures + 1} 次）")
    return Next(due_at=due_at, own_failure=True, reason=reason)
