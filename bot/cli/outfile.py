"""A file that is written whole or not at all: a full disk or Ctrl-C leaves nothing behind."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from bot.errors import GridbridgeError
from bot.settings import reason_of

STANDARD = "-"
_BUFFER = 2**20


@contextmanager
def outfile(name: str) -> Iterator[IO[bytes]]:
    """`-` is standard output. Else a file for its owner's eyes, which takes its name when the body has ended well.

    What had that name before is replaced then. Raises GridbridgeError for what the disk has to say.
    """
    if name == STANDARD:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(name)
    try:
        # What is no file, such as a pipe, keeps its place; a link leads to the file that is replaced.
        special = path.exists() and not path.is_file() and not path.is_dir()
        with path.open("wb") if special else _beside(path.resolve()) as out:
            yield out
    except OSError as error:
        raise GridbridgeError(f"写不了 {path}（{reason_of(error)}），请检查文件夹、权限和磁盘空间") from error


@contextmanager
def _beside(path: Path) -> Iterator[IO[bytes]]:
    if path.is_dir():
        raise IsADirectoryError(path)
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # readable for its owner only
    try:
        with os.fdopen(handle, "wb", buffering=_BUFFER) as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        Path(part).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(part).unlink()
        raise
