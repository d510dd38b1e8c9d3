"""Messages somebody died over: the next one may be what kills the program, and its neighbours are innocent. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from storage.records import InboxRow

DEATHS: Final = 5
"""How often a claim of a message may end with the program; from the first time on it is handled alone."""
Group = tuple[InboxRow, ...]


@dataclass(frozen=True, slots=True)
class Sorted:
    """`batch` goes together, then `alone` by itself; `later` is given back, `deadly` is parked."""

    batch: tuple[InboxRow, ...]
    alone: Group
    later: tuple[InboxRow, ...]
    deadly: tuple[InboxRow, ...]

    @property
    def rounds(self) -> list[tuple[InboxRow, ...]]:
        return [rows for rows in (self.batch, self.alone) if rows]


def sort(rows: Sequence[InboxRow]) -> Sorted:
    groups = together(rows)
    suspects = [group for group in groups if any(row.failures for row in group)]
    deadly = [group for group in suspects if max(row.failures for row in group) > DEATHS]
    tried = [group for group in suspects if group not in deadly]
    return Sorted(
        batch=_flat([group for group in groups if group not in suspects]),
        alone=tried[0] if tried else (),
        later=_flat(tried[1:]),
        deadly=_flat(deadly),
    )


def together(rows: Sequence[InboxRow]) -> list[Group]:
    """Album parts as one, everything else alone, in the order of their ids."""
    ordered = sorted(rows, key=lambda row: (row.chat_id, row.group_key or f"row {row.id}", row.id))
    groups = [tuple(group) for _, group in groupby(ordered, key=lambda r: (r.chat_id, r.group_key or f"row {r.id}"))]
    return sorted(groups, key=lambda group: group[0].id)


def _flat(groups: Sequence[Group]) -> tuple[InboxRow, ...]:
    return tuple(row for group in groups for row in group)
