"""What a process weighs and how long it takes to its first message: measured in processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from statistics import median

from benchmarks.scale import Scale
from benchmarks.table import Line

IDLE_MB, GROWTH_MB, START_SECONDS = 120.0, 20.0, 1.5


def run(scale: Scale) -> list[Line]:
    starts = [_child(scale.grids, 0) for _ in range(scale.turns)]
    full = _child(scale.grids, 0, "--full")
    day = _child(scale.grids, scale.day)
    start, weight = _median(starts, "start"), _median(starts, "idle")
    load, growth = _median(starts, "load"), day["grown"] - day["idle"]
    many = f"{scale.day:,}"
    return [
        Line("rules and dictionary loaded | jieba's full dictionary", _s(load), _s(full["load"]), full["load"] / load),
        Line("start to first message | with full dictionary", _s(start), _s(full["start"]), full["start"] / start,
             "≤ 1.5 s", start <= START_SECONDS),
        Line("memory idle | with full dictionary", _mb(weight), _mb(full["idle"]), full["idle"] / weight,
             "≤ 120 MB", weight <= IDLE_MB),
        Line(f"memory grown after {many} messages of chatter", _mb(growth), goal="≤ + 20 MB",
             reached=growth <= GROWTH_MB),
    ]  # fmt: skip


def _child(grids: int, messages: int, *flags: str) -> dict[str, float]:
    """`start` and `load` in seconds, `idle` and `grown` in MB."""
    command = [sys.executable, "-m", "benchmarks.child", str(time.time()), str(grids), str(messages), *flags]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def _median(measured: list[dict[str, float]], name: str) -> float:
    return median(one[name] for one in measured)


def _s(seconds: float) -> str:
    return f"{seconds:.2f} s"


def _mb(megabytes: float) -> str:
    return f"{megabytes:.1f} MB"
