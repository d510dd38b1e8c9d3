"""Modes and ceilings of a group, and the night: what may be said where and when (domain.md, Manners). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.model import ChatKind, Mode, Priority

GROUP_KINDS = {  # kind of post -> modes in which a residents' group may see it
    "result": frozenset({Mode.RESULTS, Mode.FULL}),
    "accepted": frozenset({Mode.RESULTS, Mode.FULL}),
    "undone": frozenset({Mode.RESULTS, Mode.FULL}),  # a wrong word must not stand there
    "reopened": frozenset({Mode.RESULTS, Mode.FULL}),
    "storm": frozenset({Mode.RESULTS, Mode.FULL}),
    "published": frozenset({Mode.RESULTS, Mode.FULL}),
    "emergency": frozenset({Mode.RESULTS, Mode.FULL}),
    "intro": frozenset({Mode.FULL}),
}
FULL_ONLY = frozenset({Mode.FULL})  # every other answer in the group
HOUR = timedelta(hours=1)
NEVER_DELAYED = frozenset({"result", "emergency", "storm"})  # not by the ceiling


@dataclass(frozen=True, slots=True)
class Night:
    """From `start` to `end` local time; the same hour twice means there is none."""

    start: time
    end: time
    zone: ZoneInfo

    def covers(self, moment: datetime) -> bool:
        clock = moment.astimezone(self.zone).time()
        if self.start == self.end:
            return False
        if self.start < self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end

    def over_at(self, moment: datetime) -> datetime:
        """The next morning after a moment inside the night."""
        local = moment.astimezone(self.zone)
        morning = local.replace(hour=self.end.hour, minute=self.end.minute, second=0, microsecond=0)
        return (morning if morning > local else morning + timedelta(days=1)).astimezone(moment.tzinfo)


def group_sees(mode: str, kind: str) -> bool:
    """Whether a residents' group in this mode may see a post of this kind."""
    return Mode(mode) in GROUP_KINDS.get(kind, FULL_ONLY)


def due_at(
    now: datetime,
    *,
    kind: str,
    chat_kind: str,
    priority: int,
    night: Night,
    wait: timedelta,
    urgent: bool = False,
) -> datetime:
    """When a post may go out: emergencies at once; at night nothing else in a group, no ordinary card, no reminder.

    `urgent`: the case's clock runs round the clock, so neither its card nor its reminder waits for the morning.
    """
    if priority == Priority.EMERGENCY:
        return now
    moment = now + wait
    ordinary = kind == "reported" and not urgent
    reminder = priority >= Priority.REMINDER and not urgent
    quiet = chat_kind == ChatKind.RESIDENTS or ordinary or reminder
    return night.over_at(moment) if quiet and night.covers(moment) else moment


def ceiling_frees_at(sent: Sequence[datetime], now: datetime, *, kind: str, per_hour: int) -> datetime | None:
    """The moment a group's ceiling lets the next post through, or None: it may go now. `sent` is ascending."""
    if kind in NEVER_DELAYED:
        return None
    recent = [moment for moment in sent if moment > now - HOUR]
    if len(recent) < per_hour:
        return None
    return (recent[-per_hour] if per_hour else now) + HOUR
