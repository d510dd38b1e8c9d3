"""Fixtures for everybody: a fresh, migrated database on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from storage.engine import Database
from tests.databases import PostgresServer, in_own_loop, migrate, postgres

MEMORY = Path("/dev/shm")  # where Linux keeps files that are never on a disk
ROOM = 2 * 2**30  # bytes
# The files that take longest, the longest first: with several workers what starts last is what everybody waits for.
LONG_FILES = (
    *("transcripts/test_transcripts.py", "browser/test_chat.py", "browser/test_story.py", "crash/test_kills.py"),
    *("cli/test_run.py", "cli/test_backup.py", "demo/test_demo.py", "cli/test_replay.py", "storage/test_lanes.py"),
    *("crash/test_webchat_crash.py", "crash/test_disorder.py", "crash/test_platform_outages.py"),
    *("crash/test_stopping.py", "flow/test_flood.py", "unit/test_benchmarks.py", "integration/test_retiming.py"),
    *("replay/test_dialogues_data.py", "cli/test_init.py", "cli/test_workers.py", "storage/test_migrations.py"),
    *("cli/test_town.py", "cli/test_cases.py", "cli/test_import_crash.py", "unit/classifiers/test_keyword.py"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--every-database", action="store_true", help="play every transcript on both databases")


def pytest_configure() -> None:
    """The temporary files of all tests lie in memory where there is room, unless TMPDIR names another place.

    Our databases write every commit through to the disk, and most tests would wait for that most of the time; none of
    them pulls the plug.
    """
    if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)
    # A shell's background job is deaf to Ctrl-C, and so would be the programs that tests start and interrupt.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long files first; see the Makefile for the option that keeps xdist from putting them elsewhere."""

    def place(item: pytest.Item) -> int:
        path = item.path.as_posix()
        return next((number for number, name in enumerate(LONG_FILES) if path.endswith(name)), len(LONG_FILES))

    items.sort(key=place)


@pytest.fixture(scope="session")
def pg_server() -> Iterator[PostgresServer]:
    """One server for all tests of this process; skips where none can be had (fails with CI=true)."""
    with postgres() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    in_own_loop(lambda: migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    path = tmp_path / "gridbridge.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(pg_server: PostgresServer) -> Iterator[str]:
    with pg_server.migrated() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh migrated database; the test runs once on each kind."""
    fixture = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(fixture)
    return url


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    database = await Database.open(database_url)
    yield database
    await database.close()
