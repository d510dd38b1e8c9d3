"""Brings the database to this program's schema, under a lock, inside the caller's transaction."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, select, text

from storage.errors import SchemaTooNew
from storage.schema import meta

SCRIPTS = Path(__file__).parent / "migrations"
LOCK = 0x6772_6964_6272  # any constant; PostgreSQL knows advisory locks by number
_TABLE = "alembic_version"
_NOW = text(f"SELECT version_num FROM {_TABLE}")  # noqa: S608 - our own constant


def upgrade(conn: Connection) -> None:
    """Run what is missing. Two programs that start at once take turns: SQLite by BEGIN IMMEDIATE, PostgreSQL here.

    Raises SchemaTooNew if a newer program has been at work and its database no longer serves this one.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    now = revision(conn)
    if now == newest():
        return
    if now is None or now in _known():
        _run_missing(conn)
    elif _oldest_code(conn) not in _known():
        raise SchemaTooNew(
            f"the database is at revision {now}, which this version of the program does not know; update the program"
        )


def standing(conn: Connection) -> str:
    """What another program has made of the database meanwhile: "current", "newer", or "too_new" for this one."""
    if conn.execute(_NOW).scalar() in _known():
        return "current"
    return "newer" if _oldest_code(conn) in _known() else "too_new"


def revision(conn: Connection) -> str | None:
    """The revision of the schema as it is now; None for an empty database."""
    return conn.execute(_NOW).scalar() if inspect(conn).has_table(_TABLE) else None


def newest() -> str:
    """The revision this program brings a database to."""
    return max(_known())


@cache
def _known() -> frozenset[str]:
    """Revisions are numbers that grow, and their files are called by them: `v0001_first.py` is 0001.

    Alembic would say the same, but it takes longer to load than all the rest of storage, and nearly every start finds
    nothing to do for it.
    """
    return frozenset(path.stem[1:].partition("_")[0] for path in (SCRIPTS / "versions").glob("v*.py"))


def _run_missing(conn: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - see _known
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = conn
    command.upgrade(config, "head")


def _oldest_code(conn: Connection) -> str | None:
    """The oldest revision whose program the database can still serve, as the newest migration has stated it."""
    if not inspect(conn).has_table(meta.name):
        return None
    return conn.execute(select(meta.c.value).where(meta.c.key == "oldest_code")).scalar()
