"""Whether everything that may be told has somebody who hears it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.cases.directory import Directory
from bot.cases.duty import trusted
from bot.cli.checks.database import inside
from bot.cli.checks.finding import Finding, warn
from bot.config import Config
from storage import directory as table
from storage.errors import SchemaTooNew, Unavailable

_NAME = "专人"
_SHOWN = 3


def confidants(config: Config) -> Iterator[Finding]:
    """Grids from which a complaint about staff would reach nobody: every confidant works in that very chain."""
    url = make_url(config.database.url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return
    try:
        directory = inside(url, lambda conn: Directory.of(table.load(conn)))
    except (SQLAlchemyError, Unavailable, SchemaTooNew, ImportError, OSError):
        return  # the check of the database says so
    alone = unheard(directory)
    if alone:
        names = "、".join(alone[:_SHOWN]) + (f" 等 {len(alone)} 个网格" if len(alone) > _SHOWN else "")
        text = f"{names}没有线外的专人，那里投诉工作人员没人看得到"
        yield warn(_NAME, text, "请在镇或市里定一位不在这条线上的专人")


def unheard(directory: Directory) -> list[str]:
    """Names of the grids without a confidant outside their chain."""
    grids = (area for area in directory.areas.values() if area.level == "grid")
    return [grid.name for grid in grids if not trusted(directory, "staff", (grid.id,))]
