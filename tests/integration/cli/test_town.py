"""areas, people, chat: a first real group without the demo, also while the program runs."""

from __future__ import annotations

import resource
import sqlite3
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection

from storage import directory
from tests.browser.program import Program
from tests.integration.cli.command import Run
from tests.integration.cli.office import Office
from tests.integration.cli.test_run import CONFIG, free_port
from tests.storage.seeds import a_case

FIRST_GROUP: tuple[tuple[str, ...], ...] = (
    ("areas", "add", "dg", "东关社区", "--level", "village"),
    ("areas", "add", "dg1", "东关一网格", "--level", "grid", "--parent", "dg", "--alias", "平安里"),
    ("people", "add", "wang", "王芳", "--role", "grid_worker", "--area", "dg1"),
    ("chat", "member", "li", "李大娘"),
    ("chat", "room", "g1", "一网格居民群", "--kind", "residents", "--area", "dg1", "--members", "li", "wang"),
    ("chat", "room", "u1", "维修队", "--kind", "unit", "--area", "dg", "--members", "wang"),
    ("people", "add", "sun", "孙师傅", "--role", "handler", "--area", "dg", "--unit", "u1"),
)


@pytest.fixture
def config(tmp_path: Path) -> int:
    """A configuration file in the folder; its port."""
    port = free_port()
    (tmp_path / "config.toml").write_text(CONFIG.format(port=port), encoding="utf-8")
    return port


def rows(file: Path, question: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as conn:
        return conn.execute(question).fetchall()


def test_a_group_is_made_and_somebody_invited(quickly: Run, tmp_path: Path, config: int) -> None:
    """Twice the same is the same; everybody is in the directory and in the chat; the link names our address."""
    for command in (*FIRST_GROUP, *FIRST_GROUP):
        ended = quickly(*command)
        assert (ended.status, ended.err) == (0, "")
        assert "好了" in ended.out
    data = tmp_path / "data"
    assert rows(data / "gridbridge.db", "SELECT kind, mode, title FROM chat WHERE kind != 'private' ORDER BY id") == [
        ("residents", "shadow", "一网格居民群"),
        ("unit", "shadow", "维修队"),
    ]
    assert rows(data / "gridbridge.db", "SELECT role FROM role ORDER BY id") == [("grid_worker",), ("handler",)]
    assert rows(data / "webchat.db", "SELECT id, staff FROM member WHERE id != 'bot' ORDER BY id") == [
        ("li", 0),
        ("sun", 1),
        ("wang", 1),
    ]
    assert quickly("chat", "invite", "li").out.startswith(f"http://127.0.0.1:{config}/chat/i/")


SHARED_MEMORY = 32768  # bytes: the smallest that SQLite makes
GRID = ("--level", "grid", "--parent", "dg")
WORKER = ("--role", "grid_worker", "--area")
RESIDENTS = ("--kind", "residents")
UNFIT: tuple[tuple[tuple[str, ...], str], ...] = (
    (("areas", "add", "dg2", "二网格", "--level", "grid", "--parent", "nowhere"), "没有上级“nowhere”"),
    (("areas", "add", "dg2", "二网格", "--level", "grid", "--parent", "dg2"), "上级绕成了一圈"),
    (("areas", "add", "dg", "东关社区", "--level", "village", "--parent", "dg1"), "上级"),
    (("areas", "add", "up", "上", "--level", "city", "--parent", "dg1"), "上级“dg1”是网格，管不了市"),
    (("areas", "add", "d g", "二网格", *GRID), "代码“d g”里不能有空格"),
    (("areas", "add", "d、g", "二网格", *GRID), "代码“d、g”里不能有"),
    (("areas", "add", "", "二网格", *GRID), "代码空着"),
    (("areas", "add", "dg2", " ", *GRID), "名称空着"),
    (("areas", "add", "dg2", "长" * 65, *GRID), "名称太长，最多 64 个字"),
    (("people", "add", "wang", "王芳", *WORKER, "dg9"), "没有区域“dg9”"),
    (("people", "add", "wang", "", *WORKER, "dg1"), "姓名空着"),
    (("people", "add", "王芳", "王芳", *WORKER, "dg1"), "编号“王芳”只能用字母"),
    (("people", "add", "wang", "王芳", *WORKER, "dg1", "--unit", "u1"), "只有处置人员才写单位"),
    (("people", "add", "sun", "孙师傅", "--role", "handler", "--area", "dg"), "--unit"),
    (("people", "add", "sun", "孙师傅", "--role", "handler", "--area", "dg", "--unit", "u9"), "没有单位“u9”"),
    (("chat", "room", "g2", "群", *RESIDENTS), "居民群要写管哪几个区域"),
    (("chat", "room", "g2", "群", *RESIDENTS, "--area", "dg9"), "没有区域“dg9”"),
    (("chat", "room", "g2", "群", *RESIDENTS, "--area", "dg1", "--members", "nobody"), "没有成员“nobody”"),
    (("chat", "room", "g 2", "群", *RESIDENTS, "--area", "dg1"), "编号“g 2”"),
    (("chat", "room", "g2", "", *RESIDENTS, "--area", "dg1"), "要写群名"),
    (("chat", "room", "u1", "维修队", *RESIDENTS, "--area", "dg1"), "单位“维修队”的群"),
    (("chat", "room", "u2", "长" * 65, "--kind", "unit"), "太长，最多 64 个字"),
    (("chat", "member", "李 大娘", "李大娘"), "编号只能用字母"),
    (("chat", "member", "li2", ""), "名字空着"),
    (("chat", "invite", "nobody"), "没有成员 'nobody'"),
)


def everything(data: Path) -> list[str]:
    """All rows of both databases."""
    found: list[str] = []
    for file in ("gridbridge.db", "webchat.db"):
        with closing(sqlite3.connect(data / file)) as conn:
            found += conn.iterdump()
    return found


def test_what_does_not_fit_is_one_sentence_and_changes_nothing(quickly: Run, tmp_path: Path, config: int) -> None:
    for command in FIRST_GROUP:
        assert quickly(*command).status == 0
    before = everything(tmp_path / "data")
    for command, words in UNFIT:
        ended = quickly(*command)
        assert (ended.status, ended.out) == (1, ""), command
        assert words in ended.err, command
        assert len(ended.err.splitlines()) == 1, command
        assert everything(tmp_path / "data") == before, command


def test_what_is_not_said_stays_as_it_is(quickly: Run, tmp_path: Path, config: int) -> None:
    """A new name alone takes no parent, area, mode or unit away; a role makes who had left a worker again."""
    for command in FIRST_GROUP:
        assert quickly(*command).status == 0
    assert quickly("chat", "room", "g1", "居民群", *RESIDENTS, "--mode", "results").status == 0
    (tmp_path / "gone.csv").write_text("编号,姓名,角色,区域,在岗\nwang,王芳,网格员,dg1,否\n", encoding="utf-8")
    assert quickly("import", "people", "gone.csv").status == 0
    for command in (
        ("areas", "add", "dg1", "东关第一网格", "--level", "grid"),
        ("chat", "room", "g1", "第一网格居民群", *RESIDENTS),
        ("chat", "room", "u1", "维修一队", "--kind", "unit"),
        ("people", "add", "wang", "王芳", *WORKER, "dg1"),
    ):
        assert quickly(*command).status == 0
    shown = {sheet: quickly("export", sheet).out for sheet in ("areas", "chats", "units", "people")}
    assert "dg1,东关第一网格,网格,dg,平安里" in shown["areas"]
    assert "webchat:main,g1,第一网格居民群,居民群,results,dg1" in shown["chats"]
    assert "u1,维修一队,dg,webchat:main,u1,否" in shown["units"]
    assert "webchat,wang,王芳,,网格员,dg1,,是" in shown["people"]


ON_THE_CHAT: tuple[tuple[str, ...], ...] = (
    ("people", "add", "wang", "王小芳", *WORKER, "dg1"),
    ("chat", "room", "g1", "新群名", *RESIDENTS, "--area", "dg1"),
    ("chat", "member", "li", "李婶"),
    ("chat", "invite", "li"),
)


def test_a_chat_history_that_cannot_be_opened_is_one_sentence(quickly: Run, tmp_path: Path, config: int) -> None:
    """It names the file and what is wrong with it, and nothing is written beside it."""
    for command in FIRST_GROUP:
        assert quickly(*command).status == 0
    history = tmp_path / "data" / "webchat.db"
    whole = history.read_bytes()

    def refused(words: str, status: int) -> None:
        people = quickly("export", "people").out
        for command in (*ON_THE_CHAT, ("import", "people", "people.csv")):
            ended = quickly(*command)
            assert (ended.status, ended.out) == (status, ""), command
            assert str(history) in ended.err, command
            assert words in ended.err, command
            assert len(ended.err.splitlines()) == 1, command
        assert quickly("export", "people").out == people

    (tmp_path / "people.csv").write_text("编号,姓名,角色,区域\nwang,王大芳,网格员,dg1\n", encoding="utf-8")
    with closing(sqlite3.connect(history)) as conn:
        conn.execute("PRAGMA user_version = 99")
    refused("更新版本的网格桥用过的，请升级", 2)
    history.write_bytes(b"no database at all" * 100)
    refused("不是数据库文件", 1)
    history.write_bytes(whole)
    assert quickly(*ON_THE_CHAT[2]).status == 0


@contextmanager
def no_room_left(file: Path) -> Iterator[None]:
    """A database that somebody else has open and whose log cannot grow any more, as on a full disk."""
    log = file.with_name(f"{file.name}-wal")
    with closing(sqlite3.connect(file)) as conn:
        conn.executescript("PRAGMA wal_autocheckpoint = 0; CREATE TABLE filler (text);")
        while log.stat().st_size < SHARED_MEMORY:  # a file of this size is made for each connection
            conn.execute("INSERT INTO filler VALUES (?)", ("x" * 4000,))
            conn.commit()
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_one_sentence(quickly: Run, tmp_path: Path, config: int) -> None:
    """What the directory has taken meanwhile is said; the same again makes up for the rest."""
    for command in FIRST_GROUP:
        assert quickly(*command).status == 0
    with no_room_left(tmp_path / "data" / "webchat.db"):
        for command in ON_THE_CHAT:
            ended = quickly(*command)
            assert (ended.status, ended.out) == (1, ""), command
            assert "磁盘" in ended.err, command
            assert ("目录写好了" if command[1] in {"add", "room"} else "没有办成") in ended.err, command
            assert len(ended.err.splitlines()) == 1, command
    for command in ON_THE_CHAT:
        assert quickly(*command).status == 0
    with no_room_left(tmp_path / "data" / "gridbridge.db"):
        ended = quickly("areas", "add", "dg", "东关大社区", "--level", "village")
        assert (ended.status, ended.out) == (1, "")
        assert "磁盘" in ended.err
        assert "没有办成" in ended.err


def test_who_changes_grids_is_no_worker_of_the_old_one(quickly: Run, tmp_path: Path, config: int) -> None:
    """One role after the other is taken back, each only once; the last takes the mark of staff with it."""
    data = tmp_path / "data"
    for command in (
        *FIRST_GROUP,
        ("areas", "add", "dg2", "二网格", *GRID),
        ("people", "add", "wang", "王芳", *WORKER, "dg2"),
    ):
        assert quickly(*command).status == 0
    taken = quickly("people", "revoke", "wang", *WORKER, "dg1")
    assert (taken.status, taken.err) == (0, "")
    assert taken.out == "好了，王芳不再是 dg1 的网格员。他还是：dg2 的网格员。\n"
    assert "wang,王芳,,网格员,dg2" in quickly("export", "people").out
    again = quickly("people", "revoke", "wang", *WORKER, "dg1")
    assert (again.status, again.err) == (1, "gridbridge：王芳没有这个角色，有的是：dg2 的网格员\n")
    assert rows(data / "webchat.db", "SELECT staff FROM member WHERE id = 'wang'") == [(1,)]
    assert "没有别的角色了" in quickly("people", "revoke", "wang", *WORKER, "dg2").out
    assert rows(data / "webchat.db", "SELECT name, staff FROM member WHERE id = 'wang'") == [("王芳", 0)]
    assert quickly("people", "revoke", "sun", "--role", "handler", "--area", "dg", "--unit", "u1").status == 0
    assert rows(data / "gridbridge.db", "SELECT * FROM role") == []
    nobody = quickly("people", "revoke", "wang", *WORKER, "dg2")
    assert (nobody.status, "没有工作人员“wang”" in nobody.err) == (1, True)


def test_the_cases_of_who_has_left_are_named(quickly: Run, office: Office) -> None:
    """Their reminders go to others from now on; what is hidden, or over, is not his to be named."""
    for command in FIRST_GROUP:
        assert quickly(*command).status == 0

    def seed(conn: Connection) -> None:
        rows = directory.load(conn)
        wang = next(person.id for person in rows.persons if person.name == "王芳")
        grid = next(area.id for area in rows.areas if area.code == "dg1")
        for more in ({}, {"state": "closed"}, {"sensitive": "violence"}, {}):
            a_case(conn, **{"state": "accepted", "area_id": grid, "worker_id": wang, **more})

    office.do(seed)
    taken = quickly("people", "revoke", "wang", *WORKER, "dg1")
    assert (taken.status, taken.err) == (0, "")
    assert taken.out.endswith("他没办完的 №1、№4，提醒改发给那里当班的人。\n")


def test_a_member_is_shown_out_of_a_room(quickly: Run, tmp_path: Path, config: int) -> None:
    for command in FIRST_GROUP:
        assert quickly(*command).status == 0
    for unfit, words in (
        (("nowhere", "wang"), "没有群“nowhere”"),
        (("p-wang", "wang"), "没有群“p-wang”"),
        (("u1", "wang", "nobody"), "没有成员“nobody”"),
    ):
        refused = quickly("chat", "leave", *unfit)
        assert (refused.status, refused.out, words in refused.err) == (1, "", True)
    inside = "SELECT member FROM room_member WHERE room IN ('g1', 'u1') ORDER BY room, member"
    assert rows(tmp_path / "data" / "webchat.db", inside) == [("li",), ("wang",), ("wang",)]
    assert quickly("chat", "leave", "u1", "wang").status == 0
    assert rows(tmp_path / "data" / "webchat.db", inside) == [("li",), ("wang",)]


def test_it_works_beside_the_running_program(quickly: Run, tmp_path: Path, config: int) -> None:
    """Both write to the same files; the invitation opens at the running server."""
    with Program(tmp_path, "run") as program:
        program.wait_for(f"http://127.0.0.1:{config}/healthz")
        for command in FIRST_GROUP:
            assert quickly(*command).status == 0
        link = quickly("chat", "invite", "li").out.strip()
        with urllib.request.urlopen(link, timeout=10) as page:
            assert "这是给您本人的邀请" in page.read().decode()
        assert program.stop() == 0
    assert "Traceback" not in program.log
