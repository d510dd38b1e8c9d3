"""Brings the database to this program's schema, under a lock, inside the caller's transaction."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, select, text

from storage.errors import SchemaTooNew
from storage.schema import meta

SCRIPTS = Path(__file__).parent / "migrations"
LOCK = 0x6772_6964_6272  # any constant; PostgreSQL knows advisory locks by number


def upgrade(conn: Connection) -> None:
    """Run what is missing. Two programs that start at once take turns: SQLite by BEGIN IMMEDIATE, PostgreSQL here.

    Raises SchemaTooNew if a newer program has been at work and its database no longer serves this one.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    revision = MigrationContext.configure(conn).get_current_revision()
    if revision is None or revision in _known():
        command.upgrade(_config(conn), "head")
    elif _oldest_code(conn) not in _known():
        raise SchemaTooNew(
            f"the database is at revision {revision}, which this version of the program does not know; "
            "update the program"
        )


def standing(conn: Connection) -> str:
    """What another program has made of the database meanwhile: "current", "newer", or "too_new" for this one."""
    if conn.execute(text("SELECT version_num FROM alembic_version")).scalar() in _known():
        return "current"
    return "newer" if _oldest_code(conn) in _known() else "too_new"


@cache
def _known() -> frozenset[str]:
    return frozenset(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def newest(conn: Connection) -> str | None:
    """The revision this program brings a database to."""
    return ScriptDirectory.from_config(_config(conn)).get_current_head()


def _config(conn: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = conn
    return config


def _oldest_code(conn: Connection) -> str | None:
    """The oldest revision whose program the database can still serve, as the newest migration has stated it."""
    if not inspect(conn).has_table(meta.name):
        return None
    return conn.execute(select(meta.c.value).where(meta.c.key == "oldest_code")).scalar()
