"""The settings of a web chat account, and the list of channels."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.channels.needs import Needs
from bot.channels.registry import CHANNELS, build
from bot.channels.webchat.config import from_table
from bot.errors import ConfigError
from bot.ports import Channel, ChannelState, RoomLog

SECRET = {"secret": "0123456789abcdef"}


async def never_opened(path: Path) -> RoomLog:
    raise AssertionError(f"building a channel opened {path}")


NEEDS = Needs(Path("data"), clock=lambda: datetime.now(UTC), open_rooms=never_opened)


def test_only_the_secret_is_needed() -> None:
    """Everything else has a default; the history lies in the data folder, an absolute path stays."""
    config = from_table(SECRET)
    assert (config.retention_days, config.says_per_ten_seconds) == (180, 20)
    assert config.history_path(Path("/srv/data")) == Path("/srv/data/webchat.db")
    assert from_table({**SECRET, "history": "/var/chat.db"}).history_path(Path("/srv")) == Path("/var/chat.db")


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({}, "secret"),
        ({"secret": "change-me"}, "占位"),
        ({"secret": "short"}, "太短"),
        ({**SECRET, "retention_day": 3}, "retention_days"),
        ({**SECRET, "retention_days": 0}, "1 到 3650"),
        ({**SECRET, "public_url": "example.org"}, "https://"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_remedy(table: dict[str, Any], sentence: str) -> None:
    """The place and what to write instead."""
    with pytest.raises(ConfigError, match=sentence) as refused:
        from_table(table, "channels.webchat.main")
    assert "channels.webchat.main" in str(refused.value)


def test_the_secret_is_never_shown() -> None:
    """Not in the text form of the settings."""
    assert SECRET["secret"] not in repr(from_table(SECRET))


@pytest.mark.parametrize("name", sorted(CHANNELS))
def test_building_a_channel_does_no_io(name: str) -> None:
    """It has its account, is not up, and has opened nothing."""
    channel: Channel = build(f"{name}:main", SECRET, NEEDS)
    assert channel.account == f"{name}:main"
    assert channel.status.state is ChannelState.STOPPED


def test_an_unknown_channel_is_refused() -> None:
    """With the nearest name."""
    with pytest.raises(ConfigError, match="webchat"):
        build("webchta:main", SECRET, NEEDS)
