"""Two at once on both databases, and acts that leave nothing half done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import Connection

from bot.cases.desk import Desk
from bot.cases.directory import Directory
from bot.cases.outcome import Already, Done, Outcome, Refused
from storage import cases, directory
from storage.engine import Database
from storage.errors import Unavailable
from tests.integration.hall import Hall, seed
from tests.unit.cases import town
from tests.unit.cases.town import CLOCKS, NOW


@pytest.fixture
async def hall(db: Database) -> Hall:
    await db.run(seed)
    return Hall(db)


async def at_once(hall: Hall, *works: Callable[[Desk], Outcome]) -> list[Outcome]:
    """Each in a transaction of its own, started together; what the database calls unavailable is tried again."""

    async def one(work: Callable[[Desk], Outcome]) -> Outcome:
        for _ in range(5):
            try:
                return await hall.at_desk(work)
            except Unavailable:
                await asyncio.sleep(0.01)
        raise AssertionError("never got through")

    return list(await asyncio.gather(*(one(work) for work in works)))


def accepting(person: int, number: int) -> Callable[[Desk], Outcome]:
    return lambda desk: desk.accept(person, number)


def merging(person: int, number: int, target: int) -> Callable[[Desk], Outcome]:
    return lambda desk: desk.merge(person, number, target)


async def test_two_workers_confirm_at_once(hall: Hall) -> None:
    """One acceptance, one 「已由王芳确认」, however often they meet."""
    for _ in range(5):
        number = (await hall.lamp()).id
        outcomes = await at_once(hall, accepting(town.WANG, number), accepting(town.LEADER, number))
        done = [outcome for outcome in outcomes if isinstance(outcome, Done)]
        already = [outcome for outcome in outcomes if isinstance(outcome, Already)]
        assert (len(done), len(already)) == (1, 1)
        assert already[0].by_person_id == done[0].case.worker_id
        assert await hall.actions(number) == ["report", "accept"]


async def test_one_worker_taps_twice_at_once(hall: Hall) -> None:
    """Both taps succeed, one of them silently."""
    number = (await hall.lamp()).id
    outcomes = await at_once(hall, *[accepting(town.WANG, number)] * 3)
    assert all(isinstance(outcome, Done) for outcome in outcomes)
    assert sum(bool(outcome.notices) for outcome in outcomes if isinstance(outcome, Done)) == 1


async def test_closing_and_withdrawing_at_once(hall: Hall) -> None:
    """One end, not two: the other is told what the case is now."""

    def closing(number: int) -> Callable[[Desk], Outcome]:
        return lambda desk: desk.close(town.WANG, number, text="换了")

    def withdrawing(number: int) -> Callable[[Desk], Outcome]:
        return lambda desk: desk.withdraw(town.RESIDENT, number)

    for _ in range(5):
        number = (await hall.lamp(state="accepted")).id
        outcomes = await at_once(hall, closing(number), withdrawing(number))
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Done", "Refused"]
        ends = {"close", "withdraw"} & set(await hall.actions(number))
        assert len(ends) == 1


async def test_merging_each_into_the_other_at_once(hall: Hall) -> None:
    """No circle: one of them becomes the target, the other merge is refused."""
    for _ in range(5):
        one, two = (await hall.lamp()).id, (await hall.lamp()).id
        await at_once(hall, merging(town.WANG, one, two), merging(town.LEADER, two, one))
        states = sorted([(await hall.case(one)).state, (await hall.case(two)).state])
        assert states == ["merged", "reported"]


async def test_many_neighbours_support_at_once(hall: Hall) -> None:
    """All are counted, each once, and every event has a version of its own."""
    number = (await hall.lamp()).id

    def supporting(person: int) -> Callable[[Desk], Outcome]:
        return lambda desk: desk.support(person, number)

    people = [town.NEIGHBOUR, town.BOUND, town.NEIGHBOUR, town.BOUND]
    outcomes = await at_once(hall, *(supporting(person) for person in people))
    assert all(isinstance(outcome, Done | Refused) for outcome in outcomes)
    found = await hall.db.run(lambda conn: cases.supporters(conn, number))
    assert {row.person_id for row in found} == {town.NEIGHBOUR, town.BOUND}
    versions = [event.version for event in await hall.events(number)]
    assert len(versions) == len(set(versions))


class BrokenError(RuntimeError):
    pass


async def test_an_act_is_all_or_nothing(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure while the event is being written leaves neither the new state nor a part of the two-event closing."""
    case = await hall.lamp()
    written = cases.add_event
    seen: list[str] = []

    def failing(conn: Connection, **values: object) -> object:
        seen.append(str(values["action"]))
        if values["action"] == "close":
            raise BrokenError
        return written(conn, **values)  # type: ignore[arg-type]

    monkeypatch.setattr(cases, "add_event", failing)
    with pytest.raises(BrokenError):
        await hall.at_desk(lambda desk: desk.close(town.WANG, case.id, text="换了"))
    monkeypatch.undo()
    assert "accept" in seen
    assert await hall.case(case.id) == case
    assert await hall.actions(case.id) == ["report"]


async def test_two_acts_in_one_transaction(hall: Hall) -> None:
    """A group commit may hold the acts of two rows on one case: the second sees what the first did."""
    number = (await hall.lamp()).id

    def both(conn: Connection) -> tuple[Outcome, Outcome]:
        desk = Desk(conn, NOW, Directory.of(directory.load(conn)), CLOCKS)
        return desk.accept(town.WANG, number), desk.accept(town.LEADER, number)

    first, second = await hall.db.run(both)
    assert isinstance(first, Done)
    assert isinstance(second, Already)
