"""Is the process alive, can it serve? For a supervisor or a load balancer; names and numbers only, no personal data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, e.g. ("inbox", 12, True, "rows waiting")."""

    name: str
    value: str | float | int
    ok: bool
    detail: str = ""


class Health(Protocol):
    def alive(self) -> Sequence[Check]:
        """The loops' heartbeats: false means that only a restart helps."""
        ...

    async def ready(self) -> Sequence[Check]:
        """Whether what is needed to serve answers: the database, channels, queues."""
        ...


def routes(health: Health) -> list[web.RouteDef]:
    """GET /healthz and /readyz: 200 when every check is fine, else 503; the body says which is not."""

    async def alive(request: web.Request) -> web.Response:
        return _answer(health.alive())

    async def ready(request: web.Request) -> web.Response:
        return _answer(await health.ready())

    return [web.get("/healthz", alive), web.get("/readyz", ready)]


def _answer(checks: Sequence[Check]) -> web.Response:
    fine = all(check.ok for check in checks)
    body = {
        "ok": fine,
        "checks": {check.name: {"value": check.value, "ok": check.ok, "detail": check.detail} for check in checks},
    }
    return web.json_response(body, status=200 if fine else 503, headers={"Cache-Control": "no-store"})
