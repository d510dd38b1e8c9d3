"""The closed list of what a notice may say; each value is the key of a sentence."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """Also the `kind` of the outbox row a notice becomes."""

    REPORTED = "reported"  # staff: a card
    ACKED = "acked"  # reporter: it was heard
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CORRECTED = "corrected"
    TRANSFERRED = "transferred"
    MERGED = "merged"
    UNMERGED = "unmerged"
    DISPATCHED = "dispatched"
    RETURNED = "returned"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    EXTENDED = "extended"
    RESOLVED = "resolved"  # staff: please verify
    REWORK = "rework"
    RESULT = "result"  # to the group; in private to reporter and supporters (there the grade is asked for, too)
    WITHDRAWN = "withdrawn"
    CALLED_OFF = "called_off"  # the reporter says it is over while staff are at work
    RECALLED = "recalled"  # the reporter took his message back; the case goes on
    RATED_BAD = "rated_bad"
    REOPENED = "reopened"
    NOT_FIXED_LATE = "not_fixed_late"  # 「没好」 after the days in which he may open it again himself
    SUPERVISED = "supervised"  # by a person
    SUPPLEMENT = "supplement"
    SUPPORTED = "supported"
    MORE = "more"  # several of the two above, summed up: one message for many
    PUBLISHED = "published"
    UNDONE = "undone"
    OVERDUE_YELLOW = "overdue_yellow"
    OVERDUE_RED = "overdue_red"
    OVERDUE_SUPERVISE = "overdue_supervise"  # by the clock, up the levels
    ROUND = "round"  # an emergency nobody has taken
    PHONES = "phones"  # after the last round: whom to call


REMINDERS: Final = (Kind.OVERDUE_YELLOW, Kind.OVERDUE_RED, Kind.OVERDUE_SUPERVISE, Kind.ROUND, Kind.PHONES)
"""Cancelled while pending as soon as an act settles what they remind of."""
