"""The web chat's addresses, all under /chat, and what answers them."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from bot.channels.webchat.config import WebchatConfig
from bot.channels.webchat.door import Door
from bot.channels.webchat.pages import Pages
from bot.channels.webchat.pictures import Pictures
from bot.channels.webchat.socket import Sockets
from bot.flow.photo import PhotoLimits


class Site:
    def __init__(self, door: Door, config: WebchatConfig, limits: PhotoLimits, serving: Callable[[], bool]) -> None:
        self.pictures = Pictures(door, limits, photos_per_minute=config.photos_per_minute)
        self._pages = Pages(door)
        self._sockets = Sockets(door, serving)

    def routes(self) -> list[web.RouteDef]:
        return [*self._pages.routes(), *self._sockets.routes(), *self.pictures.routes()]
