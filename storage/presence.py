"""Who serves a SQLite file: a lock of the kernel's beside it, which goes with its process however that ends.

Whoever serves holds it shared for as long as it lives, and claims nothing before; whoever frees what the dead have left
holds it exclusive. So nobody who could have claimed lives while another frees, even though turning the exclusive lock
into a shared one is not atomic: a start that comes between finds itself alone and frees again, and the first, which has
claimed nothing yet, waits for it. Beside a living process, and where the system has no such locks, leases simply run
out.

It is a file of its own: to close any other handle of a database would take away SQLite's own locks on it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from storage import leases
from storage.engine import Database
from storage.errors import Unavailable
from storage.samefile import file_of

if sys.platform != "win32":
    import fcntl

AGAIN_SECONDS = 0.02
log = logging.getLogger(__name__)


@asynccontextmanager
async def serving(db: Database) -> AsyncIterator[bool]:
    """Inside, this process is one that serves the database.

    True: nobody else did, and what the dead had claimed is free at once. On PostgreSQL, whose programs may live on
    several machines, always False.
    """
    file = await db.read(file_of)
    place = _Place(file) if file is not None else None
    try:
        yield place is not None and await _begin(place, db)
    finally:
        if place is not None:
            place.leave()


async def _begin(place: _Place, db: Database) -> bool:
    alone = place.is_alone()
    if alone:
        try:
            await db.run(leases.release_all)
        except Unavailable as away:
            log.warning("claims left to run out", extra={"action": "claims_left", "why": str(away)})
            alone = False
    while not place.stays():  # noqa: ASYNC110 - the kernel rings no bell
        await asyncio.sleep(AGAIN_SECONDS)
    return alone


def is_served(file: Path) -> bool:
    """Whether a program serves this SQLite file now; also one that was moved away or deleted, if its lock was not.

    Where nothing can be known: False.
    """
    lock = _beside(file)
    if not lock.exists():
        return False
    place = _Place(file)
    try:
        return place.known and not place.is_alone()
    finally:
        place.leave()


def _beside(file: Path) -> Path:
    return file.with_name(f"{file.name}.lock")


class _Place:
    """One process's hold on the lock; `known`: there is a lock to be held."""

    def __init__(self, file: Path) -> None:
        self._handle: int | None = None
        with suppress(OSError):  # a folder in which nothing can be made
            self._handle = os.open(_beside(file), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    @property
    def known(self) -> bool:
        return self._handle is not None and sys.platform != "win32"

    def is_alone(self) -> bool:
        """Nobody else holds it, and until `stays` nobody else can."""
        if sys.platform == "win32" or self._handle is None:
            return False
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # somebody holds it, or this file system has no locks
            return False
        return True

    def stays(self) -> bool:
        """From now on nobody else is alone. False: another one frees at this moment, try again."""
        if sys.platform == "win32" or self._handle is None:
            return True
        try:
            fcntl.flock(self._handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # no locks here
            return True
        return True

    def leave(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
