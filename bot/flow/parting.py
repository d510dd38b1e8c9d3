"""A stop ends: what is claimed is finished, and what hangs is left after a stated time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from typing import Any

log = logging.getLogger(__name__)
GRACE = 2.0  # seconds in which what was cut off may still tidy up


async def until_stopped(
    work: Coroutine[Any, Any, None], stop: asyncio.Event, limit: timedelta, hanging: Callable[[], Sequence[str]]
) -> None:
    """Run `work`, which ends by itself after `stop`; what has not ended `limit` later is cut off.

    Nothing is cut inside a transaction, the storage sees to that; what was on its way to a platform is in doubt then,
    as after a kill. `hanging`: the names of what did not come round.
    """
    task, stopped = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait([task, stopped], return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait([task], timeout=limit.total_seconds())
        if not task.done():
            facts = {"action": "stop_cut", "seconds": limit.total_seconds(), "hangs": ",".join(hanging())}
            log.error("stop takes too long", extra=facts)
    finally:
        stopped.cancel()
        if not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=GRACE)
    if task.done() and not task.cancelled():
        task.result()
