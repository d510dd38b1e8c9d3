"""The demo's folder: its own alone, forgotten on request, with a secret that is kept."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from bot.demo import house
from bot.errors import ConfigError


def test_two_demos_never_share_a_folder(tmp_path: Path) -> None:
    """The second is refused in a sentence, also with --fresh, and takes nothing away."""
    with house.occupied(tmp_path, fresh=False):
        (tmp_path / house.HISTORY).write_bytes(b"in use")
        with pytest.raises(ConfigError, match="已经在运行"), house.occupied(tmp_path, fresh=True):
            pass
        assert (tmp_path / house.HISTORY).read_bytes() == b"in use"
    with house.occupied(tmp_path, fresh=False):
        pass


def test_fresh_takes_away_only_what_a_demo_makes(tmp_path: Path) -> None:
    """The folder may hold other things."""
    for name in ("gridbridge.db", "gridbridge.db-wal", house.HISTORY, "session.secret", "holiday.jpg"):
        (tmp_path / name).touch()
    with house.occupied(tmp_path, fresh=True):
        assert {path.name for path in tmp_path.iterdir()} - {"running.lock", "running.lock-journal"} == {"holiday.jpg"}


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "taken").touch()
    with pytest.raises(ConfigError, match="--data"), house.occupied(tmp_path / "taken", fresh=False):
        pass


def test_the_secret_is_made_once_and_is_its_owners(tmp_path: Path) -> None:
    """Open pages go on after a restart; nobody else on the machine can read it."""
    secret = house.secret_of(tmp_path)
    assert len(secret) == 64
    assert house.secret_of(tmp_path) == secret
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / "session.secret").stat().st_mode) == 0o600


def test_the_settings_know_no_night_and_a_short_limit(tmp_path: Path) -> None:
    """It is shown at any hour, on this machine only, and the watched category is due within seconds."""
    config = house.settings(tmp_path, port=0, secret="s" * 32, limit=30.0)
    assert config.web.host == "127.0.0.1"
    assert config.manners.night_start == config.manners.night_end
    assert config.clocks["kinds"][config.clocks["categories"][house.WATCHED]]["accept"] == {"minutes": 0.5}
    assert config.data_dir == tmp_path
