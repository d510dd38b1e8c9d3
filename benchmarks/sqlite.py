"""JSON to the committed outbox on SQLite with synchronous=FULL."""

from __future__ import annotations

import asyncio

from benchmarks import strawman
from benchmarks.databases import sqlite_url
from benchmarks.jiebawords import jieba_finder
from benchmarks.outbox import Goals, Stream, compare
from benchmarks.scale import Scale
from benchmarks.stream import Said
from benchmarks.table import Line

GOALS = Goals(mixed=20.0, reports=5.0, cases=1_500)


def run(scale: Scale) -> list[Line]:
    finds = jieba_finder()

    async def peer(url: str, said: list[Said]) -> float:
        return strawman.on_sqlite(url, finds, strawman.jobs(said))[-1]

    with sqlite_url() as ours, sqlite_url() as theirs:
        return asyncio.run(compare("SQLite FULL", scale, GOALS, Stream(ours, theirs, peer)))
