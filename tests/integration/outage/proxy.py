"""A cable to a PostgreSQL server that can be cut, or in which everything gets stuck."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy import URL, make_url

Way = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Cable:
    """`url` leads through it. Cut, every connection ends and none is made; stuck, they stay and nothing moves."""

    def __init__(self, address: URL) -> None:
        self._address = address
        self._clear = asyncio.Event()
        self._clear.set()
        self._server: asyncio.Server | None = None
        self._port = 0
        self._ends: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        through = self._address.set(host="127.0.0.1", port=self._port, query={})
        return through.render_as_string(hide_password=False)

    async def mend(self) -> None:
        self._clear.set()
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
            self._port = self._server.sockets[0].getsockname()[1]

    def stick(self) -> None:
        self._clear.clear()

    async def cut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for end in tuple(self._ends):
            end.transport.abort()
        self._clear.set()
        await asyncio.gather(*tuple(self._tasks))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._join((reader, writer), await self._dial())
        finally:
            self._tasks.discard(task)

    async def _dial(self) -> Way:
        host = str(self._address.query.get("host") or self._address.host or "127.0.0.1")
        port = self._address.port or 5432
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, port)

    async def _join(self, near: Way, far: Way) -> None:
        ends = {near[1], far[1]}
        self._ends |= ends
        await asyncio.gather(self._pass(near[0], far[1]), self._pass(far[0], near[1]))
        self._ends -= ends

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                await self._clear.wait()
                writer.write(data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def cable_to(url: str) -> AsyncIterator[Cable]:
    cable = Cable(make_url(url))
    await cable.mend()
    try:
        yield cable
    finally:
        await cable.cut()
