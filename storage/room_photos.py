"""Statements on photos of the web chat's history, and on forgetting what is old."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, delete, exists, select
from sqlalchemy.dialects.sqlite import insert

from storage.room_records import Forgotten, PhotoRow
from storage.room_schema import invite, message, photo, photo_owner, photo_use, room_member

UNSENT_FOR = timedelta(days=1)  # a photo chosen but never sent
_PHOTO: Select[Any] = select(photo.c.hash, photo.c.mime, photo.c.data, photo.c.lat, photo.c.lon)


def put(conn: Connection, row: PhotoRow, owner: str, now: datetime) -> None:
    """Keep the bytes once, and who has uploaded them."""
    values = {"hash": row.hash, "mime": row.mime, "data": row.data, "lat": row.lat, "lon": row.lon, "at": now}
    again = insert(photo).values(**values).on_conflict_do_update(index_elements=["hash"], set_={"at": now})
    conn.execute(again)
    conn.execute(insert(photo_owner).values(hash=row.hash, member=owner).on_conflict_do_nothing())


def get(conn: Connection, photo_hash: str) -> PhotoRow | None:
    found = conn.execute(_PHOTO.where(photo.c.hash == photo_hash)).one_or_none()
    return PhotoRow(*found) if found else None


def shown_to(conn: Connection, photo_hash: str, member_id: str) -> PhotoRow | None:
    """The photo if the member uploaded it or is in a room where it occurs."""
    owned = exists().where(photo_owner.c.hash == photo_hash, photo_owner.c.member == member_id)
    in_room = exists().where(
        photo_use.c.hash == photo_hash, photo_use.c.room == room_member.c.room, room_member.c.member == member_id
    )
    found = conn.execute(_PHOTO.where(photo.c.hash == photo_hash, owned | in_room)).one_or_none()
    return PhotoRow(*found) if found else None


def location(conn: Connection, photo_hash: str) -> tuple[float, float] | None:
    found = conn.execute(select(photo.c.lat, photo.c.lon).where(photo.c.hash == photo_hash)).one_or_none()
    return None if found is None or found.lat is None else (found.lat, found.lon)


def forget(conn: Connection, now: datetime, days: int) -> Forgotten:
    """Delete messages older than `days`, then what nothing refers to any more. Numbering goes on where it was."""
    old = select(message.c.room, message.c.n).where(message.c.at < now - timedelta(days=days)).subquery()
    conn.execute(delete(photo_use).where(exists().where(photo_use.c.room == old.c.room, photo_use.c.n == old.c.n)))
    messages = conn.execute(delete(message).where(message.c.at < now - timedelta(days=days)))
    unused = ~exists().where(photo_use.c.hash == photo.c.hash)
    photos = conn.execute(delete(photo).where(unused, photo.c.at < now - UNSENT_FOR))
    invites = conn.execute(delete(invite).where(invite.c.expires_at < now - timedelta(days=days)))
    return Forgotten(messages.rowcount, photos.rowcount, invites.rowcount)
