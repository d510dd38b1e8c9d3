"""A message over which a stage of the way in stumbles: parked, its lane goes on, nobody else is harmed, and after a
fix a retry brings the whole effect once. On both databases, stage by stage.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Text, func, select, type_coerce, update

from bot.config import build
from bot.flow import stumble
from bot.flow.rules import Rules
from bot.model import Inbound
from classifiers.verdict import Verdict
from storage import dead_letters, inbox
from storage.engine import Database
from storage.schema import case_event
from storage.schema import inbox as inbox_table
from tests.fakes.paper import PaperChannel
from tests.integration.flow.bench import Bench
from tests.integration.flow.desk_of_one import ACCOUNT
from tests.integration.flow.refusing import allow, refuse

POISON = "5号楼前的井盖不见了，小心掉下去"
NEXT = "3号楼前的平安灯又不亮了"
ELSEWHERE = "2号楼门口下水道堵了，污水往外冒"
_RAW = type_coerce(inbox_table.c.body, Text)


class Touchy(Rules):
    """Rules in which one judgement is wrong until it is mended."""

    mended = True
    only_the_gate = False

    def verdict(self, text: str, *, staff: bool) -> Verdict:
        if not self.mended and POISON in text:
            raise ValueError(f"no such category: {text}")
        return super().verdict(text, staff=staff)

    def worth(self, text: str, *, staff: bool) -> bool:
        """What the gate asks; only this process's gate may be the one that is wrong."""
        if self.only_the_gate and POISON in text:
            raise ZeroDivisionError
        return super().verdict(text, staff=staff).is_case


@pytest.fixture(scope="module")
def touchy() -> Touchy:
    """Loaded once for all stages."""
    config = build({}, Path())
    return Touchy(config.classifier.rules, full_dictionary=False, max_text=config.limits.max_text)


@pytest.fixture
async def bench(db: Database, tmp_path: Path, touchy: Touchy) -> Bench:
    touchy.mended, touchy.only_the_gate = True, False
    return await Bench.open(db, tmp_path, touchy)


Change = Callable[[Bench, Touchy], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Stage:
    """`spoil`: from now on the stage raises over the poison; `mend`: it no longer does."""

    why: str
    spoil: Change
    mend: Change


def a_body(raw: str) -> Stage:
    kept: list[Any] = []

    async def spoil(bench: Bench, _: Touchy) -> None:
        body = select(_RAW).where(_RAW.contains(POISON))
        kept.append(await bench.db.read(lambda conn: conn.execute(body).scalar_one()))
        spoilt = update(inbox_table).where(_RAW.contains(POISON)).values(body=type_coerce(raw, Text))
        await bench.db.run(lambda conn: conn.execute(spoilt))

    async def mend(bench: Bench, _: Touchy) -> None:
        mended = update(inbox_table).where(_RAW.in_([raw])).values(body=type_coerce(kept.pop(), Text))
        await bench.db.run(lambda conn: conn.execute(mended))

    return Stage(stumble.UNREADABLE, spoil, mend)


def a_table(table: str, condition: str) -> Stage:
    return Stage(
        stumble.ACTING,
        lambda bench, _: refuse(bench.db, table, condition),
        lambda bench, _: allow(bench.db),
    )


async def _wrong(_: Bench, rules: Touchy) -> None:
    rules.mended = False


async def _right(_: Bench, rules: Touchy) -> None:
    rules.mended = True


ITS_CASE = f"(SELECT id FROM cases WHERE text = '{POISON}')"
STAGES = {
    "a body of newer code": a_body('{"account":"paper:main","kind":"nonsense"}'),
    "a body that is no JSON": a_body('{"account":"paper:main","text":"井'),
    "a body that is no object": a_body("[1]"),
    "understanding": Stage(stumble.JUDGING, _wrong, _right),
    "the desk": a_table("cases", f"NEW.text = '{POISON}'"),
    "its history": a_table("case_event", f"NEW.case_id = {ITS_CASE}"),
    "the link": a_table("case_link", f"NEW.case_id = {ITS_CASE}"),
    "telling": a_table("outbox", f"NEW.case_id = {ITS_CASE}"),
}


async def tries(bench: Bench) -> None:
    for seconds in (0, 1, 5):
        bench.clock.move(seconds)
        await bench.dispatch()


@pytest.mark.parametrize("name", STAGES)
async def test_poison_is_parked_and_a_retry_brings_it_once(
    bench: Bench, touchy: Touchy, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Three tries, a dead letter in plain words, the next of its lane and the other lane done; mended, one case."""
    stage = STAGES[name]
    await bench.hear("g1", "li", POISON)
    await stage.spoil(bench, touchy)
    await bench.hear("g1", "wang", NEXT)
    await bench.hear("g2", "zhang", ELSEWHERE)
    await tries(bench)
    assert sorted(await bench.cases()) == sorted([NEXT, ELSEWHERE])
    [letter] = await bench.db.read(dead_letters.waiting)
    assert (letter.box, letter.state, letter.failures) == ("in", "dead", 3)
    assert (letter.reason or "").startswith(f"{stage.why}（")
    assert "井盖" not in (letter.reason or "") + caplog.text
    assert "Traceback" in caplog.text
    assert bench.parts.dispatch.handled.dead == 1

    await stage.mend(bench, touchy)
    assert await bench.db.run(lambda conn: inbox.retry(conn, letter.id, bench.clock())) == 1
    await tries(bench)
    assert sorted(await bench.cases()) == sorted([POISON, NEXT, ELSEWHERE])
    assert await bench.db.run(lambda conn: inbox.retry(conn, letter.id, bench.clock())) == 0
    bench.clock.move(60)
    await bench.deliver()
    shown = [post.card.title for post in bench.channel.posts("s1") if post.card]
    assert len(shown) == 3
    assert await bench.db.read(dead_letters.waiting) == []


async def test_what_makes_the_gate_stumble_is_handled_all_the_same(bench: Bench, touchy: Touchy) -> None:
    """It is let in to be looked at; where dispatch understands it, nobody has to do anything."""
    touchy.only_the_gate = True
    await bench.hear("g1", "li", POISON)
    await bench.hear("g1", "wang", NEXT)
    await bench.dispatch()
    assert sorted(await bench.cases()) == sorted([POISON, NEXT])
    assert bench.parts.intakes[ACCOUNT].heard.passed["stumbled"] == 1


async def test_a_part_of_an_album_that_cannot_be_read_parks_the_album(bench: Bench, touchy: Touchy) -> None:
    """One of its parts is broken: all wait together, and come back together as one report."""
    for text in (POISON, ""):
        await bench.hear("g1", "li", text, group_key="album", photo="none")
    stage = a_body("{}")
    await stage.spoil(bench, touchy)
    bench.clock.move(10)
    await tries(bench)
    letters = await bench.db.read(dead_letters.waiting)
    assert [letter.state for letter in letters] == ["dead", "dead"]
    await stage.mend(bench, touchy)
    assert await bench.db.run(lambda conn: inbox.retry(conn, letters[0].id, bench.clock())) == 2
    await bench.dispatch()
    assert await bench.cases() == [POISON]


class Mute(PaperChannel):
    """Never answers a button on the spot, each time in another way."""

    troubles = (RuntimeError("gone"), asyncio.CancelledError(), None)

    async def ack(self, inbound: Inbound, text: str) -> None:
        await super().ack(inbound, text)
        trouble = self.troubles[len(self.acks) - 1]
        if trouble is not None:
            raise trouble
        await asyncio.Event().wait()


async def test_a_button_without_an_answer_has_done_its_work(db: Database, tmp_path: Path, touchy: Touchy) -> None:
    """Three presses whose answers fail or hang: each is done once and none is parked, and what follows them is handled."""
    bench = await Bench.open(db, tmp_path, touchy, channel=Mute)
    await bench.hear("g1", "li", NEXT)
    await bench.dispatch()
    bench.clock.move(60)
    await bench.deliver()
    [card] = bench.channel.posts("s1")
    press = bench.channel.press("s1", "limei", card.message_id, card.labels[0])
    for key in ("a", "b", "c"):
        await bench.parts.intakes[ACCOUNT].accept([replace(press, event_key=key)])
        await bench.dispatch()
    await bench.hear("g2", "zhang", ELSEWHERE)
    await bench.dispatch()
    assert len(bench.channel.acks) == 3
    assert {state for state, _ in await bench.inbox()} == {"done"}
    assert ELSEWHERE in await bench.cases()
    accepted = select(func.count()).select_from(case_event).where(case_event.c.action == "accept")
    assert await db.read(lambda conn: conn.execute(accepted).scalar_one()) == 1
