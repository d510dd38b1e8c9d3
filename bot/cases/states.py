"""The words of a case's life: states, actions, sources. Values are what the database holds."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final

from storage.records import EventRow

_SOON: Final = timedelta(minutes=10)


class State(StrEnum):
    REPORTED = "reported"
    ACCEPTED = "accepted"
    DISPATCHED = "dispatched"
    RESOLVED = "resolved"
    CLOSED = "closed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    SUSPENDED = "suspended"


class Action(StrEnum):
    """What can be done to a case; the name of its event."""

    REPORT = "report"
    ACCEPT = "accept"
    DECLINE = "decline"
    CORRECT = "correct"
    TRANSFER = "transfer"
    MERGE = "merge"
    UNMERGE = "unmerge"
    DISPATCH = "dispatch"
    RETURN = "return"
    SUSPEND = "suspend"
    RESUME = "resume"
    EXTEND = "extend"
    RESOLVE = "resolve"
    VERIFY = "verify"  # passed
    REWORK = "rework"  # 核查不通过
    CLOSE = "close"
    WITHDRAW = "withdraw"
    NOTE = "note"  # 「好了不用了」 once staff are at work
    RATE = "rate"
    REOPEN = "reopen"
    SUPERVISE = "supervise"
    SUPPLEMENT = "supplement"
    SUPPORT = "support"
    PUBLISH = "publish"
    AWAIT = "await"  # the reporter owes an answer: the clock stands still, once
    ANSWERED = "answered"
    ABSORB = "absorb"  # the other side of a merge: this case received reporters of another
    RELEASE = "release"  # the other side of an unmerge
    UNDO = "undo"


class Source(StrEnum):
    GROUP = "group"
    PATROL = "patrol"
    PROXY = "proxy"  # 代报
    VISIT = "visit"
    PHONE = "phone"
    HOTLINE = "12345"
    SYSTEM = "system"


ACTIVE: Final = frozenset({State.REPORTED, State.ACCEPTED, State.DISPATCHED, State.RESOLVED})
"""Work goes on and the clock runs."""
OPEN: Final = ACTIVE | {State.SUSPENDED}
ENDED: Final = frozenset({State.CLOSED, State.DECLINED, State.WITHDRAWN, State.MERGED})

RAISED_BY_STAFF: Final = frozenset({Source.PATROL, Source.PROXY, Source.VISIT, Source.PHONE, Source.HOTLINE})
"""Written in by somebody else than who told it: no group heard it, the grid's groups hear the result."""

QUIET: Final = frozenset(
    {
        Action.SUPPLEMENT, Action.SUPPORT, Action.RATE, Action.NOTE, Action.SUPERVISE, Action.CORRECT,
        Action.AWAIT, Action.ANSWERED, Action.ABSORB, Action.RELEASE, Action.EXTEND, Action.PUBLISH,
    }
)  # fmt: skip
"""Actions after which a button made for the version before still means what it meant."""


def entered_late(event: EventRow) -> bool:
    """补录: written down long after it happened. What was said in a chat takes seconds to be heard and understood."""
    return event.recorded_at - event.at > _SOON
