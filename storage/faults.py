"""Tells an infrastructure failure from a row's own error, by error code and class (architecture.md, rule 2)."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from traceback import walk_tb

from sqlalchemy import exc

from storage.errors import Unavailable

# Primary result codes: a moment later, or after an operator's help, the same statement may well succeed.
_SQLITE = {
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_NOMEM: "out of memory",
    sqlite3.SQLITE_PERM: "no permission",
    sqlite3.SQLITE_READONLY: "read only",
    sqlite3.SQLITE_INTERRUPT: "interrupted",
    sqlite3.SQLITE_IOERR: "input/output error",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_FULL: "disk full",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened",
    sqlite3.SQLITE_PROTOCOL: "locked",
    sqlite3.SQLITE_NOTADB: "not a database",
}
_DRIVERS = frozenset({"sqlalchemy", "asyncpg", "uvloop"})
# Beginnings of sqlstates: connection, serialization, deadlock, resources, operator, system, a database that lets
# nobody in, lock wait, read-only standby, refused login, missing database, internal.
_SQLSTATES = ("08", "40001", "40P01", "53", "57", "58", "55000", "55P03", "25006", "28", "3D", "XX")


def unavailable(error: BaseException) -> Unavailable | None:
    """The error as Unavailable if the database is to blame, else None: then it is the work's own."""
    if isinstance(error, Unavailable):
        return error
    reason = _reason(error)
    return None if reason is None else Unavailable(f"database {reason}")


@contextmanager
def told_apart() -> Iterator[None]:
    """Inside, an infrastructure failure is raised as Unavailable; every other error as it is."""
    try:
        yield
    except Exception as error:
        away = unavailable(error)
        if away is None or away is error:
            raise
        raise away from error


def _reason(error: BaseException) -> str | None:
    cause = error.orig if isinstance(error, exc.DBAPIError) and error.orig is not None else error
    if isinstance(cause, sqlite3.Error):
        return _SQLITE.get(getattr(cause, "sqlite_errorcode", -1) & 0xFF)
    state = getattr(cause, "sqlstate", None)
    if isinstance(state, str):
        return f"error {state}" if state.startswith(_SQLSTATES) else None
    if isinstance(error, exc.DBAPIError):
        lost = error.connection_invalidated or isinstance(error, (exc.InterfaceError, exc.OperationalError))
        return f"connection lost ({type(cause).__name__})" if lost else None
    if isinstance(error, exc.TimeoutError) or (isinstance(error, OSError) and _from_driver(error)):
        return f"not reachable ({type(error).__name__})"
    return None


def _from_driver(error: BaseException) -> bool:
    """A network error of the driver, and not a file or a network that the work itself has looked for."""
    places = (frame.f_globals.get("__name__", "").partition(".")[0] for frame, _ in walk_tb(error.__traceback__))
    known = [place for place in places if place not in sys.stdlib_module_names]
    return not known or known[-1] in _DRIVERS
