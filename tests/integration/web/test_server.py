"""bot.web.server on a real socket: headers, ids, errors, health, stopping."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence

import aiohttp
import pytest
from aiohttp import web

from bot.errors import ConfigError
from bot.web import health
from bot.web.health import Check
from bot.web.server import WebServer


async def page(request: web.Request) -> web.Response:
    return web.Response(text="<p>好</p>", content_type="text/html")


async def strict(request: web.Request) -> web.Response:
    return web.Response(
        text="<p>own</p>", content_type="text/html", headers={"Content-Security-Policy": "default-src 'none'"}
    )


async def broken(request: web.Request) -> web.Response:
    raise ValueError("a resident's words")


async def gone(request: web.Request) -> web.Response:
    raise web.HTTPGone


async def own_words(request: web.Request) -> web.Response:
    raise web.HTTPConflict(text="已由王芳确认")


async def half(request: web.Request) -> web.StreamResponse:
    stream = web.StreamResponse()
    await stream.prepare(request)
    await stream.write(b"half")
    raise RuntimeError("in the middle")


async def take(request: web.Request) -> web.Response:
    return web.json_response({"bytes": len(await request.read())})


async def socket_echo(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        await socket.send_str(message.data)
    return socket


ROUTES = [
    web.get("/page", page),
    web.get("/strict", strict),
    web.get("/broken/{secret}", broken),
    web.get("/api/broken", broken),
    web.get("/gone", gone),
    web.get("/own", own_words),
    web.get("/half", half),
    web.post("/api/take", take),
    web.get("/ws", socket_echo),
]


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    server = WebServer(ROUTES, "127.0.0.1", 0, client_max_size=1000)
    port = await server.start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        yield session
    await server.stop()


async def test_every_page_has_security_headers_and_an_id(client: aiohttp.ClientSession) -> None:
    async with client.get("/page") as answer:
        headers = answer.headers
        assert await answer.text() == "<p>好</p>"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert f"ws://{client._base_url.authority}" in headers["Content-Security-Policy"]  # type: ignore[union-attr]
    assert len(headers["X-Request-ID"]) >= 8


async def test_a_handlers_own_policy_stays(client: aiohttp.ClientSession) -> None:
    async with client.get("/strict") as answer:
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'"


async def test_a_strange_host_does_not_get_into_the_policy(client: aiohttp.ClientSession) -> None:
    async with client.get("/page", headers={"Host": "evil; script-src *"}) as answer:
        assert "evil" not in answer.headers.get("Content-Security-Policy", "")


@pytest.mark.parametrize(
    ("given", "kept"), [("proxy-id-123", True), ("short", False), ("a b c d e f g h", False), ("x" * 65, False)]
)
async def test_a_proxys_request_id_is_kept_if_it_is_sound(
    client: aiohttp.ClientSession, given: str, kept: bool
) -> None:
    async with client.get("/page", headers={"X-Request-ID": given}) as answer:
        assert (answer.headers["X-Request-ID"] == given) == kept


async def test_an_unknown_page_is_explained_in_chinese(client: aiohttp.ClientSession) -> None:
    async with client.get("/nowhere") as answer:
        assert (answer.status, answer.content_type) == (404, "text/html")
        assert "没有这个页面" in await answer.text()


async def test_a_status_raised_by_a_handler_keeps_its_meaning(client: aiohttp.ClientSession) -> None:
    async with client.get("/gone") as answer:
        assert answer.status == 410
        assert "链接已经失效" in await answer.text()
    async with client.post("/page") as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, "GET,HEAD")
    async with client.get("/own") as answer:
        assert (answer.status, await answer.text()) == (409, "已由王芳确认")


async def test_below_api_an_error_is_json(client: aiohttp.ClientSession) -> None:
    async with client.get("/api/nowhere") as answer:
        assert (answer.status, (await answer.json())["error"]["status"]) == (404, 404)
    async with client.get("/api/broken") as answer:
        error = (await answer.json())["error"]
        assert answer.status == 500
        assert error["request_id"] == answer.headers["X-Request-ID"]
        assert "resident" not in json.dumps(error)


async def test_a_failure_is_logged_with_its_route_and_not_its_path(
    client: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    """A path may hold an invitation, so only the pattern of the route is written."""
    with caplog.at_level(logging.ERROR):
        async with client.get("/broken/t0ken") as answer:
            assert answer.status == 500
            assert "words" not in await answer.text()
    [record] = [record for record in caplog.records if record.name == "bot.web.shield"]
    assert vars(record)["route"] == "GET /broken/{secret}"
    assert vars(record)["request_id"] == answer.headers["X-Request-ID"]
    assert "t0ken" not in str(vars(record))


async def test_half_an_answer_is_not_continued_with_an_error_page(client: aiohttp.ClientSession) -> None:
    """The connection breaks instead, so that nobody takes the half for the whole."""
    with pytest.raises(aiohttp.ClientError):
        async with client.get("/half") as answer:
            assert b"<html" not in await answer.read()


async def test_a_body_too_large_is_refused(client: aiohttp.ClientSession) -> None:
    async with client.post("/api/take", data=b"x" * 1000) as answer:
        assert await answer.json() == {"bytes": 1000}
    async with client.post("/api/take", data=b"x" * 1001) as answer:
        assert (answer.status, (await answer.json())["error"]["message"]) == (413, "内容太大了")


async def test_sockets_pass(client: aiohttp.ClientSession) -> None:
    async with client.ws_connect("/ws") as socket:
        await socket.send_str("好")
        assert (await socket.receive()).data == "好"


async def test_the_favicon_is_a_picture(client: aiohttp.ClientSession) -> None:
    async with client.get("/favicon.ico") as answer:
        assert answer.status == 200
        assert (await answer.read())[:4] == b"\0\0\1\0"


async def test_a_busy_port_is_a_sentence() -> None:
    first = WebServer([], "127.0.0.1", 0)
    port = await first.start()
    with pytest.raises(ConfigError, match=f"端口 {port} 已被别的程序占用"):
        await WebServer([], "127.0.0.1", port).start()
    await first.stop()


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
async def test_a_foreign_address_is_a_sentence(host: str) -> None:
    with pytest.raises(ConfigError, match="不是这台机器的地址"):
        await WebServer([], host, 0).start()


async def test_after_stop_the_port_is_free_and_sockets_are_closed() -> None:
    """An open socket does not hold the stop up for longer than its grace."""
    server = WebServer(ROUTES, "127.0.0.1", 0)
    port = await server.start()
    async with aiohttp.ClientSession() as session, session.ws_connect(f"http://127.0.0.1:{port}/ws") as socket:
        await asyncio.wait_for(server.stop(), 10)
        assert (await socket.receive()).type in {
            aiohttp.WSMsgType.CLOSE,
            aiohttp.WSMsgType.CLOSED,
            aiohttp.WSMsgType.ERROR,
        }
    again = WebServer(ROUTES, "127.0.0.1", port)
    assert await again.start() == port
    await again.stop()
    await again.stop()


class Sample:
    """A Health of the test's own making: two loops and one dependency that can be switched off."""

    def __init__(self) -> None:
        self.loops = {"dispatch": True, "schedule": True}
        self.database = True

    def alive(self) -> Sequence[Check]:
        return [Check(name, 0.0, alive) for name, alive in self.loops.items()]

    async def ready(self) -> Sequence[Check]:
        return [Check("database", "up" if self.database else "down", self.database)]


@pytest.fixture
async def sample() -> AsyncIterator[tuple[Sample, aiohttp.ClientSession]]:
    state = Sample()
    server = WebServer(health.routes(state), "127.0.0.1", 0)
    port = await server.start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        yield state, session
    await server.stop()


async def test_a_loop_that_stops_beating_is_found(sample: tuple[Sample, aiohttp.ClientSession]) -> None:
    state, session = sample
    async with session.get("/healthz") as answer:
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    state.loops["dispatch"] = False
    async with session.get("/healthz") as answer:
        body = await answer.json()
        assert answer.status == 503
    assert {name: check["ok"] for name, check in body["checks"].items()} == {"dispatch": False, "schedule": True}
    del state.loops["dispatch"]
    async with session.get("/healthz") as answer:
        assert (answer.status, (await answer.json())["ok"]) == (200, True)


async def test_not_ready_is_503_with_the_reason(sample: tuple[Sample, aiohttp.ClientSession]) -> None:
    state, session = sample
    async with session.get("/readyz") as answer:
        assert (answer.status, (await answer.json())["ok"]) == (200, True)
    state.database = False
    async with session.get("/readyz") as answer:
        body = await answer.json()
        assert answer.status == 503
    assert body == {"ok": False, "checks": {"database": {"value": "down", "ok": False, "detail": ""}}}
