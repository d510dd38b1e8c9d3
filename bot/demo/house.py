"""Where the demo lives: its folder, its secret, its settings."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot import config
from bot.config import Config
from bot.errors import ConfigError
from bot.secretfile import keep_secret, new_secret

HISTORY = "webchat.db"
_DATABASE, _SECRET, _LOCK = "gridbridge.db", "session.secret", "running.lock"
_KEEPS_ITS_LIMIT = ["emergency", "danger", "utility"]
WATCHED = "facility.drain"
"""The category whose time to accept is cut to seconds, so that its reminder comes while one looks on."""


@contextmanager
def occupied(folder: Path, *, fresh: bool) -> Iterator[None]:
    """The folder is ours alone; `fresh` empties it. Raises ConfigError when another demo has it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = sqlite3.connect(folder / _LOCK, timeout=0, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise ConfigError(f"演示的文件夹 {folder} 写不了（{error}），请用 --data 换一个") from error
    try:
        _take(lock, folder)
        if fresh:
            _empty(folder)
        yield
    finally:
        lock.close()


def _take(lock: sqlite3.Connection, folder: Path) -> None:
    """SQLite's own lock works on every system and ends with the process."""
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as busy:
        raise ConfigError(f"演示已经在运行（{folder}），请先停掉它，或用 --data 换一个文件夹") from busy


def _empty(folder: Path) -> None:
    """Only what a demo makes: the folder may be anybody's."""
    for name in (_DATABASE, HISTORY):
        for suffix in ("", "-wal", "-shm", ".lock"):
            (folder / f"{name}{suffix}").unlink(missing_ok=True)
    (folder / _SECRET).unlink(missing_ok=True)


def secret_of(folder: Path) -> str:
    """Made once and kept, so that open pages go on after a restart; readable for its owner only."""
    path = folder / _SECRET
    if not path.exists():
        keep_secret(path, new_secret())
    return path.read_text(encoding="ascii").strip()


def settings(folder: Path, *, port: int, secret: str, limit: float) -> Config:
    """`limit`: seconds to accept what is in the watched category. The demo knows no night: it is shown at any hour."""
    table: dict[str, Any] = {
        "data_dir": str(folder.resolve()),
        "database": {"url": f"sqlite:///{{data_dir}}/{_DATABASE}"},
        "web": {"host": "127.0.0.1", "port": port},
        "city": {"name": "清禾市"},
        "manners": {"night_start": "00:00", "night_end": "00:00", "card_wait_seconds": 5, "posts_per_hour": 60},
        "clocks": _clocks(limit),
        "channels": {"webchat": {"main": {"secret": secret, "history": HISTORY, "says_per_ten_seconds": 100}}},
    }
    return config.build(table, folder.resolve())


CHANNEL = "webchat"


def _clocks(limit: float) -> dict[str, Any]:
    watched = {
        "accept": {"minutes": round(limit / 60, 4)},
        "resolve": {"working_days": 5},
        "verify": {"working_days": 2},
        "always": True,
    }
    return {
        "yellow_part": 0,  # no warning before the deadline: the story shows one reminder
        "kinds": {"watched": watched},
        "categories": {WATCHED: "watched"},
        "urgent": {"keeps": [*_KEEPS_ITS_LIMIT, "watched"]},
    }
