"""The directory as this process knows it: an immutable snapshot, swapped when the database has a newer version."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.cases.directory import Directory
from storage import directory as table
from storage import directory_version
from storage.engine import Database


class Book:
    """Holds the snapshot."""

    def __init__(self) -> None:
        self._version = -1
        self._directory: Directory | None = None

    @property
    def directory(self) -> Directory:
        assert self._directory is not None, "refresh() runs before anything else"
        return self._directory

    def refresh(self, conn: Connection) -> Directory:
        """Re-read when somebody, in this process or another, has changed the directory."""
        version = directory_version.version(conn)
        if version != self._version or self._directory is None:
            self._directory = Directory.of(table.load(conn))
            self._version = version
        return self._directory

    async def open(self, db: Database) -> Directory:
        return await db.read(self.refresh)
