"""An answer that is costly to get, kept for a while however many ask."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")
SHARE = 20  # of the time at most one part is spent on reading


class Kept(Generic[T]):
    """Read anew after `fresh` seconds, but not before twenty times what reading took has passed; 0 keeps nothing."""

    def __init__(self, read: Callable[[], Awaitable[T]], *, fresh: float = 1.0) -> None:
        self._read, self._fresh = read, fresh
        self._value: T | None = None
        self._until = 0.0
        self._lock = asyncio.Lock()

    async def get(self) -> T:
        """Raises what reading raises; that is not kept."""
        async with self._lock:
            if self._value is None or time.monotonic() >= self._until:
                start = time.monotonic()
                self._value = await self._read()
                end = time.monotonic()
                self._until = end + max(self._fresh, SHARE * (end - start)) if self._fresh else end
            return self._value
