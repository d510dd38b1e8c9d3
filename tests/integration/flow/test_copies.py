"""A post that stands twice, because the program died before it could write down the first copy's id."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.model import Unknown
from storage.schema import case
from tests.fakes.paper import PostedMessage
from tests.integration.flow.bench import Bench

REPORT = "3号楼前的路灯坏了，没人修"


async def state(bench: Bench) -> list[str]:
    return list(await bench.db.read(lambda conn: conn.execute(select(case.c.state).order_by(case.c.id)).scalars()))


async def carded(bench: Bench) -> PostedMessage:
    """The first copy of the card of a report; nobody has learnt its id."""
    await bench.hear("g1", "li", REPORT)
    await bench.dispatch()
    bench.clock.move(10)
    bench.channel.end(Unknown("killed"), arrives=True)
    await bench.deliver()
    (first,) = bench.channel.posts("s1")
    return first


def words(post: PostedMessage) -> str:
    lines = [post.card.title, *(" ".join(line) for line in post.card.lines)] if post.card else []
    return "\n".join([post.text, *lines])


async def quote(bench: Bench, chat: str, person: str, text: str, post: PostedMessage) -> None:
    await bench.hear(
        chat, person, text, reply_to=post.message_id, reply_to_bot=True, reply_text=words(post)
    )  # fmt: skip
    await bench.dispatch()


@pytest.mark.parametrize("second_copy", [False, True])
async def test_either_copy_of_a_card_is_understood(bench: Bench, second_copy: bool) -> None:
    """Quoted before the second one stands or after; and both copies show what became of the case."""
    first = await carded(bench)
    if second_copy:
        bench.clock.move(5)
        await bench.deliver()
        assert len(bench.channel.posts("s1")) == 2
    await quote(bench, "s1", "limei", "确认", first)
    assert await state(bench) == ["accepted"]
    bench.clock.move(5)
    await bench.deliver()
    titles = [post.card.title for post in bench.channel.posts("s1") if post.card]
    assert {title.partition(" ")[0] for title in titles} == {"已受理"}


async def test_the_first_copy_of_a_result_can_be_answered(bench: Bench) -> None:
    """「没好」 under a result that names no number."""
    card = await carded(bench)
    await quote(bench, "s1", "limei", "确认", card)
    await quote(bench, "s1", "limei", "好了，换了新灯", card)
    assert await state(bench) == ["closed"]
    bench.channel.end(*[Unknown("killed")] * 9, arrives=True)
    bench.clock.move(5)
    await bench.deliver()
    result = next(post for post in bench.channel.posts("g1") if "换了新灯" in post.text)
    await quote(bench, "g1", "li", "没好", result)
    assert await state(bench) != ["closed"]


async def test_a_number_proves_nothing_where_the_case_was_never_told_of(bench: Bench) -> None:
    """A message of the bot's that names a case of other people, quoted in another group."""
    card = await carded(bench)
    await bench.hear("g2", "zhang", "没好", reply_to="777", reply_to_bot=True, reply_text=words(card))
    await bench.hear("g2", "limei", "确认", reply_to="777", reply_to_bot=True, reply_text="№99999999999 路灯")
    await bench.dispatch()
    assert await state(bench) == ["reported"]
