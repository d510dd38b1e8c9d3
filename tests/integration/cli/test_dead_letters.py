"""gridbridge dead-letters: what stumbled is handled once after the cause is gone, or goes away with its words."""

from __future__ import annotations

import asyncio
import json
import os
import pty
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from bot.flow.draft import Draft
from bot.flow.rules import Rules
from storage import chats, dead_letters, inbox, outbox
from storage.engine import Database
from storage.records import NewPost
from storage.schema import inbox as inbox_table
from storage.schema import outbox as outbox_table
from tests.integration.cli.command import Ended, Run
from tests.integration.cli.office import Office
from tests.integration.flow.bench import Bench
from tests.integration.flow.desk_of_one import ACCOUNT, a_case, a_chat
from tests.integration.flow.refusing import allow, refuse
from tests.storage.seeds import message

REPORT = "3号楼前的平安灯又不亮了"
PHONE = "13805381234"
NOW = datetime.now(UTC)
LEASE = timedelta(minutes=1)
_BODIES = select(inbox_table.c.id, inbox_table.c.body).order_by(inbox_table.c.id)


async def stumble(bench: Bench) -> list[Any]:
    """What waits is made unreadable, tried three times and given up; the bodies as they were."""
    bodies = await bench.db.read(lambda conn: conn.execute(_BODIES).all())
    poison = update(inbox_table).values(body={"account": ACCOUNT, "kind": "nonsense", "text": REPORT})
    await bench.db.run(lambda conn: conn.execute(poison))
    for seconds in (0, 1, 5, 0, 1, 5):  # a lane goes on when its head has been given up
        bench.clock.move(seconds)
        await bench.dispatch()
    return list(bodies)


async def mend(bench: Bench, bodies: list[Any]) -> None:
    def work(conn: Connection) -> None:
        for row in bodies:
            conn.execute(update(inbox_table).where(inbox_table.c.id == row.id).values(body=row.body))

    await bench.db.run(work)


async def test_what_stumbled_is_handled_once_when_the_cause_is_gone(quickly: Run, office: Office, bench: Bench) -> None:
    """Parked, tried again in vain, mended, tried again: one case; nobody can make it two."""
    await bench.hear("g1", "li", REPORT)
    bodies = await stumble(bench)
    name = f"in-{bodies[0].id}"
    (letter,) = json.loads((await asyncio.to_thread(quickly, "dead-letters", "list", "--json")).out)
    assert (letter["id"], letter["state"], letter["failures"], letter["kind"]) == (name, "dead", 3, "message")
    assert REPORT not in json.dumps(letter, ensure_ascii=False)
    bench.clock.now = datetime.now(UTC) + timedelta(minutes=5)
    ended = await asyncio.to_thread(quickly, "dead-letters", "retry", name)
    assert (ended.status, ended.out) == (0, "放回去了 1 条，运行中的程序马上接着办。\n")
    assert [state for state, _ in await bench.inbox()] == ["pending"]
    for seconds in (0, 1, 5):
        bench.clock.move(seconds)
        await bench.dispatch()
    assert [state for state, _ in await bench.inbox()] == ["dead"]
    await mend(bench, bodies)
    assert (await asyncio.to_thread(quickly, "dead-letters", "retry", "--all")).status == 0
    await bench.dispatch()
    assert await bench.cases() == [REPORT]
    again = await asyncio.to_thread(quickly, "dead-letters", "retry", name)
    assert (again.status, again.err) == (1, f"gridbridge：{name} 已经不在其中：办完了\n")
    await bench.dispatch()
    assert await bench.cases() == [REPORT]


async def test_what_the_database_refused_is_seen_and_comes_back(quickly: Run, office: Office, bench: Bench) -> None:
    """Listed in plain words without the resident's; after the fix a retry brings one case, and no second one."""
    await refuse(bench.db, "inbox", f"NEW.state = 'pending' AND NEW.body LIKE '%{REPORT}%'")
    await bench.hear("g1", "li", f"{REPORT}，电话{PHONE}")
    (letter,) = json.loads((await asyncio.to_thread(quickly, "dead-letters", "list", "--json")).out)
    assert letter["reason"].startswith("收下时存不进数据库（")
    seen = await asyncio.to_thread(shown, quickly, letter["id"])
    assert "规则看来：会弹卡片" in seen
    assert "平安灯" not in seen
    assert "平安灯" in await asyncio.to_thread(shown, quickly, letter["id"], "--words")
    await allow(bench.db)
    bench.clock.now = datetime.now(UTC) + timedelta(minutes=5)
    for status in (0, 1):
        assert (await asyncio.to_thread(quickly, "dead-letters", "retry", letter["id"])).status == status
        await bench.dispatch()
        assert await bench.cases() == [f"{REPORT}，电话{PHONE}"]


async def test_a_post_that_was_only_not_marked_is_not_said_again(quickly: Run, office: Office, bench: Bench) -> None:
    """It stands in the chat: the list does not warn of a second one, and a retry only makes up for the link."""
    await refuse(bench.db, "case_link", "NEW.role = 'card'")
    await bench.hear("g1", "li", REPORT)
    await bench.dispatch()
    bench.clock.move(60)
    await bench.deliver()
    (letter,) = json.loads((await asyncio.to_thread(quickly, "dead-letters", "list", "--json")).out)
    assert "发到了，没记全" in await asyncio.to_thread(shown, quickly, letter["id"])
    await allow(bench.db)
    ended = await asyncio.to_thread(quickly, "dead-letters", "retry", letter["id"])
    assert ended.out == "放回去了 1 条，运行中的程序马上接着办。\n"
    bench.clock.now = datetime.now(UTC) + timedelta(seconds=5)
    await bench.deliver()
    assert len(bench.channel.tried) == 1
    assert await bench.db.read(dead_letters.count) == 0


async def test_an_album_goes_back_and_away_as_one(quickly: Run, office: Office, bench: Bench) -> None:
    """One part is named, all its siblings come along; those of another album stay."""
    for album in ("a", "b"):
        for part in range(3):
            await bench.hear("g1", "li", "" if part else REPORT, group_key=album, photo="none")
    bench.clock.move(10)
    bodies = await stumble(bench)
    assert [state for state, _ in await bench.inbox()] == ["dead"] * 6
    ended = await asyncio.to_thread(quickly, "dead-letters", "drop", f"in-{bodies[4].id}", "--yes")
    assert ended.out == "丢掉了 3 条，原话已经抹掉。\n"
    await mend(bench, bodies[:3])
    bench.clock.now = datetime.now(UTC) + timedelta(minutes=5)
    ended = await asyncio.to_thread(quickly, "dead-letters", "retry", f"in-{bodies[2].id}")
    assert "放回去了 3 条" in ended.out
    await bench.dispatch()
    assert await bench.cases() == [REPORT]
    assert [state for state, _ in await bench.inbox()] == ["done"] * 6


async def test_what_was_dropped_leaves_no_words_and_does_not_come_back(
    quickly: Run, office: Office, bench: Bench
) -> None:
    """Its key stays: the platform's second delivery of the same message is still the second."""
    said = bench.channel.say("g1", "li", REPORT, sent_at=bench.clock())
    await bench.parts.intakes[ACCOUNT].accept([said])
    await stumble(bench)
    assert (await asyncio.to_thread(quickly, "dead-letters", "drop", "--all", "--yes")).status == 0
    assert REPORT not in "".join(await asyncio.to_thread(office.everything))
    await bench.parts.intakes[ACCOUNT].accept([said])
    await bench.dispatch()
    assert await bench.cases() == []


def letters(conn: Connection) -> None:
    """A private and a group message that stumbled, one that is secret; posts: dead, doubtful, about a secret case."""
    group = a_chat(conn)
    private = chats.add_chat(conn, ACCOUNT, "p:li", kind="private", now=NOW, title="李婶")
    for chat, key, text in (
        (group, "open", f"3号楼路灯不亮，打{PHONE}"),
        (private, "private", "3号楼路灯不亮"),
        (group, "secret", "我老公又打我，快来人"),
    ):
        inbox.put(conn, [message(chat, key, body={"text": text, "files": [["photo", "x", None, 1]]}, due_at=NOW)])
        (row,) = inbox.claim(conn, NOW, limit=1, lease=LEASE)
        inbox.fail(conn, row, NOW, retry_at=None, reason=f"ValueError: {PHONE}")
    lamp = a_case(conn, text="路灯不亮", clock="accept")
    hidden = a_case(conn, text="打人", sensitive="violence", clock="accept")
    for lane, kind, case, chat, state in (
        ("a", "result", lamp.id, group, "dead"),
        ("b", "answer", None, private, "unknown"),
        ("c", "result", hidden.id, private, "dead"),
    ):
        body = Draft(view="text", text=f"修好了 {PHONE}").dump()
        post = NewPost(
            lane=lane, account=ACCOUNT, kind=kind, priority=2, body=body, due_at=NOW, chat_id=chat, case_id=case,
            dedupe=f"result:{lane}",
        )  # fmt: skip
        outbox.put(conn, [post], NOW)
        (sent,) = outbox.claim(conn, NOW, accounts=[ACCOUNT], limit=1, lease=LEASE).rows
        outbox.finish(conn, sent, state, NOW, reason="too long" if state == "dead" else "no answer")


def shown(run: Run, name: str, *options: str) -> str:
    ended = run("dead-letters", "show", name, *options)
    assert (ended.status, ended.err) == (0, "")
    return ended.out


def test_both_boxes_are_listed_together(quickly: Run, office: Office) -> None:
    """With place, kind, case and reason; of a private chat no name, of a secret case only its number."""
    office.do(letters)
    table = quickly("dead-letters", "list").out
    for word in (
        "in-1",
        "out-3",
        "居民群",
        "私聊",
        "办理结果",
        "too long",
        "不知道发到没有：no answer",
        "138****34",
        "共 6 条",
    ):
        assert word in table
    assert PHONE not in table
    assert "李婶" not in table
    found = {row["id"]: row for row in json.loads(quickly("dead-letters", "list", "--json").out)}
    assert (found["out-3"]["chat"], found["out-3"]["kind"], found["out-3"]["case"]) == ("保密", "保密", 2)
    assert "这里是最近的 2 条" in quickly("dead-letters", "list", "--limit", "2").out


def test_words_are_shown_only_where_they_give_nobody_away(quickly: Run, sqlite_office: Office) -> None:
    """By default the length and what the rules make of it; on request masked words, never private or secret ones."""
    sqlite_office.do(letters)
    plain = shown(quickly, "out-1")
    for word in ("案件：№1", "内容：15 个字", "原话：加 --words 看", "原因：too long"):
        assert word in plain
    assert "修好了" not in plain
    assert "原话：修好了 138****34" in shown(quickly, "out-1", "--words")
    judged = shown(quickly, "in-1", "--words")
    for word in (
        "内容：20 个字，1 张照片",
        "规则看来：会弹卡片，路灯",
        "原话：3号楼路灯不亮，打138****34",
        "原因：ValueError: 138****34",
    ):
        assert word in judged
    for name, why in (
        ("in-2", "私聊里的，不显示"),
        ("in-3", "像保密的事"),
        ("out-2", "私聊里的"),
        ("out-3", "是保密的"),
    ):
        told = shown(quickly, name, "--words")
        assert why in told
        for word in ("不亮", "打我", "修好了", "李婶"):
            assert word not in told


def test_a_chosen_reason_is_retried_and_a_doubtful_post_is_warned_of(quickly: Run, office: Office) -> None:
    office.do(letters)
    ended = quickly("dead-letters", "retry", "--all", "--reason", "TOO LONG")
    assert (ended.status, ended.out) == (0, "放回去了 2 条，运行中的程序马上接着办。\n")
    states = select(outbox_table.c.state).order_by(outbox_table.c.id)
    assert office.rows(states) == [("pending",), ("unknown",), ("pending",)]
    assert "可能会有两遍：out-2" in quickly("dead-letters", "retry", "out-2").out
    assert office.rows(states) == [("pending",)] * 3


def test_a_dropped_post_keeps_its_key_and_no_words(quickly: Run, sqlite_office: Office) -> None:
    office = sqlite_office
    office.do(letters)
    assert quickly("dead-letters", "drop", "out-1", "out-2", "--yes").out == "丢掉了 2 条，原话已经抹掉。\n"
    columns = (outbox_table.c.state, outbox_table.c.body, outbox_table.c.dedupe, outbox_table.c.reason)
    rows = office.rows(select(*columns).order_by(outbox_table.c.id))
    assert rows[:2] == [("cancelled", {}, "result:a", "dropped"), ("cancelled", {}, "result:b", "dropped")]
    assert office.do(dead_letters.count) == 4


def test_nothing_is_dropped_without_a_yes(sqlite_office: Office, quickly: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody can answer it is refused; on a terminal it is asked, and only yes is yes."""
    sqlite_office.do(letters)
    ended = quickly("dead-letters", "drop", "in-1")
    assert (ended.status, "--yes" in ended.err, len(ended.err.splitlines())) == (1, True, 1)
    for answer, status, left in (("\n", 1, 6), ("n\n", 1, 6), ("yes\n", 0, 5)):
        ended = on_a_terminal(quickly, monkeypatch, answer, "dead-letters", "drop", "in-1")
        assert "要丢掉 in-1" in ended.out
        assert (ended.status, sqlite_office.do(dead_letters.count)) == (status, left)


def on_a_terminal(run: Run, monkeypatch: pytest.MonkeyPatch, answer: str, *command: str) -> Ended:
    ours, theirs = pty.openpty()
    os.write(ours, answer.encode())
    with os.fdopen(theirs, "r") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        ended = run(*command)
    os.close(ours)
    return ended


REFUSED: list[tuple[tuple[str, ...], int, str]] = [
    (("show", "17"), 2, "编号要写成 in-17 或 out-23"),
    (("show", "in-99"), 1, "没有 in-99"),
    (("retry",), 1, "请写编号"),
    (("retry", "in-1", "--all"), 1, "两样只写一样"),
    (("retry", "in-1", "--reason", "x"), 1, "--reason 要和 --all 一起用"),
    (("retry", "in-1", "out-99"), 1, "没有 out-99"),
    (("retry", "--all", "--reason", "100%"), 1, "没有原因里有“100%”的"),
    (("drop", "in-0", "--yes"), 2, "编号要写成"),
]


def test_what_does_not_fit_is_one_sentence_and_nothing_is_done(quickly: Run, sqlite_office: Office) -> None:
    """Not even the half of what was asked for."""
    assert "没有没办成的消息" in quickly("dead-letters", "list").out
    assert "没有没办成的消息" in quickly("dead-letters", "retry", "--all").err
    sqlite_office.do(letters)
    for command, status, words in REFUSED:
        ended = quickly("dead-letters", *command)
        assert (ended.status, ended.out, len(ended.err.splitlines())) == (status, "", 1), command
        assert words in ended.err
    assert sqlite_office.do(dead_letters.count) == 6


def test_a_server_that_is_away_is_looked_for_where_it_is(quickly: Run, tmp_path: Path) -> None:
    """Nobody is sent to look for a path and its permissions."""
    Office(tmp_path, "postgresql://gb@127.0.0.1:1/town").configure()
    ended = quickly("dead-letters", "list")
    assert (ended.status, len(ended.err.splitlines())) == (2, 1)
    assert "连不上，请看它在不在运行" in ended.err


@pytest.fixture
async def bench(db: Database, tmp_path: Path, rules: Rules) -> Bench:
    """The program over the office's database."""
    return await Bench.open(db, tmp_path, rules)
