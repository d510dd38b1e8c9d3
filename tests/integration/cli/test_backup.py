"""gridbridge backup and restore: beside the working program, checked, whole or not at all."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tarfile
import time
import tomllib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cli.archives import manifest as manifests
from storage.room_log import RoomLog
from storage.schema import blob
from tests.browser.program import Program
from tests.databases import in_own_loop
from tests.fakes.bridge import until
from tests.fakes.webtown import Page
from tests.integration.cli.command import Ended, Run, environment
from tests.integration.cli.office import SECRET, Office
from tests.integration.cli.test_cases import small_disk
from tests.integration.cli.test_run import free_port
from tests.integration.cli.test_town import FIRST_GROUP
from tests.integration.flow.desk_of_one import a_case

NOW = datetime.now(UTC)
RUNNING = """
data_dir = "{data}"
[web]
port = {port}
[channels.webchat.main]
secret = "{secret}"
says_per_ten_seconds = 1000
"""


def rows(file: Path, question: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(file)) as conn:
        return conn.execute(question).fetchall()


class Load:
    """Somebody who reports one thing after the other; `acked`: what the program has said it has."""

    def __init__(self, url: str) -> None:
        self.page, self.acked, self.going = Page(url), list[str](), True

    async def run(self, invite: str, known: Callable[[], bool]) -> None:
        """`known`: the program has taken note of the new group."""
        await self.page.use(invite)
        await self.page.connect()
        await self.page.said("大家好", room="g1")
        await until(known, seconds=30)
        number = 0
        while self.going:
            number += 1
            text = f"{number}号楼前的路灯不亮了"
            await self.page.said(text, room="g1")
            self.acked.append(text)
            await asyncio.sleep(0.01)
        await self.page.close()

    async def until(self, count: int) -> None:
        await until(lambda: len(self.acked) >= count, seconds=30)


async def test_everything_acknowledged_before_is_there_after(quickly: Run, tmp_path: Path) -> None:
    """A backup while somebody reports without a pause, restored elsewhere, and the program works on with it.

    Nothing acknowledged is missing, and nothing of which the history says that it was handed over.
    """
    port = free_port()
    url, config = f"http://127.0.0.1:{port}", tmp_path / "config.toml"
    config.write_text(RUNNING.format(port=port, secret=SECRET, data="data"), encoding="utf-8")

    async def command(*words: str) -> Ended:
        return await asyncio.to_thread(quickly, *words)

    with Program(tmp_path, "run") as program:
        await asyncio.to_thread(program.wait_for, f"{url}/healthz")
        for words in FIRST_GROUP:
            assert (await command(*words)).status == 0
        load = Load(url)
        invite = (await command("chat", "invite", "li")).out.strip().removeprefix(url)
        joined = "SELECT state FROM inbox WHERE event_key = 'g1/joined'"
        there = tmp_path / "data" / "gridbridge.db"
        working = asyncio.create_task(load.run(invite, lambda: rows(there, joined) == [("done",)]))
        await load.until(20)
        before = list(load.acked)
        ended = await command("backup", "backup.tar.gz")
        assert (ended.status, ended.err) == (0, "")
        await load.until(len(before) + 1)  # it went on all the time
        load.going = False
        await working
        assert program.stop() == 0
    assert "Traceback" not in program.log

    other = tmp_path / "other.toml"
    other.write_text(RUNNING.format(port=port, secret=SECRET, data="elsewhere"), encoding="utf-8")
    ended = await command("restore", "backup.tar.gz", "--config", "other.toml")
    assert (ended.status, ended.err) == (0, "")
    chat, database = tmp_path / "elsewhere" / "webchat.db", tmp_path / "elsewhere" / "gridbridge.db"
    said = [
        json.loads(body)["text"]
        for (body,) in rows(chat, "SELECT body FROM message WHERE author = 'li' AND n > 1 ORDER BY n")
    ]
    assert said[: len(before)] == before
    fed = "SELECT count(*) FROM message JOIN room ON room.id = message.room WHERE author = 'li' AND n > 1 AND message.rev <= fed"
    inbox = "SELECT count(*) FROM inbox WHERE kind = 'message'"
    # it is acknowledged when the database has it, and noted as handed over a moment later
    assert rows(database, inbox)[0][0] >= max(len(before), rows(chat, fed)[0][0])
    assert database.stat().st_mode & 0o777 == 0o600

    with Program(tmp_path, "run", "--config", "other.toml") as again:
        await asyncio.to_thread(again.wait_for, f"{url}/healthz")
        page = Page(url)
        await page.use((await command("chat", "invite", "li", "--config", "other.toml")).out.strip().removeprefix(url))
        await page.connect()
        await page.said("还有9000号楼前的路灯也不亮了", room="g1")
        left = "SELECT count(*) FROM inbox WHERE state != 'done'"
        await until(lambda: rows(database, left) == [(0,)], seconds=30)
        await page.close()
        assert again.stop() == 0
    # what had not been handed over at that moment has been now
    assert rows(database, inbox)[0][0] == len(said) + 1
    assert "Traceback" not in again.log


async def _chat(path: Path) -> None:
    rooms = await RoomLog.open(path)
    await rooms.ensure_member("li", "李大娘", staff=False)
    await rooms.close()


@pytest.fixture
def full(sqlite_office: Office) -> Office:
    """A case, a photo and a chat; and an archive of it, `good.tar.gz`."""
    sqlite_office.do(lambda conn: a_case(conn, text="路灯不亮"))
    in_own_loop(lambda: _chat(sqlite_office.folder / "webchat.db"))
    return sqlite_office


@pytest.fixture
def archive(full: Office, quickly: Run) -> Path:
    ended = quickly("backup", "good.tar.gz")
    assert (ended.status, ended.err) == (0, "")
    return full.folder / "good.tar.gz"


def elsewhere(folder: Path, more: str = "") -> Path:
    """A configuration whose data folder is not there yet."""
    text = f'data_dir = "new"\n[web]\nport = 0\n{more}\n[channels.webchat.main]\nsecret = "{SECRET}"\n'
    (folder / "new.toml").write_text(text, encoding="utf-8")
    return folder / "new"


def test_it_says_what_is_in_it_and_holds_no_secret(archive: Path, quickly: Run) -> None:
    """For its owner only; the sums, the versions, the counts, and the settings without what signs the sessions."""
    ended = quickly("backup", "--verify", str(archive))
    assert ended.status == 0
    for word in ("完整", "1 件案件", "群聊 webchat:main：0 条消息，1 个成员"):
        assert word in ended.out
    assert archive.stat().st_mode & 0o777 == 0o600
    with tarfile.open(archive) as tar:
        names = tar.getnames()
        files = {name: tar.extractfile(name).read() for name in names}  # type: ignore[union-attr]
    assert names == ["manifest.json", "gridbridge.db", "history-1.db", "config.toml"]
    assert SECRET.encode() not in b"".join(files.values())
    assert tomllib.loads(files["config.toml"].decode())["channels"]["webchat"]["main"]["secret"] == "change-me"
    body = json.loads(files["manifest.json"])
    assert (body["format"], body["parts"][0]["revision"], body["parts"][0]["counts"]["cases"]) == (1, "0001", 1)
    assert [path.name for path in archive.parent.glob(".*")] == []


def test_it_never_takes_the_place_of_another_file(archive: Path, quickly: Run) -> None:
    """A folder gets a name with the date; a name that is taken is refused."""
    ended = quickly("backup", "good.tar.gz")
    assert (ended.status, "不会盖掉别的文件" in ended.err) == (1, True)
    (archive.parent / "backups").mkdir()
    assert quickly("backup", "backups").status == 0
    assert len(list((archive.parent / "backups").glob("gridbridge-20*.tar.gz"))) == 1


def test_a_restored_folder_is_the_same_and_the_old_one_stays(archive: Path, quickly: Run) -> None:
    new = elsewhere(archive.parent)
    ended = quickly("restore", "good.tar.gz", "--config", "new.toml")
    assert (ended.status, ended.err) == (0, "")
    assert sorted(path.name for path in new.iterdir()) == ["gridbridge.db", "webchat.db"]
    assert rows(new / "gridbridge.db", "SELECT text FROM cases") == [("路灯不亮",)]
    assert quickly("cases", "list", "--config", "new.toml").status == 0
    again = quickly("restore", "good.tar.gz", "--config", "new.toml")
    assert (again.status, "只放进空的数据文件夹" in again.err) == (1, True)
    (new / "gridbridge.db").unlink()
    (new / "gridbridge.db-wal").write_bytes(b"")
    (new / "webchat.db").unlink()
    assert "gridbridge.db-wal 已经有了" in quickly("restore", "good.tar.gz", "--config", "new.toml").err


Entry = tuple[tarfile.TarInfo, bytes]


def entries(path: Path) -> list[Entry]:
    with tarfile.open(path) as tar:
        return [(entry, tar.extractfile(entry).read()) for entry in tar.getmembers()]  # type: ignore[union-attr]


def packed(found: list[Entry]) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as tar:
        for entry, body in found:
            entry.size = len(body) if entry.isreg() else 0
            tar.addfile(entry, io.BytesIO(body))
    return held.getvalue()


def entry(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, link
    return made


def renamed(raw: bytes, name: str) -> bytes:
    """The manifest claims that its database has this name."""
    return raw.replace(b'"gridbridge.db"', json.dumps(name).encode())


@dataclass(frozen=True)
class Good:
    """An archive, and what is in it: manifest, database, history, configuration."""

    raw: bytes
    parts: list[Entry]

    def with_database(self, made: tarfile.TarInfo, body: bytes | None = None, name: str = "gridbridge.db") -> bytes:
        """Another database in its place, of which the manifest says that this is its name."""
        (head, manifest), (_, database), *others = self.parts
        return packed([(head, renamed(manifest, name)), (made, database if body is None else body), *others])

    def flipped(self, at: int) -> bytes:
        return self.raw[:at] + bytes([self.raw[at] ^ 64]) + self.raw[at + 1 :]


BAD: dict[str, Callable[[Good], bytes]] = {
    "empty": lambda _: b"",
    "no archive": lambda _: b"hello" * 100,
    "cut early": lambda good: good.raw[:200],
    "cut in the middle": lambda good: good.raw[: len(good.raw) // 2],
    "cut at the end": lambda good: good.raw[:-9],
    "a bit flipped": lambda good: good.flipped(len(good.raw) // 2),
    "the last sum wrong": lambda good: good.flipped(len(good.raw) - 6),
    "a byte changed": lambda good: good.with_database(entry("gridbridge.db"), b"X" + good.parts[1][1][1:]),
    "a file missing": lambda good: packed(good.parts[:-1]),
    "a file too many": lambda good: packed([*good.parts, (entry("more"), b"x")]),
    "manifest not first": lambda good: packed([*good.parts[1:], good.parts[0]]),
    "a path that leads out": lambda good: good.with_database(entry("../evil.db"), name="../evil.db"),
    "an absolute path": lambda good: good.with_database(entry("/tmp/evil.db"), name="/tmp/evil.db"),
    "another name inside": lambda good: good.with_database(entry("../evil.db")),
    "a link for a file": lambda good: good.with_database(entry("gridbridge.db", tarfile.SYMTYPE, "/etc/passwd"), b""),
    "another manifest": lambda good: packed([(good.parts[0][0], b'{"format": 1}'), *good.parts[1:]]),
}


def test_what_is_not_exactly_a_backup_is_refused(archive: Path, quickly: Run) -> None:
    """One sentence, and nothing of it is anywhere."""
    new = elsewhere(archive.parent)
    good = Good(archive.read_bytes(), entries(archive))
    for what, spoil in BAD.items():
        (archive.parent / "bad.tar.gz").write_bytes(spoil(good))
        for command in (("restore", "bad.tar.gz", "--config", "new.toml"), ("backup", "--verify", "bad.tar.gz")):
            ended = quickly(*command)
            assert (ended.status, ended.out, len(ended.err.splitlines())) == (1, "", 1), (what, ended)
            assert "不是完整的备份" in ended.err, (what, ended)
        assert not new.exists() or list(new.iterdir()) == [], what
    assert [path.name for path in archive.parent.parent.glob("evil*")] == []


def test_a_backup_of_newer_code_is_refused(full: Office, quickly: Run) -> None:
    """Of a newer format, or with a database this program could not serve."""
    new = elsewhere(full.folder)
    with closing(sqlite3.connect(full.folder / "gridbridge.db")) as conn, conn:
        conn.execute("UPDATE alembic_version SET version_num = 'future'")
        conn.execute("UPDATE meta SET value = 'future' WHERE key = 'oldest_code'")
    assert quickly("backup", "future.tar.gz").status == 0, "what cannot be read can still be kept"
    head, *others = entries(full.folder / "future.tar.gz")
    newer = head[1].replace(b'"format": 1', b'"format": 2')
    assert newer != head[1]
    (full.folder / "newer.tar.gz").write_bytes(packed([(head[0], newer), *others]))
    for name in ("future.tar.gz", "newer.tar.gz"):
        ended = quickly("restore", name, "--config", "new.toml")
        assert (ended.status, len(ended.err.splitlines())) == (1, 1)
        assert "更新版本的网格桥做的，请先升级" in ended.err
        assert list(new.iterdir()) == []


def test_a_full_disk_leaves_nothing(full: Office, quickly: Run) -> None:
    """Neither of a backup nor of a restored folder."""
    full.do(lambda conn: conn.execute(blob.insert(), photo(2**21)))
    assert quickly("backup", "good.tar.gz").status == 0
    new, before = elsewhere(full.folder), sorted(full.folder.iterdir())
    with small_disk(2**20):
        for command in (("backup", "more.tar.gz"), ("restore", "good.tar.gz", "--config", "new.toml")):
            ended = quickly(*command)
            assert (ended.status, ended.out, len(ended.err.splitlines())) == (1, "", 1)
    assert sorted(path for path in full.folder.iterdir() if path != new) == before
    assert list(new.iterdir()) == []


def photo(size: int) -> dict[str, Any]:
    """Bytes that do not get smaller."""
    return {"hash": "h", "mime": "image/jpeg", "width": 1, "height": 1, "data": os.urandom(size), "created_at": NOW}


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_stopped_in_the_middle_it_leaves_nothing(full: Office, asked: signal.Signals) -> None:
    """By Ctrl-C or by a machine that shuts down: one sentence, status 130, no copy of anybody's words."""
    full.do(lambda conn: conn.execute(blob.insert(), photo(48 * 2**20)))
    before = sorted(full.folder.iterdir())
    command = [sys.executable, "-m", "bot", "backup", "out.tar.gz"]
    with subprocess.Popen(
        command, cwd=full.folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        while not list(full.folder.glob(".out.tar.gz.*/archive")):
            assert process.poll() is None
            time.sleep(0.005)
        process.send_signal(asked)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (130, "", "gridbridge：停下了，没有留下半个备份\n")
    assert sorted(full.folder.iterdir()) == before


def test_postgres_is_told_the_command_and_keeps_its_password(full: Office, quickly: Run) -> None:
    """The chat and the configuration are backed up on demand; both sides must be of one kind to be restored."""
    url = "postgresql://gb:p4ssw0rd@db.example.org:5433/town"
    office = Office(full.folder, url)
    office.configure()
    ended = quickly("backup", "out.tar.gz")
    assert (ended.status, len(ended.err.splitlines())) == (1, 1)
    assert 'pg_dump --format=custom --file=gridbridge.pgdump "postgresql://gb@db.example.org:5433/town"' in ended.err
    assert "p4ssw0rd" not in ended.err
    assert quickly("backup", "out.tar.gz", "--without-database").status == 0
    assert "没有数据库" in quickly("backup", "--verify", "out.tar.gz").out
    assert b"p4ssw0rd" not in gzip.decompress((full.folder / "out.tar.gz").read_bytes())
    elsewhere(full.folder)
    assert "这份备份里没有数据库" in quickly("restore", "out.tar.gz", "--config", "new.toml").err
    new = elsewhere(full.folder, f'[database]\nurl = "{url}"')
    assert quickly("restore", "out.tar.gz", "--config", "new.toml").status == 0
    assert [path.name for path in new.iterdir()] == ["webchat.db"]
    full.configure()
    assert quickly("backup", "both.tar.gz").status == 0
    (new / "webchat.db").unlink()
    assert "请改 [database] url" in quickly("restore", "both.tar.gz", "--config", "new.toml").err


def test_what_an_older_database_may_have_missed_is_owed_again(full: Office, quickly: Run) -> None:
    """A chat restored beside pg_dump's older database: its last day is handed over once more, and nothing before."""
    in_own_loop(lambda: _three_days(full.folder / "webchat.db"))
    office = Office(full.folder, "postgresql://gb@db.example.org/town")
    office.configure()
    assert quickly("backup", "out.tar.gz", "--without-database").status == 0
    new = elsewhere(full.folder, f'[database]\nurl = "{office.url}"')
    ended = quickly("restore", "out.tar.gz", "--config", "new.toml")
    assert (ended.status, "会再听一遍" in ended.out) == (0, True)
    assert rows(new / "webchat.db", "SELECT id, fed FROM room ORDER BY id") == [("fresh", -1), ("g1", 2), ("old", 1)]
    assert rows(full.folder / "webchat.db", "SELECT fed FROM room WHERE id = 'g1'") == [(4,)]


async def _three_days(path: Path) -> None:
    """In g1 two words of three days ago, the first of which was changed today, and one of today; all handed over."""
    rooms = await RoomLog.open(path)
    for room in ("g1", "old", "fresh"):
        await rooms.ensure_room(room, title=room, kind="residents", members=["li"], now=NOW)
    long_ago = NOW - timedelta(days=3)
    for room, at in (("g1", long_ago), ("g1", long_ago), ("old", long_ago), ("g1", NOW)):
        await rooms.append(room, "li", {"text": "路灯不亮"}, now=at)
    await rooms.change("g1", 1, "li", {"text": "路灯又不亮"}, now=NOW)
    await rooms.mark_fed("g1", 4)
    await rooms.mark_fed("old", 1)
    await rooms.close()


def test_what_does_not_fit_is_one_sentence(archive: Path, quickly: Run) -> None:
    folder = archive.parent
    elsewhere(folder)
    (folder / "bare.toml").write_text('data_dir = "bare"\n[web]\nport = 0\n', encoding="utf-8")
    for command, status, words in (
        (("backup", "none/out.tar.gz"), 1, "文件不存在"),
        (("backup", "none/"), 1, "没有文件夹 none，请先建好"),
        (("backup", "--verify", "none.tar.gz"), 1, "文件不存在"),
        (("backup", "out.tar.gz", "--config", "new.toml"), 2, "还没有数据库"),
        (("backup",), 2, "缺少参数"),
        (("restore", "none.tar.gz", "--config", "new.toml"), 1, "文件不存在"),
        (("restore", "good.tar.gz", "--config", "bare.toml"), 1, "请先写上 [channels.webchat.main]"),
    ):
        ended = quickly(*command)
        assert (ended.status, ended.out, len(ended.err.splitlines())) == (status, "", 1), ended
        assert words in ended.err


def test_a_manifest_says_what_it_was_given() -> None:
    made = manifests.Manifest(NOW, "0.1", (manifests.Part("history-1.db", 3, "0" * 64, "webchat:main", "1", {"x": 1}),))
    assert manifests.load(made.dump()) == made
