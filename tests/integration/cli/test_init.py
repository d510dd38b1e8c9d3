"""gridbridge init: from nothing to a running town in one command, and nothing is left of what did not work out."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import stat
import subprocess
import sys
import time
import tomllib
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot.cli.setup.template import filled, template
from bot.config import load
from bot.errors import GridbridgeError
from storage import directory
from storage.engine import Database
from tests.browser.program import Program
from tests.integration.cli.command import ROOT, Run, environment
from tests.integration.cli.terminal import Terminal
from tests.integration.cli.test_run import free_port
from tests.storage.seeds import posts_waiting

LINK = re.compile(r"http://127\.0\.0\.1:(\d+)(/chat/i/\S+)")


def left_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_flags_alone_make_a_town_that_check_passes(quickly: Run, tmp_path: Path) -> None:
    """Without a question; check finds nothing that has to be mended, and the secret is nobody else's."""
    made = quickly("init", "--yes", "--city", "青云镇", "--host", "0.0.0.0")
    assert (made.status, made.err) == (0, "")
    assert LINK.search(made.out)  # with an address that opens on this machine
    for command in ("gridbridge check", "gridbridge import --help", "gridbridge run"):
        assert command in made.out
    checked = quickly("check")
    assert (checked.status, "✗" in checked.out) == (0, False), checked.out
    assert stat.S_IMODE((tmp_path / "webchat.secret").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert left_in(tmp_path) == ["config.toml", "data", "data/gridbridge.db", "data/webchat.db", "webchat.secret"]


def test_the_file_is_the_example_with_the_answers_in_it(quickly: Run, tmp_path: Path) -> None:
    """All comments stay; what was answered stands in its place, quotes and backslashes included."""
    answers = {
        "--city": '"清河"\\市', "--timezone": "Asia/Urumqi", "--public-url": "https://w.example.org", "--port": "8181",
        "--host": "0.0.0.0", "--phones": "市值班室 0538-1，派出所 110", "--data": "d", "--admin": "张伟",
    }  # fmt: skip
    assert quickly("init", "--yes", *(word for pair in answers.items() for word in pair)).status == 0
    text = (tmp_path / "config.toml").read_text(encoding="utf-8")
    example = (ROOT / "config.example.toml").read_text(encoding="utf-8")
    comments = [line for line in example.splitlines() if line.startswith("#")]
    assert [line for line in text.splitlines() if line.startswith("#")] == comments
    config = load(tmp_path / "config.toml")
    assert (config.city.name, config.city.timezone) == ('"清河"\\市', "Asia/Urumqi")
    assert config.city.emergency_phones == ("市值班室 0538-1", "派出所 110")
    assert (config.web.host, config.web.port, config.web.public_url) == ("0.0.0.0", 8181, "https://w.example.org")
    assert config.data_dir == tmp_path / "d"
    same = tomllib.loads(text)
    del same["channels"], same["city"], same["web"], same["data_dir"]
    assert same == {key: value for key, value in tomllib.loads(example).items() if key in same}


def test_a_template_without_a_place_for_an_answer_is_refused() -> None:
    with pytest.raises(GridbridgeError, match="nowhere"):
        filled(template(), {("web", "nowhere"): "nowhere = 1"})


async def test_the_admin_is_known_and_greeted(quickly: Run, tmp_path: Path) -> None:
    """The top area by the name's level, the role in it, and one message that waits for his coming."""
    import asyncio

    made = await asyncio.to_thread(
        quickly, "init", "--yes", "--city", "清河市", "--admin", "张伟", "--admin-id", "zhang"
    )
    assert made.status == 0, made.err
    db = await Database.open(f"sqlite:///{tmp_path}/data/gridbridge.db")
    known = await db.read(directory.load)
    waiting = await db.read(lambda conn: posts_waiting(conn, "webchat:main"))
    await db.close()
    assert [(area.code, area.name, area.level) for area in known.areas] == [("city", "清河市", "city")]
    assert [(person.name, role.role) for person in known.persons for role in known.roles] == [("张伟", "admin")]
    assert [(chat.kind, chat.native_id) for chat in known.chats] == [("private", "p-zhang")]
    assert waiting == 1
    with closing(sqlite3.connect(tmp_path / "data" / "webchat.db")) as rooms:
        assert rooms.execute("SELECT id, name, staff FROM member WHERE id != 'bot'").fetchall() == [
            ("zhang", "张伟", 1)
        ]


def test_the_link_opens_at_the_program_and_the_greeting_arrives(quickly: Run, tmp_path: Path) -> None:
    port = free_port()
    made = quickly("init", "--yes", "--city", "青云镇", "--port", str(port))
    link = LINK.search(made.out)
    assert link
    assert link[1] == str(port)
    with Program(tmp_path, "run") as program:
        program.wait_for(f"http://127.0.0.1:{port}/healthz")
        until = time.monotonic() + 15
        while not (said := greetings(tmp_path)) and time.monotonic() < until:
            time.sleep(0.1)
        with urllib.request.urlopen(link[0], timeout=10) as page:
            assert "这是给您本人的邀请" in page.read().decode()
        assert program.stop() == 0
    assert len(said) == 1
    assert "您是管理员" in said[0]


def greetings(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "data" / "webchat.db")) as rooms:
        return [body for (body,) in rooms.execute("SELECT body FROM message WHERE room = 'p-admin'")]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), ("--city",)),
        (("--city", " "), ("--city", "1 到 40")),
        (("--city", "x", "--level", "village"), ("--level", "town")),
        (("--city", "x", "--port", "http"), ("--port", "整数")),
        (("--city", "x", "--port", "70000"), ("--port", "0 到 65535")),
        (("--city", "x", "--port", "0"), ("--port", "固定的端口")),
        (("--city", "x", "--public-url", "wangge.cn"), ("--public-url", "https://example.org")),
        (("--city", "x", "--timezone", "Beijing"), ("--timezone", "Asia/Shanghai")),
        (("--city", "x", "--database", "mysql://u:hidden@h/d"), ("--database", "postgresql://")),
        (("--city", "x", "--database", "env:NOT_SET_ANYWHERE"), ("--database", "NOT_SET_ANYWHERE")),
        (("--city", "x", "--database", "postgresql://u:hidden@127.0.0.1:1/d"), ("--database", "打不开")),
        (("--city", "x", "--admin-id", "张伟"), ("--admin-id", "字母")),
        (("--city", "x", "--admin-id", "bot"), ("--admin-id", "bot")),
        (("--city", "x", "--code", "a b"), ("--code", "字母")),
        (("--city", "x", "--phones", "110\x07"), ("--phones", "看不见")),
    ],
)
def test_a_wrong_answer_is_one_sentence_and_leaves_nothing(
    quickly: Run, tmp_path: Path, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    """Without a terminal nothing is asked, with or without --yes."""
    ended = quickly("init", "--yes", *arguments)
    assert ended.status in {1, 2}
    assert [line for line in ended.err.splitlines() if all(word in line for word in words)], ended.err
    assert "hidden" not in ended.err
    assert ended.out == ""
    assert left_in(tmp_path) == []


def test_without_a_terminal_it_names_the_flag(quickly: Run) -> None:
    ended = quickly("init")
    assert (ended.status, ended.out) == (2, "")
    assert "--city" in ended.err


def test_what_is_there_is_never_overwritten(quickly: Run, tmp_path: Path) -> None:
    """Neither a configuration, nor a secret, nor a town: each refusal says what to do."""
    (tmp_path / "config.toml").write_text("mine", encoding="utf-8")
    ended = quickly("init", "--yes", "--city", "青云镇")
    assert (ended.status, "config.toml 已经有了" in ended.err, "--config" in ended.err) == (2, True, True)
    assert (tmp_path / "config.toml").read_text(encoding="utf-8") == "mine"
    (tmp_path / "config.toml").unlink()
    (tmp_path / "webchat.secret").write_text("mine", encoding="utf-8")
    ended = quickly("init", "--yes", "--city", "青云镇")
    assert (ended.status, "webchat.secret 已经有了" in ended.err) == (2, True)
    assert left_in(tmp_path) == ["webchat.secret"]
    (tmp_path / "webchat.secret").unlink()
    assert quickly("init", "--yes", "--city", "青云镇").status == 0
    (tmp_path / "config.toml").unlink()
    (tmp_path / "webchat.secret").unlink()
    before = (tmp_path / "data" / "gridbridge.db").read_bytes()
    ended = quickly("init", "--yes", "--city", "白石镇", "--code", "baishi")
    assert (ended.status, "已经有 青云镇" in ended.err, "--data" in ended.err) == (2, True, True)
    assert (tmp_path / "data" / "gridbridge.db").read_bytes() == before
    assert left_in(tmp_path) == ["data", "data/gridbridge.db", "data/webchat.db"]


def test_a_late_failure_takes_back_what_was_made(quickly: Run, tmp_path: Path) -> None:
    """The chat history is of newer code: found out after the database was made, which goes again; the file stays."""
    (tmp_path / "data").mkdir()
    with closing(sqlite3.connect(tmp_path / "data" / "webchat.db")) as rooms:
        rooms.execute("PRAGMA user_version = 99")
    ended = quickly("init", "--yes", "--city", "青云镇")
    assert (ended.status, len(ended.err.splitlines())) == (2, 1)
    assert "请升级网格桥" in ended.err
    assert left_in(tmp_path) == ["data", "data/webchat.db"]


def test_ctrl_c_while_it_works_takes_back_what_was_made(tmp_path: Path) -> None:
    """Somebody holds the chat history's lock, so that there is a moment to press it in."""
    (tmp_path / "data").mkdir()
    with closing(sqlite3.connect(tmp_path / "data" / "webchat.db", isolation_level=None)) as rooms:
        rooms.execute("PRAGMA journal_mode = WAL")
        rooms.execute("BEGIN IMMEDIATE")
        with subprocess.Popen(
            [sys.executable, "-m", "bot", "init", "--yes", "--city", "青云镇"],
            cwd=tmp_path,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            until = time.monotonic() + 20
            while not (tmp_path / "data" / "gridbridge.db").exists() and time.monotonic() < until:
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            rooms.execute("ROLLBACK")
            _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (130, "")
    assert [name for name in left_in(tmp_path) if not name.startswith("data/webchat.db")] == ["data"]


def test_it_works_on_postgresql_and_again_after_a_failure(quickly: Run, tmp_path: Path, postgres_url: str) -> None:
    """A password lands in a file of its own; tables that a failed init left behind are taken up again."""
    url = make_url(postgres_url).set(password="pass77").render_as_string(hide_password=False)
    (tmp_path / "data").mkdir()
    with closing(sqlite3.connect(tmp_path / "data" / "webchat.db")) as rooms:
        rooms.execute("PRAGMA user_version = 99")
    failed = quickly("init", "--yes", "--city", "清河市", "--database", url)
    assert (failed.status, "空表留着" in failed.err) == (2, True)
    assert left_in(tmp_path) == ["data", "data/webchat.db"]
    (tmp_path / "data" / "webchat.db").unlink()
    made = quickly("init", "--yes", "--city", "清河市", "--database", url)
    assert made.status == 0, made.err
    assert 'url_file = "database.secret"' in (tmp_path / "config.toml").read_text(encoding="utf-8")
    assert stat.S_IMODE((tmp_path / "database.secret").stat().st_mode) == 0o600
    assert quickly("check").status == 0
    assert "pass77" not in (tmp_path / "config.toml").read_text(encoding="utf-8") + made.out + failed.err


def test_on_a_terminal_it_asks_and_a_wrong_answer_is_asked_again(tmp_path: Path) -> None:
    """A real pseudo-terminal: every question with its reason, defaults by Enter, the check at once."""
    with Terminal(tmp_path, "init", "--port", "8181") as terminal:
        terminal.answer("城市或镇街的名字：", "")
        assert "1 到 40 个字" in terminal.answer("城市或镇街的名字：", "清河市")
        terminal.answer("（city）：", "")
        terminal.answer("（Asia/Shanghai）：", "Beijing")
        assert '中国大陆写 "Asia/Shanghai"' in terminal.answer("（Asia/Shanghai）：", "")
        terminal.answer("网址 （不写）：", "https://w.example.org")
        terminal.answer("（127.0.0.1）：", "")
        terminal.answer("gridbridge.db）：", "")
        assert "紧急的事没有人接时" in terminal.answer("值班电话 （不写）：", "市值班室 0538-1、110")
        terminal.answer("（管理员）：", "张伟")
        status, said = terminal.end()
    assert (status, "清河市的网格桥建好了" in said, "https://w.example.org/chat/i/" in said) == (0, True, True)
    config = load(tmp_path / "config.toml")
    assert (config.city.name, config.web.port, len(config.city.emergency_phones)) == ("清河市", 8181, 2)


@pytest.mark.parametrize(("key", "status", "word"), [("\x03", 130, ""), ("\x04", 1, "什么也没有建")])
def test_leaving_a_question_leaves_nothing(tmp_path: Path, key: str, status: int, word: str) -> None:
    """Ctrl-C and Ctrl-D, no traceback."""
    with Terminal(tmp_path, "init") as terminal:
        terminal.answer("城市或镇街的名字：", "清河市")
        terminal.wait_for("（city）：")
        time.sleep(0.3)  # as a person does: Python misses a signal in the instant before it begins to read
        os.write(terminal.handle, key.encode())
        ended, said = terminal.end()
    assert (ended, word in said, "Traceback" in said) == (status, True, False)
    assert left_in(tmp_path) == []
