"""A message over which the program dies is parked after a while; its neighbours are not taken for it."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from bot.flow.suspects import DEATHS
from storage import dead_letters, inbox, outbox
from storage.schema import inbox as inbox_table
from storage.schema import outbox as outbox_table
from tests.integration.flow.bench import Bench
from tests.integration.flow.desk_of_one import ACCOUNT, lapse

REPORT, OTHER = "3号楼前的路灯坏了，没人修", "2号楼门口下水道堵了，污水往外冒"


async def ids(bench: Bench) -> list[int]:
    return list(await bench.db.read(lambda conn: conn.execute(select(inbox_table.c.id).order_by("id")).scalars()))


async def dies(bench: Bench) -> list[int]:
    """A process claims what is there, sorts it as the real one does, and dies; the rows it died over."""
    terms = bench.parts.dispatch._lease
    rows = await bench.db.run(lambda conn: inbox.claim(conn, bench.clock(), limit=64, lease=terms))
    await bench.db.run(lambda conn: conn.execute(update(inbox_table).values(locked_until=bench.clock())))
    bench.clock.move(60)
    return [row.id for row in rows]


async def test_only_the_one_that_kills_is_parked(bench: Bench) -> None:
    """Whoever had only been claimed beside it is handled as soon as it is its turn."""
    await bench.hear("g1", "li", REPORT)
    (deadly,) = await ids(bench)
    for _ in range(DEATHS + 1):
        assert await dies(bench) == [deadly]
    await bench.hear("g2", "zhang", OTHER)
    await bench.dispatch()
    (bad, why), good = await bench.inbox()
    assert (bad, good, await bench.cases()) == ("dead", ("done", None), [OTHER])
    assert why is not None
    assert "程序停了好几次" in why
    assert await bench.db.run(lambda conn: inbox.retry(conn, deadly, bench.clock()))
    await bench.dispatch()
    assert await bench.cases() == [OTHER, REPORT]


async def test_suspects_are_handled_one_at_a_time(bench: Bench) -> None:
    """Two that somebody died over: of them only one is in hand while the other waits, free for anybody."""
    await bench.hear("g1", "li", REPORT)
    await bench.hear("g2", "zhang", OTHER)
    await dies(bench)
    await bench.parts.dispatch.step()
    assert await bench.cases() == [REPORT]
    locks = select(inbox_table.c.locked_until).where(inbox_table.c.state == "pending")
    assert await bench.db.read(lambda conn: conn.execute(locks).scalars().all()) == [None]
    await bench.dispatch()
    assert await bench.cases() == [REPORT, OTHER]


@pytest.mark.parametrize(("deaths", "state"), [(7, "sent"), (8, "dead")])
async def test_a_post_over_which_it_dies(bench: Bench, deaths: int, state: str) -> None:
    """Before anything of it had left: eight times are enough, and after three it goes alone."""
    await bench.hear("g1", "li", REPORT)
    await bench.dispatch()
    bench.clock.move(10)
    delivery = bench.parts.owners[ACCOUNT].delivery
    for _ in range(deaths):
        claimed = await bench.db.run(
            lambda conn: outbox.claim(conn, bench.clock(), accounts=[ACCOUNT], limit=9, lease=delivery._lease)
        )
        assert len(claimed.rows) == 1
        await lapse(bench.db)
        await bench.db.run(lambda conn: delivery._bury_lapsed(conn, bench.clock()))
        bench.clock.move(16)  # a suspect waits longer each time
    await bench.deliver()
    states = select(outbox_table.c.state)
    assert await bench.db.read(lambda conn: conn.execute(states).scalars().all()) == [state]
    letters = await bench.db.read(dead_letters.waiting)
    assert len(letters) == (state == "dead")
