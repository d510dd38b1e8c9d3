"""The web chat's addresses, all under /chat, and what answers them."""

from __future__ import annotations

from aiohttp import web

from bot.channels.webchat.config import WebchatConfig
from bot.channels.webchat.door import Door
from bot.channels.webchat.pages import Pages
from bot.channels.webchat.pictures import Album, Pictures
from bot.channels.webchat.socket import Sockets


class Site:
    def __init__(self, door: Door, album: Album, config: WebchatConfig) -> None:
        self._pictures = Pictures(door, album, photos_per_minute=config.photos_per_minute)
        self._pages = Pages(door)
        self._sockets = Sockets(door)

    def routes(self) -> list[web.RouteDef]:
        return [*self._pages.routes(), *self._sockets.routes(), *self._pictures.routes()]
