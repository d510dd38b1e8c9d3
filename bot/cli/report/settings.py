"""The settings that differ from their defaults, without a name, an address or a secret."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from bot.channels.webchat.config import WebchatConfig
from bot.cli.report.masks import HIDDEN, Accounts, value
from bot.config import Config
from bot.errors import ConfigError

# Their words come out of a fixed list or are times of day: the configuration was checked when it was read.
_PLAIN = frozenset(
    {
        ("", "only"), ("city", "timezone"), ("log", "level"), ("log", "format"),
        ("manners", "night_start"), ("manners", "night_end"), ("manners", "list_times"),
        *(("office", field.name) for field in dataclasses.fields(Config().office)),
    }
)  # fmt: skip
_USUAL = {"webchat": {field.name: field.default for field in dataclasses.fields(WebchatConfig)}}
_HOSTS = frozenset({"127.0.0.1", "0.0.0.0", "::1", "::", "localhost"})  # noqa: S104 - compared, not bound
_KEY = re.compile(r"[a-z_]{1,40}")
_SECTION_OF = re.compile(r"\[([a-z]+)[^\]]*\](?: ([a-z_]+))?")
_LINE = re.compile(r"line (\d+)|第 (\d+) 行")


def settings(config: Config, base: Path, accounts: Accounts) -> dict[str, Any]:
    """`base`: the folder of the configuration."""
    found: dict[str, Any] = {"database.kind": make_url(config.database.url).get_backend_name()}
    for field in dataclasses.fields(Config):
        section, usual = getattr(config, field.name), getattr(Config(), field.name)
        if field.name in {"data_dir", "database", "clocks", "channels"}:
            continue
        if dataclasses.is_dataclass(section):
            found |= _differences(field.name, section, usual)
        elif section != usual:
            found[field.name] = _shown("", field.name, section)
    if config.data_dir != base / "data":
        found["data_dir"] = HIDDEN
    if config.clocks:
        found["clocks"] = _size(config.clocks)
    for account, table in config.channels.items():
        usual = _USUAL.get(account.partition(":")[0], {})
        changed = {key: given for key, given in table.items() if key not in usual or usual[key] != given}
        found |= {f"{accounts.label(account)}.{_key(key)}": value(given) for key, given in changed.items()}
    return found


def place_of(error: ConfigError) -> str:
    """Where the configuration is wrong: a section and a key of ours, or a line; never what stands there."""
    text = str(error)
    found, line = _SECTION_OF.search(text), _LINE.search(text)
    known = {field.name: getattr(Config(), field.name) for field in dataclasses.fields(Config)}
    if found and found[1] in known:
        keys = {field.name for field in dataclasses.fields(known[found[1]])} if _has_keys(known[found[1]]) else set()
        return f"[{found[1]}] {found[2]}" if found[2] in keys else f"[{found[1]}]"
    return f"line {line[1] or line[2]}" if line else "?"


def _has_keys(section: Any) -> bool:
    return dataclasses.is_dataclass(section)


def _differences(name: str, section: Any, usual: Any) -> dict[str, Any]:
    return {
        f"{name}.{field.name}": _shown(name, field.name, getattr(section, field.name))
        for field in dataclasses.fields(section)
        if getattr(section, field.name) != getattr(usual, field.name)
    }


def _shown(section: str, key: str, given: Any) -> Any:
    if (section, key) in _PLAIN:
        return [str(item) for item in given] if isinstance(given, tuple) else given
    if (section, key) == ("web", "host") and given in _HOSTS:
        return given
    if (section, key) == ("web", "public_url"):
        return f"{str(given).partition(':')[0]}://…"
    if isinstance(given, tuple):
        return len(given)
    return value(given)


def _key(key: str) -> str:
    return key if _KEY.fullmatch(key) else HIDDEN


def _size(table: Mapping[str, Any]) -> int:
    """How many values stand in it: what they are called is free."""
    return sum(_size(item) if isinstance(item, Mapping) else 1 for item in table.values())
