"""The town of a transcript, written into a real database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from storage import chats, people
from storage import directory as table
from tests.transcripts.script import Cast

LEVELS = {"市": "city", "镇街": "town", "村社区": "village", "网格": "grid"}
KINDS = {"居民群": "residents", "工作群": "staff", "单位群": "unit"}
ROLES = {
    "居民": "resident", "协管员": "assistant", "网格员": "grid_worker", "网格长": "grid_leader", "网格指导员": "instructor",
    "村书记": "village_secretary", "处置人员": "handler", "中心": "supervisor", "专人": "confidant", "管理员": "admin",
}  # fmt: skip


def seed(conn: Connection, cast: Cast, account: str, now: datetime) -> None:
    """Areas, units, chats and people with their phones, identities and roles."""
    areas: dict[str, int] = {}
    for number, (name, level, above) in enumerate(cast.areas, 1):
        areas[name] = table.add_area(
            conn, code=f"A{number}", name=name, level=LEVELS[level], parent_id=areas[above] if above else None
        )
    rooms = {name: _room(conn, cast, account, name, areas, now) for name in cast.chats}
    units: dict[str, int] = {}
    for number, (name, (area, default)) in enumerate(cast.units.items(), 1):
        own = [rooms[chat] for chat, (kind, _, of) in cast.chats.items() if kind == "单位群" and name in of]
        units[name] = table.add_unit(
            conn, code=f"U{number}", name=name, area_id=areas[area], chat_id=own[0] if own else None, is_default=default
        )
    for number, name in enumerate(cast.people, 1):
        _person(conn, cast, account, name, number, areas | units, now)


def _room(conn: Connection, cast: Cast, account: str, name: str, areas: dict[str, int], now: datetime) -> int:
    kind, mode, of = cast.chats[name]
    room = chats.add_chat(conn, account, name, kind=KINDS.get(kind, "unknown"), mode=mode, title=name, now=now)
    for area in of if kind in ("居民群", "工作群") else ():
        chats.link_area(conn, room, areas[area])
    return room


def _person(
    conn: Connection, cast: Cast, account: str, name: str, number: int, places: dict[str, int], now: datetime
) -> None:
    """Residents without a role are nobody the directory knows: the program meets them when they speak."""
    roles = cast.people[name]
    if not roles:
        return
    person = people.add_person(conn, name=name, now=now, phone=f"1390538{number:04}")
    people.add_identity(conn, account.partition(":")[0], name, person)
    for role, place in roles:
        of = "unit_id" if role == "处置人员" else "area_id"
        people.grant(conn, person, ROLES[role], **{of: places[place] if place else None})
