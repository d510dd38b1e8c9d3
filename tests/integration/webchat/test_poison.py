"""A message in the history that makes no sense: its room goes on, and what can be read of it is handed over."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from bot.model import InboundKind
from tests.fakes.bridge import until
from tests.fakes.webtown import ROOM, Town

BODIES = {
    2: '{"te',
    3: "[1]",
    4: '{"text":5,"photos":7,"quote":["x"],"card":[]}',
    5: '{"text":"路灯坏了","photos":"abc","quote":"1"}',
}


async def test_broken_messages_do_not_stop_their_room(town: Town) -> None:
    """Said while the bridge is away, broken meanwhile: what stands before and behind them is heard, they are passed."""
    town.bridge.away = True
    for text in ("一", "二", "三", "四", "五", "六"):
        await town.channel.people.say("li", ROOM, text)
    await until(lambda: town.bridge.tries)
    with closing(sqlite3.connect(town.folder / "webchat.db")) as conn, conn:
        for number, body in BODIES.items():
            conn.execute("UPDATE message SET body = ? WHERE room = ? AND n = ?", (body, ROOM, number))
    town.bridge.away = False
    await town.bridge.got(InboundKind.MESSAGE, 6, ROOM)
    await town.channel.people.say("li", ROOM, "七")
    said = await town.bridge.got(InboundKind.MESSAGE, 7, ROOM)
    assert [one.text for one in said] == ["一", "", "", "", "路灯坏了", "六", "七"]
