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


@pytest.fixture(scope="session")
def rules() -> Rules:
    """Loaded once: most towns have the same places."""
    return rules_of(Config())


@pytest.mark.parametrize("path", FILES, ids=[path.relative_to(STORIES).with_suffix("").as_posix() for path in FILES])
async def test_conversation(path: Path, db: Database, rules: Rules) -> None:
    """The bot does what the file says, line by line, and nothing else."""
    script = read(path)
    world = await World.open(script.cast, db, rules)
    if report := await play(script, world):
        pytest.fail(f"{script.title}\n{path}\n{report}", pytrace=False)
