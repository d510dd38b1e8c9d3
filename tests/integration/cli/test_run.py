"""gridbridge run: what stops it, and how it ends."""

from __future__ import annotations

import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from storage.engine import Database
from tests.integration.cli.command import Run, environment

pytest.importorskip("bot.app", reason="the program that `run` starts is not there yet")

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
