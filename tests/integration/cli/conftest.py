"""Fixtures of the tests that run the command."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from bot.cli.main import main
from bot.cli.programs import Programs
from bot.config import Config
from bot.replay.play import replay
from tests.integration.cli.command import Ended, Run, run
from tests.integration.cli.office import Office


@pytest.fixture
def gridbridge(tmp_path: Path) -> Run:
    """Runs `gridbridge …` in a folder of its own and waits for its end."""
    return partial(run, tmp_path)


async def _no_serve(config: Config, only: Sequence[str], stop: asyncio.Event) -> None:
    raise AssertionError("nothing here may start a server")


async def no_demo(stop: asyncio.Event, *, port: int, fresh: bool, speed: float, folder: Path) -> None:
    raise AssertionError("nothing here may start a demo")


@pytest.fixture
def quickly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """The same inside this process, for the many small cases: a process of its own costs more than a second."""

    def call(*arguments: str) -> Ended:
        monkeypatch.chdir(tmp_path)
        capfd.readouterr()
        try:
            status = main(arguments, Programs(_no_serve, no_demo, replay))
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
        return Ended(status, *capfd.readouterr())

    return call


@pytest.fixture
def office(tmp_path: Path, database_url: str) -> Office:
    """A configuration over a fresh database of either kind, in the folder where `quickly` runs."""
    made = Office(tmp_path, database_url)
    made.configure()
    return made


@pytest.fixture
def sqlite_office(tmp_path: Path, sqlite_url: str) -> Office:
    """For what does not depend on the database."""
    made = Office(tmp_path, sqlite_url)
    made.configure()
    return made
