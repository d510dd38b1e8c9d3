"""What the operator of a process reads: /readyz, and what the log says of the platform."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from aiohttp import ClientSession

from tests.crash.lives import Life

AWAY, BACK = "platform_away", "platform_back"
Checks = dict[str, dict[str, Any]]
QUIET = frozenset({"info", "debug"})


async def readyz(life: Life) -> Checks:
    """What is looked at, by name."""
    port = (await life.running())["port"]
    async with ClientSession() as session, session.get(f"http://127.0.0.1:{port}/readyz") as answer:
        checks: Checks = (await answer.json())["checks"]
        return checks


async def read(life: Life, wanted: Callable[[Checks], bool], seconds: float = 10.0) -> Checks:
    """Look until that is to be read, or the time is over; what was read last."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while not wanted(checks := await readyz(life)) and loop.time() < until:  # noqa: ASYNC110 - a log is no event
        await asyncio.sleep(0.1)
    return checks


async def heard(life: Life, action: str, seconds: float = 10.0) -> bool:
    """Wait until the log says it; False: it never did."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while not (found := told(life, action)) and loop.time() < until:  # noqa: ASYNC110 - neither is it
        await asyncio.sleep(0.1)
    return bool(found)


def told(life: Life, action: str) -> int:
    """How often the log says it."""
    return sum(record.get("action") == action for record in life.said())


def alarming(life: Life, *expected: str) -> list[str]:
    """Lines that would make somebody look, each once, but those. That a slow machine skips a tick is none of them."""
    lines = [one for one in life.said() if str(one.get("level", "info")) not in QUIET and one.get("action") not in expected
             if not str(one.get("logger")).startswith("apscheduler")]  # fmt: skip
    return sorted({f"{life.name}: {one.get('action')} {one.get('message')} {one.get('why', '')}" for one in lines})


def must(*claims: tuple[bool, str]) -> list[str]:
    """The sentences that are not true."""
    return [sentence for holds, sentence in claims if not holds]
