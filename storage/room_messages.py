"""Statements on the messages of the web chat's history. Numbers and revisions are given out inside the write lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, case, func, select, update

from storage.room_records import Appended, MessageRow, QuoteRow, RoomPage, Unfed
from storage.room_schema import NOT_JOINED, member, message, photo_owner, photo_use, room, room_member

_EMPTY: Mapping[str, Any] = {"text": ""}
_MESSAGE: Select[Any] = select(
    message.c.room,
    message.c.n,
    message.c.rev,
    message.c.born,
    message.c.author,
    member.c.name,
    member.c.staff,
    message.c.at,
    message.c.changed_at,
    message.c.body,
    message.c.edited,
    message.c.recalled,
).join(member, member.c.id == message.c.author)


def append(
    conn: Connection,
    room_id: str,
    author: str,
    body: Mapping[str, Any],
    *,
    now: datetime,
    cid: str | None = None,
    key: str | None = None,
) -> Appended | None:
    """The next number of the room. None: no such room, or a photo that the author has not uploaded."""
    before = _said_before(conn, author, cid, key)
    if before is not None:
        return before
    photos = list(dict.fromkeys(body.get("photos", ())))
    if not _owns(conn, author, photos):
        return None
    place = conn.execute(
        update(room)
        .where(room.c.id == room_id)
        .values(rev=room.c.rev + 1, last=room.c.last + 1)
        .returning(room.c.rev, room.c.last)
    ).one_or_none()
    if place is None:
        return None
    row = {"room": room_id, "n": place.last, "rev": place.rev, "born": place.rev, "author": author, "at": now}
    conn.execute(message.insert().values(**row, body=dict(body), cid=cid, key=key))
    _use(conn, room_id, place.last, photos)
    return Appended(place.last, place.rev, fresh=True)


def change(
    conn: Connection, room_id: str, n: int, author: str, body: Mapping[str, Any], *, now: datetime
) -> int | None:
    """A new body for one's own message -> its revision; the same body again moves nothing. None: no such message."""
    old = conn.execute(_own(room_id, n, author)).one_or_none()
    photos = list(dict.fromkeys(body.get("photos", ())))
    if old is None or old.recalled or not _owns(conn, author, photos):
        return None
    if old.body == dict(body):
        return int(old.rev)
    rev = _next_rev(conn, room_id)
    conn.execute(_at(room_id, n).values(rev=rev, body=dict(body), edited=True, changed_at=now))
    conn.execute(photo_use.delete().where(photo_use.c.room == room_id, photo_use.c.n == n))
    _use(conn, room_id, n, photos)
    return rev


def recall(conn: Connection, room_id: str, n: int, author: str, *, now: datetime) -> int | None:
    """Empties one's own message -> its revision; nothing of what was said stays. None: no such message."""
    old = conn.execute(_own(room_id, n, author)).one_or_none()
    if old is None:
        return None
    if old.recalled:
        return int(old.rev)
    rev = _next_rev(conn, room_id)
    conn.execute(_at(room_id, n).values(rev=rev, body=dict(_EMPTY), recalled=True, changed_at=now))
    conn.execute(photo_use.delete().where(photo_use.c.room == room_id, photo_use.c.n == n))
    return rev


def get(conn: Connection, room_id: str, n: int) -> MessageRow | None:
    found = _load(conn, _MESSAGE.where(message.c.room == room_id, message.c.n == n))
    return found[0] if found else None


def newest(conn: Connection, room_id: str) -> MessageRow | None:
    found = _load(conn, _MESSAGE.where(message.c.room == room_id).order_by(message.c.n.desc()).limit(1))
    return found[0] if found else None


def since(conn: Connection, room_id: str, rev: int, limit: int) -> RoomPage:
    """What is newer than a revision, in order of revision; `rev` of the page is where to go on."""
    wanted = _MESSAGE.where(message.c.room == room_id, message.c.rev > rev).order_by(message.c.rev).limit(limit)
    messages = _load(conn, wanted)
    if len(messages) == limit:
        return RoomPage(messages, messages[-1].rev)
    return RoomPage(messages, _rev(conn, room_id))


def latest(conn: Connection, room_id: str, limit: int) -> RoomPage:
    """The last messages for somebody who has none yet."""
    found = _load(conn, _MESSAGE.where(message.c.room == room_id).order_by(message.c.n.desc()).limit(limit))
    return RoomPage(tuple(sorted(found, key=lambda one: one.rev)), _rev(conn, room_id))


def before(conn: Connection, room_id: str, n: int, limit: int) -> tuple[MessageRow, ...]:
    """Older messages, in order of number."""
    wanted = _MESSAGE.where(message.c.room == room_id, message.c.n < n).order_by(message.c.n.desc()).limit(limit)
    return tuple(reversed(_load(conn, wanted)))


def unfed(conn: Connection, room_id: str, bot: str, limit: int) -> Unfed | None:
    """What others than the bot said or changed above the room's cursor, in order of the first event still owed.

    That is the message itself, if nobody has heard it, else its newest change.
    """
    found = conn.execute(select(room.c.title, room.c.kind, room.c.fed).where(room.c.id == room_id)).one_or_none()
    if found is None:
        return None
    wanted = _MESSAGE.where(message.c.room == room_id, message.c.rev > found.fed, message.c.author != bot)
    members = conn.scalars(select(room_member.c.member).where(room_member.c.room == room_id))
    people = tuple(members) if found.kind == "private" else ()
    owed = case((message.c.born > found.fed, message.c.born), else_=message.c.rev)
    messages = _load(conn, wanted.order_by(owed).limit(limit))
    return Unfed(room_id, found.title, found.kind, people, found.fed, messages)


def unfed_rooms(conn: Connection, bot: str) -> list[str]:
    newer = select(message.c.n).where(message.c.room == room.c.id, message.c.rev > room.c.fed, message.c.author != bot)
    return list(conn.scalars(select(room.c.id).where((room.c.fed == NOT_JOINED) | newer.exists())))


def mark_fed(conn: Connection, room_id: str, rev: int) -> None:
    conn.execute(update(room).where(room.c.id == room_id, room.c.fed < rev).values(fed=rev))


def owe_again(conn: Connection, since: datetime) -> None:
    """Move the cursors back; whoever has accepted an event knows its key and will not take it twice."""
    first = func.min(case((message.c.at >= since, message.c.born), else_=message.c.rev))
    fresh = select(message.c.room, first).where((message.c.at >= since) | (message.c.changed_at >= since))
    for room_id, rev in conn.execute(fresh.group_by(message.c.room)).all():
        conn.execute(update(room).where(room.c.id == room_id, room.c.fed >= rev).values(fed=rev - 1))


def _said_before(conn: Connection, author: str, cid: str | None, key: str | None) -> Appended | None:
    for value, where in ((cid, (message.c.author == author) & (message.c.cid == cid)), (key, message.c.key == key)):
        if value is None:
            continue
        found = conn.execute(select(message.c.n, message.c.born).where(where)).one_or_none()
        if found is not None:
            return Appended(found.n, found.born, fresh=False)
    return None


def _owns(conn: Connection, author: str, photos: Sequence[str]) -> bool:
    """Knowing a photo's hash is no right to see it: whoever shows it must have uploaded it."""
    if not photos:
        return True
    owned = select(func.count()).where(photo_owner.c.member == author, photo_owner.c.hash.in_(photos))
    return conn.scalar(owned) == len(photos)


def _use(conn: Connection, room_id: str, n: int, photos: Sequence[str]) -> None:
    if photos:
        conn.execute(photo_use.insert(), [{"room": room_id, "n": n, "hash": one} for one in photos])


def _own(room_id: str, n: int, author: str) -> Select[Any]:
    mine = select(message.c.rev, message.c.body, message.c.recalled)
    return mine.where(message.c.room == room_id, message.c.n == n, message.c.author == author)


def _at(room_id: str, n: int) -> Any:
    return update(message).where(message.c.room == room_id, message.c.n == n)


def _next_rev(conn: Connection, room_id: str) -> int:
    grown = update(room).where(room.c.id == room_id).values(rev=room.c.rev + 1).returning(room.c.rev)
    return int(conn.execute(grown).scalar_one())


def _rev(conn: Connection, room_id: str) -> int:
    return conn.scalar(select(room.c.rev).where(room.c.id == room_id)) or 0


def _load(conn: Connection, wanted: Select[Any]) -> tuple[MessageRow, ...]:
    rows = [MessageRow(*found) for found in conn.execute(wanted)]
    quotes = _quotes(conn, rows)
    return tuple(replace(row, quote=quotes.get((row.room, _quoted(row)))) for row in rows)


def _quotes(conn: Connection, rows: Sequence[MessageRow]) -> dict[tuple[str, int | None], QuoteRow]:
    """Quoted messages as they are now; `rows` are of one room."""
    numbers = {number for row in rows if (number := _quoted(row)) is not None}
    if not numbers:
        return {}
    wanted = _MESSAGE.where(message.c.room == rows[0].room, message.c.n.in_(numbers))
    return {(found.room, found.n): _quote(found) for found in conn.execute(wanted)}


def _quoted(row: MessageRow) -> int | None:
    """None also where the body makes no sense: one such message must not hide its whole room."""
    number = row.body.get("quote")
    return number if isinstance(number, int) else None


def _quote(found: Row[Any]) -> QuoteRow:
    card = found.body.get("card")
    text = found.body.get("text") or (card.get("title", "") if isinstance(card, dict) else "")
    photo = bool(found.body.get("photos"))
    return QuoteRow(found.n, found.author, found.name, str(text)[:80], photo, found.recalled)
