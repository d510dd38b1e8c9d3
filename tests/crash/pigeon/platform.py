"""The pigeon post: a bot platform over HTTP that outlives the program, remembers everything and can be unwell.

As bot platforms do it keeps an event until a poll asks for what comes after it, hands it out again as long as nobody
did, and takes posts without ever asking whether it has had them before.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Self

from aiohttp import web

from tests.crash.pigeon.weather import FAIR, Weather
from tests.crash.pigeon.wire import Delivery, Update

POLL_SECONDS = 0.5  # how long an empty poll waits for news


class Platform:
    """`clock`: the town's time, for when something was said. `heard` is told of every post that stands in a room."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.weather: Weather = FAIR
        self.queues: dict[str, list[Update]] = defaultdict(list)
        self.told: list[Update] = []  # everything that ever happened, each once
        self.deliveries: list[Delivery] = []
        self.acks: list[tuple[str, str]] = []  # (event key, text)
        self.files: dict[str, bytes] = {}
        self.heard: Callable[[Delivery], None] = lambda _: None
        self.unanswered: Counter[str] = Counter()  # keys of posts that were taken and nobody was told so
        self.tries: list[float] = []  # when a post was sent, monotonic seconds of the sender
        self.pauses: list[tuple[float, float]] = []  # from when until when nothing should have been sent
        self.echo: Callable[[str, Update], None] = lambda *_: None  # told of every event, with its account
        self.backwards = False  # whether a batch comes with its newest event first
        self.handed_out = 0  # updates, as often as they were told
        self._ids = itertools.count(1)
        self._news: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._runner: web.AppRunner | None = None
        self.port = 0

    # -- what people do

    def say(self, account: str, chat: str, who: str, text: str, **fields: Any) -> Update:
        number = next(self._ids)
        return self.tell(account, Update(number, f"m{number}", "message", chat, who, self.clock(), text,
                                         message=f"m{number}", **fields))  # fmt: skip

    def press(self, account: str, chat: str, who: str, message: str, data: str) -> Update:
        number = next(self._ids)
        return self.tell(account, Update(number, f"press:{number}", "button", chat, who, self.clock(), message=message,
                                         reply_to=message, reply_to_bot=True, button=data))  # fmt: skip

    def edit(self, account: str, said: Update, text: str) -> Update:
        number = next(self._ids)
        return self.tell(account, replace(said, n=number, key=f"{said.message}:{number}", kind="edit", text=text))

    def tell(self, account: str, update: Update) -> Update:
        """Anything at all, as it comes."""
        self.told.append(update)
        self.again(account, update)
        self.echo(account, update)
        return update

    def again(self, account: str, update: Update) -> None:
        """The same event under a new place in the queue: a second delivery."""
        self.queues[account].append(replace(update, n=max(update.n, next(self._ids))))
        self._news[account].set()

    def text_of(self, chat: str, message: str) -> str:
        """What the bot's message says now."""
        return next(post.text for post in reversed(self.deliveries) if (post.chat, post.message) == (chat, message))

    def reborn(self) -> None:
        """Restored from nothing: events, messages and updates are numbered from the beginning once more."""
        self.queues.clear()
        self._ids = itertools.count(1)

    @property
    def unread(self) -> int:
        """Events that nobody has acknowledged."""
        return sum(map(len, self.queues.values()))

    @property
    def pushed(self) -> int:
        """Posts that were sent although the platform had said wait. What was on its way then is given a moment."""
        return sum(any(since + 0.1 < at < until - 0.01 for since, until in self.pauses) for at in self.tries)

    # -- the server

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        app = web.Application(client_max_size=2**26)
        app.add_routes([
            web.get("/{account}/updates", self._updates),
            web.post("/{account}/send", self._send),
            web.post("/{account}/answer", self._answer),
            web.get("/{account}/file/{ref}", self._file),
        ])  # fmt: skip
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    @property
    def closed(self) -> bool:
        return self._runner is None

    async def close(self) -> None:
        """Nobody answers any more; what is remembered stays. `open` brings it back at the same port."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _updates(self, request: web.Request) -> web.StreamResponse:
        account = request.match_info["account"]
        if (after := request.query.get("after")) is not None:
            self.queues[account] = [one for one in self.queues[account] if one.n > int(after)]
        if trouble := await self.weather.poll(request):
            return trouble
        if not self.queues[account]:
            self._news[account].clear()
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._news[account].wait()
            except TimeoutError:
                pass
        batch = self.queues[account][: int(request.query.get("limit", 100))]
        self.handed_out += len(batch)
        return web.json_response({"updates": [one.dump() for one in (reversed(batch) if self.backwards else batch)]})

    async def _send(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.tries.append(float(request.headers["X-At"]))
        if trouble := await self.weather.refuse(request):
            now = time.monotonic()
            self.pauses.append((now, now + self.weather.retry_after))
            return trouble
        delivery = self._deliver(request.match_info["account"], request.headers["X-Life"], body)
        self.unanswered[delivery.key] += 1
        await asyncio.sleep(self.weather.lag)
        if spoilt := await self.weather.spoil(request, self.weather.fate()):
            return spoilt
        answer = web.json_response({"id": delivery.message})
        await answer.prepare(request)
        await answer.write_eof()
        self.unanswered[delivery.key] -= 1
        return answer

    def _deliver(self, account: str, life: str, body: dict[str, Any]) -> Delivery:
        message = body["edits"] or f"b{next(self._ids)}"
        buttons = tuple((label, data) for label, data in body["buttons"])
        delivery = Delivery(account, life, time.monotonic(), body["key"], body["chat"], body["text"], message,
                            body["edits"], body["quote"], buttons)  # fmt: skip
        self.deliveries.append(delivery)
        self.heard(delivery)
        return delivery

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.acks.append((body["press"], body["text"]))
        return web.json_response({})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        found = self.files.get(request.match_info["ref"])
        return web.Response(body=found) if found is not None else web.Response(status=404)
