"""The demo's town: three grids with their groups and people, written into the directory and the web chat."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from typing import Any

from sqlalchemy import Connection

from bot.channels.webchat.people import People
from bot.rooms import Member
from storage import directory

CHANNEL, ACCOUNT = "webchat", "webchat:main"


@dataclass(frozen=True, slots=True)
class Area:
    code: str
    name: str
    level: str
    parent: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """`kind`: which phone of the page shows the person; `room`: what that phone opens first."""

    id: str
    name: str
    kind: str
    room: str
    title: str = ""
    roles: tuple[tuple[str, ...], ...] = ()  # (role, area) or (role, area, unit)


@dataclass(frozen=True, slots=True)
class Room:
    id: str
    title: str
    kind: str
    members: tuple[str, ...]
    mode: str = "shadow"
    areas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unit:
    code: str
    name: str
    area: str
    room: str = ""
    default: bool = False


@dataclass(frozen=True, slots=True)
class Town:
    areas: tuple[Area, ...]
    people: tuple[Person, ...]
    rooms: tuple[Room, ...]
    units: tuple[Unit, ...]

    @property
    def groups(self) -> tuple[Room, ...]:
        """Where residents chat."""
        return tuple(room for room in self.rooms if room.kind == "residents")

    @property
    def residents(self) -> frozenset[str]:
        return frozenset(person.id for person in self.people if person.kind == "resident")


def load() -> Town:
    """The town of town.toml. An unknown key there is a TypeError."""
    table = read("town.toml")
    return Town(
        tuple(Area(**_frozen(row)) for row in table["areas"]),
        tuple(Person(**_frozen(row)) for row in table["people"]),
        tuple(Room(**_frozen(row)) for row in table["rooms"]),
        tuple(Unit(**_frozen(row)) for row in table["units"]),
    )


def read(name: str) -> dict[str, Any]:
    """One of the data files beside this one."""
    return tomllib.loads(resources.files("bot.demo").joinpath(name).read_text("utf-8"))


def _frozen(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _tuple(value) if isinstance(value, list) else value for key, value in row.items()}


def _tuple(items: list[Any]) -> tuple[Any, ...]:
    return tuple(_tuple(item) if isinstance(item, list) else item for item in items)


def seed_directory(conn: Connection, town: Town, now: datetime) -> None:
    """Areas, chats, units, staff. A second time changes nothing. Residents become known when they report something."""
    areas: dict[str, int] = {}
    for area in town.areas:
        areas[area.code] = directory.add_area(
            conn, code=area.code, name=area.name, level=area.level, parent_id=areas.get(area.parent)
        )
        for alias in area.aliases:
            directory.add_alias(conn, areas[area.code], alias)
    chats = {room.id: _seed_chat(conn, room, areas, now) for room in town.rooms}
    units = {
        unit.code: directory.add_unit(
            conn,
            code=unit.code,
            name=unit.name,
            area_id=areas[unit.area],
            chat_id=chats.get(unit.room),
            is_default=unit.default,
        )
        for unit in town.units
    }
    for person in town.people:
        _seed_person(conn, person, areas, units, now)


def _seed_chat(conn: Connection, room: Room, areas: Mapping[str, int], now: datetime) -> int:
    chat = directory.add_chat(conn, ACCOUNT, room.id, kind=room.kind, mode=room.mode, title=room.title, now=now)
    for code in room.areas:
        directory.link_area(conn, chat, areas[code])
    return chat


def _seed_person(
    conn: Connection, person: Person, areas: Mapping[str, int], units: Mapping[str, int], now: datetime
) -> None:
    for role, area, *unit in person.roles:
        known = directory.ensure_person(conn, CHANNEL, person.id, person.name, now)
        directory.grant(conn, known.id, role, area_id=areas[area], unit_id=units[unit[0]] if unit else None)


async def seed_rooms(people: People, town: Town) -> dict[str, Member]:
    """Members and rooms of the web chat; the members by their ids."""
    members = {
        person.id: await people.ensure_member(person.id, person.name, staff=bool(person.roles))
        for person in town.people
    }
    for room in town.rooms:
        await people.ensure_room(room.id, room.title, room.kind, room.members)
    return members
