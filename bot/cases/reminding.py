"""Whom a reminder goes to and what it says. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.cases.directory import Directory
from bot.cases.duty import HIDDEN, case_levels
from bot.cases.notices import Kind
from bot.cases.slots import Slot
from bot.cases.states import State
from bot.model import Audience, Notice
from storage.records import CaseRow

_CALLS = frozenset({Kind.ROUND, Kind.PHONES})


def reminder(
    directory: Directory, case: CaseRow, slot: Slot, now: datetime, areas: Sequence[int] = ()
) -> tuple[Notice, ...]:  # fmt: skip
    """The notices of one slot; the unit that has the case is reminded together with its worker."""
    ladder = case_levels(directory, case, now, areas)
    people = _people(ladder, slot)
    data = _facts(case, slot) | {"persons": list(people)}
    if slot.kind is Kind.PHONES:
        data["phones"] = [[p.name, p.phone] for ident in people if (p := directory.person(ident)) and p.phone]
    if case.area_id is None:
        data["areas"] = list(areas)
    return tuple(Notice(slot.kind.value, audience, case.id, data) for audience in _audiences(case, slot))


def _people(ladder: tuple[tuple[int, ...], ...], slot: Slot) -> tuple[int, ...]:
    """Calls for help go to all levels up to the slot's; every other reminder to that level alone."""
    if not ladder:
        return ()
    top = min(slot.level, len(ladder) - 1)
    chosen = ladder[: top + 1] if slot.kind in _CALLS else ladder[top : top + 1]
    return tuple(dict.fromkeys(person for level in chosen for person in level))


def _facts(case: CaseRow, slot: Slot) -> dict[str, object]:
    return {
        "stage": case.clock or "",
        "due": case.due_at.isoformat() if case.due_at else "",
        "level": slot.level,
        "slot": slot.slot,
        "n": slot.n,
        "generation": slot.generation,
        "at": slot.at.isoformat(),
        "round": slot.n + 1 if slot.kind is Kind.ROUND else 0,
        "times": case.supervised,
    }


def _audiences(case: CaseRow, slot: Slot) -> tuple[Audience, ...]:
    if slot.kind is Kind.PHONES and case.sensitive not in HIDDEN:
        return (Audience.LEVEL, Audience.STAFF)
    unit_works = case.state == State.DISPATCHED and case.unit_id is not None and slot.level == 0
    return (Audience.LEVEL, Audience.UNIT) if unit_works and slot.kind not in _CALLS else (Audience.LEVEL,)
