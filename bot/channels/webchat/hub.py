"""Who is looking now. Knows connections and rooms, no messages: those are in the history."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from bot.channels.webchat.connection import Connection

MOST_PER_MEMBER = 8


class Hub:
    def __init__(self) -> None:
        self._by_member: dict[str, list[Connection]] = {}
        self._by_room: dict[str, set[Connection]] = {}

    def add(self, connection: Connection) -> None:
        """A ninth page of a member replaces his oldest: that one is most likely dead."""
        mine = self._by_member.setdefault(connection.member.id, [])
        while len(mine) >= MOST_PER_MEMBER:
            oldest = mine[0]
            self.remove(oldest)
            mine = self._by_member.setdefault(connection.member.id, [])
            oldest.close(1008, b"too many pages")
        mine.append(connection)

    def remove(self, connection: Connection) -> None:
        mine = self._by_member.get(connection.member.id, [])
        if connection in mine:
            mine.remove(connection)
        if not mine:
            self._by_member.pop(connection.member.id, None)
        for room in connection.rooms:
            self._watchers(room).discard(connection)
            if not self._by_room[room]:
                del self._by_room[room]

    def join(self, connection: Connection, rooms: Iterable[str]) -> None:
        """From now on the page hears of these rooms."""
        for room in rooms:
            connection.rooms.add(room)
            self._watchers(room).add(connection)

    def entered(self, room: str, members: Iterable[str]) -> None:
        """Tell the members' pages of a room they are in."""
        for member in members:
            for connection in self._by_member.get(member, []):
                self.join(connection, [room])
                connection.enter(room)

    def dismissed(self, member: str) -> None:
        """What the member may see has become less: his pages start anew."""
        for connection in list(self._by_member.get(member, [])):
            connection.close(1012, b"rights changed")

    def ahead(self, room: str) -> None:
        for connection in self._by_room.get(room, ()):
            connection.room_ahead(room)

    def read_elsewhere(self, member: str, room: str, n: int, by: Connection) -> None:
        for connection in self._by_member.get(member, []):
            if connection is not by:
                connection.read_mark(room, n)

    async def close(self) -> None:
        """Send everybody away; they come back when we do."""
        everybody = [connection for mine in self._by_member.values() for connection in mine]
        await asyncio.gather(
            *(connection.socket.close(code=1001, message=b"restarting") for connection in everybody),
            return_exceptions=True,
        )

    def _watchers(self, room: str) -> set[Connection]:
        return self._by_room.setdefault(room, set())
