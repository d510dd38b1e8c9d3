"""A work that is done and taken back: what it counts is exactly what doing it would count."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

from sqlalchemy import Connection

T = TypeVar("T")


class _TakenBack(Exception):  # noqa: N818 - carries a result out of a transaction that must not be committed
    def __init__(self, result: object) -> None:
        super().__init__()
        self.result = result


async def rehearse(run: Callable[[Callable[[Connection], Any]], Awaitable[Any]], work: Callable[[Connection], T]) -> T:
    """The result of `work`; `run` is one transaction, which is rolled back."""

    def take_back(conn: Connection) -> None:
        raise _TakenBack(work(conn))

    try:
        await run(take_back)
    except _TakenBack as end:
        return cast("T", end.result)
    raise AssertionError("a transaction that was to be rolled back has ended otherwise")
