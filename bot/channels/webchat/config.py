"""The settings of one web chat account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.settings import read_table, setting
from bot.valid import between, long_secret, public_url

_NO_SECRET = "-" * 16 + "unused"


@dataclass(frozen=True, slots=True)
class WebchatConfig:
    """`secret` signs sessions; `history` is relative to the data folder; `public_url` empty: the server's own."""

    secret: str = setting(secret=True, check=long_secret)
    history: str = "webchat.db"
    public_url: str = setting("", check=public_url)
    retention_days: int = setting(180, check=between(1, 3650))
    session_days: int = setting(180, check=between(1, 3650))
    says_per_ten_seconds: int = setting(20, check=between(1, 1000))
    photos_per_minute: int = setting(30, check=between(1, 1000))

    def history_path(self, data_dir: Path) -> Path:
        return data_dir / Path(self.history).expanduser()


def without_secret(table: Mapping[str, Any], where: str = "channels.webchat") -> WebchatConfig:
    """For work on the files alone: a nightly job need not know what signs the sessions. Raises ConfigError."""
    rest = {key: value for key, value in table.items() if key not in {"secret", "secret_file"}}
    return from_table({**rest, "secret": _NO_SECRET}, where)


def from_table(table: Mapping[str, Any], where: str = "channels.webchat") -> WebchatConfig:
    """Raises ConfigError: unknown key, bad value, missing or placeholder secret."""
    return read_table(WebchatConfig, table, where)
