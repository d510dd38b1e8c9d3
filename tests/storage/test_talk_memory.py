"""Links, menus, questions, ratings, the reminder log, leases, photos, the calendar."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

from sqlalchemy import Connection, func, select

from storage import blobs, calendar, directory, leases, links, menus, ratings, reminders
from storage.engine import Database
from storage.schema import blob
from tests.storage.seeds import ACCOUNT, NOW, a_case, a_chat, a_person, later

TTL = timedelta(seconds=30)


def link(conn: Connection, chat_id: int, message_id: str, case_id: int, **values: object) -> None:
    facts: dict[str, object] = {"role": "report", "person_id": None, "said_at": NOW, **values}
    links.add(conn, case_id=case_id, chat_id=chat_id, message_id=message_id, **facts)  # type: ignore[arg-type]


async def test_an_id_that_was_given_out_again(db: Database) -> None:
    """Its links are the later message's: a quote must not speak about a case of years ago."""

    def seed(conn: Connection) -> int:
        chat_id, old, new = a_chat(conn), a_case(conn), a_case(conn)
        link(conn, chat_id, "m1", old.id)
        link(conn, chat_id, "m1", new.id, role="card", said_at=later(7200))
        return chat_id

    chat_id = await db.run(seed)
    found = await db.read(lambda conn: links.find(conn, chat_id, "m1"))
    assert [(row.case_id, row.role) for row in found] == [(2, "card")]


async def test_links(db: Database) -> None:
    """A message may belong to two cases, to each once; it is found by quote, case, chat and time."""

    def seed(conn: Connection) -> int:
        chat_id, case, other = a_chat(conn), a_case(conn), a_case(conn)
        link(conn, chat_id, "m1", case.id)
        link(conn, chat_id, "m1", case.id, role="card")
        link(conn, chat_id, "m1", other.id)
        link(conn, chat_id, "m2", case.id, role="result", closing=1, said_at=later(9))
        return chat_id

    chat_id = await db.run(seed)
    found = await db.read(lambda conn: links.find(conn, chat_id, "m1"))
    assert [(row.case_id, row.role) for row in found] == [(1, "report"), (2, "report")]
    assert await db.read(lambda conn: links.find(conn, chat_id, "m9")) == []
    assert [row.message_id for row in await db.read(lambda conn: links.of_case(conn, 1))] == ["m1", "m2"]
    [result] = await db.read(lambda conn: links.of_case(conn, 1, roles=["result", "ack"]))
    assert (result.message_id, result.closing, result.said_at) == ("m2", 1, later(9))
    assert [row.id for row in await db.read(lambda conn: links.since(conn, later(1), 9))] == [result.id]
    assert len(await db.read(lambda conn: links.after(conn, found[0].id, 1))) == 1
    spoken = await db.read(lambda conn: links.spoken(conn, chat_id, later(9), None))
    assert [(one.case_id, one.role, one.own, one.said_at) for one in spoken] == [(1, "result", False, later(9))]


async def test_links_summed_up(db: Database) -> None:
    """However many said the same: the last word of the speaker and of all others, the first message of each chat."""

    def seed(conn: Connection) -> tuple[int, int]:
        here, there = a_chat(conn), a_chat(conn, "g-there")
        me, case = a_person(conn, "u1"), a_case(conn)
        for second, (chat_id, person) in enumerate([(here, None), (here, me), (there, me), (here, None), (here, me)]):
            link(conn, chat_id, f"m{second}", case.id, role="support", person_id=person, said_at=later(second))
        return here, me

    here, me = await db.run(seed)
    spoken = await db.read(lambda conn: links.spoken(conn, here, NOW, me))
    assert sorted((one.own, one.said_at) for one in spoken) == [(False, later(3)), (True, later(4))]
    first = await db.read(lambda conn: links.raised(conn, 1, ["report", "support"]))
    assert [row.message_id for row in first] == ["m0", "m2"]


async def test_traces_speak_an_accounts_language(db: Database) -> None:
    """A gate learns links in its own account's ids: the chat's present address, the speaker's name there."""

    def seed(conn: Connection) -> None:
        group, elsewhere = (
            a_chat(conn, "g-old"),
            directory.ensure_chat(conn, "qq:x", "q1", kind="residents", now=NOW).id,
        )
        person, case = a_person(conn, "u1"), a_case(conn)
        directory.add_identity(conn, "qq", "555", person)
        link(conn, group, "m1", case.id, person_id=person)
        link(conn, elsewhere, "m2", case.id, person_id=person)
        link(conn, group, "m3", case.id, role="result", said_at=later(5))
        directory.migrate(conn, ACCOUNT, "g-old", "g-new")

    await db.run(seed)
    found = await db.read(lambda conn: links.traces(conn, ACCOUNT, after=0, since=NOW, limit=10))
    assert [(trace.chat, trace.message_id, trace.role, trace.sender) for trace in found] == [
        ("g-new", "m1", "report", "u1"),
        ("g-new", "m3", "result", None),
    ]
    later_ones = await db.read(lambda conn: links.traces(conn, ACCOUNT, after=found[0].link_id, since=NOW, limit=10))
    assert later_ones == found[1:]
    assert await db.read(lambda conn: links.traces(conn, ACCOUNT, after=0, since=later(1), limit=10)) == found[1:]


async def test_menus(db: Database) -> None:
    """The last list shown counts; a delivered one is found by the message it became, as it was shown in the end."""

    def seed(conn: Connection) -> tuple[int, int]:
        chat_id, person_id = a_chat(conn), a_person(conn)
        menus.put_menu(conn, chat_id=chat_id, person_id=person_id, items=[3, 2, 1], shown_at=NOW, outbox_id=7)
        menus.put_menu(conn, chat_id=chat_id, person_id=person_id, items=[2], shown_at=later(1))
        menus.bind_menu(conn, 7, "m7", [3, 1])
        return chat_id, person_id

    chat_id, person_id = await db.run(seed)
    last = await db.read(lambda conn: menus.last_menu(conn, chat_id, person_id))
    assert last is not None
    assert last.items == (2,)
    quoted = await db.read(lambda conn: menus.menu_by_message(conn, chat_id, "m7"))
    assert quoted is not None
    assert quoted.items == (3, 1)
    assert await db.read(lambda conn: menus.last_menu(conn, chat_id, person_id + 1)) is None
    assert await db.read(lambda conn: menus.menu_by_message(conn, chat_id, "m8")) is None


async def test_one_open_question(db: Database) -> None:
    """A newer question replaces the older one; out of date or answered there is none."""

    def ask(conn: Connection, kind: str, case_id: int) -> int:
        return menus.ask(
            conn,
            chat_id=a_chat(conn),
            person_id=a_person(conn),
            case_id=case_id,
            kind=kind,
            asked_at=NOW,
            until=later(60),
        )

    def seed(conn: Connection) -> int:
        one, two = a_case(conn).id, a_case(conn).id
        ask(conn, "place", one)
        return ask(conn, "photo", two)

    question_id = await db.run(seed)
    open_one = await db.read(lambda conn: menus.question(conn, 1, 1, later(59)))
    assert open_one is not None
    assert (open_one.id, open_one.kind, open_one.case_id) == (question_id, "photo", 2)
    assert await db.read(lambda conn: menus.question(conn, 1, 1, later(60))) is None
    await db.run(lambda conn: menus.answered(conn, question_id))
    assert await db.read(lambda conn: menus.question(conn, 1, 1, NOW)) is None


async def test_one_grade_per_closing_and_person(db: Database) -> None:
    """The first grade stands; a second closing may be graded anew; an undo takes a grade back."""

    def seed(conn: Connection) -> list[bool]:
        case, person = a_case(conn).id, a_person(conn)
        grades = ((1, 2), (1, 5), (2, 5))
        return [
            ratings.rate(conn, case_id=case, closing=closing, person_id=person, grade=grade, at=NOW)
            for closing, grade in grades
        ]

    assert await db.run(seed) == [True, False, True]
    given = await db.read(lambda conn: ratings.of_case(conn, 1))
    assert [(row.closing, row.grade) for row in given] == [(1, 2), (2, 5)]
    assert await db.run(lambda conn: ratings.remove(conn, case_id=1, closing=2, person_id=1))
    assert not await db.run(lambda conn: ratings.remove(conn, case_id=1, closing=2, person_id=1))


async def test_one_of_many_ticks_reminds(db: Database) -> None:
    """However many processes tick at once, a slot is logged by one of them."""
    await db.run(a_case)
    ticks = [db.run(lambda conn: reminders.log(conn, 1, "yellow", "1.1", NOW)) for _ in range(6)]
    assert sorted(await asyncio.gather(*ticks)) == [False] * 5 + [True]
    assert await db.run(lambda conn: reminders.log(conn, 1, "yellow", "1.2", later(1)))
    logged = await db.read(lambda conn: reminders.slots(conn, 1))
    assert logged == [("yellow", "1.1", NOW), ("yellow", "1.2", later(1))]


async def test_a_lease_has_one_holder(db: Database) -> None:
    """Held, it is refused to others; the epoch grows with each holder and fences the one who woke up late."""

    async def acquire(holder: str, ttl: timedelta = TTL) -> int | None:
        return await db.run(lambda conn: leases.acquire(conn, "account:a", holder, NOW, ttl))

    async def renew(holder: str, epoch: int) -> bool:
        return await db.run(lambda conn: leases.renew(conn, "account:a", holder, epoch, NOW, TTL))

    assert await acquire("one") == 1
    assert await acquire("two") is None
    assert await db.read(lambda conn: leases.holder(conn, "account:a", NOW)) == "one"
    assert await renew("one", 1)
    assert not await renew("two", 1)
    assert await acquire("one") == 2
    assert not await renew("one", 1)
    await db.run(lambda conn: leases.release(conn, "account:a", "one", 1))
    assert await acquire("two") is None
    await db.run(lambda conn: leases.release(conn, "account:a", "one", 2))
    assert await db.read(lambda conn: leases.holder(conn, "account:a", NOW)) is None
    assert await acquire("two", timedelta(seconds=-1)) == 3
    assert await acquire("three") == 4
    assert not await renew("two", 3)


async def test_of_many_that_want_a_lease_one_gets_it(db: Database) -> None:
    """At the same moment, on a lease nobody has had."""
    wanted = [db.run(lambda conn, n=n: leases.acquire(conn, "x", f"p{n}", NOW, TTL)) for n in range(6)]  # type: ignore[misc]
    assert [epoch for epoch in await asyncio.gather(*wanted) if epoch is not None] == [1]


async def test_a_photo_is_stored_once(db: Database) -> None:
    """The same bytes twice are one row; what is known can be asked at once."""

    def keep(conn: Connection) -> None:
        for name in ("aa", "aa", "bb"):
            blobs.put(conn, hash=name, mime="image/jpeg", width=4, height=3, data=name.encode(), now=NOW)

    await db.run(keep)
    photo = await db.read(lambda conn: blobs.get(conn, "aa"))
    assert photo is not None
    assert (photo.data, photo.mime, photo.width, photo.height, photo.created_at) == (b"aa", "image/jpeg", 4, 3, NOW)
    assert await db.read(lambda conn: blobs.get(conn, "cc")) is None
    assert await db.read(lambda conn: blobs.known(conn, ["aa", "cc"])) == {"aa"}
    assert await db.read(lambda conn: conn.execute(select(func.count()).select_from(blob)).scalar()) == 2


async def test_calendar_exceptions(db: Database) -> None:
    """A local day overrides, can be changed and taken back."""
    day = date(2026, 10, 10)
    await db.run(lambda conn: calendar.set_day(conn, day, working=False, note="庙会"))
    await db.run(lambda conn: calendar.set_day(conn, day, working=True))
    assert await db.read(calendar.days) == {day: True}
    assert await db.run(lambda conn: calendar.clear_day(conn, day))
    assert not await db.run(lambda conn: calendar.clear_day(conn, day))
