"""Who is on duty for an area now: leave, substitutes, rosters, and who comes after whom (domain.md, Duty)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Final

from bot.cases.directory import Directory
from bot.cases.roles import VILLAGE_STAFF, WORKERS, Role
from storage.records import CaseRow, DutyRow

AWAY: Final = ("leave", "handover")
ROSTER: Final = "roster"
HIDDEN: Final = ("violence", "staff")
"""Sensitivities that only a confidant sees."""

_NEXT_LEVELS: Final = ((Role.GRID_LEADER,), VILLAGE_STAFF, (Role.SUPERVISOR,))


def on_duty(directory: Directory, area_id: int | None, now: datetime) -> tuple[int, ...]:
    """Whom cards, clocks and emergencies go to; empty only where the directory knows nobody.

    Rostered people, else the grid's workers or their substitutes, else the grid leader, the village, who supervises.
    """
    return next((level for level in _ladder(directory, area_id, now) if level), ())


def levels(directory: Directory, area_id: int | None, now: datetime) -> tuple[tuple[int, ...], ...]:
    """Who is asked first, second, … : on duty, grid leader, village, town, city. Nobody stands in two levels."""
    seen: set[int] = set()
    found: list[tuple[int, ...]] = []
    for people in _ladder(directory, area_id, now):
        fresh = tuple(person for person in people if person not in seen)
        seen.update(fresh)
        found += [fresh] if fresh else []
    return tuple(found)


def who_next(directory: Directory, area_id: int | None, now: datetime, level: int) -> tuple[int, ...]:
    """The people `level` steps above those on duty; the highest level there is, if there are not so many."""
    ladder = levels(directory, area_id, now)
    return ladder[min(level, len(ladder) - 1)] if ladder else ()


def responsible(
    directory: Directory, case: CaseRow, now: datetime, areas: Sequence[int] = ()
) -> tuple[int, ...]:  # fmt: skip
    """Who must act on the case: the confidants of a hidden one, else its worker if present, else who is on duty.

    `areas`: those in question while nobody knows the case's own; all of them are asked. Nobody where there are none.
    """
    where = (case.area_id,) if case.area_id is not None else tuple(areas)
    if case.sensitive in HIDDEN:
        return trusted(directory, case.sensitive, where) if where else ()
    return _own(directory, case, now) or _once(person for area in where for person in on_duty(directory, area, now))


def _own(directory: Directory, case: CaseRow, now: datetime) -> tuple[int, ...]:
    """The case's worker or his substitute; nobody, if he has moved away: then he may not act, and others must hear."""
    worker = case.worker_id
    if worker is None or _has_moved(directory, worker, case.area_id, now):
        return ()
    return present(directory, (worker,), case.area_id, now)


def _has_moved(directory: Directory, worker: int, area_id: int | None, now: datetime) -> bool:
    """Whether he has lost his part in the area; what he took up for somebody else stays his when that is over."""
    if area_id is None or effective_roles(directory, worker, area_id, now) or directory.units_of(worker):
        return False
    return not directory.substitutes_for(worker) and not directory.duties_of(worker)


def case_levels(
    directory: Directory, case: CaseRow, now: datetime, areas: Sequence[int] = ()
) -> tuple[tuple[int, ...], ...]:  # fmt: skip
    """The ladder of a case: who is responsible, then the levels above; a hidden case never leaves its confidants."""
    ladder = [responsible(directory, case, now, areas)]
    if case.sensitive not in HIDDEN:
        where = (case.area_id,) if case.area_id is not None else tuple(areas)
        for step in zip_longest(*(levels(directory, area, now) for area in where), fillvalue=()):
            below = {person for people in ladder for person in people}
            ladder.append(_once(person for people in step for person in people if person not in below))
    return tuple(people for people in ladder if people)


def _once(people: Iterable[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(people))


def confidants(directory: Directory, *areas: int) -> tuple[int, ...]:
    """Confidants of the areas who work in none of them, the nearest level first."""
    found = (person for area in areas for person in directory.people_with(Role.CONFIDANT, area))
    return tuple(dict.fromkeys(person for person in found if not _works_in(directory, person, areas)))


def trusted(directory: Directory, sensitive: str, areas: Sequence[int]) -> tuple[int, ...]:
    """Who hears of a hidden case of these areas: confidants outside them, at worst any confidant there is.

    Of a complaint nobody who works in one of the areas, even if then nobody is left; nobody who works anywhere while
    the areas are not known.
    """
    everybody = directory.holders(Role.CONFIDANT)
    elsewhere = tuple(person for person in everybody if not _works_in(directory, person, areas))
    return confidants(directory, *areas) or elsewhere or (() if sensitive == "staff" else everybody)


def _works_in(directory: Directory, person_id: int, areas: Sequence[int]) -> bool:
    if not areas:
        return not directory.all_roles(person_id).isdisjoint(WORKERS)
    return any(directory.holds(person_id, WORKERS, area) for area in areas)


def effective_roles(
    directory: Directory, person_id: int | None, area_id: int | None, now: datetime
) -> frozenset[Role]:  # fmt: skip
    """Roles that hold in the area now: one's own, those of people one stands in for, a grid worker's while rostered."""
    if person_id is None:
        return frozenset()
    roles: set[Role] = set()
    for stand_in_for in _stands_in_for(directory, person_id, area_id, now):
        roles |= directory.roles_at(stand_in_for, area_id)
    borrowed = roles - {Role.CONFIDANT, Role.ADMIN}  # trust is personal
    rostered = {Role.GRID_WORKER} if person_id in _rostered(directory, area_id, now) else set()
    return frozenset(directory.roles_at(person_id, area_id) | borrowed | rostered)


def present(
    directory: Directory, people: Iterable[int], area_id: int | None, now: datetime
) -> tuple[int, ...]:  # fmt: skip
    """The people, each replaced by the substitute while away; who is away without a substitute is left out."""
    found = (_stand_in(directory, person, area_id, now) for person in people)
    return tuple(dict.fromkeys(person for person in found if person is not None))


def _ladder(directory: Directory, area_id: int | None, now: datetime) -> Iterable[tuple[int, ...]]:
    chain = directory.ancestors(area_id)
    yield _rostered(directory, area_id, now)
    if chain:
        grid_workers = directory.people_at((Role.GRID_WORKER,), chain[0])
        yield present(directory, grid_workers, area_id, now)
    for roles in _NEXT_LEVELS:
        for area in chain:
            yield present(directory, directory.people_at(roles, area), area, now)


def _rostered(directory: Directory, area_id: int | None, now: datetime) -> tuple[int, ...]:
    """People on the roster of the nearest level that has one for this moment."""
    running = [duty for duty in directory.duties if duty.kind == ROSTER and _runs(duty, now)]
    for area in directory.ancestors(area_id):
        people = tuple(dict.fromkeys(duty.person_id for duty in running if duty.area_id == area))
        if here := present(directory, people, area_id, now):
            return here
    return ()


def _runs(duty: DutyRow, now: datetime) -> bool:
    return duty.starts_at <= now and (duty.ends_at is None or now < duty.ends_at)


def _absence(directory: Directory, person_id: int, area_id: int | None, now: datetime) -> DutyRow | None:
    """The latest leave or handover that covers the area now."""
    chain = set(directory.ancestors(area_id))
    rows = [
        duty
        for duty in directory.duties_of(person_id)
        if duty.kind in AWAY and _runs(duty, now)
        and (duty.area_id is None or duty.area_id in chain)
    ]  # fmt: skip
    return max(rows, key=lambda duty: (duty.starts_at, duty.id), default=None)


def _stand_in(directory: Directory, person_id: int, area_id: int | None, now: datetime) -> int | None:
    """Follow substitutes until one is present; a circle of people who are all away has nobody."""
    seen: set[int] = set()
    current: int | None = person_id
    while current is not None and current not in seen:
        seen.add(current)
        away = _absence(directory, current, area_id, now)
        if away is None:
            person = directory.person(current)
            return current if person is not None and person.active else None
        current = away.substitute_id
    return None


def _stands_in_for(directory: Directory, person_id: int, area_id: int | None, now: datetime) -> Iterable[int]:
    """Everyone away whose chain of substitutes ends at this person."""
    reached, todo = {person_id}, [person_id]
    while todo:
        duties = directory.substitutes_for(todo.pop())
        away = {duty.person_id for duty in duties if duty.kind in AWAY and _runs(duty, now)} - reached
        reached |= away
        todo += away
    absent = reached - {person_id}
    return (person for person in absent if _stand_in(directory, person, area_id, now) == person_id)
