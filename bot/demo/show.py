"""Everything of a showing put together: the town, its people, the page, the story."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from bot.app import App
from bot.assembly import utc_now
from bot.channels.webchat.channel import WebchatChannel
from bot.channels.webchat.session import Sessions
from bot.demo import chatter, figures, house, script, town
from bot.demo.cast import Cast
from bot.demo.chatter import Chatter
from bot.demo.earlier import Earlier
from bot.demo.pages import Pages, Seats
from bot.demo.stage import Stage
from bot.demo.story import Story
from bot.errors import ConfigError
from bot.ports import ChannelState
from bot.rooms import Member

LOOK_FOR_DUE = 2.0  # seconds between two looks at what is due
LIMIT, SHORTEST_LIMIT = 30.0, 8.0  # seconds to accept what is watched, at speed 1 and at least
SESSION_DAYS = 180


class Show:
    def __init__(self, folder: Path, *, port: int, speed: float) -> None:
        self._folder, self._port, self._speed = folder, port, speed
        self._limit = max(SHORTEST_LIMIT, LIMIT / speed)
        self._town, self._stage = town.load(), Stage()
        self._people: dict[str, Member] = {}
        self._closing = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`: the story ends between two acts, then the program stops as it always does."""
        secret = house.secret_of(self._folder)
        config = house.settings(self._folder, port=self._port, secret=secret, limit=self._limit)
        seats = Seats(Sessions(secret, SESSION_DAYS), utc_now)
        pages = Pages(seats, self._state, looked=self._stage.look, stopping=self._closing)
        async with App.open(config, routes=pages.routes(), remind_every=LOOK_FOR_DUE) as app:
            self._app, self._channel = app, _webchat(app)
            await self._settle(seats)
            await self._perform(pages, stop)
            await self._channel.close()

    async def _settle(self, seats: Seats) -> None:
        """The town stands before anybody speaks in it."""
        parts = self._app.parts
        await parts.db.run(lambda conn: town.seed_directory(conn, self._town, utc_now()))
        await parts.refresh()
        self._people = await town.seed_rooms(self._channel.people, self._town)
        seats.members = tuple(self._people.values())

    async def _perform(self, pages: Pages, stop: asyncio.Event) -> None:
        story, talk = self._rehearse()
        async with asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(self._app.serve(self._closing))
            while self._channel.status.state is not ChannelState.UP and not serving.done():  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.05)
            await talk.begin()
            pages.offer((("play", story.play), ("stop", story.stop)))
            _welcome(self._app.port or 0, self._folder)
            tasks.create_task(talk.run(self._closing))
            await stop.wait()
            await story.finish()
            self._closing.set()

    def _rehearse(self) -> tuple[Story, Chatter]:
        steps, cast = script.load(), Cast(self._channel.people)
        said = [step.say for step in steps if step.say]
        residents = [say for say in said if say.who in self._town.residents]
        talk = Chatter(
            self._town, cast, self._stage, chatter.load(),
            quiet=frozenset(say.who for say in residents), dice=random.Random(),  # noqa: S311 - small talk
        )  # fmt: skip
        closers = tuple(person.id for person in self._town.people if person.kind in {"worker", "confidant"})
        earlier = Earlier(self._app.parts.db, cast, frozenset(say.text for say in residents), closers)
        return Story(steps, cast, self._stage, talk, earlier, speed=self._speed, limit=self._limit), talk

    async def _state(self) -> dict[str, Any]:
        counted = await self._app.parts.db.read(figures.count)
        said = [await self._channel.people.count(room.id) for room in self._town.groups]
        return {
            "heard": sum(said) - counted.told,
            "stored_chatter": counted.chatter,
            "cases": counted.cases,
            "playing": self._stage.playing,
            "caption": self._stage.caption,
            "people": [_person(one, self._people) for one in self._town.people],
            "focus": self._stage.focus(),
        }


def _person(person: town.Person, members: Mapping[str, Member]) -> dict[str, str]:
    return {
        "id": person.id,
        "name": person.name,
        "kind": person.kind,
        "title": person.title,
        "seat": members[person.id].seat,
        "room": person.room,
    }


def _webchat(app: App) -> WebchatChannel:
    channel = app.channels[town.ACCOUNT]
    assert isinstance(channel, WebchatChannel)
    return channel


def must_be_free(port: int) -> None:
    """Asked before anything is touched. Raises ConfigError. 0 takes any free port."""
    if not port:
        return
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        other = "gridbridge demo --port 8123"
        raise ConfigError(f"端口 {port} 用不了，可能已被别的程序占用，可以换一个：{other}") from error


def _welcome(port: int, folder: Path) -> None:
    say = Console(highlight=False, soft_wrap=True).print
    say(f"\n演示开好了，请用浏览器打开：[bold]http://127.0.0.1:{port}/[/bold]")
    say("打开后点「一分钟演示」，看一盏路灯怎么从一句话到修好；演示完了两部手机随您试。")
    say(f"内容存在 {folder}，下次接着来；想从头来，加 --fresh。按 Ctrl-C 停。\n", markup=False)
