"""`classify` over a stream and over reports alone, beside jieba on every message."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from benchmarks.jiebawords import jieba_finder
from benchmarks.measure import alternate
from benchmarks.scale import Scale
from benchmarks.stream import stream
from benchmarks.table import Line, rate
from classifiers.keyword import Classifier


def run(scale: Scale) -> list[Line]:
    return asyncio.run(_run(scale))


async def _run(scale: Scale) -> list[Line]:
    classifier, finds = Classifier.load(), jieba_finder()
    mixed = [one.text for one in stream(scale.messages, reports=0.05, groups=scale.grids)]
    reports = [one.text for one in stream(scale.messages // 5, reports=1, groups=scale.grids)]
    return [
        await _line("classify: 95 % chatter | jieba.lcut + set", classifier, finds, mixed, 30_000, scale.runs),
        await _line("classify: reports only | jieba.lcut + set", classifier, finds, reports, 4_000, scale.runs),
    ]


async def _line(
    what: str, classifier: Classifier, finds: Callable[[str], bool], texts: list[str], goal: int, runs: int
) -> Line:
    async def ours(_: int) -> None:
        for text in texts:
            classifier.classify(text)

    async def peer(_: int) -> None:
        for text in texts:
            finds(text)

    pair = await alternate(ours, peer, runs)
    reached = len(texts) / pair.ours >= goal
    return Line(what, rate(len(texts), pair.ours), rate(len(texts), pair.peer), pair.ratio, f"≥ {goal:,}/s", reached)
