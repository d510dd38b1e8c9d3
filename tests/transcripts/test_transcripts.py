"""Whole conversations, each a file: who says what where, what the bot says where, and where it keeps silent."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.assembly import rules_of
from bot.config import Config
from bot.flow.rules import Rules
from storage.engine import Database
from tests.transcripts.play import play
from tests.transcripts.read import STORIES, read
from tests.transcripts.world import World

FILES = sorted(STORIES.rglob("*.txt"))
# The flow says the same statements to both databases, and tests/storage proves each statement on both: so every story
# is played on SQLite, and every third on PostgreSQL too. `--every-database` plays all of them on both.
THIRD = 3


@pytest.fixture(scope="session")
def rules() -> Rules:
    """Loaded once: most towns have the same places."""
    return rules_of(Config())


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh migrated database of the kind the story is to be played on."""
    url: str = request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param])
    return url


def _name(path: Path) -> str:
    return path.relative_to(STORIES).with_suffix("").as_posix()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Which story on which database."""
    step = 1 if metafunc.config.getoption("--every-database") else THIRD
    plays = [(path, "sqlite") for path in FILES] + [(path, "postgresql") for path in FILES[::step]]
    names = [f"{database}-{_name(path)}" for path, database in plays]
    metafunc.parametrize(("path", "database_url"), plays, ids=names, indirect=["database_url"])


async def test_conversation(path: Path, db: Database, rules: Rules) -> None:
    """The bot does what the file says, line by line, and nothing else."""
    script = read(path)
    world = await World.open(script.cast, db, rules)
    if report := await play(script, world):
        pytest.fail(f"{script.title}\n{path}\n{report}", pytrace=False)
