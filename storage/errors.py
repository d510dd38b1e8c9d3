"""What the database may answer besides rows."""

from __future__ import annotations


class Unavailable(Exception):  # noqa: N818 - a state the caller waits out, not a fault of a row
    """Disk full, lock, lost connection, serialization failure: infrastructure, never a row's own fault."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Conflict(Unavailable):
    """Two transactions were in each other's way and this one gave in: run again, it finds the way free."""


class SchemaTooNew(Exception):  # noqa: N818 - the program must be updated; nothing else helps
    """A newer program has changed the database so that this one would harm it."""
