"""JSON to the committed outbox on a PostgreSQL server beside us, with its own durability."""

from __future__ import annotations

import asyncio

from benchmarks import strawman
from benchmarks.databases import Postgres, postgres
from benchmarks.jiebawords import jieba_finder
from benchmarks.outbox import Goals, Stream, compare
from benchmarks.scale import Scale
from benchmarks.stream import Said
from benchmarks.table import Line

GOALS = Goals(mixed=6.0, reports=5.0, cases=1_500)


def run(scale: Scale) -> list[Line]:
    with postgres() as server:
        return asyncio.run(_run(server, scale))


async def _run(server: Postgres, scale: Scale) -> list[Line]:
    finds = jieba_finder()

    async def peer(url: str, said: list[Said]) -> float:
        return await strawman.on_postgres(url, finds, strawman.jobs(said))

    return await compare("PostgreSQL", scale, GOALS, Stream(await server.fresh(), await server.fresh(), peer))
