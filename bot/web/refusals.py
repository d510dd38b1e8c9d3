"""What a caller sees when a request fails: JSON below /api, a short page elsewhere."""

from __future__ import annotations

import tomllib
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from aiohttp import web

_PAGES = Path(__file__).with_name("pages")


def refuse(request: web.BaseRequest, status: int, request_id: str) -> web.Response:
    """The answer for a bare status code."""
    words = _words().get(str(status)) or _words()["other"]
    if request.path.startswith("/api/"):
        body = {"error": {"status": status, "message": words["title"], "request_id": request_id}}
        return web.json_response(body, status=status)
    page = _page().substitute({key: escape(value) for key, value in words.items()}, request_id=escape(request_id))
    return web.Response(text=page, status=status, content_type="text/html")


def is_bare(error: web.HTTPException) -> bool:
    """True when the handler raised only a status, or aiohttp did: the text is aiohttp's own line."""
    own = (f"{error.status}: {error.reason}", "Maximum request body size")
    return error.status >= 400 and (error.text or own[0]).startswith(own)


@cache
def _words() -> dict[str, dict[str, Any]]:
    return tomllib.loads((_PAGES / "errors.toml").read_text(encoding="utf-8"))


@cache
def _page() -> Template:
    return Template((_PAGES / "error.html").read_text(encoding="utf-8"))
