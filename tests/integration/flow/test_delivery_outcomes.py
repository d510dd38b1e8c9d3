"""Every way a send can end, on both databases, and what follows: links, lists, dead letters, an outage."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.flow import retry
from bot.flow.draft import Draft, Item
from bot.flow.terms import STANDARD
from bot.model import Dead, Post, Retry, Scope, SendResult, Unknown
from bot.ports import ChannelState
from storage import dead_letters, links, menus, outbox, people
from storage.engine import Database
from storage.errors import Unavailable
from tests.fakes.paper import CAPABILITIES, START, PaperChannel
from tests.integration.flow.desk_of_one import (
    ACCOUNT,
    Cable,
    Clock,
    a_case,
    a_chat,
    a_post,
    chat_row,
    delivery,
    lapse,
    outbox_row,
    put,
    run_dry,
    states,
    texts,
)

# ---------------------------------------------------------------- unknown, dead, failed


@pytest.mark.parametrize(("kind", "tries", "end"), [("result", 2, "sent"), ("overdue_red", 1, "unknown")])
@pytest.mark.parametrize("how", ["said", "hangs", "raises"])
async def test_what_may_have_arrived(
    db: Database, town: PaperChannel, clock: Clock, kind: str, tries: int, end: str, how: str
) -> None:
    """No answer in time: a result again, a reminder not, however the uncertainty came about."""
    chat = await db.run(lambda conn: a_chat(conn, kind="staff"))
    if how == "hangs":
        town.hang(arrives=True)
    else:
        town.end(Unknown("timeout") if how == "said" else RuntimeError("broken"), arrives=True)
    await put(db, a_post(chat, "结果", kind=kind))
    sender = await delivery(db, town, clock)
    await run_dry(sender)
    clock.move(5)
    await run_dry(sender)
    assert len(town.tried) == tries
    assert await states(db) == [end]


@pytest.mark.parametrize("how", ["no answer", "killed"])
async def test_where_a_second_delivery_is_dropped_a_reminder_goes_again_too(
    db: Database, clock: Clock, how: str
) -> None:
    """It stands there once, and is known to."""
    town = PaperChannel(ACCOUNT, replace(CAPABILITIES, one_per_key=True), clock=clock)
    town.turn(ChannelState.UP)
    chat = await db.run(lambda conn: a_chat(conn, kind="staff"))
    await put(db, a_post(chat, "快到期了", kind="overdue_red"))
    if how == "killed":
        await _dies_sending(db, clock, on_its_way=True)
        await lapse(db)
    else:
        town.end(Unknown("timeout"), arrives=True)
    sender = await delivery(db, town, clock)
    await run_dry(sender)
    clock.move(5)
    await run_dry(sender)
    assert (await states(db), texts(town)) == (["sent"], ["快到期了"])


async def test_unknown_again_and_again_is_left_to_people(
    db: Database, town: PaperChannel, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """Not for ever; and then the log says so, once."""
    chat = await db.run(a_chat)
    town.end(*[Unknown("timeout")] * 9, arrives=True)
    await put(db, a_post(chat, "结果"))
    sender = await delivery(db, town, clock)
    for wait in (0, *retry.RESENDS, 86_400):
        clock.move(wait)
        await run_dry(sender)
    assert len(texts(town)) == 1 + len(retry.RESENDS)
    assert await states(db) == ["unknown"]
    assert sender.outcomes.unknown == 1
    assert [getattr(record, "action", "") for record in caplog.records] == ["post_unknown"]


@pytest.mark.parametrize(("kind", "end", "posts"), [("result", "sent", 1), ("overdue_red", "unknown", 0)])
async def test_a_lease_that_ran_out_is_unknown(
    db: Database, town: PaperChannel, clock: Clock, kind: str, end: str, posts: int
) -> None:
    """Somebody died between sending and marking; the next owner decides by the kind, and the lane goes on."""
    chat = await db.run(a_chat)
    await put(db, a_post(chat, "一", kind=kind, lane="a"), a_post(chat, "二", lane="a"))
    await _dies_sending(db, clock, on_its_way=True)
    sender = await delivery(db, town, clock)
    assert await run_dry(sender) == 0
    await lapse(db)
    await run_dry(sender)
    assert await states(db) == [end, "sent"]
    assert texts(town) == ["一"] * posts + ["二"]


async def test_what_had_not_left_yet_is_sent_as_if_nothing_had_been(
    db: Database, town: PaperChannel, clock: Clock
) -> None:
    """Claimed by a process that died before the first byte: even a reminder is in no doubt."""
    chat = await db.run(a_chat)
    await put(db, a_post(chat, "一", kind="overdue_red"))
    await _dies_sending(db, clock, on_its_way=False)
    await lapse(db)
    await run_dry(await delivery(db, town, clock))
    assert (await states(db), texts(town)) == (["sent"], ["一"])


async def test_whoever_stood_still_too_long_sends_nothing(db: Database, town: PaperChannel, clock: Clock) -> None:
    """Claimed, then asleep until the claim ran out: another has the post, or may take it at any moment."""
    chat = await db.run(a_chat)
    await put(db, a_post(chat, "一"))
    claimed = await db.run(
        lambda conn: outbox.claim(conn, clock.now, accounts=[ACCOUNT], limit=9, lease=STANDARD.outbox)
    )
    await lapse(db)
    clock.move(0.001)
    assert await db.run(lambda conn: outbox.begin(conn, claimed.rows, clock.now)) == set()
    await run_dry(await delivery(db, town, clock))
    assert await db.run(lambda conn: outbox.begin(conn, claimed.rows, clock.now)) == set()
    assert (await states(db), texts(town)) == (["sent"], ["一"])


async def _dies_sending(db: Database, clock: Clock, *, on_its_way: bool) -> None:
    """What a process leaves behind that is killed after its claim, or while the posts are on their way."""
    claimed = await db.run(
        lambda conn: outbox.claim(conn, clock.now, accounts=[ACCOUNT], limit=9, lease=STANDARD.outbox)
    )
    if on_its_way:
        await db.run(lambda conn: outbox.begin(conn, claimed.rows, clock.now))


async def test_while_the_platform_cannot_be_read_nothing_is_sent(
    db: Database, town: PaperChannel, clock: Clock
) -> None:
    """It costs no row an attempt, however long it lasts."""
    chat = await db.run(a_chat)
    await put(db, a_post(chat, "结果"))
    sender = await delivery(db, town, clock)
    for state in (ChannelState.CONNECTING, ChannelState.FAILED):
        town.turn(state)
        for _ in range(12):
            clock.move(3600)
            await run_dry(sender)
    assert (town.tried, await states(db)) == ([], ["pending"])
    town.turn(ChannelState.UP)
    await run_dry(sender)
    assert (len(town.tried), await states(db)) == (1, ["sent"])


async def test_a_row_that_fails_again_and_again_dies(db: Database, town: PaperChannel, clock: Clock) -> None:
    """After eight failures of its own; its lane goes on behind it."""
    chat = await db.run(a_chat)
    town.end(*[Retry(1, "500")] * 8)
    await put(db, a_post(chat, "坏的", lane="a"), a_post(chat, "好的", lane="a"))
    sender = await delivery(db, town, clock)
    for _ in range(10):
        await run_dry(sender)
        clock.move(61)
    assert await states(db) == ["dead", "sent"]
    assert len(town.tried) == 9
    assert sender.outcomes.dead == 1


async def test_a_dead_destination_is_marked(db: Database, town: PaperChannel, clock: Clock) -> None:
    """Thrown out of the group: the chat is unreachable. A post that is too long says nothing about the chat."""
    one, two = await db.run(a_chat), await db.run(lambda conn: a_chat(conn, "g2"))
    town.end(Dead("kicked", Scope.DESTINATION), Dead("too long"))
    sender = await delivery(db, town, clock)
    await put(db, a_post(one, "一"))
    await run_dry(sender)
    await put(db, a_post(two, "二"))
    await run_dry(sender)
    assert [(await chat_row(db, chat)).reachable for chat in (one, two)] == [False, True]
    assert await states(db) == ["dead", "dead"]
    assert [letter.reason for letter in await db.read(dead_letters.waiting)] == ["too long", "kicked"]


async def test_a_chat_that_moved_is_followed(db: Database, town: PaperChannel, clock: Clock) -> None:
    """The platform tells the new id while refusing: nothing is lost, later posts go there at once."""
    chat = await db.run(a_chat)
    case = (await db.run(a_case)).id
    town.end(Dead("migrated", Scope.DESTINATION, moved_to="g1-super"))
    await put(db, a_post(chat, "结果", case_id=case, draft={"link": "result"}), a_post(chat, "二", case_id=case))
    sender = await delivery(db, town, clock)
    await run_dry(sender)
    assert texts(town, "g1-super") == ["结果", "二"]
    assert await states(db) == ["sent", "sent"]
    row = await chat_row(db, chat)
    assert (row.native_id, row.reachable) == ("g1-super", True)
    [posted] = await db.read(lambda conn: links.of_case(conn, case))
    assert posted.chat_id == chat


async def test_our_own_mistake_stops_nobody_else(
    db: Database, town: PaperChannel, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """A row that cannot be rendered is logged, tried again and given up; those claimed with it go out."""
    chat = await db.run(a_chat)
    broken = replace(a_post(chat, "", lane="a"), body={"view": "text", "no such field": 1})
    await put(db, broken, a_post(chat, "好的", lane="b"))
    sender = await delivery(db, town, clock)
    await run_dry(sender)
    assert texts(town) == ["好的"]
    assert "post not rendered" in caplog.text
    for _ in range(10):
        clock.move(61)
        await run_dry(sender)
    assert await states(db) == ["dead", "sent"]


async def test_nothing_to_say_is_not_said(db: Database, town: PaperChannel, clock: Clock) -> None:
    """A card of a case that is over, a reminder of what is settled."""
    chat = await db.run(lambda conn: a_chat(conn, kind="staff"))
    case = (await db.run(lambda conn: a_case(conn, state="withdrawn"))).id
    card = replace(a_post(chat, "", kind="reported", case_id=case), body={"view": "card", "link": "card"})
    red = Item(case=case, generation=7, n=1, kind="overdue_red", audience="staff", data={})
    reminder = replace(a_post(chat, "", kind="overdue_red"), body=Draft(view="reminder", items=(red,)).dump())
    await put(db, card, reminder)
    await run_dry(await delivery(db, town, clock))
    assert town.tried == []
    assert await states(db) == ["cancelled", "cancelled"]


async def test_what_expired_is_not_said(db: Database, town: PaperChannel, clock: Clock) -> None:
    """Yesterday's reminder helps nobody."""
    chat = await db.run(a_chat)
    await put(db, a_post(chat, "旧的", expires_at=START - timedelta(seconds=1)))
    await run_dry(await delivery(db, town, clock))
    assert (town.tried, await states(db)) == ([], ["expired"])


# ---------------------------------------------------------------- what follows a post


async def test_a_result_is_linked_with_its_closing(db: Database, town: PaperChannel, clock: Clock) -> None:
    """A quote of it will be understood as 「没好」 or a grade for that closing."""
    chat = await db.run(a_chat)
    case = (await db.run(a_case)).id
    await put(db, a_post(chat, "修好了", case_id=case, draft={"link": "result", "closing": 2, "quote": "5"}))
    await run_dry(await delivery(db, town, clock))
    [posted] = town.posts("g1")
    [link] = await db.read(lambda conn: links.find(conn, chat, posted.message_id))
    assert (link.case_id, link.role, link.closing, link.person_id) == (case, "result", 2, None)
    assert posted.quote == "5"


@pytest.mark.parametrize("edits", [True, False], ids=["edits", "cannot edit"])
async def test_a_card_stays_linked_however_it_is_renewed(
    db: Database, town: PaperChannel, clock: Clock, edits: bool
) -> None:
    """Edited it keeps its one link; where the platform posted a new message instead, that one is the card, too."""
    chat = await db.run(lambda conn: a_chat(conn, "s1", kind="staff"))
    case = (await db.run(a_case)).id
    sender = await delivery(db, town, clock)
    await put(db, a_post(chat, "卡片", kind="reported", case_id=case, draft={"link": "card"}))
    await run_dry(sender)
    old = town.posts("s1")[0].message_id
    renewed = {"link": "card", "edits": old if edits else "unknown"}
    await put(db, a_post(chat, "新卡片", kind="edit:1", case_id=case, draft=renewed))
    await run_dry(sender)
    linked = await db.read(lambda conn: links.of_case(conn, case, ["card"]))
    assert [link.message_id for link in linked] == [post.message_id for post in town.posts("s1")]
    assert [post.edits for post in town.posts("s1")] == ([1] if edits else [0, 0])


async def test_a_list_is_bound_to_its_message(db: Database, town: PaperChannel, clock: Clock) -> None:
    """「1 好了」 under the list will find it."""
    chat = await db.run(lambda conn: a_chat(conn, "s1", kind="staff"))
    case = (await db.run(a_case)).id
    [row] = await put(db, a_post(chat, "1. 路灯", kind="answer", draft={"menu": (case,), "menu_for": 1}))
    person = await db.run(lambda conn: people.ensure_person(conn, "paper", "u1", "李梅", START).id)
    await db.run(
        lambda conn: menus.put_menu(conn, chat_id=chat, person_id=person, items=[case], shown_at=START, outbox_id=row)
    )
    await run_dry(await delivery(db, town, clock))
    shown = town.posts("s1")[0].message_id
    menu = await db.read(lambda conn: menus.menu_by_message(conn, chat, shown))
    assert menu is not None
    assert menu.items == (case,)


# ---------------------------------------------------------------- the database away


async def test_an_outcome_outlives_an_outage(db: Database, clock: Clock) -> None:
    """The database goes away while a post is on its way: it is marked when it is back, and never posted twice."""
    cable = Cable(db)

    class Pulling(PaperChannel):
        async def send(self, post: Post) -> SendResult:
            sent = await super().send(post)
            cable.out = True
            return sent

    town = Pulling(ACCOUNT, clock=clock)
    chat = await db.run(a_chat)
    case = (await db.run(a_case)).id
    await put(db, a_post(chat, "修好了", case_id=case, draft={"link": "result"}))
    sender = await delivery(cable, town, clock)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await sender.step()
    assert await states(db) == ["pending"]
    cable.out = False
    await run_dry(sender)
    assert await states(db) == ["sent"]
    assert len(town.tried) == 1
    assert len(await db.read(lambda conn: links.of_case(conn, case))) == 1


@pytest.mark.parametrize("after", [2, 3])  # burying and claiming; rendering, too
async def test_what_was_not_tried_is_free_again(db: Database, town: PaperChannel, clock: Clock, after: int) -> None:
    """Claimed, and the database gone before the send: no doubt, no failure, just later, a reminder too."""
    cable = Cable(db)
    chat = await db.run(lambda conn: a_chat(conn, kind="staff"))
    [row] = await put(db, a_post(chat, "过期了", kind="overdue_red"))
    sender = await delivery(cable, town, clock)
    cable.out_after = after
    with pytest.raises(Unavailable):
        await sender.step()
    cable.out, cable.out_after = False, None
    await run_dry(sender)
    assert texts(town) == ["过期了"]
    assert (await outbox_row(db, row))["failures"] == 0
