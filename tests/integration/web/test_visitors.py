"""Who gets to see how the program is doing, asked over a real socket."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp
import pytest

from bot.flow.loops import Pulse
from bot.web import health, metrics
from bot.web.health import Check
from bot.web.server import WebServer
from bot.web.snapshot import Disk, Snapshot
from bot.web.visitors import Visitors, is_loopback
from tests.integration.web.scraped import Scraped

TOKEN = "a-token-for-tests-0123456789"
LOCAL, BY_TOKEN, OFF = Visitors(), Visitors("token", TOKEN), Visitors("off")
PROXIED = {"X-Forwarded-For": "203.0.113.9"}
BEARER = {"Authorization": f"Bearer {TOKEN}"}


class Sample:
    """Something to see: one account, and why it is down."""

    def alive(self) -> Sequence[Check]:
        return [Check("webchat:main", 1.0, ok=True)]

    async def ready(self) -> Sequence[Check]:
        return [Check("webchat:main", "failed", ok=False, detail="口令过期")]

    async def snapshot(self) -> Snapshot:
        now = datetime(2026, 10, 9, tzinfo=UTC)
        return Snapshot(now=now, build={}, pulse=Pulse(), ready=False, warnings=0, disk=Disk(1, 2), database_up=True)


@asynccontextmanager
async def asked(visitors: Visitors, host: str = "127.0.0.1") -> AsyncIterator[aiohttp.ClientSession]:
    sample = Sample()
    server = WebServer([*health.routes(sample, visitors), *metrics.routes(sample, visitors)], host, 0)
    port = await server.start()
    address = "127.0.0.1" if host == "127.0.0.1" else own_address()
    async with aiohttp.ClientSession(f"http://{address}:{port}") as session:
        yield session
    await server.stop()


def own_address() -> str:
    """Of this machine in its network; skips where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # chooses the address, sends nothing
        except OSError:
            pytest.skip("this machine is in no network")
        address: str = probe.getsockname()[0]
    if is_loopback(address):
        pytest.skip("this machine is in no network")
    return address


@pytest.mark.parametrize(
    ("visitors", "headers", "status"),
    [
        (LOCAL, {}, 200),
        (LOCAL, PROXIED, 403),
        (LOCAL, {"Forwarded": "for=203.0.113.9"}, 403),
        (LOCAL, {"Via": "1.1 proxy"}, 403),
        (LOCAL, {"Host": "wangge.example.org"}, 403),  # a proxy that keeps the name, or a page that plays with DNS
        (LOCAL, {"Host": "localhost:8080"}, 200),
        (BY_TOKEN, {}, 401),
        (BY_TOKEN, BEARER, 200),
        (BY_TOKEN, {**BEARER, **PROXIED}, 200),
        (BY_TOKEN, {"Authorization": f"bearer  {TOKEN} "}, 200),
        (BY_TOKEN, {"Authorization": f"Bearer {TOKEN}x"}, 401),
        (BY_TOKEN, {"Authorization": f"Basic {TOKEN}"}, 401),
        (BY_TOKEN, {"Authorization": "Bearer 口令"}, 401),
        (Visitors("token", ""), {"Authorization": "Bearer "}, 401),
        (OFF, {}, 404),
    ],
)
async def test_who_sees_the_figures(visitors: Visitors, headers: dict[str, str], status: int) -> None:
    """The details of /readyz go the same way; that something is wrong everybody is told."""
    async with asked(visitors) as session:
        async with session.get("/metrics", headers=headers) as answer:
            said = await answer.text()
            assert (answer.status, TOKEN in said) == (status, False)
            if status == 200:
                assert Scraped(said)("ready") == 0
                assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        async with session.get("/readyz", headers=headers) as answer:
            body = await answer.json()
    known = status in {200, 404}
    assert (answer.status, body["ok"], body.keys()) == (503, False, {"ok", "checks"})
    assert ("webchat:main" in body["checks"]) is known
    assert ("口令过期" in str(body)) is known


async def test_another_machine_is_a_stranger() -> None:
    """Over the network address the same machine counts as one; a token opens the door there too."""
    async with asked(LOCAL, "0.0.0.0") as session:
        async with session.get("/metrics") as answer:
            assert (answer.status, "token" in await answer.text()) == (403, True)
        async with session.get("/healthz") as answer:
            assert (answer.status, await answer.json()) == (200, {"ok": True, "checks": {}})
    async with asked(BY_TOKEN, "0.0.0.0") as session, session.get("/metrics", headers=BEARER) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    ("name", "here"),
    [
        *(("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("::ffff:127.0.0.1", True)),
        *(("10.0.0.7", False), ("::ffff:10.0.0.7", False), ("", False), ("localhost.evil.org", False)),
    ],
)
def test_what_leads_to_this_machine(name: str, here: bool) -> None:
    assert is_loopback(name) is here
