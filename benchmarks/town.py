"""A made-up city of the size we build for, in a real database, and the program over it: everything but a platform."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy import Connection, func, insert, select

from benchmarks.stream import START
from benchmarks.updates import ACCOUNT, native_group
from bot.assembly import Parts, assemble
from bot.config import ClassifierConfig, Config
from bot.errors import MediaGone
from bot.model import Attachment, Inbound, Post, SendResult, Sent
from bot.ports import Accept, Capabilities, ChannelState, Status
from storage import directory_version, schema
from storage.engine import Database

GRIDS_OF_VILLAGE, VILLAGES_OF_TOWN = 3, 43
CITY = 1


class Nowhere:
    """A channel without a platform."""

    account = ACCOUNT
    capabilities = Capabilities(reads_all=True, buttons=True, quotes=True)
    status = Status(ChannelState.UP)

    async def run(self, accept: Accept, stop: Callable[[], Awaitable[None]]) -> None:
        await stop()

    async def send(self, post: Post) -> SendResult:
        return Sent("1")

    async def fetch(self, attachment: Attachment) -> bytes:
        raise MediaGone(attachment.ref)

    async def ack(self, inbound: Inbound, text: str) -> None:
        return None

    def private_chat(self, person: str) -> str | None:
        return person

    def routes(self) -> list[web.RouteDef]:
        return []


@dataclass(slots=True)
class StreamClock:
    """The time of day in the stream, which runs faster than ours."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now


async def build(db: Database, grids: int, clock: Callable[[], datetime]) -> Parts:
    """The city settled in an empty database, and the assembled program."""
    await db.run(lambda conn: settle(conn, grids))
    return await assembled(db, clock)


async def assembled(db: Database, clock: Callable[[], datetime], *, full_dictionary: bool = False) -> Parts:
    config = Config(classifier=ClassifierConfig(full_dictionary=full_dictionary))
    return await assemble(config, db, [Nowhere()], clock=clock)


def settle(conn: Connection, grids: int) -> None:
    """Areas, a worker and a residents' group a grid, a staff chat a village. Groups hear acceptances and results."""
    areas = list(_areas(grids))
    _fill(conn, schema.area, areas)
    own = [area["id"] for area in areas if area["level"] == "grid"]
    villages = [area["id"] for area in areas if area["level"] == "village"]
    _fill(conn, schema.person, [{"id": one, "name": f"网格员{one}", "created_at": START} for one in own])
    _fill(conn, schema.identity, [{"channel": "telegram", "native_id": f"w{one}", "person_id": one} for one in own])
    _fill(conn, schema.role, [{"person_id": one, "role": "grid_worker", "area_id": one} for one in own])
    _chats(conn, "residents", [(one, native_group(number)) for number, one in enumerate(own)])
    _chats(conn, "staff", [(one, -one) for one in villages])
    directory_version.bump(conn)


def _areas(grids: int) -> Iterator[dict[str, Any]]:
    yield _area(CITY, "city", "样例市", None)
    ident = CITY
    town = village = CITY
    for number in range(grids):
        if number % (GRIDS_OF_VILLAGE * VILLAGES_OF_TOWN) == 0:
            ident += 1
            town = ident
            yield _area(town, "town", f"样例{town}镇", CITY)
        if number % GRIDS_OF_VILLAGE == 0:
            ident += 1
            village = ident
            yield _area(village, "village", f"样例{village}村", town)
        ident += 1
        yield _area(ident, "grid", f"样例{ident}网格", village)


def _area(ident: int, level: str, name: str, parent: int | None) -> dict[str, Any]:
    return {"id": ident, "code": str(ident), "level": level, "name": name, "parent_id": parent}


def _chats(conn: Connection, kind: str, places: list[tuple[int, int]]) -> None:
    """A chat for each (area, native id); its own id is the area's."""
    mode = "full"  # the most to write: residents hear a receipt too
    _fill(conn, schema.chat, [{"id": area, "kind": kind, "mode": mode, "created_at": START} for area, _ in places])
    addresses = [{"account": ACCOUNT, "native_id": str(native), "chat_id": area} for area, native in places]
    _fill(conn, schema.chat_address, addresses)
    _fill(conn, schema.chat_area, [{"chat_id": area, "area_id": area} for area, _ in places])


def _fill(conn: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    conn.execute(insert(table), rows)
    if conn.dialect.name == "postgresql" and "id" in rows[0]:  # ids were given: the next one is beyond them
        name = func.pg_get_serial_sequence(table.name, "id")
        conn.execute(select(func.setval(name, select(func.max(table.c.id)).scalar_subquery())))
