"""Small talk from the platform's dict to "drop", beside cutting every message with jieba."""

from __future__ import annotations

import asyncio
import json

from benchmarks.databases import sqlite_url
from benchmarks.jiebawords import jieba_finder
from benchmarks.measure import alternate
from benchmarks.pipeline import FETCH, open_pipeline
from benchmarks.scale import Scale
from benchmarks.stream import stream
from benchmarks.table import Line, micro
from benchmarks.updates import ACCOUNT, lines, parse

GOAL_RATIO, GOAL_SECONDS = 10.0, 5e-6


def run(scale: Scale) -> list[Line]:
    return asyncio.run(_run(scale))


async def _run(scale: Scale) -> list[Line]:
    said = list(stream(scale.messages * (scale.runs + 1), reports=0, groups=scale.grids))
    updates = [json.loads(line) for line in lines(said)]
    finds = jieba_finder()
    with sqlite_url() as url:
        db, pipeline = await open_pipeline(url, scale.grids)
        intake = pipeline.parts.intakes[ACCOUNT]

        async def ours(number: int) -> None:
            """Every message is new to the gate: what it holds already it would not look at again."""
            for at in range(number * scale.messages, (number + 1) * scale.messages, FETCH):
                await intake.accept([parse(update) for update in updates[at : at + FETCH]])

        async def peer(number: int) -> None:
            for update in updates[number * scale.messages : (number + 1) * scale.messages]:
                finds(update["message"]["text"])

        pair = await alternate(ours, peer, scale.runs)
        counters = intake.gate.counters
        await db.close()
    one, other = pair.ours / scale.messages, pair.peer / scale.messages
    fast = pair.ratio >= GOAL_RATIO and one <= GOAL_SECONDS
    passed = counters.passed / (counters.passed + counters.dropped)
    return [
        Line(
            "gate: chatter, dict to drop | jieba.lcut + set",
            micro(one),
            micro(other),
            pair.ratio,
            "≥ 10 ×, ≤ 5 µs",
            fast,
        ),
        Line("gate: share of this chatter that passes", f"{passed:.2%}"),
    ]
