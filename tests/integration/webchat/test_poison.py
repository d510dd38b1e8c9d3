"""A message in the history that makes no sense: its room goes on, and what can be read of it is handed over."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from bot.model import InboundKind
from tests.fakes.bridge import until
from tests.fakes.webtown import ROOM, Town

BODIES = {
    "no JSON": '{"te',
    "no object": "[1]",
    "other kinds": '{"text":5,"photos":7,"quote":["x"],"card":[]}',
    "odd photos": '{"text":"路灯坏了","photos":"abc","quote":"1"}',
}


@pytest.mark.parametrize("name", BODIES)
async def test_a_broken_message_does_not_stop_its_room(town: Town, name: str) -> None:
    """Said while the bridge is away, broken meanwhile: what stands before and behind it is heard, and it is passed."""
    town.bridge.away = True
    for text in ("一", "坏的", "三"):
        await town.channel.people.say("li", ROOM, text)
    await until(lambda: town.bridge.tries)
    with closing(sqlite3.connect(town.folder / "webchat.db")) as conn, conn:
        conn.execute("UPDATE message SET body = ? WHERE room = ? AND n = 2", (BODIES[name], ROOM))
    town.bridge.away = False
    said = await town.bridge.got(InboundKind.MESSAGE, 3, ROOM)
    await town.channel.people.say("li", ROOM, "四")
    said = await town.bridge.got(InboundKind.MESSAGE, 4, ROOM)
    assert [one.text for one in said] == ["一", "路灯坏了" if name == "odd photos" else "", "三", "四"]
