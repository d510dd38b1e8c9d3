"""What an experiment found, and how it is printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.crash.ledger import Reckoning


@dataclass(frozen=True, slots=True)
class Row:
    """One fault on one database. `recovered`: seconds from the end of the fault (or the kill) until work went on.

    `doubled`: that should not be; `again`: posts that stand twice because a send was under way, which nobody can help.
    `faults`: a line for everything that is wrong; none means passed.
    """

    fault: str
    database: str
    messages: int
    posts: int
    lost: int
    doubled: int
    disorder: int
    again: int = 0
    doubt: int = 0
    recovered: float | None = None
    longest: float | None = None
    note: str = ""
    faults: Sequence[str] = field(default=())


def row_of(fault: str, url: str, found: Reckoning, *, note: str = "", recovered: Sequence[float] = ()) -> Row:
    """`recovered`: every time that was measured; the median and the longest are shown."""
    times = sorted(recovered)
    return Row(
        fault, url.partition(":")[0], found.messages, found.posts, len(found.lost), len(found.doubled),
        len(found.disorder), found.again, found.doubt, times[len(times) // 2] if times else None,
        times[-1] if times else None, note, tuple(found.faults),
    )  # fmt: skip


HEAD = ("fault", "database", "messages", "posts", "lost", "doubled", "out of order", "sent again", "in doubt",
        "recovered in", "remarks")  # fmt: skip


def markdown(rows: Sequence[Row]) -> str:
    head = [_joined(cells) for cells in (HEAD, tuple("---" for _ in HEAD))]
    return "\n".join([*head, *map(line, rows)])


def line(row: Row) -> str:
    """Return its line of the table."""
    return _joined(_cells(row))


def _joined(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(row: Row) -> tuple[str, ...]:
    counts = (row.messages, row.posts, row.lost, row.doubled, row.disorder, row.again, row.doubt)
    return (row.fault, row.database, *(f"{count:,}" for count in counts), _seconds(row), row.note)


def _seconds(row: Row) -> str:
    if row.recovered is None:
        return ""
    longest = f" (≤ {row.longest:.1f})" if row.longest is not None and row.longest > row.recovered else ""
    return f"{row.recovered:.1f} s{longest}"


def wrong(row: Row) -> str:
    """Empty if all is as it must be."""
    return "\n".join([*row.faults, markdown([row])] if row.faults else [])
