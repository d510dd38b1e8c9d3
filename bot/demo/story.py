"""Plays the story through the real thing: persons act, and it goes on only when the bridge has really done its part."""

from __future__ import annotations

import asyncio
import logging

from bot.channels.webchat.speech import Refused
from bot.demo import picture
from bot.demo.cast import Cast, Marks, Spot
from bot.demo.chatter import Chatter
from bot.demo.earlier import Earlier
from bot.demo.script import Press, Say, Silence, Step, Wait, filled, rooms_of
from bot.demo.stage import Stage
from bot.rooms import Message

log = logging.getLogger(__name__)
PATIENCE = 30.0  # seconds an effect may take
FAILED = "演示在这一步停住了：{what}。别的都还能用，您可以自己试，也可以重新点一次「一分钟演示」。"
STOPPED = "演示停了。两部手机都是真的，随便试。"


class Missed(Exception):  # noqa: N818 - a turn of the story, not a fault of the program
    """What should have happened did not; the message says what, in Chinese."""


class Halted(Exception):  # noqa: N818 - as above
    """Somebody pressed 「停」."""


class Story:
    """One at a time; `halt` ends it between two acts."""

    def __init__(
        self,
        steps: tuple[Step, ...],
        cast: Cast,
        stage: Stage,
        chatter: Chatter,
        earlier: Earlier,
        *,
        speed: float,
        limit: float,
    ) -> None:
        self._steps, self._cast, self._stage = steps, cast, stage
        self._chatter, self._earlier, self._speed, self._limit = chatter, earlier, speed, limit
        self._halt = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._spots: dict[str, Spot] = {}
        self._since: dict[str, Marks] = {}

    def play(self) -> None:
        """Start it, unless it plays already."""
        if self._stage.playing:
            return
        self._halt.clear()
        self._stage.playing = True
        self._task = asyncio.create_task(self._play())

    def stop(self) -> None:
        self._halt.set()

    async def finish(self) -> None:
        """Stop, and wait until the act that is under way is over."""
        self.stop()
        if self._task is not None:
            await self._task

    async def _play(self) -> None:
        stage = self._stage
        try:
            await self._earlier.clear(self._halt)
            words = {**await self._earlier.houses(), "limit": f"{self._limit:.0f}"}
            for step in self._steps:
                await self._step(filled(step, words))
        except Halted:
            stage.caption = STOPPED
        except (Missed, Refused) as missed:
            log.warning("the story stopped", extra={"action": "demo_missed", "why": str(missed)})
            stage.caption = FAILED.format(what=missed)
        except Exception:
            log.exception("the story failed", extra={"action": "demo_failed"})
            stage.caption = FAILED.format(what="程序出了错，终端里有记录")
        finally:
            stage.playing = False

    async def _step(self, step: Step) -> None:
        self._stage.show(step.caption, dict(step.views), step.side)
        began = await self._cast.marks(rooms_of((step,)))
        await self._talk(step.chatter)
        if step.say:
            await self._say(step.say)
        if step.press:
            await self._press(step.press)
        if step.wait:
            await self._wait(step.wait, began)
        if step.silence:
            await self._silence(step.silence)
        await self._rest(step.rest)

    async def _talk(self, lines: int) -> None:
        for _ in range(lines):
            await self._chatter.say_one(self._stage.views["left"].room)
            await self._rest(0.9)

    async def _say(self, say: Say) -> None:
        marks = await self._cast.marks(rooms_of(self._steps))
        quote = self._spots[say.quote].n if say.quote else None
        photo = await asyncio.to_thread(picture.lamp) if say.photo else None
        spot = await self._cast.say(say.who, say.room, say.text, quote=quote, photo=photo)
        if say.name:
            self._spots[say.name], self._since[say.name] = spot, marks

    async def _press(self, press: Press) -> None:
        if not await self._cast.press(press.who, self._spots[press.card], press.action):
            raise Missed("卡片上没有要点的按钮")

    async def _wait(self, wait: Wait, began: Marks) -> None:
        marks = self._since[wait.since] if wait.since else began
        spot = await self._cast.heard(
            wait.room, marks[wait.room], lambda one: self._fits(one, wait), within=PATIENCE, halt=self._halt
        )
        if spot is None:
            if self._halt.is_set():
                raise Halted
            raise Missed(f"等了{PATIENCE:.0f}秒，该来的消息没有来")
        if wait.name:
            self._spots[wait.name] = spot

    def _fits(self, message: Message, wait: Wait) -> bool:
        body = message.body
        return (
            (not wait.card or bool(body.get("card")))
            and (not wait.quotes or body.get("quote") == self._spots[wait.quotes].n)
            and (not wait.photo or bool(body.get("photos")))
            and wait.text in str(body.get("text", ""))
        )

    async def _silence(self, silence: Silence) -> None:
        if await self._cast.said_by_bot(silence.room, self._since[silence.since][silence.room]):
            raise Missed("群里本该什么都不说，可是说了")

    async def _rest(self, seconds: float) -> None:
        """The only thing that speed makes shorter; ends at once when halted."""
        try:
            async with asyncio.timeout(seconds / self._speed):
                await self._halt.wait()
        except TimeoutError:
            return
        raise Halted
