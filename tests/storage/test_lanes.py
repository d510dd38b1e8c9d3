"""Many claimers, deaths in between: every row is worked, a lane never twice at once and always in order."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import Connection, make_url

from storage import inbox, outbox
from storage.engine import Database
from storage.records import InboxRow, OutboxRow
from storage.schema import metadata
from storage.sqlite import make_engine
from tests.storage.seeds import ACCOUNT, LEASE, NOW, a_chat, later, message, post, posts_waiting

LANES, ROWS, CLAIMERS = 12, 240, 6
SHORT = timedelta(seconds=1.5)  # far longer than the work, even on a busy machine
DEATHS = 0.03


def stopwatch() -> Callable[[], datetime]:
    start = time.monotonic()
    return lambda: NOW + timedelta(seconds=time.monotonic() - start)


class Witness:
    """Sees who works on what."""

    def __init__(self) -> None:
        self.working: set[str] = set()
        self.overlaps = 0
        self.seen: dict[str, list[str]] = defaultdict(list)

    @contextmanager
    def at(self, lane: str, what: str) -> Iterator[None]:
        self.overlaps += lane in self.working
        self.working.add(lane)
        self.seen[lane].append(what)
        yield
        self.working.discard(lane)


def in_order(seen: list[str]) -> bool:
    """Repeats are the price of a death; apart from them each item follows the one before."""
    numbers = [int(what) for what in dict.fromkeys(seen)]
    return numbers == sorted(numbers)


async def test_inbox_with_claimers_that_die(db: Database) -> None:
    """Nothing lost, no lane worked by two at once, every lane in the order of speaking."""
    witness, chance = Witness(), random.Random(7)
    now = stopwatch()

    def seed(conn: Connection) -> None:
        chats = [a_chat(conn, f"g{n}") for n in range(LANES)]
        inbox.put(conn, [message(chance.choice(chats), str(n)) for n in range(ROWS)])

    async def work(row: InboxRow) -> None:
        with witness.at(str(row.chat_id), row.event_key):
            await asyncio.sleep(chance.random() * 0.004)
        if chance.random() < DEATHS:
            return  # died before the commit: the lease must run out
        await db.run(lambda conn: inbox.finish(conn, row, NOW))

    async def claimer() -> None:
        while await db.read(inbox.pending):
            rows = await db.run(lambda conn: inbox.claim(conn, now(), limit=3, lease=SHORT))
            for row in rows:
                await work(row)
            if not rows:
                await asyncio.sleep(0.01)

    await db.run(seed)
    await asyncio.gather(*(claimer() for _ in range(CLAIMERS)))
    assert witness.overlaps == 0
    assert sorted(int(key) for keys in witness.seen.values() for key in set(keys)) == list(range(ROWS))
    assert all(in_order(keys) for keys in witness.seen.values())


async def test_outbox_with_claimers_that_die(db: Database) -> None:
    """The same on the way out, where somebody else decides on a lapsed lease; doubles are as many as deaths."""
    witness, chance, deaths = Witness(), random.Random(11), 0
    now = stopwatch()

    def seed(conn: Connection) -> None:
        lanes = [f"lane{n}" for n in range(LANES)]
        posts = [post(chance.choice(lanes), body={"n": n}, priority=chance.randrange(3)) for n in range(ROWS)]
        outbox.put(conn, posts, NOW)

    async def send(row: OutboxRow) -> None:
        nonlocal deaths
        with witness.at(row.lane, str(row.body["n"])):
            await asyncio.sleep(chance.random() * 0.004)
        if chance.random() < DEATHS:
            deaths += 1
            return
        assert await db.run(lambda conn: outbox.finish(conn, row, "sent", NOW))

    def decide(conn: Connection) -> None:
        for row in outbox.lapsed(conn, now()):
            outbox.postpone(conn, row, NOW, reason="lease ran out", own_failure=True)

    async def claimer() -> None:
        while await db.read(lambda conn: posts_waiting(conn, ACCOUNT)):
            await db.run(decide)
            rows, _ = await db.run(lambda conn: outbox.claim(conn, now(), accounts=[ACCOUNT], limit=1, lease=SHORT))
            for row in rows:
                await send(row)
            if not rows:
                await asyncio.sleep(0.01)

    await db.run(seed)
    await asyncio.gather(*(claimer() for _ in range(CLAIMERS)))
    assert witness.overlaps == 0
    sent = [n for seen in witness.seen.values() for n in seen]
    assert sorted(map(int, set(sent))) == list(range(ROWS))
    assert len(sent) == ROWS + deaths
    assert all(in_order(seen) for seen in witness.seen.values())


class Lane:
    """What a lane should be: rows in order, the first of them perhaps in somebody's hands."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, float]] = []  # key, due
        self.locked_until: float | None = None


class InboxMachine(RuleBasedStateMachine):
    """Random histories of one inbox against a model of lanes, on SQLite."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        url = make_url(f"sqlite:///{Path(self.folder.name)}/inbox.db")
        self.engine = make_engine(url, begin="BEGIN IMMEDIATE", busy=1, pragmas=["synchronous=OFF"])
        self.now, self.count = 0.0, 0
        self.lanes: dict[int, Lane] = {}
        self.held: list[InboxRow] = []
        with self.engine.begin() as conn:
            metadata.create_all(conn)
            conn.exec_driver_sql("INSERT INTO meta VALUES ('directory', '0')")

    def teardown(self) -> None:
        self.engine.dispose()
        self.folder.cleanup()

    @rule(chat=st.integers(0, 3), delay=st.sampled_from([0, 0, 0, 5]), again=st.booleans())
    def arrive(self, chat: int, delay: float, again: bool) -> None:
        self.count += 1
        key = str(self.count)
        with self.engine.begin() as conn:
            chat_id = a_chat(conn, f"g{chat}")
            rows = [message(chat_id, key, due_at=later(self.now + delay))] * (2 if again else 1)
            assert [id_ is None for id_ in inbox.put(conn, rows)] == [False, True][: len(rows)]
        self.lanes.setdefault(chat_id, Lane()).rows.append((key, self.now + delay))

    @rule(seconds=st.sampled_from([1, 4, 30, 61]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(limit=st.integers(1, 5))
    def claim(self, limit: int) -> None:
        with self.engine.begin() as conn:
            rows = inbox.claim(conn, later(self.now), limit=limit, lease=LEASE)
        ready = self.ready()
        assert len(rows) == min(limit, len(ready))
        for row in rows:
            assert row.event_key == ready[row.chat_id]
            self.lanes[row.chat_id].locked_until = self.now + LEASE.total_seconds()
        self.held += rows

    def ready(self) -> dict[int, str]:
        """Which row of which lane may be taken now."""
        return {
            chat_id: lane.rows[0][0]
            for chat_id, lane in self.lanes.items()
            if lane.rows and lane.rows[0][1] <= self.now and (lane.locked_until or 0) <= self.now
        }

    @precondition(lambda self: self.held)
    @rule(data=st.data(), outcome=st.sampled_from(["finish", "release", "fail", "die", "forget it"]))
    def end(self, data: st.DataObject, outcome: str) -> None:
        row = self.held.pop(data.draw(st.integers(0, len(self.held) - 1)))
        lane = self.lanes[row.chat_id]
        with self.engine.begin() as conn:
            held = bool(lane.rows) and lane.rows[0][0] == row.event_key and self.token(conn, row)
            if outcome == "forget it":
                return
            if outcome == "finish":
                assert inbox.finish(conn, row, later(self.now)) == held
            elif outcome == "release":
                inbox.release(conn, [row])
            elif outcome == "fail":
                inbox.fail(conn, row, later(self.now), retry_at=later(self.now + 5), reason="x")
            else:
                inbox.fail(conn, row, later(self.now), retry_at=None, reason="x")
        if held:
            self.settle(lane, outcome)

    def token(self, conn: Connection, row: InboxRow) -> bool:
        """Whether nobody has claimed the row since."""
        found = conn.exec_driver_sql("SELECT attempts FROM inbox WHERE id = ?", (row.id,)).scalar()
        return found == row.attempts

    def settle(self, lane: Lane, outcome: str) -> None:
        lane.locked_until = None
        if outcome in {"finish", "die"}:
            lane.rows.pop(0)
        elif outcome == "fail":
            lane.rows[0] = (lane.rows[0][0], self.now + 5)

    @invariant()
    def nothing_is_lost(self) -> None:
        with self.engine.begin() as conn:
            assert inbox.pending(conn) == sum(len(lane.rows) for lane in self.lanes.values())


TestInboxMachine = InboxMachine.TestCase
TestInboxMachine.settings = settings(max_examples=25, stateful_step_count=40, deadline=None)
