"""The edge to a channel's own code."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Cancelled(Exception):  # noqa: N818 - as asyncio calls it
    """A channel's own task or future was cancelled, and not the one who waited for it."""


@contextmanager
def foreign() -> Iterator[None]:
    """Around a channel's code: what it cancels inside itself is its failure, and must not end our loop in silence."""
    try:
        yield
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise Cancelled("cancelled inside the channel") from error
