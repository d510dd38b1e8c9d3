"""The door to the database: transactions, groups, errors told apart, closing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from storage.engine import Database
from storage.errors import Unavailable
from storage.schema import meta
from tests.databases import in_own_loop


def put(key: str) -> Callable[[Connection], str]:
    def work(conn: Connection) -> str:
        conn.execute(insert(meta).values(key=key, value="1"))
        return key

    return work


def put_then_fail(key: str) -> Callable[[Connection], str]:
    def work(conn: Connection) -> str:
        put(key)(conn)
        raise ValueError(key)

    return work


def keys(conn: Connection) -> set[str]:
    return set(conn.execute(select(meta.c.key).where(meta.c.key.like("t%"))).scalars())


async def test_run_commits(db: Database) -> None:
    """What a work wrote and returned is there for the next reader."""
    assert await db.run(put("t1")) == "t1"
    assert await db.read(keys) == {"t1"}


async def test_own_error_leaves_nothing(db: Database) -> None:
    """A work that fails between two statements leaves nothing behind, and its error arrives as it is."""
    with pytest.raises(ValueError, match="t1"):
        await db.run(put_then_fail("t1"))
    assert await db.read(keys) == set()


async def test_one_bad_work_does_not_spoil_others(db: Database) -> None:
    """Works that wait together share a commit; the failing ones are rolled back alone."""
    works = [put_then_fail(f"t{n}") if n % 7 == 3 else put(f"t{n}") for n in range(100)]
    results = await asyncio.gather(*(db.run(work) for work in works), return_exceptions=True)
    good = {f"t{n}" for n in range(100) if n % 7 != 3}
    assert {result for result in results if isinstance(result, str)} == good
    assert {str(result) for result in results if isinstance(result, ValueError)} == {f"t{n}" for n in range(3, 100, 7)}
    assert await db.read(keys) == good


async def test_group_gives_errors_as_values(db: Database) -> None:
    """A group returns each work's value or error in its place, a constraint's error included."""
    results = await db.run_group([put("t1"), put("t1"), put_then_fail("t2"), put("t3")])
    assert [type(result) for result in results] == [str, IntegrityError, ValueError, str]
    assert await db.read(keys) == {"t1", "t3"}


async def test_group_of_one_and_of_none(db: Database) -> None:
    """The smallest groups behave like the others."""
    [error] = await db.run_group([put_then_fail("t1")])
    assert isinstance(error, ValueError)
    assert await db.run_group([put("t2")]) == ["t2"]
    assert await db.run_group([]) == []


async def test_group_raises_unavailable(db: Database) -> None:
    """An infrastructure failure is nobody's own error: it is raised for the whole group."""

    def away(conn: Connection) -> None:
        raise Unavailable("gone")

    with pytest.raises(Unavailable, match="gone"):
        await db.run_group([away, away])


@pytest.mark.parametrize("kind", [FileNotFoundError, TimeoutError, ConnectionResetError])
async def test_a_file_that_is_missing_is_not_the_database(db: Database, kind: type[OSError]) -> None:
    """What a work itself has looked for in vain is its own error: taken for an outage it would be tried for ever."""

    def missing(conn: Connection) -> None:
        conn.execute(select(meta.c.key)).all()
        raise kind("no such file")

    [error, key] = await db.run_group([missing, put("t1")])
    assert isinstance(error, kind)
    assert key == "t1"
    with pytest.raises(kind):
        await db.read(missing)


async def test_a_server_that_is_not_there_is_away() -> None:
    """No connection at all: an OSError of the driver's own."""
    with pytest.raises(Unavailable, match="not reachable"):
        await Database.open("postgresql://nobody@127.0.0.1:1/nothing")


async def test_waiting_works_share_a_commit(sqlite_url: str) -> None:
    """On SQLite 64 works that wait together are one transaction, not 64."""
    db = await Database.open(sqlite_url)
    begun: list[int] = []
    gate = threading.Event()

    def hold(conn: Connection) -> None:
        gate.wait(5)

    def count(conn: Connection) -> None:
        begun.append(id(conn.get_transaction()))

    first = asyncio.create_task(db.run(hold))
    await asyncio.sleep(0.05)
    rest = [asyncio.create_task(db.run(count)) for _ in range(64)]
    await asyncio.sleep(0.05)
    gate.set()
    await asyncio.gather(first, *rest)
    await db.close()
    assert len(begun) == 64
    assert len(set(begun)) == 1


async def test_reading_goes_on_beside_a_long_write(db: Database) -> None:
    """A reader neither waits for a writer nor sees what is not committed."""
    started, gate = threading.Event(), threading.Event()

    def slow(conn: Connection) -> None:
        put("t1")(conn)
        started.set()
        if db.dialect == "sqlite":  # on PostgreSQL works run on the loop's own thread and must not block it
            gate.wait(5)

    writing = asyncio.create_task(db.run(slow))
    if db.dialect == "sqlite":
        await asyncio.to_thread(started.wait)
        assert await db.read(keys) == set()
    gate.set()
    await writing
    assert await db.read(keys) == {"t1"}


async def test_reads_cannot_write(db: Database) -> None:
    """A work given to `read` by mistake fails instead of writing past the writer."""
    with pytest.raises(Unavailable, match=r"read only|25006"):
        await db.read(put("t1"))
    assert await db.read(keys) == set()
    await db.run(put("t2"))
    assert await db.read(keys) == {"t2"}


async def test_a_cancelled_caller_does_not_break_the_transaction(db: Database) -> None:
    """What was handed over is finished; the connection is fit for the next one."""
    task = asyncio.create_task(db.run(put("t1")))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await db.run(put("t2"))
    await db.close()


async def test_close_finishes_what_was_taken(database_url: str) -> None:
    """Works queued before `close` are committed, later ones refused, and a second close does nothing."""
    db = await Database.open(database_url)
    taken = [asyncio.create_task(db.run(put(f"t{n}"))) for n in range(30)]
    await asyncio.sleep(0)
    await asyncio.gather(db.close(), *taken)
    await db.close()
    for refused in (db.run(put("t99")), db.read(keys)):
        with pytest.raises(Unavailable):
            await refused
    again = await Database.open(database_url)
    assert await again.read(lambda conn: len(keys(conn))) == 30
    await again.close()


async def test_many_loops_and_one_that_stops(sqlite_url: str) -> None:
    """The writer serves several event loops; one that has gone hangs nobody."""
    db = await Database.open(sqlite_url)
    gate = threading.Event()

    async def leave_early() -> None:
        task = asyncio.create_task(db.run(lambda _: gate.wait(5)))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(task, 0.05)

    await asyncio.to_thread(in_own_loop, leave_early)
    gate.set()
    results = await asyncio.to_thread(in_own_loop, lambda: db.run(put("t1")))
    assert results == "t1"
    assert await db.run(lambda conn: conn.execute(select(func.count()).select_from(meta)).scalar_one()) >= 3
    await db.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://host/name"])
async def test_other_databases_are_refused(url: str) -> None:
    """Only a SQLite file or PostgreSQL will do: an in-memory database would lose every case."""
    with pytest.raises(ValueError, match="a database is"):
        await Database.open(url)


async def test_postgres_out_of_reach() -> None:
    """A server that is not there is a state of the infrastructure."""
    with pytest.raises(Unavailable, match="not reachable"):
        await Database.open("postgresql://nobody@127.0.0.1:9/none")


async def test_postgres_connection_cut(postgres_url: str) -> None:
    """A killed connection is Unavailable, and the next work finds a new one."""
    db = await Database.open(postgres_url)
    with pytest.raises(Unavailable):
        await db.run(lambda conn: conn.execute(select(func.pg_terminate_backend(func.pg_backend_pid()))).all())
    for _ in range(20):
        try:
            assert await db.run(put("t1")) == "t1"
            break
        except Unavailable:
            await asyncio.sleep(0.05)
    assert await db.read(keys) == {"t1"}
    await db.close()


async def test_postgres_deadlock_is_nobodys_fault(postgres_url: str) -> None:
    """Two transactions that wait for each other: the loser is told Unavailable, not an error of its row."""
    db = await Database.open(postgres_url)
    await db.run_group([put("t1"), put("t2")])
    both = asyncio.Barrier(2)

    def lock(first: str, second: str) -> Callable[[Connection], None]:
        def work(conn: Connection) -> None:
            from sqlalchemy.util import await_only

            conn.execute(select(meta.c.key).where(meta.c.key == first).with_for_update()).all()
            await_only(both.wait())
            conn.execute(select(meta.c.key).where(meta.c.key == second).with_for_update()).all()

        return work

    results = await asyncio.gather(db.run(lock("t1", "t2")), db.run(lock("t2", "t1")), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "Unavailable"]
    await db.close()


def test_a_server_that_is_away_is_away_for_every_event_loop() -> None:
    """The fast loop raises the refusal from another place than Python's own."""
    uvloop = pytest.importorskip("uvloop")

    async def open_it() -> None:
        with pytest.raises(Unavailable, match="not reachable"):
            await Database.open("postgresql://u@127.0.0.1:1/none")

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(open_it())
