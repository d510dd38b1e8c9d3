"""Statements on members, rooms, read marks and invites of the web chat's history."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, Select, func, select, update
from sqlalchemy.dialects.sqlite import insert

from storage import room_messages
from storage.room_records import MemberRow, RoomRow
from storage.room_schema import invite, member, room, room_member

_MEMBER = select(member.c.id, member.c.name, member.c.staff, member.c.seat, member.c.epoch)


def ensure_member(conn: Connection, member_id: str, name: str, *, staff: bool) -> MemberRow:
    """Insert or rename; the seat stays."""
    row = insert(member).values(id=member_id, name=name, staff=staff, seat=secrets.token_urlsafe(9))
    conn.execute(row.on_conflict_do_update(index_elements=["id"], set_={"name": name, "staff": staff}))
    found = member_of(conn, member_id=member_id)
    assert found is not None
    return found


def member_of(conn: Connection, *, member_id: str | None = None, seat: str | None = None) -> MemberRow | None:
    where = member.c.id == member_id if seat is None else member.c.seat == seat
    found = conn.execute(_MEMBER.where(where)).one_or_none()
    return MemberRow(*found) if found else None


def end_sessions(conn: Connection, member_id: str) -> None:
    conn.execute(update(member).where(member.c.id == member_id).values(epoch=member.c.epoch + 1))


def ensure_room(
    conn: Connection, room_id: str, *, title: str, kind: str, members: Iterable[str], now: datetime
) -> None:
    """Insert or retitle; members are added, never removed here. An unknown member is an IntegrityError."""
    row = insert(room).values(id=room_id, title=title, kind=kind, created_at=now)
    conn.execute(row.on_conflict_do_update(index_elements=["id"], set_={"title": title, "kind": kind}))
    last = conn.scalar(select(room.c.last).where(room.c.id == room_id))
    rows = [{"room": room_id, "member": one, "read": last} for one in dict.fromkeys(members)]
    if rows:  # who joins later has nothing unread from before
        conn.execute(insert(room_member).on_conflict_do_nothing(), rows)


def leave(conn: Connection, room_id: str, member_id: str) -> None:
    conn.execute(room_member.delete().where(room_member.c.room == room_id, room_member.c.member == member_id))


def room_kind(conn: Connection, room_id: str) -> str | None:
    return conn.scalar(select(room.c.kind).where(room.c.id == room_id))


def is_in(conn: Connection, room_id: str, member_id: str) -> bool:
    return conn.scalar(_membership(room_id, member_id)) is not None


def members_of(conn: Connection, room_id: str) -> tuple[str, ...]:
    return tuple(conn.scalars(select(room_member.c.member).where(room_member.c.room == room_id)))


def rooms_of(conn: Connection, member_id: str, *, only: str | None = None) -> list[RoomRow]:
    """The rooms of a member as he sees them, or the one room `only`."""
    mine = room_member.alias("mine")
    count = select(func.count()).where(room_member.c.room == room.c.id).scalar_subquery()
    wanted = (
        select(room.c.id, room.c.title, room.c.kind, count, room.c.rev, room.c.last, mine.c.read)
        .join(mine, mine.c.room == room.c.id)
        .where(mine.c.member == member_id)
        .order_by(room.c.id)
    )
    if only is not None:
        wanted = wanted.where(room.c.id == only)
    return [RoomRow(*found, room_messages.newest(conn, found[0])) for found in conn.execute(wanted).all()]


def mark_read(conn: Connection, room_id: str, member_id: str, n: int) -> bool:
    """True if the mark moved; it never moves back, and never beyond the newest message."""
    last = select(room.c.last).where(room.c.id == room_id).scalar_subquery()
    moved = conn.execute(
        update(room_member)
        .where(room_member.c.room == room_id, room_member.c.member == member_id, room_member.c.read < n, last >= n)
        .values(read=n)
    )
    return moved.rowcount == 1


def put_invite(conn: Connection, token_hash: str, member_id: str, *, expires_at: datetime) -> None:
    conn.execute(insert(invite).values(hash=token_hash, member=member_id, expires_at=expires_at))


def invite_state(conn: Connection, token_hash: str, now: datetime) -> str:
    """What it is worth: good, spent or unknown."""
    found = conn.execute(select(invite.c.used_at, invite.c.expires_at).where(invite.c.hash == token_hash)).one_or_none()
    if found is None:
        return "unknown"
    return "good" if found.used_at is None and found.expires_at > now else "spent"


def use_invite(conn: Connection, token_hash: str, now: datetime) -> MemberRow | None:
    """Compare-and-set: of two who come with the same token, one gets in."""
    used = conn.execute(
        update(invite)
        .where(invite.c.hash == token_hash, invite.c.used_at.is_(None), invite.c.expires_at > now)
        .values(used_at=now)
        .returning(invite.c.member)
    ).scalar_one_or_none()
    return None if used is None else member_of(conn, member_id=used)


def burn_invites(conn: Connection, token_hashes: Iterable[str], now: datetime) -> None:
    """Tokens seen by others are worth nothing any more."""
    seen = list(token_hashes)
    if seen:
        conn.execute(update(invite).where(invite.c.hash.in_(seen), invite.c.used_at.is_(None)).values(used_at=now))


def _membership(room_id: str, member_id: str) -> Select[tuple[str]]:
    return select(room_member.c.room).where(room_member.c.room == room_id, room_member.c.member == member_id)
