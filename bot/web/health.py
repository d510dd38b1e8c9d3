"""Is the process alive, can it serve? For a supervisor or a load balancer; names and numbers only, no personal data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from aiohttp import web

from bot.web.visitors import Visitors


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, e.g. ("inbox", 12, True, "等着办的消息").

    `warn`: somebody should look at it, but that this process is passed over by others would not help.
    """

    name: str
    value: str | float | int
    ok: bool
    detail: str = ""
    warn: bool = False


class Health(Protocol):
    def alive(self) -> Sequence[Check]:
        """The loops' heartbeats: false means that only a restart helps."""
        ...

    async def ready(self) -> Sequence[Check]:
        """Whether this process can do what it was started for."""
        ...


def routes(health: Health, visitors: Visitors | None = None) -> list[web.RouteDef]:
    """GET /healthz and /readyz: 200 when every check is fine, else 503. Strangers are not told what is looked at."""
    known = visitors or Visitors()

    async def alive(request: web.Request) -> web.Response:
        return _answer(health.alive(), known.trusts(request))

    async def ready(request: web.Request) -> web.Response:
        return _answer(await health.ready(), known.trusts(request))

    return [web.get("/healthz", alive), web.get("/readyz", ready)]


def _answer(checks: Sequence[Check], told: bool) -> web.Response:  # noqa: FBT001 - whether the caller is told more
    fine = all(check.ok for check in checks)
    body = {"ok": fine, "checks": {check.name: _said(check) for check in checks} if told else {}}
    text = json.dumps(body, ensure_ascii=False)
    headers = {"Cache-Control": "no-store"}
    return web.json_response(text=text, status=200 if fine else 503, headers=headers)


def _said(check: Check) -> dict[str, Any]:
    said = {"value": check.value, "ok": check.ok, "detail": check.detail}
    return said | {"warn": True} if check.warn else said
