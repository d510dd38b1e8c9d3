"""One owner per account, and what its gate learns from the database, on both of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection

from bot.flow.book import Book
from bot.flow.counts import Tenure
from bot.flow.gate import Gate, Windows
from bot.flow.intake import Intake
from bot.flow.loops import Bell, Pulse
from bot.flow.owner import Owner
from bot.flow.photo import PhotoLimits
from bot.flow.terms import STANDARD, Terms
from bot.flow.traces import Traces
from bot.model import ChatKind, Post, SendResult
from bot.ports import Accept, ChannelState
from storage import leases, links, menus, people
from storage.engine import Database
from tests.fakes.bridge import until
from tests.fakes.paper import START, PaperChannel
from tests.integration.flow.desk_of_one import (
    ACCOUNT,
    Cable,
    Clock,
    a_case,
    a_chat,
    a_post,
    delivery,
    inbox_rows,
    outbox_row,
    put,
)
from tests.unit.flow.small_rules import GROUP, hears, later, new_gate

LEASE = f"account:{ACCOUNT}"
LONG = "今天菜市场的白菜特别新鲜，大家快去买"


def real_time() -> datetime:
    return datetime.now(UTC)


async def an_owner(
    db: Database,
    town: PaperChannel,
    *,
    holder: str = "one",
    clock: Callable[[], datetime] = real_time,
    terms: Terms = STANDARD,
) -> Owner:
    book, gate = Book(), new_gate()
    await book.open(db)
    intake = Intake(town, gate, db, book, clock=clock, limits=PhotoLimits(), max_text=4000, woken=Bell())
    sender = await delivery(db, town, Clock())
    traces = Traces(gate, db, ACCOUNT, clock=clock, windows=Windows())
    return Owner(town, intake, sender, traces, db, holder=holder, clock=clock, bell=Bell(), pulse=Pulse(), terms=terms)


@asynccontextmanager
async def running(owner: Owner) -> AsyncIterator[asyncio.Event]:
    stop = asyncio.Event()
    task = asyncio.create_task(owner.run(stop))
    try:
        yield stop
    finally:
        stop.set()
        async with asyncio.timeout(5):
            await task


async def holder_of(db: Database) -> str | None:
    return await db.read(lambda conn: leases.holder(conn, LEASE, real_time()))


async def test_the_owner_listens_and_delivers(db: Database, town: PaperChannel) -> None:
    """With the lease it hears and speaks; told to stop it gives the lease back at once."""
    chat = await db.run(lambda conn: a_chat(conn, GROUP))
    await put(db, a_post(chat, "修好了"))
    async with running(await an_owner(db, town)):
        await until(lambda: town.status.state is ChannelState.UP)
        assert await holder_of(db) == "one"
        await town.hear(town.say(GROUP, "u1", "路灯坏了"))
        assert len(await inbox_rows(db)) == 1
        await until(lambda: town.posts(GROUP))
    assert town.status.state is ChannelState.STOPPED
    assert await holder_of(db) is None


async def test_only_one_of_two_owners_works(db: Database, town: PaperChannel) -> None:
    """The second waits without touching the platform."""
    other = PaperChannel(ACCOUNT)
    async with running(await an_owner(db, town)):
        await until(lambda: town.status.state is ChannelState.UP)
        async with running(await an_owner(db, other, holder="two")):
            await asyncio.sleep(0.1)
            assert other.status.state is ChannelState.STOPPED
            assert await holder_of(db) == "one"


@pytest.mark.parametrize("dead", [False, True])
async def test_the_next_owner_does_not_wait_longer_than_it_must(
    db: Database, town: PaperChannel, *, dead: bool
) -> None:
    """It looks more often than the lease is renewed: an account that was given back, or ran out, is had at once."""
    quick, other = Terms(account=timedelta(seconds=12)), PaperChannel(ACCOUNT)
    left = timedelta(seconds=0.5 if dead else 60)
    epoch = await db.run(lambda conn: leases.acquire(conn, LEASE, "one", real_time(), left))
    assert epoch is not None
    async with running(await an_owner(db, other, holder="two", terms=quick)):
        await asyncio.sleep(0.1)
        assert await holder_of(db) == "one"
        if not dead:
            await db.run(lambda conn: leases.release(conn, LEASE, "one", epoch))
        await until(lambda: other.status.state is ChannelState.UP, 3)


async def test_a_channel_that_breaks_is_no_crash(
    db: Database, town: PaperChannel, caplog: pytest.LogCaptureFixture
) -> None:
    """Its account is given up and rests; the program goes on and stops in good order."""

    class Broken(PaperChannel):
        async def run(self, accept: Accept, stop: Callable[[], Awaitable[None]]) -> None:
            raise RuntimeError("a bug in a channel")

    async with running(await an_owner(db, Broken(ACCOUNT))):
        await until(lambda: "channel failed" in caplog.text)
    assert caplog.text.count("channel failed") == 1
    assert await holder_of(db) is None


async def test_a_database_that_is_away_at_the_start_is_waited_for(
    db: Database, town: PaperChannel, caplog: pytest.LogCaptureFixture
) -> None:
    """The gate could not be filled: nothing is heard with an empty memory, and nothing crashes."""
    cable = Cable(db)
    owner = await an_owner(cable, town)
    cable.out_after = 2  # the lease is taken, the links cannot be read
    async with running(owner):
        await until(lambda: "gate not filled" in caplog.text)
        assert town.status.state is ChannelState.STOPPED


async def test_links_that_cannot_be_read_are_no_crash(
    sqlite_url: str, town: PaperChannel, caplog: pytest.LogCaptureFixture
) -> None:
    """One row is damaged: the account rests and is tried again; the program, and its other accounts, live on."""
    db = await Database.open(sqlite_url)

    def seed(conn: Connection) -> None:
        chat, case = a_chat(conn), a_case(conn).id
        links.add(conn, case_id=case, chat_id=chat, message_id="1", role="report", person_id=None, said_at=START)
        conn.exec_driver_sql("UPDATE case_link SET said_at = '9 o''clock'")

    await db.run(seed)
    async with running(await an_owner(db, town)):
        await until(lambda: "gate not filled" in caplog.text)
    assert await holder_of(db) is None
    await db.close()


async def test_a_lost_lease_ends_the_work(db: Database, town: PaperChannel) -> None:
    """Somebody else has the account: the channel is closed before the next message."""
    ttl = timedelta(seconds=0.3)
    owner = await an_owner(db, town, terms=Terms(account=ttl))
    async with running(owner):
        await until(lambda: town.status.state is ChannelState.UP)
        assert owner.tenure == Tenure(held=True, taken=1, lost=0)
        stolen = real_time() + timedelta(days=1)
        await db.run(lambda conn: leases.acquire(conn, LEASE, "one", stolen, ttl))
        await until(lambda: town.status.state is ChannelState.STOPPED)
        assert (owner.tenure.held, owner.tenure.lost) == (False, 1)


async def test_a_channel_closes_when_what_is_on_its_way_has_its_answer(db: Database, town: PaperChannel) -> None:
    """Else every stop would leave posts of which nobody knows whether they arrived."""
    begun, states = asyncio.Event(), list[ChannelState]()

    class Slow(PaperChannel):
        async def send(self, post: Post) -> SendResult:
            begun.set()
            await asyncio.sleep(0.1)
            states.append(self.status.state)
            return await super().send(post)

    chat = await db.run(lambda conn: a_chat(conn, GROUP))
    [row] = await put(db, a_post(chat, "修好了"))
    async with running(await an_owner(db, Slow(ACCOUNT))):
        async with asyncio.timeout(5):
            await begun.wait()
    assert states == [ChannelState.UP]
    assert (await outbox_row(db, row))["state"] == "sent"


async def test_loops_that_ended_with_the_lease_do_not_look_hung(db: Database, town: PaperChannel) -> None:
    """While they run they are watched; another process has the account now, and this one is well."""
    owner = await an_owner(db, town)
    async with running(owner):
        await until(lambda: len(owner._pulse.beats) == 3)
    assert owner._pulse.beats == {}
    assert owner.tenure == Tenure(held=False, taken=1, lost=0)


async def test_a_platform_that_is_away_is_said_once(
    db: Database, town: PaperChannel, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """And that it is back; not every second."""
    caplog.set_level("INFO")
    owner = await an_owner(db, town, clock=clock)
    for state in (ChannelState.FAILED, ChannelState.UP):
        town.turn(state)
        for _ in range(60):
            await owner._look()
            clock.move(1)
    said = [getattr(record, "action", "") for record in caplog.records]
    assert [action for action in said if action.startswith("platform")] == ["platform_away", "platform_back"]


# ---------------------------------------------------------------- what the gate learns


async def a_gate(db: Database, clock: Clock) -> tuple[Gate, Traces]:
    gate = new_gate()
    return gate, Traces(gate, db, ACCOUNT, clock=clock, windows=Windows())


async def linked(db: Database, message_id: str, role: str, *, by: str | None = None, seconds: float = 0) -> int:
    """Link a message of the group to a new case; the case's id."""
    chat = await db.run(lambda conn: a_chat(conn, GROUP))
    case = await db.run(a_case)
    person = await db.run(lambda conn: people.ensure_person(conn, "paper", by, by, START).id) if by else None
    await db.run(
        lambda conn: links.add(
            conn,
            case_id=case.id,
            chat_id=chat,
            message_id=message_id,
            role=role,
            person_id=person,
            said_at=later(seconds),
        )
    )
    return case.id


async def test_a_restart_forgets_nothing_that_counts(db: Database, town: PaperChannel, clock: Clock) -> None:
    """Linked messages, warmth, heat after a report: all from the links, on the platform's time."""
    await linked(db, "900", "report", by="u1")
    gate, traces = await a_gate(db, clock)
    await traces.rebuild()
    assert hears(gate, town.say(GROUP, "u9", LONG, reply_to="900")) == "linked"
    assert hears(gate, town.say(GROUP, "u1", LONG, sent_at=later(600))) == "warm"
    assert hears(gate, town.say(GROUP, "u1", LONG, sent_at=later(601))) is None
    assert hears(gate, town.say(GROUP, "u2", "+1", sent_at=later(600))) == "hot"
    assert hears(gate, town.say(GROUP, "u2", "+1", sent_at=later(601))) is None


async def test_a_result_is_learned_while_running(db: Database, town: PaperChannel, clock: Clock) -> None:
    """Whichever process posted it: the next look makes the chat hot for a day, and warms nobody."""
    gate, traces = await a_gate(db, clock)
    await traces.rebuild()
    await linked(db, "901", "result")
    assert hears(gate, town.say(GROUP, "u2", "满意")) is None
    await traces.step()
    assert hears(gate, town.say(GROUP, "u2", "满意", sent_at=later(86400))) == "hot"
    assert hears(gate, town.say(GROUP, "u2", LONG, sent_at=later(60))) is None


async def test_who_is_asked_stays_warm_until_he_answers(db: Database, town: PaperChannel, clock: Clock) -> None:
    """The bot waits two hours for the place, in this group only; answered or out of date, the wait is over."""
    case = await linked(db, "902", "report", by="u1", seconds=-7200)
    chat, person = await db.run(
        lambda conn: (a_chat(conn, GROUP), people.ensure_person(conn, "paper", "u1", "u1", START).id)
    )
    asked = await db.run(
        lambda conn: menus.ask(
            conn, chat_id=chat, person_id=person, case_id=case, kind="place", asked_at=START, until=later(7200)
        )
    )
    gate, traces = await a_gate(db, clock)
    await traces.rebuild()
    assert hears(gate, town.say(GROUP, "u1", LONG, sent_at=later(3600))) == "warm"
    assert hears(gate, town.say(GROUP, "u2", LONG, sent_at=later(3600))) is None
    await db.run(lambda conn: menus.answered(conn, asked))
    await traces.step()
    assert hears(gate, town.say(GROUP, "u1", LONG, sent_at=later(3700))) is None


async def test_old_links_are_not_read(db: Database, town: PaperChannel, clock: Clock) -> None:
    """A start reads the last thirty days, not years."""
    await linked(db, "903", "report", by="u1", seconds=-31 * 86400)
    gate, traces = await a_gate(db, clock)
    await traces.rebuild()
    assert gate.admit(town.say(GROUP, "u9", LONG, reply_to="903"), ChatKind.RESIDENTS) is None


async def test_the_clock_of_the_traces_clears_the_hold(db: Database, town: PaperChannel, clock: Clock) -> None:
    """In a silent night the last small talk leaves the memory, too."""
    gate, traces = await a_gate(db, clock)
    await traces.step()
    gate.admit(town.say(GROUP, "u1", "晚安"), ChatKind.RESIDENTS)
    await traces.step()
    clock.move(121)
    await traces.step()
    assert len(gate._held) == 0
