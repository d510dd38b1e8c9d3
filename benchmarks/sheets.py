"""A city's directory out of three CSV files: `gridbridge import`, beside the functions that write one row each."""

from __future__ import annotations

import asyncio
import io
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from sqlalchemy import Connection

from benchmarks.databases import Postgres, postgres
from benchmarks.measure import alternate
from benchmarks.scale import Scale
from benchmarks.stream import START
from benchmarks.table import Line, milli
from benchmarks.town import GRIDS_OF_VILLAGE, VILLAGES_OF_TOWN
from bot.cases.directory import Directory
from bot.cli.main import main
from bot.cli.programs import Programs
from bot.cli.sheets.table import write_table
from bot.cli.sheets.text import encode
from bot.cli.words import LEVELS
from bot.replay.play import replay
from storage import directory
from storage.engine import Database

GOAL = 3.0  # seconds for the three files together
GROUPS, PEOPLE = 2_000, 6_000  # of a city with 2,234 grids
SHEETS = ("areas", "chats", "people")
ACCOUNT = "webchat:main"
_CONFIG = '[channels.webchat.main]\nsecret = "0123456789abcdef0123456789abcdef"\n'
Fresh = Callable[[Path], Awaitable[str]]
"""The URL of an empty database, for a run with a folder of its own."""


@dataclass(frozen=True, slots=True)
class City:
    """Rows as the files hold them; areas from the top down."""

    areas: list[tuple[str, str, str, str]]  # code, name, level, parent
    chats: list[tuple[str, str, str]]  # native id, title, area
    people: list[tuple[str, str, str, str]]  # native id, name, phone, area

    def tables(self) -> dict[str, str]:
        areas = [(code, name, LEVELS[level], parent) for code, name, level, parent in reversed(self.areas)]
        chats = [(ACCOUNT, one, title, "居民群", "results", area) for one, title, area in self.chats]
        people = [(one, name, phone, "网格员", area) for one, name, phone, area in self.people]
        return {
            "areas": write_table(("代码", "名称", "级别", "上级"), areas),
            "chats": write_table(("账号", "编号", "群名", "类型", "模式", "区域"), chats),
            "people": write_table(("编号", "姓名", "电话", "角色", "区域"), people),
        }


def run(scale: Scale) -> list[Line]:
    city = _city(scale.grids)
    lines = asyncio.run(_measured("SQLite FULL", city, _sqlite, scale))
    try:
        with postgres() as server:
            return lines + asyncio.run(_measured("PostgreSQL", city, _on(server), scale))
    except ModuleNotFoundError:
        return lines


def _city(grids: int) -> City:
    people = PEOPLE * grids // 2_234
    return City(
        list(_areas(grids)),
        [(f"r{number}", f"样例{number}居民群", f"g{number}") for number in range(min(grids, GROUPS))],
        [(f"p{number}", f"网格员甲{number}", f"138{number:08}", f"g{number % grids}") for number in range(people)],
    )


def _areas(grids: int) -> Iterator[tuple[str, str, str, str]]:
    yield "c", "样例市", "city", ""
    town = village = ""
    for number in range(grids):
        if number % (GRIDS_OF_VILLAGE * VILLAGES_OF_TOWN) == 0:
            town = f"t{number}"
            yield town, f"样例{number}镇", "town", "c"
        if number % GRIDS_OF_VILLAGE == 0:
            village = f"v{number}"
            yield village, f"样例{number}村", "village", town
        yield f"g{number}", f"样例{number}网格", "grid", village


async def _sqlite(folder: Path) -> str:
    return f"sqlite:///{folder}/gridbridge.db"


def _on(server: Postgres) -> Fresh:
    async def fresh(_: Path) -> str:
        return await server.fresh()

    return fresh


async def _measured(where: str, city: City, fresh: Fresh, scale: Scale) -> list[Line]:
    """Databases are made and migrated before the time runs: so they are for whoever imports."""
    with tempfile.TemporaryDirectory(prefix="gbbench") as root:
        folders = [await _prepared(Path(root) / f"ours{number}", city, fresh) for number in range(scale.turns + 1)]
        theirs = [await Database.open(await fresh(_made(Path(root) / f"peer{n}"))) for n in range(scale.turns + 1)]
        pair = await alternate(
            lambda number: asyncio.to_thread(_import, folders[number]),
            lambda number: theirs[number].run(lambda conn: _one_by_one(conn, city)),
            scale.turns,
        )
        for db in theirs:
            await db.close()
        again = await alternate(
            lambda number: asyncio.to_thread(_import, folders[number]), lambda _: asyncio.sleep(0), scale.turns
        )
        counts = f"{len(city.areas):,} areas, {len(city.chats):,} groups, {len(city.people):,} people"
        what = f"import, {where}: {counts}, files to commit | one by one, rows in memory to commit, no web chat"
        return [
            Line(what, f"{pair.ours:.2f} s", f"{pair.peer:.2f} s", pair.ratio, "≤ 3 s", pair.ours <= GOAL),
            Line(f"import, {where}: the same files again, nothing to write", f"{again.ours:.2f} s"),
            Line(f"import, {where}: the directory read again after it", milli(await _reread(folders[0]))),
        ]


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


async def _prepared(folder: Path, city: City, fresh: Fresh) -> Path:
    url = await fresh(_made(folder))
    await (await Database.open(url)).close()
    (folder / "config.toml").write_text(f'data_dir = "."\n[database]\nurl = "{url}"\n{_CONFIG}', encoding="utf-8")
    for name, text in city.tables().items():
        (folder / f"{name}.csv").write_bytes(encode(text, "gb18030"))
    return folder


def _import(folder: Path) -> None:
    """The command itself, without the start of a process."""
    for name in SHEETS:
        arguments = ["import", name, str(folder / f"{name}.csv"), "--config", str(folder / "config.toml")]
        with redirect_stdout(io.StringIO()) as said:
            status = main(arguments, Programs(_nothing, _nothing, replay))
        if status != 0:
            raise RuntimeError(said.getvalue())


async def _nothing(*_: object, **__: object) -> None:
    """Nothing is served here."""


def _one_by_one(conn: Connection, city: City) -> None:
    """The peer: what `areas add`, `chat room` and `people add` call, all in one transaction."""
    areas: dict[str, int] = {}
    for code, name, level, parent in city.areas:
        areas[code] = directory.add_area(conn, code=code, name=name, level=level, parent_id=areas.get(parent))
    for native_id, title, area in city.chats:
        chat = directory.add_chat(conn, ACCOUNT, native_id, kind="residents", mode="results", title=title, now=START)
        directory.link_area(conn, chat, areas[area])
    for native_id, name, phone, area in city.people:
        person = directory.ensure_person(conn, "webchat", native_id, name, START)
        directory.set_person(conn, person.id, name=name, phone=phone)
        directory.grant(conn, person.id, "grid_worker", area_id=areas[area])


async def _reread(folder: Path) -> float:
    """What each running process does once after a new version; median of three."""
    url = (folder / "config.toml").read_text(encoding="utf-8").split('url = "')[1].split('"')[0]
    db = await Database.open(url)
    taken = []
    for _ in range(3):
        start = perf_counter()
        Directory.of(await db.read(directory.load))
        taken.append(perf_counter() - start)
    await db.close()
    return sorted(taken)[1]
