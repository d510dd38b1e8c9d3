"""Events that come twice, in the wrong order, to two processes or under numbers that were used before; wrong clocks."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from storage import schema
from tests.crash.bench import Bench, open_bench
from tests.crash.lives import Life
from tests.crash.people import LAMP, Matter
from tests.crash.pigeon.wire import Update
from tests.crash.table import Row, row_of

TWICE = "every event comes twice"
TWO_POLL = "two processes poll one account"
EDITS = "edits and recalls before their originals, batches backwards"
BUTTONS = "a button pressed ten times by two people"
REBORN = "a platform begins to count anew"
CLOCKS = "the clock jumps both ways"
_OLD_WORDS = re.compile(rf"补充：\d+号楼{LAMP}。?$")
JUMPS = (timedelta(hours=3), timedelta(hours=-3), timedelta(minutes=40), timedelta(days=-1))
SPIN = 0.6  # of a processor, while nothing happens


async def twice(url: str, short: bool) -> Row:
    """At once in the same batch, and once more in a later one."""
    async with open_bench(url) as bench:
        later: list[tuple[str, Update]] = []

        def echo(account: str, update: Update) -> None:
            bench.platform.again(account, update)
            later.append((account, update))

        bench.platform.echo = echo
        await bench.start()
        for _ in range(2 if short else 30):
            await bench.busy(1.0, pace=0.05)
            bench.people.finish()
            for account, update in later:
                bench.platform.again(account, update)
            later.clear()
        await bench.settle()
        return row_of(TWICE, url, await bench.reckoning(), note=f"{bench.platform.handed_out:,} events handed out")


# ---------------------------------------------------------------- two processes


async def two_poll(url: str, short: bool) -> Row:
    """The owner stands still until another process has its account, and then goes on in the middle of its work."""
    async with open_bench(url) as bench:
        bench.platform.echo = bench.platform.again
        times = []
        for _ in range(2):
            await (await bench.start()).running()
        for _ in range(1 if short else 40):
            await bench.busy(0.5, pace=0.03)
            times.append(await _stand_still(bench, amid=not short))
        await bench.settle()
        note = f"{len(times)} × SIGSTOP, SIGCONT after the move"
        return row_of(TWO_POLL, url, await bench.reckoning(), note=note, recovered=times)


async def _stand_still(bench: Bench, *, amid: bool) -> float:
    """Seconds until somebody else's first post. `amid`: also within a transaction, which the server ends in time."""
    await bench.shown(bench.people.report())
    owner = next(life for life in bench.lives if life.name == bench.platform.deliveries[-1].life)
    owner.signal(signal.SIGSTOP)
    while not amid and await bench.read(_within_transaction):
        owner.signal(signal.SIGCONT)
        await asyncio.sleep(0.02)
        owner.signal(signal.SIGSTOP)
    stopped = time.monotonic()
    bench.under_way |= await bench.claimed()
    bench.people.report()
    waited = await bench.handled_again(stopped, but=owner, seconds=40)
    owner.signal(signal.SIGCONT)
    await bench.busy(0.3, pace=0.03)
    return waited


def _within_transaction(conn: sa.Connection) -> bool:
    idle = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'"
    return conn.execute(sa.text(f"{idle} AND pid <> pg_backend_pid()")).first() is not None


# ---------------------------------------------------------------- the wrong order


async def edits_first(url: str, short: bool) -> Row:
    """One report, one case, whichever of its wordings comes first; also where the first was no report at all."""
    async with open_bench(url) as bench:
        await bench.start()
        for number in range(3 if short else 60):
            _edit_first(bench)
            _recall_first(bench)
            _chatter_edited(bench)
            bench.platform.backwards = number % 2 == 1
            await bench.busy(0.7)
        await bench.settle()
        found = await bench.reckoning(as_said=False)
        stale = [post for post in bench.platform.deliveries if _OLD_WORDS.search(post.text)]
        found.doubled += [f"told as news: {post.text}" for post in stale]
        return row_of(EDITS, url, found, note="an edit, a recall and a message made a report by its edit, each time")


def _edit_first(bench: Bench) -> None:
    matter, account = _unsaid(bench)
    bench.platform.edit(account, matter.said, f"{matter.said.text}，天黑看不见")
    bench.platform.tell(account, matter.said)


def _recall_first(bench: Bench) -> None:
    matter, account = _unsaid(bench)
    said = matter.said
    bench.platform.tell(account, replace(said, key=f"recall:{said.message}", kind="recall", text=""))
    bench.platform.tell(account, said)


def _chatter_edited(bench: Bench) -> None:
    matter, account = _unsaid(bench)
    bench.platform.tell(account, replace(matter.said, text="孩子放学了吗"))
    bench.platform.edit(account, matter.said, matter.said.text)


def _unsaid(bench: Bench) -> tuple[Matter, str]:
    """A matter of which the platform has told nothing yet, and the account that will hear of it."""
    matter = bench.people.report()
    queue = bench.platform.queues[matter.quarter.account]
    queue[:] = [update for update in queue if update.key != matter.said.key]
    bench.platform.told.remove(matter.said)
    return matter, matter.quarter.account


# ---------------------------------------------------------------- buttons


async def buttons(url: str, short: bool) -> Row:
    """Some presses come twice as well. Whoever was first has the case, the other is told so."""
    async with open_bench(url) as bench:
        await bench.start()
        wrong: list[str] = []
        for _ in range(1 if short else 25):
            wrong += await _press_ten_times(bench)
        await bench.settle()
        found = await bench.reckoning()
        found.lost += wrong
        return row_of(BUTTONS, url, found, note=f"{len(bench.platform.acks):,} presses were answered")


async def _press_ten_times(bench: Bench) -> list[str]:
    matter = bench.people.report(wish="accepted", trouble=LAMP)
    matter.pressed = True  # nobody else answers it
    await bench.shown(matter)
    quarter, number = matter.quarter, matter.number
    presses: dict[str, list[str]] = {quarter.worker: [], quarter.leader: []}
    for n in range(10):
        who = (quarter.worker, quarter.leader)[(n + (number or 0)) % 2]
        press = bench.platform.press(quarter.account, quarter.staff, who, str(matter.card), f"accept:{number}:1")
        presses[who].append(press.key)
        if n % 3 == 0:
            bench.platform.again(quarter.account, press)
    await bench.settle()
    return _answers(bench, str(number), presses)


def _answers(bench: Bench, number: str, presses: dict[str, list[str]]) -> list[str]:
    told = dict(reversed(bench.platform.acks))
    silent = [key for keys in presses.values() for key in keys if key not in told]
    wrong = [f"№{number}: press {key} has no answer" for key in silent]
    first = next(who for who in presses if presses[who][0] == min((keys[0] for keys in presses.values()), key=_number))
    for who, keys in presses.items():
        named = [key for key in keys if f"№{number} 已由" in told.get(key, "")]
        if who != first and len(named) != len(keys):
            wrong.append(f"№{number}: {who} was not told who was first: {[told.get(key) for key in keys]}")
        if who == first and named:
            wrong.append(f"№{number}: {who} was first and is told of somebody: {told[named[0]]}")
    return wrong


def _number(key: str) -> int:
    return int(key.partition(":")[2])


# ---------------------------------------------------------------- numbers that were used before


async def reborn(url: str, short: bool) -> Row:
    """Restored from a backup or made anew: updates, events and messages get numbers that others had before."""
    async with open_bench(url) as bench:
        await bench.start()
        for _ in range(1 if short else 12):
            await bench.busy(1.2, pace=0.05)
            await bench.settle()
            bench.clock.jump(timedelta(hours=2))
            bench.platform.reborn()
        await bench.busy(1.2, pace=0.05)
        await bench.settle()
        return row_of(REBORN, url, await bench.reckoning(), note="two hours later each time")


# ---------------------------------------------------------------- clocks


async def clocks(url: str, short: bool) -> Row:
    """While the program lives, while it is dead with its claims standing, and while nothing happens."""
    async with open_bench(url) as bench:
        life = await bench.start()
        await life.running()
        times: list[float] = []
        spins: list[str] = []
        for number in range(1 if short else 6):
            for by in JUMPS:
                await bench.busy(0.4, pace=0.05)
                if by < timedelta(0) and number % 2 == 0:
                    await bench.kill(life)
                bench.clock.jump(by)
                life = life if life.alive else await bench.start()
                times.append(await bench.shown(bench.people.report(wish="accepted")))
            spins += await _spins(bench, life)
        await bench.settle()
        found = await bench.reckoning()
        found.disorder += spins
        found.lost += await _far_ahead(bench)
        note = "+3 h, −3 h, +40 min, −1 d, also with a SIGKILL before"
        return row_of(CLOCKS, url, found, note=note, recovered=times)


async def _spins(bench: Bench, life: Life, seconds: float = 1.0) -> list[str]:
    await bench.settle()
    before = _processor_seconds(life)
    await asyncio.sleep(seconds)
    share = (_processor_seconds(life) - before) / seconds
    return [f"a loop spins: {share:.0%} of a processor with nothing to do"] * (share > SPIN)


def _processor_seconds(life: Life) -> float:
    with open(f"/proc/{life.pid}/stat", encoding="ascii") as file:  # noqa: PTH123 - no file of ours
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _far_ahead(bench: Bench) -> list[str]:
    """What would wait for hours because it was put or put off while the clock was wrong."""
    late = bench.clock() + timedelta(minutes=70)  # a group's ceiling may make a post wait for an hour

    def look(conn: sa.Connection) -> list[str]:
        wrong = []
        for queue in (schema.inbox, schema.outbox):
            waits = sa.select(queue.c.id, queue.c.kind).where(queue.c.state == "pending", queue.c.due_at > late)
            wrong += [f"{queue.name} {row.id} ({row.kind}) waits for hours" for row in conn.execute(waits)]
        return wrong

    found: list[str] = await bench.read(look)
    return found
