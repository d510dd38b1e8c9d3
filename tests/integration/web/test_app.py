"""The whole program on a port: people speak in the web chat, and an operator looks at it from outside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import Connection

from bot.app import App
from bot.channels.webchat.channel import WebchatChannel
from bot.config import PARTS, build
from bot.ports import ChannelState
from storage import chats, directory
from tests.fakes.bridge import until
from tests.fakes.paper import START
from tests.fakes.webtown import PEOPLE, ROOM, Page
from tests.integration.web.scraped import Scraped

ACCOUNT = "webchat:main"


@asynccontextmanager
async def running(folder: Path, only: tuple[str, ...] = PARTS, **web: Any) -> AsyncIterator[App]:
    table = {
        "data_dir": str(folder),
        "database": web.pop("database", {}),
        "web": {"port": 0, **web},
        "channels": {"webchat": {"main": {"secret": "0123456789abcdef" * 2}}},
    }
    stop = asyncio.Event()
    async with App.open(build(table, folder), only=only) as app:
        serving = asyncio.create_task(app.serve(stop))
        yield app
        stop.set()
        await serving


async def ask(app: App, path: str, **headers: str) -> tuple[int, str]:
    address = f"http://127.0.0.1:{app.port}{path}"
    async with aiohttp.ClientSession() as session, session.get(address, headers=headers) as answer:
        return answer.status, await answer.text()


def one_grid(conn: Connection) -> None:
    grid = directory.add_area(conn, code="g", name="东关一网格", level="grid")
    chats.link_area(conn, chats.add_chat(conn, ACCOUNT, ROOM, kind="residents", mode="results", now=START), grid)


async def test_what_people_say_shows_in_the_figures(tmp_path: Path, database_url: str) -> None:
    """Two lines of chatter and a report through the web chat, read over HTTP; a proxy's visitor sees none of it."""
    async with running(tmp_path, database={"url": database_url}) as app:
        await app.parts.db.run(one_grid)
        channel = app.channels[ACCOUNT]
        assert isinstance(channel, WebchatChannel)
        await until(lambda: channel.status.state is ChannelState.UP)
        for member, name in PEOPLE.items():
            await channel.ensure_member(member, name)
        await channel.ensure_room(ROOM, "东关1号网格", "residents", PEOPLE)
        page = Page(f"http://127.0.0.1:{app.port}")
        await page.use(await channel.invite("li"))
        await page.connect()
        for text in ("今天的白菜真新鲜", "是啊", "3号楼前的路灯坏了好几天了，没人修"):
            await page.said(text)
        seen = await handled(app)
        heard = seen.all("messages_received_total", "kind", account=ACCOUNT)
        assert heard == {"message": 3, "joined": 1 + len(PEOPLE)}  # the room, and a private one with everybody
        assert seen("messages_dropped_total", account=ACCOUNT) == 2
        assert seen.all("cases", "state") == {"reported": 1}
        assert (seen("ready"), seen("lease_held", account=ACCOUNT)) == (1, 1)
        assert seen.all("channel_state", "state", account=ACCOUNT) == {"up": 1}
        assert (await ask(app, "/metrics", **{"X-Forwarded-For": "203.0.113.9"}))[0] == 403
        await page.close()


async def handled(app: App) -> Scraped:
    """The figures once dispatch has worked and what was kept of the database is old."""
    async with asyncio.timeout(20):
        while True:
            status, said = await ask(app, "/metrics")
            assert status == 200
            if (seen := Scraped(said))("dispatch_rows_total", outcome="done") and seen.all("cases", "state"):
                return seen
            await asyncio.sleep(0.2)


async def test_a_process_without_pages_tells_how_it_is_doing_where_it_has_a_port(tmp_path: Path) -> None:
    """Health and figures are there and the chat is not; without a port of its own nothing listens, and it works."""
    async with running(tmp_path, ("dispatch", "schedule"), health_port=0) as app:
        assert (await ask(app, "/readyz"))[0] == 200
        seen = Scraped((await ask(app, "/metrics"))[1])
        assert {"gridbridge_dispatch_rows", "gridbridge_reminders"} <= seen.families.keys()
        assert "gridbridge_messages_received" not in seen.families
        assert (await ask(app, "/chat/i/x"))[0] == 404
    async with running(
        tmp_path, ("dispatch", "schedule"), port=1
    ) as app:  # the others' port, which it may not even use
        assert app.port is None


async def test_where_figures_are_off_health_stays(tmp_path: Path) -> None:
    async with running(tmp_path, ("dispatch",), health_port=0, metrics="off") as app:
        assert (await ask(app, "/metrics"))[0] == 404
        assert (await ask(app, "/healthz"))[0] == 200
