"""The web chat's history in a SQLite file of its own. Implements bot.ports.RoomLog; the statements are in room_*.py."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection

from storage import room_messages as messages
from storage import room_people as people
from storage import room_photos as photos
from storage import room_roster as roster
from storage.errors import SchemaTooNew, Unavailable
from storage.faults import told_apart
from storage.rehearsal import rehearse
from storage.room_records import (
    Appended,
    Forgotten,
    MemberRow,
    MessageRow,
    PhotoRow,
    RoomPage,
    RoomRow,
    Roster,
    Unfed,
)
from storage.room_schema import VERSION, metadata
from storage.sqlite import BUSY_SECONDS, PRAGMAS, SqliteBackend, make_engine, patiently

T = TypeVar("T")


class RoomLogAway(OSError):  # noqa: N818 - a state the caller waits out
    """The file cannot be written or read now: disk full, locked, closed."""


class RoomLog:
    """Writes go one after the other through one thread and share commits; readers have threads of their own."""

    def __init__(self, backend: SqliteBackend) -> None:
        self._backend = backend

    @classmethod
    async def open(cls, path: Path) -> RoomLog:
        """Open or create the file. Raises SchemaTooNew if newer code made it, RoomLogAway if it cannot be opened."""
        url = URL.create("sqlite", database=str(path))
        try:
            return cls(await asyncio.to_thread(_opened, url))
        except Unavailable as away:
            raise RoomLogAway(str(away)) from away

    async def close(self) -> None:
        await self._backend.close()

    # -- members and rooms

    async def ensure_member(self, member_id: str, name: str, *, staff: bool) -> MemberRow:
        return await self._write(lambda conn: people.ensure_member(conn, member_id, name, staff=staff))

    async def member(self, member_id: str) -> MemberRow | None:
        return await self._read(lambda conn: people.member_of(conn, member_id=member_id))

    async def seated(self, seat: str) -> MemberRow | None:
        return await self._read(lambda conn: people.member_of(conn, seat=seat))

    async def end_sessions(self, member_id: str) -> None:
        await self._write(lambda conn: people.end_sessions(conn, member_id))

    async def ensure_room(self, room_id: str, *, title: str, kind: str, members: Iterable[str], now: datetime) -> None:
        wanted = tuple(members)
        await self._write(
            lambda conn: people.ensure_room(conn, room_id, title=title, kind=kind, members=wanted, now=now)
        )

    async def settle(
        self,
        members: Sequence[tuple[str, str, bool]],
        rooms: Sequence[tuple[str, str, str, tuple[str, ...]]],
        *,
        now: datetime,
    ) -> None:
        await self._write(lambda conn: roster.settle(conn, members, rooms, now))

    async def leave(self, room_id: str, member_id: str) -> None:
        await self._write(lambda conn: people.leave(conn, room_id, member_id))

    async def room_kind(self, room_id: str) -> str | None:
        return await self._read(lambda conn: people.room_kind(conn, room_id))

    async def is_in(self, room_id: str, member_id: str) -> bool:
        return await self._read(lambda conn: people.is_in(conn, room_id, member_id))

    async def members_of(self, room_id: str) -> tuple[str, ...]:
        return await self._read(lambda conn: people.members_of(conn, room_id))

    async def rooms_of(self, member_id: str, *, only: str | None = None) -> list[RoomRow]:
        return await self._read(lambda conn: people.rooms_of(conn, member_id, only=only))

    async def mark_read(self, room_id: str, member_id: str, n: int) -> bool:
        return await self._write(lambda conn: people.mark_read(conn, room_id, member_id, n))

    # -- messages

    async def append(
        self,
        room_id: str,
        author: str,
        body: Mapping[str, Any],
        *,
        now: datetime,
        cid: str | None = None,
        key: str | None = None,
    ) -> Appended | None:
        return await self._write(lambda conn: messages.append(conn, room_id, author, body, now=now, cid=cid, key=key))

    async def change(self, room_id: str, n: int, author: str, body: Mapping[str, Any], *, now: datetime) -> int | None:
        return await self._write(lambda conn: messages.change(conn, room_id, n, author, body, now=now))

    async def recall(self, room_id: str, n: int, author: str, *, now: datetime) -> int | None:
        return await self._write(lambda conn: messages.recall(conn, room_id, n, author, now=now))

    async def get(self, room_id: str, n: int) -> MessageRow | None:
        return await self._read(lambda conn: messages.get(conn, room_id, n))

    async def since(self, room_id: str, rev: int, limit: int) -> RoomPage:
        return await self._read(lambda conn: messages.since(conn, room_id, rev, limit))

    async def latest(self, room_id: str, limit: int) -> RoomPage:
        return await self._read(lambda conn: messages.latest(conn, room_id, limit))

    async def before(self, room_id: str, n: int, limit: int) -> tuple[MessageRow, ...]:
        return await self._read(lambda conn: messages.before(conn, room_id, n, limit))

    # -- what the bridge has accepted

    async def unfed_rooms(self, bot: str) -> list[str]:
        return await self._read(lambda conn: messages.unfed_rooms(conn, bot))

    async def unfed(self, room_id: str, bot: str, limit: int) -> Unfed | None:
        return await self._read(lambda conn: messages.unfed(conn, room_id, bot, limit))

    async def mark_fed(self, room_id: str, rev: int) -> None:
        await self._write(lambda conn: messages.mark_fed(conn, room_id, rev))

    # -- photos

    async def put_photo(
        self,
        owner: str,
        photo_hash: str,
        mime: str,
        data: bytes,
        *,
        now: datetime,
        place: tuple[float, float] | None = None,
    ) -> None:
        lat, lon = place or (None, None)
        row = PhotoRow(photo_hash, mime, data, lat, lon)
        await self._write(lambda conn: photos.put(conn, row, owner, now))

    async def photo(self, photo_hash: str) -> PhotoRow | None:
        return await self._read(lambda conn: photos.get(conn, photo_hash))

    async def photo_for(self, photo_hash: str, member_id: str) -> PhotoRow | None:
        return await self._read(lambda conn: photos.shown_to(conn, photo_hash, member_id))

    async def photo_place(self, photo_hash: str) -> tuple[float, float] | None:
        return await self._read(lambda conn: photos.location(conn, photo_hash))

    # -- invites

    async def put_invite(self, token_hash: str, member_id: str, *, expires_at: datetime) -> None:
        await self._write(lambda conn: people.put_invite(conn, token_hash, member_id, expires_at=expires_at))

    async def invite_state(self, token_hash: str, now: datetime) -> str:
        return await self._read(lambda conn: people.invite_state(conn, token_hash, now))

    async def use_invite(self, token_hash: str, now: datetime) -> MemberRow | None:
        return await self._write(lambda conn: people.use_invite(conn, token_hash, now))

    async def burn_invites(self, token_hashes: Iterable[str], now: datetime) -> None:
        seen = tuple(token_hashes)
        await self._write(lambda conn: people.burn_invites(conn, seen, now))

    # -- forgetting

    async def forget(self, now: datetime, days: int) -> Forgotten:
        """Delete what is older than `days`; the log is emptied too, so that it is gone from the disk."""
        done = await self._write(lambda conn: photos.forget(conn, now, days))
        try:
            await self._backend.checkpoint()
        except Unavailable as away:
            raise RoomLogAway(str(away)) from away
        return done

    async def forgettable(self, now: datetime, days: int) -> Forgotten:
        """What `forget` would delete; everything stays as it is."""
        return await rehearse(self._write, lambda conn: photos.forget(conn, now, days))

    async def _write(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._backend.run(work)
        except Unavailable as away:
            raise RoomLogAway(str(away)) from away

    async def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._backend.read(work)
        except Unavailable as away:
            raise RoomLogAway(str(away)) from away


def peek(path: Path) -> Roster:
    """Who is there, without making or changing anything. Raises RoomLogAway, SchemaTooNew."""
    if not path.exists():
        return Roster()
    return _look(path, lambda conn: roster.read(conn) if _version(conn) else Roster())


def check(path: Path) -> None:
    """Whether this program can open the file. Changes nothing. Raises SchemaTooNew, RoomLogAway."""

    def read(conn: Connection) -> None:
        _version(conn)
        conn.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one()

    _look(path, read)


def _look(path: Path, read: Callable[[Connection], T]) -> T:
    url = URL.create("sqlite", database=str(path))
    engine = make_engine(url, begin="BEGIN", busy=BUSY_SECONDS, pragmas=["query_only=ON"])
    try:
        with told_apart(), engine.connect() as conn:
            return read(conn)
    except Unavailable as away:
        raise RoomLogAway(str(away)) from away
    finally:
        engine.dispose()


def _version(conn: Connection) -> int:
    """Which program's file it is; 0: it is still empty."""
    version: int = conn.exec_driver_sql("PRAGMA user_version").scalar_one()
    if version > VERSION:
        raise SchemaTooNew("the chat history was written by a newer version of the program; update the program")
    return version


def _opened(url: URL) -> SqliteBackend:
    patiently(lambda: _prepare(url), BUSY_SECONDS)
    return SqliteBackend(url)


def _prepare(url: URL) -> None:
    engine = make_engine(url, begin="BEGIN IMMEDIATE", busy=BUSY_SECONDS, pragmas=["journal_mode=WAL", *PRAGMAS])
    try:
        with told_apart(), engine.begin() as conn:
            _version(conn)
            metadata.create_all(conn)
            conn.exec_driver_sql(f"PRAGMA user_version={VERSION}")
    finally:
        engine.dispose()
