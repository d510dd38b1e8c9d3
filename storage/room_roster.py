"""Statements on many members and rooms of the web chat at once."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.sqlite import insert

from storage.room_records import Roster
from storage.room_schema import member, room, room_member

_LAST = select(room.c.last).where(room.c.id == bindparam("room")).scalar_subquery()


def read(conn: Connection) -> Roster:
    """Everybody and every room but the private ones, which belong to their members."""
    people = conn.execute(select(member.c.id, member.c.name, member.c.staff))
    inside: dict[str, set[str]] = defaultdict(set)
    for room_id, member_id in conn.execute(select(room_member.c.room, room_member.c.member)):
        inside[room_id].add(member_id)
    rooms = conn.execute(select(room.c.id, room.c.title, room.c.kind).where(room.c.kind != "private"))
    return Roster(
        {one.id: (one.name, one.staff) for one in people},
        {one.id: (one.title, one.kind, frozenset(inside[one.id])) for one in rooms},
    )


def settle(
    conn: Connection,
    members: Sequence[tuple[str, str, bool]],
    rooms: Sequence[tuple[str, str, str, tuple[str, ...]]],
    now: datetime,
) -> None:
    """Insert or rename; members are added to rooms, never removed. An unknown member is an IntegrityError."""
    if members:
        new = insert(member)
        put = new.on_conflict_do_update(
            index_elements=["id"], set_={"name": new.excluded.name, "staff": new.excluded.staff}
        )
        conn.execute(
            put,
            [
                {"id": one, "name": name, "staff": staff, "seat": secrets.token_urlsafe(9)}
                for one, name, staff in members
            ],
        )
    if rooms:
        added = insert(room)
        retitled = added.on_conflict_do_update(
            index_elements=["id"], set_={"title": added.excluded.title, "kind": added.excluded.kind}
        )
        conn.execute(
            retitled,
            [{"id": one, "title": title, "kind": kind, "created_at": now} for one, title, kind, _ in rooms],
        )
    inside = [{"room": room_id, "member": one} for room_id, _, _, people in rooms for one in dict.fromkeys(people)]
    if inside:  # who joins later has nothing unread from before
        entered = insert(room_member).values(room=bindparam("room"), member=bindparam("member"), read=_LAST)
        conn.execute(entered.on_conflict_do_nothing(), inside)


def _member(member_id: str, name: str, staff: bool) -> dict[str, object]:  # noqa: FBT001 - as the columns
    return {"id": member_id, "name": name, "staff": staff, "seat": secrets.token_urlsafe(9)}
