"""A process killed at any moment: what it was told is committed, is there; half a work is not."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from storage import inbox
from storage.engine import Database

WRITE = """
import asyncio, sys
from storage import inbox, outbox
from storage.engine import Database
from tests.storage.seeds import NOW, a_chat, message, post

async def main():
    database = await Database.open(sys.argv[1])
    async def one(n):
        def work(conn):
            inbox.put(conn, [message(a_chat(conn, f"g{n % 5}"), str(n))])
            outbox.put(conn, [post(f"lane{n}", dedupe=str(n))], NOW)
        await database.run(work)
        print(n, flush=True)
    for start in range(0, 1000000, 20):
        await asyncio.gather(*(one(n) for n in range(start, start + 20)))

asyncio.run(main())
"""


def start(url: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITE, url]
    return subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True)


@pytest.mark.crash
@pytest.mark.parametrize("seconds", [0.05, 0.21])
async def test_killed_while_writing(database_url: str, seconds: float) -> None:
    """SIGKILL in the middle of a stream of works."""
    process = start(database_url)
    assert process.stdout is not None
    first = await asyncio.to_thread(process.stdout.readline)
    time.sleep(seconds)  # noqa: ASYNC251 - nothing else runs here
    process.kill()
    rest = (await asyncio.to_thread(process.communicate))[0]
    told = {line for line in (first + rest).split("\n")[:-1] if line}

    db = await Database.open(database_url)
    received = await db.read(lambda conn: set(conn.execute(text("SELECT event_key FROM inbox")).scalars()))
    answered = await db.read(lambda conn: set(conn.execute(text("SELECT dedupe FROM outbox")).scalars()))
    waiting = await db.read(inbox.pending)
    await db.close()
    assert told
    assert told <= received
    assert received == answered
    assert waiting == len(received)
