"""The town of the crash suite: some accounts of the pigeon post, each with two groups, a staff chat and a worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from storage import chats, people
from storage import directory as table
from storage.engine import Database

VILLAGE = "东关村"


@dataclass(frozen=True, slots=True)
class Quarter:
    """What one account serves."""

    account: str
    groups: tuple[str, ...]
    staff: str
    worker: str
    leader: str


def quarters(accounts: int) -> tuple[Quarter, ...]:
    return tuple(
        Quarter(f"pigeon:{mark}", (f"{mark}-1", f"{mark}-2"), f"{mark}-staff", f"worker-{mark}", f"leader-{mark}")
        for mark in "abcdefgh"[:accounts]
    )


async def found(url: str, town: tuple[Quarter, ...], now: datetime) -> None:
    """Write the town into a migrated database."""
    db = await Database.open(url)
    try:
        await db.run(lambda conn: _write(conn, town, now))
    finally:
        await db.close()


def _write(conn: Connection, town: tuple[Quarter, ...], now: datetime) -> None:
    city = table.add_area(conn, code="C", name="平安市", level="city", parent_id=None)
    street = table.add_area(conn, code="T", name="青云镇", level="town", parent_id=city)
    for quarter in town:
        mark = quarter.account[-1].upper()
        village = table.add_area(conn, code=f"V{mark}", name=f"{VILLAGE}{mark}", level="village", parent_id=street)
        grids = [
            table.add_area(conn, code=f"G{mark}{n}", name=f"{VILLAGE}{mark}第{n}网格", level="grid", parent_id=village)
            for n, _ in enumerate(quarter.groups, 1)
        ]
        for grid, group in zip(grids, quarter.groups, strict=True):
            _chat(conn, quarter, group, "residents", grid, now)
        _chat(conn, quarter, quarter.staff, "staff", village, now)
        _person(conn, quarter.worker, "grid_worker", grids, now)
        _person(conn, quarter.leader, "village_secretary", [village], now)


def _chat(conn: Connection, quarter: Quarter, name: str, kind: str, area: int, now: datetime) -> None:
    chat = chats.add_chat(conn, quarter.account, name, kind=kind, mode="results", title=name, now=now)
    chats.link_area(conn, chat, area)


def _person(conn: Connection, name: str, role: str, areas: list[int], now: datetime) -> None:
    person = people.add_person(conn, name=name, now=now, phone="13905380001")
    people.add_identity(conn, "pigeon", name, person)
    for area in areas:
        people.grant(conn, person, role, area_id=area)


def config_text(url: str, town: tuple[Quarter, ...], platform: int) -> str:
    """The configuration of every process; `{life}` is filled in for each start."""
    accounts = "".join(
        f'[channels.pigeon.{quarter.account[-1]}]\nurl = "http://127.0.0.1:{platform}"\nlife = "{{life}}"\n'
        for quarter in town
    )
    return f"""
[database]
url = "{url}"
[web]
port = 0
[manners]
card_wait_seconds = 0
posts_per_hour = 60
{accounts}"""


def write_config(folder: Path, text: str, life: str) -> Path:
    path = folder / f"{life}.toml"
    path.write_text(text.replace("{life}", life), encoding="utf-8")
    return path
