"""Whether a path still leads to the file that was opened.

A program goes on writing into a file that was deleted, moved away or replaced, and all of it is lost at its end: the
system says nothing, so one must look.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, text

from storage.errors import Unavailable


def file_of(conn: Connection) -> Path | None:
    """Where a SQLite database lies, whatever its address looks like; None: it is no file."""
    return sqlite_file(conn) if conn.dialect.name == "sqlite" else None


def sqlite_file(conn: Connection) -> Path:
    return Path(next(row.file for row in conn.execute(text("PRAGMA database_list")) if row.name == "main"))


class SameFile:
    """`look` costs a microsecond or two. A file that is put back is the same one again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mark = self._now()

    def look(self) -> None:
        """Raises Unavailable."""
        if self._now() != self._mark:
            raise Unavailable("database file replaced")

    def _now(self) -> tuple[int, int]:
        try:
            found = self._path.stat()
        except FileNotFoundError as gone:
            raise Unavailable("database file gone") from gone
        except OSError as away:  # its disk, or a folder above it
            raise Unavailable("database input/output error") from away
        return found.st_dev, found.st_ino
