"""One process: opens the database, builds the parts, runs them under one task group, stops in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from aiohttp import web

from bot.assembly import Clock, Parts, assemble, photo_limits, utc_now
from bot.away import why
from bot.channels import registry
from bot.channels.needs import Factory, Needs
from bot.cli.opened import NO_DRIVER
from bot.config import PARTS, Config, has_pages
from bot.errors import ConfigError
from bot.flow.loops import SLOWEST, Bell, run_loop
from bot.flow.outage import Outage
from bot.flow.parting import until_stopped
from bot.flow.retry import backoff
from bot.flow.rules import Rules
from bot.flow.terms import STANDARD, Terms
from bot.monitor import Monitor
from bot.ports import Channel, RoomLog
from bot.schedule.ticks import Tick, Ticks
from bot.settings import reason_of
from bot.web import health, metrics
from bot.web.server import WebServer
from bot.web.visitors import Visitors
from storage.engine import Database
from storage.errors import SchemaTooNew, Unavailable
from storage.presence import serving
from storage.room_log import RoomLog as SqliteRoomLog
from storage.room_log import RoomLogAway

log = logging.getLogger(__name__)
IDLE = 0.5  # seconds between two looks when nothing rings: another process may have written
REFRESH_EVERY = 5.0
PASSES = frozenset({"database locked", "database disk full", "database input/output error"})
"""What a SQLite file is waited for at the start; of all else its address or its rights are to blame."""
REMIND_EVERY = 10.0


class NotStarted(Exception):  # noqa: N818 - a wish that was met, not a fault
    """Asked to stop before there was anything to stop."""


class App:
    """Use `App.open`. `port` is the web server's, once it listens."""

    def __init__(
        self,
        parts: Parts,
        channels: Sequence[Channel],
        only: Sequence[str],
        remind_every: float = REMIND_EVERY,
        stop_within: timedelta = STANDARD.stop,
    ) -> None:
        self.parts, self.channels, self.only = parts, {channel.account: channel for channel in channels}, only
        self._remind_every, self._stop_within = remind_every, stop_within
        self.monitor = Monitor(parts, self.channels, only)
        self.port: int | None = None
        self._server: WebServer | None = None

    @classmethod
    @asynccontextmanager
    async def open(  # noqa: PLR0913 - what a test or a demonstration may want otherwise
        cls,
        config: Config,
        *,
        only: Sequence[str] = PARTS,
        clock: Clock = utc_now,
        routes: Sequence[web.RouteDef] = (),
        remind_every: float = REMIND_EVERY,
        stop: asyncio.Event | None = None,
        terms: Terms = STANDARD,
        factories: Mapping[str, Factory] = registry.CHANNELS,
        rules: Rules | None = None,
    ) -> AsyncIterator[App]:
        """Everything built and listening, nothing running yet. Raises ConfigError, storage's SchemaTooNew.

        `remind_every`: seconds between two looks at what is due. `stop`: ends the wait for a database that is away,
        with NotStarted. `factories`: the kinds of channels there are. `rules`: see assemble.
        """
        _make_folder(config.data_dir)
        channels = build_channels(config, clock, factories)
        async with _served(config, stop or asyncio.Event()) as db:
            parts = await assemble(config, db, channels, clock=clock, rules=rules, terms=terms)
            app = cls(parts, channels, only, remind_every, terms.stop)
            try:
                await app._listen(routes)
                yield app
            finally:
                await app._close()

    async def _listen(self, routes: Sequence[web.RouteDef]) -> None:
        """Channels' pages where channels or the web part run; every process that has a port tells how it is doing."""
        settings, port = self.parts.config.web, self.parts.config.port_of(self.only)
        if port is None:
            return
        visitors = Visitors(settings.metrics, settings.metrics_token)
        own = [*health.routes(self.monitor, visitors), *metrics.routes(self.monitor, visitors)]
        if has_pages(self.only):
            own += [*(route for channel in self.channels.values() for route in channel.routes()), *routes]
        size = max(16, self.parts.config.limits.max_photo_mb + 2) * 2**20
        self._server = WebServer(own, settings.host, port, size)
        self.port = await self._server.start()

    async def _close(self) -> None:
        if self._server is not None:
            await self._server.stop()

    async def serve(self, stop: asyncio.Event) -> None:
        """Until `stop`: then no more is claimed, what is claimed is finished, and only then the rest closes."""
        log.info("running", extra={"action": "running", "parts": ",".join(self.only), "port": self.port})
        self.monitor.begin(stop)
        try:
            await until_stopped(self._work(stop), stop, self._stop_within, self._hanging)
        finally:
            await self._close()
        log.info("stopped", extra={"action": "stopped"})

    async def _work(self, stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as tasks:
            if "channels" in self.only:
                for owner in self.parts.owners.values():
                    tasks.create_task(owner.run(stop))
            tasks.create_task(self._refresh(stop))
            if "dispatch" in self.only:
                tasks.create_task(self._dispatch(stop))
            if "schedule" in self.only:
                tasks.create_task(Ticks(self._ticks(), self.parts.pulse).run(stop))

    def _hanging(self) -> list[str]:
        """Loops that are still on their last round."""
        pulse, limit = self.parts.pulse, self._stop_within.total_seconds()
        return [name for name in pulse.beats if pulse.age(name) >= limit]

    async def _dispatch(self, stop: asyncio.Event) -> None:
        parts = self.parts
        await run_loop(
            "dispatch", parts.dispatch.step, stop, bell=parts.bells["dispatch"], idle=IDLE, pulse=parts.pulse
        )

    async def _refresh(self, stop: asyncio.Event) -> None:
        """In every process: each of them must know who is who and which group is bound."""

        async def look() -> int:
            await self.parts.refresh()
            return 0

        await run_loop("refresh", look, stop, bell=Bell(), idle=REFRESH_EVERY, pulse=self.parts.pulse)

    def _ticks(self) -> list[Tick]:
        return [
            Tick("reminders", self.parts.remind, every=self._remind_every, jitter=self._remind_every / 5),
            Tick("clock", self.parts.setback.look, every=self._remind_every),
            Tick("wipe", self.parts.wipe, every=60, jitter=10),
            Tick("housekeeping", self.parts.housekeep, every=3600, jitter=600),
        ]


def build_channels(config: Config, clock: Clock, factories: Mapping[str, Factory] = registry.CHANNELS) -> list[Channel]:
    """All channels of the configuration, without I/O. Raises ConfigError."""
    needs = Needs(config.data_dir, clock, _open_rooms, config.web.public_url, photo_limits(config))
    return [registry.build(account, table, needs, factories) for account, table in config.channels.items()]


async def _open_rooms(path: Path) -> RoomLog:
    """A history of newer code is the channel's trouble, not the program's: it is an OSError like the others."""
    try:
        return await SqliteRoomLog.open(path)
    except SchemaTooNew as newer:
        raise RoomLogAway(f"{path.name} 是更新版本的网格桥用过的，请升级网格桥") from newer


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"data_dir：建不了文件夹 {folder}（{reason_of(error)}），请换一个或检查权限") from error


@asynccontextmanager
async def _served(config: Config, stop: asyncio.Event) -> AsyncIterator[Database]:
    """The database, of which others know that it is served until it is closed."""
    db = await _open_database(config, stop)
    try:
        async with serving(db):
            try:
                yield db
            finally:
                await db.close()
    finally:
        await db.close()


async def _open_database(config: Config, stop: asyncio.Event) -> Database:
    """A database that is away at the start is waited for; only a wrong address ends the program (pitfall 13).

    Raises ConfigError, SchemaTooNew, NotStarted.
    """
    failures, rest, outage = 0, Bell(), Outage()
    while not stop.is_set():
        try:
            db = await Database.open(config.database.url)
        except ValueError as error:
            raise ConfigError(f"[database] url：{error}") from error
        except ImportError as error:
            raise ConfigError(NO_DRIVER) from error
        except Unavailable as away:
            failures += 1
            if config.database.url.startswith("sqlite") and away.reason not in PASSES:
                raise ConfigError(f"[database] url：数据库{why(away)}") from away
            outage.found("start", str(away))
            await rest.wait(backoff(failures, cap=SLOWEST), stop)
        else:
            outage.over("start")
            return db
    raise NotStarted
