"""Who stands before the door: seat and cookie, origin, address."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from urllib.parse import urlsplit

from aiohttp import web

from bot.channels.webchat import words
from bot.channels.webchat.parts import Parts
from bot.channels.webchat.session import COOKIE, Sessions
from bot.rooms import Member
from bot.web.visitors import is_loopback


class Door:
    """`serving` says whether the channel is up in this process."""

    def __init__(
        self,
        parts: Callable[[], Awaitable[Parts]],
        serving: Callable[[], bool],
        sessions: Sessions,
        clock: Callable[[], datetime],
        public_url: str,
    ) -> None:
        self.clock = clock
        self._parts, self._serving = parts, serving
        self._sessions, self._public_url = sessions, public_url

    async def parts(self) -> Parts:
        """Raises HTTPServiceUnavailable while the channel does not run here: what is asked now could not be done."""
        if not self._serving():
            raise web.HTTPServiceUnavailable(text=words.CLOSED, headers={"Retry-After": "3"})
        return await self._parts()

    async def member(self, request: web.Request) -> Member | None:
        """The member whose seat the address names, if the cookie proves that it is his."""
        parts = await self.parts()
        member = await parts.rooms.seated(request.match_info["seat"])
        cookie = request.cookies.get(COOKIE, "")
        return member if member is not None and self._sessions.holds(cookie, member, self.clock()) else None

    def admit(self, request: web.Request, response: web.StreamResponse, member: Member) -> None:
        """Give the cookie. Its path is the seat's, so that one device may hold several seats."""
        response.set_cookie(
            COOKIE,
            self._sessions.issue(member, self.clock()),
            path=f"/chat/{member.seat}/",
            max_age=self._sessions.seconds,
            httponly=True,
            samesite="Lax",
            secure=request.secure or self._public_url.startswith("https:"),
        )

    def refuse_strangers_page(self, request: web.Request, *, must_say: bool) -> None:
        """Another site's page must not act with the visitor's cookie. Raises HTTPForbidden.

        `must_say`: a browser always names its origin here, so silence is refused too.
        """
        origin = request.headers.get("Origin")
        if origin is None and not must_say:
            return
        if origin is None or not self._is_ours(origin, request):
            raise web.HTTPForbidden(text=words.SITE_ONLY)

    def _is_ours(self, origin: str, request: web.Request) -> bool:
        """By host: behind a proxy that does TLS our own scheme is another one."""
        given = urlsplit(origin)
        if self._public_url and origin == "{0.scheme}://{0.netloc}".format(urlsplit(self._public_url)):
            return True
        return given.scheme in {"http", "https"} and given.netloc == request.host

    @staticmethod
    def address(request: web.Request) -> str:
        """Whose guesses are counted. A proxy on this machine is believed about whom it serves."""
        remote = request.remote or ""
        forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        return forwarded if forwarded and is_loopback(remote) else remote
