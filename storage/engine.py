"""The one door to the database: synchronous work over a Connection, awaited (architecture.md, "Databases")."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from sqlalchemy import Connection, make_url

from storage.rehearsal import rehearse
from storage.sqlite import SqliteBackend

T = TypeVar("T")


class Backend(Protocol):
    """What a database must be able to do; the methods are described at Database."""

    async def run(self, work: Callable[[Connection], T]) -> T: ...
    async def run_group(self, works: Sequence[Callable[[Connection], T]]) -> list[T | Exception]: ...
    async def read(self, work: Callable[[Connection], T]) -> T: ...
    async def checkpoint(self) -> None: ...
    async def close(self) -> None: ...


class Database:
    """Every method raises storage.errors.Unavailable when the database is to blame, and a work's own error else."""

    def __init__(self, dialect: str, backend: Backend) -> None:
        self.dialect = dialect  # sqlite | postgresql
        self._backend = backend

    @classmethod
    async def open(cls, url: str) -> Database:
        """Open `sqlite:///path` or `postgresql://…`, migrated to this program's schema.

        On PostgreSQL the result belongs to the running event loop. Raises SchemaTooNew, Unavailable, and ValueError for
        any other kind of database.
        """
        address = make_url(url)
        kind = address.get_backend_name()
        if kind == "sqlite" and address.database not in {None, "", ":memory:"}:
            return cls(kind, await SqliteBackend.open(address))
        if kind == "postgresql":
            from storage.postgres import PostgresBackend  # noqa: PLC0415 - a tenth of a second no town on SQLite needs

            return cls(kind, await PostgresBackend.open(address))
        raise ValueError("a database is sqlite:///a-file.db or postgresql://user@host/name")

    async def run(self, work: Callable[[Connection], T]) -> T:
        """One transaction.

        Work may run more than once: on SQLite it shares the commit with whatever else waits, on
        PostgreSQL it may have to give way to another.
        """
        return await self._backend.run(work)

    async def run_group(self, works: Sequence[Callable[[Connection], T]]) -> list[T | Exception]:
        """Many works in one transaction, each alone if that fails; a work's own error takes the place of its value.

        When Unavailable is raised, some works may have been committed: works must therefore be repeatable.
        """
        return await self._backend.run_group(works)

    async def rehearse(self, work: Callable[[Connection], T]) -> T:
        """Do the work in one transaction and take it back; its result. On SQLite other writers wait meanwhile."""
        return await rehearse(self._backend.run, work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Work that only reads; it never makes a writer wait."""
        return await self._backend.read(work)

    async def checkpoint(self) -> None:
        """Fold SQLite's write-ahead log into the file and empty it: what was forgotten is then gone from the disk."""
        await self._backend.checkpoint()

    async def close(self) -> None:
        """Take nothing more, finish what was taken, close. A second call does nothing."""
        await self._backend.close()
