"""areas, people, chat: a first real group without the demo, also while the program runs."""

from __future__ import annotations

import sqlite3
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from tests.browser.program import Program
from tests.integration.cli.command import Run
from tests.integration.cli.test_run import CONFIG, free_port

FIRST_GROUP = (
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


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("areas", "add", "dg1", "一网格", "--level", "grid", "--parent", "nowhere"), "没有区域 nowhere"),
        (("areas", "add", "dg1", "一网格", "--level", "grid", "--parent", "dg1"), "自己的上一级"),
        (("people", "add", "wang", "王芳", "--role", "grid_worker", "--area", "dg9"), "没有区域 dg9"),
        (("chat", "room", "g1", "群", "--kind", "residents"), "--area"),
        (("chat", "room", "g1", "群", "--kind", "unit", "--members", "nobody"), "没有成员 'nobody'"),
        (("chat", "member", "李 大娘", "李大娘"), "编号只能用字母"),
        (("chat", "invite", "nobody"), "没有成员 'nobody'"),
    ],
)
def test_what_does_not_fit_is_one_sentence(quickly: Run, config: int, command: tuple[str, ...], words: str) -> None:
    ended = quickly(*command)
    assert ended.status == 1
    assert words in ended.err
    assert len(ended.err.splitlines()) == 1


def test_a_handler_needs_his_unit(quickly: Run, config: int) -> None:
    assert quickly("areas", "add", "dg", "东关社区", "--level", "village").status == 0
    ended = quickly("people", "add", "sun", "孙师傅", "--role", "handler", "--area", "dg")
    assert (ended.status, "--unit" in ended.err) == (1, True)


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
