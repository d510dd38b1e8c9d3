"""The process's one HTTP server; channels, connectors, pages and health give it their routes."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Sequence
from pathlib import Path
from weakref import WeakSet

from aiohttp import WSCloseCode, web

from bot.errors import ConfigError
from bot.web.shield import add_headers, guard

_FAVICON = Path(__file__).with_name("static") / "favicon.ico"
_GRACE = 3.0  # seconds for requests that are being answered when the program stops


class WebServer:
    """`port` 0 takes a free one. `client_max_size` is in bytes, of one request's body."""

    def __init__(self, routes: Sequence[web.RouteDef], host: str, port: int, client_max_size: int = 16 * 2**20) -> None:
        self._host, self._port = host, port
        self._app = web.Application(middlewares=[guard], client_max_size=client_max_size)
        self._app.on_response_prepare.extend((add_headers, self._remember))
        self._app.on_shutdown.append(self._close_sockets)
        self._app.add_routes([web.get("/favicon.ico", _favicon), *routes])
        self._runner: web.AppRunner | None = None
        self._sockets: WeakSet[web.WebSocketResponse] = WeakSet()

    async def start(self) -> int:
        """Listen; returns the actual port. Raises ConfigError when the address cannot be had."""
        # No access log: its lines hold addresses and the invitations in paths.
        runner = web.AppRunner(self._app, access_log=None, handle_signals=False, shutdown_timeout=_GRACE)
        await runner.setup()
        site = web.TCPSite(runner, self._host, self._port)
        try:
            await site.start()
        except OSError as error:
            await runner.cleanup()
            raise ConfigError(listen_complaint(error, self._host, self._port)) from error
        self._runner = runner
        port: int = runner.addresses[0][1]
        return port

    async def stop(self) -> None:
        """Take no more connections, let running requests finish for a moment, close."""
        runner, self._runner = self._runner, None
        if runner:
            await runner.cleanup()

    async def _remember(self, request: web.Request, response: web.StreamResponse) -> None:
        if isinstance(response, web.WebSocketResponse):
            self._sockets.add(response)

    async def _close_sockets(self, app: web.Application) -> None:
        """Aiohttp would wait for the handlers of open sockets until its patience ends."""
        going = [socket.close(code=WSCloseCode.GOING_AWAY, message=b"restart") for socket in self._sockets]
        await asyncio.gather(*going, return_exceptions=True)


def listen_complaint(error: OSError, host: str, port: int) -> str:
    """Why nobody can listen there, and the remedy."""
    if error.errno == errno.EADDRINUSE:
        return f"[web] port：端口 {port} 已被别的程序占用，请停掉它，或换一个端口"
    if error.errno == errno.EACCES:
        return f"[web] port：没有权限使用端口 {port}，请换成 1024 以上的端口"
    if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return f'[web] host：{host} 不是这台机器的地址，本机自用写 "127.0.0.1"，对外写 "0.0.0.0"'
    return f"[web] host、port：无法监听 {host}:{port}（{error.strerror or error}）"


async def _favicon(request: web.Request) -> web.FileResponse:
    return web.FileResponse(_FAVICON, headers={"Cache-Control": "public, max-age=86400"})
