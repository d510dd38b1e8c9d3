"""The town's time, shared by the driver and every process: the machine's clock and an offset in a file."""

from __future__ import annotations

import mmap
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # Monday, nine in the morning in the city
_FORMAT = "d"


class TownClock:
    """Call it for the time; `jump` moves it for all who hold the file open, at once."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(struct.pack(_FORMAT, (START - datetime.now(UTC)).total_seconds()))
        self.path = path
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), struct.calcsize(_FORMAT))

    def __call__(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._ahead)

    def jump(self, by: timedelta) -> None:
        struct.pack_into(_FORMAT, self._shared, 0, self._ahead + by.total_seconds())

    @property
    def _ahead(self) -> float:
        seconds: float = struct.unpack_from(_FORMAT, self._shared)[0]
        return seconds
