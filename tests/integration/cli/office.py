"""A configuration and its database, for commands that look into it: on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection

from storage import schema
from storage.engine import Database
from tests.databases import in_own_loop

T = TypeVar("T")
SECRET = "0123456789abcdef" * 2
CONFIG = """
data_dir = "."
[web]
port = 0
[database]
url = "{url}"
{more}
[channels.webchat.main]
secret = "{secret}"
"""


@dataclass(frozen=True)
class Office:
    """`config.toml` in the folder names the database, which is opened anew for each work."""

    folder: Path
    url: str

    def configure(self, more: str = "") -> None:
        text = CONFIG.format(url=self.url, more=more, secret=SECRET)
        (self.folder / "config.toml").write_text(text, encoding="utf-8")

    def do(self, work: Callable[[Connection], T]) -> T:
        async def run() -> T:
            db = await Database.open(self.url)
            try:
                return await db.run(work)
            finally:
                await db.close()

        return in_own_loop(run)

    def everything(self) -> list[str]:
        """Every row of every table."""

        def look(conn: Connection) -> list[str]:
            rows: list[str] = []
            for table in schema.metadata.sorted_tables:
                rows += [f"{table}{tuple(row)}" for row in conn.execute(sa.select(table)).all()]
            return sorted(rows)

        return self.do(look)

    def rows(self, statement: sa.Select[Any]) -> list[tuple[Any, ...]]:
        return self.do(lambda conn: [tuple(row) for row in conn.execute(statement)])
