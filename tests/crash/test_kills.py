"""The program is killed at any moment and at named points; whatever was accepted is done once, whatever was told, told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from tests.crash import kills
from tests.crash.bench import open_bench
from tests.crash.points import Points
from tests.crash.table import row_of, wrong

ROOT = Path(__file__).parents[2]
STATIONS = (  # one point of every station of a message's way, of the clocks and of the leases
    "channel > before events are accepted",
    "flow.intake > inbox._insert insert",
    "flow.intake > inbox._insert commit",
    "channel > before the offset moves",
    "flow.dispatch > claim.take update",
    "flow.dispatch > inbox.finish update",
    "flow.dispatch > cases.insert insert",
    "flow.dispatch > outbox.put insert",
    "flow.dispatch > outbox.put commit",
    "flow.delivery > claim.take update",
    "flow.delivery > outbox.begin update",
    "channel > before a post leaves",
    "channel > after the answer to a post",
    "flow.delivery > outbox.finish update",
    "flow.delivery > links.add commit",
    "assembly > reminders.log insert",
    "flow.owner > leases.acquire insert",
)


@pytest.mark.crash
@pytest.mark.timeout(180)
async def test_at_random_moments(database_url: str) -> None:
    """Fifteen times on either database; on PostgreSQL three processes, whose accounts move between them."""
    row = await kills.random_moments(database_url, short=True)
    assert not wrong(row)
    assert (row.messages > 30, row.posts > 30) == (True, True), "the town was awake"


@pytest.mark.crash
@pytest.mark.timeout(180)
async def test_at_named_points(sqlite_url: str) -> None:
    """Some of them; `make crash` tries them all. They cover every station: one that lost its name would be missed."""
    async with open_bench(sqlite_url) as bench:
        points = await kills.discovered(bench, 2.0)
        assert set(STATIONS) <= set(points)
        await kills.at_points(bench, [(name, 2) for name in bench.people.dice.sample(points, 6)])
        assert not wrong(row_of("points", sqlite_url, await bench.reckoning()))


def test_the_hook_is_not_there_unless_it_is_asked_for() -> None:
    """Off it costs nothing: nobody listens to the engines, and the program itself knows nothing of it."""
    off = Points()
    off.watch()
    assert not event.contains(Engine, "before_cursor_execute", off._statement)
    program = [path for folder in ("bot", "storage", "classifiers") for path in (ROOT / folder).rglob("*.py")]
    assert not [path for path in program if "tests.crash" in path.read_text(encoding="utf-8")]


def test_an_unknown_experiment_is_refused_by_name() -> None:
    """A misspelt one does not pass for an empty table."""
    command = [sys.executable, "-m", "tests.crash", "--short", "--only", "SIGKIL at"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=50)
    assert (done.returncode, "SIGKILL at random moments" in done.stderr) == (2, True)
