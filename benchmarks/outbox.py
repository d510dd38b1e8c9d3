"""One stream through our program and through the straw man, in turn, on two databases of the same kind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from sqlalchemy import event
from sqlalchemy.engine import Engine

from benchmarks.pipeline import Pipeline, count, open_pipeline
from benchmarks.scale import Scale
from benchmarks.stream import Said, stream
from benchmarks.table import Line, rate
from storage.engine import Database

WARM_UP = 64  # messages that fill SQLAlchemy's caches and do not count


@dataclass(frozen=True, slots=True)
class Goals:
    """Ratios of the mixed stream and of reports only; cases a second."""

    mixed: float
    reports: float
    cases: int


@dataclass(frozen=True, slots=True)
class Stream:
    """Two empty databases, and how the straw man takes messages on the second: seconds."""

    ours: str
    theirs: str
    strawman: Callable[[str, list[Said]], Awaitable[float]]


@dataclass(slots=True)
class Counter:
    statements: int = 0


@contextmanager
def counted() -> Iterator[Counter]:
    """Counts the statements of every engine of this process."""
    counter = Counter()

    def one_more(*_: object) -> None:
        counter.statements += 1

    event.listen(Engine, "before_cursor_execute", one_more)
    try:
        yield counter
    finally:
        event.remove(Engine, "before_cursor_execute", one_more)


async def compare(name: str, scale: Scale, goals: Goals, databases: Stream) -> list[Line]:
    db, ours = await open_pipeline(databases.ours, scale.grids)
    other, _ = await open_pipeline(databases.theirs, scale.grids)  # the same city for the straw man
    await other.close()
    try:
        mixed = await _mixed(name, scale, goals, databases, ours)
        return [mixed, *await _reports(name, scale, goals, databases, (db, ours))]
    finally:
        await db.close()


async def _mixed(name: str, scale: Scale, goals: Goals, databases: Stream, ours: Pipeline) -> Line:
    size = scale.mixed
    said = list(stream(WARM_UP + size * scale.turns, reports=0.05, groups=scale.grids))
    one, two = await _turns(said, size, ours, databases)
    what = f"{name}: 95 % chatter, JSON to outbox | straw man"
    return Line(what, rate(size, one), rate(size, two), two / one, f"≥ {goals.mixed:.0f} ×", two / one >= goals.mixed)


async def _reports(
    name: str, scale: Scale, goals: Goals, databases: Stream, program: tuple[Database, Pipeline]
) -> list[Line]:
    db, ours = program
    size = scale.reports
    # Said in the days after the mixed stream, in an order of their own: nothing of it is warm or hot any more.
    said = list(stream(WARM_UP + size * scale.turns, reports=1, groups=scale.grids, seed=8, first=2_000_000))
    cases = await db.read(count("cases"))
    one, two = await _turns(said, size, ours, databases)
    made = await db.read(count("cases")) - cases
    more = list(stream(WARM_UP, reports=1, groups=scale.grids, seed=9, first=3_000_000))
    with counted() as counter:
        await ours.take(more)
    fast = two / one >= goals.reports and size / one >= goals.cases
    what, goal = f"{name}: every message a report | straw man", f"≥ {goals.reports:.0f} ×, ≥ {goals.cases:,}/s"
    return [
        Line(what, rate(size, one), rate(size, two), two / one, goal, fast),
        Line(f"{name}: cases made of {len(said):,} reports", f"{made:,}"),
        Line(f"{name}: our statements a report", f"{counter.statements / len(more):.1f}"),
    ]


async def _turns(said: list[Said], size: int, ours: Pipeline, databases: Stream) -> tuple[float, float]:
    """Median seconds of each."""
    await ours.take(said[:WARM_UP])
    await databases.strawman(databases.theirs, said[:WARM_UP])
    taken = []
    for at in range(WARM_UP, len(said), size):
        part = said[at : at + size]
        taken.append((await ours.take(part), await databases.strawman(databases.theirs, part)))
    return median(one for one, _ in taken), median(other for _, other in taken)
