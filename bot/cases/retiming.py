"""A running deadline worked out anew, as if calendar and limits had always been what they are today. Pure.

The clock is started again when it was started, and what happened to it since is done again with the same functions:
pauses, extensions, corrections. So what was granted stays granted, and with an unchanged calendar nothing moves.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from bot.cases.clocks import Changes, Clocks
from bot.cases.states import Action, State
from storage.records import CaseRow, EventRow

WAITS: Final = "waits"
"""In the data of an acceptance after which the clock stands still for the reporter's answer."""
_DECIDE: Final = ("category", "urgency", "extended_days")
_WAYS_BACK: Final = frozenset({Action.MERGE, Action.UNMERGE})  # they put the clock away and bring it back as it was
_WRITTEN: Final = ("due_at", "yellow_at", "resume_at", "generation", "reminders", "next_tick_at")


def retimed(
    case: CaseRow, events: Sequence[EventRow], told: Collection[str], clocks: Clocks, now: datetime
) -> Changes | None:  # fmt: skip
    """What changes of the case's clock; nothing if it is right.

    `told`: the slots in the reminder log. None: leave it alone, because its stage has no limit any more or its history
    does not explain the clock.
    """
    replayed = _replayed(case, events, clocks)
    if replayed is None:
        return None
    fresh = replace(case, due_at=replayed.due_at, yellow_at=replayed.yellow_at)
    if case.paused_at is not None and case.state != State.SUSPENDED:
        fresh = replace(fresh, resume_at=clocks.answer_until(case.paused_at))
    fresh = _counted(fresh, told, clocks, now)
    fresh = replace(fresh, **clocks.with_tick(fresh, {}))
    return {name: new for name in _WRITTEN if (new := getattr(fresh, name)) != getattr(case, name)}


# ---------------------------------------------------------------- the deadline


def _replayed(case: CaseRow, events: Sequence[EventRow], clocks: Clocks) -> CaseRow | None:
    if case.clock is None or case.clock_started_at is None:
        return None
    since = _since_start(case, in_force(events))
    started = since.pop(0) if since and _starts(case, since[0]) else None
    facts, steps = _facts_along(case, since)
    row = replace(case, **facts, paused_at=None)
    row = replace(row, **clocks.start(row, case.clock, case.clock_started_at))
    if row.due_at is None:
        return None
    if started is not None and WAITS in started.data:
        row = replace(row, paused_at=case.clock_started_at)
    for event, after in steps:
        row = _done_again(event, row, after, clocks)
    return row if row.paused_at == case.paused_at else None


def in_force(events: Sequence[EventRow]) -> list[EventRow]:
    """What no undo has taken back, the undos left out as well."""
    undone = {event.data.get("undone") for event in events if event.action == Action.UNDO}
    undone |= {first for event in events if event.id in undone for first in event.data.get("with", ())}
    return [event for event in events if event.action != Action.UNDO and event.id not in undone]


def _since_start(case: CaseRow, events: Sequence[EventRow]) -> list[EventRow]:
    """The event that started the clock and what came after it; only the latter if no event did."""
    for position in range(len(events) - 1, -1, -1):
        if _starts(case, events[position]):
            return list(events[position:])
    return [event for event in events if case.clock_started_at and event.recorded_at > case.clock_started_at]


def _starts(case: CaseRow, event: EventRow) -> bool:
    """Of several acts in one moment the one that led to this stage; a corrected limit starts nothing."""
    if event.recorded_at != case.clock_started_at or event.action in _WAYS_BACK:
        return False
    before = event.data.get("before", {})
    if "clock_started_at" not in before:
        return event.action == Action.REPORT
    return (before["clock"], before["clock_started_at"]) != (case.clock, case.clock_started_at.isoformat())


def _facts_along(
    case: CaseRow, events: Sequence[EventRow]
) -> tuple[dict[str, Any], list[tuple[EventRow, Mapping[str, Any]]]]:  # fmt: skip
    """What decided about the limit at the start, and each event with what it left: read backwards from the present."""
    facts: dict[str, Any] = {name: getattr(case, name) for name in _DECIDE}
    steps: list[tuple[EventRow, Mapping[str, Any]]] = []
    for event in reversed(events):
        steps.append((event, dict(facts)))
        before = event.data.get("before", {})
        facts |= {name: before[name] for name in _DECIDE if name in before}
    return facts, steps[::-1]


def _done_again(event: EventRow, row: CaseRow, after: Mapping[str, Any], clocks: Clocks) -> CaseRow:
    at = event.recorded_at
    match Action(event.action):
        case Action.SUSPEND:
            changes = clocks.pause(row, row.paused_at or at, at)
        case Action.AWAIT:
            changes = clocks.pause(row, at, at)
        case Action.RESUME | Action.ANSWERED:
            changes = clocks.resume(row, at)
        case Action.EXTEND:
            changes = clocks.extend(row, after["extended_days"] - row.extended_days)
        case _:
            changes = clocks.retime(row, replace(row, **after))
    return replace(row, **{**changes, **after})


# ---------------------------------------------------------------- the reminders


def _counted(case: CaseRow, told: Collection[str], clocks: Clocks, now: datetime) -> CaseRow:
    """A reminder whose time has not come under the new deadline will come; one whose time has come was given.

    While nothing is taken back the generation stays, so what waits in the outbox still goes out, and once.
    """
    moment = case.paused_at or now
    latest = clocks.due_slot(replace(case, paused_at=None, reminders=0), moment)
    passed = latest.n + 1 if latest else 0
    if passed >= case.reminders:
        return case
    # The last one that counts was passed over before, because a later one was due already: now it is not.
    skipped = passed > 0 and f"{case.generation}.{passed - 1}" not in told
    return replace(case, generation=case.generation + 1, reminders=passed - skipped)
