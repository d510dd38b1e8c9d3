"""What every request gets: an id that the logs carry, security headers, an answer when the handler fails."""

from __future__ import annotations

import logging
import re
import secrets
from contextvars import ContextVar
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.web.refusals import is_bare, refuse

_log = logging.getLogger(__name__)
_ID = "X-Request-ID"
_SOUND_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_SOUND_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]+")


@dataclass(slots=True)
class _Progress:
    """Of the request which the running task answers."""

    request_id: str = ""
    started: bool = False  # a part of the answer is out


_progress: ContextVar[_Progress] = ContextVar("_progress")

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",  # the demo shows two chats in frames of its own
    "Referrer-Policy": "same-origin",  # not no-referrer: that turns the Origin of a form into "null"
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer for a handler that fails; what it was doing goes to the log, never to the caller."""
    progress = _Progress(_request_id(request))
    _progress.set(progress)
    try:
        return await handler(request)
    except web.HTTPException as error:
        if not is_bare(error):
            raise
        return _with_headers_of(error, refuse(request, error.status, progress.request_id))
    except Exception:
        # The route's pattern, not the path: a path may hold an invitation or a seat.
        facts = {"action": "request_failed", "request_id": progress.request_id, "route": _route(request)}
        _log.exception("a request failed", extra=facts)
        if progress.started:
            raise  # half an answer or a socket is out already: aiohttp closes the connection
        return refuse(request, 500, progress.request_id)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Put the headers on every response, streams and sockets included; a handler's own value stays."""
    progress = _progress.get(None)
    if progress:
        progress.started = True
        response.headers.setdefault(_ID, progress.request_id)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if response.content_type == "text/html":
        response.headers.setdefault("Content-Security-Policy", content_policy(request.host))


def content_policy(host: str) -> str:
    """Own files only. Sockets are named by host because older WebKits do not count them as 'self'."""
    sockets = f" ws://{host} wss://{host}" if _SOUND_HOST.fullmatch(host) else ""
    return (
        f"default-src 'self'; img-src 'self' data: blob:; connect-src 'self'{sockets}; object-src 'none'; "
        "base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
    )


def _request_id(request: web.Request) -> str:
    """The one a proxy gave, if it can do no harm in a log, else a new one."""
    given = request.headers.get(_ID, "")
    return given if _SOUND_ID.fullmatch(given) else secrets.token_hex(8)


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return f"{request.method} {resource.canonical}" if resource else request.method


def _with_headers_of(error: web.HTTPException, response: web.Response) -> web.Response:
    """Keep what the status needs besides, such as Allow or Retry-After."""
    for name, value in error.headers.items():
        if name not in {"Content-Type", "Content-Length"}:
            response.headers[name] = value
    return response
