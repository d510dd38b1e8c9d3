"""The smallest town in which a group lives: its grid, who works there, and the levels above."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from bot.cases.roles import Role
from bot.cli.replay.conversation import Part, Person
from bot.model import ChatKind, Mode
from bot.replay.channel import ACCOUNT
from storage import chats, people
from storage import directory as table

GROUP, STAFF_ROOM = "group", "staff"
_CHANNEL = ACCOUNT.partition(":")[0]
_WORKER = Person("replay-worker", "网格员", Part.WORKER)
_ABOVE = (
    (Role.VILLAGE_SECRETARY, Person("replay-village", "村书记"), "village"),
    (Role.SUPERVISOR, Person("replay-town", "镇街中心"), "town"),
    (Role.CONFIDANT, Person("replay-confidant", "专人"), "town"),
)


def names(speakers: Iterable[Person]) -> dict[str, str]:
    """Native id -> name of everybody who may have a private chat."""
    return {person.id: person.name for person in (*speakers, _WORKER, *(person for _, person, _ in _ABOVE))}


def seed(conn: Connection, speakers: Iterable[Person], mode: Mode, now: datetime) -> None:
    """Write it into an empty database. Where nobody in the group works for the grid, a worker is made up."""
    town = table.add_area(conn, code="town", name="本镇街", level="town")
    village = table.add_area(conn, code="village", name="本村社区", level="village", parent_id=town)
    grid = table.add_area(conn, code="grid", name="本网格", level="grid", parent_id=village)
    group = chats.add_chat(conn, ACCOUNT, GROUP, kind=ChatKind.RESIDENTS, mode=mode, title="居民群", now=now)
    staff = chats.add_chat(conn, ACCOUNT, STAFF_ROOM, kind=ChatKind.STAFF, title="工作群", now=now)
    chats.link_area(conn, group, grid)
    chats.link_area(conn, staff, grid)
    known = list(speakers)
    workers = [person for person in known if person.part is Part.WORKER] or [_WORKER]
    for person in workers:
        _grant(conn, person, Role.GRID_WORKER, now, area_id=grid)
    managers = [person for person in known if person.part is Part.PROPERTY]
    if managers:
        unit = table.add_unit(conn, code="property", name="物业", area_id=grid)
        for person in managers:
            _grant(conn, person, Role.HANDLER, now, area_id=grid, unit_id=unit)
    for role, person, level in _ABOVE:
        _grant(conn, person, role, now, area_id={"village": village, "town": town}[level])


def _grant(
    conn: Connection, person: Person, role: Role, now: datetime, *, area_id: int, unit_id: int | None = None
) -> None:
    known = people.ensure_person(conn, _CHANNEL, person.id, person.name, now)
    people.grant(conn, known.id, role, area_id=area_id, unit_id=unit_id)
