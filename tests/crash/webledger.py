"""The reckoning of the web chat: what pages were told, against its history and the database of cases."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.flow.render import post_key
from bot.flow.retry import EDIT
from tests.crash.ledger import Books, Reckoning
from tests.crash.tab import Tab


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody wrote; `building`: it is a report."""

    who: str
    room: str
    cid: str
    text: str
    building: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A message of the history."""

    room: str
    n: int
    cid: str | None
    key: str | None
    text: str
    body: str


def reckon(books: Books, history: Path, said: Sequence[Said], tabs: Iterable[Tab]) -> Reckoning:
    standing = _read(history)
    found = Reckoning(messages=len(said), posts=len(books.outbox))
    found.lost += [f"inbox {row.id} is {row.state}: {row.reason}" for row in books.inbox if row.state != "done"]
    for tab in tabs:
        found.doubled += tab.broken
        _confirmed(tab, said, standing, found)
        found.lost += _unseen(tab, standing)
    for one in said:
        if one.building:
            _report(books, one, standing, found)
    _posts(books, standing, found)
    order = [one.building for one in sorted(_reports(said, standing), key=lambda one: one.n)]
    cases = [_building(case.text) for case in books.cases]
    found.disorder += [f"reported {order}, cases {cases}"] * (order != cases)
    return found


def _read(history: Path) -> list[Standing]:
    with closing(sqlite3.connect(history)) as conn:
        rows = conn.execute("SELECT room, n, cid, key, body FROM message ORDER BY room, n").fetchall()
    return [Standing(room, n, cid, key, json.loads(body).get("text", ""), body) for room, n, cid, key, body in rows]


def _confirmed(tab: Tab, said: Sequence[Said], standing: Sequence[Standing], found: Reckoning) -> None:
    """What a page calls sent stands there under that number, once."""
    mine = {one.cid: one for one in said if one.who == tab.name}
    found.lost += [f"{tab.name}: {len(mine) - len(tab.confirmed)} never confirmed"] * (len(mine) > len(tab.confirmed))
    by_cid = Counter(one.cid for one in standing if one.cid)
    numbers = {(one.room, one.n): one for one in standing}
    for cid, n in tab.confirmed.items():
        there = numbers.get((mine[cid].room, n))
        found.lost += [f"{tab.name}: {mine[cid].room}/{n} is not there"] * (there is None or there.cid != cid)
        found.doubled += [f"{tab.name}: {mine[cid].room}/{n} stands {by_cid[cid]} times"] * (by_cid[cid] > 1)


def _unseen(tab: Tab, standing: Sequence[Standing]) -> list[str]:
    """What stands in its rooms is on the page."""
    missing = [f"{one.room}/{one.n}" for one in standing
               if one.room in tab.messages and one.n not in tab.messages[one.room]]  # fmt: skip
    return [f"{tab.name} does not see {missing}"] * bool(missing)


def _report(books: Books, one: Said, standing: Sequence[Standing], found: Reckoning) -> None:
    """One case, taken and closed once; one card among the staff, one result in the group."""
    name = re.compile(rf"(?<!\d){one.building}号楼")
    cases = [case for case in books.cases if name.search(case.text)]
    if not cases:
        found.lost.append(f"{one.building}号楼: no case")
        return
    acts = Counter(event.action for event in books.events if event.case_id == cases[0].id)
    posts = [message for message in standing if message.key and name.search(message.body)]
    counts = {"cases": len(cases)} | {act: acts[act] for act in ("report", "accept", "close")}
    counts["results"] = sum("处理好了" in message.text for message in posts if message.room == one.room)
    counts["cards"] = sum("card" in json.loads(message.body) for message in posts if message.room != one.room)
    found.lost += [f"{one.building}号楼: no {what}" for what, count in counts.items() if not count]
    found.doubled += [f"{one.building}号楼: {count} × {what}" for what, count in counts.items() if count > 1]


def _posts(books: Books, standing: Sequence[Standing], found: Reckoning) -> None:
    """Every post of the outbox stands once: here nothing is ever in doubt, reminders included."""
    keys = Counter(one.key for one in standing if one.key)
    for row in books.outbox:
        key = post_key(row.id, row.created_at)
        if row.state not in ("sent", "cancelled", "expired"):
            found.lost.append(f"outbox {row.id} ({row.kind}) is {row.state}: {row.reason}")
        elif row.state == "sent" and not keys[key] and not row.kind.startswith(EDIT):
            found.lost.append(f"outbox {row.id} ({row.kind}) is called sent and is not there")
        found.doubled += [f"outbox {row.id} stands {keys[key]} times"] * (keys[key] > 1)


@dataclass(frozen=True, slots=True)
class _Place:
    n: int
    building: int


def _reports(said: Sequence[Said], standing: Sequence[Standing]) -> list[_Place]:
    number = {one.cid: one.n for one in standing}
    return [_Place(number[one.cid], one.building) for one in said if one.building and one.cid in number]


def _building(text: str) -> int:
    found: Any = re.search(r"(\d+)号楼", text)
    return int(found[1]) if found else 0
