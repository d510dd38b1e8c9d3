"""A configuration that may be kept beside a backup: everything but what lets somebody in."""

from __future__ import annotations

import dataclasses
import pkgutil
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import bot.channels
from bot.cli.archives.plain import is_secret, without_secrets
from bot.config import Config, DatabaseConfig

EXAMPLE = Path(__file__).parents[3] / "config.example.toml"
FULL = """
# secret = "an old one"
data_dir = "da\\"ta"
only = ["web", "dispatch"]
[database]
url = "postgresql://gb:p4ss@db/gb"  # p4ss
[office]
holidays = [2026-10-09]
[clocks.kinds.general]
resolve = { working_days = 5.5 }
[channels.webchat."a b"]
secret = "0123456789abcdef"
secret_file = "x.secret"
[channels.webchat.other]
secret = "env:NAME"
access_token = ["t0ken"]
public_url = "https://example.org"
"""


def test_settings_stay_and_secrets_go() -> None:
    told = without_secrets(FULL)
    for word in ("p4ss", "0123456789abcdef", "t0ken", "an old one", "#"):
        assert word not in told
    expected: dict[str, Any] = tomllib.loads(FULL)
    expected["database"]["url"] = "postgresql://gb:change-me@db/gb"
    expected["channels"]["webchat"]["a b"]["secret"] = "change-me"
    expected["channels"]["webchat"]["other"]["access_token"] = ["change-me"]
    assert tomllib.loads(told) == expected


def test_the_example_comes_out_as_it_went_in() -> None:
    """It holds no secret, only where one is kept."""
    text = EXAMPLE.read_text(encoding="utf-8")
    assert tomllib.loads(without_secrets(text)) == tomllib.loads(text)


def settings_of_channels() -> list[Any]:
    """Every dataclass of settings that a channel has."""
    found = []
    for module in pkgutil.walk_packages(bot.channels.__path__, "bot.channels."):
        if module.name.endswith(".config"):
            found += [kind for kind in vars(import_module(module.name)).values() if dataclasses.is_dataclass(kind)]
    return found


@pytest.mark.parametrize("kind", [Config, *settings_of_channels()])
def test_every_secret_is_known_by_its_name(kind: Any) -> None:
    """Whatever the settings call a secret is taken out; a database's address loses its password as any other does."""
    secrets = [field.name for field in dataclasses.fields(kind) if field.metadata.get("secret")]
    assert [name for name in secrets if not is_secret(name)] == []
    assert [field.name for field in dataclasses.fields(DatabaseConfig) if field.metadata["secret"]] == ["url"]
