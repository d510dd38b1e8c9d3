"""The reckoning: what people said and saw, held against what the database says was done."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from bot.flow.render import post_key
from bot.flow.retry import EDIT, RESENT_WHEN_UNKNOWN
from bot.model import Priority
from storage import outbox, schema
from tests.crash.people import Matter, People
from tests.crash.pigeon.platform import Platform

IN_DOUBT = "unknown"


@dataclass
class Reckoning:
    """`lost`, `doubled`, `disorder`: a line for each thing that must not be.

    `untold`: what the operator should have read and did not. `again`: posts that stand twice because a send was under
    way at a kill, or because the platform took one and never said so; `doubt`: posts of which nobody knows whether they
    arrived and that are not sent again, because the next reminder covers them.
    """

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    disorder: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)
    again: int = 0
    doubt: int = 0
    messages: int = 0
    posts: int = 0

    @property
    def faults(self) -> list[str]:
        return [*self.lost, *self.doubled, *self.disorder, *self.untold]


@dataclass(frozen=True)
class Books:
    """The tables as they stand."""

    inbox: Sequence[Any]
    outbox: Sequence[Any]
    cases: Sequence[Any]
    events: Sequence[Any]
    links: Sequence[Any]
    reminders: Sequence[Any]

    @staticmethod
    def read(conn: Connection) -> Books:
        def rows(table: sa.Table) -> Sequence[Any]:
            return conn.execute(sa.select(table).order_by(table.c.id)).all()

        return Books(rows(schema.inbox), rows(schema.outbox), rows(schema.case), rows(schema.case_event),
                     rows(schema.case_link), rows(schema.reminder_log))  # fmt: skip


def reckon(books: Books, people: People, under_way: Iterable[str] = (), *, as_said: bool = True) -> Reckoning:
    """`under_way`: the keys of posts that were claimed and not yet marked when a process was killed.

    `as_said`: whether the platform told the words of a group in the order in which they were said.
    """
    found = Reckoning(messages=len(people.platform.told), posts=len(books.outbox))
    found.lost += _unhandled(books, people)
    for matter in people.matters.values():
        _matter(books, people, matter, found)
    _posts(books, people.platform, set(under_way), found)
    found.disorder += _posts_disorder(books, people) + (_cases_disorder(books, people) if as_said else [])
    found.doubled += _reminded_twice(books)
    return found


def _unhandled(books: Books, people: People) -> list[str]:
    """Rows that are not finished, events that nobody acknowledged."""
    left = [f"inbox {row.id} is {row.state}: {row.reason}" for row in books.inbox if row.state != "done"]
    left += [f"outbox {row.id} is {row.state}: {row.reason}" for row in books.outbox if _stuck(row)]
    return left + [f"{people.platform.unread} events unread"] * bool(people.platform.unread)


def _stuck(row: Any) -> bool:
    """What waits for its group's next hour, or for the morning, is not."""
    return bool(row.state == "dead" or (row.state == "pending" and row.reason != outbox.PACED))


def _matter(books: Books, people: People, matter: Matter, found: Reckoning) -> None:
    """One report, one case, as far as its worker took it, each step once; and the room heard of it."""
    name = f"{matter.building}号楼"
    there = re.compile(rf"(?<!\d){name}")
    cases = [case for case in books.cases if there.search(case.text)]
    if not cases:
        found.lost.append(f"{name}: no case")
        return
    found.doubled += [f"{name}: {len(cases)} cases"] * (len(cases) > 1)
    case = cases[0]
    acts = Counter(event.action for event in books.events if event.case_id == case.id)
    wanted = {"nothing": (), "accepted": ("accept",), "closed": ("accept", "close")}[matter.wish]
    found.lost += [f"{name}: №{case.id} without {act}" for act in wanted if not acts[act]]
    found.doubled += [f"{name}: №{case.id} has {acts[act]} × {act}" for act in ("report", *wanted) if acts[act] > 1]
    heard = [post for post in people.platform.deliveries if post.chat == matter.group and there.search(post.text)]
    results = {post.key for post in heard if "处理好了" in post.text}
    if matter.wish == "closed":
        found.lost += [f"{name}: the group never heard the result"] * (not results)
    found.doubled += [f"{name}: {len(results)} results"] * (len(results) > 1)


def _posts(books: Books, platform: Platform, under_way: set[str], found: Reckoning) -> None:
    """What is called sent has arrived; what arrived twice was under way at a kill, or nobody was told of the first."""
    arrived = Counter(post.key for post in platform.deliveries)
    for row in books.outbox:
        key = post_key(row.id, row.created_at)
        copies = arrived[key]
        if row.state == "sent" and not copies:
            found.lost.append(f"outbox {row.id} ({row.kind}) is called sent and never arrived")
        if row.state == IN_DOUBT and not copies and _matters(row):
            found.lost.append(f"outbox {row.id} ({row.kind}) was given up and never arrived")
        elif row.state == IN_DOUBT and not copies:
            found.doubt += 1
        excused = row.unknowns if key in under_way else min(row.unknowns, platform.unanswered[key])
        if 1 < copies <= 1 + excused:
            found.again += copies - 1
        elif copies > 1:
            found.doubled.append(f"outbox {row.id} ({row.kind}) stands {copies} times")
    known = {post_key(row.id, row.created_at) for row in books.outbox}
    found.doubled += [f"{key} arrived and nobody knows of it" for key in set(arrived) - known]


def _matters(row: Any) -> bool:
    return row.kind in RESENT_WHEN_UNKNOWN or row.kind.startswith(EDIT) or row.priority == Priority.EMERGENCY


def _posts_disorder(books: Books, people: People) -> list[str]:
    """Posts of a lane in the order in which they were put."""
    first: dict[str, float] = {}
    for post in people.platform.deliveries:
        first.setdefault(post.key, post.at)
    lanes: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for row in books.outbox:
        if (at := first.get(post_key(row.id, row.created_at))) is not None:
            lanes[row.lane].append((at, row.id))
    return [f"lane {lane}: {_ids(rows)}" for lane, rows in lanes.items() if _ids(rows) != sorted(_ids(rows))]


def _cases_disorder(books: Books, people: People) -> list[str]:
    """Cases of a chat in the order in which they were reported."""
    wrong: list[str] = []
    by_group: dict[str, list[Matter]] = defaultdict(list)
    for matter in people.matters.values():
        if not matter.parked:
            by_group[matter.group].append(matter)
    reports = [link for link in books.links if link.role == "report"]
    for group, matters in by_group.items():
        told = [_case_of(matter, reports) for matter in matters]
        wrong += [f"group {group}: cases {told}"] * (told != sorted(told))
    return wrong


def _case_of(matter: Matter, reports: Sequence[Any]) -> int:
    """0: none. A platform that began anew has given the message's id to another before."""
    mine = [link for link in reports if link.message_id == matter.said.message]
    nearest = min(mine, key=lambda link: abs(link.said_at - matter.said.at), default=None)
    return nearest.case_id if nearest is not None else 0


def _ids(rows: list[tuple[float, int]]) -> list[int]:
    return [row_id for _, row_id in sorted(rows)]


def _reminded_twice(books: Books) -> list[str]:
    """A slot is given once, whoever ticks; and no post of a reminder is put twice for the same recipient and slots."""
    slots = Counter((row.case_id, row.kind, row.slot) for row in books.reminders)
    return [f"reminder {slot} × {count}" for slot, count in slots.items() if count > 1]
