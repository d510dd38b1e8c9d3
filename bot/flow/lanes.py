"""The lanes of the way out: order holds inside one, so what must not wait behind a held-back post has its own. Pure."""

from __future__ import annotations

from bot.model import Priority


def lane_of(chat_id: int, case_id: int | None, kind: str, rank: Priority, *, urgent: bool) -> str:
    """`urgent`: the night does not hold it back, as it does other reminders."""
    about = f"{chat_id}:{case_id or 0}"
    if kind == "answer":
        return f"{about}:answer"
    if rank == Priority.EMERGENCY:
        return f"{about}:!"
    if rank >= Priority.REMINDER:
        return f"{chat_id}:r{'!' if urgent else ''}"
    return about
