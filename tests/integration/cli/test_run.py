"""gridbridge run: what stops it, and how it ends."""

from __future__ import annotations

import asyncio
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.config import build
from bot.errors import ConfigError
from bot.ports import ChannelState
from storage.engine import Database
from tests.integration.cli.command import Run, environment

CONFIG = """
[web]
port = {port}
[channels.webchat.main]
secret = "0123456789abcdef0123456789abcdef"
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def wait_for(url: str, process: subprocess.Popen[str]) -> None:
    """Until somebody answers there with 200."""
    for _ in range(300):
        assert process.poll() is None, process.communicate()
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"nobody answers at {url}")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_it_serves_until_a_signal_and_ends_without_a_traceback(
    tmp_path: Path, number: signal.Signals, status: int
) -> None:
    port = free_port()
    (tmp_path / "config.toml").write_text(CONFIG.format(port=port), encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        cwd=tmp_path,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        wait_for(f"http://127.0.0.1:{port}/healthz", process)
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
    assert process.returncode == status
    assert "Traceback" not in err
    assert "alembic" not in err, "an operator is told nothing of how the tables are looked at"
    assert (tmp_path / "data" / "gridbridge.db").is_file()


def test_a_busy_port_is_refused_in_one_sentence(gridbridge: Run, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        (tmp_path / "config.toml").write_text(CONFIG.format(port=port), encoding="utf-8")
        ended = gridbridge("run")
    assert ended.status == 2
    assert f"端口 {port} 已被别的程序占用" in ended.err.splitlines()[-1]
    assert "Traceback" not in ended.err


async def test_a_database_of_a_newer_program_is_refused_in_one_sentence(gridbridge: Run, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG.format(port=0), encoding="utf-8")
    file = tmp_path / "data" / "gridbridge.db"
    file.parent.mkdir()
    await (await Database.open(f"sqlite:///{file}")).close()
    with sqlite3.connect(file) as conn:
        conn.execute("UPDATE alembic_version SET version_num = 'future'")
        conn.execute("UPDATE meta SET value = 'future' WHERE key = 'oldest_code'")
    conn.close()
    ended = gridbridge("run")
    assert ended.status == 2
    assert "请升级网格桥" in ended.err.splitlines()[-1]
    assert "Traceback" not in ended.err


SECRET = {"secret": "0123456789abcdef" * 2}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"data_dir": "taken"}, ("data_dir", "taken", "请换一个")),
        ({"classifier": {"rules": "nowhere"}}, ("[classifier] rules", "nowhere")),
        ({"clocks": {"roundz": 1}}, ("roundz",)),
        ({"channels": {"webchat": {"main": {"secret": "change-me"}}}}, ("[channels.webchat.main] secret", "占位")),
        ({"channels": {"webchat": {"main": {"secret_file": "none"}}}}, ("secret_file", "文件不存在")),
        ({"channels": {"webchat": {"main": {**SECRET, "sekret": 1}}}}, ("sekret", "secret")),
        ({"channels": {"webcat": {"main": {}}}}, ("[channels.webcat]", "webchat")),
        ({"database": {"url": "sqlite:///taken/x.db"}}, ("[database] url", "请检查路径")),
    ],
)
async def test_what_is_wrong_in_the_configuration_is_refused(
    tmp_path: Path, change: dict[str, Any], words: tuple[str, ...]
) -> None:
    """Also what only a start finds out; one sentence with the key and the remedy, never a traceback."""
    (tmp_path / "taken").write_text("in the way", encoding="utf-8")
    table = {"web": {"port": 0}, "channels": {"webchat": {"main": SECRET}}, **change}
    with pytest.raises(ConfigError) as refused:
        async with App.open(build(table, tmp_path)):
            pass
    assert all(word in str(refused.value) for word in words)
    assert "\n" not in str(refused.value)


def test_it_can_be_stopped_while_it_waits_for_the_database(tmp_path: Path) -> None:
    text = CONFIG.format(port=0) + '[database]\nurl = "postgresql://u:pass77@127.0.0.1:1/none"\n'
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        cwd=tmp_path,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        assert "database away" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
    assert (process.returncode, "Traceback" in err, "pass77" in err) == (0, False, False)


async def test_a_chat_history_of_newer_code_is_a_state_of_its_channel(tmp_path: Path) -> None:
    """The rest goes on; /readyz says what to do."""
    (tmp_path / "data").mkdir()
    with sqlite3.connect(tmp_path / "data" / "webchat.db") as conn:
        conn.execute("PRAGMA user_version = 99")
    conn.close()
    stop = asyncio.Event()
    table = {"web": {"port": 0}, "channels": {"webchat": {"main": SECRET}}}
    async with App.open(build(table, tmp_path)) as app, asyncio.TaskGroup() as tasks:
        tasks.create_task(app.serve(stop))
        channel = app.channels["webchat:main"]
        for _ in range(200):
            if channel.status.state is ChannelState.FAILED:
                break
            await asyncio.sleep(0.05)
        status, ready = channel.status, await app.monitor.ready()
        stop.set()
    assert (status.state, "请升级网格桥" in status.reason) == (ChannelState.FAILED, True)
    assert [check.ok for check in ready if check.name == "webchat:main"] == [False]
