"""The development dialogues, where they are at hand, through the real program: how many of their cases come out."""

from __future__ import annotations

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.cli.replay.outcome import Outcome
from bot.cli.replay.reading import read_conversations
from bot.config import Config
from bot.model import Mode
from bot.replay.play import replay

DATA = Path(__file__).parents[4] / "shared" / "data" / "chat" / "dialogues.jsonl"
FLOOR = 0.65  # F1; the floor for finished rules is .75, the goal .90: most misses are the rules' so far
Key = tuple[str, str]
"""A case counts as found when its reporter and the family of its category are right."""


def _score(found: list[Key], expected: list[Key]) -> tuple[int, int, int]:
    """Right, wrong and missed."""
    rest, right = list(expected), 0
    for key in found:
        if key in rest:
            rest.remove(key)
            right += 1
    return right, len(found) - right, len(rest)


def _keys(outcome: Outcome) -> list[Key]:
    return [(case.reporter, case.category.partition(".")[0]) for case in outcome.cases]


@pytest.mark.slow
@pytest.mark.skipif(not DATA.exists(), reason="the development data is not part of the project")
async def test_cases_of_the_development_dialogues() -> None:
    rows = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
    expected = {
        row["id"]: [(case["reporter"], case["category"].partition(".")[0]) for case in row["expect"]["cases"]]
        for row in rows
    }
    talks = read_conversations(str(DATA), ZoneInfo("Asia/Shanghai"), ())
    outcomes = [one async for one in replay(Config(), talks, mode=Mode.RESULTS, heard=lambda _: None)]
    assert [one for outcome in outcomes for one in outcome.failed] == []
    scores = [_score(_keys(outcome), expected[outcome.conversation.id]) for outcome in outcomes]
    right, wrong, missed = (sum(column) for column in zip(*scores, strict=True))
    f1 = 2 * right / (2 * right + wrong + missed)
    print(f"dialogues: F1 {f1:.3f}, right {right}, wrong {wrong}, missed {missed}")
    assert f1 >= FLOOR
