"""GET /metrics: everything is gathered when it is asked for.

The counts are plain values beside the work (bot.flow.counts) and the figures come out of the database, so of the
library only its families and its format are used, not its counters with their locks and their global registry.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from aiohttp import web
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.process_collector import ProcessCollector

from bot.web.families import families
from bot.web.snapshot import Snapshot
from bot.web.visitors import OFF, TOKEN, Visitors

_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_LOCAL_ONLY = '只有本机能看监控数据。要从别的机器抓取，请在配置里写 [web] metrics = "token"，并设一个 metrics_token。\n'
_TOKEN_WRONG = "监控数据要口令：请带上 Authorization: Bearer 和 [web] metrics_token 里的口令。\n"  # noqa: S105 - a sentence


class Measured(Protocol):
    async def snapshot(self) -> Snapshot: ...


class _Page:
    """What is shown, for the library's printer. Memory, processor and files of the process come from the system."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        yield from self._metrics
        yield from ProcessCollector(registry=None).collect()


def exposition(shot: Snapshot) -> bytes:
    return generate_latest(_Page(families(shot)))


def routes(measured: Measured, visitors: Visitors) -> Sequence[web.RouteDef]:
    async def metrics(request: web.Request) -> web.Response:
        if not visitors.trusts(request):
            return _refused(visitors)
        body = exposition(await measured.snapshot())
        headers = {"Content-Type": _TYPE, "Cache-Control": "no-store"}
        return web.Response(body=body, headers=headers)

    return [] if visitors.access == OFF else [web.get("/metrics", metrics)]


def _refused(visitors: Visitors) -> web.Response:
    if visitors.access == TOKEN:
        return web.Response(status=401, text=_TOKEN_WRONG, headers={"WWW-Authenticate": 'Bearer realm="metrics"'})
    return web.Response(status=403, text=_LOCAL_ONLY)
