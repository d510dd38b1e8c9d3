"""The channels there are: one line each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from bot.channels.needs import Factory, Needs
from bot.channels.webchat.channel import build as build_webchat
from bot.errors import ConfigError
from bot.ports import Channel
from bot.settings import did_you_mean

CHANNELS: Mapping[str, Factory] = MappingProxyType(
    {
        "webchat": build_webchat,
    }
)


def build(account: str, table: Mapping[str, Any], needs: Needs, factories: Mapping[str, Factory] = CHANNELS) -> Channel:
    """The channel of an account such as "webchat:main". Raises ConfigError, also for a channel that does not exist."""
    name = account.partition(":")[0]
    if name not in factories:
        raise ConfigError(f"[channels.{name}]：没有这个渠道，{did_you_mean(name, factories)}")
    return factories[name](account, table, needs)
