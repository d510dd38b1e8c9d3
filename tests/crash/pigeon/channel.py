"""The channel of the pigeon post: polls, posts, and tells how each attempt ended. Runs inside the program."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout, web

from bot.channels.needs import Needs
from bot.errors import MediaGone, NotAccepted
from bot.flow.retry import backoff
from bot.model import Attachment, Dead, Inbound, Post, Retry, Scope, SendResult, Sent, Unknown
from bot.ports import Accept, Capabilities, ChannelState, Status
from tests.crash.pigeon.wire import inbound_of, post_body

log = logging.getLogger(__name__)
CAPABILITIES = Capabilities(
    reads_all=True, buttons=True, quotes=True, edits=True, photos=True,
    per_chat_per_minute=60_000, per_account_per_second=10_000, send_timeout=1.0,
)  # fmt: skip
BATCH = 20
PATIENCE = 2.0  # seconds for a poll, longer than the platform waits for news


class PigeonChannel:
    """Implements bot.ports.Channel. `life` names this start of the program to the platform."""

    capabilities = CAPABILITIES

    def __init__(self, account: str, url: str, life: str) -> None:
        self.account = account
        self._url, self._life = f"{url}/{account}", life
        self._status = Status(ChannelState.STOPPED)
        self._session: ClientSession | None = None

    @property
    def status(self) -> Status:
        return self._status

    async def run(self, accept: Accept, stop: Callable[[], Awaitable[None]]) -> None:
        self._status = Status(ChannelState.CONNECTING)
        stopping = asyncio.ensure_future(stop())
        async with ClientSession(headers={"X-Life": self._life}) as self._session:
            await self._poll_on(self._session, accept, stopping)
        self._session, self._status = None, Status(ChannelState.STOPPED)

    async def _poll_on(self, session: ClientSession, accept: Accept, stopping: asyncio.Future[None]) -> None:
        after: int | None = None
        failures = 0
        while not stopping.done():
            poll: asyncio.Future[Any] = asyncio.ensure_future(self._poll(session, after))
            await asyncio.wait([poll, stopping], return_when=asyncio.FIRST_COMPLETED)
            if not poll.done():
                poll.cancel()
                return
            try:
                updates = poll.result()
                await accept([event for one in updates if (event := self._parse(one)) is not None])
            except (ClientError, TimeoutError, ValueError, NotAccepted) as error:
                failures += 1
                self._status = Status(ChannelState.CONNECTING, type(error).__name__)
                await asyncio.wait({stopping}, timeout=backoff(failures, base=0.05, cap=0.5))
                continue
            failures, self._status = 0, Status(ChannelState.UP)
            # Said once: a platform that begins to count anew must not be told what the old one had got to.
            after = max((one["n"] for one in updates), default=None)

    async def _poll(self, session: ClientSession, after: int | None) -> list[dict[str, Any]]:
        """Raises ClientError, TimeoutError, ValueError."""
        asked = {"limit": BATCH} | ({} if after is None else {"after": after})
        async with session.get(f"{self._url}/updates", params=asked, timeout=ClientTimeout(PATIENCE)) as answer:
            answer.raise_for_status()
            return cast("list[dict[str, Any]]", (await answer.json())["updates"])

    def _parse(self, update: Mapping[str, Any]) -> Inbound | None:
        try:
            return inbound_of(self.account, dict(update))
        except (KeyError, ValueError, TypeError):
            log.warning("no update", extra={"action": "update_malformed", "account": self.account})
            return None

    async def send(self, post: Post) -> SendResult:
        if self._session is None:
            return Retry(0, "not connected", Scope.ACCOUNT)
        timeout = ClientTimeout(self.capabilities.send_timeout)
        try:
            at = {"X-At": str(time.monotonic())}
            async with self._session.post(
                f"{self._url}/send", json=post_body(post), timeout=timeout, headers=at
            ) as answer:
                return await _result(answer.status, answer.json)
        except ClientConnectorError as error:  # the bytes never left
            return Retry(0.2, type(error).__name__, Scope.ACCOUNT)
        except (ClientError, TimeoutError) as error:
            return Unknown(type(error).__name__)

    async def fetch(self, attachment: Attachment) -> bytes:
        assert self._session is not None
        try:
            async with self._session.get(f"{self._url}/file/{attachment.ref}") as answer:
                answer.raise_for_status()
                return await answer.read()
        except ClientError as error:
            raise MediaGone(str(error)) from error

    async def ack(self, inbound: Inbound, text: str) -> None:
        if self._session is not None:
            try:
                async with self._session.post(f"{self._url}/answer", json={"press": inbound.event_key, "text": text}):
                    pass
            except (ClientError, TimeoutError):
                log.info("press not answered", extra={"action": "ack_failed", "account": self.account})

    def private_chat(self, person: str) -> str | None:
        return f"p:{person}"

    def routes(self) -> list[web.RouteDef]:
        return []


async def _result(status: int, body: Callable[[], Awaitable[Any]]) -> SendResult:
    match status:
        case 200:
            try:
                return Sent((await body())["id"])
            except (ClientError, ValueError, KeyError, TypeError):
                return Unknown("the answer is no JSON")
        case 429:
            return Retry((await body())["retry_after"], "flood limit", Scope.ACCOUNT)
        case 403:
            return Dead("not a member", Scope.DESTINATION)
        case 400:
            return Dead("refused")
    return Unknown(f"status {status}")


def build(account: str, table: Mapping[str, Any], _needs: Needs) -> PigeonChannel:
    return PigeonChannel(account, str(table["url"]), str(table["life"]))
