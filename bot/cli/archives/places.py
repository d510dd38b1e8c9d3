"""Where the files of a configuration lie that an archive holds, and whether anybody uses them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy import URL, make_url

from bot.config import Config
from bot.errors import GridbridgeError

Advance = Callable[[int], None]
"""Told how many more bytes are done."""
_BESIDE = ("", "-wal", "-shm", "-journal")
_SPARE = 16 * 2**20  # bytes; a disk that is full to the last is of no use to anybody


def pg_dump(config: Config) -> str:
    """The command that backs the database up; it asks for the password or takes it from ~/.pgpass."""
    url: URL = make_url(config.database.url)._replace(password=None, drivername="postgresql")
    return f'pg_dump --format=custom --file=gridbridge.pgdump "{url.render_as_string()}"'


def taken(path: Path) -> Iterator[Path]:
    """The file itself, and what a database leaves beside it: an old log would be played into a new file."""
    return (found for end in _BESIDE if (found := path.with_name(path.name + end)).exists())


def free(folder: Path, needed: int) -> None:
    """Raises GridbridgeError where there is not room enough and some to spare."""
    left, needed = shutil.disk_usage(folder).free, needed + _SPARE
    if left < needed:
        room = f"只剩 {megabytes(left)} MB，要 {megabytes(needed)} MB"
        raise GridbridgeError(f"{folder} 里{room}，请先腾出空间或换个地方")


@contextmanager
def workshop(folder: Path, prefix: str) -> Iterator[Path]:
    """A folder for our eyes only, beside the target so that the last step is a change of name; gone afterwards."""
    made = Path(tempfile.mkdtemp(dir=folder, prefix=prefix))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def own_file(path: Path) -> Iterator[IO[bytes]]:
    """A new file for our eyes only, on the disk when it is closed."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        yield out
        out.flush()
        os.fsync(out.fileno())


def megabytes(size: int) -> int:
    """Rounded up."""
    return -(-size // 2**20)


def put(part: Path, target: Path) -> None:
    """Give a finished file its name. Raises FileExistsError rather than replace another one."""
    try:
        target.hardlink_to(part)
    except FileExistsError:
        raise
    except OSError:  # a disk without links, or another disk
        if target.exists():
            raise FileExistsError(target) from None
        shutil.move(part, target)


def sync(folder: Path) -> None:
    """So that a new name is still there after a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
