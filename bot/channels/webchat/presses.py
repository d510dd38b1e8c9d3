"""Buttons pressed: handed over at once, and the bridge's word on the spot brought back to the one who pressed."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from bot.model import Inbound
from bot.ports import Accept

WAIT = 3.0  # seconds for the answer; whatever follows later is a message
_REMEMBERED = 512


class Presses:
    """Answers are kept for a while: a page that lost the line presses again under the same key."""

    def __init__(self) -> None:
        self._answers: OrderedDict[str, asyncio.Future[str]] = OrderedDict()

    async def press(self, inbound: Inbound, accept: Accept) -> str:
        """The answer, "" if there is none in time. Raises what `accept` raises: then it may be pressed again."""
        answer = self._answers.setdefault(inbound.event_key, asyncio.get_running_loop().create_future())
        self._trim()
        await accept([inbound])
        done, _ = await asyncio.wait([answer], timeout=WAIT)
        return answer.result() if done else ""

    def resolve(self, event_key: str, text: str) -> None:
        answer = self._answers.get(event_key)
        if answer is not None and not answer.done():
            answer.set_result(text)

    def _trim(self) -> None:
        while len(self._answers) > _REMEMBERED:
            self._answers.popitem(last=False)
