"""What runs here, and on what."""

from __future__ import annotations

import platform
import sys

from bot.installed import version_of

_LIBRARIES = (
    "aiohttp", "alembic", "APScheduler", "asyncpg", "holidays", "jieba", "Pillow", "rich", "SQLAlchemy", "tzdata",
    "uvloop",
)  # fmt: skip


def versions() -> dict[str, str | None]:
    """None: it is not installed. The machine's own name is left out."""
    return {
        "gridbridge": version_of(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "encoding": sys.getfilesystemencoding(),
        **{name: version_of(name) for name in _LIBRARIES},
    }
