"""SIGKILL of the web chat, as its users have it: the real command, started cold, and pages that come back by themselves."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import re
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from bot.channels.needs import Needs
from bot.channels.webchat.channel import build
from bot.model import ChatKind
from storage import chats, people
from storage import directory as table
from storage.engine import Database
from storage.room_log import RoomLog
from tests.crash.ledger import Books
from tests.crash.lives import ROOT
from tests.crash.tab import Tab
from tests.crash.table import Row, row_of
from tests.crash.webledger import Said, reckon
from tests.fakes.bridge import until
from tests.fakes.webtown import Clock

ACCOUNT, GROUP, STAFF = "webchat:main", "east", "staff"
SECRET = "a-secret-for-tests-only-0123456789"
RESIDENTS, TALKER, WORKER = tuple(f"r{n}" for n in range(1, 17)), "sun", "wang"
"""So many because of one person only ten reports an hour become cases of their own."""
NAMES = {**{resident: f"居民{resident}" for resident in RESIDENTS}, TALKER: "孙阿姨", WORKER: "王芳"}
LAMP, DONE = "号楼前的路灯坏了，没人修", "好了，换了新灯"
CHATTER = ("早上好", "谢谢大家", "今天菜市场的西红柿真便宜", "孩子放学了吗")
_CARD = re.compile(r"№(\d+)")
_PLACE = re.compile(r"(\d+)号楼")


async def killed(url: str, short: bool) -> Row:
    """Whatever was confirmed on a page is handled once, whatever the bot posts stands once."""
    async with _town(url) as town:
        dice = random.Random(4)
        times = []
        for _ in range(2 if short else 30):
            await town.start()
            times.append(await town.served())
            await town.busy(dice.uniform(0.2, 0.8 if short else 1.5))
            await town.kill()
            await town.busy(0.2)  # people write on while nobody is there
        await town.start()
        times.append(await town.served())
        await town.settle()
        await town.stop()
        found = reckon(await town.books(), town.history(), town.said, town.tabs.values())
        lines = sum(tab.lines for tab in town.tabs.values())
        return row_of("SIGKILL of the web chat", url, found, note=f"{len(times) - 1} kills, {lines} connections",
                      recovered=times[1:])  # fmt: skip


@dataclass
class WebTown:
    """A residents' group and a staff chat of one program, with everybody's pages open."""

    folder: Path
    url: str
    port: int
    tabs: dict[str, Tab] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    dice: random.Random = field(default_factory=lambda: random.Random(4))
    _process: asyncio.subprocess.Process | None = None
    _living: list[asyncio.Task[None]] = field(default_factory=list)
    _pressed: set[int] = field(default_factory=set)
    _done: set[int] = field(default_factory=set)
    _buildings: Iterator[int] = field(default_factory=lambda: itertools.count(11))

    # -- the program

    async def start(self) -> None:
        """Cold: everything is loaded anew."""
        with (self.folder / "log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.crash.quickrun", cwd=self.folder, stdin=asyncio.subprocess.DEVNULL,
                stdout=log, stderr=log, env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
            )  # fmt: skip
        if not self._living:
            for tab in self.tabs.values():
                await tab.enter()
            self._living = [asyncio.create_task(tab.live()) for tab in self.tabs.values()]

    async def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        assert self._process is not None
        self._process.send_signal(number)
        await self._process.wait()

    async def stop(self) -> None:
        """Pages first, so that they hold what they were sent; then the program, in good order."""
        for task in self._living:
            task.cancel()
        await asyncio.gather(*self._living, return_exceptions=True)
        for tab in self.tabs.values():
            await tab.close()
        await self.kill(signal.SIGTERM)

    async def served(self) -> float:
        """Seconds until a resident's report, written now, has its card."""
        began = time.monotonic()
        building = self.report()
        try:
            await until(lambda: building in self._cards(), 40)
        except TimeoutError as late:
            raise TimeoutError(f"no card of {building}号楼: {self._standing()}") from late
        return time.monotonic() - began

    def _standing(self) -> str:
        """How it stands when something does not come."""
        ended = [repr(task.exception()) for task in self._living if task.done()]
        tabs = {tab.name: (tab.lines, len(tab.unsent), len(tab.pressing)) for tab in self.tabs.values()}
        log = (self.folder / "log").read_text(encoding="utf-8").splitlines()[-12:]
        return f"pages that ended {ended}, lines, unsent and pressed of {tabs}, log: {log}"

    # -- people

    async def busy(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            self._step()
            await asyncio.sleep(0.08)

    async def settle(self) -> None:
        """Everything confirmed, every report closed and its result read by all residents."""
        ends = time.monotonic() + 60
        while left := self._left():
            if time.monotonic() > ends:
                raise TimeoutError(left)
            self._work()
            await asyncio.sleep(0.1)

    def report(self) -> int:
        building = next(self._buildings)
        self._say(RESIDENTS[building % len(RESIDENTS)], GROUP, f"{building}{LAMP}", building=building)
        return building

    def _say(self, who: str, room: str, text: str, *, building: int = 0, quote: int | None = None) -> None:
        self.said.append(Said(who, room, self.tabs[who].write(room, text, quote), text, building))

    def _step(self) -> None:
        choice = self.dice.random()
        if choice < 0.2:
            self.report()
        elif choice < 0.45:
            self._say(TALKER, GROUP, self.dice.choice(CHATTER))
        else:
            self._work()

    def _work(self) -> None:
        """The worker taps one card, or says that one matter is done."""
        for building, (n, card) in self._cards().items():
            accept = next((one["data"] for one in card["buttons"] if one["data"].startswith("accept:")), None)
            if accept is not None and not any(one["n"] == n for one in self.tabs[WORKER].pressing.values()):
                self.tabs[WORKER].tap(STAFF, n, accept)
                self._pressed.add(building)
                return
            if accept is None and building not in self._done:
                self._done.add(building)
                self._say(WORKER, STAFF, DONE, quote=n)
                return

    def _cards(self) -> dict[int, tuple[int, dict[str, Any]]]:
        """Building -> the first card of it that the worker's page shows."""
        found: dict[int, tuple[int, dict[str, Any]]] = {}
        for n, message in sorted(self.tabs[WORKER].messages.get(STAFF, {}).items()):
            place = _PLACE.search(str(message["card"])) if message["card"] else None
            if place is not None and _CARD.search(str(message["card"])):
                found.setdefault(int(place[1]), (n, message))
        return found

    def _left(self) -> str:
        waiting = sum(len(tab.unsent) + len(tab.pressing) for tab in self.tabs.values())
        if waiting:
            return f"{waiting} not confirmed"
        buildings = {one.building for one in self.said if one.building}
        for who in RESIDENTS:
            texts = self.tabs[who].texts(GROUP)
            missing = {b for b in buildings if not any("处理好了" in text and f"{b}号楼" in text for text in texts)}
            if missing:
                return f"{who} has not read the results of {sorted(missing)}"
        return ""

    # -- what is left when nothing runs

    async def books(self) -> Books:
        db = await Database.open(self.url)
        try:
            return await db.read(Books.read)
        finally:
            await db.close()

    def history(self) -> Path:
        return self.folder / "data" / "webchat.db"


@asynccontextmanager
async def _town(url: str) -> AsyncIterator[WebTown]:
    folder = Path(tempfile.mkdtemp(prefix="gbweb"))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    town = WebTown(folder, url, port)
    try:
        await _found(town)
        yield town
    finally:
        if town._process is not None and town._process.returncode is None:
            await town.kill()
        for task in town._living:
            task.cancel()
        await asyncio.gather(*(tab.close() for tab in town.tabs.values()), return_exceptions=True)
        shutil.rmtree(folder, ignore_errors=True)


async def _found(town: WebTown) -> None:
    (town.folder / "config.toml").write_text(
        f'[database]\nurl = "{town.url}"\n[web]\nport = {town.port}\n[manners]\ncard_wait_seconds = 0\n'
        f'posts_per_hour = 60\nnight_start = "00:00"\nnight_end = "00:00"\n[log]\nformat = "json"\n'
        f'[channels.webchat.main]\nsecret = "{SECRET}"\nsays_per_ten_seconds = 1000\n',
        encoding="utf-8",
    )
    data = town.folder / "data"
    data.mkdir()
    chat = build(ACCOUNT, {"secret": SECRET}, Needs(data, clock=Clock(), open_rooms=RoomLog.open))
    try:
        for member, name in NAMES.items():
            await chat.ensure_member(member, name, staff=member == WORKER)
        await chat.ensure_room(GROUP, "东关1号网格", ChatKind.RESIDENTS, NAMES)
        await chat.ensure_room(STAFF, "东关工作群", ChatKind.STAFF, [WORKER])
        for member in NAMES:
            town.tabs[member] = Tab(f"http://127.0.0.1:{town.port}", member, await chat.invite(member))
    finally:
        await chat.close()
    db = await Database.open(town.url)
    try:
        await db.run(_write)
    finally:
        await db.close()


def _write(conn: Connection) -> None:
    now = Clock()()
    city = table.add_area(conn, code="C", name="平安市", level="city", parent_id=None)
    street = table.add_area(conn, code="T", name="青云镇", level="town", parent_id=city)
    village = table.add_area(conn, code="V", name="东关村", level="village", parent_id=street)
    grid = table.add_area(conn, code="G", name="东关村第1网格", level="grid", parent_id=village)
    for room, kind, area in ((GROUP, "residents", grid), (STAFF, "staff", village)):
        chat = chats.add_chat(conn, ACCOUNT, room, kind=kind, mode="results", title=room, now=now)
        chats.link_area(conn, chat, area)
    person = people.add_person(conn, name=NAMES[WORKER], now=now, phone="13905380001")
    people.add_identity(conn, "webchat", WORKER, person)
    people.grant(conn, person, "grid_worker", area_id=grid)
