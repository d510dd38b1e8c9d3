"""Floods on both databases: bounded, nothing lost, colleagues told once, other groups not kept waiting."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.flow.hush import LINES
from storage.schema import case, inbox, outbox
from tests.crash import flood
from tests.crash.flood import GROUP, OTHER, STAFF, kinds_told, number_of, rows, settle, town


async def test_a_power_cut_is_one_case(database_url: str) -> None:
    """Sixty people in two groups of a grid, through two programs at once: one case, one card, one line a group."""
    figures = await flood.power_cut(database_url, said=30)
    assert (figures.lost, figures.doubled) == (0, 0)
    assert (figures.told, figures.heard) == (1, 1), figures


async def test_a_storm_that_goes_on_is_summed_up(sqlite_url: str) -> None:
    """The card has gone out, and they go on: a few words each, then one message for all of them, no edit for each."""
    async with town(sqlite_url) as bench:
        for number in range(24):
            bench.clock.move(1)
            await bench.hear(GROUP, f"u{number}", "又停电了，我家也没电", name=f"住户{number}")
            await bench.dispatch()
            await bench.deliver()
        at_once = await kinds_told(bench, STAFF)
        await settle(bench, minutes=15)
        at_once.pop("edit")  # disturbs nobody
        assert at_once.total() <= LINES
        assert (await kinds_told(bench, STAFF))["more"] == 1
        assert "现在一共 23 人附议" in bench.channel.posts(STAFF)[-1].text
        assert await kinds_told(bench, GROUP) == {"storm": 1}


async def test_one_sender_makes_ten_cases(database_url: str) -> None:
    """Small talk stays out of the database; of his reports ten are cases, the others are in one more, with a card."""
    figures = await flood.one_sender(database_url, said=40, chatter=1000)
    assert (figures.lost, figures.doubled, figures.told) == (0, 0, 11), figures
    assert figures.note.startswith("11 件")
    assert figures.note.endswith("闲聊进库 0 条")


async def test_an_emergency_is_not_gathered_with_the_rest(sqlite_url: str) -> None:
    """After very many lamps a fire is a case of its own at once, and the group reads what to do."""
    async with town(sqlite_url) as bench:
        for number in range(15):
            await bench.hear(GROUP, "loud", f"{number}号楼前面路灯坏了")
        await bench.hear(GROUP, "loud", "20号楼着火了，快来人")
        await bench.dispatch()
        await bench.deliver()
        found = await rows(bench, case.select().where(case.c.urgency == "emergency"))
        assert [row.text for row in found] == ["20号楼着火了，快来人"]
        assert await kinds_told(bench, GROUP) == {"emergency": 1}
        assert (await kinds_told(bench, STAFF))["reported"] == 1, "the ordinary cards still wait for their pieces"


async def test_many_emergencies_of_one_are_gathered_late(sqlite_url: str) -> None:
    """Twenty are cases, the rest is one more; what to do stands in the group three times and not thirty."""
    async with town(sqlite_url) as bench:
        for number in range(30):
            await bench.hear(GROUP, "loud", f"{number}号楼着火了，快来人")
        await settle(bench, minutes=2)
        assert await number_of(bench, case, case.c.urgency == "emergency") == 21
        assert (await kinds_told(bench, GROUP))["emergency"] == 3
        [last] = await rows(bench, case.select().where(case.c.id == 21))
        assert all(f"{number}号楼着火了" in last.text for number in range(20, 30))


async def test_the_same_words_again_and_again(sqlite_url: str) -> None:
    """They stand in the case once and nobody is told of them; a thousand different ones end at a limit."""
    async with town(sqlite_url) as bench:
        for number in range(40):
            bench.clock.move(1)
            await bench.hear(GROUP, "loud", "3号楼路灯坏了，赶紧来修")
            await bench.hear(GROUP, "loud", f"3号楼路灯坏了，第{number}盏也不亮了，{'黑' * 90}")
            await bench.dispatch()
            await bench.deliver()
        told = await kinds_told(bench, STAFF)
        await settle(bench, minutes=12)
        [row] = await rows(bench, case.select())
        assert row.text.count("赶紧来修") == 1
        assert len(row.text) == 4000
        told.pop("edit")
        assert told.total() <= LINES
        assert (await kinds_told(bench, STAFF))["more"] == 1


async def test_edits_and_presses_without_end(sqlite_url: str) -> None:
    """A message edited and a button pressed very often: one case, accepted once, colleagues not told of each."""
    async with town(sqlite_url) as bench:
        said = bench.channel.say(GROUP, "loud", "3号楼路灯坏了", sent_at=bench.clock())
        intake = bench.parts.intakes[flood.ACCOUNT]
        await intake.accept([said])
        await settle(bench, minutes=1)
        [card] = bench.channel.posts(STAFF)
        press = bench.channel.press(STAFF, "limei", card.message_id, "确认", sent_at=bench.clock())
        for number in range(24):
            bench.clock.move(1)
            await intake.accept([bench.channel.edit(said, f"3号楼路灯坏了，第{number}次改", sent_at=bench.clock())])
            await intake.accept([replace(press, event_key=f"press:{number}", sent_at=bench.clock())])
            await bench.dispatch()
            await bench.deliver()
        await settle(bench, minutes=12)
        [row] = await rows(bench, case.select())
        assert row.state == "accepted"
        assert len(bench.channel.acks) == 24
        assert len(bench.channel.posts(STAFF)) <= LINES + 3
        assert await number_of(bench, outbox, outbox.c.state == "pending") == 0


async def test_another_group_does_not_wait(database_url: str) -> None:
    """Hundreds of rows of one group lie before it; the next batch that is taken holds the other group's report."""
    async with town(database_url) as bench:
        flooding = [bench.channel.say(GROUP, "loud", f"{n}号楼前面路灯坏了", sent_at=bench.clock()) for n in range(300)]
        await bench.parts.intakes[flood.ACCOUNT].accept(flooding)
        await bench.hear(OTHER, "neighbour", "6号楼井盖没了，危险")
        await bench.parts.dispatch.step()
        assert "6号楼井盖没了，危险" in await bench.cases()
        assert await number_of(bench, inbox, inbox.c.state == "pending") == 299


async def test_a_million_characters(database_url: str) -> None:
    """The beginning is kept, and that it was cut stands there; the neighbour's report beside it is untouched."""
    figures = await flood.million(database_url)
    assert (figures.lost, figures.doubled) == (0, 0)
    assert figures.note == "进库 1 条，留 4000 字"


async def test_broken_text_is_shown_clean(database_url: str) -> None:
    """Nothing raises, nothing is lost, and no card can be turned round."""
    figures = await flood.broken(database_url)
    assert (figures.lost, figures.told) == (0, figures.said)
    assert figures.note == "卡片上残留 0 处"


async def test_bombs_cost_only_themselves(sqlite_url: str) -> None:
    """Each photo that is refused is told about in plain words, and the words beside it are a case all the same."""
    figures = await flood.bombs(sqlite_url)
    assert figures.lost == 0
    assert figures.note == "收下 1 张，说明 5 张为什么没收"


@pytest.mark.parametrize("count", [40])
async def test_more_photos_than_anybody_sends(sqlite_url: str, count: int) -> None:
    """Of one message a dozen are taken; a batch of many messages is kept in portions, in its order."""
    async with town(sqlite_url) as bench:
        bench.channel.files["f"] = flood.picture((64, 48))
        said = bench.channel.say(GROUP, "loud", "3号楼路灯坏了", photo="f", sent_at=bench.clock())
        many = replace(said, attachments=said.attachments * count)
        after = [
            bench.channel.say(GROUP, "loud", f"{n}号楼路灯坏了", photo="f", sent_at=bench.clock()) for n in range(30)
        ]
        await bench.parts.intakes[flood.ACCOUNT].accept([many, *after])
        kept = await rows(bench, inbox.select().order_by(inbox.c.id))
        assert len(kept[0].body["files"]) == 12
        assert [row.body["text"] for row in kept[1:]] == [f"{n}号楼路灯坏了" for n in range(30)]
