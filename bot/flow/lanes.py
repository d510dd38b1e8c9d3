"""The lanes of the way out: order holds inside one, so what must not wait behind a held-back post has its own. Pure."""

from __future__ import annotations

from bot.model import Priority

APART = frozenset({"answer", "more"})
"""An answer waits for nothing; the summing up waits for minutes, and nothing for it."""


def lane_of(chat_id: int, case_id: int | None, kind: str, rank: Priority, *, urgent: bool) -> str:
    """`urgent`: the night does not hold it back, as it does other reminders."""
    about = f"{chat_id}:{case_id or 0}"
    if kind in APART:
        return f"{about}:{kind}"
    if rank == Priority.EMERGENCY:
        return f"{about}:!"
    if rank >= Priority.REMINDER:
        return f"{chat_id}:r{'!' if urgent else ''}"
    return about
