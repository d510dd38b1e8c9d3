"""How much is measured: the whole thing in some minutes, or a quick look."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """`messages` of chatter, `reports` where every message is one, `mixed` of a stream with 95 % chatter."""

    grids: int
    messages: int
    mixed: int
    reports: int
    seconds: int  # of the steady stream with 1,000 messages a second
    cases: int  # open ones under the due scan
    day: int  # messages through the gate while memory is watched
    runs: int
    turns: int  # runs of whole streams, which take longer


FULL = Scale(
    grids=2_234, messages=20_000, mixed=4_000, reports=1_000, seconds=8, cases=1_000_000, day=400_000, runs=5, turns=3
)
QUICK = Scale(grids=200, messages=4_000, mixed=1_000, reports=150, seconds=2, cases=50_000, day=20_000, runs=3, turns=2)
