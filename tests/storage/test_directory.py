"""Areas, chats with their addresses, persons with their accounts and roles, and the version of it all."""

from __future__ import annotations

import asyncio

from sqlalchemy import Connection, func, select

from storage import directory, inbox, links, outbox
from storage.engine import Database
from storage.schema import chat as chats
from storage.schema import person as persons
from tests.storage.seeds import ACCOUNT, LEASE, NOW, a_case, later, message, post


def town(conn: Connection) -> dict[str, int]:
    """A small town through every kind of write."""
    ids = {"town": directory.add_area(conn, code="t", name="青石镇", level="town")}
    ids["grid"] = directory.add_area(conn, code="g", name="东关一", level="grid", parent_id=ids["town"])
    ids["worker"] = directory.add_person(conn, name="王芳", phone="5551", now=NOW)
    ids["stand_in"] = directory.add_person(conn, name="李梅", now=NOW)
    ids["group"] = directory.add_chat(conn, ACCOUNT, "g1", kind="residents", mode="full", title="东关群", now=NOW)
    ids["private"] = directory.add_chat(conn, ACCOUNT, "p1", kind="private", person_id=ids["worker"], now=NOW)
    ids["unit"] = directory.add_unit(conn, code="power", name="供电所", area_id=ids["town"], chat_id=ids["group"])
    directory.add_identity(conn, "webchat", "wang", ids["worker"])
    directory.grant(conn, ids["worker"], "grid_worker", area_id=ids["grid"])
    directory.link_area(conn, ids["group"], ids["grid"])
    directory.link_area(conn, ids["group"], ids["town"])
    directory.add_alias(conn, ids["grid"], "老油坊", "东三街南头")
    ids["duty"] = directory.add_duty(
        conn, kind="leave", person_id=ids["worker"], substitute_id=ids["stand_in"], starts_at=NOW, ends_at=later(600)
    )
    return ids


async def test_load(db: Database) -> None:
    """The snapshot holds all that was written; residents and their private chats are no part of it."""

    def write(conn: Connection) -> dict[str, int]:
        ids = town(conn)
        resident = directory.ensure_person(conn, "webchat", "r1", "李阿姨", NOW)
        directory.ensure_chat(conn, ACCOUNT, "p2", kind="private", now=NOW, person_id=resident.id)
        return ids

    ids = await db.run(write)
    rows = await db.read(directory.load)
    assert [(area.name, area.parent_id) for area in rows.areas] == [("青石镇", None), ("东关一", ids["town"])]
    assert [(alias.alias, alias.stands_for) for alias in rows.aliases] == [("老油坊", "东三街南头")]
    assert [(unit.name, unit.chat_id, unit.is_default) for unit in rows.units] == [("供电所", ids["group"], False)]
    assert [person.name for person in rows.persons] == ["王芳", "李梅"]
    assert [(role.person_id, role.role, role.area_id) for role in rows.roles] == [
        (ids["worker"], "grid_worker", ids["grid"])
    ]
    assert [(duty.substitute_id, duty.ends_at) for duty in rows.duties] == [(ids["stand_in"], later(600))]
    assert [(identity.native_id, identity.person_id) for identity in rows.identities] == [("wang", ids["worker"])]
    group, private = rows.chats
    assert (group.areas, group.mode, group.native_id, group.title) == ((1, 2), "full", "g1", "东关群")
    assert (private.person_id, private.areas, private.account) == (ids["worker"], (), ACCOUNT)
    assert rows.version == await db.read(directory.version)


async def test_writing_twice_is_writing_once(db: Database) -> None:
    """What has a natural key is changed, not doubled: an import may run again."""
    await db.run(town)

    def again(conn: Connection) -> None:
        directory.add_area(conn, code="g", name="东关一网格", level="grid", parent_id=1)
        directory.add_alias(conn, 2, "老油坊", "西街")
        directory.add_unit(conn, code="power", name="镇供电所", is_default=True)
        directory.add_identity(conn, "webchat", "wang", 2)
        directory.grant(conn, 1, "grid_worker", area_id=2)
        directory.link_area(conn, 1, 2)
        directory.add_chat(conn, ACCOUNT, "g1", kind="staff", now=NOW)

    await db.run(again)
    rows = await db.read(directory.load)
    assert [area.name for area in rows.areas] == ["青石镇", "东关一网格"]
    assert [alias.stands_for for alias in rows.aliases] == ["西街"]
    assert [(unit.name, unit.is_default) for unit in rows.units] == [("镇供电所", True)]
    assert [identity.person_id for identity in rows.identities] == [2]
    assert len(rows.roles) == 1
    assert (rows.chats[0].kind, rows.chats[0].title, rows.chats[0].mode) == ("staff", "东关群", "shadow")


async def test_every_write_raises_the_version(db: Database) -> None:
    """A process that holds a snapshot sees that it is old; meeting a resident does not make it old."""
    ids = await db.run(town)
    writes = [
        lambda conn: directory.set_mode(conn, ids["group"], "results"),
        lambda conn: directory.set_kind(conn, ids["group"], "residents"),
        lambda conn: directory.set_title(conn, ids["group"], "新名"),
        lambda conn: directory.set_owner(conn, ids["private"], ids["stand_in"]),
        lambda conn: directory.set_reachable(conn, ids["group"], reachable=False),
        lambda conn: directory.set_muted(conn, ids["group"], later(60)),
        lambda conn: directory.unlink_area(conn, ids["group"], ids["town"]),
        lambda conn: directory.set_address(conn, ids["group"], ACCOUNT, "g9"),
        lambda conn: directory.set_person(conn, ids["worker"], phone="5552", active=False),
        lambda conn: directory.revoke(conn, ids["worker"], "grid_worker", area_id=ids["grid"]),
        lambda conn: directory.end_duty(conn, ids["duty"], later(5)),
        lambda conn: directory.ensure_chat(conn, ACCOUNT, "new group", kind="unknown", now=NOW),
    ]
    for write in writes:
        before = await db.read(directory.version)
        await db.run(write)
        assert await db.read(directory.version) > before
    before = await db.read(directory.version)
    await db.run(lambda conn: directory.ensure_person(conn, "webchat", "r9", "张叔", NOW))
    await db.run(lambda conn: directory.ensure_chat(conn, ACCOUNT, "p9", kind="private", now=NOW))
    assert await db.read(directory.version) == before
    rows = await db.read(directory.load)
    group = rows.chats[0]
    assert (group.mode, group.title, group.reachable, group.muted_until) == ("results", "新名", False, later(60))
    assert (group.areas, group.native_id) == ((ids["grid"],), "g9")
    assert (rows.persons[0].active, rows.persons[0].phone, rows.roles) == (False, "5552", ())
    assert rows.duties[0].ends_at == later(5)


async def test_a_failed_write_leaves_the_version(db: Database) -> None:
    """The version is raised in the transaction of the write."""
    before = await db.read(directory.version)

    def fail(conn: Connection) -> None:
        directory.add_area(conn, code="x", name="x", level="grid")
        raise ValueError

    assert isinstance((await db.run_group([fail]))[0], ValueError)
    assert await db.read(directory.version) == before


async def test_grants_without_area_are_granted_once(db: Database) -> None:
    """Empty columns are never equal to a unique constraint; a grant is still made once, also by two at a time."""
    person = await db.run(lambda conn: directory.add_person(conn, name="陈", now=NOW))
    made = await asyncio.gather(*(db.run(lambda conn: directory.grant(conn, person, "admin")) for _ in range(5)))
    assert len(set(made)) == 1
    assert await db.run(lambda conn: directory.revoke(conn, person, "admin"))
    assert not await db.run(lambda conn: directory.revoke(conn, person, "admin"))


async def test_duty_ends_once(db: Database) -> None:
    """Ending what is over or unknown says so."""
    ids = await db.run(town)
    assert await db.run(lambda conn: directory.end_duty(conn, ids["duty"], later(5)))
    assert not await db.run(lambda conn: directory.end_duty(conn, ids["duty"], later(6)))
    assert not await db.run(lambda conn: directory.end_duty(conn, 99, later(6)))


async def test_meeting_a_chat_and_a_person(db: Database) -> None:
    """Known ones are returned as they are, whatever is said of them this time."""
    person = await db.run(lambda conn: directory.ensure_person(conn, "webchat", "u1", "李阿姨", NOW))
    again = await db.run(lambda conn: directory.ensure_person(conn, "webchat", "u1", "另一个名字", NOW))
    assert again == person
    chat = await db.run(lambda conn: directory.ensure_chat(conn, ACCOUNT, "g1", kind="unknown", now=NOW, title="群"))
    assert await db.run(lambda conn: directory.ensure_chat(conn, ACCOUNT, "g1", kind="residents", now=NOW)) == chat
    assert await db.read(lambda conn: directory.chat(conn, chat.id)) == chat
    assert await db.read(lambda conn: directory.chat_of(conn, ACCOUNT, "g1")) == chat
    assert await db.read(lambda conn: directory.chat_of(conn, "webchat:other", "g1")) is None
    assert await db.read(lambda conn: directory.person(conn, person.id)) == person
    assert await db.read(lambda conn: directory.person_of(conn, "qq", "u1")) is None
    [identity] = await db.read(lambda conn: directory.identities_of(conn, person.id))
    assert (identity.channel, identity.native_id) == ("webchat", "u1")


async def test_meeting_at_the_same_moment(db: Database) -> None:
    """Several processes hear from a new chat and a new speaker at once: one chat, one person, nothing left over."""
    met = [db.run(lambda conn: directory.ensure_chat(conn, ACCOUNT, "g1", kind="residents", now=NOW)) for _ in range(6)]
    assert len({chat.id for chat in await asyncio.gather(*met)}) == 1
    heard = [db.run(lambda conn: directory.ensure_person(conn, "webchat", "u1", "李", NOW)) for _ in range(6)]
    assert len({person.id for person in await asyncio.gather(*heard)}) == 1
    for table in (chats, persons):
        count = select(func.count()).select_from(table)
        assert await db.read(lambda conn, count=count: conn.execute(count).scalar()) == 1  # type: ignore[misc]


async def test_private_chats(db: Database) -> None:
    """Where a person can be reached alone: not in groups, not where the bot was shut out."""
    ids = await db.run(town)

    def more(conn: Connection) -> None:
        directory.add_chat(conn, "qq:x", "p", kind="private", person_id=ids["worker"], now=NOW)
        gone = directory.add_chat(conn, "qq:y", "p", kind="private", person_id=ids["worker"], now=NOW)
        directory.set_reachable(conn, gone, reachable=False)

    await db.run(more)
    reachable = await db.read(lambda conn: directory.private_chats(conn, ids["worker"]))
    assert [(chat.account, chat.native_id) for chat in reachable] == [(ACCOUNT, "p1"), ("qq:x", "p")]


async def test_a_group_gets_a_new_id(db: Database) -> None:
    """Both ids lead to the same chat, which lives at the new one; a repeat and an unknown group do no harm."""
    chat = await db.run(lambda conn: directory.ensure_chat(conn, ACCOUNT, "old", kind="residents", now=NOW))
    for _ in range(2):
        await db.run(lambda conn: directory.migrate(conn, ACCOUNT, "old", "new"))
    await db.run(lambda conn: directory.migrate(conn, ACCOUNT, "never heard of", "x"))
    for native_id in ("old", "new"):
        found = await db.read(lambda conn, n=native_id: directory.chat_of(conn, ACCOUNT, n))  # type: ignore[misc]
        assert found is not None
        assert (found.id, found.native_id) == (chat.id, "new")
    assert await db.read(lambda conn: directory.chat_of(conn, ACCOUNT, "x")) is None


async def test_messages_that_came_before_the_news(db: Database) -> None:
    """A group spoke under its new id before the platform told: its rows and links follow into the old chat."""

    def before(conn: Connection) -> tuple[int, int]:
        old = directory.ensure_chat(conn, ACCOUNT, "old", kind="residents", now=NOW).id
        double = directory.ensure_chat(conn, ACCOUNT, "new", kind="unknown", now=NOW).id
        inbox.put(conn, [message(old, "a"), message(double, "b")])
        outbox.put(conn, [post("l", chat_id=double)], NOW)
        case = a_case(conn)
        for chat_id, message_id in ((old, "m1"), (double, "m1"), (double, "m2")):
            links.add(
                conn,
                case_id=case.id,
                chat_id=chat_id,
                message_id=message_id,
                role="report",
                person_id=None,
                said_at=NOW,
            )
        directory.migrate(conn, ACCOUNT, "old", "new")
        return old, double

    old, double = await db.run(before)
    [row] = await db.run(lambda conn: inbox.claim(conn, NOW, limit=9, lease=LEASE))
    assert (row.event_key, row.chat_id) == ("a", old)
    [sent], _ = await db.run(lambda conn: outbox.claim(conn, NOW, accounts=[ACCOUNT], limit=9, lease=LEASE))
    assert sent.chat_id == old
    assert [link.message_id for link in await db.read(lambda conn: links.of_case(conn, 1)) if link.chat_id == old] == [
        "m1",
        "m2",
    ]
    left = await db.read(lambda conn: directory.chat(conn, double))
    assert left is not None
    assert (left.reachable, left.native_id) == (False, "")
