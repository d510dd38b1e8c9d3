"""What runs here, and on what."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version

_LIBRARIES = (
    "aiohttp", "alembic", "APScheduler", "asyncpg", "holidays", "jieba", "Pillow", "rich", "SQLAlchemy", "tzdata",
    "uvloop",
)  # fmt: skip


def versions() -> dict[str, str | None]:
    """None: it is not installed. The machine's own name is left out."""
    return {
        "gridbridge": installed("gridbridge"),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "encoding": sys.getfilesystemencoding(),
        **{name: installed(name) for name in _LIBRARIES},
    }


def installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
