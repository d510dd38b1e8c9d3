"""The web chats of a configuration as files: where each keeps its history, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.channels.webchat.config import without_secret
from bot.config import Config


@dataclass(frozen=True, slots=True)
class History:
    """`path` need not exist: nobody may have opened that chat yet."""

    account: str
    path: Path
    retention_days: int


def histories(config: Config) -> list[History]:
    """Needs no secret of theirs. Raises ConfigError."""
    return [
        History(account, chat.history_path(config.data_dir), chat.retention_days)
        for account, table in config.channels.items()
        if account.partition(":")[0] == "webchat"
        for chat in (without_secret(table, f"channels.{account.replace(':', '.')}"),)
    ]
